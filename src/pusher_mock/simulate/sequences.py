"""Validation of order: what a recorder really received, against what was published."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from . import charts
from .figures import Outcome, Percent, share
from .stage import Stage, at_least

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pusher_mock.protocol.frames import Frame

    from .members import Member
    from .stage import Progress, Weather

__all__ = ["Ordering", "OrderingResult", "check_order", "ordering"]

_CHANNEL = "ordered"
_EVENT = "tick"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordering:
    """In what order numbered events arrived.

    Attributes:
        total_events: how many arrived, copies included.
        ordered_correctly: those that came later than everything numbered before them that came at
            all: no higher number had arrived.
        out_of_order: those that a higher number had overtaken.
        duplicates: further copies of a number.
        missing: numbers that never came.
        gap_detected: whether numbers are missing. Overtaking alone is no gap.
        ordering_accuracy: percentage of the different events that came in order.
    """

    total_events: int
    ordered_correctly: int
    out_of_order: int
    duplicates: int
    missing: tuple[int, ...]
    gap_detected: bool
    ordering_accuracy: Percent


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderingResult(Outcome):
    """In what order events arrived that were published as 1, 2, 3 …

    Attributes:
        published_events: how many were published.
        total_events: as in ``Ordering``, and so are the others.
        ordered_correctly: see there.
        out_of_order: see there.
        duplicates: see there.
        missing: see there.
        gap_detected: see there.
        ordering_accuracy: see there.
    """

    published_events: int
    total_events: int
    ordered_correctly: int
    out_of_order: int
    duplicates: int
    missing: tuple[int, ...]
    gap_detected: bool
    ordering_accuracy: Percent

    def __str__(self) -> str:
        return (
            f"Ordering: {self.ordering_accuracy:.2f}% in order, {self.out_of_order} overtaken, "
            f"{self.duplicates} twice, {len(self.missing)} missing"
        )


def check_order(numbers: Iterable[int], published: Iterable[int] | None = None) -> Ordering:
    """Look at the order of sequence numbers.

    Args:
        numbers: as they arrived.
        published: all that were sent; by default from the lowest to the highest that arrived, so
            that what is missing at either end is not seen.

    Returns:
        The counts.
    """
    seen: set[int] = set()
    highest: int | None = None
    total = ordered = overtaken = 0
    for number in numbers:
        total += 1
        if number in seen:
            continue
        seen.add(number)
        if highest is None or number > highest:
            ordered, highest = ordered + 1, number
        else:
            overtaken += 1
    if published is None:
        published = range(min(seen), max(seen) + 1) if seen else ()
    missing = tuple(number for number in published if number not in seen)
    return Ordering(
        total_events=total,
        ordered_correctly=ordered,
        out_of_order=overtaken,
        duplicates=total - len(seen),
        missing=missing,
        gap_detected=bool(missing),
        ordering_accuracy=share(ordered, len(seen)),
    )


def ordering(
    events: int = 1000,
    *,
    interval_ms: float = 50,
    seed: int = 0,
    network: Weather = "latency=10..100 drop_rate=0.01 duplicate_rate=0.005 in_order=no",
    progress: Progress = None,
) -> OrderingResult:
    """Publish numbered events, and look at the order in which one client receives them.

    Args:
        events: how many.
        interval_ms: virtual milliseconds between two.
        seed: of the mock.
        network: the weather. Events of a channel come in order unless it says ``in_order=no`` or
            ``reorder``.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The counts.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, events=events)
    at_least(0, interval_ms=interval_ms)
    with Stage(seed, network, progress=progress) as stage:
        received: list[int] = []

        def heard(member: Member, frame: Frame) -> None:
            received.append(json.loads(str(frame.data))["number"])

        with stage.calm():
            stage.member("recorder", (_CHANNEL,), heard)
        for number in range(1, events + 1):
            stage.publish(_CHANNEL, _EVENT, {"number": number})
            stage.clock.advance(interval_ms)
            stage.told(number, events)
        stage.settle()
        found = check_order(received, range(1, events + 1))
        return OrderingResult(
            published_events=events,
            charts=(
                charts.scatter(
                    "Behind the highest so far", _behind(received), "arrival", "numbers"
                ),
            ),
            **asdict(found),
            **stage.conclude(),
        )


def _behind(numbers: list[int]) -> list[tuple[float, float]]:
    """For each arrival, how far a number that had come before it was ahead; 0 in order."""
    points, highest = [], 0
    for at, number in enumerate(numbers, start=1):
        highest = max(highest, number)
        points.append((float(at), float(highest - number)))
    return points
