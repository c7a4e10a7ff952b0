"""Text of strangers on a terminal: shown, never obeyed."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str) -> str:
    """Escape whatever a terminal would act upon or could not show, line ends included."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
