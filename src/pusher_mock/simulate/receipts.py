"""Broadcast with receipts: who got an event, who got it twice, who said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import charts
from .figures import Ms, Outcome, Percent, average, percentile, share
from .members import ACK, Member
from .stage import Stage, at_least

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .stage import Progress, Weather

__all__ = ["BroadcastResult", "broadcast"]

_CHANNEL = "private-broadcast"
_OWN = "private-receipts-{}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BroadcastResult(Outcome):
    """What became of broadcasts.

    Attributes:
        broadcast_id: of the first broadcast.
        total_recipients: receipts that were to be: clients times broadcasts.
        success_count: how many of them were delivered, once or more often.
        failure_count: how many were not: the event was lost, or the client was refused, cut off
            or silent.
        duplicate_count: further copies that arrived.
        broadcast_time_ms: from a broadcast until its last first copy arrived, in virtual
            milliseconds; the longest of all broadcasts.
        acked_count: receipts that came back to the publisher.
        pending_ack_count: delivered, and no receipt came back.
        delivery_rate: percentage of ``total_recipients`` that was delivered.
        ack_rate: percentage of the delivered that came back as receipts.
        average_latency_ms: virtual milliseconds from publishing to a first copy, on average.
        p95_latency_ms: what 95 % of these do not exceed.
        peak_latency_ms: the longest.
    """

    broadcast_id: str
    total_recipients: int
    success_count: int
    failure_count: int
    duplicate_count: int
    broadcast_time_ms: Ms
    acked_count: int
    pending_ack_count: int
    delivery_rate: Percent
    ack_rate: Percent
    average_latency_ms: Ms
    p95_latency_ms: Ms
    peak_latency_ms: Ms

    def __str__(self) -> str:
        return (
            f"Broadcast: {self.success_count}/{self.total_recipients} delivered in "
            f"{self.broadcast_time_ms:g}ms, {self.acked_count} acknowledged"
        )


class _Receipts:
    """What arrives at clients, and what comes back from them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.latencies: list[float] = []
        self.duplicates = 0
        self.delivered: set[tuple[str, str]] = set()
        self.acked: set[tuple[str, str]] = set()
        self.ack_times: list[float] = []

    def heard(self, member: Member, frame: Frame) -> None:
        """A client got something: it keeps the first copy and says so."""
        raw = str(frame.data)
        if (member.name, raw) in self.delivered:
            self.duplicates += 1
            return
        self.delivered.add((member.name, raw))
        self.latencies.append(self._stage.under_way(raw))
        member.send(ACK, raw, _OWN.format(member.name))

    def came_back(self, backend: Member, frame: Frame) -> None:
        """The publisher got a receipt."""
        raw = str(frame.data)
        self.acked.add((str(frame.channel), raw))
        self.ack_times.append(self._stage.under_way(raw))


def broadcast(
    recipients: int = 100,
    events: int = 1,
    *,
    event: str = "transaction",
    payload: dict[str, Any] | None = None,
    interval_ms: float = 1000,
    seed: int = 0,
    network: Weather = "realtime-events",
    progress: Progress = None,
) -> BroadcastResult:
    """Broadcast events to clients that acknowledge each with a client event.

    Every client is subscribed to one private channel, and to one of its own, on which it sends
    ``client-ack`` and the publisher listens, as applications do it: Pusher has no receipts.

    Args:
        recipients: clients.
        events: broadcasts, one after another.
        event: the events' name.
        payload: what they hold, besides the broadcast's id.
        interval_ms: virtual milliseconds between two broadcasts; below 100 the service refuses
            receipts, as it takes ten client events a second from a connection.
        seed: of the mock.
        network: the weather; that of the backend's own connection is calm.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, recipients=recipients, events=events)
    at_least(0, interval_ms=interval_ms)
    with Stage(seed, network, progress=progress) as stage:
        receipts = _Receipts(stage)
        core = stage.mock.core
        names = [f"client-{number}" for number in range(1, recipients + 1)]
        owned = tuple(_OWN.format(name) for name in names)
        with stage.calm():
            stage.member("backend", owned, receipts.came_back)
        with stage.calm_for("backend"):
            for name in names:
                stage.member(name, (_CHANNEL, _OWN.format(name)), receipts.heard)
            first, ends = "", []
            for number in range(events):
                identity = f"BROADCAST-{seed}-{core.nonce(4).hex()}"
                first = first or identity
                seen = len(receipts.latencies)
                began = stage.clock.now()
                stage.publish(_CHANNEL, event, {"broadcast_id": identity, **(payload or {})})
                if number < events - 1:
                    stage.clock.advance(interval_ms)
                else:
                    stage.settle()
                ends.append(max(receipts.latencies[seen:], default=stage.clock.now() - began))
                stage.told(number + 1, events)
        return _counted(stage, receipts, first, recipients * events, max(ends))


def _counted(
    stage: Stage, receipts: _Receipts, identity: str, total: int, longest: float
) -> BroadcastResult:
    latencies = sorted(receipts.latencies)
    success, acked = len(receipts.delivered), len(receipts.acked)
    counts = {
        "delivered": success,
        "not delivered": total - success,
        "duplicates": receipts.duplicates,
        "acknowledged": acked,
        "not acknowledged": success - acked,
    }
    return BroadcastResult(
        broadcast_id=identity,
        total_recipients=total,
        success_count=success,
        failure_count=total - success,
        duplicate_count=receipts.duplicates,
        broadcast_time_ms=longest,
        acked_count=acked,
        pending_ack_count=success - acked,
        delivery_rate=share(success, total),
        ack_rate=share(acked, success),
        average_latency_ms=average(latencies),
        p95_latency_ms=percentile(latencies, 95),
        peak_latency_ms=percentile(latencies, 100),
        charts=(
            charts.bars("Receipts", counts),
            charts.histogram("Latency of delivery", latencies, "ms"),
            charts.histogram("Until the receipt is back", sorted(receipts.ack_times), "ms"),
        ),
        **stage.conclude(),
    )
