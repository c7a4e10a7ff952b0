"""Throughput: many events a second, and the percentiles of their latency."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Final

from pusher_mock.protocol import limits

from . import charts
from .figures import Ms, Outcome, PerSecond, average, percentile
from .stage import Stage, at_least

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .members import Member
    from .stage import Progress, Weather

__all__ = ["ThroughputResult", "throughput"]

_CHANNEL = "ticker"
_EVENT = "tick"
_SECOND_MS: Final = 1_000
_PERCENTS: Final = (50, 75, 90, 95, 99, 99.9, 100)


@dataclass(frozen=True, kw_only=True, slots=True)
class ThroughputResult(Outcome):
    """How many events went through, and how fast.

    Attributes:
        total_events: events that were to be published.
        successful_events: deliveries of them, without further copies.
        failed_events: events whose call of the HTTP API failed.
        dropped_events: deliveries that were lost.
        duplicated_events: further copies that the network made.
        average_latency: virtual milliseconds from publishing to delivery.
        p50_latency: what half of them do not exceed, in virtual milliseconds.
        p95_latency: what 95 % do not exceed.
        p99_latency: what 99 % do not exceed.
        throughput: events a second of virtual time, from the first to the end of the last slot.
        real_throughput: events a second of real time on this machine; measured.
        real_deliveries: deliveries a second of real time on this machine; measured.
    """

    total_events: int
    successful_events: int
    failed_events: int
    dropped_events: int
    duplicated_events: int
    average_latency: Ms
    p50_latency: Ms
    p95_latency: Ms
    p99_latency: Ms
    throughput: PerSecond
    real_throughput: PerSecond = field(compare=False)
    real_deliveries: PerSecond = field(compare=False)

    def __str__(self) -> str:
        return f"Throughput: {self.throughput:.0f} events/sec, p95 latency: {self.p95_latency:g}ms"


def throughput(
    events_per_second: int = 1_000,
    duration_seconds: int = 10,
    *,
    recipients: int = 1,
    batch: int = limits.MAX_BATCH_EVENTS,
    seed: int = 0,
    network: Weather = "realtime-events",
    progress: Progress = None,
) -> ThroughputResult:
    """Publish so many events every second, and measure when they arrive.

    Args:
        events_per_second: of virtual time.
        duration_seconds: of virtual time.
        recipients: clients on the channel.
        batch: events in one call of the HTTP API, up to 10.
        seed: of the mock.
        network: the weather.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts, latencies and rates.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, events_per_second=events_per_second, duration_seconds=duration_seconds)
    at_least(1, recipients=recipients, batch=batch)
    batch = min(batch, limits.MAX_BATCH_EVENTS)
    total = events_per_second * duration_seconds
    with Stage(seed, network, progress=progress) as stage:
        latencies: list[float] = []
        seen: set[tuple[str, str]] = set()

        def heard(member: Member, frame: Frame) -> None:
            raw = str(frame.data)
            if (member.name, raw) not in seen:
                seen.add((member.name, raw))
                latencies.append(stage.under_way(raw))

        with stage.calm():
            for number in range(1, recipients + 1):
                stage.member(f"client-{number}", (_CHANNEL,), heard)
        clock, published, failed = stage.clock, 0, 0
        began, real = clock.now(), perf_counter()
        while published < total:
            size = min(batch, total - published)
            events = [
                {"channel": _CHANNEL, "name": _EVENT, "data": str(published + one)}
                for one in range(size)
            ]
            if not stage.publish_batch(events):
                failed += size
            published += size
            # Counted from the beginning, so that no rounding adds up.
            clock.advance(began + published * _SECOND_MS / events_per_second - clock.now())
            stage.told(published, total)
        slots = clock.now() - began
        stage.settle()
        elapsed = perf_counter() - real
        metrics = stage.mock.metrics()
        latencies.sort()
        return ThroughputResult(
            total_events=total,
            successful_events=len(latencies),
            failed_events=failed,
            dropped_events=metrics.dropped,
            duplicated_events=metrics.duplicated,
            average_latency=round(average(latencies), 3),
            p50_latency=percentile(latencies, 50),
            p95_latency=percentile(latencies, 95),
            p99_latency=percentile(latencies, 99),
            throughput=round(total * _SECOND_MS / slots, 3),
            real_throughput=round(total / elapsed, 1),
            real_deliveries=round(metrics.delivered / elapsed, 1),
            charts=(
                charts.histogram("Latency of delivery", latencies, "ms"),
                charts.line(
                    "Percentiles of latency",
                    [(one, percentile(latencies, one)) for one in _PERCENTS],
                    "%",
                    "ms",
                ),
            ),
            **stage.conclude(),
        )
