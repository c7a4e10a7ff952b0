"""The door of the HTTP API: the raw request in, the engine's answer out (facts 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from pusher_mock.clock.loops import call_soon_from_anywhere
from pusher_mock.engine import HttpRequested
from pusher_mock.protocol import texts
from pusher_mock.protocol.errors import Unreachable

from .private import comes_from_a_page, is_foreign_host
from .targets import parameters_of, path_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .gateway import Gateway

__all__ = ["ABORT", "SILENCE", "HttpApi", "content_type"]

#: An extension of our own of the ASGI scope: ends the connection without an answer.
ABORT: Final = "pusher_mock.abort"
#: Seconds that a call is left without an answer where the network says so, for a client that waits
#: for ever.
SILENCE: Final = 60.0

_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"
_OK = 300
_FORBIDDEN, _TOO_LARGE, _UNAVAILABLE = 403, 413, 503


class HttpApi:
    """An ASGI application that answers the HTTP API; what it does not know gets Pusher's 404."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, unless it is a web page that asks.

        A page has no business here, as it has none with the secret; but that of a local server is
        in its documentation.
        """
        server = (scope.get("server") or ("", None))[0] or ""
        for name, value in scope["headers"]:
            if comes_from_a_page(name) or (name == b"host" and is_foreign_host(value, server)):
                text = f"{texts.NOT_FOR_PAGES}\n"
                await respond(send, _FORBIDDEN, text.encode(), close=True)
                return
        body = await self._body(scope, receive)
        if body is None:
            text = texts.BODY_TOO_LARGE.format(limit=self._gateway.limits.body) + "\n"
            await respond(send, _TOO_LARGE, text.encode(), close=True)
            return
        asked = HttpRequested(
            scope["method"], path_of(scope), parameters_of(scope["query_string"]), body
        )
        try:
            answer = self._gateway.request(asked)
        except Unreachable as error:
            await self._let_down(error, scope, receive, send)
            return
        await respond(send, answer.status, answer.body.encode(), allow=answer.allow)

    async def _let_down(
        self, error: Unreachable, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The network has come between: no connection, or no answer as long as they wait.

        ASGI can do neither by itself: on other servers than ours the client gets a 503.
        """
        if error.kind == "timeout" and await self._is_left_alone(receive):
            return
        abort = (scope.get("extensions") or {}).get(ABORT)
        if abort is not None:
            abort()
        else:
            await respond(send, _UNAVAILABLE, f"{error}\n".encode(), close=True)

    async def _is_left_alone(self, receive: Receive) -> bool:
        """Keep silent until the client has gone; or not that long, if it waits or this ends."""
        leaving, call_soon = anyio.Event(), call_soon_from_anywhere()

        def leave() -> None:
            call_soon(leaving.set)

        gone = False
        self._gateway.leaving.append(leave)
        try:
            async with anyio.create_task_group() as tasks:

                async def watch() -> None:
                    nonlocal gone
                    await receive()  # the body was read, so that is its end
                    gone = True
                    leaving.set()

                tasks.start_soon(watch)
                with anyio.move_on_after(SILENCE):
                    await leaving.wait()
                tasks.cancel_scope.cancel()
        finally:
            self._gateway.leaving.remove(leave)
        return gone

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Read it, but no more than is allowed; ``None`` when it is longer."""
        limit = self._gateway.limits.body
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > limit:
                return None
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                return None
            chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def content_type(status: int) -> bytes:
    """JSON when it went well, plain text otherwise (facts 2.1.3, 2.1.4)."""
    return _JSON if status < _OK else _TEXT


async def respond(
    send: Send, status: int, body: bytes, *, close: bool = False, allow: str = ""
) -> None:
    """Send one answer."""
    headers = [(b"content-type", content_type(status)), (b"content-length", b"%d" % len(body))]
    if allow:
        headers.append((b"allow", allow.encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
