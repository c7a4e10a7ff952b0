"""Clocks: milliseconds for timers, and the application's wall clock for signatures.

A mock's timers are data; a clock says when they are due. ``ManualClock`` moves only when told,
``SystemClock`` with real time. Neither starts a thread: what is due runs at the next input, at
``advance()`` or at ``run_due()``.
"""

from __future__ import annotations

import heapq
import time
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "ManualClock", "SystemClock", "Timer"]


class Timer:
    """A callback that waits for its time; made by ``call_at``.

    Attributes:
        due: when it runs, in milliseconds of its clock.
    """

    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Never run; again is fine."""
        self.callback = None

    def __repr__(self) -> str:
        return f"<Timer due={self.due}{'' if self.callback else ' cancelled'}>"


class Clock(Protocol):
    """What a mock asks of a clock."""

    next_due: float

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        ...

    def wall(self) -> float:
        """The application's ``time.time()``: seconds since the epoch."""
        ...

    def call_at(self, due: float, callback: Callable[[], None]) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds."""
        ...

    def run_due(self) -> int:
        """Run what is due now, in order of time; returns how many ran."""
        ...


class _Schedule:
    """The timers of a clock, kept by time and then by the order they were set in."""

    def __init__(self) -> None:
        # Read at every input, so it is an attribute; ``inf`` when nothing waits.
        self.next_due: float = inf
        self._heap: list[tuple[float, int, Timer]] = []
        self._serial = 0
        self._guard = Lock()

    def now(self) -> float:
        raise NotImplementedError  # pragma: no cover - each clock has its own

    def wall(self) -> float:
        """The application's ``time.time()``, looked up at each call so that a frozen one counts."""
        return time.time()

    def call_at(self, due: float, callback: Callable[[], None]) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds.

        A time that has passed is due at once, which means at the next input.
        """
        timer = Timer(due, callback)
        with self._guard:
            self._serial += 1
            heapq.heappush(self._heap, (due, self._serial, timer))
            self.next_due = self._heap[0][0]
        return timer

    def _take(self, until: float) -> tuple[float, Callable[[], None]] | None:
        with self._guard:
            heap = self._heap
            found = None
            while heap and (heap[0][0] <= until or heap[0][2].callback is None):
                due, _, timer = heapq.heappop(heap)
                if timer.callback is not None:
                    found = due, timer.callback
                    timer.callback = None
                    break
            self.next_due = heap[0][0] if heap else inf
        return found

    def run_due(self) -> int:
        """Run what is due now, in order of time.

        Returns:
            How many timers ran. One that a callback sets for the present time waits for the
            next call, so that a timer which sets itself again cannot spin for ever.
        """
        with self._guard:
            last = self._serial
        ran = 0
        now = self.now()
        while True:
            with self._guard:
                if self._heap and self._heap[0][1] > last:
                    return ran
            taken = self._take(now)
            if taken is None:
                return ran
            taken[1]()
            ran += 1


class ManualClock(_Schedule):
    """A clock that stands still until it is told to move.

    ``wall()`` stays the application's: requests are signed with ``time.time()``, and a virtual
    hour must not make them look an hour old.
    """

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        return self._now

    def advance(self, ms: float) -> None:
        """Let time pass, running every timer that comes due on the way, each at its time.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back.
        """
        target = self._now + _forward(ms)
        while (taken := self._take(target)) is not None:
            self._now = max(self._now, taken[0])
            taken[1]()
        self._now = max(self._now, target)

    def jump(self, ms: float) -> None:
        """Let time pass at one stroke, as when a machine was asleep; what is overdue runs then.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back.
        """
        self._now += _forward(ms)
        self.run_due()

    def __repr__(self) -> str:
        return f"<ManualClock now={self._now:g}ms>"


def _forward(ms: float) -> float:
    if not 0 <= ms < inf:
        raise UsageError(f"a clock moves forward by milliseconds from 0, not by {ms!r}")
    return ms


class SystemClock(_Schedule):
    """Real time. Not touched by libraries that freeze ``time.time()``: timers keep going."""

    def __init__(self) -> None:
        super().__init__()
        self._monotonic = time.monotonic
        self._start = self._monotonic()

    def now(self) -> float:
        """Milliseconds since the clock was made, to the microsecond."""
        return round((self._monotonic() - self._start) * 1000, 3)

    def __repr__(self) -> str:
        return f"<SystemClock now={self.now():g}ms>"
