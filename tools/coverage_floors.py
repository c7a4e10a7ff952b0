"""A pytest plugin: measure coverage and fail the run when a room is below its floor.

Load it by name, `pytest -p tools.coverage_floors`: plugins named so are imported before those of
installed packages, so the lines that our own pytest plugin runs at import count as well, which
`pytest --cov` misses. A floor that is not met is reported as a failed test, so that the exit
status and the closing line say the same.
"""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["FLOORS", "Floor"]

CONFIG = str(Path(__file__).parent.parent / "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Floor:
    """The least branch coverage, in per cent, of the files that `include` matches."""

    name: str
    percent: float
    include: str | None = None


def _overall() -> float:
    floor = coverage.Coverage(config_file=CONFIG).get_option("report:fail_under")
    assert isinstance(floor, (int, float))
    return float(floor)


FLOORS = (
    Floor("pusher_mock.protocol", 100, "*/pusher_mock/protocol/*"),
    Floor("pusher_mock.engine", 100, "*/pusher_mock/engine/*"),
    Floor("overall", _overall()),
)

# A worker of pytest-xdist is a subprocess like any other: measured by `patch`, combined here.
_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

_measured = coverage.Coverage(config_file=CONFIG)
if not _IS_WORKER:
    _measured.erase()  # what a killed run left behind would count for this one
    _measured.start()

_lines: list[str] = []


def _percent(data: coverage.Coverage, floor: Floor) -> tuple[float, str]:
    table = io.StringIO()
    try:
        percent = data.report(include=floor.include, file=table)
    except coverage.exceptions.NoDataError as error:
        return 0.0, str(error)
    return percent, table.getvalue()


def _combined() -> coverage.Coverage:
    """Return this process's data with that of every subprocess."""
    data = coverage.Coverage(config_file=CONFIG)
    with warnings.catch_warnings():
        # Warnings are errors here, and coverage only tells what the percentages show as well: a
        # package that was never imported, or the empty file of a subprocess that was killed.
        warnings.simplefilter("ignore", coverage.exceptions.CoverageWarning)
        _measured.stop()
        _measured.save()
        data.combine()
        data.save()
    return data


def _save_worker() -> None:
    """Save now: a worker of pytest-xdist ends without the exit handler that would."""
    current = coverage.Coverage.current()
    if current is not None:
        current.stop()
        current.save()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Check the floors once every test has run."""
    result = yield
    if _IS_WORKER:
        _save_worker()
    if _IS_WORKER or session.config.option.collectonly:
        return result
    data = _combined()
    for floor in FLOORS:
        percent, table = _percent(data, floor)
        met = round(percent, 2) >= floor.percent
        figure = f"{percent:.2f} %"
        _lines.append(
            f"{'ok  ' if met else 'LOW '} {floor.name}: {figure} (floor {floor.percent:g} %)"
        )
        if not met:
            session.ihook.pytest_runtest_logreport(
                report=pytest.TestReport(
                    nodeid=f"coverage of {floor.name}",
                    location=("pyproject.toml", None, f"coverage of {floor.name}"),
                    keywords={},
                    outcome="failed",
                    longrepr=f"{figure} is below the floor of {floor.percent:g} %\n\n{table}",
                    when="call",
                )
            )
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line a floor."""
    if _lines:
        terminalreporter.section("coverage floors")
        for line in _lines:
            terminalreporter.write_line(line)
