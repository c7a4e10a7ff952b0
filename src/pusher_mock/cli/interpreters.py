"""Pythons that would not hear of us."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_command"]

_PYTHON = re.compile(r"(python|pypy)[\d.]*(\.exe)?\Z", re.IGNORECASE)
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
    option = _deaf(command) or _deaf(_shebang(command[0]))
    if option is not None:
        raise UsageError(
            f"python -{option} {_DEAF[option]}, and so never learns that calls are to be caught; "
            f"leave -{option} out"
        )


def _deaf(words: Sequence[str]) -> str | None:
    """The option with which a Python ignores us."""
    if not words or _PYTHON.match(Path(words[0]).name) is None:
        return None
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word in ("-", "--"):
            return None
        if word.startswith("--"):
            if word == "--check-hash-based-pycs":
                next(rest, None)
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter in _DEAF:
                return letter
            if letter in _LAST:
                return None
            if letter in _WITH_VALUE:
                if at == len(word):
                    next(rest, None)
                break
    return None


def _shebang(program: str) -> list[str]:
    """The interpreter of a script, and its options."""
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
