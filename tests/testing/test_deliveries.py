"""Who was delivered what, read from the journal."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import ExpectationFailed, NetworkConditions, PusherMock, UsageError
from pusher_mock.testing.deliveries import Deliveries, Delivery, read


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def subscribers(mock: PusherMock, number: int = 2, channel: str = "c") -> list[Any]:
    clients = [mock.client(connect=True) for _ in range(number)]
    for client in clients:
        client.subscribe(channel)
    return clients


def rows(deliveries: list[Delivery]) -> list[tuple[Any, ...]]:
    return [(one.data, one.connection[-1], one.at, one.sequence) for one in deliveries]


def test_in_good_weather_a_broadcast_is_the_delivery(mock: PusherMock):
    one, _ = subscribers(mock)
    mock.server().trigger("c", "e", {"n": 1})
    mock.clock.advance(5)
    mock.server().trigger("c", "f", "text", one.connection.socket_id)
    mock.server().trigger("nobody", "e", 1)
    log = read(mock.journal)
    assert rows(log.arrived) == [
        ({"n": 1}, "1", 0, 0),
        ({"n": 1}, "2", 0, 1),
        ("text", "2", 5, 2),
    ]
    assert log.arrived[0] == Delivery(
        "c", "e", '{"n": 1}', "mock-connection-1", 0, order=0, sequence=0
    )
    assert [one.order for one in log.arrived] == [0, 0, 1]
    assert (log.dropped, log.under_way) == ([], [])
    assert log.sockets["mock-connection-1"] == one.connection.socket_id


def test_frames_about_subscriptions_are_no_deliveries(mock: PusherMock):
    for name in ("a", "b"):
        client = mock.client(connect=True, user_data={"user_id": name})
        client.subscribe("presence-c")
        client.subscribe("cache-c")
    assert mock.delivered() == []


def test_client_events_and_cached_events_are(mock: PusherMock):
    one, two = subscribers(mock, channel="private-c")
    one.channels["private-c"].trigger("client-typing", {"on": True})
    mock.server().trigger("cache-c", "last", "x")
    two.subscribe("cache-c")
    assert [(one.event, one.connection, one.data) for one in mock.delivered()] == [
        ("client-typing", "mock-connection-2", {"on": True}),
        ("last", "mock-connection-2", "x"),
    ]


def test_nor_are_they_when_they_are_late_or_lost(mock: PusherMock):
    scope = frozenset({"events", "subscriptions"})
    client = mock.client(connect=True)
    with mock.network.conditions(latency=10, scope=scope):
        client.subscribe("c")
    assert mock.metrics().pending == 0
    assert read(mock.journal).under_way == []
    mock.clock.advance(10)
    with mock.network.conditions(latency=10, scope=scope):
        client.subscribe("d")
    client.disconnect()
    assert mock.delivered() == []
    assert mock.dropped() == []


def test_a_connection_that_the_state_store_made(mock: PusherMock):
    mock.state.subscribe("alice", "c")
    mock.state.trigger("c", "e", {"n": 1})
    assert [one.connection for one in mock.delivered(to="alice")] == ["alice"]


def test_what_comes_later(mock: PusherMock):
    subscribers(mock)
    with mock.network.conditions(latency=10, connection="mock-connection-2"):
        mock.server().trigger("c", "e", 1)
    log = read(mock.journal)
    assert rows(log.arrived) == [(1, "1", 0, 0)]
    (flying,) = log.under_way
    assert (flying.connection, flying.at, flying.due) == ("mock-connection-2", 0, 10)
    assert str(flying) == "e on c with 1 to mock-connection-2 is under way, due at 10 ms"
    mock.clock.advance(10)
    log = read(mock.journal)
    assert rows(log.arrived) == [(1, "1", 0, 0), (1, "2", 10, 1)]
    assert log.under_way == []
    assert [one.connection for one in log.set_out] == ["mock-connection-2"]


def test_what_never_comes(mock: PusherMock):
    subscribers(mock)
    with mock.network.conditions(drop_rate=1, connection="mock-connection-2"):
        mock.server().trigger("c", "e", 1)
    (drop,) = mock.dropped()
    assert (drop.connection, drop.reason, drop.data) == ("mock-connection-2", "loss", 1)
    assert str(drop) == "at 0 ms: e on c with 1 for mock-connection-2 was dropped: loss"
    assert mock.dropped("d") == []
    assert mock.dropped(to="mock-connection-1") == []
    assert [one.connection for one in mock.delivered("c", "e")] == ["mock-connection-1"]


def test_what_was_under_way_when_its_connection_closed(mock: PusherMock):
    one, _ = subscribers(mock)
    with mock.network.conditions(latency=10):
        mock.server().trigger("c", "e", 1)
    one.disconnect()
    mock.clock.advance(10)
    assert [(one.connection, one.reason) for one in mock.dropped()] == [
        ("mock-connection-1", "closed")
    ]
    assert [one.connection for one in mock.delivered()] == ["mock-connection-2"]
    assert read(mock.journal).under_way == []


@pytest.mark.parametrize("latency", [None, 10])
def test_copies_are_numbered(latency: float | None, mock: PusherMock):
    subscribers(mock, 1)
    with mock.network.conditions(duplicate_rate=1, latency=latency):
        mock.server().trigger("c", "e", 1)
        mock.server().trigger("c", "e", 1)
    mock.drain()
    assert [(one.order, one.copy) for one in mock.delivered()] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert str(mock.delivered()[1]).endswith("e on c to mock-connection-1 again")


def test_what_a_fault_has_corrupted(mock: PusherMock):
    subscribers(mock)
    mock.network.fault("c", action="corrupt", to="mock-connection-1", times=1)
    mock.server().trigger("c", "e", "whole")
    assert [(one.connection, one.raw, one.order) for one in mock.delivered()] == [
        ("mock-connection-1", "wh", 0),
        ("mock-connection-2", "whole", 0),
    ]


def test_a_queue_that_is_full_and_blocks(mock: PusherMock):
    (client,) = subscribers(mock, 1)
    mock.network.use(NetworkConditions(queue=1, overflow="block"))
    with mock.network.pause(client):
        for number in range(2):
            mock.server().trigger("c", "e", number)
        flying = read(mock.journal).under_way
        assert (
            str(flying[1]) == "e on c with 1 to mock-connection-1 is under way, behind a full queue"
        )
    mock.drain()
    assert [one.data for one in mock.delivered()] == [0, 1]


@pytest.mark.parametrize("network", ["lossy", "mobile", "realtime-events", "polling"])
def test_it_agrees_with_the_counts(network: str):
    mock = PusherMock(seed=5, network=network)

    def check() -> None:
        log, counted = read(mock.journal), mock.metrics()
        assert len(log.arrived) == counted.delivered
        assert len(log.dropped) == counted.dropped
        assert len(log.under_way) == counted.pending

    for number in range(30):
        if not number % 6:
            with mock.network.conditions(connect_error_rate=0):
                mock.client(connect=True).subscribe("c")
        mock.server().trigger("c", "e", number)
        mock.clock.advance(7)
        check()
    mock.clock.advance(3000)
    check()
    assert mock.metrics().delivered > 40


def test_a_very_large_audience_is_not_named():
    mock = PusherMock()
    for number in range(1002):
        mock.state.subscribe(f"s{number}", "c")
    mock.server().trigger("c", "e", 1)
    mock.expect_delivered("c", "e", times=1002, in_order=True)
    assert len(mock.delivered()) == 1002
    assert mock.expect_delivered("c", to="s999").connection == "s999"
    mock.expect_sequence("e", to="s0", exactly=True)
    for call in (
        lambda: mock.expect_delivered("c", to="s1001"),
        lambda: mock.expect_not_delivered("c", to="s1001"),
        lambda: mock.delivered("c", to="s1"),
    ):
        with pytest.raises(UsageError, match="the journal does not name everybody in an audience"):
            call()
    mock.expect_not_delivered("d", to="s1001")


def test_what_set_out_before_the_oldest_entry():
    mock = PusherMock(journal=2)
    mock.client(connect=True).subscribe("c")
    with mock.network.conditions(latency=10):
        mock.server().trigger("c", "e", 1)
    for _ in range(2):
        mock.server().trigger("d", "e", 1)
    mock.clock.advance(10)
    (found,) = read(mock.journal).arrived
    assert (found.order, found.copy, found.data) == (-1, 0, 1)
    assert mock.expect_delivered("c").data == 1
    for call in (mock.delivered, mock.dropped):
        with pytest.raises(UsageError, match=r"use PusherMock\(journal=1000\)"):
            call()


def test_of_nothing():
    assert Deliveries().under_way == []
    assert PusherMock().delivered() == []


def test_in_random_order_nobody_knows_when():
    mock = PusherMock(network="latency=10 reorder=2")
    mock.client(connect=True).subscribe("c")
    mock.server().trigger("c", "e", 1)
    (flying,) = read(mock.journal).under_way
    assert flying.due == -1
    assert str(flying) == "e on c with 1 to mock-connection-1 is under way, in random order"
    with pytest.raises(ExpectationFailed) as failed:
        mock.expect_delivered("c")
    assert "under way  e on c with 1 to mock-connection-1 in random order" in str(failed.value)
    assert "weather later=mock-connection-1:by-chance" in mock.journal.dumps()
    mock.drain()
    mock.expect_delivered("c", times=1)
