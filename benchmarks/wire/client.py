"""Runs the load client, and says how far its figures can be trusted."""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from benchmarks.wire import requests
from benchmarks.wire.servers import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.wire.servers import Running

__all__ = ["Failed", "Holding", "Result", "hold", "load"]

_TIME_OUT = 300.0
_WRONG = ("order_errors", "lost", "duplicated", "dropped", "bad_answers", "timed_out")


class Failed(Exception):
    """The load client could not measure."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the load client printed, and how much of the CPUs other processes took meanwhile."""

    figures: dict[str, Any]
    others: float  # cores

    def __getitem__(self, name: str) -> float:
        return float(self.figures[name])

    @property
    def client_bound(self) -> bool:
        """The client was out of breath, and the server was not."""
        return self["client_cpu"] > 0.9 and self["server_cpu"] < 0.9

    @property
    def errors(self) -> int:
        """How often something happened that must not."""
        return sum(int(self.figures[name]) for name in _WRONG)

    @property
    def wrong(self) -> str:
        """What must not happen and did, in words; empty when all is well."""
        return ", ".join(f"{name} {self.figures[name]}" for name in _WRONG if self.figures[name])


def _words(mode: str, running: Running, file: Path | None, options: dict[str, object]) -> list[str]:
    words = [str(HERE / "build/load"), mode, "--port", str(running.port)]
    words += ["--pid", str(running.pid), "--path", running.server.path]
    if running.server.pusher:
        words.append("--pusher")
    if file:
        words += ["--requests", str(file)]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    return words


@contextmanager
def _request_file(
    running: Running, wanted: bool, channels: object, padding: int
) -> Iterator[Path | None]:
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        yield requests.write(
            Path(folder, "requests"),
            pusher=running.server.pusher,
            channels=int(str(channels)),
            padding=padding,
        )


def _busy() -> float:
    """Seconds that all cores have been busy, stolen ones included."""
    user, nice, system, _idle, _wait, *interrupts = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + sum(interrupts)) / 100


def _clients() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _parse(words: list[str], code: int, said: str, complained: str) -> dict[str, Any]:
    if code not in (0, 1) or not said.strip():
        raise Failed(f"{' '.join(words)}\n{complained}".rstrip())
    figures: dict[str, Any] = json.loads(said)
    return figures


def load(
    mode: str, running: Running, *, publishing: bool = True, padding: int = 50, **options: object
) -> Result:
    """Run the load client once against a server; options are those of the command line."""
    with _request_file(running, publishing, options.get("channels", 1), padding) as file:
        words = _words(mode, running, file, options)
        began, before = time.perf_counter(), _busy() - _clients() - running.cpu()
        done = subprocess.run(
            words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_TIME_OUT
        )
        others = _busy() - _clients() - running.cpu() - before
        others /= time.perf_counter() - began
    return Result(_parse(words, done.returncode, done.stdout, done.stderr), max(0.0, others))


class Holding:
    """A load client that holds its connections until it is told to go."""

    def __init__(self, words: list[str], process: subprocess.Popen[str]) -> None:
        self._words = words
        self._process = process

    def wait_for(self, word: str) -> None:
        """Wait until the client says that it is `ready` or `settled`."""
        said: IO[str] | None = self._process.stderr
        assert said
        lines = []
        for line in said:
            if line.strip() == word:
                return
            lines.append(line)
        raise Failed(f"{' '.join(self._words)}\n{''.join(lines)}".rstrip())

    def let_go(self) -> Result:
        """Close all connections."""
        said, complained = self._process.communicate(timeout=30)
        return Result(_parse(self._words, self._process.returncode, said, complained), 0.0)


@contextmanager
def hold(running: Running, *, publishing: bool = False, **options: object) -> Iterator[Holding]:
    """Start a client that opens its connections and holds them."""
    with _request_file(running, publishing, 1, 50) as file:
        words = _words("hold", running, file, options)
        pipe = subprocess.PIPE
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        try:
            yield Holding(words, process)
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
