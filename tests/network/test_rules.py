"""Rules: for whom conditions hold, for how long, and which of two wins."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pusher_mock import App, NetworkConditions, PusherMock
from pusher_mock.network import Profile
from pusher_mock.network.where import connections_of, pattern, shown
from pusher_mock.protocol.errors import UsageError

from .bench import Listener, listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# Channels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fits", "fits_not"),
    [
        ("task-1", ["task-1"], ["task-12", "a-task-1"]),
        ("task-*", ["task-1", "task-"], ["task", "private-task-1"]),
        ("task-[ab]", ["task-a"], ["task-c"]),
        (re.compile(r"-\d+$"), ["task-1", "private-task-22"], ["task-x"]),
    ],
)
def test_names(given: Any, fits: list[str], fits_not: list[str]):
    test = pattern(given, "channel")
    assert all(test(name) for name in fits)
    assert not any(test(name) for name in fits_not)


def test_a_pattern_that_is_none():
    with pytest.raises(UsageError, match="channel takes a name, a glob such as 'task-\\*'"):
        pattern(5, "channel")


@pytest.mark.parametrize("channel", ["task-*", re.compile("^task")])
def test_a_rule_for_channels(mock: PusherMock, channel: Any):
    one = listen(mock, "task-1", "other")
    mock.network.conditions(drop_rate=1, channel=channel)
    publish(mock, 1, "task-1")
    publish(mock, 1, "other")
    assert one.got == ["0"]


# Apps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["receive", "publish"])
@pytest.mark.parametrize("named", ["by its id", "itself"])
def test_a_rule_for_an_app(direction: str, named: str):
    apps = [App("1", "key-1", "secret-1"), App("2", "key-2", "secret-2")]
    mock = PusherMock(apps=apps)
    seen: dict[str, list[str]] = {"1": [], "2": []}
    for app in apps:
        client = mock.client(app, connect=True)
        client.subscribe("a").bind("x", seen[app.id].append)
    mock.network.conditions(
        latency=50, app="2" if named == "by its id" else apps[1], direction=direction
    )
    for app in apps:
        mock.server(app).trigger("a", "x", "0")
    assert seen == {"1": ["0"], "2": []}
    mock.clock.advance(50)
    assert seen == {"1": ["0"], "2": ["0"]}


# Connections -----------------------------------------------------------------------------------


def _named(listener: Listener, how: str) -> Any:
    box = listener.client.connection.box
    return {
        "id": listener.name,
        "socket id": listener.socket_id,
        "client": listener.client,
        "connection": listener.client.connection,
        "outbox": box,
        "list": ["mock-connection-9", listener.name],
        "set": {listener.client},
    }[how]


@pytest.mark.parametrize(
    "how", ["id", "socket id", "client", "connection", "outbox", "list", "set"]
)
def test_a_rule_for_a_connection(mock: PusherMock, how: str):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(drop_rate=1, connection=_named(one, how))
    publish(mock)
    assert (one.got, other.got) == ([], ["0"])
    assert shown(_named(one, how))


def test_a_rule_stays_with_a_client_that_reconnects(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(drop_rate=1, connection=one.client)
    mock.network.disconnect_now(one.client)
    mock.clock.advance(10_000)
    assert one.state == "connected"
    assert one.name == "mock-connection-3"
    publish(mock)
    assert (one.got, other.got) == ([], ["0"])


def test_a_rule_for_a_client_before_it_connects(mock: PusherMock):
    seen: list[str] = []
    client = mock.client()
    with mock.network.conditions(drop_rate=1, connection=client):
        other = listen(mock)
        client.connect()
        client.subscribe("a").bind("x", seen.append)
        publish(mock)
        assert (seen, other.got) == ([], ["0"])
    publish(mock)
    assert seen == ["0"]


def test_whoever_says_its_connection_by_name(mock: PusherMock):
    class Named:
        connection = "mock-connection-1"

    test = connections_of(Named())
    assert test("mock-connection-1", "1.1")
    assert not test("mock-connection-2", "1.1")


def test_a_client_that_is_not_connected_says_so():
    class Unconnected:
        @property
        def socket_id(self) -> str:
            raise UsageError("not yet")

    assert not connections_of(Unconnected())("mock-connection-1", "1.1")


def test_what_names_no_connection(mock: PusherMock):
    with pytest.raises(UsageError, match=r"^a connection is named by its id \(mock-connection-1\)"):
        mock.network.conditions(drop_rate=1, connection=5)


# Directions ------------------------------------------------------------------------------------


def test_directions(mock: PusherMock):
    one, sender = listen(mock, "private-a"), listen(mock, "private-a")
    with mock.network.conditions(latency=10, direction="send"):
        sender.send("private-a", "sent")
        publish(mock, 1, "private-a")
        assert one.got == ["0"]
        mock.clock.advance(10)
        assert one.got == ["0", "sent"]
    with mock.network.conditions(latency=10, direction="publish"):
        sender.send("private-a", "sent")
        publish(mock, 1, "private-a")
        assert one.got[2:] == ["sent"]
        mock.clock.advance(10)
        assert one.got[2:] == ["sent", "0"]


def test_what_happens_to_an_event_on_its_way_to_the_service(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(drop_rate=0.5, duplicate_rate=0.5, jitter=5, direction="publish")
    publish(mock, 100)
    mock.clock.run_until_idle()
    assert one.got == other.got  # it is lost, or comes twice, for everybody
    metrics = mock.metrics()
    assert metrics.dropped == 2 * (100 - len(set(one.got)))
    assert metrics.duplicated > 0


def test_publishers_overtake_each_other(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(latency=(0, 50), in_order=False, direction="publish")
    publish(mock, 10)
    mock.clock.run_until_idle()
    assert one.got == other.got != sorted(one.got, key=int)
    assert sorted(one.got, key=int) == [str(number) for number in range(10)]


def test_a_direction_that_is_none(mock: PusherMock):
    with pytest.raises(UsageError, match="direction is one of receive, send, publish, not 'up'"):
        mock.network.conditions(latency=1, direction="up")
    with pytest.raises(UsageError, match="a publisher calls over HTTP and has no connection"):
        mock.network.conditions(latency=1, direction="publish", connection="mock-connection-1")


# Which wins ------------------------------------------------------------------------------------


def test_the_inner_one_wins_where_it_says_something(mock: PusherMock):
    one = listen(mock)
    server = mock.server()
    with mock.network.conditions(latency=100, duplicate_rate=1):
        with mock.network.conditions(latency=10):
            server.trigger("a", "x", "inner")
            mock.clock.advance(10)
            assert one.got == ["inner", "inner"]
        server.trigger("a", "x", "outer")
        mock.clock.advance(99)
        assert len(one.got) == 2
        mock.clock.advance(1)
        assert one.got[2:] == ["outer", "outer"]
    assert mock.network.calm
    server.trigger("a", "x", "calm")
    assert one.got[4:] == ["calm"]


def test_good_weather_in_the_middle_of_bad(mock: PusherMock):
    one, other = listen(mock, "a", "b"), listen(mock, "a")
    network = mock.network
    network.conditions(drop_rate=1)
    with network.use("perfect"):
        assert str(network) == "drop_rate=1 + perfect"
        assert network.calm
        publish(mock)
        with network.conditions(duplicate_rate=1):
            publish(mock, 1, "b")
    publish(mock)
    assert one.got == ["0", "0", "0"]
    assert other.got == ["0"]
    with network.use("perfect", channel="b", connection=one.client):
        publish(mock)
        publish(mock, 1, "b")
    assert one.got == ["0", "0", "0", "0"]
    with network.use("perfect", direction="send"):
        publish(mock, 1, "b")
    assert len(one.got) == 4


def test_a_profile_for_part_of_a_network(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.use("polling", connection=one.client)  # a publisher has no connection
    publish(mock)
    assert (one.got, other.got) == ([], ["0"])
    mock.clock.advance(100)
    assert one.got == ["0"]
    mock.network.clear()
    mock.network.use("lossy", direction="send")
    assert str(mock.network) == (
        "[send] latency=5..50 drop_rate=0.05 duplicate_rate=0.01 in_order=no"
    )


@pytest.mark.parametrize(
    ("name", "where", "told"),
    [
        ("restart", {"app": "1"}, "the profile 'restart' says nothing about part .* app= away"),
        ("restart", {"connection": "mock-connection-1"}, "leave connection= away"),
        ("restart", {"direction": "send"}, "leave direction= away"),
        (
            Profile("cuts", "", (("receive", NetworkConditions(disconnect_rate=1)),)),
            {"channel": "a", "app": "1"},
            "the profile 'cuts' says nothing .* leave app=, channel=",
        ),
    ],
)
def test_a_profile_that_is_for_everybody(mock: PusherMock, name: Any, where: Any, told: str):
    with pytest.raises(UsageError, match=told):
        mock.network.use(name, **where)
    assert mock.network.calm
    mock.clock.advance(6_000)
    assert not mock.journal.dumps()


@pytest.mark.parametrize(
    ("fields", "where", "told"),
    [
        (
            {"reorder": 2},
            {"direction": "send"},
            "reorder is about the way to a client; with direction='send' there are latency, "
            "jitter, drop_rate, duplicate_rate, in_order, bandwidth, scope",
        ),
        ({"poll_interval": 2}, {"direction": "publish"}, "poll_interval is about the way to a cl"),
        ({"queue": 2}, {"direction": "send"}, "queue is about the way to a client"),
        ({"bandwidth": 2}, {"direction": "publish"}, "bandwidth is about the way to a client"),
        ({"stale_rate": 1}, {"channel": "a"}, "stale_rate is about whole connections"),
        ({"connect_error_rate": 1}, {"channel": "a"}, "connect_error_rate is about whole connec"),
        (
            {"connect_error_rate": 1},
            {"connection": "mock-connection-1"},
            "connect_error_rate cannot be said of a connection; leave connection= away",
        ),
        ({"error_rate": 1}, {"connection": "1.1"}, "error_rate cannot be said of a connection"),
    ],
)
def test_what_would_have_no_effect(mock: PusherMock, fields: Any, where: Any, told: str):
    for say in (
        lambda: mock.network.conditions(**fields, **where),
        lambda: mock.network.use(str(NetworkConditions(**fields)), **where),
    ):
        with pytest.raises(UsageError, match=told):
            say()
    assert mock.network.calm


def test_an_outer_one_that_ends_first(mock: PusherMock):
    one = listen(mock)
    outer = mock.network.conditions(drop_rate=1)
    inner = mock.network.conditions(latency=10)
    outer.end()
    outer.end()
    publish(mock)
    mock.clock.advance(10)
    assert one.got == ["0"]
    inner.end()
    assert mock.network.calm


def test_conditions_or_their_text_or_both(mock: PusherMock):
    one = listen(mock)
    mock.network.use(NetworkConditions(latency=50) | NetworkConditions(duplicate_rate=1))
    mock.network.use("latency=20")
    publish(mock)
    mock.clock.advance(20)
    assert one.got == ["0", "0"]


def test_clear(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    network = mock.network
    network.use("lossy")
    network.conditions(latency=50)
    network.fault("a")
    network.fail_publishes(times=3)
    network.refuse_connections()
    network.partition([one.name])
    network.disconnect_after(1)
    network.disconnect_after(1, other.client)
    network.half_open(other.client)
    network.pause(one.client)
    assert not network.calm
    network.clear()
    assert network.calm
    assert str(network) == "perfect"
    publish(mock, 2)
    assert one.got == other.got == ["0", "1"]


def test_clear_lets_arrive_what_is_under_way(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(latency=50, connection=one.client)
    mock.network.pause(other.client)
    publish(mock)
    mock.network.clear()
    assert other.got == ["0"]  # it reads again
    assert one.got == []
    mock.clock.advance(50)
    assert one.got == ["0"]
