"""Closes and reconnects, facts 5.2.21 to 5.2.26, on pysher itself and on the doubles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .sides import Real

if TYPE_CHECKING:
    from .sides import Side


def subscriptions(side: Side, client: Any) -> list[dict[str, Any]]:
    return [one["data"] for one in side.sent(client) if one["event"] == "pusher:subscribe"]


def is_back(side: Side, client: Any) -> bool:
    """Whether the client is connected, and not by the connection that it had at first."""
    state: str = client.connection.state
    names = [box.connection for box in side.core.connections]
    assert (state == "connected") is (names != [])
    return state == "connected" and names != ["mock-connection-1"]


@pytest.mark.parametrize("code", [4000, 4001, 4003, 4004, 4009, 4099])
def test_an_error_event_that_ends_it(side: Side, code: int):
    client = side.connected()  # 5.2.21
    client.subscribe("a")
    side.close(client, code, event=True)
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert list(client.channels) == ["a"]
    assert side.mock.errors == []  # pysher's own failure to join is no callback's
    side.advance(60)
    assert not is_back(side, client)
    client.disconnect()
    assert client.channels == {}


@pytest.mark.parametrize("code", [4100, 4199])
def test_an_error_event_that_asks_for_a_pause(side: Side, code: int):
    client = side.connected()
    side.close(client, code, event=True)
    assert client.connection.state == "unavailable"
    assert client.connection.is_alive()
    side.advance(9)
    assert client.connection.state == "unavailable"
    side.advance(1)
    assert is_back(side, client)
    assert client.connection.reconnect_interval == 10


@pytest.mark.parametrize("code", [4200, 4201, 4299])
def test_an_error_event_that_wants_it_back_at_once(side: Side, code: int):
    client = side.connected()
    side.close(client, code, event=True)
    side.mock.clock.advance(0)  # the deterministic double needs an input, or this
    side.settle()
    assert is_back(side, client)
    assert client.connection.reconnect_interval == 0  # and so it stays
    side.close(client, 1000, event=False)
    side.mock.clock.advance(0)
    side.settle()
    assert client.connection.state == "connected"


@pytest.mark.parametrize("code", [4300, 4999, 1000, 0, -1, None, "x", [1]])
def test_an_error_event_that_is_ignored(side: Side, code: Any):
    client = side.connected()
    side.say(client, "pusher:error", {"code": code, "message": ""})
    assert client.connection.state == "connected"


@pytest.mark.parametrize("data", ['{"code": 4001}', "no letters of it", {"message": "x"}, ""])
def test_an_error_event_without_a_code(side: Side, data: Any):
    client = side.connected()
    side.say(client, "pusher:error", data)
    assert client.connection.state == "connected"


def test_a_code_as_text(side: Side):
    client = side.connected()
    side.say(client, "pusher:error", {"code": "4001"})
    assert client.connection.state == "disconnected"


def test_callbacks_for_the_error_run_before_it_closes(side: Side):
    seen: list[Any] = []
    client = side.connected()
    client.connection.bind(
        "pusher:error", lambda data: seen.append((data["code"], client.connection.state))
    )
    side.close(client, 4200, event=True)
    assert seen == [(4200, "connected")]


def test_a_callback_that_changes_the_error(side: Side):
    seen: list[Any] = []
    client = side.connected()

    def note(data: dict[str, Any]) -> None:
        seen.append(data.pop("code", None))

    client.connection.bind("pusher:error", note)
    client.subscribe("a b")
    client.subscribe("a b")
    side.settle()
    assert seen == [None, None]
    assert [set(data) for data in side.errors()] == [{"code", "message"}] * 2  # the journal's


@pytest.mark.parametrize("code", [1000, 1001, 1006, 4001, 4100, 4200])
def test_a_close_without_the_event(side: Side, code: int):
    client = side.connected()  # 5.2.22: the code is ignored
    for _ in range(3):  # and for ever
        side.close(client, code, event=False)
        assert client.connection.state == "unavailable"
        assert client.connection.is_alive()
        side.advance(9)
        assert client.connection.state == "unavailable"
        side.advance(1)
        assert is_back(side, client)
    assert client.connection.socket_id == side.core.connections[0].socket_id


def test_the_interval_is_the_clients(side: Side):
    client = side.connected(reconnect_interval=3)
    side.close(client, 1000, event=False)
    side.advance(2)
    assert client.connection.state == "unavailable"
    side.advance(1)
    assert is_back(side, client)


@pytest.mark.parametrize("auto_sub", [False, True])
def test_subscriptions_after_a_reconnect(side: Side, auto_sub: bool):
    seen: list[Any] = []  # 5.2.23
    client = side.connected(auto_sub=auto_sub, user_data={"user_id": "1"})
    names = ["a", "private-a", "presence-a"]
    channels = [client.subscribe(name) for name in names]
    channels[0].bind("x", seen.append)
    side.close(client, 1000, event=False)
    side.advance(10)
    assert [client.channel(name) for name in names] == channels
    # without auth and channel_data, which nobody kept
    assert subscriptions(side, client) == [{"channel": name} for name in names] * auto_sub
    assert len(side.errors()) == 2 * auto_sub
    side.server.trigger("a", "x", "1")
    side.settle()
    assert seen == ["1"] * auto_sub


def test_auto_sub_does_nothing_at_first(side: Side):
    client = side.connected(auto_sub=True)
    client.subscribe("a")
    side.settle()
    assert len(subscriptions(side, client)) == 1


def test_reconnect_by_hand(side: Side):
    client = side.connected(auto_sub=True)
    client.subscribe("a")
    side.settle()
    client.connection.reconnect(2)
    side.settle()
    assert client.connection.state == "unavailable"
    assert side.core.connections == ()
    side.advance(2)
    assert is_back(side, client)
    assert len(subscriptions(side, client)) == 1


@pytest.mark.parametrize("kind", ["channel", "connection"])
def test_reconnect_inside_a_callback(side: Side, kind: str):
    seen: list[Any] = []
    client = side.connected()
    channel = client.subscribe("a")

    def again(data: Any) -> None:
        client.connection.reconnect(1)
        seen.append(client.connection.state)

    (channel if kind == "channel" else client.connection).bind("go", again)
    side.say(client, "go", "", "a" if kind == "channel" else None)
    assert seen == ["connected"]
    assert client.connection.state == "unavailable"
    side.advance(1)
    assert is_back(side, client)


def test_the_socket_id_stays_until_there_is_a_new_one(side: Side):
    client = side.connected()
    before = client.connection.socket_id
    side.close(client, 1000, event=False)
    assert client.connection.socket_id == before
    side.advance(10)
    assert client.connection.socket_id != before
    assert json.dumps(before) != ""


def test_disconnect_while_it_waits(monkeypatch: pytest.MonkeyPatch, double: Any):
    # pysher waits for the interval to pass, connects again and hangs (5.2.26 without a server):
    # the doubles end at once.
    client = double.connected()
    client.subscribe("a")
    double.close(client, 1000, event=False)
    client.disconnect()
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert client.channels == {}
    double.advance(30)
    assert double.core.connections == ()


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, endpoint: Any):
    # Not on the doubles: a mock always answers.
    side = Real(monkeypatch, endpoint)
    side.down = True  # 5.2.26
    client = side.client()
    side.connect(client)
    for _ in range(2):
        assert client.connection.state == "unavailable"
        side.advance(10)
    side.down = False
    side.advance(10)
    assert client.connection.state == "connected"
    side.end()
