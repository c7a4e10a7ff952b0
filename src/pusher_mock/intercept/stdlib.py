"""What no door answers is refused: ``urllib``, ``http.client``, and looking a host of Pusher up.

The functions replaced here may have been wrapped by monitoring, which is fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import routing
from .hosts import PORTS, is_service
from .seams import Seam

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEAMS"]


def _check(host: str, port: int | None, url: str, *, named: bool) -> None:
    """Refuse a call of Pusher that is about to leave, if somebody is strict."""
    if not (routing.is_pushers(host, port) if named else is_service(host)):
        return
    for rule in routing.active:
        forward = rule.forward
        if rule.allow_real.has(host, port):
            return
        if forward is not None and forward[1:] == (host, port):
            return
    routing.refuse(host, url)


def _putrequest(original: Callable[..., Any]) -> Callable[..., Any]:
    def putrequest(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        host, port = self._tunnel_host or self.host, self._tunnel_port or self.port
        full = f"{_scheme(self)}://{host}{_port(self, port)}{url}"
        if "://" in url:  # as a proxy is asked
            full, parts = url, urlsplit(url)
            host, port = parts.hostname or "", parts.port
        _check(host, port, f"{method} {full.partition('?')[0]}", named=True)
        return original(self, method, url, *args, **kwargs)

    return putrequest


def _set_tunnel(original: Callable[..., Any]) -> Callable[..., Any]:
    """Some connect to the proxy before they say what for."""

    def set_tunnel(self: Any, host: str, port: int | None = None, *args: Any, **kwargs: Any) -> Any:
        _check(host, port, f"CONNECT {host}:{port or _HTTPS}", named=True)
        return original(self, host, port, *args, **kwargs)

    return set_tunnel


def _scheme(connection: Any) -> str:
    return "https" if connection.default_port == _HTTPS else "http"


def _port(connection: Any, port: int) -> str:
    return "" if port == connection.default_port else f":{port}"


_HTTPS = PORTS["https"]


def _getaddrinfo(original: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if isinstance(name, str) and is_service(name):
            number = port if isinstance(port, int) else None
            _check(name, number, f"{name}:{port}", named=False)
        return original(host, port, *args, **kwargs)

    return getaddrinfo


def _gethostbyname(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyname(host: Any) -> Any:
        if isinstance(host, str) and is_service(host):
            _check(host, None, host, named=False)
        return original(host)

    return gethostbyname


SEAMS = (
    Seam("http.client", "HTTPConnection.putrequest", _putrequest, tolerant=True),
    Seam("http.client", "HTTPConnection.set_tunnel", _set_tunnel, tolerant=True),
    Seam("socket", "getaddrinfo", _getaddrinfo, tolerant=True),
    Seam("socket", "gethostbyname", _gethostbyname, tolerant=True),
    Seam("socket", "gethostbyname_ex", _gethostbyname, tolerant=True),
)
