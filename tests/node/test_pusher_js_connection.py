"""pusher-js 8.6 under Node: how connections are refused, kept, lost and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock
from pusher_mock.server import ServerLimits

from .clients import connect, sdk_options, user

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


# Refused ---------------------------------------------------------------------------------------


def test_an_unknown_key(serving: Serving, node: NodeProcess):
    server = serving.start()
    client = connect(node, server, key="nobodys", wait=False)
    client.take("connection", "disconnected")
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"] == {
        "code": 4001,
        "message": "App key nobodys not in this cluster. Did you forget to specify the cluster?",
    }  # facts 1.10
    assert client.state["state"] == "disconnected"
    assert "connecting_in" not in [name for name, _ in client.heard("connection")]


@pytest.mark.parametrize(
    ("switches", "code"),
    [({"enabled": False}, 4003), ({"max_connections": 0}, 4004)],
    ids=["disabled", "over quota"],
)
def test_an_app_that_takes_nobody(
    serving: Serving, node: NodeProcess, switches: dict[str, Any], code: int
):
    server = serving.start(**switches)
    client = connect(node, server, wait=False)
    client.take("connection", "disconnected")
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"]["code"] == code


def test_over_capacity_they_come_back_later(serving: Serving, node: NodeProcess):
    server = serving.start(limits=ServerLimits(connections=1))
    first = connect(node, server)
    second = connect(node, server, wait=False)
    assert second.take("connection", "connecting_in") == 1  # facts 1.10: 4100
    first.do("disconnect")
    second.connected()
    assert second.join("room") == {}


def test_who_does_not_authorize_in_time(serving: Serving, node: NodeProcess):
    clock = ManualClock()
    server = serving.start(clock=clock, authorized_connections=True)
    idle = connect(node, server)
    member = connect(node, server)
    member.join("private-room")
    clock.advance(30_000)  # facts 1.13.13
    idle.take("connection", "disconnected")
    assert idle.errors() == [(4009, "Connection not authorized within timeout")]
    member.fence()
    assert member.state["state"] == "connected"


# Kept ------------------------------------------------------------------------------------------


def test_an_idle_client_asks_and_is_answered(serving: Serving, node: NodeProcess):
    server = serving.start()
    client = connect(node, server, activityTimeout=50, pongTimeout=5_000)
    for _ in range(3):
        client.take("message", "pusher:pong")
    assert [name for name, _ in client.heard("connection") if name == "connected"] == ["connected"]


def test_an_idle_client_is_asked_and_answers(serving: Serving, node: NodeProcess):
    clock = ManualClock()
    server = serving.start(clock=clock)
    publisher = serving.publisher(server)
    client = connect(node, server)
    client.join("room")
    for number in range(3):
        clock.advance(60_000)  # facts 1.12.3: it is asked, and has 15 seconds
        publisher.trigger("room", "after the question", number)
        client.take("room", "after the question")
        client.fence()  # its answer came before this
        clock.advance(14_000)
    client.fence()
    assert client.errors() == []
    assert client.state["state"] == "connected"


# Lost and found again --------------------------------------------------------------------------


def test_reconnect_when_the_server_says_so(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    ann = connect(node, server, user("ann"))
    bob = connect(node, server, user("bob"))
    for client in (ann, bob):
        client.join("room")
        client.join("private-room")
        client.join("presence-room")
        client.sign_in()
    before = ann.socket_id
    server.gateway.farewell()
    for client in (ann, bob):
        client.connected()
        client.take("room", "pusher:subscription_succeeded")
        client.take("private-room", "pusher:subscription_succeeded")
        client.take("presence-room", "pusher:subscription_succeeded")
        client.take("message", "pusher:signin_success")  # facts 1.13.15
        client.take("message", "pusher_internal:subscription_succeeded")
        assert client.errors() == [(4200, "Please reconnect immediately")]  # facts 1.10
    assert ann.socket_id != before
    publisher.trigger(["room", "private-room"], "again", 1)
    for client in (ann, bob):
        client.fence()
        assert client.events("room") == [["again", 1]]
        assert client.events("private-room") == [["again", 1]]
        assert client.members("presence-room")["count"] == 2
    users = sorted(one["id"] for one in publisher.users_info("presence-room")["users"])
    assert users == ["ann", "bob"]


def test_reconnect_after_a_restart(serving: Serving, node: NodeProcess):
    server = serving.start()
    cable = serving.cable(server)
    client = connect(node, server, port=cable.port)
    client.join("room")
    # What comes at once waits in the cable; pusher-js would not ask again before 15 seconds.
    cable.hold()
    server.stop()
    client.take("connection", "connecting")
    again = serving.start(mock=server.mock, port=server.port)
    cable.go_on()
    client.connected()
    client.take("room", "pusher:subscription_succeeded")
    serving.publisher(again).trigger("room", "again", 1)
    assert client.take("room", "again") == 1


def test_reconnect_after_the_network_was_gone(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    cable = serving.cable(server)
    ann = connect(node, server, user("ann"), port=cable.port)
    bob = connect(node, server, user("bob"))
    ann.join("presence-room")
    bob.join("presence-room")
    cable.cut()
    assert bob.take("presence-room", "pusher:member_removed")["id"] == "ann"
    assert ann.take("connection", "connecting_in") == 1  # facts 1.10: after 1006
    publisher.trigger("presence-room", "missed", 1)
    ann.connected()
    assert bob.take("presence-room", "pusher:member_added")["id"] == "ann"
    assert ann.take("presence-room", "pusher:subscription_succeeded")["count"] == 2
    publisher.trigger("presence-room", "heard", 2)
    ann.fence()
    bob.fence()
    assert ann.events("presence-room") == [["heard", 2]]
    assert bob.events("presence-room") == [["missed", 1], ["heard", 2]]
    assert cable.connections == 2


def test_connections_that_a_double_and_clients_share(serving: Serving, node: NodeProcess):
    server = serving.start()
    client = connect(node, server, user("ann"))
    client.join("presence-room")
    with server.mock:
        double = server.mock.client(user_data={"user_id": "py"}, connect=True)
        double.subscribe("presence-room")
        assert client.take("presence-room", "pusher:member_added")["id"] == "py"
        server.mock.server().trigger("presence-room", "e", "from the double")
        assert client.take("presence-room", "e") == "from the double"
        double.disconnect()
    assert client.take("presence-room", "pusher:member_removed")["id"] == "py"


def test_a_reset_sends_everybody_away_for_a_moment(
    serving: Serving, node: NodeProcess, sdk: NodeProcess
):
    server = serving.start()
    sdk.call("create", sdk_options(server))
    client = connect(node, server)
    client.join("room")
    server.mock.reset()
    client.connected()
    client.take("room", "pusher:subscription_succeeded")
    sdk.call("request", "trigger", "room", "again", 1)
    assert client.take("room", "again") == 1
