"""Run the suites that touch the SDKs with each supported SDK and on each Python that is here.

    make matrix                                    every cell
    make matrix ARGS='--pusher 3.3.2'              one release
    make matrix ARGS='--python 3.13 --list'        what would run

A cell is a virtual environment under `.matrix/`, kept until what it was made from changes. The
newest `pusher` runs with each `pysher` and the other way round on the lowest Python, and the
newest of both on every Python from 3.11 on that is found. The exit status is 1 when a cell fails.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["PUSHER", "PYSHER", "Cell", "Outcome", "cells", "main", "table"]

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / ".matrix"

PUSHER: Final = ("3.3.4", "3.3.3", "3.3.2", "3.3.1")
"""Releases of `pusher`, the newest first. 3.3.0 takes whole seconds as a timeout only."""

PYSHER: Final = ("1.0.8",)
"""Releases of `pysher`. 1.0.7 knows no `auth_endpoint`, and takes other parameters."""

SUITES: Final = (
    "tests/doubles",
    "tests/compat",
    "tests/intercept",
    "tests/testing",
    "tests/plugins",
    "tests/test_mock.py",
    "tests/test_pytest_plugin.py",
    "tests/test_pytest_plugin_markers.py",
    "tests/test_testcase.py",
    "tests/test_testcase_class.py",
)
"""What depends on the SDKs or on the Python; the engine has no SDK."""

TIMEOUT_S: Final = 900  # of one step of one cell
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9_.\[\]-]+)==(?P<rest>[^\\]+?)\s*\\?$")
_COUNT: Final = re.compile(r"(\d+) (passed|failed|skipped|error)")


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination."""

    python: str
    pusher: str
    pysher: str

    @property
    def name(self) -> str:
        """Its folder."""
        return f"py{self.python}-pusher{self.pusher}-pysher{self.pysher}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell; `counts` is empty when the tests did not run."""

    cell: Cell
    passed: bool
    counts: dict[str, int]
    log: Path


def pythons() -> dict[str, str]:
    """Return the interpreters from 3.11 on, by `3.11` and so on, the lowest first."""
    found: dict[tuple[int, int], str] = {}
    for path in [sys.executable, *_candidates()]:
        asked = subprocess.run(
            [path, "-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"],
            capture_output=True,
            text=True,
            check=False,
        )
        words = asked.stdout.split()
        if asked.returncode == 0 and words[2:] == ["cpython"]:
            found.setdefault((int(words[0]), int(words[1])), path)
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted(found) if minor > 10}


def _candidates() -> Iterator[str]:
    for minor in range(11, 20):
        path = shutil.which(f"python3.{minor}")
        if path is not None:
            yield path
    root = os.environ.get("PYENV_ROOT")
    if root is None and shutil.which("pyenv"):
        asked = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=False)
        root = asked.stdout.strip() or None
    if root is not None:
        yield from map(str, sorted(Path(root).glob("versions/3.*/bin/python")))


def cells(pythons: Sequence[str]) -> list[Cell]:
    """Return the combinations to run, without repetition.

    Args:
        pythons: Versions such as `3.11`, the lowest first.
    """
    lowest = pythons[0]
    wanted = [
        *(Cell(lowest, pusher, PYSHER[0]) for pusher in PUSHER),
        *(Cell(lowest, PUSHER[0], pysher) for pysher in PYSHER),
        *(Cell(python, PUSHER[0], PYSHER[0]) for python in pythons),
    ]
    return list(dict.fromkeys(wanted))


def requirements(cell: Cell, pinned: str) -> str:
    """Return what a cell installs: the pins of the project with the SDKs of the cell.

    Args:
        cell: The cell.
        pinned: The text of `requirements/dev.txt`; its hashes fit other releases of the SDKs not.
    """
    lines = [f"pusher=={cell.pusher}", f"pysher=={cell.pysher}"]
    for line in pinned.splitlines():
        match = _PIN.match(line)
        if match and match["name"] not in {"pusher", "pysher"}:
            lines.append(f"{match['name']}=={match['rest']}")
    return "\n".join(lines) + "\n"


