"""The event loop of Playwright's sync API, which runs while its thread waits for an answer.

It runs in a greenlet of its own, and every call that waits switches to that one. So does this:
in greenlets of ours, and without anything that is private to Playwright.
"""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

__all__ = ["Fiber"]


class Fiber:
    """Lets the loop run, and calls from it what waits for it.

    Args:
        loop: the loop, of the calling thread. It has to have run once more before this is used.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = get_ident()
        self._home: greenlet | None = None
        loop.call_soon(self._look)

    def _look(self) -> None:
        self._home = getcurrent()

    def mine(self) -> bool:
        """Whether the caller can let it run: not from another thread, nor from itself."""
        home = self._home
        if home is None or get_ident() != self._thread:
            return False
        return getcurrent() is not home and not home.dead

    def take(self, seconds: float) -> None:
        """Let it run for so long."""
        assert self._home is not None
        timer = self._loop.call_later(seconds, getcurrent().switch)
        try:
            self._home.switch()
        finally:
            timer.cancel()  # an interrupt has come first

    @staticmethod
    def run(call: Callable[[], object]) -> None:
        """From the loop: make a call of the sync API, which waits for the loop."""
        greenlet(call).switch()
