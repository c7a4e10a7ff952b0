"""What pages ask of Pusher, and whom it reaches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit
from weakref import WeakKeyDictionary

from pusher_mock.core import current
from pusher_mock.core.logs import logger
from pusher_mock.intercept import routing
from pusher_mock.intercept.exchange import key_of
from pusher_mock.intercept.hosts import HostSet, is_service, port_of
from pusher_mock.intercept.routing import NotIntercepted

from .answers import Refusal, answer, refusal
from .closes import on_close
from .line import PageLine

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from pathlib import Path

    from pusher_mock.core import Core
    from pusher_mock.intercept.routing import Forward
    from pusher_mock.mock import PusherMock

    from .relay import Relay

__all__ = ["Pages"]


# By context or page, the outermost first: Playwright has no way to take a WebSocket's route out.
_doors: WeakKeyDictionary[Any, list[Pages]] = WeakKeyDictionary()


class Pages:
    """The pages of a context, or one page.

    Args:
        target: the context or the page.
        mock: the mock, or ``None`` for the current one.
        builds: the folder of pusher-js, or ``None``.
        hosts: besides Pusher's own.
        allow_real: hosts that are called for real.
        forward: where WebSockets are led to instead of the mock.
        strict: whether what is not answered is refused.

    Attributes:
        escaped: the requests that were refused.
    """

    def __init__(
        self,
        target: Any,
        mock: PusherMock | None,
        builds: Path | None,
        hosts: HostSet,
        allow_real: HostSet,
        forward: Forward | None,
        strict: bool,
    ) -> None:
        self.escaped: list[NotIntercepted] = []
        self._target = target
        self._mock = mock
        self._builds = builds
        self._hosts = hosts
        self._allow_real = allow_real
        self._forward = forward
        self._strict = strict
        self._pattern = _pattern(hosts)
        self._loop: AbstractEventLoop
        self._active = False
        self._lines: dict[Any, PageLine | Relay] = {}  # by Playwright's end
        # The keys of WebSockets; and what pusher-js has tried besides, which is no matter when
        # a machine was only too slow for it.
        self._keys: set[str | None] = set()
        self._tried: list[tuple[str | None, NotIntercepted]] = []

    def _begin(self) -> None:
        self._active = True
        _doors.setdefault(self._target, []).append(self)

    def _end(self) -> bool:
        """End it; returns whether it had begun."""
        if not self._active:
            return False
        self._active = False
        _doors[self._target].remove(self)
        for line in tuple(self._lines.values()):
            line.hang_up()
        self._lines.clear()
        return True

    def raise_escaped(self) -> None:
        """Raise what was refused so far, if anything, and forget it; ``stop()`` does so, too.

        Raises:
            NotIntercepted: a request was refused; an ``ExceptionGroup`` when there are several.
        """
        unconnected = [
            error
            for key, error in self._tried
            if not (key in self._keys or (key is None and self._keys))
        ]
        escaped = [*self.escaped, *unconnected[:1]]  # pusher-js tries again and again
        self.escaped.clear()
        self._tried.clear()
        routing.raise_all(escaped, f"pages asked Pusher for {len(escaped)} things")

    # WebSockets --------------------------------------------------------------------------------

    def _socket(self, route: Any) -> None:
        """A page opens a WebSocket to one of the hosts."""
        door = self if self._active else self._another()
        if door is not None:
            door._connect(route)
        elif self._strict:
            self._line(route).refuse(f"{route.url} is opened by a page that is left over")
        else:
            route.connect_to_server()

    def _another(self) -> Pages | None:
        """The innermost that is there still."""
        for place in (self._target, getattr(self._target, "context", self._target)):
            doors = _doors.get(place)
            if doors:
                return doors[-1]
        return None

    def _connect(self, route: Any) -> None:
        url = urlsplit(route.url)
        if self._is_real(url) or not self._is_meant(url):
            route.connect_to_server()
            return
        target = f"{url.path}?{url.query}" if url.query else url.path
        key = key_of(target)
        self._keys.add(key)
        line: PageLine | Relay
        if self._forward is None:
            line = self._line(route, key)
        else:
            line = self._relay(route, self._forward)
        self._lines[route] = line
        route.on_message(line.hear)
        on_close(route, line.closed)
        line.open(target, tls=url.scheme == "wss", implicit=self._mock is None)

    def _line(self, route: Any, key: str | None = None) -> PageLine:
        core = self._mock.core if self._mock is not None else _whose(key)
        return PageLine(core, route, self._loop, self._let_go)

    def _relay(self, route: Any, forward: Forward) -> Relay:
        from .relay import Relay

        return Relay(forward, route, self._loop, self._let_go)

    def _let_go(self, route: Any, code: int, reason: str) -> None:
        self._lines.pop(route, None)
        self._close(route, code, reason)

    def _close(self, route: Any, code: int, reason: str) -> None:
        """Close a WebSocket, without waiting for it."""
        raise NotImplementedError

    # Requests ----------------------------------------------------------------------------------

    def _request(self, route: Any) -> Any:
        """A page sends a request to one of the hosts; the async API awaits what this returns."""
        request = route.request
        url = urlsplit(request.url)
        if not self._active or self._is_real(url) or not self._is_meant(url):
            return route.fallback()
        said = answer(url, self._builds)
        if said is not None:
            return route.fulfill(**said)
        if not self._strict:
            return route.fallback()
        self._refuse(f"{request.method} {_bare(url)}", url, refusal(url, self._builds))
        return route.abort("blockedbyclient")

    def _refuse(self, call: str, url: SplitResult, why: Refusal) -> None:
        text = (
            f"a page was about to call {call}: {why.remedy}; or let the call out with "
            f"allow_real=[{url.hostname!r}]"
        )
        error = NotIntercepted(text, call)
        if why.fallback:
            self._tried.append((why.key, error))
        else:
            logger.warning("%s", text)
            self.escaped.append(error)

    # Hosts -------------------------------------------------------------------------------------

    def _is_meant(self, url: SplitResult) -> bool:
        host = url.hostname or ""
        return is_service(host) or self._hosts.has(host, _port(url))

    def _is_real(self, url: SplitResult) -> bool:
        host = url.hostname or ""
        if not self._allow_real.has(host, _port(url)):
            return False
        logger.warning("a page calls the real %s (allow_real)", _bare(url))
        return True

    def __repr__(self) -> str:
        state = f"connections={len(self._lines)}" if self._active else "stopped"
        mock = self._mock or "the current mock"
        whom = f"of {mock}" if self._forward is None else f"to {self._forward.url}"
        return f"<{type(self).__name__} {state} {whom}>"


def _whose(key: str | None) -> Core:
    """The mock that a call of this process would reach, or else the current one."""
    cores = [rule.mock() for rule in reversed(routing.active) if rule.forward is None]
    return routing.choose(cores, key) or current()


def _port(url: SplitResult) -> int | None:
    return port_of(url.scheme, url.port)


def _bare(url: SplitResult) -> str:
    """Without the query, which may hold a signature."""
    return f"{url.scheme}://{url.netloc}{url.path}"


def _pattern(hosts: HostSet) -> re.Pattern[str]:
    """What matches URLs of Pusher's hosts and these; the browser's driver reads it as JavaScript's.

    A port is looked at later: URLs leave out the usual one.
    """
    names = [r"[^/?#:@]+\.pusher(?:app)?\.com"]
    for host in hosts:
        name = f"[{host.name}]" if ":" in host.name else host.name
        names.append(re.escape(name).replace(r"\*", "[^/?#:@]*"))
    return re.compile(rf"^(?:http|ws)s?://(?:{'|'.join(names)})(?::\d+)?(?:[/?#]|$)")
