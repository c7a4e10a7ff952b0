"""pysher's timers on a mock's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Clock, Timer
    from pusher_mock.protocol.frames import Frame

__all__ = ["ClockScheduler", "Scheduled"]


class Scheduled:
    """One entry: what runs, after how many seconds, and what had been received when it was set."""

    __slots__ = ("action", "delay", "seen", "timer")

    def __init__(self, delay: float, action: Callable[[], None], seen: Frame | None) -> None:
        self.delay = delay
        self.action = action
        self.seen = seen
        self.timer: Timer | None = None


class ClockScheduler:
    """Stands where pysher keeps a ``sched.scheduler`` and a thread that runs it.

    pysher restarts its timers with every message it receives. Doing so on each delivery would
    cost more than the delivery, so the double notes only the last frame, and a timer that comes
    due works out what pysher would have done in the meantime.

    Args:
        clock: the clock of the mock that the connection belongs to.
        last_frame: returns the last frame received.
        pong_check: the action that a message cancels without restarting it.
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
        self._entries.append(entry)
        self._set(entry, self._clock.now() + delay * 1000)
        return entry

    def cancel(self, entry: Scheduled) -> None:
        """Forget an entry.

        Raises:
            ValueError: it has run or was cancelled, as ``sched`` says.
        """
        self._entries.remove(entry)
        if entry.timer is not None:
            entry.timer.cancel()

    def is_alive(self) -> bool:
        """Stands for the thread that pysher would start: it never has to."""
        return True

    def _set(self, entry: Scheduled, due: float) -> None:
        entry.timer = self._clock.call_at(due, lambda: self._run(entry))

    def _run(self, entry: Scheduled) -> None:
        if entry not in self._entries:
            return
        last = self._last_frame()
        if last is not entry.seen and last is not None:
            # A message came since: it cancelled this timer and started it again, the pong
            # check excepted, which only a ping starts.
            if entry.action == self._pong_check:
                self._entries.remove(entry)
                return
            entry.seen = last
            due = last.at + entry.delay * 1000
            if due > self._clock.now():
                self._set(entry, due)
                return
        self._entries.remove(entry)
        entry.action()
