"""Applications as processes of their own, started by ``pusher-mock run`` and not edited."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from compat.names import VARIABLES
from pusher_mock.intercept.doors import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .shape import Shape

__all__ = ["RUNS", "others", "run", "start"]

ROOT = Path(__file__).parent.parent.parent
TIMEOUT_S = 60

RUNS = ("every door", "its own doors")
"""How each of them is run."""


def start(module: str, *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a module until it ends.

    Args:
        module: of this folder.
        *before: what stands before it on the command line.
        **variables: of its environment.
    """
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        [*before, sys.executable, "-m", f"tests.shapes.{module}"],
        cwd=ROOT,
        env={**kept, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def run(
    module: str, *options: str, doors: Iterable[str] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a module with its calls caught."""
    named = [text for door in doors for text in ("--door", door)]
    command = [sys.executable, "-m", "pusher_mock.cli", "run", *named, *options, "--"]
    return start(module, *command, **variables)


def others(shape: Shape) -> list[str]:
    """The doors that do not take a shape's calls: the SDK sends with requests, which would."""
    return [door for door in DOORS if door not in (*shape.doors, "requests")]
