"""The matrix: which cells there are, and that the project says the same elsewhere."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.versions import FEATURES
from tools import matrix
from tools.matrix import PUSHER, PYSHER, Cell, Outcome, cells, requirements, table

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")


def test_every_release_runs_on_the_lowest_python_and_the_newest_everywhere():
    found = cells(["3.11", "3.12", "3.13"])
    assert len(found) == len(set(found)) == len(PUSHER) + len(PYSHER) - 1 + 2
    assert {cell.pusher for cell in found if cell.python == "3.11"} == {*PUSHER}
    assert {cell.pysher for cell in found if cell.python == "3.11"} == {*PYSHER}
    assert Cell("3.13", PUSHER[0], PYSHER[0]) in found
    assert Cell("3.13", PUSHER[1], PYSHER[0]) not in found


def test_the_project_takes_exactly_these_releases():
    floors = matrix.floors()
    assert floors["pusher"] == PUSHER[-1]
    assert floors["pysher"] == PYSHER[-1]
    assert f"\npusher=={PUSHER[0]} " in PINNED
    assert f"\npysher=={PYSHER[0]} " in PINNED
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {lowest}" in PROJECT["classifiers"]


def test_a_cell_installs_the_pins_with_its_own_sdks():
    text = requirements(Cell("3.11", "3.3.2", "1.0.8"), PINNED)
    lines = text.splitlines()
    assert lines[:2] == ["pusher==3.3.2", "pysher==1.0.8"]
    assert len([line for line in lines if line.startswith(("pusher==", "pysher=="))]) == 2
    assert any(line.startswith("pytest==") for line in lines)
    assert "--hash" not in text
    assert "\\" not in text


def test_the_table(tmp_path: Path):
    cell = Cell("3.11", "3.3.4", "1.0.8")
    lines = table(
        [
            Outcome(cell, True, {"passed": 10, "skipped": 2}, tmp_path),
            Outcome(cell, False, {"passed": 8, "failed": 1, "error": 1}, tmp_path),
            Outcome(cell, False, {}, tmp_path),
        ]
    )
    assert lines[2:] == [
        "| 3.11 | 3.3.4 | 1.0.8 | 10 | 0 | 2 |",
        "| 3.11 | 3.3.4 | 1.0.8 | 8 | 2 | 0 |",
        "| 3.11 | 3.3.4 | 1.0.8 | 0 | all | 0 |",
    ]


def test_nothing_is_left_out_with_the_newest_release():
    newest = tuple(int(part) for part in PUSHER[0].split("."))
    assert all(feature.since <= newest for feature in FEATURES)
    oldest = tuple(int(part) for part in PUSHER[-1].split("."))
    assert all(feature.since > oldest for feature in FEATURES)  # what all have needs no mark


def test_this_python_is_found(capsys: pytest.CaptureFixture[str]):
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert here in matrix.pythons()
    assert matrix.main(["--list", "--python", here]) == 0
    assert f"py{here}-pusher{PUSHER[0]}-pysher{PYSHER[0]}" in capsys.readouterr().out


def test_what_is_not_there(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        matrix.main(["--pusher", "1.0.0"])
    assert f"pusher {', '.join(PUSHER)}" in capsys.readouterr().err


def test_the_page_shows_the_releases_of_the_matrix():
    page = (ROOT / "docs" / "reference" / "versions.md").read_text(encoding="utf-8")
    for pusher in PUSHER:
        assert f"| {pusher} | {PYSHER[0]} |" in page
    assert "| all |" not in page


def test_a_failing_cell_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def broken(cell: Cell, python: str, jobs: int) -> Outcome:
        return Outcome(cell, cell.pusher != PUSHER[1], {"passed": 1}, matrix.ROOT / "log")

    monkeypatch.setattr(matrix, "run", broken)
    page = tmp_path / "versions.md"
    assert matrix.main(["--markdown", str(page)]) == 1
    assert "FAILED, see log" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("# Versions")
    assert matrix.main(["--pusher", PUSHER[0]]) == 0


def test_a_step_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(matrix, "TIMEOUT_S", 0.2)
    log = tmp_path / "log"
    assert not matrix._run([sys.executable, "-c", "import time; time.sleep(60)"], log)
    assert "stopped after" in log.read_text(encoding="utf-8")
    monkeypatch.setattr(matrix, "TIMEOUT_S", 60)
    assert matrix._run([sys.executable, "-c", "pass"], log)
    assert not matrix._run([sys.executable, "-c", "raise SystemExit(3)"], log)


def test_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "tools.matrix", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--pusher" in done.stdout
