"""httpx's door, and httpx2's: their transports, above whatever connects below.

A route of an active respx router that is meant for a call comes first: its call log keeps its
meaning, and so does the respx door.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pusher_mock.core import Core
from pusher_mock.protocol.errors import Unreachable

from .exchange import answer, key_of
from .hosts import port_of
from .routing import Forward, find
from .seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEAMS", "respond"]

_DOOR = "httpx"


def respond(library: Any, core: Core, request: Any, body: bytes) -> Any:
    """Answer a request of httpx, or of httpx2, in its own words.

    Args:
        library: the module.
        core: the mock.
        request: its request.
        body: the request's body, read.

    Raises:
        httpx.TransportError: the network of the mock has come between.
    """
    try:
        said = answer(core, request.method, request.url.raw_path, body)
    except Unreachable as error:
        from pusher_mock.doubles.outages import outage

        raise outage(error, library.__name__, request) from None
    notes = {"pusher_mock_note": said.note.encode(errors="replace")} if said.note else {}
    headers = {**said.headers, "Content-Length": str(len(said.body))}
    sent = b"" if request.method == "HEAD" else said.body
    # As a transport answers: what has been read is the client's to say.
    return library.Response(
        said.status, headers=headers, stream=library.ByteStream(sent), extensions=notes
    )


def _whom(request: Any) -> Core | Forward | None:
    url = request.url
    port = port_of(url.scheme, url.port)
    found = find(_DOOR, url.host, port, key_of(url.raw_path), _call(request))
    if found is None or _is_routed(request):
        return None
    return found


def _call(request: Any) -> str:
    return f"{request.method} {request.url.copy_with(query=None)}"


def _is_routed(request: Any) -> bool:
    """Whether an active respx router has a route that answers it."""
    mocks = sys.modules.get("respx.mocks")
    httpx = sys.modules.get("httpx")
    if mocks is None or httpx is None or not isinstance(request, httpx.Request):
        return False
    return any(
        not route.is_pass_through and route.pattern is not None and route.pattern.match(request)
        for mocker in mocks.Mocker.registry.values()
        for router in mocker.routers
        for route in router.routes
    )


def _elsewhere(library: Any, request: Any, forward: Forward) -> Any:
    """The same request for a local server."""
    url = request.url.copy_with(scheme=forward.scheme, host=forward.host, port=forward.port)
    headers = request.headers.copy()
    headers["Host"] = forward.netloc
    return library.Request(
        request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
    )


def _sync(library: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def replace(original: Callable[..., Any]) -> Callable[..., Any]:
        def handle_request(self: Any, request: Any) -> Any:
            found = _whom(request)
            if found is None:
                return original(self, request)
            module = sys.modules[library]
            if isinstance(found, Core):
                return respond(module, found, request, request.read())
            return original(self, _elsewhere(module, request, found))

        return handle_request

    return replace


def _async(library: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def replace(original: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_async_request(self: Any, request: Any) -> Any:
            found = _whom(request)
            if found is None:
                return await original(self, request)
            module = sys.modules[library]
            if isinstance(found, Core):
                return respond(module, found, request, await request.aread())
            return await original(self, _elsewhere(module, request, found))

        return handle_async_request

    return replace


SEAMS = tuple(
    Seam(f"{library}._transports.default", path, replace(library))
    for library in ("httpx", "httpx2")
    for path, replace in (
        ("HTTPTransport.handle_request", _sync),
        ("AsyncHTTPTransport.handle_async_request", _async),
    )
)
