"""The respx door: httpx calls of Pusher's HTTP API are answered by a mock.

One route on a respx router, however it was made (fixture, decorator, context manager, sync or
async): its call log and ``assert_all_called`` keep their meaning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx

from pusher_mock.core import Core, current
from pusher_mock.engine import HttpRequested
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import respx

    from pusher_mock.mock import PusherMock

__all__ = ["ROUTE_NAME", "mount"]

ROUTE_NAME = "pusher-mock"

# facts 2.1.1: the clusters' hosts and the one the SDK uses without a cluster
_HOSTS = (r"api-[A-Za-z0-9-]+\.pusher\.com", r"api\.pusherapp\.com", r"api\.pusher\.com")


def mount(
    router: respx.Router,
    mock: PusherMock | None = None,
    *,
    hosts: Iterable[str] = (),
    name: str = ROUTE_NAME,
) -> respx.Route:
    """Answer Pusher's HTTP API on a respx router from a mock's engine.

    Signatures are checked, refusals have the service's bodies, every endpoint is there, and an
    intercepted event reaches subscribers and history before the call returns.

    Args:
        router: ``respx.mock``, the ``respx_mock`` fixture, or what a ``with`` block gave.
        mock: the mock; without it the current one is looked up at every request.
        hosts: further hosts, as in ``PUSHER_HOST``: ``localhost``, ``pusher.internal:8080``.
        name: the name of the route on the router.

    Returns:
        The route, whose ``calls`` are the calls of Pusher.

    Raises:
        UsageError: a host has a scheme or a path in it, or the name is taken.
    """
    patterns = [*_HOSTS]
    for host in hosts:
        if not host or "/" in host:
            raise UsageError(f"hosts takes host names such as 'localhost:8080', not {host!r}")
        patterns.append(re.escape(host))
    if name in [route.name for route in router.routes]:
        raise UsageError(
            f"the router has a route {name!r} already; mount a second mock with another name="
        )
    core = mock.core if mock is not None else None
    url = re.compile(rf"^https?://(?:{'|'.join(patterns)})(?::\d+)?(?=[/?#]|$)", re.IGNORECASE)

    def answer(request: httpx.Request) -> httpx.Response:
        return respond(core or current(), request)

    return router.route(url__regex=url, name=name).mock(side_effect=answer)


def respond(core: Core, request: httpx.Request) -> httpx.Response:
    """Translate one request for the engine and its answer back."""
    raw_path, _, raw_query = request.url.raw_path.partition(b"?")
    query = tuple(parse_qsl(raw_query.decode("ascii"), keep_blank_values=True))
    answer = core.request(
        HttpRequested(request.method, raw_path.decode("ascii"), query, request.read())
    )
    content_type = "application/json" if answer.status < _ERRORS else "text/plain; charset=utf-8"
    return httpx.Response(
        answer.status,
        headers={"Content-Type": content_type},
        content=answer.body.encode("utf-8", "surrogatepass"),
        extensions={"pusher_mock_note": answer.note.encode()} if answer.note else {},
    )


_ERRORS = 400
