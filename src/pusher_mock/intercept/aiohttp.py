"""aiohttp's door: where its connector opens a connection, for calls and for WebSockets.

And where it looks for one that is open already: that may be older than the interception.
"""

from __future__ import annotations

from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from . import routing
from .forwarding import open_transport
from .routing import Forward
from .seams import Seam
from .visits import ask_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.protocol.errors import Unreachable

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
            connect(claim, protocol, unreachable=partial(_fail, protocol, req))
        # It must not be pooled: the next one may be for somebody else. (3.11 has no force_close().)
        protocol._should_close = True
        return protocol

    return create_connection


def _fail(protocol: Any, request: Any, error: Unreachable) -> None:
    """Have whoever awaits the answer meet what aiohttp raises when there is none."""
    from pusher_mock.doubles.outages import outage

    protocol.set_exception(outage(error, "aiohttp", request))


def _get(original: Callable[..., Any]) -> Callable[..., Any]:
    waits = iscoroutinefunction(original)  # since aiohttp 3.11

    def get(self: Any, key: Any, *args: Any) -> Any:
        if _is_ours(key.host or "", key.port):
            return _none() if waits else None
        return original(self, key, *args)

    return get


async def _none() -> None:
    """What there is in the pool for what may be somebody else's."""


def _is_ours(host: str, port: int | None) -> bool:
    """Whether a request is to be asked for, whatever comes of that."""
    rules = routing.active
    if not rules or rules[-1].allow_real.has(host, port):
        return False
    return routing.is_pushers(host, port)


SEAMS = (
    Seam("aiohttp.connector", "TCPConnector._create_connection", _create_connection),
    Seam("aiohttp.connector", "BaseConnector._get", _get, optional=True),
)
