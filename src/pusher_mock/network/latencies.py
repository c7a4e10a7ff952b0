"""Delays left to chance: from one number in [0, 1) to milliseconds, alike on every machine.

Only additions, multiplications and comparisons: what a machine's mathematical library computes
may differ in its last bit, and a journal must not.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Latency", "Normal", "Percentiles", "Uniform", "describe", "draw", "read"]

# Beyond that a microsecond is lost in rounding: some thirty years.
_FOR_EVER: Final = 1e12
# The sum of twelve of these has a standard deviation of one.
_UNIFORMS: Final = 12


def milliseconds(value: Any, what: str) -> float:
    """A number of milliseconds from 0.

    Raises:
        UsageError: it is none.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value < _FOR_EVER:
        raise UsageError(f"{what} takes milliseconds from 0, not {value!r}")
    return float(value)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every delay between two is as likely as any other.

    Attributes:
        low: milliseconds.
        high: milliseconds.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        milliseconds(self.low, "latency")
        milliseconds(self.high, "latency")
        if self.high < self.low:
            raise UsageError(f"a range of latencies goes up: ({self.high:g}, {self.low:g})")

    def draw(self, chance: Callable[[], float]) -> float:
        """Milliseconds."""
        return self.low + (self.high - self.low) * chance()

    def __str__(self) -> str:
        return f"{self.low:.15g}..{self.high:.15g}"


@dataclass(frozen=True, slots=True)
class Normal:
    """Delays around a mean, most of them within one deviation; never below 0.

    Attributes:
        mean: milliseconds.
        deviation: the standard deviation, in milliseconds. Nothing is further away than six.
    """

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        milliseconds(self.mean, "Normal(mean)")
        milliseconds(self.deviation, "Normal(deviation)")

    def draw(self, chance: Callable[[], float]) -> float:
        """Milliseconds."""
        total = -_UNIFORMS / 2
        for _ in range(_UNIFORMS):
            total += chance()
        return max(0.0, self.mean + self.deviation * total)

    def __str__(self) -> str:
        return f"normal({self.mean:.15g},{self.deviation:.15g})"


@dataclass(frozen=True, init=False, slots=True)
class Percentiles:
    """Delays as measured: straight lines between percentiles.

    Args:
        points: percentile (0 to 100) to milliseconds, ``{50: 40, 95: 120, 100: 900}``. Below the
            first one the line begins at 0 ms.

    Attributes:
        points: the same as pairs, in order.
    """

    points: tuple[tuple[float, float], ...]

    def __init__(self, points: Mapping[float, float]) -> None:
        pairs = tuple((float(p), milliseconds(ms, "Percentiles")) for p, ms in points.items())
        ordered = tuple(sorted(pairs))
        rising = [ms for _, ms in ordered]
        if not ordered or ordered[0][0] < 0 or ordered[-1][0] != 100 or rising != sorted(rising):
            raise UsageError(
                "Percentiles takes {percentile: milliseconds} that rise up to the percentile 100, "
                f"such as {{50: 40, 95: 120, 100: 900}}, not {dict(points)!r}"
            )
        if ordered[0][0] > 0:
            ordered = ((0.0, 0.0), *ordered)
        object.__setattr__(self, "points", ordered)

    def draw(self, chance: Callable[[], float]) -> float:
        """Milliseconds."""
        where = chance() * 100
        index = max(1, bisect_left(self.points, (where, -1.0)))
        if index == len(self.points):  # pragma: no cover - below 100 there is always a next point
            return self.points[-1][1]
        (left, low), (right, high) = self.points[index - 1], self.points[index]
        return low + (high - low) * ((where - left) / (right - left))

    def __str__(self) -> str:
        inner = ",".join(f"{p:.15g}:{ms:.15g}" for p, ms in self.points)
        return f"percentiles({inner})"


Latency = Any
"""A number, a pair, ``Uniform``, ``Normal``, ``Percentiles``, or a function of one number."""


def read(value: Any) -> Any:
    """What was given for a latency, checked.

    Returns:
        A number, or something that ``draw`` takes.

    Raises:
        UsageError: it is no latency.
    """
    if isinstance(value, Uniform | Normal | Percentiles) or callable(value):
        return value
    if isinstance(value, tuple | list) and len(value) == 2:
        return Uniform(*value)
    return milliseconds(value, "latency")


def draw(latency: Any, chance: Callable[[], float]) -> float:
    """One delay in milliseconds; a fixed one asks for no chance.

    Raises:
        UsageError: a function returned no number of milliseconds.
    """
    if latency.__class__ is float:
        ms: float = latency
        return ms
    if isinstance(latency, Uniform | Normal | Percentiles):
        return latency.draw(chance)
    return milliseconds(latency(chance()), "the function given for latency")


def describe(latency: Any) -> str:
    """How a latency stands in the text of conditions."""
    if isinstance(latency, float):
        return f"{latency:.15g}"
    if isinstance(latency, Uniform | Normal | Percentiles):
        return str(latency)
    return f"<{getattr(latency, '__name__', type(latency).__name__)}>"
