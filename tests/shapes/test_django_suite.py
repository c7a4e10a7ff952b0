"""The applications in Django, which share a project, and so a process of their own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUITE = HERE / "django_suite"
TIMEOUT_S = 120

OWN_TESTS = (HERE / "s02_literals_despite_settings" / "tests", HERE / "s09_provider" / "tests")
"""Tests that came with applications and know of no mock."""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    ours = ("PUSHER_", "DJANGO_", "PYTEST_", "USE_MOCKS")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    options = ("-p", "no:cacheprovider", "-c", "pytest.ini", *map(str, arguments))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=SUITE,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_the_applications_are_caught():
    """Every module of the project, by every door and by its own ones."""
    done = run("-v", SUITE)
    assert done.returncode == 0, done.stdout + done.stderr
    for path in sorted(SUITE.glob("test_*.py")):
        names = {
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        assert "test_other_doors_do_not_catch_it" in names, path.name
        for name in names:
            assert re.search(rf"{path.name}::{name}\b.* PASSED", done.stdout), (path.name, name)


@pytest.mark.parametrize("doors", ["all", "sdk"])
def test_tests_that_came_with_applications_pass_as_they_are(doors: str):
    done = run("-q", *OWN_TESTS, "-o", f"pusher_mock_intercept={doors}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


def test_without_doors_they_would_have_called_pusher():
    done = run("-q", *OWN_TESTS)
    assert done.returncode == 1
    assert "A test tried to use socket.getaddrinfo" in done.stdout
    assert set(re.findall(r"(?m)^FAILED \S+::(\w+) ", done.stdout)) == {
        "test_send_message_for_real",
        "test_trigger_for_real",
    }
    assert "4 passed" in done.stdout
