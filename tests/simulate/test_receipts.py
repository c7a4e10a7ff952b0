"""Broadcast with receipts: counts are of frames that really arrived."""

from __future__ import annotations

import pytest

from pusher_mock import NetworkConditions, UsageError
from pusher_mock.network import Profile
from pusher_mock.simulate import broadcast


def test_calm_weather_loses_nothing():
    result = broadcast(5, 3, network="perfect")
    assert (result.total_recipients, result.success_count, result.failure_count) == (15, 15, 0)
    assert (result.acked_count, result.pending_ack_count, result.duplicate_count) == (15, 0, 0)
    assert (result.broadcast_time_ms, result.delivery_rate, result.ack_rate) == (0, 100, 100)
    assert result.broadcast_id.startswith("BROADCAST-0-")
    assert str(result) == "Broadcast: 15/15 delivered in 0ms, 15 acknowledged"


def test_everything_lost():
    result = broadcast(5, network="drop_rate=1")
    assert (result.success_count, result.failure_count, result.acked_count) == (0, 5, 0)
    assert result.ack_rate == 100  # of nothing
    assert result.peak_latency_ms == 0


def test_copies_are_counted_and_acknowledged_once():
    result = broadcast(5, 2, network="duplicate_rate=1 latency=10..50")
    assert (result.success_count, result.duplicate_count, result.acked_count) == (10, 10, 10)
    assert 10 <= result.average_latency_ms <= result.p95_latency_ms <= result.peak_latency_ms <= 50
    assert result.broadcast_time_ms == result.peak_latency_ms


def test_acknowledgements_have_weather_of_their_own():
    lost = Profile("mute", "nothing comes back", (("send", NetworkConditions(drop_rate=1)),))
    result = broadcast(5, network=lost)
    assert (result.success_count, result.acked_count, result.pending_ack_count) == (5, 0, 5)
    assert result.network == "mute"


def test_refused_and_silent_clients_get_nothing():
    assert broadcast(4, network="connect_error_rate=1").failure_count == 4
    assert broadcast(4, network="stale_rate=1").failure_count == 4


def test_the_same_seed_gives_the_same_result():
    first, second = broadcast(50, 2, seed=3), broadcast(50, 2, seed=3)
    assert first == second
    assert first.charts == second.charts
    assert first != broadcast(50, 2, seed=4)
    assert first.network == "realtime-events"


def test_the_payload_travels_and_progress_is_told():
    told: list[float] = []
    result = broadcast(2, 2, payload={"amount": 5}, network="perfect", progress=told.append)
    assert result.success_count == 4
    assert told == [0.5, 1, 1]


def test_numbers_are_checked():
    with pytest.raises(UsageError, match="recipients takes a number from 1, not 0"):
        broadcast(0)
    with pytest.raises(UsageError, match="interval_ms takes a number from 0"):
        broadcast(interval_ms=-1)
    with pytest.raises(UsageError, match="no network profile 'stormy'"):
        broadcast(network="stormy")
