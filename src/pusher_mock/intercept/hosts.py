"""Which hosts are Pusher's, and which ones a test names besides."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PORTS", "Host", "HostSet", "is_service", "port_of", "read_host", "read_hosts"]

#: What a URL means that names no port.
PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

# facts 1.1, 2.1.1, 5.2.1: api-CLUSTER, ws-CLUSTER, sockjs-CLUSTER, stats, js, all under these two
_SERVICE = (".pusher.com", ".pusherapp.com")

_HOST = re.compile(r"(?P<host>[^\s:/?#@\[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?\Z")


def is_service(host: str) -> bool:
    """Whether a host belongs to Pusher."""
    return host.lower().rstrip(".").endswith(_SERVICE)


def port_of(scheme: str, port: int | None) -> int | None:
    """The port of a URL, or its scheme's when it names none; ``None`` for an unknown scheme."""
    return port or PORTS.get(scheme)


class Host(NamedTuple):
    """A host as somebody named it.

    Attributes:
        name: in lower case, without brackets; ``*`` stands for anything.
        port: that port only, or any.
    """

    name: str
    port: int | None = None

    def fits(self, host: str, port: int | None) -> bool:
        """Whether a call to this host and port is meant."""
        if self.port is not None and port is not None and self.port != port:
            return False
        return fnmatchcase(host.lower().rstrip("."), self.name)


def read_host(text: str, argument: str = "hosts") -> Host:
    """Read ``api-eu.pusher.com`` or ``localhost:8080``.

    Raises:
        UsageError: it has a scheme or a path in it.
    """
    given: Any = text
    match = _HOST.match(text) if isinstance(given, str) else None
    if match is None:
        raise UsageError(f"{argument} takes host names such as 'localhost:8080', not {text!r}")
    return Host(match["host"].strip("[]").lower(), int(match["port"]) if match["port"] else None)


def read_hosts(given: str | Iterable[str], argument: str = "hosts") -> HostSet:
    """Read one or several.

    Raises:
        UsageError: one of them is no host name.
    """
    texts = [given] if isinstance(given, str) else given
    return HostSet(read_host(text, argument) for text in texts)


class HostSet(tuple[Host, ...]):
    """Some hosts."""

    __slots__ = ()

    def has(self, host: str, port: int | None) -> bool:
        """Whether a call to this host and port is meant by one of them."""
        return any(one.fits(host, port) for one in self)
