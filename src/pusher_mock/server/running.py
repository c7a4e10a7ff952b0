"""uvicorn, set up for this application: the socket, the options, the order of stopping."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import uvicorn

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .app import PusherApp

__all__ = ["UvicornServer", "bind", "configure"]

_BACKLOG = 2_048
_TICK = 0.1  # seconds, uvicorn's own
_TURN = 0.01
_PATIENCE = 50  # turns that clients have to take their leave


def bind(host: str, port: int) -> socket.socket:
    """Take a port, any free one for 0.

    Raises:
        UsageError: it is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(_BACKLOG)
    except OSError as error:
        taken.close()
        raise UsageError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; "
            "give another port, 0 for any that is free, or stop what listens there"
        ) from None
    return taken


def configure(app: PusherApp, *, fast: bool = True, **options: Any) -> uvicorn.Config:
    """The options of uvicorn that this application wants.

    Args:
        app: the application.
        fast: serve WebSockets and publishing past ASGI.
        **options: further ones, as in ``uvicorn.Config``; they win.
    """
    limits = app.gateway.limits
    wanted: dict[str, Any] = {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": False,
        "lifespan": "on",
        "ws_max_size": limits.frame,
        "ws_per_message_deflate": False,  # facts/performance: two to four times the price
        "ws_ping_interval": None,  # the engine asks by itself (facts 1.12.3)
        "timeout_graceful_shutdown": 3,
        "backlog": _BACKLOG,
        "timeout_keep_alive": 75,
    }
    if fast:
        from .fast.http import doorman_for

        wanted["http"] = doorman_for(app.gateway)
    return uvicorn.Config(app, **{**wanted, **options})


class UvicornServer(uvicorn.Server):
    """Says when it listens, stops without waiting for a tick, and closes connections with 4200.

    Args:
        config: from ``configure``.
        app: the application.
        started: called when it answers.
    """

    def __init__(self, config: uvicorn.Config, app: PusherApp, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._started = started
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End soon; from any thread."""
        self.should_exit = True
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._stop.set)
            except RuntimeError:  # it has ended already
                return

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)  # exits when the application cannot start
        self._started()

    async def main_loop(self) -> None:
        """Wait for the end, with uvicorn's ticks."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            try:
                await asyncio.wait_for(self._stop.wait(), _TICK)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in any more, send everybody away with 4200, then end."""
        for server in self.servers:
            server.close()
        gateway = self._app.gateway
        gateway.farewell()
        for _ in range(_PATIENCE):
            if not gateway.connections:
                break
            await asyncio.sleep(_TURN)
        await self._cut()
        await super().shutdown(sockets)

    async def _cut(self) -> None:
        """End what is closing already: uvicorn would close it once more, and fail at that."""
        connections = self.server_state.connections
        closing = {one for one in connections if _is_closing(one)}
        for connection in closing:
            connection.transport.abort()
        for _ in range(_PATIENCE):  # they leave the set by themselves, a turn or two later
            if connections.isdisjoint(closing):
                break
            await asyncio.sleep(0)


def _is_closing(connection: Any) -> bool:
    """Whether it has been closed and waits for nothing but a client that reads."""
    transport = getattr(connection, "transport", None)
    state = getattr(getattr(connection, "conn", None), "state", None)
    if transport is None or state is None or state.name not in {"CLOSING", "CLOSED"}:
        return False
    return bool(transport.is_closing() or transport.get_write_buffer_size())
