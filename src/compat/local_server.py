"""Server mode: where the local server is, from ``PUSHER_MOCK_URL``."""

import ipaddress
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from compat.names import MOCK_URL_FORM, SCHEMES

__all__ = ["Place", "parse_mock_url"]

_PORTS: Final = {"http": 80, "https": 443}


class Place(NamedTuple):
    """Where a server listens.

    Attributes:
        host: A name or an address; an IPv6 address in brackets.
        port: The port.
        ssl: Whether it speaks TLS.
    """

    host: str
    port: int
    ssl: bool

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the settings that point both SDKs there."""
        return {
            "host": self.host,
            "port": self.port,
            "ssl": self.ssl,
            "ws_host": self.host,
            "ws_port": self.port,
        }


def parse_mock_url(url: str, allowed_host: str | None) -> Place:
    """Read ``PUSHER_MOCK_URL``.

    Args:
        url: ``http(s)://HOST[:PORT]`` of a server on this machine.
        allowed_host: A host elsewhere that is meant all the same.

    Returns:
        Where it is.

    Raises:
        ValueError: It is no such URL, or not on this machine.
    """
    problem = f"write {MOCK_URL_FORM}, as `pusher-mock serve` prints it"
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError(problem) from None
    rest = (parts.username, parts.password, parts.query, parts.fragment, parts.path.strip("/"))
    if parts.scheme not in SCHEMES or not host or any(rest):
        raise ValueError(problem)
    if not _is_loopback(host) and host != (allowed_host or "").strip().lower():
        raise ValueError(
            f"{host} is not this machine, and what is published with mocks on must not leave it "
            f"by accident; if it is meant, set PUSHER_MOCK_ALLOWED_HOST={host}"
        )
    if port is None:
        port = _PORTS[parts.scheme]
    return Place(f"[{host}]" if ":" in host else host, port, SCHEMES[parts.scheme])


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
