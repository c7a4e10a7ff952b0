"""Reconnection and recovery from history."""

from __future__ import annotations

from pusher_mock.simulate import reconnection


def test_everything_missed_is_recovered():
    result = reconnection(50, network="perfect")
    assert result.reconnected
    assert result.state_recovered
    assert (result.missed_events, result.recovered_events, result.lost_events) == (50, 50, 0)
    assert 1_000 <= result.reconnection_time_ms <= 6_000
    assert result.connection_id == "mock-connection-1"
    assert str(result) == "Reconnection: SUCCESS - recovered 50 of 50 events"


def test_more_than_the_history_is_lost():
    result = reconnection(130, network="perfect")
    assert (result.recovered_events, result.lost_events, result.state_recovered) == (100, 30, False)
    short = reconnection(130, history=10, network="perfect")
    assert (short.recovered_events, short.lost_events) == (10, 120)


def test_nobody_comes_back():
    result = reconnection(5, 2, network="connect_error_rate=1", patience_ms=20_000)
    assert not result.reconnected
    assert (result.reconnected_count, result.success_rate) == (0, 0)
    assert (result.recovered_events, result.lost_events) == (0, 10)
    assert result.simulated_ms == 20_000
    assert str(result) == "Reconnection: FAILED - recovered 0 of 10 events"


def test_the_question_for_the_history_fails():
    result = reconnection(5, network="error_rate=1")
    assert result.reconnected
    assert not result.state_recovered
    assert (result.recovered_events, result.lost_events) == (0, 5)


def test_many_come_back_some_of_them_later():
    result = reconnection(10, 100, seed=1)
    assert result == reconnection(10, 100, seed=1)
    assert result.reconnected
    assert result.first_attempt_count < result.reconnected_count == 100
    assert result.success_rate == result.first_attempt_count
    assert result.longest_reconnection_ms > 6_000 or result.first_attempt_count > 90
    assert result.recovered_events == 1_000
