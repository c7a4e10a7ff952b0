"""The other end of a connection that stays in this process: bytes in, bytes out, no I/O."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from pusher_mock.core import RETIRED, Core
from pusher_mock.core.forks import INNER, hold
from pusher_mock.core.readers import add
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame
from pusher_mock.server.fast.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    FrameError,
    Incoming,
    close_frame,
    control_frame,
    parse,
    read_close,
    text_frame,
)
from pusher_mock.server.fast.handshake import is_upgrade, read_handshake, unavailable
from pusher_mock.server.settings import ServerLimits

from .http_peer import HttpPeer, origin_form
from .visits import enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pusher_mock.core import Outbox

    from .visits import Claim

__all__ = ["Client", "Peer"]

_HEAD_END: Final = b"\r\n\r\n"
# RFC 6455, 7.4.1: the endpoint goes away. With 4200 a client would come back at once, and when a
# test is over that would be to the real service.
_GOING_AWAY: Final = 1001
_LIMIT: Final = ServerLimits().frame


class Client(Protocol):
    """The end that the library holds. Called by any thread, also with the core's lock held."""

    def put(self, data: bytes) -> None:
        """Let the library read this; must not wait, raise, or call the core."""
        ...

    def end(self) -> None:
        """Nothing follows; likewise."""
        ...

    def at_rest(self, caller: int) -> bool:
        """See ``pusher_mock.core.readers.Reader``."""
        ...


class _MemoryBoard:
    """Connections in memory have nothing to share."""

    def fan_out(self, frame: Frame, lines: Sequence[Peer]) -> None:
        for line in lines:
            line.take(frame)


def _nothing() -> None:
    """Nobody wants to know."""


