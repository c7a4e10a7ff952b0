"""SockJS 0.3, as far as pusher-js uses it (facts 4.3)."""

from __future__ import annotations

from functools import partial
from secrets import randbits, token_urlsafe
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from pusher_mock.protocol.frames import dumps, loads
from pusher_mock.server.targets import parameters_of

from . import pages
from .answers import HTML, JSON, SCRIPT, refuse, respond
from .receiving import LINES, Manner, poll, stream
from .sending import messages_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from starlette.types import Receive, Scope, Send

    from .registry import Sessions

__all__ = ["SockJS"]

_BAD_REQUEST: Final = 400
_NO_CONTENT: Final = 204
# What SockJS servers take; the client asks for the next answer, and its memory is freed.
_RESPONSE: Final = 131_072
_FORM: Final = b"application/x-www-form-urlencoded"
_NOWHERE: Final = "/"  # facts 1.1.6: gets 4005

# Own words: no such answer of the real service is known.
_CALLBACK: Final = "Invalid callback: c takes the name of a function, [A-Za-z0-9_.], 64 at most"
_JS_PATH: Final = (
    "Invalid js_path: it takes the URL of SockJS on js.pusher.com, on this host or on this "
    "machine, because it runs in the origin of this server"
)

_EVENTSOURCE: Final = Manner(
    b"text/event-stream; charset=UTF-8", pages.eventsource_frame, b"\r\n", most=_RESPONSE
)
_INLINE: Final = ((b"content-security-policy", b"default-src 'none'; script-src 'unsafe-inline'"),)


class SockJS:
    """The requests to ``/pusher/``.

    Args:
        sessions: where the sessions are.
        limit: bytes of a request.
    """

    def __init__(self, sessions: Sessions, limit: int) -> None:
        self._sessions = sessions
        self._limit = limit

    async def info(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET /info``: no WebSocket, and no heartbeats that the client would have to answer."""
        info = {
            "websocket": False,
            "origins": ["*:*"],
            "cookie_needed": False,
            "entropy": randbits(32),
        }
        await respond(send, dumps(info).encode(), JSON)

    async def iframe(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET /iframe.html?js_path=URL``."""
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        script = pages.script_of(_parameter(scope, "js_path"), host)
        if script is None:
            await refuse(send, _BAD_REQUEST, _JS_PATH)
            return
        page, policy = pages.iframe_page(script, token_urlsafe(16))
        await respond(send, page, HTML, extra=((b"content-security-policy", policy),))

    async def eventsource(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET …/eventsource``."""
        await stream(self._sessions, _key(scope), _EVENTSOURCE, scope, receive, send)

    async def htmlfile(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET …/htmlfile?c=CALLBACK``."""
        callback = await _callback(scope, send)
        if callback is not None:
            start = pages.htmlfile_start(callback)
            manner = Manner(HTML, pages.htmlfile_frame, start, most=_RESPONSE, extra=_INLINE)
            await stream(self._sessions, _key(scope), manner, scope, receive, send)

    async def polling(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/xhr``."""
        await poll(self._sessions, _key(scope), LINES, scope, receive, send)

    async def jsonp(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``GET …/jsonp?c=CALLBACK``."""
        callback = await _callback(scope, send)
        if callback is not None:
            manner = Manner(SCRIPT, partial(pages.jsonp_frame, callback), several=False)
            await poll(self._sessions, _key(scope), manner, scope, receive, send)

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/xhr_send``."""
        if await self._heard(scope, receive, send):
            await respond(send, b"", status=_NO_CONTENT)

    async def jsonp_send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/jsonp_send``: the array is in a form's field, or is the body."""
        if await self._heard(scope, receive, send):
            await respond(send, b"ok")

    async def _heard(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Hear what is sent; returns whether it was all right and is to be answered."""
        session = self._sessions.find(_key(scope))
        media = dict(scope["headers"]).get(b"content-type", b"")
        unwrap = _field if media.partition(b";")[0].strip().lower() == _FORM else bytes
        found = await messages_of(session, receive, send, self._limit, unwrap)
        if found is None:
            return False
        session, messages = found
        session.alive()  # an empty array is not answered (facts 4.3)
        for message in messages:
            if session.named:
                session.hear(message)
            else:
                session.open(_path(message))
        return True


def _key(scope: Scope) -> Hashable:
    given = scope["path_params"]
    return given["server"], given["session"]


def _parameter(scope: Scope, name: str) -> str | None:
    return dict(parameters_of(scope["query_string"])).get(name)


async def _callback(scope: Scope, send: Send) -> str | None:
    """The callback; refuses what is none."""
    callback = pages.callback_of(_parameter(scope, "c"))
    if callback is None:
        await refuse(send, _BAD_REQUEST, _CALLBACK)
    return callback


def _field(body: bytes) -> bytes:
    return dict(parse_qsl(body.decode("latin-1"))).get("d", "").encode()


def _path(message: str) -> str:
    """What the client connects to; something that is nowhere if it does not say so."""
    try:
        found = loads(message)
    except ValueError:
        return _NOWHERE
    path = found.get("path") if isinstance(found, dict) else None
    return path if isinstance(path, str) else _NOWHERE
