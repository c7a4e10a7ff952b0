"""Pythons that would not hear of us."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["check_command", "is_python", "only_speaks", "shebang"]

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?\Z", re.IGNORECASE)
_SPEAKS = frozenset("Vh?")
_SPEAKS_LONG = frozenset({"--version", "--help", "--help-all", "--help-env", "--help-xoptions"})
_DEAF = {
    "I": "ignores the environment",
    "E": "ignores the environment",
    "S": "runs no sitecustomize",
}
_WITH_VALUE = frozenset("WX")  # options whose value may be the next word
_LAST = frozenset("cm")  # what follows is the program's
_SHEBANG = 256  # bytes of a file that are looked at


def check_command(command: Sequence[str]) -> None:
    """Refuse a Python that is told to ignore ``PYTHONPATH``: it would call the real service.

    Looked into are the command itself and the first line of a script.

    Raises:
        UsageError: it is.
    """
    option = _deaf(command) or _deaf(shebang(command[0]))
    if option is not None:
        raise UsageError(
            f"python -{option} {_DEAF[option]}, and so never learns that calls are to be caught; "
            f"leave -{option} out"
        )


def is_python(command: Sequence[str]) -> bool:
    """Whether a command is a Python by its name.

    Args:
        command: the program and its arguments.
    """
    return bool(command) and _PYTHON.match(Path(command[0]).name) is not None


def only_speaks(command: Sequence[str]) -> bool:
    """Whether a command is a Python that tells its version, or its options, and runs nothing.

    Args:
        command: the program and its arguments.
    """
    return any(one in _SPEAKS or one in _SPEAKS_LONG for one in _options(command))


def _deaf(words: Sequence[str]) -> str | None:
    """The option with which a Python ignores us."""
    return next((one for one in _options(words) if one in _DEAF), None)


def _options(words: Sequence[str]) -> Iterator[str]:
    """The options of a Python itself: letters, and the long ones as they are."""
    if not is_python(words):
        return
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word in ("-", "--"):
            return
        if word.startswith("--"):
            yield word
            if word == "--check-hash-based-pycs":
                next(rest, None)
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter in _LAST:
                return
            yield letter
            if letter in _WITH_VALUE:
                if at == len(word):
                    next(rest, None)
                break


def shebang(program: str) -> list[str]:
    """The interpreter of a script, and its options; nothing for other programs.

    Args:
        program: its name, or its path.
    """
    found = shutil.which(program)
    if found is None:
        return []
    try:
        with Path(found).open("rb") as file:
            first = file.read(_SHEBANG).partition(b"\n")[0]
    except OSError:
        return []
    if not first.startswith(b"#!"):
        return []
    words = first[2:].decode(errors="replace").split()
    if words and Path(words[0]).name == "env":  # `env -S python -I` hands its words on
        words = [word for word in words[1:] if word not in ("-S", "-i")]
    return words
