"""What the processes of a command have to say when it has ended, in a folder that they share.

Told at once, not at the end: workers are killed, and ``multiprocessing`` leaves without ``atexit``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

from pusher_mock.intercept.routing import NotIntercepted

__all__ = ["Escaped", "Report", "read_failures", "read_reports", "was_any_caught"]

_CAUGHT, _FAILED = "caught", "failed"  # the names that sitecustomize knows, too
_ESCAPED = "escaped"
_OPTIONS = (
    (re.compile(r"allow_real=\['([^']*)'\]\Z"), r"--allow-real \1"),
    (
        re.compile(r"(the door '(\w+)' is not among .*); name it as well(?=, or)"),
        r"\1; add --door \2",
    ),
)
_KEPT = 1_000  # refused calls that a process remembers


class Report(NamedTuple):
    """A call that was refused.

    Attributes:
        program: whose.
        text: what was refused, and what to do.
    """

    program: str
    text: str


class Escaped(list[NotIntercepted]):
    """The refused calls of this process, each of which is told when it is added.

    Args:
        folder: where.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._file = Path(folder, _ESCAPED)

    def append(self, error: NotIntercepted, /) -> None:
        """Tell, and remember the last ones: a server may go on for days.

        Its text names what Python code would write; whoever runs a command writes options.
        """
        if len(self) >= _KEPT:
            del self[0]
        super().append(error)
        error.args = (_as_options(str(error)),)  # it is raised after this
        program = f"{_program()}, process {os.getpid()}"
        line = json.dumps([program, str(error)]) + "\n"
        try:
            # One write, which other processes do not come between.
            with self._file.open("ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:  # the command has ended, and left this process behind
            print(f"pusher-mock: {error}", file=sys.stderr)


def _as_options(text: str) -> str:
    """The remedies at the end of a refusal, as options of ``pusher-mock run``."""
    for said, option in _OPTIONS:
        text = said.sub(option, text)
    return text


def _program() -> str:
    """What somebody has typed to start this process, without its arguments."""
    first = sys.argv[0] if sys.argv else ""
    name: str = getattr(getattr(sys.modules.get("__main__"), "__spec__", None), "name", "")
    if name not in ("", "__main__"):  # a folder or an archive is the latter
        return f"python -m {name.removesuffix('.__main__')}"
    return f"python {first}" if first in ("-c", "-m") else Path(first).name or "python"


def read_reports(folder: str) -> list[Report]:
    """The calls that were refused, in order."""
    return [Report(*json.loads(line)) for line in _lines(folder, _ESCAPED)]


def read_failures(folder: str) -> list[str]:
    """Why processes could not catch calls, and have ended."""
    return _lines(folder, _FAILED)


def _lines(folder: str, name: str) -> list[str]:
    try:
        return Path(folder, name).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def was_any_caught(folder: str) -> bool:
    """Whether any Python process of the command has begun to catch calls."""
    return Path(folder, _CAUGHT).exists()
