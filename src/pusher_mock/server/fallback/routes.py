"""Where the fallbacks are: routes for a Starlette application."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import BaseRoute, Match, NoMatchFound

from pusher_mock.protocol import texts
from pusher_mock.server.targets import path_of

from .answers import preflight, refuse
from .registry import Sessions
from .sockjs import SockJS
from .timeline import Timeline
from .xhr import Xhr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.datastructures import URLPath
    from starlette.types import Receive, Scope, Send

    from pusher_mock.server.gateway import Gateway

    Endpoint = Callable[[Scope, Receive, Send], Awaitable[None]]

__all__ = ["Fallback", "PatternRoute", "fallback_routes"]

_METHOD_NOT_ALLOWED: Final = 405
_PREFIX: Final = "(?:/pusher)?"  # facts 4.1.5: pusher-js's default `httpPath`, or nothing
_SESSION: Final = "/(?P<server>[0-9]{1,3})/(?P<session>[A-Za-z0-9_-]{1,64})"  # facts 4.2, 4.3
_APP: Final = f"{_PREFIX}/app/(?P<app>[^/]+){_SESSION}"


class PatternRoute(BaseRoute):
    """What answers one method at every path of one pattern, and browsers that ask beforehand.

    Args:
        method: ``GET`` or ``POST``.
        pattern: a regular expression for the whole path, percent-encoding included.
        endpoint: finds the pattern's groups in ``scope["path_params"]``.
    """

    def __init__(self, method: str, pattern: str, endpoint: Endpoint) -> None:
        self._method = method
        self._pattern = re.compile(pattern)
        self._endpoint = endpoint

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it answers a request."""
        if scope["type"] == "http":
            found = self._pattern.fullmatch(path_of(scope))
            if found is not None:
                return Match.FULL, {"path_params": found.groupdict()}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it."""
        methods = f"OPTIONS, {self._method}"
        if scope["method"] == "OPTIONS":
            await preflight(send, methods)
        elif scope["method"] == self._method:
            await self._endpoint(scope, receive, send)
        else:
            allow = ((b"allow", methods.encode()),)
            await refuse(send, _METHOD_NOT_ALLOWED, texts.METHOD_NOT_ALLOWED, allow)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """None of them has a name."""
        raise NoMatchFound(name, path_params)

    def __repr__(self) -> str:
        return f"<PatternRoute {self._method} {self._pattern.pattern}>"


class Fallback:
    """The HTTP fallbacks of one server.

    Args:
        gateway: opens their connections.

    Attributes:
        sessions: who is connected, and who says so in a moment.
        timeline: counts statistics.
        routes: for a Starlette application.
    """

    def __init__(self, gateway: Gateway) -> None:
        self.sessions = Sessions(gateway)
        gateway.leaving.append(self.sessions.farewell)
        self.timeline = Timeline()
        xhr = Xhr(self.sessions, gateway.limits.body)
        sockjs = SockJS(self.sessions, gateway.limits.body)
        self.routes: list[BaseRoute] = [
            PatternRoute(method, pattern, endpoint)
            for method, pattern, endpoint in (
                ("POST", f"{_APP}/xhr_streaming", xhr.streaming),
                ("POST", f"{_APP}/xhr", xhr.polling),
                ("POST", f"{_APP}/xhr_send", xhr.send),
                ("GET", f"{_PREFIX}/info", sockjs.info),
                ("GET", rf"{_PREFIX}/iframe[0-9A-Za-z._-]*\.html", sockjs.iframe),
                ("GET", f"{_PREFIX}{_SESSION}/eventsource", sockjs.eventsource),
                ("GET", f"{_PREFIX}{_SESSION}/htmlfile", sockjs.htmlfile),
                ("POST", f"{_PREFIX}{_SESSION}/xhr", sockjs.polling),
                ("POST", f"{_PREFIX}{_SESSION}/xhr_send", sockjs.send),
                ("GET", f"{_PREFIX}{_SESSION}/jsonp", sockjs.jsonp),
                ("POST", f"{_PREFIX}{_SESSION}/jsonp_send", sockjs.jsonp_send),
                ("GET", "/timeline/v2/jsonp/(?P<number>[0-9]{1,15})", self.timeline.jsonp),
                ("GET", "/timeline/v2/xhr/(?P<number>[0-9]{1,15})", self.timeline.xhr),
            )
        ]

    def __repr__(self) -> str:
        return f"<Fallback sessions={len(self.sessions)} statistics={self.timeline.count}>"


def fallback_routes(gateway: Gateway) -> list[BaseRoute]:
    """The routes of the HTTP fallbacks (facts 4).

    Args:
        gateway: opens their connections.

    Returns:
        Routes for a Starlette application, in any order among others.
    """
    return Fallback(gateway).routes
