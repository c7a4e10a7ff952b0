"""Real connections of the real libraries, to a local server instead of Pusher."""

from __future__ import annotations

import asyncio
import gc
import ssl
import warnings
from typing import TYPE_CHECKING, Any

import aiohttp
import pysher
import pytest
import uvloop
import websocket
import websockets
from websockets.sync.client import connect

from pusher_mock import PusherMock
from pusher_mock.intercept import visits
from pusher_mock.intercept.forwarding import ForwardedSocket, ForwardedTransport

from .calls import EVENT, HOST, KEY, body_of, signed
from .sockets import URL, event_of, subscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock.intercept.visits import Visitor
    from pusher_mock.server import ThreadedServer

pytestmark = pytest.mark.enable_socket

ESTABLISHED = "pusher:connection_established"
BODY = body_of(EVENT)
LOOPS = [asyncio.run, uvloop.run]


@pytest.fixture
def other() -> PusherMock:
    return PusherMock()


@pytest.fixture
def server(other: PusherMock) -> Iterator[ThreadedServer]:
    with other.serve() as server:
        yield server
    assert not visits._visitors


def test_pysher(mock: PusherMock, other: PusherMock, server: ThreadedServer):
    heard: list[str] = []
    me = pysher.Pusher(KEY, cluster="eu")
    with mock.intercept("sdk", forward_to=server):
        me.connect()
        other.wait_until(lambda: me.connection.state == "connected")
        me.subscribe("c").bind("e", heard.append)
        other.wait_until_subscribed("c")
        other.server().trigger("c", "e", "x")
        other.wait_until(lambda: heard == ["x"])
        other.wait_until_connected()
    me.connection.join(5)
    assert not me.connection.is_alive()


def test_websocket_client(mock: PusherMock, other: PusherMock, server: ThreadedServer):
    with mock.intercept(forward_to=server):
        ws = websocket.create_connection(URL, timeout=5)
        assert event_of(ws.recv()) == ESTABLISHED
        other.wait_until_connected()
    with pytest.raises(websocket.WebSocketConnectionClosedException):
        ws.recv()
    ws.close()
    assert not mock.core.connections


def test_websockets_by_threads(mock: PusherMock, other: PusherMock, server: ThreadedServer):
    with mock.intercept(forward_to=server), connect(URL) as ws:
        assert event_of(ws.recv(timeout=5)) == ESTABLISHED
        other.wait_until_connected()


@pytest.mark.parametrize("run", LOOPS)
def test_websockets_by_asyncio(
    run: Callable[[Any], None], mock: PusherMock, other: PusherMock, server: ThreadedServer
):
    async def work() -> None:
        interception = mock.intercept(forward_to=server).start()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from websockets.legacy import client as legacy
        async with legacy.connect(URL) as ws:
            assert event_of(await ws.recv()) == ESTABLISHED
        async with websockets.connect(URL) as ws:
            assert event_of(await ws.recv()) == ESTABLISHED
            await asyncio.to_thread(other.wait_until_connected)
            interception.stop()
            with pytest.raises(websockets.ConnectionClosed):
                await ws.recv()

    run(work())


@pytest.mark.parametrize("run", LOOPS)
def test_aiohttp(
    run: Callable[[Any], None], mock: PusherMock, other: PusherMock, server: ThreadedServer
):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            url = HOST + signed("POST", "/apps/1/events", BODY)
            async with session.post(url, data=BODY) as answer:
                assert (answer.status, await answer.json()) == (200, {})
            async with session.ws_connect(URL) as ws:
                assert event_of(await ws.receive_str()) == ESTABLISHED

    with mock.intercept(forward_to=server):
        run(work())
    other.assert_triggered("c", "e", {"n": 1}, times=1)
    mock.assert_not_triggered()


def test_a_server_that_encrypts(
    mock: PusherMock, server: ThreadedServer, monkeypatch: pytest.MonkeyPatch
):
    """By threads; the standard library encrypts, so its context is stood in for."""
    asked: list[Any] = []

    class Context:
        def wrap_socket(self, opened: Any, server_hostname: str) -> Any:
            asked.append(server_hostname)
            return opened

    monkeypatch.setattr(ssl, "create_default_context", Context)
    with mock.intercept(forward_to=server.url.replace("http:", "https:")):
        ws = websocket.create_connection(URL, timeout=5)
        assert event_of(ws.recv()) == ESTABLISHED
        ws.close()
    assert asked == ["127.0.0.1"]


def test_two_interceptions_to_one_server(
    mock: PusherMock, other: PusherMock, server: ThreadedServer
):
    with mock.intercept(forward_to=server):
        with mock.intercept(forward_to=server):
            ws = websocket.create_connection(URL, timeout=5)
        assert event_of(ws.recv()) == ESTABLISHED
        ws.send(subscribe("c"))
        other.wait_until_subscribed("c")
        ws.close()


def test_what_is_gone_already():
    class Gone:
        def shutdown(self, how: int) -> None:
            raise OSError("closed")

        def close(self) -> None:
            """Nobody calls it."""

    gone: Any = Gone()
    loop: Any = asyncio.new_event_loop()
    loop.close()
    visitors: list[Visitor] = [ForwardedSocket(gone), ForwardedTransport(gone, loop)]
    for visitor in visitors:
        visitor.dismiss()
        visitor.wait()
    del gone
    gc.collect()
    for visitor in visitors:
        visitor.dismiss()
