"""What the processes of a command have to say when it has ended, in a folder that they share.

Told at once, not at the end: workers are killed, and ``multiprocessing`` leaves without ``atexit``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from pusher_mock.intercept.routing import NotIntercepted

__all__ = ["Escaped", "Report", "read_failures", "read_reports", "was_any_caught"]

_CAUGHT, _FAILED = "caught", "failed"  # the names that sitecustomize knows, too
_ESCAPED = "escaped"
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
        """Tell, and remember the last ones: a server may go on for days."""
        if len(self) >= _KEPT:
            del self[0]
        super().append(error)
        program = f"{Path(sys.argv[0]).name or 'python'}, process {os.getpid()}"
        line = json.dumps([program, str(error)]) + "\n"
        try:
            # One write, which other processes do not come between.
            with self._file.open("ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:  # the command has ended, and left this process behind
            print(f"pusher-mock: {error}", file=sys.stderr)


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
