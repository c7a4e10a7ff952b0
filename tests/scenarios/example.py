"""The Django example as a process of its own, as a developer runs it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FOLDER", "get_pusher_js", "prepare", "running"]

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "django_app"

TIMEOUT_S = 60
NPM_S = 300

_READY = "Quit the server with"
_OURS = ("PUSHER_", "NEXT_PUBLIC_", "DJANGO_", "CELERY_", "USE_MOCKS", "PYTHONWARNINGS")


def get_pusher_js() -> None:
    """Run `npm ci` unless it has been run since the lock file changed. Several processes may."""
    lock, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
    with (FOLDER / "package.json").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if installed.exists() and installed.stat().st_mtime > lock.stat().st_mtime:
            return
        npm = shutil.which("npm")
        assert npm, "pusher-js comes from npm: install nodejs and npm"
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=NPM_S,
        )
        assert done.returncode == 0, f"npm ci failed:\n{done.stdout}"


def prepare(database: Path) -> None:
    """Make a database with the demo data in it."""
    program = (
        "import django; django.setup(); from django.core.management import call_command as call;"
        "call('migrate', verbosity=0); call('seed_demo')"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=FOLDER,
        env=_environment(database),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
    )


@contextmanager
def running(database: Path, port: int, mock_url: str | None) -> Iterator[list[str]]:
    """Run it until the block ends; yield what it says.

    Args:
        database: one that `prepare` has made.
        port: where to listen.
        mock_url: the local server that it talks to; without one its mock is in memory.
    """
    environment = _environment(database)
    if mock_url is not None:
        environment["PUSHER_MOCK_URL"] = mock_url
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=FOLDER,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    ready = Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:  # all of it, or the process would wait for its reader
            said.append(line)
            if _READY in line:
                ready.set()
        ready.set()

    reader = Thread(target=read, name="what the example says", daemon=True)
    reader.start()
    try:
        assert ready.wait(TIMEOUT_S), "".join(said)
        assert process.poll() is None, "".join(said)
        yield said
    finally:
        process.terminate()
        try:
            process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(TIMEOUT_S)
        reader.join(TIMEOUT_S)
        process.stdout.close()


def _environment(database: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {
        "USE_MOCKS": "true",
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DJANGO_DB_FILE": str(database),
    }
