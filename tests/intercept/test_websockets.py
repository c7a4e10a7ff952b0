"""websockets, by threads and by asyncio and uvloop, without a socket."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
import websockets
from websockets.sync.client import connect, reconnect

from pusher_mock import NotIntercepted, PusherMock
from pusher_mock.intercept import visits
from pusher_mock.intercept import websockets as door

from .sockets import PING, URL, event_of, outlast, subscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ESTABLISHED = "pusher:connection_established"
LOOPS = [asyncio.run, uvloop.run]


@pytest.fixture(autouse=True, scope="module")
def _uvloop_has_run() -> None:
    """It keeps two descriptors for the process."""
    uvloop.run(asyncio.sleep(0))


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    threads = set(threading.enumerate())
    yield
    assert not visits._visitors
    outlast(set(threading.enumerate()) - threads)
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before


# By threads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, URL.replace("wss:", "ws:")])
def test_by_threads(url: str, mock: PusherMock):
    with mock.intercept("websocket"), connect(url) as ws:
        assert event_of(ws.recv()) == ESTABLISHED
        ws.send(subscribe("c"))
        assert event_of(ws.recv()) == "pusher_internal:subscription_succeeded"
        mock.server().trigger("c", "e", "x" * 10_000)
        mock.wait_until_delivered()
        assert json.loads(ws.recv(timeout=0))["data"] == "x" * 10_000
        ws.send([PING[:4], PING[4:]])
        assert event_of(ws.recv()) == "pusher:pong"
        assert ws.remote_address == ("ws-eu.pusher.com", 443 if url == URL else 80)
        assert ws.ping().wait(5)
    assert not mock.core.connections


def test_a_proxy_of_the_environment(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    with mock.intercept(), connect(URL) as ws:
        assert event_of(ws.recv()) == ESTABLISHED


def test_what_is_left_open_by_threads(mock: PusherMock):
    with mock.intercept():
        ws = connect(URL, legacy=True)
        ws.recv()
    with pytest.raises(websockets.ConnectionClosedOK) as caught:
        ws.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1001
    ws.close()


def test_it_reconnects_while_it_is_intercepted(mock: PusherMock):
    seen: list[str] = []
    with mock.intercept():
        for ws in reconnect(URL):
            seen.append(event_of(ws.recv()))
            if len(seen) == 2:
                break
            mock.reset()
            with pytest.raises(websockets.ConnectionClosed):
                ws.recv()
        ws.close()
    assert seen == [ESTABLISHED] * 2


def test_a_socket_of_the_applications_own(mock: PusherMock):
    class Taken(Exception):
        pass

    class Given:
        family = 0

        def settimeout(self, value: Any) -> None:
            raise Taken

        def close(self) -> None:
            self.closed = True

    given: Any = Given()
    with mock.intercept(), pytest.raises(Taken):
        connect(URL, sock=given)


@pytest.mark.parametrize("address", [("127.0.0.1", 9), ("localhost", 9)])
def test_other_hosts_are_left_alone(address: tuple[str, int], mock: PusherMock):
    with mock.intercept(), pytest.raises(Exception, match=r"[Ss]ocket"):
        connect(URL, address=address, proxy=None)
    with mock.intercept(), pytest.raises(Exception, match=r"[Ss]ocket"):
        connect(f"ws://{address[0]}:9/")


def test_a_door_that_is_not_named(mock: PusherMock):
    interception = mock.intercept("requests").start()
    with pytest.raises(NotIntercepted):
        connect(URL)
    with pytest.raises(NotIntercepted):
        interception.stop()


# By asyncio ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", LOOPS)
@pytest.mark.parametrize("url", [URL, URL.replace("wss:", "ws:")])
def test_by_asyncio(url: str, run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        async with websockets.connect(url) as ws:
            assert event_of(await ws.recv()) == ESTABLISHED
            await ws.send(subscribe("c"))
            assert event_of(await ws.recv()) == "pusher_internal:subscription_succeeded"
            for size in (1, 300, 10_000):
                mock.server().trigger("c", "e", "x" * size)
                assert json.loads(await ws.recv())["data"] == "x" * size
            assert ws.remote_address[0] == "ws-eu.pusher.com"
            await (await ws.ping())
        assert not mock.core.connections

    with mock.intercept("websocket"):
        run(work())


@pytest.mark.parametrize("run", LOOPS)
def test_more_than_it_reads(run: Callable[[Any], None], mock: PusherMock):
    """It stops reading when 16 messages wait, and goes on later."""

    async def work() -> None:
        async with websockets.connect(URL) as ws:
            await ws.recv()
            await ws.send(subscribe("c"))
            await ws.recv()
            for number in range(200):
                mock.server().trigger("c", "e", str(number))
            heard = [json.loads(await ws.recv())["data"] for _ in range(200)]
            assert heard == [str(number) for number in range(200)]

    with mock.intercept():
        run(work())


@pytest.mark.parametrize("run", LOOPS)
def test_published_by_another_thread(run: Callable[[Any], None], mock: PusherMock):
    def publish() -> None:
        mock.wait_until_subscribed("c")
        mock.server().trigger("c", "e", "x")
        mock.wait_until_delivered()

    async def work() -> None:
        async with websockets.connect(URL) as ws:
            await ws.recv()
            await ws.send(subscribe("c"))
            await ws.recv()
            assert event_of(await ws.recv()) == "e"

    publisher = threading.Thread(target=publish)
    with mock.intercept():
        publisher.start()
        run(work())
    publisher.join(5)
    assert not publisher.is_alive()


@pytest.mark.parametrize("run", LOOPS)
def test_what_is_left_open_by_asyncio(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        interception = mock.intercept().start()
        ws = await websockets.connect(URL)
        await ws.recv()
        interception.stop()
        with pytest.raises(websockets.ConnectionClosedOK) as caught:
            await ws.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1001

    run(work())


def test_a_loop_that_has_ended(mock: PusherMock):
    async def work() -> Any:
        ws = await websockets.connect(URL)
        await ws.recv()
        return ws

    loop = asyncio.new_event_loop()
    with mock.intercept():
        kept = loop.run_until_complete(work())
        kept.keepalive_task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        mock.server().trigger("c", "e", "nobody hears it")
        mock.wait_until_delivered()


def test_a_host_given_to_asyncio(mock: PusherMock):
    async def work() -> None:
        url = URL.replace("wss:", "ws:")
        with pytest.raises(Exception, match=r"[Ss]ocket"):
            await websockets.connect(url, host="127.0.0.1", port=9, proxy=None)

    with mock.intercept():
        asyncio.run(work())


# Other versions -----------------------------------------------------------------------------------


def legacy() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from websockets.legacy import client
    return client


@pytest.mark.parametrize("run", LOOPS)
def test_the_legacy_client(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        async with legacy().connect(URL) as ws:
            assert event_of(await ws.recv()) == ESTABLISHED
            await ws.send(PING)
            assert event_of(await ws.recv()) == "pusher:pong"

    with mock.intercept():
        run(work())


def test_the_legacy_client_elsewhere(mock: PusherMock):
    async def work() -> None:
        with pytest.raises(Exception, match=r"[Ss]ocket"):
            await legacy().connect("ws://127.0.0.1:9/")
        with pytest.raises(Exception, match=r"[Ss]ocket"):
            await legacy().connect(URL.replace("wss:", "ws:"), host="127.0.0.1", port=9)

    with mock.intercept():
        asyncio.run(work())


def test_the_synchronous_client_of_versions_before_17(
    mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    given: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.delattr("websockets.sync.client.reconnect")
    older = door._connect(lambda uri, **options: given.append((uri, options)))
    with mock.intercept():
        older(URL, ssl_context="theirs")
        older(URL.replace("wss:", "ws:"))
        older("ws://127.0.0.1:9/", open_timeout=3)
    (uri, encrypted), (_, plain), (_, real) = given
    assert uri == URL
    assert encrypted["ssl"].wrap_socket(encrypted["sock"]) is encrypted["sock"]
    assert set(encrypted) == {"sock", "ssl"}
    assert plain["ssl"] is None
    assert real == {"open_timeout": 3}
    for options in (encrypted, plain):
        options["sock"].close()


def test_the_asynchronous_client_of_versions_before_17(mock: PusherMock):
    async def theirs(self: Any) -> str:
        return "theirs"

    older = door._open_connection(theirs)
    protocol = SimpleNamespace(connection_made=lambda transport: made.append(transport))
    made: list[Any] = []
    asked: list[Any] = []

    def factory(uri: Any) -> Any:
        asked.append(uri)
        return protocol

    async def work() -> None:
        mine = SimpleNamespace(uri=URL, connection_kwargs={}, protocol_factory=factory)
        assert await older(mine) is protocol
        given = SimpleNamespace(uri=URL, connection_kwargs={"sock": 1}, protocol_factory=factory)
        assert await older(given) == "theirs"
        protocol.connection_lost = lambda error: None
        made[0].close()
        await asyncio.sleep(0)

    with mock.intercept():
        asyncio.run(work())
    assert asked[0].host == "ws-eu.pusher.com"
