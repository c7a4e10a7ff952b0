"""Reconnection, and recovery of what was missed from the history of the channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pusher_mock.protocol import limits

from . import charts
from .figures import Ms, Outcome, Percent, average, share
from .stage import Stage, at_least

if TYPE_CHECKING:
    from .stage import Progress, Weather

__all__ = ["ReconnectionResult", "reconnection"]

_CHANNEL = "private-feed"
_EVENT = "entry"
_CONFIRMED = "pusher_internal:subscription_succeeded"

# A client that is away waits so long before it tries again; chance says how long.
_SHORTEST_MS = 1_000
_LONGEST_MS = 6_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ReconnectionResult(Outcome):
    """How clients came back, and what they got of what they had missed.

    Attributes:
        connection_id: of the first client, as it was at the beginning.
        connections: how many were cut off.
        reconnected: whether all of them came back.
        reconnected_count: how many did.
        first_attempt_count: how many did so with their first attempt.
        success_rate: percentage of the first attempts that went well.
        reconnection_time_ms: virtual milliseconds from the cut until the subscription was
            confirmed again, on average.
        longest_reconnection_ms: the longest.
        missed_events: events published while they were away, over all clients.
        recovered_events: how many of these they got from the history afterwards.
        lost_events: how many they never got.
        state_recovered: whether everybody who came back has everything.
    """

    connection_id: str
    connections: int
    reconnected: bool
    reconnected_count: int
    first_attempt_count: int
    success_rate: Percent
    reconnection_time_ms: Ms
    longest_reconnection_ms: Ms
    missed_events: int
    recovered_events: int
    lost_events: int
    state_recovered: bool

    def __str__(self) -> str:
        what = "SUCCESS" if self.reconnected else "FAILED"
        return (
            f"Reconnection: {what} - recovered {self.recovered_events} of "
            f"{self.missed_events} events"
        )


class _Reader:
    """A client that knows which events it has, and asks for the others when it is back."""

    def __init__(self, stage: Stage, interval_ms: float) -> None:
        self._stage = stage
        self.away_ms = interval_ms
        self.client = stage.client(reconnect_interval=interval_ms / 1000)
        self.seen: set[int] = set()
        self.recovered = 0
        self.back_at: float | None = None
        self.away = False
        self.client.connection.bind("pusher:connection_established", self._connected)
        self.client.connect()
        self.id = self.client.connection.connection_id

    def _connected(self, data: str) -> None:
        # Each time: pysher does not subscribe again unless it is told to, and then not with a new
        # signature.
        channel = self.client.subscribe(_CHANNEL)
        channel.bind(_EVENT, self._heard)
        channel.bind(_CONFIRMED, self._confirmed)

    def _heard(self, data: str) -> None:
        self.seen.add(json.loads(data)["number"])

    def _confirmed(self, data: str) -> None:
        if not self.away:
            return
        self.away, self.back_at = False, self._stage.clock.now()
        # What the application's own endpoint does: it asks Pusher's HTTP API, in the same weather,
        # and hands out what the store still has.
        if not self._stage.call(self._stage.server.channel_info, _CHANNEL):
            return
        for message in self._stage.mock.state.get_channel_messages(_CHANNEL):
            number = json.loads(message.raw)["number"]
            if number not in self.seen:
                self.seen.add(number)
                self.recovered += 1


def reconnection(
    pending_events: int = 50,
    connections: int = 1,
    *,
    history: int = limits.DEFAULT_HISTORY,
    patience_ms: float = 60_000,
    seed: int = 0,
    network: Weather = "connect_error_rate=0.05",
    progress: Progress = None,
) -> ReconnectionResult:
    """Cut clients off, publish while they are away, and let them recover what they missed.

    The clients are doubles of pysher: they come back by its own timer, here after 1 to 6 seconds,
    try again as often as it takes, and ask for the history of the channel when their
    subscription is confirmed.

    Args:
        pending_events: events published while they are away.
        connections: clients.
        history: messages that the service keeps for a channel; what is older is lost.
        patience_ms: virtual milliseconds after which who is not back counts as gone.
        seed: of the mock.
        network: the weather in which they come back: ``connect_error_rate`` refuses
            attempts, ``error_rate`` lets the question for the history fail.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(0, pending_events=pending_events, history=history, patience_ms=patience_ms)
    at_least(1, connections=connections)
    with Stage(seed, network, history=history, progress=progress) as stage:
        clock = stage.clock
        with stage.calm():
            readers = [
                _Reader(stage, stage.between(_SHORTEST_MS, _LONGEST_MS)) for _ in range(connections)
            ]
            stage.publish(_CHANNEL, _EVENT, {"number": 0})  # everybody has this one already
            cut_at = clock.now()
            for reader in readers:
                reader.away = True
                stage.mock.network.disconnect_now(reader.client)
            for number in range(1, pending_events + 1):
                stage.publish(_CHANNEL, _EVENT, {"number": number})
        away = set(readers)

        def all_back() -> bool:
            away.difference_update([reader for reader in away if reader.back_at is not None])
            stage.told(len(readers) - len(away), len(readers))
            return not away

        stage.wait(all_back, cut_at + patience_ms)
        return _counted(stage, readers, cut_at, pending_events)


def _counted(
    stage: Stage, readers: list[_Reader], cut_at: float, published: int
) -> ReconnectionResult:
    times = [reader.back_at - cut_at for reader in readers if reader.back_at is not None]
    first = [
        reader
        for reader in readers
        if reader.back_at is not None and reader.back_at - cut_at < reader.away_ms + 1
    ]
    missed = published * len(readers)
    recovered = sum(reader.recovered for reader in readers)
    back = [reader for reader in readers if reader.back_at is not None]
    lost = sum(published + 1 - len(reader.seen) for reader in readers)
    return ReconnectionResult(
        connection_id=readers[0].id,
        connections=len(readers),
        reconnected=len(back) == len(readers),
        reconnected_count=len(back),
        first_attempt_count=len(first),
        success_rate=share(len(first), len(readers)),
        reconnection_time_ms=round(average(times), 3),
        longest_reconnection_ms=max(times, default=0.0),
        missed_events=missed,
        recovered_events=recovered,
        lost_events=lost,
        state_recovered=all(len(reader.seen) > published for reader in back),
        charts=(
            charts.bars("Missed events", {"recovered": recovered, "lost": lost}, "events"),
            charts.histogram("Time until reconnected", sorted(times), "ms"),
        ),
        **stage.conclude(),
    )
