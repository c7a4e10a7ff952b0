"""What is no part of Pusher's public surface, and who may ask for it all the same.

The credentials of a local server are written in its documentation, so a signature alone would not
keep a web page out that the developer visits. Browsers, and requests for a host that somebody
else can make a name of, are refused.
"""

from __future__ import annotations

from functools import lru_cache
from socket import gethostname
from typing import TYPE_CHECKING, Final

from pusher_mock.core.loopback import bare_host, is_loopback
from pusher_mock.engine import HttpRequested
from pusher_mock.engine.http_auth import authenticate
from pusher_mock.engine.turn import Turn
from pusher_mock.protocol import texts
from pusher_mock.protocol.errors import ProtocolViolation

from .targets import parameters_of, path_of

if TYPE_CHECKING:
    from starlette.types import Scope

    from pusher_mock.core import Core

__all__ = ["admit", "comes_from_a_page", "is_foreign_host"]

# Browsers send one of these at least, whatever a page tells them to do.
_BROWSER: Final = frozenset({b"origin", b"sec-fetch-site", b"sec-fetch-mode"})
_FORBIDDEN, _NOT_ALLOWED = 403, 405


def admit(core: Core, scope: Scope, method: str = "GET") -> str:
    """Check a request that is signed as one of Pusher's HTTP API, without a body.

    Args:
        core: whose.
        scope: the request.
        method: the one that it may have.

    Returns:
        The id of the key's app.

    Raises:
        ProtocolViolation: it is refused.
    """
    if scope["method"] != method:
        raise ProtocolViolation(texts.METHOD_NOT_ALLOWED, status=_NOT_ALLOWED)
    if any(name in _BROWSER for name, _ in scope["headers"]):
        raise ProtocolViolation(
            "Not for browsers: the command line `pusher-mock` and the application may ask",
            status=_FORBIDDEN,
        )
    if not _names_us(scope):
        raise ProtocolViolation(
            "The request is for another host; ask for localhost, 127.0.0.1, [::1], or the "
            "address or name of the server's machine",
            status=_FORBIDDEN,
        )
    query = parameters_of(scope["query_string"])
    asked = HttpRequested(method, path_of(scope), query)
    given = {name.lower(): value for name, value in query}
    with core.lock:
        state = core.engine.state
        # The path names no app: it is the key's.
        found = state.by_key.get(given.get("auth_key", ""))
        own = found.config.id if found is not None else ""
        authenticate(Turn(state, core.clock.now(), core.clock.wall()), asked, given, own)
    return own


def comes_from_a_page(name: bytes) -> bool:
    """Whether a header, its name in lower case, is one that a browser sends for a page.

    ``sec-fetch-mode`` is not asked for: Node's ``fetch`` sends it too.
    """
    return name in (b"origin", b"sec-fetch-site")


@lru_cache(maxsize=64)
def is_foreign_host(host: bytes, server: str) -> bool:
    """Whether a request to this machine's own address names a host that is somebody else's.

    A page of that host would count as the server's own (DNS rebinding). A server on another
    address has been opened to others, who may call it what they like.

    Args:
        host: the header.
        server: the address that the request came to.
    """
    return is_loopback(server) and not _is_ours(host.decode("latin-1"), server)


def _is_ours(host: str, server: str) -> bool:
    return is_loopback(host) or bare_host(host) in {bare_host(server), gethostname().lower()}


def _names_us(scope: Scope) -> bool:
    """Whether the request is for a host that nobody else can make a name of (DNS rebinding)."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    server = (scope.get("server") or ("", None))[0] or ""
    return bool(hosts) and all(_is_ours(one, server) for one in hosts)
