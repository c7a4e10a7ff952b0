"""What the engine wants done, in order. Doors and the core carry it out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

__all__ = [
    "Broadcast",
    "CloseConnection",
    "DeliverWebhook",
    "Effect",
    "Ping",
    "Published",
    "PublishedEvent",
    "Respond",
    "SendFrame",
]


class PublishedEvent(NamedTuple):
    """An event that was accepted for a channel, whether or not anybody was subscribed.

    Attributes:
        app: the app's id.
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire, always a string (facts 1.2).
        at: the mock's clock when it was accepted, in milliseconds.
        socket_id: the connection that was excluded, or that sent the client event.
        user_id: the sender of a client event on a presence channel (facts 1.9).
        client: whether a client sent it (else a publisher, over the HTTP API).
    """

    app: str
    channel: str
    event: str
    raw: str
    at: float
    socket_id: str | None = None
    user_id: str | None = None
    client: bool = False

    @property
    def data(self) -> Any:
        """The data decoded from JSON, or the string itself when it is not JSON."""
        try:
            return json.loads(self.raw)
        except (ValueError, RecursionError):
            return self.raw

    def __repr__(self) -> str:
        kind = "client event" if self.client else "event"
        return f"<{kind} {self.event} on {self.channel} data={self.raw}>"


@dataclass(frozen=True, slots=True)
class Published:
    """An event was accepted; who receives it is decided afterwards."""

    event: PublishedEvent


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Send a frame to one connection. ``note`` is for the application's log, not for the peer."""

    connection: str
    frame: Frame
    note: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Send one frame to many connections, in this order.

    ``omitted`` counts those that the journal does not name, of a very large audience.
    """

    frame: Frame
    recipients: tuple[str, ...]
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a ping of the transport; a ``PongReceived`` or any frame answers it."""

    connection: str


@dataclass(frozen=True, slots=True)
class CloseConnection:
    """Close the transport with this code and reason after what was sent before it."""

    connection: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer the HTTP request: JSON on success, plain text otherwise (facts 2.1).

    ``note`` explains a refusal to the application's author; it never goes over the wire.
    ``allow`` is for the header of that name, with a 405.
    """

    status: int
    body: str
    note: str = ""
    allow: str = ""


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """POST a signed webhook (facts 3.1).

    Attributes:
        app: the app's id.
        url: where to.
        key: the value of ``X-Pusher-Key``.
        signature: the value of ``X-Pusher-Signature``, made over exactly ``body``.
        body: the bytes to send.
    """

    app: str
    url: str = field(repr=False)  # it may hold a password, and this is logged
    key: str
    signature: str = field(repr=False)
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request; the content type has no charset (facts 3.1.1)."""
        return {
            "Content-Type": "application/json",
            "X-Pusher-Key": self.key,
            "X-Pusher-Signature": self.signature,
        }


Effect = Published | SendFrame | Broadcast | Ping | CloseConnection | Respond | DeliverWebhook
