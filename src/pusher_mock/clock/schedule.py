"""The timers of a clock, kept by time and then by the order they were set in."""

from __future__ import annotations

import heapq
import time
from itertools import count
from math import inf
from operator import attrgetter
from threading import Lock, get_ident
from typing import TYPE_CHECKING

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Schedule", "Timer"]

# Cancelled timers stay until they outnumber those that are alive, and this many.
_SPARE = 64

# How much time a slot has, in milliseconds.
_WIDTH = 256.0

_BY_TIME = attrgetter("due")


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


class _Slot(list[Timer]):
    """The timers of a stretch of time, in the order they were set.

    Attributes:
        first: the earliest time among them, cancelled ones included.
        stale: whether some may be cancelled.
    """

    __slots__ = ("first", "stale")

    def __init__(self, first: float) -> None:
        self.first = first
        self.stale = False


def _key(due: float) -> float:
    """Which slot a time belongs to."""
    return due // _WIDTH if -inf < due < inf else due


class Schedule:
    """Timers by time.

    Attributes:
        guard: its lock, with which nothing else is taken; for who forks.

    They wait in slots, unordered; only a slot whose time has come is sorted. A million of them
    cost half of what a heap of a million does. What is set for a slot that is open already goes
    into a heap beside it.
    """

    def __init__(self, wall: Callable[[], float] | None) -> None:
        self._wall = wall
        # Read at every input, so it is an attribute; ``inf`` when nothing waits. Nothing cancelled
        # counts, so that going on to it always runs something.
        self.next_due: float = inf
        self._slots: dict[float, _Slot] = {}
        self._keys: list[float] = []  # of the slots, as a heap
        self._opened: list[Timer] = []  # the first slot's, the next one last
        self._open = -inf  # its key; nothing is set for a slot up to this one
        # With a number that keeps those of one time in order: below 0 they come before the
        # opened slot's, above behind them.
        self._late: list[tuple[float, int, Timer]] = []
        self._numbers = count(1)
        self._put = 0  # how many have been put back
        self._alive = 0
        self._dead = 0
        self._work = 0
        self._ran = 0  # timers so far, and how many of them somebody waited for
        self._worked = 0
        self._guard = self.guard = Lock()
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
            return sorted(self._living(), key=_BY_TIME)

    def _living(self) -> list[Timer]:
        """Under the guard: those of one time are in the order in which they will run."""
        late = sorted(self._late)
        found = [timer for _, number, timer in late if number < 0]
        found += reversed(self._opened)
        found += [timer for _, number, timer in late if number > 0]
        for slot in self._slots.values():
            found += slot
        return [timer for timer in found if timer.callback is not None]

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
            key = due // _WIDTH if -inf < due < inf else due  # _key(), written out
            if key <= self._open:
                heapq.heappush(self._late, (due, next(self._numbers), timer))
            else:
                slot = self._slots.get(key)
                if slot is None:
                    self._slots[key] = slot = _Slot(due)
                    heapq.heappush(self._keys, key)
                elif due < slot.first:
                    slot.first = due
                slot.append(timer)
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
            due = timer.due
            slot = self._slots.get(_key(due))
            if slot is not None:
                slot.stale = True
            if self._dead > _SPARE and self._dead > self._alive:
                self._tidy()
            elif due <= self.next_due:
                self._look_ahead()

    def _tidy(self) -> None:
        """Under the guard: forget what is cancelled."""
        living = self._living()
        self._slots, self._opened, self._late, self._open = {}, [], [], -inf
        for timer in living:
            due = timer.due
            slot = self._slots.setdefault(_key(due), _Slot(due))
            slot.first = min(slot.first, due)
            slot.append(timer)
        self._keys = sorted(self._slots)
        self._dead = 0
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Under the guard: drop what is cancelled from the front, and see what is next."""
        opened, late, keys = self._opened, self._late, self._keys
        if self._dead:
            while opened and opened[-1].callback is None:
                opened.pop()
                self._dead -= 1
            while late and late[0][2].callback is None:
                heapq.heappop(late)
                self._dead -= 1
            while not opened and keys and self._slots[keys[0]].stale:
                opened = self._open_slot()
        due = opened[-1].due if opened else inf
        if not opened and keys:
            due = self._slots[keys[0]].first
        if late:
            due = min(due, late[0][0])
        elif not opened:
            self._open = -inf
        self.next_due = due

    def _open_slot(self) -> list[Timer]:
        """Under the guard: the first slot's timers, in order, but for those that are cancelled."""
        self._open = heapq.heappop(self._keys)
        slot = self._slots.pop(self._open)
        if slot.stale:
            before = len(slot)
            slot[:] = [timer for timer in slot if timer.callback is not None]
            self._dead -= before - len(slot)
        slot.reverse()  # so that those of one time are popped in the order they were set
        slot.sort(key=_BY_TIME, reverse=True)
        self._opened = slot
        return slot

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
        if self.next_due > limit or self.next_due == inf:
            return None
        opened, late, keys = self._opened, self._late, self._keys
        if not opened and keys and (not late or self._slots[keys[0]].first < late[0][0]):
            opened = self._open_slot()
        if late and (not opened or late[0] < (opened[-1].due, 0)):
            timer = heapq.heappop(late)[2]
        else:
            timer = opened.pop()
        if opened and not late and not self._dead:
            self.next_due = opened[-1].due
        else:
            self._look_ahead()
        return timer

    def _put_back(self, timers: list[Timer]) -> None:
        """Under the guard: they come before whatever was set for their times meanwhile."""
        self._put += len(timers)
        for number, timer in enumerate(timers, -self._put):
            if timer.callback is not None:
                heapq.heappush(self._late, (timer.due, number, timer))
        self._look_ahead()

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
