"""pusher-js 8.6 under Node over one of its HTTP transports alone (facts 4.2)."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock

from .clients import Client, connect, sdk_options, user

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from pusher_mock.server import ThreadedServer

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


@pytest.fixture(params=["xhr_streaming", "xhr_polling"])
def over(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The option that leaves one transport."""
    return {"enabledTransports": [request.param]}


def test_channels_and_client_events(serving: Serving, node: NodeProcess, over: dict[str, Any]):
    server = serving.start()
    publisher = serving.publisher(server)
    ann = connect(node, server, user("ann"), **over)
    bob = connect(node, server, user("bob"), **over)
    for client in (ann, bob):
        assert client.state["transport"] == over["enabledTransports"][0]
        assert client.join("room") == {}
        assert client.join("private-room") == {}
    ann.join("presence-room")
    assert bob.join("presence-room")["count"] == 2
    assert ann.take("presence-room", "pusher:member_added")["id"] == "bob"
    publisher.trigger(["room", "private-room"], "e", {"text": "grüß\u2028😀"})
    publisher.trigger("room", "for bob", 1, socket_id=ann.socket_id)
    bob.trigger("presence-room", "client-typing", {"on": True})
    assert ann.take("presence-room", "client-typing") == {"on": True}
    for client, more in ((ann, []), (bob, [["for bob", 1]])):
        client.fence()
        assert client.events("room") == [["e", {"text": "grüß\u2028😀"}], *more]
        assert client.events("private-room") == [["e", {"text": "grüß\u2028😀"}]]
        assert client.errors() == []
    bob.do("unsubscribe", "presence-room")
    assert ann.take("presence-room", "pusher:member_removed")["id"] == "bob"


def test_many_large_events_arrive_once_and_in_order(
    serving: Serving, node: NodeProcess, over: dict[str, Any]
):
    server = serving.start()
    publisher = serving.publisher(server)
    client = connect(node, server, **over)
    client.join("room")
    # More than the 256 KiB after which a stream is asked for anew (facts 4.2.6).
    for number in range(80):
        publisher.trigger("room", "n", [number, "x" * 10_000])
    client.fence()
    assert [data[0] for data in client.heard("room", "n")] == list(range(80))
    assert len(client.heard("connection", "connected")) == 1


def test_users(serving: Serving, node: NodeProcess, sdk: NodeProcess, over: dict[str, Any]):
    server = serving.start()
    sdk.call("create", sdk_options(server))
    client = connect(node, server, user("ann"), **over)
    client.sign_in()
    sdk.call("request", "sendToUser", "ann", "hello", [1])
    assert client.take("user", "hello") == [1]
    sdk.call("request", "terminateUserConnections", "ann")
    client.take("connection", "disconnected")
    assert client.errors()[0][0] == 4009


def test_an_unknown_key(serving: Serving, node: NodeProcess, over: dict[str, Any]):
    server = serving.start()
    client = connect(node, server, key="nobodys", wait=False, **over)
    client.take("connection", "disconnected")
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"]["code"] == 4001  # facts 4.2.4


def test_reconnect_when_the_server_says_so(
    serving: Serving, node: NodeProcess, over: dict[str, Any]
):
    server = serving.start()
    client = connect(node, server, user("ann"), **over)
    client.join("presence-room")
    server.gateway.farewell()
    _works_again(serving, server, client)
    assert client.errors() == [(4200, "Please reconnect immediately")]


def test_reconnect_after_the_network_was_gone(
    serving: Serving, node: NodeProcess, over: dict[str, Any]
):
    server = serving.start()
    cable = serving.cable(server)
    client = connect(node, server, user("ann"), port=cable.port, **over)
    client.join("presence-room")
    cable.down()
    assert client.take("connection", "connecting_in") == 1  # facts 4.2.5, 4.2.7
    cable.up()
    _works_again(serving, server, client)


def _works_again(serving: Serving, server: ThreadedServer, client: Client) -> None:
    client.connected()
    client.take("presence-room", "pusher:subscription_succeeded")
    serving.publisher(server).trigger("presence-room", "again", 1)
    client.fence()
    assert client.events("presence-room") == [["again", 1]]
    assert client.members("presence-room")["count"] == 1


def test_who_leaves_is_missed_after_a_moment(
    serving: Serving, node: NodeProcess, over: dict[str, Any]
):
    clock = ManualClock()
    server = serving.start(clock=clock)
    ann = connect(node, server, user("ann"), **over)
    bob = connect(node, server, user("bob"), **over)
    ann.join("presence-room")
    bob.join("presence-room")
    left = clock.now()
    bob.do("disconnect")  # nothing is sent: the request ends, and none follows (facts 4.2.8)
    while not ann.heard("presence-room", "pusher:member_removed"):
        clock.advance(1_000)
        ann.fence()
        assert clock.now() - left < 60_000, ann.heard("presence-room")
    assert ann.take("presence-room", "pusher:member_removed")["id"] == "bob"
    assert clock.now() - left >= 5_000


def test_an_idle_client_asks_and_is_answered(
    serving: Serving, node: NodeProcess, over: dict[str, Any]
):
    server = serving.start()
    began = monotonic()
    client = connect(node, server, activityTimeout=50, pongTimeout=5_000, **over)
    for _ in range(5):
        client.take("activity", "activity")  # facts 4.2.10
    client.fence()
    assert len(client.heard("connection", "connected")) == 1
    # Every 50 ms, and what else came; an answer to an answer would make it hundreds a second.
    assert len(client.heard("activity")) <= 10 + (monotonic() - began) * 40


def test_an_idle_client_is_asked_and_answers(serving: Serving, node: NodeProcess):
    clock = ManualClock()
    server = serving.start(clock=clock)
    publisher = serving.publisher(server)
    # While nothing polls a session has 5 seconds: of polling the clock would not know when.
    client = connect(node, server, enabledTransports=["xhr_streaming"])
    client.join("room")
    for number in range(2):
        clock.advance(60_000)  # facts 1.12.3: it is asked, and has 15 seconds
        publisher.trigger("room", "after the question", number)
        client.take("room", "after the question")
        client.fence()  # its answer came before this
        clock.advance(14_000)
    client.fence()
    assert client.errors() == []
    assert client.state["state"] == "connected"
