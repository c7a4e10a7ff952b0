"""Acknowledgements with a time-out and redelivery, as applications build them on Pusher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pusher_mock.network import NetworkConditions

from . import charts
from .figures import Ms, Outcome, Percent, share
from .members import ACK, Member
from .stage import Stage, at_least

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .stage import Progress, Weather

__all__ = ["ACK_TIMEOUT_MS", "DeliveryResult", "acks"]

#: How long a publisher waits for acknowledgements before it delivers again.
ACK_TIMEOUT_MS: Final = 30_000

_CHANNEL = "private-orders"
_OWN = "private-orders-{}"
_EVENT = "order"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryResult(Outcome):
    """How far delivery was guaranteed.

    Attributes:
        event_id: of the event.
        total_recipients: clients that were to get it.
        acked_count: those whose acknowledgement came back, at first or after a redelivery.
        pending_ack_count: those whose acknowledgement is still missing.
        timeout_count: how often a client's time to acknowledge ran out.
        redelivery_required: how many redeliveries were published.
        redelivered_count: how many of the acknowledged needed one.
        received_count: clients that got the event, whatever became of the acknowledgement.
        final_delivery_rate: percentage that acknowledged.
        total_time_ms: until the last acknowledgement or time-out, in virtual milliseconds.
    """

    event_id: str
    total_recipients: int
    acked_count: int
    pending_ack_count: int
    timeout_count: int
    redelivery_required: int
    redelivered_count: int
    received_count: int
    final_delivery_rate: Percent
    total_time_ms: Ms

    def __str__(self) -> str:
        return (
            f"Delivery guarantee: {self.final_delivery_rate:.2f}% achieved with "
            f"{self.redelivery_required} retries"
        )


class _Publisher:
    """Publishes one event, listens for acknowledgements, and delivers again where none came."""

    def __init__(self, stage: Stage, event_id: str, names: list[str]) -> None:
        self.waiting = dict.fromkeys(names)
        self.received: set[str] = set()
        self.times: list[float] = []
        self._stage = stage
        self._event_id = event_id
        self._names = {_OWN.format(name): name for name in names}
        with stage.calm():
            self._backend = stage.member("backend", tuple(self._names), self._acked)

    def heard(self, member: Member, frame: Frame) -> None:
        """A client got it, perhaps again: it acknowledges each copy, and acts on the first."""
        self.received.add(member.name)
        member.send(ACK, {"event_id": self._event_id}, _OWN.format(member.name))

    def _acked(self, backend: Member, frame: Frame) -> None:
        name = self._names[str(frame.channel)]
        if name in self.waiting:  # else for a further copy
            del self.waiting[name]
            self.times.append(self._stage.clock.now())

    def wait(self, ms: float) -> None:
        """Until everybody has acknowledged, or for so long."""
        self._stage.wait(lambda: not self.waiting, self._stage.clock.now() + ms)

    def deliver_again(self, round_: int) -> int:
        """To those who have not acknowledged, each on its own channel; returns how many."""
        again = list(self.waiting)
        for name in again:
            self._stage.publish(
                _OWN.format(name),
                _EVENT,
                {"event_id": self._event_id, "delivery": round_, "to": name},
                socket_id=self._backend.socket_id,
            )
        return len(again)


def acks(
    clients: int = 100,
    *,
    event_id: str = "EV-1",
    ack_timeout_ms: float = ACK_TIMEOUT_MS,
    redeliveries: int = 1,
    redelivery_ack_loss: float = 0.1,
    seed: int = 0,
    network: Weather = "realtime-events",
    progress: Progress = None,
) -> DeliveryResult:
    """Deliver an event until every client has acknowledged it, or the last time-out has passed.

    Pusher guarantees no delivery. So each client answers with the client event ``client-ack`` on
    a private channel of its own; the publisher listens there, and publishes the event again on
    that channel when no answer comes in time.

    Args:
        clients: how many.
        event_id: of the event.
        ack_timeout_ms: virtual milliseconds to acknowledge in.
        redeliveries: how often it is delivered again at most.
        redelivery_ack_loss: share of the acknowledgements that is lost then, 0 to 1. At first it
            is what the weather says for what clients send.
        seed: of the mock.
        network: the weather; that of the backend's own connection is calm.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is out of range, or there is no such weather.
    """
    at_least(1, clients=clients)
    at_least(0, ack_timeout_ms=ack_timeout_ms, redeliveries=redeliveries)
    worse = NetworkConditions(drop_rate=redelivery_ack_loss)
    with Stage(seed, network, progress=progress) as stage:
        weather = stage.mock.network
        names = [f"client-{number}" for number in range(1, clients + 1)]
        publisher = _Publisher(stage, event_id, names)
        with stage.calm_for("backend"):
            for name in names:
                stage.member(name, (_CHANNEL, _OWN.format(name)), publisher.heard)
            stage.publish(_CHANNEL, _EVENT, {"event_id": event_id})
            publisher.wait(ack_timeout_ms)
            first, timeouts, again = len(publisher.times), len(publisher.waiting), 0
            for number in range(1, redeliveries + 1):
                stage.told(number, redeliveries + 1)
                if not publisher.waiting:
                    break
                with weather.use(worse, direction="send"):
                    again += publisher.deliver_again(number)
                    publisher.wait(ack_timeout_ms)
                timeouts += len(publisher.waiting)
        acked = len(publisher.times)
        return DeliveryResult(
            event_id=event_id,
            total_recipients=clients,
            acked_count=acked,
            pending_ack_count=len(publisher.waiting),
            timeout_count=timeouts,
            redelivery_required=again,
            redelivered_count=acked - first,
            received_count=len(publisher.received),
            final_delivery_rate=share(acked, clients),
            total_time_ms=round(stage.clock.now(), 3),
            charts=(
                charts.line(
                    "Acknowledged", _steps(publisher.times, stage.clock.now()), "ms", "clients"
                ),
                charts.bars(
                    "Clients",
                    {
                        "at first": first,
                        "after redelivery": acked - first,
                        "never": len(publisher.waiting),
                    },
                ),
            ),
            **stage.conclude(),
        )


def _steps(times: list[float], end: float) -> list[tuple[float, float]]:
    """How many there were at each time, as a stair."""
    points = [(0.0, 0.0)]
    for number, at in enumerate(times):
        points += [(at, float(number)), (at, number + 1.0)]
    return [*points, (end, float(len(times)))]
