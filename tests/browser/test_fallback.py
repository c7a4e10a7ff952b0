"""pusher-js 8.6 in Chromium over one of its HTTP transports alone, and its statistics (facts 4)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.serving import Serving

    from .windows import Window

# As under Node for the other way of serving; there it costs less.
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.parametrize("serving", ["fast"], indirect=True),
]


@pytest.fixture(params=["xhr_streaming", "xhr_polling", "sockjs"])
def over(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The option that leaves one transport."""
    return {"enabledTransports": [request.param]}


def test_channels_and_client_events(
    serving: Serving, window: Callable[..., Window], over: dict[str, Any]
):
    server = serving.start()
    origin = serving.origin(server)
    publisher = serving.publisher(server)
    ann = window(origin, "ann").connect(server, **over)
    bob = window(origin, "bob").connect(server, **over)
    for client in (ann, bob):
        assert client.state["transport"] == over["enabledTransports"][0]
        assert client.join("room") == {}
        assert client.join("private-room") == {}
    ann.join("presence-room")
    assert bob.join("presence-room")["count"] == 2
    assert ann.take("presence-room", "pusher:member_added")["id"] == "bob"
    publisher.trigger(["room", "private-room"], "e", {"text": "grüß\u2028😀%\r\n\0"})
    for number in range(50):
        publisher.trigger("room", "n", number)
    bob.trigger("presence-room", "client-typing", {"on": True})
    assert ann.take("presence-room", "client-typing") == {"on": True}
    text = ["e", {"text": "grüß\u2028😀%\r\n\0"}]
    for client in (ann, bob):
        client.fence()
        assert client.events("room") == [text, *(["n", number] for number in range(50))]
        assert client.events("private-room") == [text]
        assert client.errors() == []
        assert len(client.heard("connection", "connected")) == 1


def test_reconnect_when_the_server_says_so(
    serving: Serving, window: Callable[..., Window], over: dict[str, Any]
):
    server = serving.start()
    publisher = serving.publisher(server)
    client = window(serving.origin(server)).connect(server, **over)
    client.join("private-room")
    server.gateway.farewell()
    client.connected()
    client.take("private-room", "pusher:subscription_succeeded")
    publisher.trigger("private-room", "again", 1)
    client.fence()
    assert client.events("private-room") == [["again", 1]]


@pytest.mark.parametrize("over", ["xhr_streaming", "xhr_polling"], indirect=True)
def test_reconnect_after_the_network_was_gone(
    serving: Serving, window: Callable[..., Window], over: dict[str, Any]
):
    server = serving.start()
    publisher = serving.publisher(server)
    cable = serving.cable(server)
    client = window(serving.origin(server)).connect(server, port=cable.port, **over)
    client.join("private-room")
    cable.down()
    assert client.take("connection", "connecting_in") == 1
    cable.up()
    client.connected()
    client.take("private-room", "pusher:subscription_succeeded")
    publisher.trigger("private-room", "again", 1)
    client.fence()
    assert client.events("private-room") == [["again", 1]]


@pytest.mark.parametrize("over", ["sockjs"], indirect=True)
def test_sockjs_gets_over_a_cut(
    serving: Serving, window: Callable[..., Window], over: dict[str, Any]
):
    server = serving.start()
    publisher = serving.publisher(server)
    cable = serving.cable(server)
    client = window(serving.origin(server)).connect(server, port=cable.port, **over)
    client.join("private-room")
    cable.cut()
    # It says nothing of that. By which of its transports it came, the session goes on, or there is
    # another one after a second; what is sent before that may be lost.
    for number in range(20):
        publisher.trigger("private-room", "again", number)
        if client.do("came", "private-room", "again", 500):
            break
    heard = client.heard("private-room", "again")
    assert heard
    assert heard == sorted(set(heard))


def test_an_unknown_key(serving: Serving, window: Callable[..., Window], over: dict[str, Any]):
    server = serving.start()
    opened = window(serving.origin(server))
    client = opened.connect(server, key="nobodys", wait=False, **over)
    client.take("connection", "disconnected")
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"]["code"] == 4001


def test_large_events(serving: Serving, window: Callable[..., Window], over: dict[str, Any]):
    server = serving.start()
    origin = serving.origin(server)
    publisher = serving.publisher(server)
    client = window(origin).connect(server, **over)
    client.join("room")
    for number in range(60):  # facts 4.2.6: a stream is asked for anew
        publisher.trigger("room", "n", [number, "x" * 10_000])
    client.fence()
    assert [data[0] for data in client.heard("room", "n")] == list(range(60))
    assert len(client.heard("connection", "connected")) == 1


def test_statistics(serving: Serving, window: Callable[..., Window]):
    server = serving.start()
    opened = window(serving.origin(server))
    place = f"{server.host}:{server.port}"
    with opened.page.expect_response(lambda answer: "/timeline/" in answer.url) as caught:
        opened.connect(server, enableStats=True, statsHost=place)
    answer = caught.value
    url = urlsplit(answer.url)
    assert (url.netloc, answer.status) == (place, 200)
    number = url.path.removeprefix("/timeline/v2/jsonp/")
    assert answer.text().startswith(f"Pusher.ScriptReceivers[{number}](null")  # facts 4.4.2
    sent = {name: base64.b64decode(values[0]) for name, values in parse_qs(url.query).items()}
    assert json.loads(sent["timeline"])
    assert sent["key"] == b"mock-pusher-key"
