"""The gateway: what the doors of one server share."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from pusher_mock.core import RETIRED, Wire
from pusher_mock.core.logs import logger
from pusher_mock.engine import CloseConnection, Respond
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import error_frame

from .attendant import Attendant
from .settings import ServerLimits
from .webhooks import WebhookSender

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Line, Outbox
    from pusher_mock.engine import HttpRequested
    from pusher_mock.mock import PusherMock

__all__ = ["Gateway"]

_UNAVAILABLE = 503


def _nothing() -> None:
    """Nobody has begun."""


class Gateway:
    """Everything between the doors of a server and one mock.

    Args:
        mock: whom the server is for.
        limits: what a client may take.

    Attributes:
        mock: as given.
        limits: as given.
        webhooks: sends the mock's webhooks while the gateway is open, unless another server of
            the same mock does.
        leaving: called when everybody is sent away.
    """

    def __init__(self, mock: PusherMock, limits: ServerLimits | None = None) -> None:
        self.mock = mock
        self.limits = limits or ServerLimits()
        self.webhooks = self._sender()
        self.leaving: list[Callable[[], None]] = []
        self._attendant = Attendant(mock.core)
        self._wire = Wire(mock.core, self._attendant.do)
        self._boxes: dict[Outbox, None] = {}
        self._guard = Lock()
        self._open = False
        self._used = False
        self._end_webhooks: Callable[[], None] = _nothing

    def _sender(self) -> WebhookSender:
        core = self.mock.core
        return WebhookSender(core.clock, network=core.network)

    # Life cycle --------------------------------------------------------------------------------

    def open(self) -> None:
        """Be ready; again is fine. The first connection or request does it as well."""
        with self._guard:
            if not self._open:
                if self._used:
                    self.webhooks = self._sender()  # the old one has ended
                self._used = True
                self._attendant.start()
                self._end_webhooks = self._wire.send_webhooks(self.webhooks.send)
                self._open = True

    def farewell(self) -> None:
        """Close every connection with 4200, after which clients reconnect at once (facts 1.10)."""
        for leave in tuple(self.leaving):
            leave()
        for box in tuple(self._boxes):
            if self._wire.hears(box):
                self.end(box, codes.RECONNECT_NOW, texts.RECONNECT_NOW)
            else:  # the network lets nothing through to it, and the server must not wait for it
                self._wire.cut(box)

    def close(self) -> None:
        """Close every connection and stop the threads; again is fine.

        It waits for a callback or a webhook that is under way: not for an event loop.
        """
        self.farewell()
        with self._guard:
            opened, self._open = self._open, False
        if opened:
            self._end_webhooks()
            self._attendant.stop()
            self.webhooks.close()

    # Connections -------------------------------------------------------------------------------

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._boxes)

    def accept(
        self, target: str, line: Line, *, tls: bool = False, native_ping: bool = True
    ) -> Outbox | None:
        """Open a connection; the line is given what the client is to be told.

        Args:
            target: path and query of the request.
            line: takes what the client is sent.
            tls: whether the transport is encrypted.
            native_ping: whether the transport has pings of its own.

        Returns:
            Its outbox, or ``None`` when it was refused for want of room.

        Raises:
            Unreachable: the network lets nobody in.
        """
        if not self._open:
            self.open()
        if len(self._boxes) >= self.limits.connections:
            line.take(error_frame(texts.OVER_CAPACITY, codes.OVER_CAPACITY))
            line.take(CloseConnection("", codes.OVER_CAPACITY, texts.OVER_CAPACITY))
            logger.warning(
                "refused a connection: there are %d; ServerLimits(connections=) allows more",
                len(self._boxes),
            )
            return None
        try:
            box = self._wire.accept(target, line, tls=tls, native_ping=native_ping)
        except UsageError as error:  # the mock is closed, and its server not yet
            logger.warning("refused a connection: %s", error)
            line.take(RETIRED)
            return None
        self._boxes[box] = None
        return box

    def hear(self, box: Outbox, text: str | bytes) -> None:
        """A client sent a message."""
        self._wire.hear(box, text)

    def pong(self, box: Outbox) -> None:
        """A client's transport answered a ping."""
        self._wire.pong(box)

    def end(self, box: Outbox, code: int, message: str) -> None:
        """Close a connection from this side."""
        self._wire.end(box, code, message)

    def stalled(self, box: Outbox) -> None:
        """A client does not read what it is sent: end its connection. May be called under a lock.

        4100 has it come back after a pause (facts 1.10), if it ever reads that.
        """

        def end() -> None:
            logger.warning(
                "%s does not read: more than %d bytes wait for it; its connection is closed with "
                "%d (ServerLimits(backlog=))",
                box.connection,
                self.limits.backlog,
                codes.OVER_CAPACITY,
            )
            self._wire.end(box, codes.OVER_CAPACITY, texts.SLOW_READER)

        self._attendant.do(end)

    def lost(self, box: Outbox) -> None:
        """A transport is gone; again is fine."""
        self._wire.lost(box)
        self._boxes.pop(box, None)

    def lost_soon(self, box: Outbox) -> None:
        """The same from where the mock's lock may be held."""
        self._attendant.do(lambda: self.lost(box))

    # HTTP API ----------------------------------------------------------------------------------

    def request(self, happened: HttpRequested) -> Respond:
        """Answer a call of the HTTP API.

        Raises:
            Unreachable: the network has come between.
        """
        if not self._open:
            self.open()
        try:
            return self._wire.request(happened)
        except UsageError as error:  # as above
            return Respond(_UNAVAILABLE, f"{error}\n")

    def __repr__(self) -> str:
        return f"<Gateway connections={len(self._boxes)} of {self.mock!r}>"
