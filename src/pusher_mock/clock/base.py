"""What a mock asks of a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .schedule import Timer

__all__ = ["Clock"]


class Clock(Protocol):
    """What a mock asks of a clock.

    Attributes:
        next_due: when the next timer is due, in milliseconds; infinity when none waits.
        passes: whether time passes while somebody waits.
    """

    next_due: float

    @property
    def passes(self) -> bool:
        """See above."""
        ...

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        ...

    def wall(self) -> float:
        """The application's ``time.time()``: seconds since the epoch."""
        ...

    def call_at(
        self, due: float, callback: Callable[[], object], *, background: bool = False
    ) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds.

        Args:
            due: milliseconds of ``now()``; what has passed is due at once.
            callback: called without arguments.
            background: whether nobody waits for it: a ping, a keep-alive.

        Returns:
            The timer, to cancel it.
        """
        ...

    def put_in_background(self, timer: Timer, background: bool) -> None:
        """Somebody waits for this timer from now on, or nobody does."""
        ...

    def run_due(self) -> int:
        """Run what is due now, in order of time; returns how many ran."""
        ...

    def wait(self, deadline: float) -> bool:
        """Move on by itself instead of having somebody wait, if it is a clock that does.

        Args:
            deadline: milliseconds of ``now()`` that it is not to pass.

        Returns:
            Whether it has moved; who waits looks again then.
        """
        ...

    def watch(self, earlier: Callable[[], None]) -> Callable[[], None]:
        """Call ``earlier`` whenever ``next_due`` has become earlier; returns what ends that.

        It is called by the thread that set the timer, perhaps under a mock's lock, and must
        neither wait nor call back.
        """
        ...
