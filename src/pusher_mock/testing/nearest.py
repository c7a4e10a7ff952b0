"""The nearest misses: what came closest to what was wanted, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .wanted import Wanted

__all__ = ["nearest"]

_SHOWN: Final = 5


def nearest(
    wanted: Wanted,
    found: Iterable[Any],
    misses: Callable[[Any], list[str]],
    describe: Callable[[Any], str],
) -> list[str]:
    """Show those that differ least, the latest first among equals.

    Args:
        wanted: what.
        found: events or deliveries, in order.
        misses: says in which respects one differs; indented lines go into details.
        describe: one line about one.

    Returns:
        Indented lines.
    """
    ranked = sorted(
        (*_distance(wanted, one, wrong := misses(one)), -position, describe(one), wrong)
        for position, one in enumerate(found)
    )
    lines = []
    for *_, text, wrong in ranked[:_SHOWN]:
        lines.append(f"  {text}")
        lines.extend(f"    {one}" for one in wrong)
    return lines


def _distance(wanted: Wanted, found: Any, wrong: list[str]) -> tuple[int, float, int]:
    from difflib import SequenceMatcher

    alike = sum(
        SequenceMatcher(None, asked, name).ratio()
        for asked, name in ((wanted.channel, found.channel), (wanted.event, found.event))
        if isinstance(asked, str)
    )
    details = sum(one.startswith(" ") for one in wrong)
    return len(wrong) - details, -alike, details
