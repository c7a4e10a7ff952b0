"""The server of ``run --server``, which somebody else has started."""

from __future__ import annotations

from socket import create_connection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pusher_mock.intercept.hosts import read_hosts

from .failures import Refused
from .greeting import local_url
from .surroundings import place_of

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["reach"]

_ALLOWED_HOST = "PUSHER_MOCK_ALLOWED_HOST"
_PORTS = {"http": 80, "https": 443}
_TIMEOUT = 5.0  # seconds


def reach(
    server: str, allow_real: tuple[str, ...], environment: MutableMapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Find a server, on another machine if that is allowed: by ``allow_real``, or by name.

    Args:
        server: its address, as somebody wrote it.
        allow_real: hosts that are called for real.
        environment: the command's; told of a host elsewhere, as the switch asks for it, too.

    Returns:
        Its URL, and who is called for real then.

    Raises:
        UsageError: it is no address, or on another machine, which nobody has allowed.
        Refused: it is not there.
    """
    if (elsewhere := _allowed(server, allow_real)) is not None:
        environment[_ALLOWED_HOST] = elsewhere
    name = environment.get(_ALLOWED_HOST)
    place = place_of(server, name)
    host = place.host.strip("[]")
    url = local_url(host, place.port, place.ssl)
    try:
        create_connection((host, place.port), timeout=_TIMEOUT).close()
    except OSError:
        raise Refused(
            f"no server at {url}; start one with `pusher-mock serve`, or use --serve"
        ) from None
    return url, (*allow_real, host) if host == name else allow_real


def _allowed(server: str, allow_real: tuple[str, ...]) -> str | None:
    """The host of a server, if it is among those that are called for real."""
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:  # no URL, which is said elsewhere
        return None
    if host is None or not read_hosts(allow_real, "allow_real").has(host, port):
        return None
    return host
