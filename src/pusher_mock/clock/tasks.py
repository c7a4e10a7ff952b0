"""Tasks that sleep on a clock, under asyncio and trio. Imported by who awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from .company import settle
from .loops import call_soon_from_anywhere

if TYPE_CHECKING:
    from .manual import ManualClock

__all__ = ["Sleeper", "settle", "sleep"]


class Sleeper:
    """A task that awaits a clock's time."""

    def __init__(self) -> None:
        self._call_soon = call_soon_from_anywhere()
        self._event = anyio.Event()

    def wake(self) -> None:
        """Have it look again; from any thread."""
        self._call_soon(self._set)

    def _set(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        """Until somebody wakes it."""
        await self._event.wait()
        self._event = anyio.Event()


async def sleep(clock: ManualClock, sleepers: dict[Sleeper, None], due: float) -> None:
    """Await a clock's time.

    Args:
        clock: whose.
        sleepers: those that do, in the order they began. On a clock that jumps the first one moves
            it, for all of them.
        due: in milliseconds.
    """
    if due <= clock.now():
        await anyio.lowlevel.checkpoint()
        return
    me = Sleeper()
    sleepers[me] = None
    timer = clock.call_at(due, me.wake)
    try:
        while timer.callback is not None:  # it has not run
            if not clock.autojump or next(iter(sleepers)) is not me:
                await me.wait()
                continue
            # Whoever can run does; then nobody but the clock can bring anything about.
            await settle(lambda: timer.callback is None)
            if timer.callback is not None:
                clock.wait(due)
    finally:
        timer.cancel()
        del sleepers[me]
        if clock.autojump and sleepers:
            next(iter(sleepers)).wake()  # it moves the clock from now on
