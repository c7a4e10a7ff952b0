"""What a test in this folder says about the application it is of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of applications, and by which doors its calls are caught.

    ``tools/shapes_table.py`` reads it out of the sources, so its arguments are literals.

    Attributes:
        number: of the row.
        title: what is particular about it.
        framework: ``Django``, ``Flask`` or ``plain``.
        doors: the doors that take its calls; with these alone its tests pass, and without them
            its calls are refused.
        shows: what the tests show.
    """

    number: int
    title: str
    framework: str
    doors: tuple[str, ...]
    shows: str
