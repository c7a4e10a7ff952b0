"""What the pytest plugin adds to reports; imported by it when a test has failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.mock import PusherMock

__all__ = ["explain", "explain_clash", "paint", "tell"]

_OWN: Final = 3  # mocks that a test has made itself


def tell(
    item: pytest.Item,
    report: pytest.TestReport,
    key: pytest.StashKey[PusherMock],
    began: int,
) -> bool:
    """Add the innermost mock that anything happened on, and those that the test has made itself.

    Args:
        item: the test.
        report: gets a section for each.
        key: under which a test, a class, a module has the mock that it was lent.
        began: when the test did, by the count of mocks.

    Returns:
        Whether there was one.
    """
    from pusher_mock.testing.report import report as describe

    sections = []
    for node in reversed(item.listchain()):
        mock = node.stash.get(key, None)
        if mock is None:
            continue
        text = describe(mock, pytest=True)
        if text is not None:
            scope = "test" if node is item else type(node).__name__.lower()
            sections.append((f"pusher-mock: events of this {scope}", text))
            break
    sections += _own(began)
    report.sections.extend(sections)
    return bool(sections)


def _own(began: int) -> Iterator[tuple[str, str]]:
    from pusher_mock.testing.made import made_since
    from pusher_mock.testing.report import report as describe

    texts: list[str] = []
    mocks = made_since(began)
    for number, mock in enumerate(mocks):
        text = describe(mock, own=True)
        if text is not None:
            texts.insert(0, text)
        if len(texts) == _OWN:
            if more := len(mocks) - number - 1:
                texts[0] = f"(… and {more} mocks before it)\n{texts[0]}"
            break
    for number, text in enumerate(texts, 1):
        one = f"mock {number} of {len(texts)}" if len(texts) > 1 else "a mock"
        yield f"pusher-mock: events of {one} that this test made", text


def explain(report: pytest.TestReport | pytest.CollectReport, call: pytest.CallInfo[Any]) -> None:
    """Say what the failure alone does not, or not as well."""
    if call.excinfo is None:
        return
    error = call.excinfo.value
    if type(error).__name__ == "ExpectationFailed" and isinstance(report, pytest.TestReport):
        paint(report)
    if "compat" in str(error) + str(error.__cause__):
        explain_clash(report, error)


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
