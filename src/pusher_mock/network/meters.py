"""Counts: what became of events on channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import Broadcast, Published
from pusher_mock.protocol import limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
__all__ = ["Meter", "Metrics", "Tally"]

_OTHERS: Final = "…"


@dataclass(frozen=True, slots=True)
class Metrics:
    """What became of events so far; ``offered + duplicated == delivered + dropped + pending``.

    Only events on channels count, those of clients included: not frames of connections and
    subscriptions.

    Attributes:
        published: events accepted, whether or not anybody was subscribed.
        offered: deliveries that were to be made: the recipients of every event, without the
            connection that it excludes.
        delivered: those handed over, copies included.
        dropped: those that will never be.
        duplicated: copies that the network made.
        retried: calls and deliveries that somebody tried again: a publisher whose call the network
            had failed, a webhook, and what ``Network.note_retry`` was told of.
        pending: those under way.
        overflowed: those that found a queue full.
        blocked: those that waited until a full queue had room.
        depth: the most that has waited for one connection at a time.
        unreceived: events of clients that were lost on their way to the service, which therefore
            offered them to nobody.
        reasons: the dropped ones by reason.
        by_channel: the same for each channel.
        by_event: the same for each event name.
    """

    published: int = 0
    offered: int = 0
    delivered: int = 0
    dropped: int = 0
    duplicated: int = 0
    retried: int = 0
    pending: int = 0
    overflowed: int = 0
    blocked: int = 0
    depth: int = 0
    unreceived: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    by_channel: Mapping[str, Metrics] = field(default_factory=dict, repr=False)
    by_event: Mapping[str, Metrics] = field(default_factory=dict, repr=False)


class Tally:
    """The counts of one channel and event."""

    __slots__ = (
        "blocked",
        "delivered",
        "depth",
        "dropped",
        "duplicated",
        "offered",
        "overflowed",
        "pending",
        "published",
        "reasons",
        "retried",
        "unreceived",
    )

    def __init__(self) -> None:
        self.published = 0
        self.offered = 0
        self.delivered = 0
        self.duplicated = 0
        self.retried = 0
        self.pending = 0
        self.overflowed = 0
        self.blocked = 0
        self.depth = 0
        self.unreceived = 0
        self.reasons: dict[str, int] = {}

    def drop(self, reason: str) -> None:
        """One will not arrive."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1


class Meter:
    """Counts by channel and event. Callers hold the core's lock."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}

    def tally(self, channel: str, event: str) -> Tally:
        """The counts of one channel and event; after very many, of all further ones together."""
        tally = self._tallies.get((channel, event))
        if tally is None:
            if len(self._tallies) >= limits.MAX_NAMES:
                channel = event = _OTHERS
            tally = self._tallies.setdefault((channel, event), Tally())
        return tally

    def count(self, effects: list[Any]) -> None:
        """Count effects that nothing stands in the way of."""
        tally = name = None
        for effect in effects:
            kind = effect.__class__
            if kind is Published:
                event = effect.event
                name = event.event
                tally = self._tallies.get((event.channel, name))
                if tally is None:
                    tally = self.tally(event.channel, name)
                tally.published += 1
            elif kind is Broadcast and tally is not None and effect.frame.event == name:
                number = len(effect.recipients)
                tally.offered += number
                tally.delivered += number

    def clear(self) -> None:
        """Count from 0 again."""
        self._tallies.clear()

    def metrics(self) -> Metrics:
        """The counts so far."""
        channels: dict[str, list[Tally]] = {}
        events: dict[str, list[Tally]] = {}
        for (channel, event), tally in self._tallies.items():
            channels.setdefault(channel, []).append(tally)
            events.setdefault(event, []).append(tally)
        total = _sum(self._tallies.values())
        return Metrics(
            **total,
            by_channel={name: Metrics(**_sum(tallies)) for name, tallies in channels.items()},
            by_event={name: Metrics(**_sum(tallies)) for name, tallies in events.items()},
        )


_COUNTS: Final = (
    "published",
    "offered",
    "delivered",
    "duplicated",
    "retried",
    "pending",
    "overflowed",
    "blocked",
    "unreceived",
)


def _sum(tallies: Iterable[Tally]) -> dict[str, Any]:
    tallies = list(tallies)
    reasons: dict[str, int] = {}
    for tally in tallies:
        for reason, number in tally.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + number
    return {
        **{name: sum(getattr(one, name) for one in tallies) for name in _COUNTS},
        "dropped": sum(reasons.values()),
        "depth": max((one.depth for one in tallies), default=0),
        "reasons": reasons,
    }


def is_event(name: str) -> bool:
    """Whether a frame of this name on a channel is an event: the others are the service's own."""
    return not name.startswith(("pusher_internal:", "pusher:"))
