"""A row of the table: a figure against its bar; and the figures of several runs together."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.wire.client import Result

__all__ = ["Figures", "Row", "row"]

BUSY = 0.15  # cores taken by other processes, from which on a figure is marked


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, how much (None: not to be quoted), and the bar."""

    what: str
    value: float | None
    unit: str
    bar: str
    kept: bool | None
    note: str

    def __str__(self) -> str:
        digits = 0 if self.value and self.value >= 1000 else 2
        value = "-" if self.value is None else f"{self.value:,.{digits}f}"
        kept = {None: "", True: "ok", False: "MISSED"}[self.kept]
        text = f"{self.what:58} {value:>13} {self.unit:6} {self.bar:9} {kept:7} {self.note}"
        return text.rstrip()


def row(
    what: str,
    value: float | None,
    unit: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    note: str = "",
) -> Row:
    """A row; without a value, and with a bar, it counts as missed."""
    bar, kept = "", None
    if at_least is not None:
        bar, kept = f">= {at_least:g}", value is not None and value >= at_least
    elif at_most is not None:
        bar, kept = f"<= {at_most:g}", value is not None and value <= at_most
    return Row(what, value, unit, bar, kept, note)


class Figures:
    """The results of several runs, by server and case."""

    def __init__(self) -> None:
        self._results: dict[str, list[Result]] = defaultdict(list)

    def add(self, case: str, result: Result) -> None:
        """Keep the result of one run."""
        self._results[case].append(result)

    def middle(self, case: str, name: str) -> float:
        """The median over the runs."""
        return statistics.median([one[name] for one in self._results[case]])

    def usable(self, *cases: str) -> bool:
        """Nothing went wrong, and the load client had head-room."""
        results = [one for case in cases for one in self._results[case]]
        return not any(one.wrong or one.client_bound for one in results)

    def ratio(self, case: str, to: str, name: str) -> float | None:
        """The median of the ratios within each run, or None when it must not be quoted."""
        if not self.usable(case, to):
            return None
        pairs = zip(self._results[case], self._results[to], strict=True)
        return statistics.median([one[name] / max(other[name], 1e-9) for one, other in pairs])

    def one(self, case: str, name: str) -> float | None:
        """The median, or None when it must not be quoted."""
        return self.middle(case, name) if self.usable(case) else None

    def note(self, *cases: str) -> str:
        """What a reader of the figure has to know."""
        words: list[str] = []
        for case in cases:
            results = self._results[case]
            wrong = sorted({one.wrong for one in results if one.wrong})
            words += [f"{case}: {text}" for text in wrong]
            if any(one.client_bound for one in results):
                words.append(f"{case}: client-bound")
        others = statistics.median([one.others for case in cases for one in self._results[case]])
        if others > BUSY:
            words.append(f"others took {others:.1f} cores")
        return "; ".join(words)
