"""The server that ``run --serve`` has beside its command."""

from __future__ import annotations

import json
from contextlib import contextmanager
from hmac import compare_digest
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pusher_mock.bootstrap.introductions import PATH, TOKEN
from pusher_mock.clock import SystemClock
from pusher_mock.mock import PusherMock
from pusher_mock.server import ThreadedServer

from .apps import choose_apps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from pusher_mock.core import Core

__all__ = ["hosted", "route"]

_JOURNAL = 1_000  # inputs; nobody asserts on a server of its own process
_TAKEN, _FORBIDDEN, _WRONG = 204, 403, 400


class _Introductions:
    """An ASGI endpoint that learns the credentials of the command's SDK clients.

    Args:
        core: who learns them.
        token: what only processes of the command know.
    """

    def __init__(self, core: Core, token: str) -> None:
        self._core = core
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        status = _TAKEN
        if not compare_digest(request.headers.get(TOKEN, "").encode(), self._token.encode()):
            status = _FORBIDDEN
        else:
            try:
                app_id, key, secret = map(str, json.loads(await request.body()))
            except (ValueError, TypeError):
                status = _WRONG
            else:
                self._core.learn(app_id, key, secret)
        await Response(status_code=status)(scope, receive, send)


def route(core: Core, token: str) -> Route:
    """Where processes of the command introduce their clients.

    Args:
        core: who learns their credentials.
        token: what only those processes know.
    """
    return Route(PATH, _Introductions(core, token), methods=["POST"])


@contextmanager
def hosted(port: int, apps: Sequence[str], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Run a server until the block ends; it learns the apps of the command's SDK clients.

    Args:
        port: 0 takes any that is free.
        apps: that it knows from the start, each as ``ID:KEY:SECRET``.
        known: id, key and secret that the command's environment has: one more.

    Yields:
        Its URL, and the token with which processes of the command introduce their clients.

    Raises:
        UsageError: the port is taken, or an app is none.
    """
    mock = PusherMock(clock=SystemClock(), journal=_JOURNAL, apps=choose_apps(apps, None, (), None))
    mock.core.learn(known["app_id"], known["key"], known["secret"])
    token = token_urlsafe()
    server = ThreadedServer(mock, port=port)
    server.app.router.routes.append(route(mock.core, token))
    try:
        with server:
            yield server.url, token
    finally:
        mock.close()
