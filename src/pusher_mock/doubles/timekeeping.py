"""Who keeps the timers of a mock going in real time, of the threads that wait for its events."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pusher_mock.core.forks import INNERMOST, hold
from pusher_mock.core.logs import logger

if TYPE_CHECKING:
    from pusher_mock.clock import SystemClock

__all__ = ["Timekeepers", "timekeepers"]

# Seconds: more than a queue can wait for is waited for in parts.
_LONGEST_WAIT: Final = 3600.0

_LOOK: Final = object()  # put into a queue: look at the clock again


class Timekeepers:
    """The threads of one clock that wait for something; the first of them waits for its timers.

    So a timer wakes one thread, however many there are. A thread that has something else to do,
    such as a callback that blocks, leaves the timers to the next one meanwhile; but for those that
    were due together with one that blocks.
    """

    def __init__(self) -> None:
        self._guard = hold(Lock(), INNERMOST)
        self._waiting: dict[SimpleQueue[Any], Thread] = {}

    def next(self, clock: SystemClock, inbox: SimpleQueue[Any]) -> Any:
        """Wait for an item of a thread's queue; run the timers whenever that is its task.

        Args:
            clock: whose timers they are.
            inbox: the calling thread's own queue.

        Returns:
            The item.
        """
        while (item := self._wait(clock, inbox)) is _LOOK:
            try:
                clock.run_due()
            except Exception:  # of a timer that a test has set: no client is to end for it
                logger.exception("a timer of a mock raised")
        return item

    def _wait(self, clock: SystemClock, inbox: SimpleQueue[Any]) -> Any:
        """An item, or ``_LOOK`` when timers are due."""
        with self._guard:
            self._waiting[inbox] = current_thread()
        try:
            while not self._is_first(inbox):
                if (item := inbox.get()) is not _LOOK:
                    return item
            return _wait_for_timers(clock, inbox)
        finally:
            self._leave(inbox)

    def _leave(self, inbox: SimpleQueue[Any]) -> None:
        with self._guard:
            was_first = self._first() is inbox
            del self._waiting[inbox]
            successor = self._first() if was_first else None
        if successor is not None:
            successor.put(_LOOK)

    def _is_first(self, inbox: SimpleQueue[Any]) -> bool:
        with self._guard:
            return self._first() is inbox

    def _first(self) -> SimpleQueue[Any] | None:
        """Under the guard: whose task the timers are."""
        for inbox, thread in list(self._waiting.items()):
            if thread.is_alive():
                return inbox
            del self._waiting[inbox]  # it waits in the process that this one was forked from
        return None

    def __repr__(self) -> str:
        return f"<Timekeepers waiting={len(self._waiting)}>"


def _wait_for_timers(clock: SystemClock, inbox: SimpleQueue[Any]) -> Any:
    """An item, or ``_LOOK`` when timers are due."""

    def earlier() -> None:
        if inbox.empty():  # else it wakes anyway
            inbox.put(_LOOK)

    end = clock.watch(earlier)  # before it looks, so that it misses none
    try:
        while True:
            due, now = clock.next_due, clock.now()
            wait = None if due == inf else min(max(due - now, 0) / 1000, _LONGEST_WAIT)
            item = _LOOK
            with suppress(Empty):
                item = inbox.get(timeout=wait)
            if item is not _LOOK or clock.next_due <= clock.now():
                return item
    finally:
        end()


_guard: Final = hold(Lock(), INNERMOST)
_keepers: Final[WeakKeyDictionary[SystemClock, Timekeepers]] = WeakKeyDictionary()


def timekeepers(clock: SystemClock) -> Timekeepers:
    """Those of a clock.

    Args:
        clock: a mock's.
    """
    with _guard:
        found = _keepers.get(clock)
        if found is None:
            found = _keepers[clock] = Timekeepers()
        return found
