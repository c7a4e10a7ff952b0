"""Start `make run` as a newcomer would, wait for its page, stop it.

What no in-process test shows: that the Makefile, the migrations, the seed data and the server of
the example work together from a shell.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

__all__ = ["main"]

ROOT = Path(__file__).parent.parent
PATIENCE_S = 120.0
"""How long the page may take: migrations and seed data on a busy machine."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(port: int) -> int | None:
    """Follow the redirects from `/` and return the last status; None while nothing listens."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # past any proxy set
    try:
        with direct.open(f"http://127.0.0.1:{port}/", timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def main() -> int:
    """Return 0 when the page answered without an error."""
    port = _free_port()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that all of it can be stopped
        )
        status: int | None = None
        deadline = time.monotonic() + PATIENCE_S
        try:
            while status is None and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
                status = _status(port)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)
        output.seek(0)
        said = output.read()

    address = f"http://127.0.0.1:{port}/"
    if status is None or status >= 400:
        print(said)
        print(f"smoke: `make run` gave no page on {address} (status: {status})")
        return 1
    if address not in said:
        print(said)
        print(f"smoke: `make run` did not print its address {address}")
        return 1
    print(f"smoke: `make run` served its page (status {status})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
