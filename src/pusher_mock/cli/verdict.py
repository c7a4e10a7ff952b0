"""What ``run`` says when its command has ended, and with which code it ends itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from pusher_mock.bootstrap.reports import read_failures, read_reports, was_any_caught

from .interpreters import is_python, only_speaks
from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pusher_mock.bootstrap.reports import Report

__all__ = ["conclude"]

_INCOMPLETE = 1
_GAVE_UP = 2  # with which a process ends that cannot catch calls
_WHY = "; that is why this ends with 1 although the command ended with 0"


def conclude(command: Sequence[str], code: int, folder: str, *, strict: bool) -> int:
    """Say what went wrong in the processes of a command.

    Args:
        command: the program and its arguments.
        code: with which it has ended.
        folder: where its processes have told.
        strict: whether it matters that none of them could catch calls.

    Returns:
        The exit code: 1 instead of 0 if a call was refused, or none could be caught.
    """
    escaped, failures = read_reports(folder), read_failures(folder)
    uncaught = not (escaped or failures or was_any_caught(folder) or only_speaks(command))
    incomplete = bool(escaped or failures) or (uncaught and strict)
    why = _WHY if incomplete and not code else ""
    if escaped:
        _show_escaped(escaped, why)
    if code != _GAVE_UP:  # else its own words stand right above
        for failure in dict.fromkeys(failures):
            _say(f"{plain(failure)}{why}")
    if uncaught:
        _say(f"nothing was caught{why}: {_cause(command)}")
    return code or (_INCOMPLETE if incomplete else 0)


def _say(text: str) -> None:
    click.echo(f"pusher-mock: {text}", err=True)


def _cause(command: Sequence[str]) -> str:
    program = plain(command[0])
    if is_python(command):
        return (
            f"{program} did not read the PYTHONPATH that it was given; start the interpreter "
            "itself, if this is a script around it"
        )
    return (
        f"no Python process that {program} may have started has told of itself. If it starts one, "
        "that has to keep PYTHONPATH, and to do without python -I, -E and -S; if it starts none, "
        "leave pusher-mock run out, or use --no-strict"
    )


def _show_escaped(escaped: list[Report], why: str) -> None:
    calls = "a call of Pusher was" if len(escaped) == 1 else f"{len(escaped)} calls were"
    _say(f"{calls} refused{why}")
    for report, count in Counter(escaped).items():
        times = f" ({count} times)" if count > 1 else ""
        click.echo(f"  {plain(report.program)}: {plain(report.text)}{times}", err=True)
