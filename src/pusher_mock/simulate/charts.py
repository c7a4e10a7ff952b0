"""Charts as data: what a report draws. Nothing here knows how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BINS", "Chart", "bars", "histogram", "line", "scatter"]

#: Classes of a histogram: few enough to be read, enough to show two humps.
BINS: Final = 24

# More points than a screen has columns cannot be told apart.
_MOST_POINTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one aspect of a result.

    Attributes:
        title: what it shows.
        kind: ``bars`` (of named things), ``histogram``, ``line`` or ``points``.
        points: pairs: of a name and a value for bars, of two numbers otherwise; of a histogram
            each class by its lower end.
        x: what goes to the right, with its unit; empty for bars.
        y: what goes up, with its unit.
    """

    title: str
    kind: str
    points: tuple[tuple[str | float, float], ...]
    x: str = ""
    y: str = ""


def bars(title: str, values: Mapping[str, float], y: str = "") -> Chart:
    """A bar for each name."""
    return Chart(title, "bars", tuple(values.items()), y=y)


def histogram(title: str, values: Sequence[float], x: str, bins: int = BINS) -> Chart:
    """How many values lie in each of equally wide classes."""
    if not values:
        return Chart(title, "histogram", (), x, "count")
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    counts = [0] * (bins if high > low else 1)
    for value in values:
        counts[min(int((value - low) / width), len(counts) - 1)] += 1
    points = tuple((low + width * number, float(count)) for number, count in enumerate(counts))
    return Chart(title, "histogram", points, x, "count")


def line(title: str, points: Iterable[tuple[float, float]], x: str, y: str) -> Chart:
    """Points in order, joined."""
    return Chart(title, "line", _thinned(list(points)), x, y)


def scatter(title: str, points: Iterable[tuple[float, float]], x: str, y: str) -> Chart:
    """Points by themselves."""
    return Chart(title, "points", _thinned(list(points)), x, y)


def _thinned(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    step = -(-len(points) // _MOST_POINTS) or 1
    return tuple(points[::step])
