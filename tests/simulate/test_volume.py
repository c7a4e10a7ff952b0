"""Throughput and memory."""

from __future__ import annotations

import tracemalloc

import pytest

from pusher_mock.simulate import memory, throughput


def test_throughput_in_calm_weather():
    result = throughput(100, 2, recipients=3, network="perfect")
    assert (result.total_events, result.successful_events) == (200, 600)
    assert (result.failed_events, result.dropped_events, result.duplicated_events) == (0, 0, 0)
    assert (result.throughput, result.p99_latency) == (100, 0)
    assert result.real_throughput > 0
    assert result.simulated_ms == 2_000


def test_throughput_is_the_same_whatever_the_batch():
    single = throughput(70, 1, batch=1, network="perfect")
    assert single.successful_events == throughput(70, 1, batch=99, network="perfect").total_events


def test_throughput_under_weather():
    result = throughput(500, 2)
    assert result == throughput(500, 2)
    assert result.successful_events + result.dropped_events >= 1_000
    assert 0 < result.dropped_events < 40
    assert 10 <= result.p50_latency <= result.p95_latency <= result.p99_latency <= 106
    assert str(result).startswith("Throughput: 500 events/sec, p95 latency: ")


def test_calls_that_fail():
    result = throughput(100, 1, network="error_rate=1")
    assert (result.failed_events, result.successful_events) == (100, 0)


def test_memory_is_measured():
    result = memory(20, 10)
    assert result.connection_count == 20
    assert result.pending_events_total == 200
    assert 2_000 < result.bytes_per_connection < 40_000
    assert 50 < result.bytes_per_event < 3_000
    assert result.memory_per_connection == pytest.approx(
        result.bytes_per_connection / 1e6, abs=1e-6
    )
    assert 0 < result.estimated_memory_mb < 2
    assert 0 <= result.estimated_cpu_usage < 10
    assert "kB per connection" in str(result)
    assert not tracemalloc.is_tracing()


def test_no_more_than_a_hundred_wait_for_each():
    assert memory(2, 150).pending_events_total == 200


def test_without_events():
    result = memory(1, 0)
    assert (result.pending_events_total, result.bytes_per_event) == (0, 0)


def test_somebody_else_is_tracing():
    tracemalloc.start()
    try:
        memory(1, 1)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()
