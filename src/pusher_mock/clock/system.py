"""``SystemClock``: real time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .machine import monotonic_source
from .schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SystemClock"]


class SystemClock(Schedule):
    """Real time. Not touched by libraries that freeze time: timers keep going.

    Args:
        wall: returns the seconds since the epoch instead of ``time.time()``.
    """

    def __init__(self, *, wall: Callable[[], float] | None = None) -> None:
        super().__init__(wall)
        self._monotonic = monotonic_source()
        self._start = self._monotonic()

    @property
    def passes(self) -> bool:
        """Whether time passes while somebody waits; it does."""
        return True

    def now(self) -> float:
        """Milliseconds since the clock was made, to the microsecond."""
        return round((self._monotonic() - self._start) * 1000, 3)

    def wait(self, deadline: float) -> bool:
        """Run what is due; time goes on without anybody's help."""
        return self.run_due() > 0

    def __repr__(self) -> str:
        return f"<SystemClock now={self.now():.15g}ms>"
