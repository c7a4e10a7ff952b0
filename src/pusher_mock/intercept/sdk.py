"""The SDKs' door: the back ends of ``pusher`` and the connections of ``pysher``.

Classes are patched, not objects: clients that were built before, and methods of theirs that were
passed on, are caught all the same. What a client signs with is learnt by an open registry.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pusher_mock.core import Core
from pusher_mock.protocol.errors import Unreachable

from .routing import Forward, find
from .seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher.http import Request

__all__ = ["SEAMS"]

_DOOR = "sdk"


def _whom(backend: Any, request: Request) -> Core | Forward | None:
    """Who answers a request of an SDK client, wherever it calls."""
    return _find(backend.client, request.path)


def _find(client: Any, call: str) -> Core | Forward | None:
    parts = urlsplit(f"//{client.host}")
    try:
        port = parts.port  # facts 5.1: from_url() keeps a port in the host
    except ValueError:
        port = None
    host = parts.hostname or client.host
    return find(_DOOR, host, port or client.port, client.key, call, any_host=True)


class _Elsewhere:
    """A request of the SDK that goes to a local server: signed as it was, the host is not signed.

    Args:
        request: as it was built.
        forward: where it goes.
    """

    def __init__(self, request: Request, forward: Forward) -> None:
        self._request = request
        self.base_url = forward.url
        self.url = f"{forward.url}{request.signed_path}"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def _answering() -> Callable[[Any, Core, Request], Any]:
    """What answers as a back end does, and raises its library's errors where that comes to it."""
    from pusher_mock.doubles.backends import answer
    from pusher_mock.doubles.outages import library_of, outage

    def ask(backend: Any, core: Core, request: Request) -> Any:
        try:
            return answer(core, backend.client, request)
        except Unreachable as error:
            raise outage(error, library_of(backend)) from None

    return ask


def _requests_backend(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of the default back end, and of the one for App Engine: they return the answer."""
    ask = _answering()

    def send_request(self: Any, request: Request) -> Any:
        found = _whom(self, request)
        if found is None:
            return original(self, request)
        if isinstance(found, Core):
            return ask(self, found, request)
        return original(self, _Elsewhere(request, found))

    return send_request


def _aiohttp_backend(original: Callable[..., Any]) -> Callable[..., Any]:
    """It returns a coroutine, and nothing is sent before that is awaited."""
    ask = _answering()

    async def send_request(self: Any, request: Request) -> Any:
        found = _whom(self, request)
        if found is None:
            return await original(self, request)
        if isinstance(found, Core):
            return ask(self, found, request)
        return await original(self, _Elsewhere(request, found))

    return send_request


def _tornado_backend(original: Callable[..., Any]) -> Callable[..., Any]:
    """It returns a future, which a GET never fulfils (facts 5.1.7)."""
    ask = _answering()

    def send_request(self: Any, request: Request) -> Any:
        found = _whom(self, request)
        if found is None:
            return original(self, request)
        if not isinstance(found, Core):
            return original(self, _Elsewhere(request, found))
        future = sys.modules["pusher.tornado"].Future()
        try:
            if request.method == "GET":
                raise ValueError(
                    "Body must be None for method GET (unless allow_nonstandard_methods is true)"
                )
            result = ask(self, found, request)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)
        return future

    return send_request


def _authenticate(original: Callable[..., Any]) -> Callable[..., Any]:
    """Signing is local and stays the SDK's; the mock learns whose signature it will see."""

    def authenticate(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = _find(self, "")
        if isinstance(found, Core) and not found.closed:
            found.learn(self.app_id, self.key, self.secret)
        return original(self, *args, **kwargs)

    return authenticate


_CLIENT = "pusher.authentication_client"

SEAMS = (
    Seam("pusher.requests", "RequestsBackend.send_request", _requests_backend),
    Seam("pusher.aiohttp", "AsyncIOBackend.send_request", _aiohttp_backend),
    Seam("pusher.tornado", "TornadoBackend.send_request", _tornado_backend),
    Seam("pusher.gae", "GAEBackend.send_request", _requests_backend),
    Seam("compat.httpx_backend", "HttpxBackend.send_request", _requests_backend),
    Seam("compat.httpx_backend", "AsyncHttpxBackend.send_request", _aiohttp_backend),
    Seam(_CLIENT, "AuthenticationClient.authenticate", _authenticate),
    Seam(_CLIENT, "AuthenticationClient.authenticate_user", _authenticate, optional=True),
)
