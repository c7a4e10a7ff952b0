"""Lists of lines for a reader: what is said again and again is said once."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["folded"]


def folded(lines: Iterable[str]) -> list[tuple[str, int]]:
    """Lines, with a run of the same one as ``… (16 times)``; and how many each stands for."""
    runs = [(line, sum(1 for _ in run)) for line, run in groupby(lines)]
    return [(f"{line} ({count} times)" if count > 1 else line, count) for line, count in runs]
