"""Outboxes: what waits for each connection, in order, and who may empty it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.protocol.frames import Frame

    from .lines import Line

__all__ = [
    "HUNG_UP",
    "RETIRED",
    "CallbackError",
    "CallbackFailed",
    "Outbox",
    "Signal",
    "Subscriber",
]


# What the outboxes of lines have in common: a queue weighs more than the rest of an outbox.
_NO_QUEUE: deque[Any] = deque(maxlen=0)
_NO_TOKEN = [True]


#: Instead of a connection: who calls the functions that a test gives to the network.
NETWORK: Final = "the network"


class CallbackError(NamedTuple):
    """An exception that a subscriber's callback raised and the real client would have hidden.

    Attributes:
        connection: the id of the connection, ``mock-connection-1`` for one; or ``the network``.
        channel: the channel, or ``None`` for a callback of the connection itself.
        event: the event's name; of a function that was given to the network, what it decides.
        error: the exception.
    """

    connection: str
    channel: str | None
    event: str
    error: BaseException

    @property
    def origin(self) -> str:
        """What has raised it, in words."""
        if self.connection == NETWORK:
            return f"the function that the network was given for {self.event}"
        channel = f" of channel {self.channel}" if self.channel is not None else ""
        return f"the callback for {self.event}{channel} on {self.connection}"


class Signal:
    """Something that a sink is told by the core and not by the service."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


#: The mock is gone or was reset: the connection ends and nobody reconnects.
RETIRED = Signal("RETIRED")
#: The client hung up inside its own callback, which is over now.
HUNG_UP = Signal("HUNG_UP")


class Subscriber(Protocol):
    """A client whose callbacks the courier may call itself; ``pysher.Pusher`` is one."""

    # name -> what has event_callbacks: event -> [(callback, args, kwargs)]
    channels: dict[Any, Any]


class CallbackFailed(NamedTuple):
    """What a client is given when a callback that the courier called has raised."""

    frame: Frame
    error: Exception


class Outbox:
    """What waits for one connection.

    Attributes:
        connection: the connection's readable id.
        socket_id: its Pusher id.
        sink: takes one item at a time: a frame, a ping, a close, a signal, or what the client
            itself posted.
        failed: takes ``CallbackFailed``, also when the connection has ended meanwhile.
        subscriber: whose callbacks take the events of channels; without one the sink does.
        curious: whether the sink takes events that the subscriber has bound nothing to.
        last: the frame delivered last.
        queue: items that may be delivered now.
        held: items published by a callback that is still running in the delivering thread; they
            wait until what is being delivered has reached everybody.
        free: holds one token; the thread that has taken it empties the queue. Taking and giving
            back are single atomic operations of a list, at less than half the price of a lock.
        owner: that thread, or 0.
        implicit: whether the connection ends when its mock stops being the current one.
        opened: when the connection was, in milliseconds of the clock.
        retired: whether the mock has let go of the connection.
        line: takes everything instead, at once and under the core's lock; nothing is queued.
    """

    __slots__ = (
        "connection",
        "curious",
        "failed",
        "free",
        "held",
        "implicit",
        "last",
        "line",
        "opened",
        "owner",
        "queue",
        "retired",
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
        line: Line | None = None,
        opened: float = 0.0,
    ) -> None:
        self.connection = connection
        self.socket_id = socket_id
        self.sink = sink
        self.failed = sink
        self.subscriber = subscriber
        self.curious = False
        self.implicit = implicit
        self.last: Frame | None = None
        self.line = line
        self.opened = opened
        self.queue: deque[Any] = deque() if line is None else _NO_QUEUE
        self.held: deque[Any] | None = None  # made with the first one, which is rare
        self.free = [True] if line is None else _NO_TOKEN
        self.owner = 0
        self.retired = False

    def __repr__(self) -> str:
        waiting = len(self.queue) + len(self.held or ())
        return f"<Outbox {self.connection} waiting={waiting}>"
