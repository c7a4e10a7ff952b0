"""pysher as its documentation uses it, and as those do who have read its source.

Real clients with their threads, and sockets that are blocked: what they hear comes from the mock.
"""

from __future__ import annotations

import json
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pysher
import pytest
import responses

from pusher_mock import App, PusherMock
from pusher_mock.protocol.signatures import sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ID, KEY, SECRET = "5252", "52525252525252525252", "e5e5e5e5e5e5e5e5e5e5"
SUCCEEDED = "pusher_internal:subscription_succeeded"
PATIENCE_S = 5
LINK = "https://app.example/pusher/auth"


@pytest.fixture(params=[(), ("sdk",), ("websocket",)], ids=["all", "sdk", "websocket"])
def mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """A mock that every connection reaches, by each door that pysher has."""
    mock = PusherMock(apps=[App(ID, KEY, SECRET, client_events=True)])
    with mock.intercept(*request.param):
        yield mock


@pytest.fixture
def client(mock: PusherMock) -> Iterator[Callable[..., Any]]:
    """Makes clients as applications do, and disconnects them."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(pysher.Pusher(KEY, **options))
        return made[-1]

    yield build
    for one in made:
        if one.connection.is_alive():
            one.disconnect(timeout=PATIENCE_S)
        assert not one.connection.is_alive()


def publish(mock: PusherMock, channel: str, event: str, data: Any) -> None:
    mock.server().trigger(channel, event, data)


def test_the_example(mock: PusherMock, client: Any):
    pusher = client()
    heard: SimpleQueue[Any] = SimpleQueue()

    def my_func(*args: Any, **kwargs: Any) -> None:
        heard.put((args, kwargs))

    # It cannot subscribe before it is connected, so a callback does.
    def connect_handler(data: str) -> None:
        channel = pusher.subscribe("mychannel")
        channel.bind("myevent", my_func, "more", named=1)

    pusher.connection.bind("pusher:connection_established", connect_handler)
    pusher.connect()
    mock.wait_until_subscribed("mychannel")
    publish(mock, "mychannel", "myevent", {"n": 1})
    assert heard.get(timeout=PATIENCE_S) == (('{"n": 1}', "more"), {"named": 1})
    assert pusher.connection.state == "connected"
    assert pusher.connection.socket_id in mock.journal.dumps()


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "wss://ws.pusherapp.com:443/"),
        ({"cluster": "eu"}, "wss://ws-eu.pusher.com:443/"),
        ({"secure": False, "port": 80}, "ws://ws.pusherapp.com:80/"),
        ({"custom_host": "pusher.internal", "port": 6001}, "wss://pusher.internal:6001/"),
    ],
)
def test_wherever_it_connects(options: Any, url: str, mock: PusherMock, client: Any):
    pusher = client(**options)
    assert pusher.url.startswith(url)
    pusher.connect()
    mock.wait_until_connected()
    pusher.disconnect(timeout=PATIENCE_S)
    mock.wait_until(lambda: not mock.core.connections, what="it has hung up")


def connected(pusher: Any, name: str, event: str = SUCCEEDED) -> Any:
    """Subscribe when it is connected; returns what the event brings."""
    heard: SimpleQueue[Any] = SimpleQueue()

    def subscribe(data: str) -> None:
        pusher.subscribe(name).bind(event, heard.put)

    pusher.connection.bind("pusher:connection_established", subscribe)
    pusher.connect()
    return json.loads(heard.get(timeout=PATIENCE_S))


def test_a_private_channel_with_the_secret(mock: PusherMock, client: Any):
    assert connected(client(secret=SECRET), "private-x") == {}


def test_a_presence_channel_with_the_secret(mock: PusherMock, client: Any):
    user = {"user_id": "1", "user_info": {"name": "Ada"}}
    said = connected(client(secret=SECRET, user_data=user), "presence-x")
    assert said["presence"]["hash"] == {"1": {"name": "Ada"}}


@responses.activate
def test_an_endpoint_that_signs(mock: PusherMock, client: Any):
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        form = dict(pair.split("=") for pair in request.body.split("&"))
        text = f"{form['socket_id']}:{form['channel_name']}"
        return 200, {}, json.dumps({"auth": f"{KEY}:{sign(SECRET, text)}"})

    responses.add_callback("POST", LINK, answer)
    pusher = client(auth_endpoint=LINK, auth_endpoint_headers={"Authorization": "Bearer x"})
    assert connected(pusher, "private-x") == {}
    assert responses.calls[0].request.headers["Authorization"] == "Bearer x"


def test_client_events(mock: PusherMock, client: Any):
    one, two = client(secret=SECRET), client(secret=SECRET)
    heard: SimpleQueue[Any] = SimpleQueue()
    for pusher in (one, two):
        connected(pusher, "private-x")
    two.channel("private-x").bind("client-typing", heard.put)
    one.channel("private-x").trigger("client-typing", {"by": "ada"})
    assert json.loads(heard.get(timeout=PATIENCE_S)) == {"by": "ada"}


def test_unsubscribing(mock: PusherMock, client: Any):
    pusher = client()
    connected(pusher, "a")
    pusher.unsubscribe("a")
    mock.wait_until_subscribed("a", 0)
    assert pusher.channel("a") is None


def test_without_a_door_it_is_refused():
    mock = PusherMock()
    interception = mock.intercept("httpx", "requests", "aiohttp")
    interception.start()
    pusher = pysher.Pusher(KEY)
    pusher.connect()
    pusher.disconnect(timeout=PATIENCE_S)
    assert [error.url.partition("?")[0] for error in interception.escaped] == [
        f"wss://ws.pusherapp.com:443/app/{KEY}"
    ]
    interception.escaped.clear()
    interception.stop()
    assert mock.core.connections == ()
