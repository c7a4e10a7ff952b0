"""Start `make run` as a newcomer would, look at its page and at its Pusher, stop both.

What no in-process test shows: that the Makefile, npm, the migrations, the seed data, the local
server and the server of the example work together from a shell, and end together.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

__all__ = ["main"]

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120.0
"""How long the page may take: migrations and seed data on a busy machine."""

_CONFIG = re.compile(r'<script id="pusher-config" type="application/json">(.*?)</script>')


class Wrong(Exception):
    """Something is not as it should be; the text says what."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(url: str) -> tuple[int, str] | None:
    """Follow redirects, and return the last status and page; None while nothing listens."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # past any proxy set
    try:
        with direct.open(url, timeout=10) as response:
            return int(response.status), response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except (OSError, HTTPException):
        return None


def _config(page: str) -> dict[str, Any]:
    """What the page hands pusher-js."""
    found = _CONFIG.search(page)
    if found is None:
        raise Wrong("the page has no pusher-config")
    config: dict[str, Any] = json.loads(found[1])
    return config


def _health(config: dict[str, Any]) -> str:
    """Where the Pusher of a page says that it is well."""
    try:
        return f"http://{config['wsHost']}:{config['wsPort']}/health"
    except KeyError as missing:
        raise Wrong(f"the page's pusher-config has no {missing}") from None


def _look(process: subprocess.Popen[bytes], address: str, memory: bool) -> str | None:
    """Wait for the page and look at it.

    Returns:
        Where its Pusher's health is, if it has one.
    """
    answer = None
    deadline = time.monotonic() + PATIENCE_S
    while answer is None and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
        answer = _get(address)
    if answer is None or answer[0] >= 400:
        raise Wrong(f"no page on {address} (status: {answer and answer[0]})")
    config = _config(answer[1])
    if memory:
        if "wsHost" in config:
            raise Wrong("with MEMORY=1 the page sends browsers to a server")
        return None
    health = _health(config)
    well = _get(health)
    if well is None or well[0] != 200:
        raise Wrong(f"the page sends browsers to {health}, which does not answer")
    return health


def _run(memory: bool) -> None:
    port = _free_port()
    address = f"http://127.0.0.1:{port}/"
    health: str | None = None
    with tempfile.TemporaryFile("w+") as output:
        environment = {k: v for k, v in os.environ.items() if k not in {"MEMORY", "MOCK_PORT"}}
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env=environment | {"PORT": str(port)} | ({"MEMORY": "1"} if memory else {}),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that all of it can be stopped
        )
        try:
            try:
                health = _look(process, address, memory)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)
            output.seek(0)
            if address not in output.read():
                raise Wrong(f"it did not print its address {address}")
            for left in filter(None, (address, health)):
                if _get(left) is not None:  # `make` waits for what it has started
                    raise Wrong(f"it was stopped, and {left} still answers")
        except Wrong:
            output.seek(0)
            print(output.read())
            raise


def main() -> int:
    """Return 0 when the page answered without an error, with a Pusher beside it and without."""
    for memory in (False, True):
        command = "make run MEMORY=1" if memory else "make run"
        try:
            _run(memory)
        except Wrong as wrong:
            print(f"smoke: `{command}`: {wrong}")
            return 1
        print(f"smoke: `{command}` served its page{'' if memory else ' and its Pusher'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
