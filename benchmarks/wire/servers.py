"""Servers under measurement: ours and the references, each a process of its own."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.wire.requests import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "HERE",
    "NODE_HTTP",
    "NODE_WS",
    "OURS",
    "C",
    "Running",
    "Server",
    "Unready",
    "get",
    "running",
]

HERE = Path(__file__).parent
PATIENCE = 20.0  # seconds until a server answers


class Unready(Exception):
    """A server that did not answer in time, with what it had printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A command with `{port}` in it, and whether it speaks Pusher's protocol."""

    name: str
    command: str
    pusher: bool = False

    @property
    def path(self) -> str:
        """Where its WebSocket is."""
        return f"/app/{KEY}?protocol=7&client=bench&version=1.0" if self.pusher else "/"


OURS = Server(
    "ours", f"{shlex.quote(sys.executable)} -m pusher_mock.cli serve --port {{port}}", True
)
C = Server("c", f"{shlex.quote(str(HERE / 'build/reference'))} {{port}}")
NODE_WS = Server("ws", f"node {shlex.quote(str(HERE / 'reference.mjs'))} {{port}}")
NODE_HTTP = Server("http", f"node {shlex.quote(str(HERE / 'verify.mjs'))} {{port}}", True)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `started_in` is how many seconds that took."""

    server: Server
    port: int
    pid: int
    started_in: float

    def rss(self) -> int:
        """Bytes of memory that the process holds."""
        pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self) -> float:
        """Seconds of CPU that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def get(port: int, target: str) -> tuple[int, bytes]:
    """One GET request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _await(process: subprocess.Popen[bytes], port: int, began: float) -> float:
    while time.perf_counter() - began < PATIENCE and process.poll() is None:
        try:
            if get(port, "/health")[0] == 200:
                return time.perf_counter() - began
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.002)
    raise Unready("it ended" if process.poll() is not None else "GET /health never answered 200")


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start the server on a free port, and stop it by its process id."""
    port = _free_port()
    command = [word.replace("{port}", str(port)) for word in shlex.split(server.command)]
    with tempfile.TemporaryFile() as printed:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        )
        try:
            yield Running(server, port, process.pid, _await(process, port, began))
        except Unready as error:
            printed.seek(0)
            said = printed.read().decode(errors="replace")[-2000:]
            raise Unready(f"{shlex.join(command)}: {error}\n{said}".rstrip()) from None
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
