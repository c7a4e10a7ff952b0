"""Heartbeats, the life of connections, endurance."""

from __future__ import annotations

import pytest

from pusher_mock.simulate import endurance, heartbeat, lifecycle
from pusher_mock.simulate.stage import Stage


def test_a_minute_of_heartbeats():
    result = heartbeat()
    assert (result.client_id, result.clients, result.total_heartbeats) == ("client-1", 1, 2)
    assert result.successful_heartbeats + result.missed_heartbeats == 2
    assert result.simulated_ms == 60_000


def test_none_is_answered():
    result = heartbeat(2, network="drop_rate=1 scope=connection")
    assert (result.successful_heartbeats, result.missed_heartbeats) == (0, 4)
    assert (result.connection_health_score, result.min_latency) == (0, 0)


def test_weather_of_events_spares_pings():
    result = heartbeat(3, network="drop_rate=1")
    assert (result.missed_heartbeats, result.connection_health_score) == (0, 100)
    assert str(result) == "Heartbeats: 6/6 answered, health 100.00%"


def test_a_copy_of_an_answer_counts_once():
    result = heartbeat(3, network="duplicate_rate=1 scope=connection latency=5")
    assert (result.successful_heartbeats, result.max_latency) == (6, 5)


def test_some_are_missed():
    result = heartbeat(50, 600_000)
    assert result == heartbeat(50, 600_000)
    assert result.total_heartbeats == 1_000
    assert 5 <= result.missed_heartbeats <= 40
    assert 50 <= result.min_latency <= result.average_latency <= result.max_latency <= 200
    assert result.connection_health_score == result.successful_heartbeats / 10


def test_who_is_cut_off_misses_heartbeats():
    result = heartbeat(20, 600_000, network="disconnect_rate=0.3")
    assert 0 < result.missed_heartbeats < result.total_heartbeats / 2
    assert result.max_latency == 0


def test_a_silent_client_is_pinged_and_given_up():
    with Stage(0, None) as stage:
        member = stage.member("quiet")
        assert repr(member) == "<Member quiet connected>"
        stage.clock.advance(130_000)  # two pings of the service, which the transport answers
        assert member.connected
        stage.mock.network.close("quiet", 4200)
        assert repr(member) == "<Member quiet away>"
        assert member.socket_id == ""
        stage.clock.advance(10_000)
        assert member.connected
        stage.mock.network.disconnect_now("quiet")
        stage.settle()  # whoever is away stays away
        stage.clock.advance(60_000)
        assert not member.connected


def test_a_copy_is_one_delivery():
    result = lifecycle(2, 5_000, network="duplicate_rate=1 latency=5")
    assert result.delivered_events == result.total_events == 10


def test_a_life_without_trouble():
    result = lifecycle(2, 5_000, network="latency=10..100")
    assert (result.connected_ms, result.disconnected_ms, result.reconnected_ms) == (0, None, None)
    assert (result.total_events, result.delivered_events) == (10, 10)
    assert result.average_latency == pytest.approx(result.total_latency / 10, abs=0.001)
    assert 10 <= result.average_latency <= result.peak_latency <= 100


def test_connections_are_cut_and_come_back():
    result = lifecycle(20, 180_000, network="disconnect_rate=0.5", interval_ms=2_000)
    assert result.disconnections > 0
    assert result.disconnected_ms is not None
    assert result.reconnected_ms is not None
    # pysher's own ten seconds; the cut is noticed with the next event
    assert result.reconnected_ms >= result.disconnected_ms + 8_000
    assert result.stale_detections == 0
    assert 0 < result.delivered_events < result.total_events
    assert "cut off" in str(result)


def test_silence_is_noticed():
    result = lifecycle(3, network="stale_rate=1", duration_ms=60_000)
    assert (result.delivered_events, result.disconnections) == (0, 0)
    assert result.stale_detected_ms == 15_000  # a ping after ten seconds, no answer within five
    assert result.reconnected_ms == 25_000
    assert (result.stale_detections, result.reconnections) == (6, 6)


def test_a_short_endurance():
    result = endurance(20, 20, loss=0.05)
    assert result == endurance(20, 20, loss=0.05)
    assert result.reconnections > 0
    assert result.connected_at_end + result.away_at_end + result.stuck_at_end == 20
    assert 50 < result.availability < 100
    assert result.inputs > 20 * 20
    assert "20 connections for 20 min" in str(result)


def test_endurance_without_loss():
    result = endurance(5, 2.5, loss=0)
    assert (result.reconnections, result.availability, result.connected_at_end) == (0, 100, 5)
    assert result.simulated_ms == 150_000
