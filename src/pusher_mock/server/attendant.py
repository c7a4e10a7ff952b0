"""The attendant: a thread for what must not run on a server's event loop."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING

from pusher_mock.clock import SystemClock
from pusher_mock.core import CallbackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core

__all__ = ["Attendant"]


class Attendant:
    """Calls the callbacks of doubles in this process, and the mock's timers when they are due.

    A callback may block, and may ask the very server that it hears from: on the event loop it
    would wait for ever. Jobs are done one after the other, in the order they were given.

    Args:
        core: the mock's; timers of a ``SystemClock`` are run in time, those of another clock by
            whoever moves it.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._jobs: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._guard = Lock()
        self._thread: Thread | None = None
        self._watching: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin; again is fine."""
        with self._guard:
            if self._thread is None:
                self._watching = self._core.clock.watch(self._look_again)
                self._thread = Thread(target=self._work, name="pusher-mock attendant", daemon=True)
                self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Do what was given so far and end; again is fine.

        Args:
            timeout: seconds to wait for a job that is running.
        """
        with self._guard:
            thread, self._thread = self._thread, None
            if self._watching is not None:
                self._watching()
                self._watching = None
        if thread is not None:
            self._jobs.put(None)
            if thread is not current_thread():
                thread.join(timeout)

    def do(self, job: Callable[[], object]) -> None:
        """Have something done soon; returns at once, and may be called under a mock's lock."""
        self._jobs.put(job)

    def _look_again(self) -> None:
        self._jobs.put(_nothing)

    def _work(self) -> None:
        clock = self._core.clock
        timed = isinstance(clock, SystemClock)
        while True:
            wait = None
            if timed and clock.next_due != float("inf"):
                wait = max(clock.next_due - clock.now(), 0) / 1000
            try:
                job: Callable[[], object] | None = self._jobs.get(timeout=wait)
            except Empty:
                job = clock.run_due
            if job is None:
                return
            try:
                job()
            except BaseException as error:  # whatever a callback raises: the others go on
                self._core.record_error(CallbackError("a double", None, "a delivery", error))


def _nothing() -> None:
    """Wakes the thread, which then looks when the next timer is due."""
