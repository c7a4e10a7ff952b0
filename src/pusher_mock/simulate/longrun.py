"""Endurance: many connections for a long time, with pings, loss and reconnections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pusher_mock.network import NetworkConditions, Profile

from . import charts
from .figures import Outcome, Percent, share
from .stage import Stage, at_least

if TYPE_CHECKING:
    from pusher_mock.doubles.client import MockPusherClient

    from .stage import Progress

__all__ = ["EnduranceResult", "endurance"]

_CHANNEL = "news"
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, kw_only=True, slots=True)
class EnduranceResult(Outcome):
    """How connections came through.

    Attributes:
        connections: clients.
        minutes: virtual minutes.
        inputs: what the engine handled: pings, pongs, openings, subscriptions, time-outs.
        reconnections: how often a client came back.
        connected_at_end: clients that were connected at the end.
        away_at_end: clients that were about to come back at the end.
        stuck_at_end: clients that have a connection, and do not know: their greeting was lost.
            As pings are answered, pysher goes on waiting for it.
        availability: connected clients on average, in percent; looked at every minute.
    """

    connections: int
    minutes: float
    inputs: int
    reconnections: int
    connected_at_end: int
    away_at_end: int
    stuck_at_end: int
    availability: Percent

    def __str__(self) -> str:
        return (
            f"Endurance: {self.connections} connections for {self.minutes:g} min, "
            f"{self.reconnections} reconnections, {self.availability:.2f}% available, "
            f"{self.real_ms / 1000:.1f}s of real time"
        )


class _Greetings:
    def __init__(self) -> None:
        self.count = 0

    def greeted(self, data: str, client: MockPusherClient) -> None:
        """A client is connected, and subscribes: pysher does not do so again by itself."""
        self.count += 1
        client.subscribe(_CHANNEL)


def endurance(
    connections: int = 1_000,
    minutes: float = 60,
    loss: float = 0.01,
    *,
    seed: int = 0,
    progress: Progress = None,
) -> EnduranceResult:
    """Keep doubles of pysher's client connected while pings and their answers get lost.

    The service pings who is silent for a minute, and closes with 4201 where no answer comes;
    pysher pings after two minutes, and reconnects where no answer comes. Both happen here by
    their own timers.

    Args:
        connections: clients, each subscribed to one channel.
        minutes: virtual minutes.
        loss: share of the frames of connections that is lost in either direction, 0 to 1: pings,
            answers, greetings, errors.
        seed: of the mock.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is out of range.
    """
    at_least(1, connections=connections)
    at_least(0, minutes=minutes)
    losing = NetworkConditions(drop_rate=loss, scope=frozenset({"connection"}))
    weather = Profile(
        f"{losing} in both directions",
        "pings, answers and greetings get lost",
        (("receive", losing), ("send", losing)),
    )
    with Stage(seed, weather, progress=progress) as stage:
        greetings, clients = _Greetings(), []
        with stage.calm():
            for _ in range(connections):
                client = stage.client()
                client.connection.bind("pusher:connection_established", greetings.greeted, client)
                client.connect()
                clients.append(client)
        first, availability, returns = greetings.count, [], []
        for minute in range(1, int(minutes) + 1):
            before = greetings.count
            stage.clock.advance(_MINUTE_MS)
            here = sum(client.connection.state == "connected" for client in clients)
            availability.append((float(minute), float(here)))
            returns.append((float(minute), float(greetings.count - before)))
            stage.told(minute, minutes)
        stage.clock.advance(_MINUTE_MS * (minutes % 1))
        away = [client.connection for client in clients if client.connection.state != "connected"]
        stuck = sum(one.socket is not None and one.socket.connected for one in away)
        journal = stage.mock.journal
        return EnduranceResult(
            connections=connections,
            minutes=minutes,
            inputs=journal.evicted + len(journal),
            reconnections=greetings.count - first,
            connected_at_end=connections - len(away),
            away_at_end=len(away) - stuck,
            stuck_at_end=stuck,
            availability=share(
                sum(here for _, here in availability), connections * len(availability)
            ),
            charts=(
                charts.line("Connected clients", availability, "min", "clients"),
                charts.line("Reconnections", returns, "min", "in a minute"),
            ),
            **stage.conclude(),
        )
