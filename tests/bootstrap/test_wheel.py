"""What is installed is what is here: nothing below `src` is left out."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent.parent
SRC = ROOT / "src"


@pytest.mark.skipif(importlib.util.find_spec("hatchling") is None, reason="nothing builds wheels")
def test_the_wheel_has_every_source(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    sources = {
        path.relative_to(SRC).as_posix()
        for path in SRC.rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    assert "pusher_mock/bootstrap/startup/sitecustomize.py" in sources
    assert sources - held == set()


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="this is no checkout"
)
def test_git_ignores_no_source():
    listed = subprocess.run(
        ["git", "ls-files", "-oi", "--exclude-standard", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ignored = [one for one in listed.stdout.splitlines() if "__pycache__" not in one]
    assert ignored == []
