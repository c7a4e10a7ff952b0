"""Scope: by default only events are touched; frames of subscriptions and connections on request."""

from __future__ import annotations

import pytest

from pusher_mock import NetworkConditions, PusherMock
from pusher_mock.engine import CloseConnection, CloseRequested

from .bench import conserved, listen, publish


def test_a_client_signs_with_its_socket_id_in_any_weather():
    mock = PusherMock(
        network=NetworkConditions(latency=5_000, drop_rate=1, duplicate_rate=1, reorder="shuffle")
    )
    mock.network.conditions(latency=5_000, drop_rate=1, direction="send")
    client = mock.client(connect=True)
    assert client.connection.state == "connected"
    seen: list[str] = []
    channel = client.subscribe("private-a")
    channel.bind("pusher_internal:subscription_succeeded", seen.append)
    assert client.connection.socket_id
    assert mock.state.get_subscriber_count("private-a") == 1
    assert "auth" not in str(mock.errors)
    publish(mock, 3, "private-a")
    assert mock.metrics().dropped == 3


def test_frames_of_subscriptions_on_request():
    mock = PusherMock()
    seen: list[tuple[str, float]] = []
    client = mock.client(connect=True)
    mock.network.conditions(latency=30, scope=["events", "subscriptions"])
    channel = client.subscribe("a")
    channel.bind(
        "pusher_internal:subscription_succeeded", lambda data: seen.append(("in", mock.clock.now()))
    )
    channel.bind("x", lambda data: seen.append((data, mock.clock.now())))
    publish(mock)
    mock.clock.advance(30)
    assert seen == [("in", 30), ("0", 30)]
    assert mock.metrics().offered == 1


def test_subscriptions_only():
    mock = PusherMock()
    mock.network.conditions(latency=30, scope="subscriptions")
    one = listen(mock)
    publish(mock)
    mock.clock.advance(29)
    assert one.got == []  # events of a channel come behind the answer to its subscription
    mock.clock.advance(1)
    assert one.got == ["0"]
    publish(mock)
    assert one.got == ["0", "0"]


def test_frames_of_the_connection_on_request():
    mock = PusherMock(network=NetworkConditions(latency=30, scope=frozenset({"connection"})))
    client = mock.client()
    client.connect()
    assert client.connection.state != "connected"
    mock.clock.advance(30)
    assert client.connection.state == "connected"


def test_pings_and_members_on_request():
    mock = PusherMock()
    mock.network.conditions(latency=30, scope=["subscriptions", "connection"])
    members: list[float] = []
    one = mock.client(connect=True, user_data={"user_id": "1"})
    mock.clock.advance(30)
    one.subscribe("presence-a").bind(
        "pusher_internal:member_added", lambda data: members.append(mock.clock.now())
    )
    mock.clock.advance(30)
    other = mock.client(connect=True, user_data={"user_id": "2"})
    mock.clock.advance(30)
    other.subscribe("presence-a")
    mock.clock.advance(30)
    assert members == [120]
    mock.clock.advance(600_000)  # pings are late, and answered
    assert one.connection.state == other.connection.state == "connected"
    assert "weather later" in mock.journal.dumps()
    assert "(ping)" in mock.journal.dumps()


@pytest.mark.parametrize("rate", ["drop_rate", "duplicate_rate"])
def test_copies_and_loss_of_frames_of_subscriptions(rate: str):
    mock = PusherMock()
    client = mock.client(connect=True)
    mock.network.use(f"{rate}=1 scope=subscriptions")
    client.subscribe("a")
    assert mock.state.get_subscriber_count("a") == 1
    became = mock.journal.dumps().splitlines()[-1].strip()
    assert (
        became
        == {
            "drop_rate": "weather dropped=mock-connection-1:loss",
            "duplicate_rate": "weather now=mock-connection-1,mock-connection-1 "
            "duplicated=mock-connection-1",
        }[rate]
    )
    assert mock.metrics().offered == 0
    assert conserved(mock)


def test_what_clients_send_on_request():
    mock = PusherMock()
    client = mock.client(connect=True)
    mock.network.conditions(latency=30, direction="send", scope=["subscriptions"])
    client.subscribe("a")
    assert mock.state.get_subscriber_count("a") == 0
    mock.clock.advance(30)
    assert mock.state.get_subscriber_count("a") == 1
    mock.network.conditions(drop_rate=1, direction="send", scope=["connection"])
    mock.clock.advance(75_000)  # its answers to pings are lost
    assert client.connection.connection_id == "mock-connection-2"  # 4201: it came back at once


def test_weather_that_could_touch_them_and_does_not():
    mock = PusherMock()
    client = mock.client(connect=True)
    mock.network.conditions(drop_rate=0, scope=["subscriptions"])
    seen: list[str] = []
    client.subscribe("a").bind("pusher_internal:subscription_succeeded", seen.append)
    assert len(seen) == 1
    assert "weather" not in mock.journal.dumps()


def test_a_close_for_a_connection_that_the_network_has_not_met():
    mock = PusherMock()
    client = mock.client(connect=True)
    mock.network.conditions(latency=5)
    name = client.connection.connection_id
    happened, close = CloseRequested(name, 4200, ""), CloseConnection(name, 4200, "")
    assert mock.network.shape(happened, [close], 0) == ([close], [close])
