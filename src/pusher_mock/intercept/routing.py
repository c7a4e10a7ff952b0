"""Which mock a call is for: the rules that every door asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pusher_mock.core import current
from pusher_mock.core.logs import logger
from pusher_mock.core.places import is_served
from pusher_mock.protocol.errors import UsageError

from .hosts import HostSet, is_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pusher_mock.core import Core

__all__ = [
    "Forward",
    "NotIntercepted",
    "Rule",
    "active",
    "begin",
    "choose",
    "end",
    "find",
    "is_pushers",
    "raise_all",
    "refuse",
]


class NotIntercepted(UsageError):
    """A call was about to leave for Pusher, and no door took it; the text says what to do.

    Attributes:
        url: where it was going.
    """

    def __init__(self, text: str, url: str) -> None:
        super().__init__(text)
        self.url = url

    def __reduce__(self) -> tuple[type[NotIntercepted], tuple[str, str]]:
        return type(self), (str(self), self.url)  # workers hand errors on to another process


class Forward(NamedTuple):
    """A local server that calls are sent to instead.

    Attributes:
        scheme: ``http`` or ``https``.
        host: without brackets.
        port: its port.
    """

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and port as in a URL, and in the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without a path."""
        return f"{self.scheme}://{self.netloc}"


@dataclass(eq=False, slots=True)
class Rule:
    """What one interception takes, and for whom.

    Attributes:
        doors: by name.
        core: the mock, or ``None`` for the one that is current at the call.
        hosts: besides Pusher's own.
        allow_real: hosts that are called for real.
        forward: where calls are sent instead of being answered.
        strict: whether calls of Pusher's hosts that nobody takes are refused.
        escaped: the calls that were refused.
    """

    doors: frozenset[str]
    core: Core | None
    hosts: HostSet
    allow_real: HostSet
    forward: Forward | None
    strict: bool
    escaped: list[NotIntercepted]

    def mock(self) -> Core:
        """The mock that a call would reach now."""
        return self.core or current()

    def wants(self, door: str, host: str, port: int | None, *, any_host: bool) -> bool:
        """Whether it takes a call that comes by this door."""
        if door not in self.doors:
            return False
        return any_host or is_service(host) or self.hosts.has(host, port)


# The outermost first. Replaced as a whole, so that calls need no lock to read it.
active: tuple[Rule, ...] = ()


def begin(rule: Rule) -> None:
    """Under the guard: it is the innermost from now on."""
    global active
    active = (*active, rule)


def end(rule: Rule) -> None:
    """Under the guard: its innermost activation is over."""
    global active
    at = len(active) - 1 - active[::-1].index(rule)
    active = (*active[:at], *active[at + 1 :])


def find(
    door: str, host: str, port: int | None, key: str | None, url: str, *, any_host: bool = False
) -> Core | Forward | None:
    """Who is to answer a call.

    Of the interceptions that take it, the innermost whose mock knows the key; else the innermost
    whose mock learns keys, or which forwards; else the innermost, whose mock refuses it.

    Args:
        door: the name of the door that the call has come to.
        host: where it was going, without brackets.
        port: likewise, if it is known.
        key: the app's key, if it could be read.
        url: all of it, for the text of an error.
        any_host: whether every host is meant: an SDK talks to Pusher only, wherever that is.

    Returns:
        A mock, or where to forward it to, or ``None`` to let it through.

    Raises:
        NotIntercepted: it was going to Pusher, nobody takes it, and somebody is strict.
    """
    rules = active
    if not rules or is_served(host, port):
        return None
    taking: list[Core | Forward] = []
    for rule in reversed(rules):
        if rule.allow_real and rule.allow_real.has(host, port):
            if taking:
                break  # one further in has taken it
            if is_service(host):
                logger.warning("%s goes to the real service (allow_real)", url)
            return None
        if rule.forward is not None and (host, port) == rule.forward[1:]:
            return None  # it is on its way there
        if not rule.wants(door, host, port, any_host=any_host):
            continue
        taking.append(rule.forward or rule.mock())
    found = choose(taking, key)
    if found is None and not any_host and is_pushers(host, port):
        refuse(host, url, door)
    return found


_Taker = TypeVar("_Taker", bound="Core | Forward")


def choose(taking: Sequence[_Taker], key: str | None) -> _Taker | None:
    """Of those that take a call, the innermost first, the one that answers it; see ``find``."""
    fallback: _Taker | None = None
    for taker in taking:
        if isinstance(taker, Forward):
            fallback = fallback or taker
            continue
        state = taker.engine.state
        if key is not None and key in state.by_key:
            return taker
        if state.open_registry:
            fallback = fallback or taker
    return fallback or (taking[0] if taking else None)


def raise_all(escaped: list[NotIntercepted], text: str) -> None:
    """Raise calls that were refused, if there are any.

    Args:
        escaped: the calls.
        text: what to say of several.

    Raises:
        NotIntercepted: the only one; an ``ExceptionGroup`` of several.
    """
    if len(escaped) == 1:
        raise escaped[0]
    if escaped:
        raise ExceptionGroup(text, escaped)


def is_pushers(host: str, port: int | None) -> bool:
    """Whether a host is Pusher's, or somebody has named it as such."""
    return is_service(host) or any(rule.hosts.has(host, port) for rule in active)


def refuse(host: str, url: str, door: str | None = None) -> None:
    """Nobody takes a call of Pusher: refuse it if somebody is strict.

    Raises:
        NotIntercepted: somebody is.
    """
    for rule in reversed(active):
        if rule.strict:
            error = NotIntercepted(f"{url} was about to be called: {_remedy(host, door)}", url)
            rule.escaped.append(error)
            raise error


def _remedy(host: str, door: str | None) -> str:
    if door is None:
        what = (
            "no door answers this library; use pusher, pysher, httpx, requests, aiohttp, "
            "websocket-client or websockets"
        )
    else:
        what = f"the door {door!r} is not among those that intercept here; name it as well"
    return f"{what}, or let everything to that host out, the SDK's calls too: allow_real=[{host!r}]"
