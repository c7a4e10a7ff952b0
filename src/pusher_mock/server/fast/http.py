"""uvicorn's HTTP protocol, with two short cuts: WebSocket upgrades, and publishing."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pusher_mock.engine import HttpRequested
from pusher_mock.protocol import texts
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.server.http_api import ABORT, SILENCE, content_type
from pusher_mock.server.private import comes_from_a_page, is_foreign_host
from pusher_mock.server.targets import parameters_of

from .board import LoopBoard
from .connection import WireConnection
from .handshake import is_upgrade, read_handshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from pusher_mock.server.gateway import Gateway

__all__ = ["Doorman", "doorman_for"]

_HEAD_END = b"\r\n\r\n"
_HOT = b"POST /apps/"
_OK = 200
_NOTHING_TO_SAY = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
)
_HEAD_TOO_LONG = (
    "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    f"content-length: {len(texts.HEAD_TOO_LARGE) + 1}\r\nconnection: close\r\n\r\n"
    f"{texts.HEAD_TOO_LARGE}\n"
).encode()
_STRANGER = 10.0  # seconds that a connection has to say what it wants
_STATUS = {one.value: one.phrase.encode() for one in HTTPStatus}
_STATUS[413] = b"Content Too Large"  # another word in Python 3.11


class Doorman(asyncio.Protocol):
    """Looks at the first bytes of a connection and decides whose it is.

    A WebSocket never gets near an HTTP parser that way, which makes accepting twice as fast.
    """

    __slots__ = ("_board", "_gateway", "_head", "_options", "_transport")

    def __init__(self, gateway: Gateway, board: LoopBoard, options: dict[str, Any]) -> None:
        self._gateway = gateway
        self._board = board
        self._options = options
        self._transport: asyncio.Transport | None = None
        self._head = b""

    @property
    def _live(self) -> set[Any]:
        live: set[Any] = self._options["server_state"].connections
        return live

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes."""
        self._transport = transport  # type: ignore[assignment]
        self._live.add(self)
        self._board.welcome(self, self._gateway.limits.connections, _STRANGER)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody came in."""
        self._live.discard(self)
        self._board.strangers.pop(self, None)

    def shutdown(self) -> None:
        """The server ends."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Hand the connection on, as soon as it is clear to whom."""
        transport = self._transport
        assert transport is not None
        head = self._head + data if self._head else data
        end = head.find(_HEAD_END)
        if end < 0 and b"GET ".startswith(head[:4]) and len(head) <= self._gateway.limits.headers:
            self._head = head  # it may yet become an upgrade
            return
        self._head = b""
        self._live.discard(self)
        self._board.strangers.pop(self, None)
        if end < 0 or not is_upgrade(head[: end + 4]):
            http = FastHttp(self._gateway, **self._options)
            transport.set_protocol(http)
            http.connection_made(transport)
            http.data_received(head)
            return
        answer = read_handshake(head[: end + 4])
        if answer.target is None:
            transport.write(answer.response)
            transport.close()
        else:
            connection = WireConnection(self._gateway, self._board, self._live)
            connection.start(transport, answer.response, answer.target, head[end + 4 :])


