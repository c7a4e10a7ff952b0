"""What the results of simulations have in common: figures with units, percentiles, charts."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .charts import Chart

__all__ = [
    "Bytes",
    "Figure",
    "Megabytes",
    "Ms",
    "Outcome",
    "PerSecond",
    "Percent",
    "average",
    "percentile",
    "share",
]

# Types that say a unit. A result's fields are declared with them, and reports read it there.
Ms = float
Percent = float
PerSecond = float
Bytes = float
Megabytes = float

_UNITS: Final = {
    "Ms": "ms",
    "Percent": "%",
    "PerSecond": "/s",
    "Bytes": "B",
    "Megabytes": "MB",
}
_DIGITS: Final = 3
_SMALL: Final = 0.1  # below, three decimals are fewer than three digits


class Figure(NamedTuple):
    """One line of a result.

    Attributes:
        name: the field's.
        value: as the result holds it.
        unit: ``ms``, ``%``, ``/s``, ``B``, ``MB``, or empty.
    """

    name: str
    value: Any
    unit: str

    @property
    def label(self) -> str:
        """The name for a reader; the unit stands behind the value."""
        return self.name.replace("_", " ").removesuffix(f" {self.unit.lower()}")

    @property
    def text(self) -> str:
        """Value and unit for a reader, numbers with three decimals or three digits."""
        value = self.value
        if value is None:
            return "–"
        if self.name == "seed":
            return str(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float) and 0 < abs(value) < _SMALL:
            shown = f"{Decimal(f'{value:.{_DIGITS}g}'):f}"
        elif isinstance(value, float):
            shown = f"{value:,.{_DIGITS}f}".rstrip("0").rstrip(".")
        elif isinstance(value, int):
            shown = f"{value:,}"
        elif isinstance(value, tuple):
            shown = ", ".join(map(_words, value)) or "–"
        else:
            shown = str(value) or "–"
        return shown + (self.unit if self.unit == "/s" else f" {self.unit}" if self.unit else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What every simulation returns besides its own figures.

    Two results of the same seed and parameters are equal: what was measured of this machine
    (real time, memory, processor) does not count.

    Attributes:
        seed: of the mock that it ran on.
        network: the weather that it ran under.
        simulated_ms: how much virtual time passed, in milliseconds.
        real_ms: how much real time that took, in milliseconds; measured.
        charts: pictures for a report.
    """

    seed: int
    network: str
    simulated_ms: Ms
    real_ms: Ms = field(compare=False)
    charts: tuple[Chart, ...] = field(default=(), repr=False, compare=False)

    def figures(self) -> tuple[Figure, ...]:
        """The fields with their units: first the simulation's own, then these."""
        common = {one.name for one in fields(Outcome)}
        found = [one for one in fields(self) if one.name != "charts"]
        found.sort(key=lambda one: one.name in common)
        return tuple(
            Figure(one.name, getattr(self, one.name), _UNITS.get(str(one.type).split(" |")[0], ""))
            for one in found
        )

    def to_json(self) -> dict[str, Any]:
        """The figures by name, for ``json.dumps``."""
        return {one.name: one.value for one in self.figures()}


def _words(one: object) -> str:
    return " ".join(map(str, one)) if isinstance(one, tuple) else str(one)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed; 0 without values.

    Args:
        values: sorted.
        percent: above 0, up to 100.
    """
    if not values:
        return 0.0
    return values[max(0, -int(-len(values) * percent // 100) - 1)]


def average(values: Sequence[float]) -> float:
    """The mean; 0 without values."""
    return sum(values) / len(values) if values else 0.0


def share(part: float, whole: float) -> Percent:
    """A part in percent; 100 of nothing, where nothing is missing."""
    return 100 * part / whole if whole else 100.0
