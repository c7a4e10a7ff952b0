"""pysher's timers on a mock's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Clock, Timer
    from pusher_mock.protocol.frames import Frame

__all__ = ["ClockScheduler", "Scheduled"]


class Scheduled:
    """One entry: what runs, after how many seconds, and what had been received when it was set.

    Attributes:
        action: what runs.
        delay: after how many seconds without a message.
        seen: the frame received last when it was set.
        spent: whether it has run; the next message sets it again.
    """

    __slots__ = ("action", "delay", "seen", "spent", "timer")

    def __init__(self, delay: float, action: Callable[[], None], seen: Frame | None) -> None:
        self.delay = delay
        self.action = action
        self.seen = seen
        self.spent = False
        self.timer: Timer  # set as soon as it is entered


class ClockScheduler:
    """Stands where pysher keeps a ``sched.scheduler`` and a thread that runs it.

    pysher cancels its timers with every message that it receives, and sets the ping and the
    connection time-out again (facts 5.2.24). Doing so on each delivery would cost more than the
    delivery, so the double notes only the last frame, and looks from time to time what pysher
    would have done: a message cannot bring a timer forward, so it is enough to look when one
    would be due.

    Args:
        clock: the clock of the mock that the connection belongs to.
        last_frame: returns the last frame received.
        pong_check: the action that a message cancels without setting it again.
    """

    def __init__(
        self,
        clock: Clock,
        last_frame: Callable[[], Frame | None],
        pong_check: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._last_frame = last_frame
        self._pong_check = pong_check
        self._entries: list[Scheduled] = []

    @property
    def queue(self) -> list[Scheduled]:
        """The entries that wait; a copy, because pysher cancels while it goes through them."""
        return self._entries.copy()

    def enter(self, delay: float, priority: int, action: Callable[[], None]) -> Scheduled:
        """Run the action after ``delay`` seconds of the mock's clock, as ``sched`` does."""
        entry = Scheduled(delay, action, self._last_frame())
        self._set(entry, self._clock.now() + delay * 1000)
        self._entries.append(entry)
        return entry

    def cancel(self, entry: Scheduled) -> None:
        """Forget an entry.

        Raises:
            ValueError: it has run or was cancelled, as ``sched`` says.
        """
        self._entries.remove(entry)
        entry.timer.cancel()

    def is_alive(self) -> bool:
        """Stands for the thread that pysher would start: it never has to."""
        return True

    def _set(self, entry: Scheduled, due: float) -> None:
        entry.timer = self._clock.call_at(due, lambda: self._look(entry), background=True)

    def _look(self, entry: Scheduled) -> None:
        if entry not in self._entries:
            return
        last, now = self._last_frame(), self._clock.now()
        if entry.action == self._pong_check:
            self._entries.remove(entry)
            if last is entry.seen:
                entry.action()
            return
        if last is not entry.seen and last is not None:
            entry.seen, entry.spent = last, False
            if last.at + entry.delay * 1000 > now:
                self._set(entry, last.at + entry.delay * 1000)
                return
        # From now on a message can set it again for this time at the earliest.
        self._set(entry, now + entry.delay * 1000)
        if not entry.spent:
            entry.spent = True
            entry.action()
