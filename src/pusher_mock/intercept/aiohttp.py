"""aiohttp's door: where its connector opens a connection, for calls and for WebSockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .forwarding import open_transport
from .routing import Forward
from .seams import Seam
from .visits import ask_for

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEAMS"]

_DOOR = "aiohttp"


def _create_connection(original: Callable[..., Any]) -> Callable[..., Any]:
    async def create_connection(self: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        url = req.url
        claim = ask_for(_DOOR, url.host or "", url.port or 0, url.raw_path_qs, tls=req.is_ssl())
        if claim is None:
            return await original(self, req, *args, **kwargs)
        if isinstance(claim.whom, Forward):
            req.headers["Host"] = claim.whom.netloc
            context = self._get_ssl_context(req) if req.is_ssl() else None
            protocol = await open_transport(claim, claim.whom, self._factory, context)
        else:
            from .peer_transport import connect

            protocol = self._factory()
            connect(claim, protocol)
        # It must not be pooled: the next one may be for somebody else.
        protocol.force_close()
        return protocol

    return create_connection


SEAMS = (Seam("aiohttp.connector", "TCPConnector._create_connection", _create_connection),)
