"""An unedited Django project under `LiveServerTestCase`, in a browser.

It has settings of its own, so it runs in a process of its own, by Django's runner.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.node.runner import install

ROOT = Path(__file__).parent.parent.parent
TIMEOUT_S = 120


@pytest.mark.enable_socket
def test_a_live_server_and_a_browser():
    install()
    ours = ("PUSHER_", "DJANGO_", "PYTEST_", "USE_MOCKS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.browser.live"],
        cwd=ROOT,
        env=kept,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ran 2 tests" in done.stderr
