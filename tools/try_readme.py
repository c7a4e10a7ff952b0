"""Follow the first steps of the README in a clean environment, as a new user would.

    python -m tools.try_readme

A new virtual environment in a new folder, nothing installed but what the README installs, no
setting in the environment. Each command and each file of the section counts as a step; there may
be five. The exit status is 1 when a step fails or when there are more.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.docs.blocks import Block, commands, read_blocks

__all__ = ["HEADING", "MOST_STEPS", "main", "steps"]

ROOT: Final = Path(__file__).resolve().parent.parent
HEADING: Final = "## Your first test, in five steps"
MOST_STEPS: Final = 5
TIMEOUT_S: Final = 600
_OURS: Final = ("PUSHER_", "NEXT_PUBLIC_", "DJANGO_", "PYTEST_", "USE_MOCKS", "PYTHON", "VIRTUAL_")


def steps(readme: Path) -> list[Block | str]:
    """Return the files to write and the commands to run, in order.

    Args:
        readme: The file with the section.
    """
    lines = readme.read_text(encoding="utf-8").splitlines()
    first = lines.index(HEADING) + 1
    last = next((n for n in range(first, len(lines)) if lines[n].startswith("## ")), len(lines))
    found: list[Block | str] = []
    for block in read_blocks(readme):
        if not first < block.line <= last:
            continue
        if block.language == "python":
            assert block.file_name is not None, f"{block.where}: which file is this?"
            found.append(block)
        else:
            found.extend(command for _, command in commands(block))
    return found


def _environment(home: Path, venv: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    path = os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", "")])
    return kept | {"HOME": str(home), "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def main() -> int:
    """Do it; print each step."""
    todo = steps(ROOT / "README.md")
    if not 0 < len(todo) <= MOST_STEPS:
        print(f"the README takes {len(todo)} steps, {MOST_STEPS} are promised")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder, venv = Path(name) / "work", Path(name) / "venv"
        folder.mkdir()
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        environment = _environment(Path(name), venv)
        said = ""
        for number, step in enumerate(todo, 1):
            if isinstance(step, Block):
                print(f"{number}. write {step.file_name}", flush=True)
                assert step.file_name is not None
                (folder / step.file_name).write_text(step.code, encoding="utf-8")
                continue
            command = shlex.split(step.replace("REPOSITORY", str(ROOT)))
            print(f"{number}. {step}", flush=True)
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            said = done.stdout.rstrip()
            if done.returncode:
                print(said)
                return 1
    print(said)
    return int(" passed" not in said)


if __name__ == "__main__":
    raise SystemExit(main())
