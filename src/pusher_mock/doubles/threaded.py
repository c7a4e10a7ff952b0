"""The double in pysher's own thread shape: callbacks run on the connection's thread."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from pusher_mock.clock import SystemClock
from pusher_mock.core import RETIRED
from pusher_mock.protocol.frames import Frame

from .connection import MemoryConnection
from .timekeeping import timekeepers
from .transport import MemorySocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from pysher.pusher import Pusher

    from pusher_mock.core import Core

__all__ = ["ThreadedMemoryConnection"]

_CLOSED = object()


class ThreadedMemoryConnection(MemoryConnection):
    """As pysher: ``connect()`` returns at once and everything happens on ``PysherEventLoop``."""

    _inbox: SimpleQueue[Any]
    _wake: Event
    _took: float  # milliseconds, of an attempt to connect that found nobody

    def prepare(self, client: Pusher, core: Core | None) -> None:
        """Take the place of the connection that pysher made."""
        super().prepare(client, core)
        self._inbox = SimpleQueue()
        self._wake = Event()
        self._took = 0.0

    def launch(self) -> None:
        """Start the thread."""
        Thread.start(self)

    def join(self, timeout: float | None = None) -> None:
        """Wait for the thread, with a thread's errors."""
        Thread.join(self, timeout)

    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return Thread.is_alive(self)

    def _sink(self) -> Callable[[Any], None]:
        # A queue for each transport: nothing of an old one reaches its successor.
        inbox = self._inbox = SimpleQueue()

        def take(item: object) -> None:
            if item is RETIRED:
                self.closed_from_other_side(item)  # at once: what waits is not called back
            else:
                inbox.put(item)

        return take

    def _subscriber(self) -> None:
        """The courier calls no callbacks: the thread does."""

    def transport_closed(self, took: float = 0) -> None:
        """Tell the thread."""
        self._took = took
        self._inbox.put(_CLOSED)

    def _give_up(self) -> None:
        self._wake.set()

    def _connect(self) -> None:
        self.state = "connecting"
        self.socket = MemorySocket(self)
        while self.open_transport():
            self._pump()
            if not self.to_reconnect():
                return
            self.state = "unavailable"
            self.core.stand_by(self, self._retired, implicit=self.implicit)
            if not self.to_reconnect():  # disconnect() was called meanwhile
                self.core.stand_down(self)
                break
            self._wait(self.reconnect_interval + self._took / 1000)
        self.state = "disconnected"

    def _pump(self) -> None:
        """Hand what arrives to pysher's handlers until the transport is closed."""
        inbox, socket = self._inbox, self.socket
        assert socket is not None
        while (item := self._next(inbox)) is not _CLOSED:
            if socket.connected or item.__class__ is not Frame:
                self.receive(item)
        self._on_close(socket)

    def _next(self, inbox: SimpleQueue[Any]) -> Any:
        """Wait for an item; in real time one of these threads keeps the timers going."""
        clock = self.core.clock
        if not isinstance(clock, SystemClock):
            return inbox.get()
        return timekeepers(clock).next(clock, inbox)

    def _wait(self, seconds: float) -> None:
        """Let the mock's time pass, or less when somebody ends the wait."""
        clock = self.core.clock
        if isinstance(clock, SystemClock):
            self._wake.wait(seconds)
        elif seconds > 0:
            timer = clock.call_at(clock.now() + seconds * 1000, self._wake.set)
            self._wake.wait()
            timer.cancel()
        self._wake.clear()