class Peer:
    """Answers one request of the HTTP API, or takes a WebSocket's handshake and is its other end.

    Args:
        claim: who has taken the connection; a mock.
        client: the end that the library holds.
        retired: called when the mock lets go of the connection, before the client can know; it
            must not wait, raise, or call the core.
        left: called when the client has closed a WebSocket.
        unreachable: told that no answer comes to a call of the HTTP API, just before the end.

    Attributes:
        board: see ``pusher_mock.core.Line``.
    """

    board = _MemoryBoard()

    def __init__(
        self,
        claim: Claim,
        client: Client,
        *,
        retired: Callable[[], None] = _nothing,
        left: Callable[[], None] = _nothing,
        unreachable: Callable[[Unreachable], None] | None = None,
    ) -> None:
        assert isinstance(claim.whom, Core)
        self._core = claim.whom
        self._claim = claim
        self._client = client
        self._retired = retired
        self._left = left
        self._unreachable = unreachable
        self._head = b""  # the answer to the handshake, which goes out before the first frame
        self._incoming: deque[bytes] = deque()
        self._reading = Lock()
        self._writing = hold(Lock(), INNER)
        self._buffer = b""
        self._http: HttpPeer | None = None
        self._box: Outbox | None = None
        self._upgraded = False
        # opcode and beginning of a message that is not complete
        self._fragments: tuple[int, bytearray] | None = None
        self._closing = False  # the close is sent, or the answer
        self._over = False

    # The client's end --------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """The client sends bytes, in whatever pieces.

        What they bring about is done when this returns, unless another thread, or an outer call
        of this one, is handling what came before: then that one does it. Nobody waits.

        Raises:
            UsageError: the mock is closed.
        """
        self._incoming.append(data)
        while self._incoming and self._reading.acquire(blocking=False):
            try:
                while self._incoming:
                    self._read(self._incoming.popleft())
            finally:
                self._reading.release()

    def lost(self) -> None:
        """The client has closed its end; what was under way is lost. Again is fine."""
        if self._over:
            return
        self._over = True
        self._hang_up()
        if self._upgraded:
            self._left()
        self._client.end()

    def _hang_up(self) -> None:
        leave(self)
        box, self._box = self._box, None
        if box is not None:
            self._core.hang_up(box, _nothing)

    # The mock's end ----------------------------------------------------------------------------

    def take(self, item: Any) -> None:
        """Send a frame, a ping or a close; see ``pusher_mock.core.Line``."""
        if item is RETIRED:
            leave(self)
            self._retired()
            self._write(close_frame(_GOING_AWAY), last=True)
        elif item.__class__ is CloseConnection:
            leave(self)
            if item.code == codes.ABNORMAL_CLOSURE:
                self._cut()
            else:
                self._write(close_frame(item.code, item.reason), last=True)
        elif item.__class__ is Frame:
            self._write(text_frame(item.text.encode()))
        else:
            self._write(control_frame(PING))

    def dismiss(self) -> None:
        """No interception has it any more: end as if the mock were gone."""
        self.take(RETIRED)
        self._hang_up()

    def wait(self) -> None:
        """Whoever reads it reads the close, sooner or later."""

    def _write(self, data: bytes, *, last: bool = False) -> None:
        with self._writing:
            if not self._closing:
                self._closing = last
                head, self._head = self._head, b""
                for part in filter(None, (head, data)):
                    self._client.put(part)

    def _cut(self) -> None:
        """A cable is pulled: nothing follows, not even a close."""
        with self._writing:
            self._closing = True
        self._client.end()

    # Reading -----------------------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        if self._over:
            return
        if self._http is not None:
            self._read_request(self._http, data)
            return
        self._buffer += data
        if not self._upgraded:
            self._read_head()
        if self._upgraded:
            self._read_frames()

    def _read_head(self) -> None:
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        end += len(_HEAD_END)
        head, rest = self._buffer[:end], self._buffer[end:]
        if not is_upgrade(head):
            data, self._buffer = self._buffer, b""
            self._http = HttpPeer(self._core, self._write)
            self._read_request(self._http, data)
            return
        handshake = read_handshake(head)
        if handshake.target is None:
            self._write(handshake.response)
            self.lost()
            return
        self._buffer = rest
        self._upgraded = True
        enter(self, self._claim)
        add(self._core, self._client)
        self._head = handshake.response
        target, claim = origin_form(handshake.target), self._claim
        try:
            self._box = self._core.open_line(target, self, tls=claim.tls, implicit=claim.implicit)
        except Unreachable as error:
            self._head = b""
            self._write(unavailable(str(error)), last=True)
            self.lost()
        finally:
            if self._box is None or self._closing:  # refused, or dismissed at this very moment
                self._hang_up()
        if self._head:  # a connection that is silent from the start
            self._write(b"")

    def _read_request(self, http: HttpPeer, data: bytes) -> None:
        try:
            answered = http.receive(data)
        except Unreachable as error:
            if self._unreachable is not None:
                self._unreachable(error)
            answered = True
        if answered:
            self.lost()

    def _read_frames(self) -> None:
        buffer, at = self._buffer, 0
        self._buffer = b""
        try:
            while not self._over:
                frame = parse(buffer, at, _LIMIT)
                if frame is None:
                    self._buffer = buffer[at:]
                    return
                at = frame.end
                self._handle(frame)
        except FrameError as error:
            self._write(close_frame(error.code, error.reason), last=True)
            self.lost()

    def _handle(self, frame: Incoming) -> None:
        opcode, box = frame.opcode, self._box
        if opcode == CLOSE:
            if not self._closing:
                self._write(close_frame(read_close(frame.payload)), last=True)
            self.lost()
        elif self._closing or box is None:
            return  # it has not read the close yet
        elif opcode == PING:
            if self._core.network.hears(box.connection):
                self._write(control_frame(PONG, frame.payload))
        elif opcode == PONG:
            self._core.pong(box)
        else:
            self._message(box, frame)

    def _message(self, box: Outbox, frame: Incoming) -> None:
        """A message, or a part of one."""
        if (frame.opcode == CONTINUATION) != (self._fragments is not None):
            raise FrameError(codes.PROTOCOL_ERROR, "Frames of two messages are mixed")
        opcode, message = self._fragments or (frame.opcode, bytearray())
        message += frame.payload
        self._fragments = None if frame.final else (opcode, message)
        if len(message) > _LIMIT:
            raise FrameError(codes.MESSAGE_TOO_BIG, "Message too big")
        if frame.final:
            self._core.send(box, bytes(message) if opcode == BINARY else _text(message))

    def __repr__(self) -> str:
        state = "over" if self._over else "closing" if self._closing else "open"
        return f"<Peer of {self._claim.host}:{self._claim.port} {state}>"


def _text(message: bytearray) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError:
        raise FrameError(codes.INVALID_DATA, "The message is not UTF-8") from None
