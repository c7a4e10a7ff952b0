"""A WebSocket connection written straight to its transport."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import Unreachable

from .frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameError,
    Incoming,
    close_frame,
    control_frame,
    parse,
    read_close,
)
from .handshake import unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Outbox
    from pusher_mock.server.gateway import Gateway

    from .board import LoopBoard

__all__ = ["WireConnection"]


def _drop(data: bytes) -> None:
    """What writes to a connection that takes nothing more."""


class WireConnection(asyncio.Protocol):
    """The server's end of one WebSocket, and the line that the core sends on.

    Args:
        gateway: where it is opened.
        board: what is sent goes through it.
        live: the server's connections, told to shut down when it ends.

    Attributes:
        board: as given.
        last_words: what is sent with the close to a client that does not read.
        stalled: whether the client does not read.
        write: sends bytes; replaced when the connection takes nothing more.
        waiting: the board's, while it flushes.
    """

    __slots__ = (
        "_box",
        "_buffer",
        "_closing",
        "_farewell",
        "_fragments",
        "_gateway",
        "_live",
        "_response",
        "_transport",
        "board",
        "last_words",
        "stalled",
        "waiting",
        "write",
    )

    def __init__(self, gateway: Gateway, board: LoopBoard, live: set[Any]) -> None:
        self.board = board
        self.write: Callable[[bytes], object] = _drop
        self.waiting: list[bytes] | None = None
        self.stalled = False
        self.last_words = b""
        self._gateway = gateway
        self._live = live
        self._box: Outbox | None = None
        self._transport: asyncio.Transport | None = None
        self._response = b""
        self._buffer = b""
        # opcode and beginning of a message that is not complete
        self._fragments: tuple[int, bytearray] | None = None
        self._closing = False
        self._farewell: asyncio.TimerHandle | None = None

    def start(
        self, transport: asyncio.Transport, response: bytes, target: str, rest: bytes
    ) -> None:
        """Take over a transport whose handshake was read.

        Args:
            transport: the transport.
            response: the answer to the handshake; it goes out with the first frame, or another one
                in its place where the network lets nobody in.
            target: path and query of the handshake.
            rest: what came behind the handshake.
        """
        self._transport = transport
        self.write = transport.write
        self._live.add(self)
        transport.set_write_buffer_limits(high=self._gateway.limits.backlog)
        transport.set_protocol(self)
        self._response = response
        tls = transport.get_extra_info("sslcontext") is not None
        try:
            self._box = self._gateway.accept(target, cast("Any", self), tls=tls)
        except Unreachable as error:
            self.write = _drop
            self._closing = True
            transport.write(unavailable(str(error)))
            transport.close()
            self._cut_off_later()
            return
        if self._response:  # a connection that is silent from the start
            with self._gateway.mock.core.lock:
                self._greet()
        if rest:
            self.data_received(rest)

    def _greet(self) -> None:
        """Answer the handshake, unless it has been answered."""
        response, self._response = self._response, b""
        if response:
            self.board.put(self, response)

    # The core's end ----------------------------------------------------------------------------

    def take(self, item: Any) -> None:
        """Send a frame, a ping or a close; see ``pusher_mock.core.Line``."""
        if self._response:
            self._greet()
        self.board.put(self, item)

    def write_last(self, data: bytes) -> None:
        """Send the close, then wait for the client's, but not for ever."""
        if self._transport is None or self._closing:
            return
        self._transport.write(self.last_words + data)
        self.write = _drop
        self._closing = True
        self._cut_off_later()

    def cut(self) -> None:
        """End as when a cable is pulled: what was not sent yet is lost, and there is no close."""
        self.write = _drop
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def _cut_off_later(self) -> None:
        """Do not wait for a client for ever."""
        if self._transport is not None and self._farewell is None:
            self._farewell = asyncio.get_running_loop().call_later(
                self._gateway.limits.farewell, self._transport.abort
            )

    def shutdown(self) -> None:
        """The server ends: nobody is left to wait for."""
        if self._transport is not None:
            self._transport.close()
            self._cut_off_later()

    # The transport's end -----------------------------------------------------------------------

    def pause_writing(self) -> None:
        """The client does not read: drop what comes, and end the connection."""
        self.write = _drop
        if self._box is not None and not self._closing and not self.stalled:
            self.stalled = True
            self._gateway.stalled(self._box)

    def resume_writing(self) -> None:
        """It reads again, but has missed something: it is ended all the same."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up what the connection holds."""
        self.write = _drop
        self._closing = True
        self._transport = None
        self._live.discard(self)
        if self._farewell is not None:
            self._farewell.cancel()
        # Outbox and connection hold each other: with churn that would be left to the collector.
        box, self._box = self._box, None
        if box is not None:
            self._gateway.lost(box)

    def data_received(self, data: bytes) -> None:
        """Read frames, in whatever pieces they come."""
        buffer = self._buffer + data if self._buffer else data
        at, size, limit = 0, len(buffer), self._gateway.limits.frame
        try:
            while at < size:
                frame = parse(buffer, at, limit)
                if frame is None:
                    break
                at = frame.end
                self._handle(frame)
                if self._transport is None:
                    return
        except FrameError as error:
            self._fail(error)
            return
        self._buffer = buffer[at:] if at < size else b""

    def _handle(self, frame: Incoming) -> None:
        opcode = frame.opcode
        if opcode == CLOSE:
            self._close_received(frame.payload)
        elif self._closing or self._box is None:
            return  # it has not read the close yet
        elif opcode == TEXT and frame.final and self._fragments is None:
            self._gateway.hear(self._box, _text(frame.payload))
        elif opcode == PING:
            if self._gateway.mock.core.network.hears(self._box.connection):
                self.write(control_frame(PONG, frame.payload))
        elif opcode == PONG:
            self._gateway.pong(self._box)
        else:
            self._fragment(self._box, frame)

    def _fragment(self, box: Outbox, frame: Incoming) -> None:
        """A message in several frames, or a binary one."""
        if (frame.opcode == CONTINUATION) != (self._fragments is not None):
            raise FrameError(codes.PROTOCOL_ERROR, "Frames of two messages are mixed")
        opcode, message = self._fragments or (frame.opcode, bytearray())
        self._fragments = opcode, message
        message += frame.payload
        if len(message) > self._gateway.limits.frame:
            raise FrameError(codes.MESSAGE_TOO_BIG, "Message too big")
        if frame.final:
            self._fragments = None
            self._gateway.hear(box, bytes(message) if opcode == BINARY else _text(message))

    def _close_received(self, payload: bytes) -> None:
        assert self._transport is not None
        if not self._closing:
            code = read_close(payload)
            self._transport.write(close_frame(code))
            self._closing = True
        self.write = _drop
        # It is gone for everybody from now on, however long it takes to read what is on its way.
        if self._box is not None:
            self._gateway.lost(self._box)
        self._transport.close()
        self._cut_off_later()

    def _fail(self, error: FrameError) -> None:
        """Close with a code of RFC 6455's own; no Pusher client understands an event here."""
        self._buffer = b""
        if self._transport is None or self._closing:
            return
        if self._box is not None:
            self._gateway.lost(self._box)
        self.write_last(close_frame(error.code, error.reason))


def _text(payload: bytes | bytearray) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise FrameError(codes.INVALID_DATA, "The message is not UTF-8") from None
