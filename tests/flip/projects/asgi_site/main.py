"""An ASGI application whose view publishes with the aiohttp back end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pusher
from pusher.aiohttp import AsyncIOBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pusher_client: Any = pusher.Pusher(
    app_id="4712", key="asgi-key", secret="asgi-secret", cluster="eu", backend=AsyncIOBackend
)


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer every request by publishing."""
    if scope["type"] != "http":
        return
    said = await pusher_client.trigger("orders", "placed", {"path": scope["path"]})
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
