"""The browser's door: pages that Playwright drives reach a mock, with no server and no DNS.

A page keeps its literal key and cluster, and pusher-js from ``js.pusher.com``: that script comes
from the npm package, and WebSockets to Pusher's hosts go straight into the mock's core.
"""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, overload

from pusher_mock.protocol.errors import UsageError

from .browser.cdn import find_builds
from .browser.door import AsyncDoor, Door
from .hosts import read_hosts
from .interception import read_forward

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from playwright import async_api, sync_api

    from pusher_mock.mock import PusherMock

__all__ = ["AsyncDoor", "Door", "install"]


@overload
def install(
    target: sync_api.BrowserContext | sync_api.Page,
    mock: PusherMock | None = None,
    *,
    script: str | PathLike[str] | bool | None = None,
    hosts: str | Iterable[str] = (),
    allow_real: str | Iterable[str] = (),
    forward_to: object = None,
    strict: bool = True,
) -> Door: ...


@overload
def install(
    target: async_api.BrowserContext | async_api.Page,
    mock: PusherMock | None = None,
    *,
    script: str | PathLike[str] | bool | None = None,
    hosts: str | Iterable[str] = (),
    allow_real: str | Iterable[str] = (),
    forward_to: object = None,
    strict: bool = True,
) -> AsyncDoor: ...


def install(
    target: Any,
    mock: PusherMock | None = None,
    *,
    script: str | PathLike[str] | bool | None = None,
    hosts: str | Iterable[str] = (),
    allow_real: str | Iterable[str] = (),
    forward_to: object = None,
    strict: bool = True,
) -> Door | AsyncDoor:
    """Have a mock answer the pages of a browser context, or one page, before they are opened.

    Args:
        target: a context or a page of Playwright's sync or async API.
        mock: the mock; without it, when a page connects, the one of the innermost interception
            that knows its key, or else the current one.
        script: the folder with ``pusher.min.js``, ``node_modules/pusher-js/dist/web``. It is
            looked for in the working directory and the ones above; ``False`` leaves requests for
            it unanswered. Pages get what is there, whichever version their URL names.
        hosts: hosts that are Pusher's besides ``*.pusher.com`` and ``*.pusherapp.com``, such as
            ``localhost:6001`` for ``wsHost`` and ``wsPort``.
        allow_real: hosts that are called for real, such as ``js.pusher.com``.
        forward_to: a local server, or its URL, that WebSockets are led to instead.
        strict: abort what pages ask of Pusher's hosts and is not answered, and raise it as
            ``NotIntercepted`` at the end.

    Returns:
        What ends it: ``stop()``, or a ``with`` block. With the async API ``await`` it, or use
        ``async with``: nothing is intercepted before.

    Raises:
        UsageError: this is neither a context nor a page, pusher-js is not there, a host is none,
            or the server is not on this machine.
    """
    routes = getattr(target, "route_web_socket", None)
    if routes is None:
        raise UsageError(
            f"install() takes a BrowserContext or a Page of Playwright from 1.48 on, not {target!r}"
        )
    builds = find_builds(script)
    named, allowed = read_hosts(hosts), read_hosts(allow_real, "allow_real")
    forward = read_forward(forward_to, allowed)
    if iscoroutinefunction(routes):
        return AsyncDoor(target, mock, builds, named, allowed, forward, strict)
    door = Door(target, mock, builds, named, allowed, forward, strict)
    door.start()
    return door
