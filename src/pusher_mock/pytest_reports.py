"""What the pytest plugin adds to reports; imported by it when a test has failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from pusher_mock.mock import PusherMock

__all__ = ["explain_clash", "paint", "tell"]


def tell(item: pytest.Item, report: pytest.TestReport, key: pytest.StashKey[PusherMock]) -> bool:
    """Add the innermost mock that anything happened on; whether there was one."""
    from pusher_mock.testing.report import report as describe

    for node in reversed(item.listchain()):
        mock = node.stash.get(key, None)
        if mock is None:
            continue
        text = describe(mock, pytest=True)
        if text is not None:
            scope = "test" if node is item else type(node).__name__.lower()
            report.sections.append((f"pusher-mock: events of this {scope}", text))
            return True
    return False


def explain_clash(report: pytest.TestReport | pytest.CollectReport, error: BaseException) -> None:
    """Say which ``compat`` was found, where it is not the switch."""
    from pusher_mock.clash import explain

    text = explain(error)
    if text is not None:
        report.sections.append(("pusher-mock: which compat?", text))


def paint(report: pytest.TestReport) -> None:
    """Have the lines of a failed expectation in colour, on a terminal that has them.

    The text stays plain wherever else it goes: into files, and to whoever matches it.
    """
    shown: Any = report.longrepr
    plain = getattr(shown, "toterminal", None)
    entries = getattr(getattr(shown, "reprtraceback", None), "reprentries", None)
    if plain is None or not entries:
        return
    last = entries[-1]

    def toterminal(writer: Any) -> None:
        lines = last.lines
        if writer.hasmarkup:
            last.lines = list(_painted(lines))
        try:
            plain(writer)
        finally:
            last.lines = lines

    shown.toterminal = toterminal


def _painted(lines: list[str]) -> Iterator[str]:
    from pusher_mock.testing.colours import RESET, paint

    margin = ""
    for line in lines:
        if not margin:
            found = _MARGIN.match(line)
            margin = found[0] if found is not None else ""
        text = line.removeprefix(margin)
        painted = paint(text)
        # Pytest has the whole line in red.
        different = margin and line.startswith(margin) and painted != text
        yield f"{margin}{RESET}{painted}" if different else line


_MARGIN = re.compile("E +")  # before each line of an error's text
