"""The timers of a clock, kept by time and then by the order they were set in."""

from __future__ import annotations

import heapq
import time
from collections import deque
from math import inf
from threading import Lock, get_ident
from typing import TYPE_CHECKING

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Schedule", "Timer"]

# Cancelled timers stay until they outnumber those that are alive, and this many.
_SPARE = 64


class Timer:
    """A callback that waits for its time; made by ``call_at``.

    Attributes:
        due: when it runs, in milliseconds of its clock.
        background: whether nobody waits for it.
    """

    __slots__ = ("_schedule", "background", "callback", "due")

    def __init__(
        self, due: float, callback: Callable[[], object], schedule: Schedule, background: bool
    ) -> None:
        self.due = due
        self.callback: Callable[[], object] | None = callback
        self.background = background
        self._schedule = schedule

    def cancel(self) -> None:
        """Never run; again is fine."""
        self._schedule.cancel(self)

    def __repr__(self) -> str:
        return f"<Timer due={self.due:.15g}ms{'' if self.callback else ' over'}>"


class Schedule:
    """Timers by time.

    The heap has each point in time once, as a bare number, and a table has the timers of it: a
    million of them cost a fraction of what a heap of a million entries does.
    """

    def __init__(self, wall: Callable[[], float] | None) -> None:
        self._wall = wall
        # Read at every input, so it is an attribute; ``inf`` when nothing waits. Nothing cancelled
        # counts, so that going on to it always runs something.
        self.next_due: float = inf
        self._times: list[float] = []
        # Most points in time have one timer, and a queue weighs more than everything else here.
        self._at: dict[float, Timer | deque[Timer]] = {}
        self._alive = 0
        self._dead = 0
        self._work = 0
        self._ran = 0  # timers so far, and how many of them somebody waited for
        self._worked = 0
        self._guard = Lock()
        self._running: set[int] = set()
        self._watchers: tuple[Callable[[], None], ...] = ()

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        raise NotImplementedError  # pragma: no cover - each clock has its own

    def wall(self) -> float:
        """The application's ``time.time()``, looked up at each call so that a frozen one counts."""
        return time.time() if self._wall is None else self._wall()

    @property
    def idle(self) -> bool:
        """Whether nothing waits but what is in the background: pings and the like."""
        return not self._work

    @property
    def waiting(self) -> list[Timer]:
        """The timers that wait, in the order in which they will run."""
        with self._guard:
            return [timer for due in sorted(self._times) for timer in self._living(due)]

    def _living(self, due: float) -> Iterator[Timer]:
        found = self._at[due]
        timers = (found,) if found.__class__ is Timer else tuple(found)  # type: ignore[arg-type]
        return (timer for timer in timers if timer.callback is not None)

    def call_at(
        self, due: float, callback: Callable[[], object], *, background: bool = False
    ) -> Timer:
        """Run the callback when ``now()`` has reached ``due`` milliseconds.

        A time that has passed is due at once, which means at the next input.

        Args:
            due: milliseconds of ``now()``.
            callback: called without arguments.
            background: whether nobody waits for it, so that the clock is idle all the same.

        Returns:
            The timer, to cancel it.

        Raises:
            UsageError: ``due`` is no number.
        """
        if due != due:
            raise UsageError("a timer is due at a number of milliseconds, not at nan")
        background = background or due == inf
        timer = Timer(due, callback, self, background)
        with self._guard:
            found = self._at.get(due)
            if found is None:
                self._at[due] = timer
                heapq.heappush(self._times, due)
            elif found.__class__ is Timer:
                self._at[due] = deque((found, timer))
            else:
                found.append(timer)  # type: ignore[union-attr]
            self._alive += 1
            if not background:
                self._work += 1
            if due >= self.next_due:
                return timer
            self.next_due = due
            watchers = self._watchers
        for watcher in watchers:
            watcher()
        return timer

    def cancel(self, timer: Timer) -> None:
        """Never run it; again is fine."""
        with self._guard:
            if timer.callback is None:
                return
            timer.callback = None
            self._alive -= 1
            self._work -= not timer.background
            self._dead += 1
            if self._dead > _SPARE and self._dead > self._alive:
                self._tidy()
            elif timer.due <= self.next_due:
                self._look_ahead()

    def _tidy(self) -> None:
        self._at = {
            due: living[0] if len(living) == 1 else deque(living)
            for due in self._times
            if (living := list(self._living(due)))
        }
        self._times = list(self._at)
        heapq.heapify(self._times)
        self._dead = 0
        self.next_due = self._times[0] if self._times else inf

    def _look_ahead(self) -> None:
        """Under the guard: drop what is cancelled from the front, so that the next one runs."""
        times, at = self._times, self._at
        while times and self._dead:
            found = at[times[0]]
            queue = deque((found,)) if found.__class__ is Timer else found
            assert isinstance(queue, deque)
            while queue and queue[0].callback is None:
                queue.popleft()
                self._dead -= 1
            if queue:
                break
            del at[heapq.heappop(times)]
        self.next_due = times[0] if times else inf

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

    def put_in_background(self, timer: Timer, background: bool) -> None:
        """Somebody waits for this timer from now on, or nobody does.

        Args:
            timer: one that waits.
            background: whether nobody does; nobody waits for what is never due.
        """
        background = background or timer.due == inf
        with self._guard:
            if timer.callback is not None and timer.background is not background:
                self._work += -1 if background else 1
            timer.background = background

    def _begin(self, timer: Timer) -> Callable[[], object]:
        """Under the guard: a timer that is alive runs now; returns its callback."""
        callback = timer.callback
        assert callback is not None
        timer.callback = None
        self._alive -= 1
        self._ran += 1
        if not timer.background:
            self._work -= 1
            self._worked += 1
        return callback

    def _pop(self, limit: float) -> Timer | None:
        """Under the guard: take the first timer that is due by then; it is alive."""
        if self.next_due > limit or not self._times:
            return None
        times, at = self._times, self._at
        found = at[times[0]]
        if found.__class__ is Timer:
            timer: Timer = found
            del at[heapq.heappop(times)]
        else:
            timer = found.popleft()  # type: ignore[union-attr]
            if not found:
                del at[heapq.heappop(times)]
        if self._dead:
            self._look_ahead()
        else:
            self.next_due = times[0] if times else inf
        return timer

    def _put_back(self, timers: list[Timer]) -> None:
        """Under the guard: they come before whatever was set for their times meanwhile."""
        for timer in reversed(timers):
            if timer.callback is None:
                continue
            found = self._at.get(timer.due)
            if found is None:
                self._at[timer.due] = timer
                heapq.heappush(self._times, timer.due)
            elif found.__class__ is Timer:
                self._at[timer.due] = deque((timer, found))
            else:
                found.appendleft(timer)  # type: ignore[union-attr]
        self.next_due = self._times[0] if self._times else inf

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
        due: list[Timer] = []
        with self._guard:
            while (timer := self._pop(now)) is not None:
                due.append(timer)
        due.reverse()
        self._running.add(me)
        try:
            while due:
                with self._guard:
                    timer = due.pop()
                    callback = self._begin(timer) if timer.callback is not None else None
                if callback is not None:
                    ran += 1
                    callback()
        finally:
            self._running.discard(me)
            if due:
                due.reverse()
                with self._guard:
                    self._put_back(due)  # a callback raised: the others still have their turn
        return ran
