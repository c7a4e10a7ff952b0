"""Bad weather over real sockets, with clients that know nothing of it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
import websockets
from websockets.sync.client import connect

from pusher_mock import ManualClock

from .inbox import Inbox
from .test_pysher import SUCCEEDED, Subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .serving import Serving

pytestmark = pytest.mark.enable_socket

TARGET = "/app/mock-pusher-key?protocol=7&client=x&version=1.0"
SUBSCRIBE = json.dumps({"event": "pusher:subscribe", "data": {"channel": "c"}})


@pytest.fixture
def start(serving: Serving) -> Iterator[Callable[..., Subscriber]]:
    """What starts clients of pysher; they end before the server does."""
    started: list[Subscriber] = []

    def make(*args: Any, **options: Any) -> Subscriber:
        started.append(Subscriber(*args, **options))
        return started[-1]

    yield make
    for one in started:
        if one.pysher.connection.is_alive():
            one.disconnect()


# pysher ----------------------------------------------------------------------------------------


def test_pysher_waits_until_it_may_connect(serving: Serving, start: Callable[..., Subscriber]):
    server = serving.start()
    mock = server.mock
    client = start(server, reconnect_interval=0.01)
    failures: Inbox[str] = Inbox("failed connections")
    client.pysher.connection._on_close = _noticing(client, failures)  # type: ignore[method-assign]
    with mock.network.refuse_connections():
        client.pysher.connect()
        failures.all_of(2)
        assert client.connections.items == []
    client.connections.take()
    assert client.join("room").take() == (SUCCEEDED, {})


def _noticing(client: Subscriber, failures: Inbox[str]) -> Callable[..., None]:
    on_close = client.pysher.connection._on_close

    def noticed(*args: Any) -> None:
        on_close(*args)
        failures.put(client.pysher.connection.state)

    return noticed


def test_pysher_is_cut_off(serving: Serving, start: Callable[..., Subscriber]):
    clock = ManualClock()
    server = serving.start(clock=clock)
    publisher = serving.publisher(server)
    client = start(server, auto_sub=True).connect()
    inbox = client.join("room", "e")
    inbox.take()
    with server.mock.network.conditions(latency=100):
        publisher.trigger("room", "e", 1)
    assert server.mock.metrics().pending == 1
    # websocket-client leaves it open where a close comes by itself, as over ASGI.
    connection: Any = client.pysher.connection
    left_open = connection.socket.sock.sock
    server.mock.network.disconnect_now(client.pysher.connection.socket_id)
    client.connections.take()
    left_open.close()
    assert inbox.take() == (SUCCEEDED, {})
    clock.advance(100)
    publisher.trigger("room", "e", 2)
    assert inbox.take() == ("e", 2)
    assert server.mock.metrics().reasons == {"closed": 1}


def test_late_in_real_time(serving: Serving, start: Callable[..., Subscriber]):
    server = serving.start()
    publisher = serving.publisher(server)
    client = start(server).connect()
    inbox = client.join("room", "e")
    inbox.take()
    with server.mock.network.use("polling"):
        for number in range(3):
            publisher.trigger("room", "e", number)
        assert inbox.all_of(4)[1:] == [("e", 0), ("e", 1), ("e", 2)]


# Publishers ------------------------------------------------------------------------------------


def test_the_sdk(serving: Serving):
    server = serving.start()
    network = server.mock.network
    publisher = serving.publisher(server, timeout=0.1)
    with network.fail_publishes("timeout", times=1), pytest.raises(requests.ReadTimeout):
        publisher.trigger("c", "e", 1)
    if serving.fast:
        with network.disconnect_now(), pytest.raises(requests.ConnectionError):
            publisher.trigger("c", "e", 1)
    assert publisher.trigger("c", "e", 1) == {}
    server.mock.assert_triggered("c", "e", 1, times=1)


# Other clients ---------------------------------------------------------------------------------


def test_websockets_by_threads(serving: Serving):
    server = serving.start(clock=ManualClock())
    mock = server.mock
    url = f"{server.ws_url}{TARGET}"
    with (
        mock.network.refuse_connections(),
        pytest.raises(websockets.InvalidStatus, match="503"),
        connect(url),
    ):
        pass
    with connect(url) as socket:
        socket.recv()
        socket.send(SUBSCRIBE)
        socket.recv()
        with mock.network.conditions(duplicate_rate=1, latency=10):
            mock.server().trigger("c", "e", 1)
        mock.clock.advance(10)
        assert [json.loads(socket.recv())["event"] for _ in range(2)] == ["e", "e"]
        mock.network.disconnect_now("mock-connection-1")
        with pytest.raises(websockets.ConnectionClosedError) as cut:
            socket.recv(timeout=5)
    if serving.fast:
        assert cut.value.rcvd is None
    else:
        assert cut.value.rcvd is not None
        assert cut.value.rcvd.code == 1011


def test_websockets_comes_back_by_itself(serving: Serving):
    server = serving.start()
    network = server.mock.network
    established: list[str] = []

    async def work() -> None:
        async for socket in websockets.connect(f"{server.ws_url}{TARGET}"):
            established.append(json.loads(await socket.recv())["event"])
            if len(established) == 2:
                await socket.close()
                return
            network.disconnect_now("mock-connection-1")
            with pytest.raises(websockets.ConnectionClosedError):
                await socket.recv()

    asyncio.run(asyncio.wait_for(work(), 10))
    assert established == ["pusher:connection_established"] * 2