def table(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the outcomes as the lines of a Markdown table."""
    lines = [
        "| Python | pusher | pysher | passed | failed | left out |",
        "|---|---|---|--:|--:|--:|",
    ]
    for one in outcomes:
        counts = one.counts
        failed = str(counts.get("failed", 0) + counts.get("error", 0))
        if not one.passed and failed == "0":
            failed = "all"
        lines.append(
            f"| {one.cell.python} | {one.cell.pusher} | {one.cell.pysher} "
            f"| {counts.get('passed', 0)} | {failed} | {counts.get('skipped', 0)} |"
        )
    return lines


def _install(cell: Cell, python: str, venv: Path, log: Path) -> bool:
    """Make the environment of a cell unless it is there; whether that worked."""
    text = requirements(cell, (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = hashlib.sha256(f"{ROOT}{python}{text}{project}".encode()).hexdigest()
    stamp = venv / ".stamp"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    shutil.rmtree(venv, ignore_errors=True)
    venv.parent.mkdir(exist_ok=True)
    listed = FOLDER / f"{cell.name}.txt"
    listed.write_text(text, encoding="utf-8")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    inside = str(venv / "bin" / "python")
    if uv is not None:
        make = [uv, "venv", "--quiet", "--python", python, str(venv)]
        install = [uv, "pip", "install", "--quiet", "--python", inside]
    else:
        make = [python, "-m", "venv", str(venv)]
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for step in (
        make,
        [*install, "-r", str(listed)],
        [*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
    ):
        if not _run(step, log):
            return False
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _run(command: Sequence[str], log: Path) -> bool:
    with log.open("a", encoding="utf-8") as out:
        out.write(f"$ {' '.join(command)}\n")
        out.flush()
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            out.write(f"stopped after {TIMEOUT_S} s\n")
            return False
    return done.returncode == 0


def run(cell: Cell, python: str, jobs: int) -> Outcome:
    """Install and test one cell."""
    FOLDER.mkdir(exist_ok=True)
    log = FOLDER / f"{cell.name}.log"
    log.write_text("", encoding="utf-8")
    venv = FOLDER / cell.name
    if not _install(cell, python, venv, log):
        return Outcome(cell, False, {}, log)
    tests = [str(venv / "bin" / "python"), "-m", "pytest", "-q", "-n", str(jobs), *SUITES]
    passed = _run(tests, log)
    last = log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
    return Outcome(cell, passed, {what: int(n) for n, what in _COUNT.findall(last)}, log)


PAGE: Final = """\
# Versions

The suites that touch the SDKs, run with each supported release, and on each Python that was there.
Written by `make matrix ARGS='--markdown docs/reference/versions.md'`; a row is a fresh environment,
with everything else as pinned.

{table}

Left out are tests of what a release does not have:

| since | |
|---|---|
| pusher 3.3.4 | an aiohttp back end that Python 3.11 can import |
| pusher 3.3.3 | `authenticate_user`, `send_to_user`, `#server-to-user-` channels |
| pusher 3.3.2 | data goes out as it is; before, letters beyond ASCII were escaped |

Older ones are not supported: pusher 3.3.0 takes whole seconds as a timeout only, and pysher 1.0.7
has no `auth_endpoint`.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cells that were asked for; see the top of this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", help="only on this one, such as 3.12")
    parser.add_argument("--pusher", help="only with this release")
    parser.add_argument("--pysher", help="only with this release")
    parser.add_argument("--list", action="store_true", help="say what would run, and stop")
    parser.add_argument("--jobs", type=int, default=2, help="test processes at once (default 2)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the result as a page")
    options = parser.parse_args(arguments)

    found = pythons()
    chosen = [
        cell
        for cell in cells([*found])
        if options.python in (None, cell.python)
        and options.pusher in (None, cell.pusher)
        and options.pysher in (None, cell.pysher)
    ]
    if not chosen:
        parser.error(
            f"no such cell; there are Python {', '.join(found)}, pusher {', '.join(PUSHER)}, "
            f"pysher {', '.join(PYSHER)}"
        )
    if options.list:
        print(*(cell.name for cell in chosen), sep="\n")
        return 0
    outcomes = []
    for cell in chosen:
        print(f"{cell.name} …", end=" ", flush=True)
        outcome = run(cell, found[cell.python], options.jobs)
        print("ok" if outcome.passed else f"FAILED, see {outcome.log.relative_to(ROOT)}")
        outcomes.append(outcome)
    lines = table(outcomes)
    print("", *lines, sep="\n")
    if options.markdown is not None:
        options.markdown.write_text(PAGE.format(table="\n".join(lines)), encoding="utf-8")
    return int(not all(one.passed for one in outcomes))


def floors() -> dict[str, str]:
    """Return the lowest release of each SDK that `pyproject.toml` takes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(line.split(">=") for line in project["dependencies"] if line.startswith("p"))


if __name__ == "__main__":
    raise SystemExit(main())
