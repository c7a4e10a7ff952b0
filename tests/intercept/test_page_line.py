"""The line to a page, without a browser: what becomes of messages at the edges of its life."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.intercept.browser.line import PageLine

from .calls import KEY

if TYPE_CHECKING:
    from pusher_mock import PusherMock

TARGET = f"/app/{KEY}?protocol=7"


class Route:
    """Playwright's end of a WebSocket."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, text: str) -> None:
        self.said.append(text)

    def close(self, code: int, reason: str) -> None:
        self.said.append((code, reason))


def line_to(route: Route, mock: PusherMock, loop: asyncio.AbstractEventLoop) -> PageLine:
    def close(route: Route, code: int, reason: str) -> None:
        route.close(code, reason)

    return PageLine(mock.core, route, loop, close)


@pytest.fixture
def route() -> Route:
    return Route()


def test_nothing_follows_a_close(mock: PusherMock, route: Route):
    async def test() -> None:
        line = line_to(route, mock, asyncio.get_running_loop())
        line.open(TARGET, tls=True, implicit=False)
        line.hear('{"event":"pusher:subscribe","data":{"channel":"c"}}')
        mock.server().trigger("c", "e", 1)
        mock.reset()
        line.refuse("twice")
        await asyncio.sleep(0)
        line.hear('{"event":"pusher:subscribe","data":{"channel":"c"}}')
        line.closed(None, None)

    asyncio.run(test())
    *frames, last = route.said
    assert [part in frame for part, frame in zip(EXPECTED, frames, strict=True)] == [True] * 4
    assert last == (4200, "Please reconnect immediately")
    assert not mock.journal.published()


EXPECTED = ["connection_established", "subscription_succeeded", '"event":"e"', "4200"]


def test_a_loop_that_has_ended(mock: PusherMock, route: Route):
    async def test() -> PageLine:
        line = line_to(route, mock, asyncio.get_running_loop())
        line.open(TARGET, tls=True, implicit=False)
        line.hear('{"event":"pusher:subscribe","data":{"channel":"c"}}')
        await asyncio.sleep(0)
        return line

    line = asyncio.run(test())
    said = len(route.said)
    mock.server().trigger("c", "e", 1)
    mock.server().trigger("c", "e", 2)
    line.hang_up()
    assert len(route.said) == said
    assert not mock.core.connections


def test_the_door_imports_no_library():
    code = (
        "import sys, pusher_mock.intercept.playwright\n"
        "print(*sys.modules.keys() & {'playwright', 'greenlet', 'websocket', 'pusher'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
