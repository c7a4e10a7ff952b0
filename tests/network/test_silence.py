"""Connections over which nothing comes any more, and those that are cut at random."""

from __future__ import annotations

import pytest

from pusher_mock import NetworkConditions, PusherMock

from .bench import conserved, listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# Silence ---------------------------------------------------------------------------------------


def test_the_service_finds_out(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.half_open(one.client)
    publish(mock)
    assert (one.got, other.got) == ([], ["0"])
    assert mock.metrics().reasons == {"half-open": 1}
    mock.clock.advance(74_999)
    assert len(mock.core.connections) == 2
    mock.clock.advance(1)
    assert [box.connection for box in mock.core.connections] == [other.name]
    assert one.state == "connected"  # nobody has told it


def test_the_client_finds_out(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client)
    mock.clock.advance(600_000)
    assert one.state == "connected"
    assert one.name == "mock-connection-2"
    publish(mock)
    assert one.got == ["0"]


def test_the_line_comes_back_in_time(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client, 30_000)
    mock.clock.advance(30_000)
    publish(mock)
    assert one.got == ["0"]
    mock.clock.advance(600_000)
    assert one.name == "mock-connection-1"


def test_what_a_silent_client_sends_is_not_heard(mock: PusherMock):
    one, other = listen(mock, "private-a"), listen(mock, "private-a")
    with mock.network.half_open(one.client):
        one.send("private-a", "0")
    assert other.got == []
    assert "network lost on the way to the service" in mock.journal.dumps()
    one.send("private-a", "1")
    assert other.got == ["1"]


def test_what_is_under_way_when_the_line_falls_silent(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=10)
    publish(mock)
    mock.network.half_open(one.client)
    mock.clock.advance(10)
    assert one.got == []
    assert mock.metrics().reasons == {"half-open": 1}
    assert conserved(mock)


def test_closed_by_the_service_without_a_word(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client)
    mock.network.close(one.client, 4200)
    assert mock.core.connections == ()
    assert one.state == "connected"
    one.client.disconnect()
    assert one.state == "disconnected"


def test_hung_up_while_silent(mock: PusherMock):
    one = listen(mock)
    silence = mock.network.half_open(one.client)
    one.client.disconnect()
    silence.end()
    assert mock.network.calm
    assert mock.core.connections == ()


def test_stale_from_the_beginning():
    mock = PusherMock(seed=1, network=NetworkConditions(stale_rate=0.5))
    all_ = [listen(mock) for _ in range(40)]
    publish(mock)
    heard = sum(one.got == ["0"] for one in all_)
    assert 10 < heard < 30
    assert all(one.state == "connected" for one in all_)  # their greeting has come
    assert mock.metrics().offered == heard  # but nobody has heard what they subscribe
    mock.clock.advance(75_000)
    assert len(mock.core.connections) == heard


# Cut at random ---------------------------------------------------------------------------------


def test_cut_at_random():
    mock = PusherMock(seed=2, network=NetworkConditions(disconnect_rate=0.1))
    all_ = [listen(mock) for _ in range(50)]
    mock.clock.advance(11 * 60_000)
    cut = mock.journal.dumps().count("network cut ")
    assert 25 < cut < 75  # 50 a tenth of the minutes, for ten of them
    mock.clock.advance(60_000)
    mock.network.clear()
    mock.clock.advance(60_000)
    assert all(one.state == "connected" for one in all_)


def test_cut_within_the_first_minute():
    mock = PusherMock(network=NetworkConditions(disconnect_rate=1))
    one = listen(mock)
    mock.clock.advance(30_000)
    late = listen(mock)  # for the other half of the minute, half of the rate
    mock.clock.advance(30_000)
    cut = [line for line in mock.journal.dumps().splitlines() if "network cut " in line]
    assert sum("mock-connection-1" in line for line in cut) == 1
    assert one.name != "mock-connection-1"
    assert late.name


@pytest.mark.parametrize("how", ["end", "clear", "other"])
def test_not_cut_once_the_rule_has_ended(mock: PusherMock, how: str):
    one = listen(mock)
    rule = mock.network.conditions(disconnect_rate=1)
    other = mock.network.conditions(disconnect_rate=1, connection="mock-connection-9")
    if how == "clear":
        mock.network.clear()
    else:
        rule.end()
    if how == "end":
        other.end()
    mock.clock.advance(120_000)
    assert one.name == "mock-connection-1"


def test_cut_meanwhile_by_somebody_else(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(disconnect_rate=1, connection=one.name)
    mock.network.disconnect_now(one.client)
    mock.clock.advance(60_000)
    assert mock.journal.dumps().count("network cut") == 1


def test_a_minute_that_is_over_when_the_rule_is(mock: PusherMock):
    """The timer has been taken by the clock already when the rule is taken back."""
    mock.network.conditions(disconnect_rate=1)
    passed = mock.network._minute_passed
    mock.network.clear()
    passed()
    assert mock.network._minute is None
