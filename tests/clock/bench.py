"""What tests of clocks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock import ManualClock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Diary", "Log", "Real", "ignore"]


class Log:
    """Notes when callbacks ran."""

    def __init__(self, clock: ManualClock | SystemClock) -> None:
        self.clock = clock
        self.ran: list[tuple[str, float]] = []

    def __call__(self, name: str) -> Callable[[], None]:
        return lambda: self.ran.append((name, self.clock.now()))

    @property
    def names(self) -> list[str]:
        """Who ran, in order."""
        return [name for name, _ in self.ran]


class Diary:
    """What tasks did, and when."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.lines: list[tuple[str, float]] = []

    def write(self, what: str) -> None:
        self.lines.append((what, self.clock.now()))

    async def work(self, name: str, *pauses: float) -> None:
        """Sleep, write, sleep, write …"""
        for pause in pauses:
            await self.clock.sleep(pause)
            self.write(name)


class Real(SystemClock):
    """A system clock whose machine's clock the test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = self._start
        self._monotonic = lambda: self.machine

    def jump(self, ms: float) -> None:
        self.machine += ms / 1000


def ignore(result: object) -> None:
    """Make one expression a callback."""
