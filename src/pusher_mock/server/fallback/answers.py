"""What the answers of the fallbacks have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pusher_mock.protocol import texts

if TYPE_CHECKING:
    from starlette.types import Receive, Send

__all__ = [
    "FRESH",
    "HTML",
    "JSON",
    "OK",
    "PLAIN",
    "SCRIPT",
    "preflight",
    "read_body",
    "refuse",
    "respond",
]

Headers = tuple[tuple[bytes, bytes], ...]

SCRIPT: Final = b"application/javascript; charset=UTF-8"  # facts 4.2.13
PLAIN: Final = b"text/plain; charset=UTF-8"
HTML: Final = b"text/html; charset=UTF-8"
JSON: Final = b"application/json; charset=UTF-8"
OK: Final = 200
_NO_CONTENT: Final = 204
_TOO_LARGE: Final = 413

# Any origin may ask, since no cookies are used (facts 4.2). Nothing is kept, compressed or held
# back by proxies (facts 4.2.13); nothing is taken for another type than it says.
FRESH: Final[Headers] = (
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)
_A_YEAR: Final = b"31536000"


async def respond(
    send: Send, body: bytes, media: bytes = PLAIN, status: int = OK, extra: Headers = ()
) -> None:
    """Send one answer."""
    headers = [(b"content-type", media), *FRESH, *extra]
    if status != _NO_CONTENT:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, text: str, extra: Headers = ()) -> None:
    """Say what is wrong with a request."""
    await respond(send, f"{text}\n".encode(), status=status, extra=extra)


async def preflight(send: Send, methods: str) -> None:
    """Answer a browser that asks what it may send (facts 4.2)."""
    await respond(
        send,
        b"",
        status=_NO_CONTENT,
        extra=(
            (b"access-control-allow-methods", methods.encode()),
            (b"access-control-allow-headers", b"Content-Type"),
            (b"access-control-max-age", _A_YEAR),
        ),
    )


async def read_body(receive: Receive, send: Send, limit: int) -> bytes | None:
    """Read a body, but no more than is allowed.

    Returns:
        The body; ``None`` when it is longer, and has been answered, or the client went away.
    """
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            text = texts.BODY_TOO_LARGE.format(limit=limit)
            await refuse(send, _TOO_LARGE, text, ((b"connection", b"close"),))
            return None
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)
