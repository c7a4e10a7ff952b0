"""Event loops that run only while their own thread waits in them.

Playwright's sync API has one. A thread that waits for a client on such a loop has to let it run,
or the client is never heard.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Turns", "begin", "end", "here"]


class Turns(Protocol):
    """Such a loop."""

    def mine(self) -> bool:
        """Whether the calling thread can let it run."""
        ...

    def take(self, seconds: float) -> None:
        """Let it run for so long."""
        ...


# Replaced as a whole, so that whoever waits needs no lock to read it.
_loops: tuple[Turns, ...] = ()


def begin(loop: Turns) -> None:
    """Let it run while its thread waits, from now on."""
    global _loops
    _loops = (*_loops, loop)


def end(loop: Turns) -> None:
    """Do so no more."""
    global _loops
    _loops = tuple(one for one in _loops if one is not loop)


def here() -> Turns | None:
    """The loop that the calling thread can let run, if there is one."""
    return next((one for one in _loops if one.mine()), None)
