"""What clients meet when the network of a mock comes between them and whom they call.

Each HTTP library has errors of its own for that, and applications catch those.
"""

from __future__ import annotations

from contextvars import ContextVar
from errno import ECONNREFUSED
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core
    from pusher_mock.network.publishers import Failure
    from pusher_mock.protocol.errors import Unreachable

__all__ = ["asked", "authorization_failure", "library_of", "outage"]

_TIMEOUT: Final = "timeout"

#: Whether somebody further out has asked the network about this authorization already: a client
#: double that posts to a view in the same process.
asked: Final = ContextVar("asked", default=False)


def outage(error: Unreachable, library: str, request: Any = None) -> Exception:
    """The error of a library for what has happened.

    Args:
        error: what has.
        library: ``requests``, ``httpx``, ``httpx2``, ``aiohttp``, ``tornado`` or ``gae``.
        request: the call in the library's own words, if there is one; its errors have it.

    Returns:
        The error, to be raised.
    """
    return _MADE[library](error.kind == _TIMEOUT, str(error), request)


def library_of(backend: Any, told: str | None = None) -> str:
    """The library that a back end of the SDK is for: ``requests`` unless its class says another.

    Args:
        backend: its class, or the object; ``None`` for the SDK's default.
        told: its option ``library``, which only those for httpx have.
    """
    told = told or getattr(backend, "_library", None)
    while isinstance(backend, partial):
        told = told or backend.keywords.get("library")
        backend = backend.func
    kind = backend if isinstance(backend, type) else type(backend)
    modules = [one.__module__ for one in kind.__mro__]
    if any("httpx" in module for module in modules):
        return str(told or "httpx")
    return next(
        (name for name in _MADE for module in modules if module.endswith(f"pusher.{name}")),
        "requests",
    )


def authorization_failure(
    core: Core, key: str, channel: str, socket_id: str | None
) -> Failure | None:
    """How the network fails the authorization of a subscription; ``None`` when it does not.

    Args:
        core: the mock.
        key: the app's.
        channel: the channel's name.
        socket_id: the connection's, if it is known.
    """
    network = core.network
    if network.calm or asked.get():
        return None
    app = core.engine.state.by_key.get(key)
    return network.authorization_failure(
        channel, app.config.id if app is not None else None, socket_id
    )


# What the libraries raise ----------------------------------------------------------------------


def _requests(timeout: bool, text: str, request: Any) -> Exception:
    from requests import exceptions

    kind = exceptions.ReadTimeout if timeout else exceptions.ConnectionError
    return kind(text, request=request)


def _httpx(library: str, timeout: bool, text: str, request: Any) -> Exception:
    try:
        module: Any = import_module(library)
    except ImportError:
        module = import_module("httpx2")  # one interface; somebody has either of them
    made = (module.ReadTimeout if timeout else module.ConnectError)(text)
    if request is not None:
        made.request = request
    error: Exception = made
    return error


def _aiohttp(timeout: bool, text: str, request: Any) -> Exception:
    if timeout:
        # When its limit for a whole call is over, which is the one that is on by default, aiohttp
        # raises no error of its own.
        return TimeoutError(text)
    from aiohttp import ClientConnectorError

    url = getattr(request, "url", None)
    place: Any = SimpleNamespace(
        host=getattr(url, "host", None), port=getattr(url, "port", None), ssl=True, is_ssl=True
    )
    return ClientConnectorError(place, _refused(text))


def _tornado(timeout: bool, text: str, request: Any) -> Exception:
    if not timeout:
        return _refused(text)
    from tornado.simple_httpclient import HTTPTimeoutError

    error: Exception = HTTPTimeoutError(text)
    return error


def _gae(timeout: bool, text: str, request: Any) -> Exception:
    urlfetch: Any = import_module("google.appengine.api").urlfetch
    name, instead = ("DeadlineExceededError", TimeoutError) if timeout else ("DownloadError", None)
    kind = getattr(urlfetch, name, instead)
    error: Exception = _refused(text) if kind is None else kind(text)
    return error


def _refused(text: str) -> ConnectionRefusedError:
    return ConnectionRefusedError(ECONNREFUSED, text)


_MADE: Final[dict[str, Callable[[bool, str, Any], Exception]]] = {
    "requests": _requests,
    "httpx": partial(_httpx, "httpx"),
    "httpx2": partial(_httpx, "httpx2"),
    "aiohttp": _aiohttp,
    "tornado": _tornado,
    "gae": _gae,
}
