"""Connections that outlast the call that opened them: whose they are, and when they have to end."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pusher_mock.core.forks import INNER, hold

from . import routing
from .exchange import key_of
from .hosts import port_of
from .routing import find

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from pusher_mock.core import Core

    from .routing import Forward, Rule

__all__ = ["Claim", "Visitor", "ask", "ask_for", "enter", "leave", "release"]

_TLS = ("https", "wss")


class Claim(NamedTuple):
    """Who has taken a connection, and on what grounds.

    Attributes:
        whom: the mock, or where the connection is sent instead.
        door: the name of the door.
        host: where it was going, without brackets.
        port: likewise.
        tls: whether it was going there encrypted.
        any_host: whether it would have been taken wherever it was going.
        implicit: whether it reached the mock as the current one, and so ends when that is not
            active any more.
    """

    whom: Core | Forward
    door: str
    host: str
    port: int
    tls: bool
    any_host: bool = False
    implicit: bool = False

    def stands(self) -> bool:
        """Whether an interception that is active would take it as well."""
        return any(
            rule.wants(self.door, self.host, self.port, any_host=self.any_host)
            and self._belongs_to(rule)
            for rule in routing.active
        )

    def _belongs_to(self, rule: Rule) -> bool:
        if rule.forward is not None:
            return rule.forward == self.whom
        if rule.core is not None:
            return rule.core is self.whom
        # Another mock may be the current one for a while.
        return self.implicit or rule.mock() is self.whom


class Visitor(Protocol):
    """What must not outlive the interceptions that have let it in."""

    def dismiss(self) -> None:
        """End it for good; again is fine."""
        ...

    def wait(self) -> None:
        """Give it a moment to be gone, after it was dismissed."""
        ...


_guard = hold(Lock(), INNER)
_visitors: dict[Visitor, Claim] = {}


def ask(door: str, parts: SplitResult, *, any_host: bool = False) -> Claim | None:
    """Who takes a connection to this URL.

    Raises:
        NotIntercepted: as ``find``.
        ValueError: the URL has no proper port.
    """
    target = f"{parts.path}?{parts.query}"
    port = port_of(parts.scheme, parts.port) or 0
    tls = parts.scheme in _TLS
    return ask_for(door, parts.hostname or "", port, target, tls=tls, any_host=any_host)


def ask_for(
    door: str, host: str, port: int, target: str, *, tls: bool, any_host: bool = False
) -> Claim | None:
    """Who takes a connection.

    Args:
        door: the name of the door.
        host: where it is going, without brackets.
        port: likewise.
        target: path and query of the first request.
        tls: whether it is to be encrypted.
        any_host: as for ``find``.

    Raises:
        NotIntercepted: as ``find``.
    """
    scheme = "wss" if tls else "ws"
    if door == "aiohttp":
        scheme = "https" if tls else "http"
    url = f"{scheme}://{host}:{port}{target.partition('?')[0]}"
    whom = find(door, host, port, key_of(target), url, any_host=any_host)
    if whom is None:
        return None
    implicit = all(rule.core is not whom for rule in routing.active)
    return Claim(whom, door, host, port, tls, any_host, implicit)


def enter(visitor: Visitor, claim: Claim) -> None:
    """It is here from now on."""
    with _guard:
        _visitors[visitor] = claim


def leave(visitor: Visitor) -> None:
    """It has gone by itself; again is fine."""
    with _guard:
        _visitors.pop(visitor, None)


def release() -> None:
    """End what no active interception would take any more. Not under the doors' guard."""
    with _guard:
        ended = [visitor for visitor, claim in _visitors.items() if not claim.stands()]
    for visitor in ended:
        visitor.dismiss()
        leave(visitor)
    for visitor in ended:
        visitor.wait()