class FastHttp(HttpToolsProtocol):
    """Answers requests that publish by itself, and leaves everything else to uvicorn and ASGI."""

    def __init__(self, gateway: Gateway, **options: Any) -> None:
        super().__init__(**options)
        self._gateway = gateway
        self._held = b""
        self._parsing = self._heading = False
        self._head = 0  # bytes of a head that is not complete
        self._active_at = 0.0
        self._address = ""
        self._silent = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the address that requests come to."""
        super().connection_made(transport)
        self._address = self.server[0] if self.server is not None else ""

    def on_message_begin(self) -> None:
        """Uvicorn's parser is at work from here ..."""
        self._parsing = self._heading = True
        super().on_message_begin()
        extensions: dict[str, Any] = {ABORT: self.transport.abort}
        self.scope["extensions"] = extensions

    def on_headers_complete(self) -> None:
        """The head was not too long."""
        self._heading, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """... to here."""
        self._parsing = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Answer what publishes, as far as it is complete."""
        if self._silent:
            return
        if self._held:
            data, self._held = self._held + data, b""
        while data.startswith(_HOT) and self._idle():
            end = data.find(_HEAD_END)
            size = _hot_body(data[:end], self._address) if end >= 0 else None
            if size is None or size > self._gateway.limits.body:
                break
            end += len(_HEAD_END)
            if len(data) - end < size:
                self._held = data  # requests and http.client send the body by itself
                return
            try:
                self._answer(data[: data.index(b"\r\n")], data[end : end + size])
            except Unreachable as error:
                self._let_down(error)
                return
            data = data[end + size :]
            if not data:
                return
        super().data_received(data)
        if self._heading:
            self._head += len(data)
            if self._head > self._gateway.limits.headers and not self.transport.is_closing():
                self._heading = False
                self.transport.write(_HEAD_TOO_LONG)
                self.transport.close()

    def _idle(self) -> bool:
        cycle: Any = self.cycle  # uvicorn's annotation hides that there is none at first
        answered = cycle is None or cycle.response_complete
        return answered and not self._parsing and not self.flow.write_paused

    def _answer(self, line: bytes, body: bytes) -> None:
        target = line[len(b"POST ") : -len(b" HTTP/1.1")]
        path, _, query = target.partition(b"?")
        answer = self._gateway.request(
            HttpRequested("POST", path.decode("latin-1"), parameters_of(query), body)
        )
        if answer.body == "{}" and answer.status == _OK:
            self.transport.write(_NOTHING_TO_SAY)
        else:
            content = answer.body.encode()
            allow = f"allow: {answer.allow}\r\n".encode() if answer.allow else b""
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\n%bcontent-length: %d\r\n\r\n%b"
                % (
                    answer.status,
                    _STATUS.get(answer.status, b""),
                    content_type(answer.status),
                    allow,
                    len(content),
                    content,
                )
            )
        self.server_state.total_requests += 1
        self._active_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _let_down(self, error: Unreachable) -> None:
        """The network has come between: no connection, or no answer as long as they wait."""
        if error.kind == "timeout":
            self._silent = True
            self.loop.call_later(SILENCE, self.transport.abort)
        else:
            self.transport.abort()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that nobody uses; one timer for all its requests."""
        left = self._active_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                left, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()


def _hot_body(head: bytes, server: str) -> int | None:
    """The length of the body, or ``None`` for a request that uvicorn had better look at."""
    lines = head.split(b"\r\n")
    ends = len(lines) - 1
    if head.count(b"\n") != ends or head.count(b"\r") != ends or b"\0" in head:
        return None
    if not lines[0].endswith(b" HTTP/1.1") or len(lines[0].split(b" ")) != _WORDS:
        return None
    size: int | None = None
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if b" " in name or b"\t" in name:
            return None  # folded, or not a name at all: parsers differ in what they make of it
        name = name.lower()
        if name == b"content-length":
            value = value.strip()
            if size is not None or not value.isdigit() or len(value) > _DIGITS:
                return None
            size = int(value)
        elif name == b"connection":
            if value.strip().lower() != b"keep-alive":
                return None
        elif name == b"host":
            if is_foreign_host(value.strip(), server):
                return None
        elif name in _NOT_HOT or not colon or comes_from_a_page(name):
            return None
    return size


_WORDS = 3  # of a request line
_DIGITS = 9
_NOT_HOT = frozenset({b"transfer-encoding", b"expect", b"upgrade"})


def doorman_for(gateway: Gateway) -> Callable[..., Doorman]:
    """What uvicorn takes as ``http=``.

    Args:
        gateway: whose doors these are.

    Returns:
        A factory with the parameters of uvicorn's own protocol classes.
    """
    made: dict[asyncio.AbstractEventLoop, tuple[LoopBoard, dict[str, Any]]] = {}

    def make(
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> Doorman:
        loop = _loop or asyncio.get_running_loop()
        shared = made.get(loop)
        if shared is None:
            options = {
                "config": config,
                "server_state": server_state,
                "app_state": app_state,
                "_loop": loop,
            }
            shared = made[loop] = LoopBoard(loop), options
        return Doorman(gateway, *shared)

    return make
