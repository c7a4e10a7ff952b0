"""The respx door: httpx calls of Pusher's HTTP API are answered by a mock.

One route on a respx router, however it was made (fixture, decorator, context manager, sync or
async): its call log and ``assert_all_called`` keep their meaning.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import httpx
from respx.patterns import M

from pusher_mock.core import Core, current
from pusher_mock.protocol.errors import UsageError

from .hosts import read_host
from .httpx import respond as answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    import respx
    from respx.patterns import Pattern

    from pusher_mock.mock import PusherMock

__all__ = ["ROUTE_NAME", "mount"]

ROUTE_NAME = "pusher-mock"

# facts 2.1.1: the clusters' hosts and the one the SDK uses without a cluster
_SERVICE_HOSTS = re.compile(r"^(?:api-[a-z0-9-]+\.pusher\.com|api\.pusher(?:app)?\.com)\Z")


def mount(
    router: respx.Router,
    mock: PusherMock | None = None,
    *,
    hosts: str | Iterable[str] = (),
    service_hosts: bool = True,
    name: str = ROUTE_NAME,
) -> respx.Route:
    """Answer Pusher's HTTP API on a respx router from a mock's engine.

    Signatures are checked, refusals have the service's bodies, every endpoint is there, and an
    intercepted event reaches subscribers and history before the call returns.

    Args:
        router: ``respx.mock``, the ``respx_mock`` fixture, or what a ``with`` block gave.
        mock: the mock; without it the current one is looked up at every request.
        hosts: further hosts, as in ``PUSHER_HOST``: ``pusher.internal`` on any port,
            ``localhost:8080`` on this one.
        service_hosts: whether ``api-CLUSTER.pusher.com`` and ``api.pusherapp.com`` are answered;
            ``False`` leaves ``hosts``, as when each cluster has a mock of its own.
        name: the name of the route on the router.

    Returns:
        The route, whose ``calls`` are the calls of Pusher.

    Raises:
        UsageError: a host has a scheme or a path in it, there is no host at all, or the router
            has a route with this name or for these hosts.
    """
    patterns = [M(host__regex=_SERVICE_HOSTS)] if service_hosts else []
    patterns += [_host(host) for host in ([hosts] if isinstance(hosts, str) else hosts)]
    if not patterns:
        raise UsageError("mount(service_hosts=False) answers nothing: name the hosts with hosts=")
    if name in router.routes:
        raise UsageError(
            f"the router has a route {name!r} already; mount a second mock with another name="
        )
    pattern = reduce(or_, patterns)
    if any(route.pattern == pattern for route in router.routes):
        # respx would replace it.
        raise UsageError(
            "the router has a route for these very hosts already; tell two mocks apart by "
            "hosts=, with service_hosts=False where only those are meant"
        )
    core = mock.core if mock is not None else None

    def answer(request: httpx.Request) -> httpx.Response:
        return respond(core or current(), request)

    return router.route(pattern, name=name).mock(side_effect=answer)


def _host(text: str) -> Pattern:
    """What matches a host, and its port if one is given."""
    host = read_host(text)
    return M(host=host.name, port=host.port) if host.port else M(host=host.name)


def respond(core: Core, request: httpx.Request) -> httpx.Response:
    """Translate one request for the engine and its answer back."""
    said: httpx.Response = answer(httpx, core, request, request.read())
    return said
