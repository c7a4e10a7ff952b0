"""The door of the HTTP API: the raw request in, the engine's answer out (facts 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.engine import HttpRequested
from pusher_mock.protocol import texts

from .private import comes_from_a_page, is_foreign_host
from .targets import parameters_of, path_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .gateway import Gateway

__all__ = ["HttpApi", "content_type"]

_JSON = b"application/json"
_TEXT = b"text/plain; charset=utf-8"
_OK = 300
_FORBIDDEN, _TOO_LARGE = 403, 413


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
        answer = self._gateway.request(
            HttpRequested(
                scope["method"], path_of(scope), parameters_of(scope["query_string"]), body
            )
        )
        await respond(send, answer.status, answer.body.encode(), allow=answer.allow)

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
