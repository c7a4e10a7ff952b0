"""Event filters matched to subscriptions, by clients that really receive the event."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.frames import loads

from . import charts
from .figures import Ms, Outcome
from .stage import Stage, at_least

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pusher_mock.protocol.frames import Frame

    from .members import Member
    from .stage import Progress, Weather

__all__ = ["EventFilter", "FilterResult", "Subscription", "filters"]

_CHANNEL = "private-transactions"
_STATUSES = ("completed", "pending", "failed")
_AMOUNTS = 500.0


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a subscription takes. What is ``None`` says nothing.

    Attributes:
        min_amount: at least so much, where the event has an ``amount``.
        max_amount: at most so much.
        status: this ``status``, where the event has one.
        where: asked with the event's decoded data.
    """

    min_amount: float | None = None
    max_amount: float | None = None
    status: str | None = None
    where: Callable[[Any], object] | None = None

    def refusal(self, data: Any) -> str:
        """Why it does not take an event with this data; empty when it does."""
        said = data if isinstance(data, dict) else {}
        amount, status = said.get("amount"), said.get("status")
        if self.min_amount is not None and amount is not None and amount < self.min_amount:
            return "amount too small"
        if self.max_amount is not None and amount is not None and amount > self.max_amount:
            return "amount too large"
        if self.status is not None and status is not None and status != self.status:
            return "another status"
        if self.where is not None and not self.where(data):
            return "predicate"
        return ""

    def __str__(self) -> str:
        said = {
            "min_amount": self.min_amount,
            "max_amount": self.max_amount,
            "status": self.status,
            "where": getattr(self.where, "__name__", None),
        }
        return " ".join(f"{name}={value}" for name, value in said.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A client's interest in events.

    Attributes:
        subscription_id: its id, also the name of its connection.
        events: the names of the events that it wants.
        filters: what it takes of these.
    """

    subscription_id: str
    events: tuple[str, ...]
    filters: EventFilter = EventFilter()


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterResult(Outcome):
    """Which subscriptions an event matched.

    Attributes:
        matched_subscriptions: the ids of those that took it, in the order they were given.
        filtered_out_count: how many got it and did not take it.
        undelivered_count: how many did not get it.
        matching_time_ms: what the filters took together, in milliseconds of real time; measured.
        delivery_time_ms: until the last of them got it, in virtual milliseconds.
        reasons: why it was not taken, each with how often.
    """

    matched_subscriptions: tuple[str, ...]
    filtered_out_count: int
    undelivered_count: int
    matching_time_ms: Ms = field(compare=False)
    delivery_time_ms: Ms
    reasons: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return (
            f"Filters: {len(self.matched_subscriptions)} matched, "
            f"{self.filtered_out_count} filtered out"
        )


class _Matching:
    def __init__(self, stage: Stage, event: str, subscriptions: Sequence[Subscription]) -> None:
        self.matched: set[str] = set()
        self.refused: dict[str, str] = {}
        self.seconds = 0.0
        self.latest = 0.0
        self._stage = stage
        self._event = event
        self._by_name = {one.subscription_id: one for one in subscriptions}

    def heard(self, member: Member, frame: Frame) -> None:
        """The event has arrived at a client; a further copy changes nothing."""
        self.latest = max(self.latest, self._stage.under_way(str(frame.data)))
        began = perf_counter()
        subscription = self._by_name[member.name]
        if frame.event not in subscription.events:
            why = "another event"
        else:
            why = subscription.filters.refusal(loads(str(frame.data)))
        self.seconds += perf_counter() - began
        if why:
            self.refused[member.name] = why
        else:
            self.matched.add(member.name)


def filters(
    subscriptions: int | Sequence[Subscription] = 100,
    *,
    event: str = "transaction",
    amount: float = 250,
    status: str = "completed",
    data: dict[str, Any] | None = None,
    seed: int = 0,
    network: Weather = "perfect",
    progress: Progress = None,
) -> FilterResult:
    """Publish an event to subscribed clients, each with a filter of its own.

    Pusher filters nothing: whoever is subscribed to a channel gets its events, and takes what it
    wants.

    Args:
        subscriptions: the subscriptions; or how many, with filters that chance makes.
        event: the name of the event.
        amount: its amount.
        status: its status.
        data: the whole of its data instead.
        seed: of the mock.
        network: the weather.
        progress: told how far it has got, from 0 to 1.

    Returns:
        Who took it.

    Raises:
        UsageError: a number is too small, an id is given twice, or there is no such weather.
    """
    content = {"amount": amount, "status": status} if data is None else data
    with Stage(seed, network, progress=progress) as stage:
        if isinstance(subscriptions, int):
            at_least(1, subscriptions=subscriptions)
            subscriptions = [_made(stage, number) for number in range(1, subscriptions + 1)]
        matching = _Matching(stage, event, subscriptions)
        for one in subscriptions:
            stage.member(one.subscription_id, (_CHANNEL,), matching.heard)
        stage.publish(_CHANNEL, event, content)
        stage.settle()
        matched = tuple(
            one.subscription_id for one in subscriptions if one.subscription_id in matching.matched
        )
        reasons = Counter(matching.refused.values())
        undelivered = len(subscriptions) - len(matched) - len(matching.refused)
        shown = {"matched": len(matched), **reasons, "not delivered": undelivered}
        return FilterResult(
            matched_subscriptions=matched,
            filtered_out_count=len(matching.refused),
            undelivered_count=undelivered,
            matching_time_ms=round(matching.seconds * 1000, 3),
            delivery_time_ms=matching.latest,
            reasons=tuple(sorted(reasons.items())),
            charts=(charts.bars("What became of the event", shown, "subscriptions"),),
            **stage.conclude(),
        )


def _made(stage: Stage, number: int) -> Subscription:
    """A subscription as there are many: most want transactions, in some range, of some status."""
    wanted = ("transaction",) if stage.chance() < 0.8 else ("notification",)
    low = round(stage.chance() * _AMOUNTS)
    status = _STATUSES[int(stage.chance() * len(_STATUSES))] if stage.chance() < 0.5 else None
    return Subscription(
        f"SUB-{number}",
        wanted,
        EventFilter(min_amount=low, max_amount=low + _AMOUNTS, status=status),
    )
