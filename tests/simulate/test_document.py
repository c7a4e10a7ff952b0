"""The usage example and the benchmark table of the real-time events document, measured."""

from __future__ import annotations

import pytest

from pusher_mock.simulate import (
    BenchmarkRow,
    acks,
    benchmark,
    broadcast,
    reconnection,
    throughput,
)


def test_the_usage_example():
    transaction = {"type": "transaction", "transaction": {"id": "TX-1", "amount": 250}}

    sent = broadcast(100, event="transaction", payload=transaction)
    assert sent.total_recipients == 100
    assert sent.success_count + sent.failure_count == 100
    assert sent.acked_count + sent.pending_ack_count == sent.success_count >= 95
    assert str(sent).startswith(f"Broadcast: {sent.success_count}/100 delivered in ")

    delivery = acks(100, event_id="EV-123")
    assert delivery.event_id == "EV-123"
    assert delivery.final_delivery_rate >= 95
    assert delivery.redelivery_required > 0
    assert "% achieved with " in str(delivery)

    volume = throughput(10_000, 2)  # the document runs it for ten seconds
    assert volume.total_events == 20_000
    assert volume.throughput == pytest.approx(10_000)
    assert volume.p95_latency < 200
    assert str(volume).startswith("Throughput: 10000 events/sec, p95 latency: ")

    back = reconnection(50)
    assert (back.reconnected, back.recovered_events, back.lost_events) == (True, 50, 0)
    assert str(back) == "Reconnection: SUCCESS - recovered 50 of 50 events"


@pytest.fixture(scope="module")
def rows() -> dict[str, BenchmarkRow]:
    return {row.scenario: row for row in benchmark()}


@pytest.mark.parametrize(
    ("scenario", "target", "low", "high"),
    [
        ("Broadcast latency (100 clients)", "<100ms", 15, 100),
        ("Event delivery rate", "99%", 98.5, 99.5),
        ("ACK rate", "95%", 93.5, 96.5),
        ("Reconnection success", "95%", 93.5, 96.5),
        ("Throughput (events/sec)", "10k", 9_999.9, 10_000.1),
        ("Memory per connection", "<1MB", 0.002, 0.04),
        ("P95 latency", "<200ms", 50, 110),
        ("Connection health", ">95%", 97, 99),
    ],
)
def test_the_benchmark_table(
    rows: dict[str, BenchmarkRow], scenario: str, target: str, low: float, high: float
):
    row = rows[scenario]
    assert row.target == target
    assert low < row.measured < high
    assert row.holds, row


def test_there_is_nothing_else_in_the_table(rows: dict[str, BenchmarkRow]):
    assert len(rows) == 8
    assert rows["Memory per connection"].text.startswith("0.0")
    assert rows["Throughput (events/sec)"].text == "10,000.0/s"
