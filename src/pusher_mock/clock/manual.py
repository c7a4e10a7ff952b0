"""``ManualClock``: a clock that stands still until it is told to move."""

from __future__ import annotations

import sys
from math import inf
from typing import TYPE_CHECKING, Any, cast

from pusher_mock.protocol.errors import UsageError

from .passage import SETTLING, Counting, Passage, Passed, Ran
from .schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .tasks import Sleeper

__all__ = ["ManualClock"]

# A timer that sets itself again for the same time would keep `advance()` busy for ever.
_MOST_AT_ONE_TIME = 10_000
_HOUR = 3_600_000.0
_NOISE = 1e-6


class ManualClock(Schedule):
    """A clock that stands still until it is told to move.

    ``wall()`` stays the application's: requests are signed with ``time.time()``, and a virtual
    hour must not make them look an hour old.

    Everything that moves it may be awaited, under asyncio and trio. Then other tasks run on the
    way, each at its time, and those that were woken have gone on when it returns. Not awaited,
    time passes at once, and they run when the calling task waits for something. A result that is
    kept, ``r = clock.advance(100)``, lets it pass when it is awaited, used as the number that it
    is, or let go.

    Args:
        autojump: whatever would wait for the mock (``sleep``, ``wait_until``, a time-out, a
            publisher that a full queue blocks) moves the clock on to the next timer instead.
        wall: returns the seconds since the epoch instead of ``time.time()``, for applications
            that sign at the true time while a test travels.
        follow_wall: whenever it is asked, and every input asks, it has jumped as far as ``wall()``
            has gone forward: for tests that move a frozen ``time.time()``. Where that goes back,
            nothing happens.
    """

    def __init__(
        self,
        *,
        autojump: bool = False,
        wall: Callable[[], float] | None = None,
        follow_wall: bool = False,
    ) -> None:
        super().__init__(wall)
        self.autojump = autojump
        self._now = 0.0
        self._sleepers: dict[Sleeper, None] = {}
        self._depth = 0  # of callbacks that move it
        self._followed = self.wall() if follow_wall else None

    @property
    def passes(self) -> bool:
        """Whether time passes while somebody waits."""
        return self.autojump

    def now(self) -> float:
        """Milliseconds since the clock was made."""
        if self._followed is not None:
            self._follow(self._followed)
        return self._now

    def _follow(self, before: float) -> None:
        self._followed = wall = self.wall()
        if wall > before:
            # To the microsecond, which is what a wall clock's number of seconds is good for.
            self._now = round(self._now + (wall - before) * 1000, 3)

    # Moving ------------------------------------------------------------------------------------

    def advance(self, ms: float) -> Awaitable[None]:
        """Let time pass, running every timer that comes due on the way, each at its time.

        Inside a callback it counts from that callback's time, and the outer call goes on to its
        own end. When a callback raises, the clock stops at its time.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back; or timers keep setting each other for one time.
        """
        target = _after(self.now(), _forward(ms))
        if self._has_company():
            return Passage(lambda: self._go(target), lambda: self._run_until(target))
        self._run_until(target)
        return SETTLING

    def jump(self, ms: float) -> Awaitable[None]:
        """Let time pass at one stroke, as when a machine was asleep; what is overdue runs then.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back.
        """
        self._now = _after(self.now(), _forward(ms))
        self.run_due()
        return SETTLING

    def tick(self) -> Ran:
        """Go on to the next timer that somebody waits for, and run everything due by then.

        Returns:
            How many timers ran; 0, without any time passing, when nothing waits but pings and the
            like.

        Raises:
            UsageError: as ``advance``.
        """
        if self._has_company():
            return cast("Ran", Counting(lambda: self._go_ticking(inf, Ran, once=True), self._tick))
        return self._tick()

    def _tick(self) -> Ran:
        ran, worked = self._ran, self._worked
        while self._has_work() and self._worked == worked:
            self._run_until(self.next_due)
        return Ran(self._ran - ran)

    def tick_all(self) -> Ran:
        """``tick()`` until nothing waits but pings and the like.

        Returns:
            How many timers ran. Clients that try again where nobody can answer, as after
            ``network.disconnect_now()``, are not waited for after their first attempt in vain,
            until there is hope again.

        Raises:
            UsageError: something sets itself again, and still waits after an hour of this clock.
        """
        if self._has_company():
            passage = Counting(lambda: self._go_ticking(_HOUR, Ran), self._tick_all)
            return cast("Ran", passage)
        return self._tick_all()

    def run_until_idle(self, limit: float = _HOUR) -> Passed:
        """Let time pass until nothing waits but pings and the like.

        Args:
            limit: at most so many milliseconds.

        Returns:
            How many milliseconds have passed.

        Raises:
            UsageError: something still waits when the limit is reached, or as ``advance``.
        """
        limit = _forward(limit)
        if self._has_company():
            passage = Counting(
                lambda: self._go_ticking(limit, Passed), lambda: self._run_all(limit)
            )
            return cast("Passed", passage)
        return self._run_all(limit)

    def _has_work(self) -> bool:
        """Whether to go on; not to what a caller further out is about to run."""
        return self._work > 0 and self.next_due < inf

    def _tick_all(self) -> Ran:
        ran = self._ran
        self._run_all(_HOUR)
        return Ran(self._ran - ran)

    def _run_all(self, limit: float) -> Passed:
        begun = self.now()
        while self._has_work():
            self._check_limit(begun + limit, limit)
            self._run_until(self.next_due)
        return Passed(self._now - begun)

    def _check_limit(self, end: float, limit: float) -> None:
        if self.next_due > end:
            raise UsageError(
                f"timers still wait after {limit:.15g} ms of virtual time: {self._work}, the next "
                f"of them at {self.next_due:.15g} ms. Something sets itself again: use "
                "advance(ms), or give run_until_idle() a higher limit"
            )

    def _run_until(self, target: float) -> None:
        # A timer that sets itself again is told by there being more of them than wait already.
        at_one_time, most = 0, _MOST_AT_ONE_TIME + self._alive
        guard, pop, begin = self._guard, self._pop, self._begin
        while True:
            with guard:
                timer = pop(target)
                if timer is None:
                    break
                callback = begin(timer)
            due = timer.due
            at_one_time += 1
            if due > self._now:
                at_one_time, most = 0, _MOST_AT_ONE_TIME + self._alive
                self._now = due
            if at_one_time > most:
                raise UsageError(
                    f"timers keep setting timers for {self._now:.15g} ms: with a "
                    "reconnect_interval of 0 a client tries for ever where nobody answers; give "
                    "it some milliseconds"
                )
            self._depth += 1
            try:
                callback()
            finally:
                self._depth -= 1
        if target > self._now:
            self._now = target

    # Where tasks wait --------------------------------------------------------------------------

    def _has_company(self) -> bool:
        """Whether it is moved by a task that has to let others run on the way."""
        if self._depth or ("asyncio" not in sys.modules and "trio" not in sys.modules):
            return False  # a callback cannot await
        from .company import in_task, others_can_run

        return in_task() and (bool(self._sleepers) or others_can_run())

    async def _go(self, target: float) -> None:
        from .company import settle

        await settle()
        while self.next_due <= target:
            self._run_until(self.next_due)
            await settle()
        self._run_until(target)
        await settle()

    def _go_ticking(self, limit: float, result: Any, *, once: bool = False) -> Any:
        async def go() -> Any:
            from .company import settle

            begun, ran, worked = self._now, self._ran, self._worked
            await settle()
            while self._has_work() and (not once or self._worked == worked):
                if not once:
                    self._check_limit(begun + limit, limit)
                self._run_until(self.next_due)
                await settle()
            return Ran(self._ran - ran) if result is Ran else Passed(self._now - begun)

        return go()

    async def sleep(self, ms: float) -> None:
        """Await that so much of this clock's time has passed, under asyncio or trio.

        Args:
            ms: milliseconds, 0 or more.

        Raises:
            UsageError: time cannot go back.
        """
        from .tasks import sleep

        await sleep(self, self._sleepers, _after(self.now(), _forward(ms)))

    # Instead of waiting ------------------------------------------------------------------------

    def wait(self, deadline: float) -> bool:
        """With ``autojump``, go on to the next timer; else stand still.

        Args:
            deadline: milliseconds of ``now()`` that it is not to pass.

        Returns:
            Whether anything ran; once nothing does, the deadline is reached.
        """
        if not self.autojump:
            return False
        if self.next_due > deadline or self.next_due == inf:
            if deadline < inf:
                self._run_until(max(deadline, self._now))
            return False
        ran = self._ran
        self._run_until(max(self.next_due, self._now))
        return self._ran > ran

    def __repr__(self) -> str:
        return f"<ManualClock now={self._now:.15g}ms>"


def _after(now: float, ms: float) -> float:
    """When so much time has passed.

    Delays end at whole microseconds, and a sum of numbers such as 0.1 may miss one by its last
    bits: then it is the microsecond.
    """
    exact = now + ms
    near = round(exact, 3)
    return near if exact < near < exact + _NOISE else exact


def _forward(ms: float) -> float:
    try:
        forward = 0 <= ms < inf
    except TypeError:
        forward = False
    if not forward:
        raise UsageError(f"a clock moves forward by milliseconds from 0, not by {ms!r}")
    return ms
