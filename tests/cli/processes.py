"""Commands as processes of their own, as somebody types them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator

__all__ = ["Process", "processed", "serving"]

PATIENCE_S = 60.0


class Process:
    """A running command.

    Attributes:
        said: its standard output so far.
    """

    def __init__(self, *words: str, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if "PUSHER" not in name}
        self._folder = TemporaryDirectory()
        self._errors = Path(self._folder.name, "stderr")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "pusher_mock.cli", *words],
                env=kept | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        # A test that waits for ever fails: what it waits for ends.
        self._watchdog = Timer(PATIENCE_S, self._process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self.said: list[str] = []

    @property
    def errors(self) -> str:
        """Its standard error so far."""
        return self._errors.read_text(encoding="utf-8")

    def line(self, part: str) -> str:
        """Wait for a line with this in it, and return it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line.rstrip("\n"))
            if part in line:
                return self.said[-1]
        raise AssertionError(f"it ended without {part!r}: {self.said} {self.errors}")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end, and return its exit code."""
        rest, _ = self._process.communicate(timeout=PATIENCE_S)
        self.said += rest.splitlines()
        return self._process.returncode

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.communicate()
        self._watchdog.cancel()
        self._watchdog.join()
        self._folder.cleanup()


@contextmanager
def processed(*words: str, **environment: str) -> Iterator[Process]:
    """Run a command until the block ends."""
    process = Process(*words, **environment)
    try:
        yield process
    finally:
        process.close()


@contextmanager
def serving(*words: str) -> Iterator[tuple[Process, str]]:
    """Run a server on a free port; yields it with its address."""
    with processed("serve", "--port", "0", *words) as server:
        yield server, server.line("PUSHER_MOCK_URL=").partition("=")[2]
