"""A page's WebSocket on its way to a local server, without either of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import websocket

from pusher_mock.intercept.browser.relay import Relay
from pusher_mock.intercept.routing import Forward

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

SERVER = Forward("https", "::1", 6001)


class Socket:
    """What websocket-client would connect: it hears one close.

    Args:
        connected: called when it connects.
        close: what the close has in it.
    """

    sock = None

    def __init__(self, connected: Callable[[], object], close: bytes) -> None:
        self.connected = connected
        self.payload = close
        self.calls: list[Any] = []

    def connect(self, url: str, **options: Any) -> None:
        self.calls.append(url)
        self.connected()

    def settimeout(self, seconds: float | None) -> None:
        assert seconds is None

    def recv_data(self) -> tuple[int, bytes]:
        self.calls.append("read")
        return websocket.ABNF.OPCODE_CLOSE, self.payload

    def send_close(self) -> None:
        self.calls.append("close")

    def shutdown(self) -> None:
        self.calls.append("shutdown")


def close_of(
    monkeypatch: pytest.MonkeyPatch, payload: bytes, *, hang_up: bool = False
) -> tuple[Any, list[Any]]:
    """Return what the page is closed with, and what the socket was asked."""

    async def test() -> tuple[Any, list[Any]]:
        closed: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

        def close(route: Any, code: int, reason: str) -> None:
            closed.set_result((code, reason))

        made = Socket(lambda: relay.hang_up() if hang_up else None, payload)
        monkeypatch.setattr(websocket, "WebSocket", lambda: made)
        relay = Relay(SERVER, object(), asyncio.get_running_loop(), close)
        relay.open("/app/key?protocol=7")
        return await asyncio.wait_for(closed, 10), made.calls

    return asyncio.run(test())


def test_closes(monkeypatch: pytest.MonkeyPatch):
    url = "wss://[::1]:6001/app/key?protocol=7"
    said, calls = close_of(monkeypatch, b"\x10\x68Please reconnect immediately")
    assert said == (4200, "Please reconnect immediately")
    assert calls == [url, "read", "shutdown"]
    assert close_of(monkeypatch, b"")[0] == (1000, "")


def test_a_page_that_is_gone_before_the_server_answers(monkeypatch: pytest.MonkeyPatch):
    said, calls = close_of(monkeypatch, b"", hang_up=True)
    assert said == (1001, "")
    assert calls[1:] == ["close", "shutdown"]  # nothing is read
