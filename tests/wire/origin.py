"""An application's own web server: pages, the endpoints that sign, and one that takes webhooks."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from compat import override
from compat.starlette import pusher_routes
from pusher_mock.protocol.defaults import KEY, NUMERIC_APP_ID, SECRET

from .inbox import PATIENCE, Inbox

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from starlette.requests import Request

    from pusher_mock.server import ThreadedServer

__all__ = ["MASTER_KEY", "Origin"]

MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # of 32 bytes


class Origin:
    """A running application.

    Whoever sends a cookie, header or parameter ``user`` is that user; others may have private
    channels but neither presence channels nor a sign-in. A channel with ``forbidden`` in its name
    is refused to all.

    Attributes:
        url: where it is.
        webhooks: the events that were taken by ``/pusher/webhook``.
        requests: what came to ``/raw``: the headers, with lower-case names, and the body.
        watchlist: whom users who sign in watch.
        files: what it serves: paths, and the files behind them. The page at ``/`` is empty.
    """

    def __init__(self) -> None:
        self.webhooks: Inbox[dict[str, Any]] = Inbox("webhooks")
        self.requests: Inbox[tuple[dict[str, str], str]] = Inbox("requests")
        self.watchlist: list[str] = []
        self.files: dict[str, Path] = {}
        self._settings = ExitStack()
        app = Starlette(
            routes=[
                Mount(
                    "/pusher", routes=pusher_routes(self._authorize, self._user, self._on_webhook)
                ),
                Route("/raw", self._raw, methods=["POST"]),
                Route("/{path:path}", self._page),
            ]
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._server = _Server(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        )
        self._thread = Thread(
            target=self._server.run, args=([self._listening],), name="origin", daemon=True
        )

    def use(self, server: ThreadedServer) -> Origin:
        """Have its Pusher be this server: what it signs for, and whose webhooks it takes."""
        self._settings.enter_context(
            override(
                use_mocks=False,
                app_id=NUMERIC_APP_ID,
                key=KEY,
                secret=SECRET,
                host=server.host,
                port=server.port,
                ssl=False,
                encryption_master_key_base64=MASTER_KEY,
            )
        )
        return self

    async def _authorize(self, request: Request, channel: str) -> bool | dict[str, Any]:
        if "forbidden" in channel:
            return False
        if not channel.startswith("presence-"):
            return True
        user = await _user(request)
        return {"user_id": user, "user_info": {"name": user.title()}} if user else False

    async def _user(self, request: Request) -> dict[str, Any] | None:
        user = await _user(request)
        if not user:
            return None
        data: dict[str, Any] = {"id": user, "user_info": {"name": user.title()}}
        return {**data, "watchlist": self.watchlist} if self.watchlist else data

    def _on_webhook(self, event: dict[str, Any]) -> None:
        self.webhooks.put(event)

    async def _raw(self, request: Request) -> Response:
        body = await request.body()
        self.requests.put((dict(request.headers), body.decode()))
        return Response(status_code=204)

    async def _page(self, request: Request) -> Response:
        path = request.path_params["path"]
        if not path:
            return HTMLResponse("<!doctype html><title>An application</title>")
        if path not in self.files:
            return Response(status_code=404)
        kind = "text/javascript" if path.endswith("js") else "text/html"
        return Response(self.files[path].read_bytes(), media_type=kind)

    def __enter__(self) -> Origin:
        self._thread.start()
        assert self._server.ready.wait(PATIENCE), "the application's web server did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(PATIENCE)
        self._listening.close()
        self._settings.close()


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


async def _user(request: Request) -> str:
    """Who sent it: by cookie, or by what pusher-js can add, a header or a parameter."""
    named = request.cookies.get("user") or request.headers.get("user")
    if named:
        return named
    return dict(parse_qsl((await request.body()).decode())).get("user", "")
