"""Heartbeats over a weather that loses them, with a score for the health of the connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import charts
from .figures import Ms, Outcome, Percent, average, share
from .stage import Stage, at_least

if TYPE_CHECKING:
    from .stage import Progress, Weather

__all__ = ["HeartbeatResult", "heartbeat"]

_INTERVAL_MS: Final = 30_000
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartbeatResult(Outcome):
    """How healthy connections were.

    Attributes:
        client_id: of the first client.
        clients: how many there were.
        total_heartbeats: pings sent.
        successful_heartbeats: those answered before the next one was due.
        missed_heartbeats: the others.
        average_latency: virtual milliseconds from a ping to its pong.
        max_latency: the longest, in virtual milliseconds.
        min_latency: the shortest, in virtual milliseconds.
        connection_health_score: percentage of the pings that were answered; 100 is perfect.
    """

    client_id: str
    clients: int
    total_heartbeats: int
    successful_heartbeats: int
    missed_heartbeats: int
    average_latency: Ms
    max_latency: Ms
    min_latency: Ms
    connection_health_score: Percent

    def __str__(self) -> str:
        return (
            f"Heartbeats: {self.successful_heartbeats}/{self.total_heartbeats} answered, "
            f"health {self.connection_health_score:.2f}%"
        )


class _Pulse:
    """One client that pings."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.member = stage.member(name)
        self.member.pongs = self._answered
        self.latencies: list[float] = []
        self.sent = 0
        self._stage = stage
        self._at: float | None = None

    def beat(self) -> None:
        """Ping; what was not answered by now is missed."""
        self._at = self._stage.clock.now()
        self.sent += 1
        self.member.send("pusher:ping", {})

    def _answered(self) -> None:
        if self._at is not None:  # else a further copy
            self.latencies.append(round(self._stage.clock.now() - self._at, 3))
            self._at = None


def heartbeat(
    clients: int = 1,
    duration_ms: float = _MINUTE_MS,
    *,
    interval_ms: float = _INTERVAL_MS,
    seed: int = 0,
    network: Weather = "latency=50..200 drop_rate=0.02 scope=connection",
    progress: Progress = None,
) -> HeartbeatResult:
    """Let clients ping the service by Pusher's protocol, and count the answers.

    Args:
        clients: how many.
        duration_ms: virtual milliseconds.
        interval_ms: virtual milliseconds between two pings of a client.
        seed: of the mock.
        network: the weather once the clients are connected; its scope has to name
            ``connection``, or it spares pings.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, clients=clients, interval_ms=interval_ms, duration_ms=duration_ms)
    with Stage(seed, network, progress=progress) as stage:
        with stage.calm():
            pulses = [_Pulse(stage, f"client-{number}") for number in range(1, clients + 1)]
        while stage.clock.now() < duration_ms:
            for pulse in pulses:
                pulse.beat()
            stage.clock.advance(interval_ms)
            stage.told(stage.clock.now(), duration_ms)
        latencies = sorted(one for pulse in pulses for one in pulse.latencies)
        total, answered = sum(pulse.sent for pulse in pulses), len(latencies)
        return HeartbeatResult(
            client_id=pulses[0].member.name,
            clients=clients,
            total_heartbeats=total,
            successful_heartbeats=answered,
            missed_heartbeats=total - answered,
            average_latency=round(average(latencies), 3),
            max_latency=latencies[-1] if latencies else 0.0,
            min_latency=latencies[0] if latencies else 0.0,
            connection_health_score=share(answered, total),
            charts=(
                charts.bars("Heartbeats", {"answered": answered, "missed": total - answered}),
                charts.histogram("Latency of answers", latencies, "ms"),
            ),
            **stage.conclude(),
        )
