"""``pusher-mock run`` as somebody types it, on projects that know nothing of pusher-mock."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PATIENCE_S", "PROJECTS", "Running", "asked", "done", "hearing", "is_running", "running"]

PROJECTS = Path(__file__).parent / "projects"
PATIENCE_S = 60.0
_TURN_S = 0.05
_OURS = ("PUSHER_", "NEXT_PUBLIC_", "USE_MOCKS", "DJANGO_", "PYTEST_", "PYTHON", "FLASK_")
_PROXYLESS = build_opener(ProxyHandler({}))


def _words(words: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "pusher_mock.cli", "run", *words]


def _environment(variables: dict[str, str]) -> dict[str, str]:
    """This process's environment, without its settings, and with its Python first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, kept.get("PATH", "")])
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", **variables}


def done(
    *words: str, folder: Path = PROJECTS, measured: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what measures coverage may stay out, as it imports a lot."""
    environment = _environment(variables)
    if not measured:
        environment = {n: v for n, v in environment.items() if not n.startswith("COVERAGE_")}
    return subprocess.run(
        _words(words),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


class Running:
    """A command that goes on.

    Attributes:
        said: what it has said so far, on both channels.
    """

    def __init__(self, words: tuple[str, ...], folder: Path, variables: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            _words(words),
            cwd=folder,
            env=_environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def line(self, pattern: str) -> str:
        """Wait for a line that fits, and return what its group, or all of it, is."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found[found.lastindex or 0]
        raise AssertionError(f"it ended without {pattern}:\n{''.join(self.said)}")

    def ended(self, number: int | None = None) -> int:
        """Send a signal, if one is given, and wait for the end; returns the exit code."""
        if number is not None:
            self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        self.said += rest.splitlines(keepends=True)
        return self.process.returncode


@contextmanager
def running(*words: str, folder: Path = PROJECTS, **variables: str) -> Iterator[Running]:
    """Run a command until the block ends, which ends it."""
    command = Running(words, folder, variables)
    watchdog = Timer(PATIENCE_S, command.process.terminate)  # whoever waits for a line is told
    watchdog.daemon = True
    watchdog.start()
    try:
        yield command
    finally:
        watchdog.cancel()
        watchdog.join()
        if command.process.poll() is None:
            command.ended(signal.SIGTERM)
        elif command.process.stdout is not None:
            command.process.stdout.close()


def asked(url: str, body: bytes | None = None) -> Any:
    """Ask an application, which may still be on its way, and return its JSON."""
    deadline = monotonic() + PATIENCE_S
    while True:
        try:
            with _PROXYLESS.open(Request(url, body), timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None
        except URLError:
            if monotonic() > deadline:
                raise
            Event().wait(_TURN_S)


@contextmanager
def hearing(url: str, channel: str, key: str) -> Iterator[Any]:
    """Subscribe at a server, with a WebSocket; yields what waits for the next event's data."""
    target = f"ws{url.removeprefix('http')}/app/{key}?protocol=7&client=test&version=1"
    with connect(target, open_timeout=PATIENCE_S, proxy=None) as client:

        def heard() -> Any:
            return json.loads(client.recv(timeout=PATIENCE_S))

        assert heard()["event"] == "pusher:connection_established"
        client.send(json.dumps({"event": "pusher:subscribe", "data": {"channel": channel}}))
        assert heard()["event"] == "pusher_internal:subscription_succeeded"
        yield lambda: json.loads(heard()["data"])


def is_running(number: int) -> bool:
    """Whether there is a process of this id, and it has not ended."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    # Who has ended and is not asked for its exit code keeps its id.
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
