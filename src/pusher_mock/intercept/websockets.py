"""The door of websockets: where its clients open their connections, by threads and by asyncio.

Version 17 opens and encrypts in methods of their own; 13 to 16 do it inside ``connect()``, where
the synchronous client is given a socket as an application might give it one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .forwarding import open_socket, open_transport
from .routing import Forward
from .seams import Seam
from .visits import Claim, ask

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEAMS"]

_DOOR = "websocket"
_SYNC = "websockets.sync.client"
_ASYNCIO = "websockets.asyncio.client"
_OWN_WAY = ("unix", "sock", "host", "port", "path", "address")  # it is told where to connect


def _whom(uri: str, options: dict[str, Any]) -> Claim | None:
    """Who takes a connection, unless the application has said where it really goes."""
    if any(options.get(name) is not None for name in _OWN_WAY):
        return None
    return ask(_DOOR, urlsplit(uri))


def _open(claim: Claim, timeout: float | None) -> Any:
    from .peer_socket import PeerSocket

    if isinstance(claim.whom, Forward):
        return open_socket(claim, claim.whom, timeout)
    return PeerSocket(claim)


async def _open_asyncio(claim: Claim, factory: Callable[[], Any]) -> Any:
    from .peer_transport import connect

    if isinstance(claim.whom, Forward):
        return await open_transport(claim, claim.whom, factory)
    protocol = factory()
    connect(claim, protocol)
    return protocol


# By threads ---------------------------------------------------------------------------------------


def _open_socket(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of version 17: what is opened here is remembered, so that it is not encrypted."""

    def open_socket(self: Any, deadline: Any) -> Any:
        claim = _whom(self.uri, self.open_socket_kwargs)
        self._pusher_mock_socket = None
        if claim is None:
            return original(self, deadline)
        opened = _open(claim, deadline.timeout())
        opened.settimeout(None)
        self._pusher_mock_socket = opened
        return opened

    return open_socket


def _enable_tls(original: Callable[..., Any]) -> Callable[..., Any]:
    def enable_tls(self: Any, sock: Any, deadline: Any) -> Any:
        if sock is getattr(self, "_pusher_mock_socket", None):
            return sock
        return original(self, sock, deadline)

    return enable_tls


class _Plain:
    """Stands for an ``SSLContext`` where there is nothing to encrypt."""

    def wrap_socket(self, sock: Any, server_hostname: str | None = None) -> Any:
        return sock


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of versions 13 to 16; in 17 it is left alone, for what it calls is caught."""

    def connect(uri: str, **options: Any) -> Any:
        claim = _whom(uri, options)
        if claim is None:
            return original(uri, **options)
        opened = _open(claim, options.get("open_timeout", 10))
        options.pop("ssl_context", None)
        options["ssl"] = _Plain() if claim.tls else None
        return original(uri, sock=opened, **options)

    return original if hasattr(sys.modules[_SYNC], "reconnect") else connect


# By asyncio ---------------------------------------------------------------------------------------


def _open_connection(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of every version with ``websockets.asyncio``."""

    async def open_connection(self: Any) -> Any:
        options = getattr(self, "create_connection_kwargs", None)
        claim = _whom(self.uri, self.connection_kwargs if options is None else options)
        if claim is None:
            return await original(self)
        if hasattr(self, "ws_uri"):
            return await _open_asyncio(claim, lambda: self.factory(self.ws_uri))
        uri = sys.modules["websockets.uri"].parse_uri(self.uri)
        return await _open_asyncio(claim, lambda: self.protocol_factory(uri))

    return open_connection


def _open_legacy(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of ``websockets.legacy``: it is told how to connect for this one time."""

    async def open_legacy(self: Any) -> Any:
        before = self._create_connection
        claim = None if _is_led_elsewhere(before, self._wsuri) else _whom(self._uri, {})
        if claim is None:
            return await original(self)
        taken = claim

        async def create() -> Any:
            protocol = await _open_asyncio(taken, before.args[0])
            return protocol.transport, protocol

        self._create_connection = create
        try:
            return await original(self)
        finally:
            self._create_connection = before

    return open_legacy


def _is_led_elsewhere(create: Any, uri: Any) -> bool:
    """Whether a socket, a Unix socket or another host was given."""
    return tuple(create.args[1:]) != (uri.host, uri.port)


SEAMS = (
    Seam(_SYNC, "reconnect.open_socket", _open_socket, optional=True),
    Seam(_SYNC, "reconnect.enable_tls", _enable_tls, optional=True),
    Seam(_SYNC, "connect", _connect, tolerant=True),
    Seam(_ASYNCIO, "connect.open_tcp_connection", _open_connection, optional=True),
    Seam(_ASYNCIO, "connect.create_connection", _open_connection, optional=True),
    Seam("websockets.legacy.client", "Connect.__await_impl__", _open_legacy, optional=True),
)
