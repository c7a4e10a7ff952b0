"""Outboxes: what waits for each connection, in order, and who may empty it."""

from __future__ import annotations

from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.protocol.frames import Frame

__all__ = [
    "RETIRED",
    "CallbackError",
    "CallbackFailed",
    "Outbox",
    "Retired",
    "Subscriber",
]


class CallbackError(NamedTuple):
    """An exception that a subscriber's callback raised and the real client would have hidden."""

    connection: str
    channel: str | None
    event: str
    error: BaseException


class Retired:
    """The mock is gone or was reset: the connection ends and nobody reconnects."""

    def __repr__(self) -> str:
        return "RETIRED"


RETIRED = Retired()


class Subscriber(Protocol):
    """A client whose callbacks the courier may call itself; ``pysher.Pusher`` is one."""

    # name -> what has event_callbacks: event -> [(callback, args, kwargs)]
    channels: dict[Any, Any]


class CallbackFailed(NamedTuple):
    """Given to the sink when a callback that the courier called has raised."""

    frame: Frame
    error: Exception


class Outbox:
    """What waits for one connection.

    Attributes:
        connection: the connection's readable id.
        socket_id: its Pusher id.
        sink: takes one item at a time: a frame, a ping, a close, or ``CallbackFailed``.
        subscriber: whose callbacks take the events of channels; without one, and for events that
            nobody bound, the sink does.
        last: the frame delivered last.
        queue: items that may be delivered now.
        held: items published by a callback that is still running in the delivering thread; they
            wait until what is being delivered has reached everybody.
        free: holds one token; the thread that has taken it empties the queue. Taking and giving
            back are single atomic operations of a list, at less than half the price of a lock.
        owner: that thread.
        implicit: whether the connection ends when its mock stops being the current one.
    """

    __slots__ = (
        "connection",
        "free",
        "held",
        "implicit",
        "last",
        "owner",
        "queue",
        "sink",
        "socket_id",
        "subscriber",
    )

    def __init__(
        self,
        connection: str,
        socket_id: str,
        sink: Callable[[Any], None],
        *,
        subscriber: Subscriber | None = None,
        implicit: bool = False,
    ) -> None:
        self.connection = connection
        self.socket_id = socket_id
        self.sink = sink
        self.subscriber = subscriber
        self.implicit = implicit
        self.last: Frame | None = None
        self.queue: deque[Any] = deque()
        self.held: list[Any] = []
        self.free = [True]
        self.owner = 0

    def delivering_here(self) -> bool:
        """Whether the calling thread is inside a delivery to this connection."""
        return not self.free and self.owner == get_ident()

    def __repr__(self) -> str:
        waiting = len(self.queue) + len(self.held)
        return f"<Outbox {self.connection} waiting={waiting}>"
