"""A page's WebSocket that is led to a local server, by a thread of this process.

Playwright connects a WebSocket to the address that the page has asked for, or not at all.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

import websocket

from pusher_mock.core.logs import logger
from pusher_mock.protocol import codes

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from pusher_mock.intercept.routing import Forward

__all__ = ["Relay"]

_PATIENCE_S = 5
_GOING_AWAY = 1001  # RFC 6455, 7.4.1; a client comes back after a while (facts 1.10)
_SCHEMES = {"http": "ws", "https": "wss"}
_CODE = struct.Struct("!H")


class Relay:
    """Passes messages on, both ways, as they are.

    Made, and called, on Playwright's event loop.

    Args:
        forward: the server.
        route: Playwright's end of the WebSocket.
        loop: Playwright's event loop.
        close: closes a route with a code and a reason, without being waited for.
    """

    def __init__(
        self,
        forward: Forward,
        route: Any,
        loop: AbstractEventLoop,
        close: Callable[[Any, int, str], None],
    ) -> None:
        self._forward = forward
        self._route = route
        self._loop = loop
        self._close = close
        self._closed = False
        self._hung_up = False
        self._socket: Any = websocket.WebSocket()

    def open(self, target: str, **_: Any) -> None:
        """Connect to the server, on a thread of its own.

        Args:
            target: path and query of the URL.
        """
        url = f"{_SCHEMES[self._forward.scheme]}://{self._forward.netloc}{target}"
        Thread(target=self._run, args=(url,), name="pusher-mock-page", daemon=True).start()

    def _run(self, url: str) -> None:
        code, reason = _GOING_AWAY, ""
        try:
            self._socket.connect(url, timeout=_PATIENCE_S, suppress_origin=True)
            self._socket.settimeout(None)
            if not self._hung_up:
                code, reason = self._read()
        except (OSError, websocket.WebSocketException) as error:
            if not self._hung_up:
                logger.warning("a page's connection to %s: %s", self._forward.url, error)
        finally:
            self._socket.shutdown()
        self._soon(lambda: self._end(code, reason))

    def _read(self) -> tuple[int, str]:
        """Pass on what the server sends; returns the code and the reason that it closes with."""
        while True:
            kind, data = self._socket.recv_data()
            if kind == websocket.ABNF.OPCODE_CLOSE:
                if len(data) < _CODE.size:
                    return codes.NORMAL_CLOSURE, ""
                return _CODE.unpack_from(data)[0], data[_CODE.size :].decode()
            self._pass_on(data.decode())

    def _pass_on(self, text: str) -> None:
        self._soon(lambda: None if self._closed else self._route.send(text))

    def _soon(self, job: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # Playwright has ended, and every page with it
            self._loop.call_soon_threadsafe(job)

    def _end(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._close(self._route, code, reason)

    def hear(self, message: str | bytes) -> None:
        """The page sends a message; it does so when it was greeted."""
        with suppress(OSError, websocket.WebSocketException):  # the reader tells the page
            if isinstance(message, str):
                self._socket.send(message)
            else:
                self._socket.send_binary(message)

    def closed(self, code: int | None, reason: str | None) -> None:
        """The page has closed it, or is gone."""
        self.hang_up()
        self._end(code or codes.NORMAL_CLOSURE, reason or "")

    def hang_up(self) -> None:
        """The connection ends for the server."""
        self._hung_up = True  # first: the thread may be about to connect
        with suppress(OSError, websocket.WebSocketException):  # it has ended
            self._socket.send_close()
            if self._socket.sock is not None:
                self._socket.sock.shutdown(socket.SHUT_RDWR)
