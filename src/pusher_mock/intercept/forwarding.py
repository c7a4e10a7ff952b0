"""Connections that are sent to a local server, and end with the interception that sends them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import ref

from .visits import enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from .routing import Forward
    from .visits import Claim

__all__ = ["ForwardedSocket", "ForwardedTransport", "Unencrypted", "open_socket", "open_transport"]


class ForwardedSocket:
    """A real socket of a library that blocks.

    Args:
        opened: the socket; the library keeps it.
    """

    def __init__(self, opened: socket.socket) -> None:
        self._opened = ref(opened)

    def dismiss(self) -> None:
        """Shut it down, which its reader notices."""
        opened = self._opened()
        if opened is not None:
            with suppress(OSError):  # it is closed already
                opened.shutdown(socket.SHUT_RDWR)

    def wait(self) -> None:
        """Whoever reads it notices, sooner or later."""


class ForwardedTransport:
    """A real transport of a library on an event loop.

    Args:
        transport: the transport; the library keeps it.
        loop: its loop.
    """

    def __init__(self, transport: asyncio.BaseTransport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = ref(transport)
        self._loop = loop

    def dismiss(self) -> None:
        """Close it, on its own thread."""
        transport = self._transport()
        if transport is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(transport.close)

    def wait(self) -> None:
        """Its loop does it, sooner or later."""


class Unencrypted:
    """A plain socket for a library that believes it has an encrypted one.

    Args:
        opened: the socket.
    """

    def __init__(self, opened: socket.socket) -> None:
        self._opened = opened

    def pending(self) -> int:
        """Bytes that were decrypted and not read: none, what there is a selector can see."""
        return 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)


def open_socket(claim: Claim, forward: Forward, timeout: float | None) -> socket.socket:
    """Connect to the local server.

    Args:
        claim: what ends the connection when it does not stand any more.
        forward: the server.
        timeout: seconds, or ``None`` to wait for ever.

    Raises:
        OSError: there is no server.
    """
    opened = socket.create_connection((forward.host, forward.port), timeout)
    if forward.scheme == "https":
        context = ssl.create_default_context()
        opened = context.wrap_socket(opened, server_hostname=forward.host)
    enter(ForwardedSocket(opened), claim)
    return opened


async def open_transport(
    claim: Claim,
    forward: Forward,
    factory: Callable[[], Any],
    context: ssl.SSLContext | None = None,
) -> Any:
    """Likewise on the running event loop.

    Args:
        claim: what ends the connection when it does not stand any more.
        forward: the server.
        factory: makes the library's protocol.
        context: what the library would encrypt with, if it has said.

    Returns:
        The protocol.

    Raises:
        OSError: there is no server.
    """
    loop = asyncio.get_running_loop()
    encrypted = (context or ssl.create_default_context()) if forward.scheme == "https" else None
    transport, protocol = await loop.create_connection(
        factory, forward.host, forward.port, ssl=encrypted
    )
    enter(ForwardedTransport(transport, loop), claim)
    return protocol
