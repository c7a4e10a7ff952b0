"""Picking one thing out of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pusher_mock.doctor import Finding, Report, Setting

__all__ = ["all_of", "only", "setting"]


def all_of(report: Report, kind: str) -> list[Finding]:
    """The findings of a kind, in their order."""
    return [one for one in report.findings if one.kind == kind]


def only(report: Report, kind: str) -> Finding:
    """The one finding of a kind."""
    found = all_of(report, kind)
    assert len(found) == 1, f"{kind}: {found} of {report.findings}"
    return found[0]


def setting(report: Report, name: str) -> Setting:
    """The one reading of a variable."""
    found = [one for one in report.settings if one.name == name]
    assert len(found) == 1, f"{name}: {found} of {report.settings}"
    return found[0]
