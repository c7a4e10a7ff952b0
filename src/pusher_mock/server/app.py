"""The server as an ASGI application."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Thread
from typing import TYPE_CHECKING

import anyio
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from pusher_mock.core import current, facade_of

from .control import EVENTS, RESET, STATE, Control
from .fallback import Fallback
from .gateway import Gateway
from .http_api import HttpApi
from .lines import call_soon_from_anywhere
from .tail import PATH as TAIL
from .tail import Tails
from .websocket import websocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from pusher_mock.mock import PusherMock

    from .settings import ServerLimits

__all__ = ["PusherApp", "create_app"]

_API = "/apps/"


class PusherApp(Starlette):
    """One mock on the wire.

    Attributes:
        gateway: what its doors share; ``gateway.webhooks`` has the log of deliveries.
    """

    def __init__(self, gateway: Gateway) -> None:
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            gateway.open()
            yield
            # It waits for callbacks and webhooks that are under way.
            closed, call_soon = anyio.Event(), call_soon_from_anywhere()

            def close() -> None:
                gateway.close()
                call_soon(closed.set)

            Thread(target=close, name="pusher-mock closing").start()
            await closed.wait()

        fallback = Fallback(gateway)
        tails = Tails(gateway.mock.core)
        gateway.leaving.append(tails.end)
        routes = [
            Route("/health", _health),
            Route(TAIL, tails),
            *[Route(path, Control(gateway.mock, path)) for path in (STATE, EVENTS, RESET)],
            *fallback.routes,
        ]
        super().__init__(routes=routes, lifespan=lifespan)
        self.gateway = gateway
        self._api = HttpApi(gateway)
        self.router.default = self._elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; that for the HTTP API before anything is looked up, as it is hot."""
        if scope["type"] == "http" and scope["path"].startswith(scope.get("root_path", "") + _API):
            await self._api(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def _elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await websocket(self.gateway, scope, receive, send)
        else:
            await self._api(scope, receive, send)


async def _health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


def create_app(mock: PusherMock | None = None, *, limits: ServerLimits | None = None) -> PusherApp:
    """Make the ASGI application that speaks Pusher Channels for a mock.

    It may be mounted in another application; clients then need the prefix in ``wsPath`` and
    ``httpPath``. Mounted applications are not told of start and end: call ``app.gateway.close()``
    when yours ends.

    Args:
        mock: the mock, which doubles in this process may use at the same time; the current one
            otherwise.
        limits: what a client may take.

    Returns:
        A Starlette application.
    """
    if mock is None:
        mock = facade_of(current())
    assert mock is not None
    return PusherApp(Gateway(mock, limits))
