"""websocket-client's door: what it connects with, below all that it does with a connection.

It is looked up at every connection, so that clients which were built before are caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .forwarding import Unencrypted, open_socket
from .pysher import here, whom
from .routing import Forward, NotIntercepted
from .seams import Seam
from .visits import Claim, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from .pysher import Guest

__all__ = ["SEAMS"]

_DOOR = "websocket"


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(url: str, options: Any, proxy: Any, sock: Any) -> Any:
        if sock is not None:  # the application has connected already
            return original(url, options, proxy, sock)
        guest = here()
        claim = _whom(url, guest)
        if claim is None:
            if guest is not None:
                guest.check()
            return original(url, options, proxy, sock)
        if guest is not None:
            guest.admit(claim)
        parts = urlsplit(url)
        resource = parts.path or "/"
        if parts.query:
            resource = f"{resource}?{parts.query}"
        if isinstance(claim.whom, Forward):
            opened: Any = open_socket(claim, claim.whom, options.timeout)
            if claim.tls and claim.whom.scheme != "https":
                opened = Unencrypted(opened)
            return opened, (claim.whom.host, claim.whom.port, resource)
        return _inside(claim, guest, options.timeout), (claim.host, claim.port, resource)

    return connect


def _whom(url: str, guest: Guest | None) -> Claim | None:
    if guest is None:
        return ask(_DOOR, urlsplit(url))
    try:
        return whom(url)
    except NotIntercepted as error:
        guest.refuse(error)
        raise


def _inside(claim: Claim, guest: Guest | None, timeout: float | None) -> Any:
    from .peer_socket import PeerSocket

    if guest is None:
        opened = PeerSocket(claim, lingers=True)
    else:
        opened = PeerSocket(claim, lingers=True, retired=guest.dismiss, left=guest.left)
        guest.give(opened)
    opened.settimeout(timeout)
    return opened


SEAMS = (Seam("websocket._core", "connect", _connect, home="websocket._http"),)
