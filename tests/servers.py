"""Development servers of frameworks, as processes beside a test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["free_port", "served"]

TIMEOUT_S = 60


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ready: str
) -> Iterator[list[str]]:
    """Run a server until the block ends; yield what it says.

    Args:
        command: what to run.
        folder: where.
        environment: its whole environment.
        ready: part of the line that it says when it listens.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    # Its output ends when it is ended, and so does the wait for a line that never comes.
    watchdog = Timer(TIMEOUT_S, os.killpg, (process.pid, signal.SIGTERM))
    watchdog.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            raise AssertionError(f"{ready!r} was never said: {''.join(said)}")
        watchdog.cancel()
        yield said
    finally:
        watchdog.cancel()
        # The whole group: a reloading server has a second process.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        rest, _ = process.communicate(timeout=TIMEOUT_S)
        said.extend(rest.splitlines(keepends=True))
