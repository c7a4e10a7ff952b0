"""What stands where pysher keeps its ``websocket.WebSocketApp``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from websocket import WebSocketConnectionClosedException

if TYPE_CHECKING:
    from pusher_mock.core import Outbox

    from .connection import MemoryConnection

__all__ = ["MemorySocket"]


class MemorySocket:
    """A transport into a mock.

    Attributes:
        keep_running: as in websocket-client.
    """

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection
        self._box: Outbox | None = None
        self.keep_running = True

    @property
    def sock(self) -> MemorySocket | None:
        """Itself while open; applications test ``connection.socket.sock`` for being connected."""
        return self if self.connected else None

    @property
    def connected(self) -> bool:
        """Whether the transport is open."""
        return self._box is not None

    @property
    def box(self) -> Outbox | None:
        """The outbox that this transport is fed from, while it is open."""
        return self._box

    def send(self, text: str | bytes) -> None:
        """Send one message.

        Raises:
            WebSocketConnectionClosedException: the transport is closed, as websocket-client says.
        """
        box = self._box
        if box is None:
            raise WebSocketConnectionClosedException("Connection is already closed.")
        self._connection.core.send(box, text, self._connection.caused)

    def close(self, **_: Any) -> None:
        """Close from this side; again is fine."""
        box = self.detach()
        if box is not None:
            self._connection.core.hang_up(box, self._connection.transport_closed)

    def attach(self, box: Outbox) -> None:
        """Open on this outbox."""
        self._box = box
        self.keep_running = True

    def detach(self) -> Outbox | None:
        """Be closed; returns the outbox to one caller, even when two sides close at once."""
        with self._connection.core.lock:
            box, self._box = self._box, None
            self.keep_running = False
        return box

    def __repr__(self) -> str:
        return f"<MemorySocket {'open' if self.connected else 'closed'}>"
