"""What happens to a Pusher, in the past tense. Doors build these; the engine handles them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.names import is_socket_id

__all__ = [
    "CloseRequested",
    "ConnectionClosed",
    "ConnectionOpened",
    "CredentialsSeen",
    "FrameReceived",
    "HttpRequested",
    "Input",
    "PongReceived",
    "TimerFired",
]


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """A client opened a WebSocket, or one of the transports that stand in for it.

    Attributes:
        connection: the mock's own id of the connection, ``mock-connection-1``.
        socket_id: the id that clients and publishers use, ``123.456`` (facts 1.1.11).
        target: path and query of the request (facts 1.1).
        tls: whether the transport is encrypted.
        native_ping: whether the transport has pings of its own; else ``pusher:ping`` is sent
            (facts 1.12.2).
        strict: whether an open registry does not take the key for an app's: on the wire a typing
            error has to be refused, as the service does.
    """

    connection: str
    socket_id: str
    target: str
    tls: bool = True
    native_ping: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        if not is_socket_id(self.socket_id):
            raise UsageError(f"a socket id has the form 123.456, not {self.socket_id!r}")


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A client sent a message; bytes stand for a binary one."""

    connection: str
    text: str | bytes


@dataclass(frozen=True, slots=True)
class PongReceived:
    """A client answered a ping of its transport."""

    connection: str


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The transport is gone, whoever closed it."""

    connection: str


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """This side ends a connection for a reason of its own: it stops, or the peer does not read.

    Attributes:
        connection: whose.
        code: told in ``pusher:error`` and in the close (facts 1.10).
        message: likewise.
    """

    connection: str
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class HttpRequested:
    """Somebody called the HTTP API.

    Attributes:
        method: in upper case.
        path: the path as it was sent, percent-encoding included.
        query: the decoded parameters in the order they came; names may repeat.
        body: the raw bytes, which are what was signed.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class CredentialsSeen:
    """A publisher or client was built with these; an open registry learns the app from them.

    Any part may be ``None`` when it is not known.
    """

    app_id: str | None
    key: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TimerFired:
    """Time has come for at least one of the engine's timers."""


Input = (
    ConnectionOpened
    | FrameReceived
    | PongReceived
    | ConnectionClosed
    | CloseRequested
    | HttpRequested
    | CredentialsSeen
    | TimerFired
)
