"""Simulations against real time; prints figures as JSON, in a process of its own.

`python -m benchmarks.simulate`
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["measure"]


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """Seconds of real time for an hour of a thousand connections, and for a simulated minute."""
    from pusher_mock.simulate import endurance, heartbeat, lifecycle, throughput

    heartbeat()  # what is imported and compiled once is not counted
    found: dict[str, float] = {
        "hour": _seconds(lambda: endurance(1_000, 60, 0.01)),
        "minute": _seconds(lambda: lifecycle(50, 60_000)),
        "pings": _seconds(lambda: heartbeat(100, 60_000)),
    }
    found["events"] = throughput(10_000, 2).real_throughput
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
