"""Clocks: milliseconds for timers, and the application's wall clock for signatures.

A mock's timers are data; a clock says when they are due. ``ManualClock`` moves only when told,
``SystemClock`` with real time. Neither starts a thread: what is due runs at the next input, at
``advance()`` or at ``run_due()``.
"""

from __future__ import annotations

import heapq
import time
from math import inf
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Protocol

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "ManualClock", "SystemClock", "Timer"]

# Cancelled timers stay in the heap until it has grown to twice what was alive, and to this many.
_SPARE = 64
# A timer that sets itself again for the same time would keep `advance()` busy for ever.
_MOST_AT_ONE_TIME = 10_000


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
        return f"<Timer due={self.due:g}ms{'' if self.callback else ' over'}>"


class Clock(Protocol):
    """What a mock asks of a clock.

    Attributes:
        next_due: when the next timer is due, in milliseconds; infinity when none waits.
    """

    next_due: float

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        ...

    def wall(self) -> float:
        """The application's ``time.time()``: seconds since the epoch."""
        ...

    def call_at(self, due: float, callback: Callable[[], None]) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds.

        Args:
            due: milliseconds of ``now()``; what has passed is due at once.
            callback: called without arguments.

        Returns:
            The timer, to cancel it.
        """
        ...

    def run_due(self) -> int:
        """Run what is due now, in order of time; returns how many ran."""
        ...

    def watch(self, earlier: Callable[[], None]) -> Callable[[], None]:
        """Call ``earlier`` whenever ``next_due`` has become earlier; returns what ends that.

        It is called by the thread that set the timer, perhaps under a mock's lock, and must
        neither wait nor call back.
        """
        ...


class _Schedule:
    """The timers of a clock, kept by time and then by the order they were set in."""

    def __init__(self, wall: Callable[[], float] | None) -> None:
        self._wall = wall
        # Read at every input, so it is an attribute; ``inf`` when nothing waits.
        self.next_due: float = inf
        self._heap: list[tuple[float, int, Timer]] = []
        self._serial = 0
        self._most = _SPARE
        self._guard = Lock()
        self._running: set[int] = set()
        self._watchers: tuple[Callable[[], None], ...] = ()

    def now(self) -> float:
        raise NotImplementedError  # pragma: no cover - each clock has its own

    def wall(self) -> float:
        """The application's ``time.time()``, looked up at each call so that a frozen one counts."""
        return time.time() if self._wall is None else self._wall()

    def call_at(self, due: float, callback: Callable[[], None]) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds.

        A time that has passed is due at once, which means at the next input.

        Args:
            due: milliseconds of ``now()``.
            callback: called without arguments.

        Returns:
            The timer, to cancel it.

        Raises:
            UsageError: ``due`` is no number.
        """
        if due != due:
            raise UsageError("a timer is due at a number of milliseconds, not at nan")
        timer = Timer(due, callback)
        with self._guard:
            self._serial += 1
            before = self.next_due
            self._push((due, self._serial, timer))
            watchers = self._watchers if due < before else ()
        for watcher in watchers:
            watcher()
        return timer

    def watch(self, earlier: Callable[[], None]) -> Callable[[], None]:
        """Be told when ``next_due`` has become earlier: for who waits for it in real time.

        Args:
            earlier: called by whichever thread has set the timer, perhaps under a mock's lock:
                it must neither wait nor call back.

        Returns:
            What ends it.
        """
        with self._guard:
            self._watchers = (*self._watchers, earlier)

        def end() -> None:
            with self._guard:
                self._watchers = tuple([one for one in self._watchers if one is not earlier])

        return end

    def _push(self, *entries: tuple[float, int, Timer]) -> None:
        heap = self._heap
        for entry in entries:
            heapq.heappush(heap, entry)
        if len(heap) > self._most:
            heap[:] = [entry for entry in heap if entry[2].callback is not None]
            heapq.heapify(heap)
            self._most = max(_SPARE, 2 * len(heap))
        self.next_due = heap[0][0] if heap else inf

    def _pop(self) -> tuple[float, int, Timer]:
        entry = heapq.heappop(self._heap)
        self.next_due = self._heap[0][0] if self._heap else inf
        return entry

    def run_due(self) -> int:
        """Run what is due now, in order of time.

        Returns:
            How many timers ran. One that a callback sets for the present time waits for the
            next call, and a call inside a callback leaves everything to the outer one, so that
            a timer which sets itself again cannot spin for ever.
        """
        me = get_ident()
        if me in self._running:
            return 0
        now, ran = self.now(), 0
        with self._guard:
            due = []
            while self._heap and self._heap[0][0] <= now:
                due.append(self._pop())
        due.reverse()
        self._running.add(me)
        try:
            while due:
                callback = _spend(due.pop())
                if callback is not None:
                    callback()
                    ran += 1
        finally:
            self._running.discard(me)
            with self._guard:
                self._push(*due)  # a callback raised: the others still have their turn
        return ran


def _spend(entry: tuple[float, int, Timer]) -> Callable[[], None] | None:
    timer = entry[2]
    callback, timer.callback = timer.callback, None
    return callback


class ManualClock(_Schedule):
    """A clock that stands still until it is told to move.

    ``wall()`` stays the application's: requests are signed with ``time.time()``, and a virtual
    hour must not make them look an hour old.

    Args:
        wall: returns the seconds since the epoch instead of ``time.time()``, for applications
            that sign at the true time while a test travels.
    """

    def __init__(self, *, wall: Callable[[], float] | None = None) -> None:
        super().__init__(wall)
        self._now = 0.0

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        return self._now

    def advance(self, ms: float) -> None:
        """Let time pass, running every timer that comes due on the way, each at its time.

        Inside a callback it counts from that callback's time, and the outer call goes on to its
        own end. When a callback raises, the clock stops at its time.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back; or timers keep setting each other for one time.
        """
        target, at_one_time = self._now + _forward(ms), 0
        while True:
            with self._guard:
                if not self._heap or self._heap[0][0] > target:
                    break
                entry = self._pop()
            callback = _spend(entry)
            if callback is None:
                continue
            at_one_time = 0 if entry[0] > self._now else at_one_time + 1
            if at_one_time > _MOST_AT_ONE_TIME:
                raise UsageError(
                    f"timers keep setting timers for {self._now:g} ms: with a reconnect_interval "
                    "of 0 a client tries for ever where nobody answers; give it some milliseconds"
                )
            self._now = max(self._now, entry[0])
            callback()
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
    """Real time. Not touched by libraries that freeze ``time.time()``: timers keep going.

    Args:
        wall: as for ``ManualClock``.
    """

    def __init__(self, *, wall: Callable[[], float] | None = None) -> None:
        super().__init__(wall)
        self._monotonic = time.monotonic
        self._start = self._monotonic()

    def now(self) -> float:
        """Milliseconds since the clock was made, to the microsecond."""
        return round((self._monotonic() - self._start) * 1000, 3)

    def __repr__(self) -> str:
        return f"<SystemClock now={self.now():g}ms>"
