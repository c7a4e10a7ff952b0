"""The life of connections: cut off, silent, back again; and what they got meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import charts
from .figures import Ms, Outcome, average
from .stage import Stage, at_least

if TYPE_CHECKING:
    from .stage import Progress, Weather

__all__ = ["LifecycleResult", "lifecycle"]

_CHANNEL = "status"
_EVENT = "tick"
_MINUTE_MS: Final = 60_000

# pysher pings after two minutes without a message; here sooner, so that a minute shows something.
_PING_SECONDS: Final = 10
_PONG_SECONDS: Final = 5
_SILENT_MS: Final = (_PING_SECONDS + _PONG_SECONDS) * 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class LifecycleResult(Outcome):
    """What happened to connections, at which time of the virtual clock.

    Attributes:
        connections: how many there were.
        connected_ms: when the first was connected.
        disconnected_ms: when one was cut off for the first time, to the interval of events;
            ``None`` if none was.
        reconnected_ms: when one was back for the first time; ``None`` if none was.
        stale_detected_ms: when a client noticed for the first time that nothing comes any more,
            as its ping stayed without an answer; ``None`` if none did.
        disconnections: how often one was cut off.
        reconnections: how often one came back.
        stale_detections: how often a client gave a silent connection up.
        total_events: events published, once for each connection.
        delivered_events: how many of these arrived.
        total_latency: all their latencies together, in virtual milliseconds.
        average_latency: their mean.
        peak_latency: the longest.
    """

    connections: int
    connected_ms: Ms | None
    disconnected_ms: Ms | None
    reconnected_ms: Ms | None
    stale_detected_ms: Ms | None
    disconnections: int
    reconnections: int
    stale_detections: int
    total_events: int
    delivered_events: int
    total_latency: Ms
    average_latency: Ms
    peak_latency: Ms

    def __str__(self) -> str:
        return (
            f"Life cycle: {self.delivered_events}/{self.total_events} events, "
            f"{self.disconnections} cut off, {self.stale_detections} silent, "
            f"{self.reconnections} back"
        )


class _Life:
    """One client double, and when something happened to it."""

    def __init__(self, stage: Stage, latencies: list[float]) -> None:
        self.connected: list[float] = []
        self.cut: list[float] = []
        self.stale: list[float] = []
        self._stage = stage
        self._latencies = latencies
        self._seen: set[str] = set()
        self._up = False
        self._heard_at = 0.0
        client = self._client = stage.client()
        client.connection.ping_interval = _PING_SECONDS
        client.connection.pong_timeout = _PONG_SECONDS
        client.connection.bind("pusher:connection_established", self._connected)
        client.connect()

    def _connected(self, data: str) -> None:
        self._up = True
        self._heard_at = self._stage.clock.now()
        self.connected.append(self._heard_at)
        # Each time: pysher does not subscribe again by itself unless it is told to.
        self._client.subscribe(_CHANNEL).bind(_EVENT, self._heard)

    def _heard(self, raw: str) -> None:
        self._heard_at = self._stage.clock.now()
        if raw not in self._seen:
            self._seen.add(raw)
            self._latencies.append(self._stage.under_way(raw))

    def look(self) -> None:
        """Notice that the connection has gone, and whether it had been silent before."""
        if not self._up or self._client.connection.state == "connected":
            return
        self._up = False
        now = self._stage.clock.now()
        (self.stale if now - self._heard_at >= _SILENT_MS else self.cut).append(now)


def lifecycle(
    connections: int = 50,
    duration_ms: float = 5 * _MINUTE_MS,
    *,
    interval_ms: float = 1_000,
    seed: int = 0,
    network: Weather = "realtime-events",
    progress: Progress = None,
) -> LifecycleResult:
    """Keep doubles of pysher's client connected for a while, with an event every second.

    They ping after 10 seconds without a message, give a connection up when no answer comes within
    5, and come back by pysher's own timer.

    Args:
        connections: clients.
        duration_ms: virtual milliseconds.
        interval_ms: virtual milliseconds between two events.
        seed: of the mock.
        network: the weather; ``disconnect_rate`` cuts connections, ``stale_rate`` silences them.
        progress: told how far it has got, from 0 to 1.

    Returns:
        What happened when, and the counts.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, connections=connections, duration_ms=duration_ms, interval_ms=interval_ms)
    with Stage(seed, network, progress=progress) as stage:
        latencies: list[float] = []
        lives = [_Life(stage, latencies) for _ in range(connections)]
        rates: list[tuple[float, float]] = []
        number = 0
        while stage.clock.now() < duration_ms:
            number += 1
            before = len(latencies)
            stage.publish(_CHANNEL, _EVENT, {"number": number})
            stage.clock.advance(interval_ms)
            for life in lives:
                life.look()
            rates.append((stage.clock.now(), float(len(latencies) - before)))
            stage.told(stage.clock.now(), duration_ms)
        back = [life.connected[1:] for life in lives]
        return LifecycleResult(
            connections=connections,
            connected_ms=_first([life.connected for life in lives]),
            disconnected_ms=_first([life.cut for life in lives]),
            reconnected_ms=_first(back),
            stale_detected_ms=_first([life.stale for life in lives]),
            disconnections=sum(len(life.cut) for life in lives),
            reconnections=sum(map(len, back)),
            stale_detections=sum(len(life.stale) for life in lives),
            total_events=number * connections,
            delivered_events=len(latencies),
            total_latency=round(sum(latencies), 3),
            average_latency=round(average(latencies), 3),
            peak_latency=max(latencies, default=0.0),
            charts=(
                charts.line("Events delivered in an interval", rates, "ms", "events"),
                charts.histogram("Latency of delivery", sorted(latencies), "ms"),
            ),
            **stage.conclude(),
        )


def _first(times: list[list[float]]) -> float | None:
    return min((one[0] for one in times if one), default=None)
