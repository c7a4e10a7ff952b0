"""Run the measurements in fresh processes and print medians against their bars.

`python -m benchmarks [weather] [speed] [imports] [memory] [intercept] [simulate]
[--runs N] [--json]`
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass

__all__ = ["main"]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, how much, against what, and the bar it has to keep."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    floor: str = ""

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"<= {self.bar:g}"
        kept = "" if self.bar is None else ("ok" if self.value <= self.bar else "OVER")
        return f"{self.what:58} {self.value:9.2f} {self.unit:6} {bar:9} {kept:5} {self.floor}"


def _measure(name: str, module: str = "benchmarks.worker") -> dict[str, float]:
    command = [sys.executable, "-m", module, name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _speed(runs: int) -> list[Row]:
    found = [_measure("speed") for _ in range(runs)]
    fresh = [_measure("fresh") for _ in range(runs)]

    def ratio(name: str) -> float:
        return statistics.median([one[name] / one["build"] for one in found])

    def middle(figures: list[dict[str, float]], name: str) -> float:
        return statistics.median([one[name] for one in figures])

    build = middle(found, "build")
    floor = f"pusher.Pusher builds and signs the request: {build:.1f} us"
    return [
        Row("trigger -> 1 callback, signature checked", ratio("one"), "x", 2.5, floor),
        Row("trigger -> 10 callbacks of 10 clients", ratio("ten"), "x", None, "the same"),
        Row("trigger -> 100 callbacks of 100 clients", ratio("hundred"), "x", 6, "the same"),
        Row("a fresh mock, set-up and tear-down", middle(fresh, "bare"), "us", 200),
        Row("... with a publisher and a connected client", middle(fresh, "used"), "us"),
    ]


_TIMED = """
import time
{before}
start = time.perf_counter()
{statement}
print((time.perf_counter() - start) * 1e3)
"""


def _import(statement: str, before: str = "") -> float:
    """Milliseconds that an import takes in a fresh interpreter that has done nothing else."""
    code = _TIMED.format(statement=statement, before=before)
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _imports(runs: int) -> list[Row]:
    many = range(runs * 3)
    ours = "from pusher_mock import PusherMock, MockPusherServer"
    pairs = [(_import(ours), _import("import pusher")) for _ in many]
    sdk = statistics.median([floor for _, floor in pairs])
    plugin = statistics.median(
        [_import("import pusher_mock.pytest_plugin", "import pytest") for _ in many]
    )
    middle = statistics.median([mock / floor for mock, floor in pairs])
    return [
        Row(ours, middle, "x", 1.5, f"import pusher: {sdk:.0f} ms"),
        Row("the pytest plugin, its import", plugin, "ms", 10, "import pytest done before"),
    ]


def _memory(runs: int) -> list[Row]:
    found = _measure("memory")  # counted by the allocator, so one run is enough
    pysher = f"a bare pysher.Pusher: {found['pysher'] / 1000:.1f} kB"
    return [
        Row("idle engine connection, 3 subscriptions", found["connection"] / 1000, "kB", 6),
        Row("connected client double", found["client"] / 1000, "kB", 14, pysher),
        Row("full history, 100 x 150 bytes", found["history"] / 1000, "kB", 60),
    ]


def _intercept(runs: int) -> list[Row]:
    found = [_measure("intercept") for _ in range(runs)]
    begun = [_measure("activate") for _ in range(runs)]

    def ratio(name: str, floor: str) -> float:
        return statistics.median([one[name] / one[floor] for one in found])

    def middle(figures: list[dict[str, float]], name: str) -> float:
        return statistics.median([one[name] for one in figures])

    bare = f"the call answered by a bare respx route: {middle(found, 'bare'):.0f} us"
    double = f"the double's trigger -> callback: {middle(found, 'double'):.1f} us"
    return [
        Row("httpx trigger -> callback, respx door", ratio("respx", "bare"), "x", 1.5, bare),
        Row("httpx trigger -> callback, httpx door", ratio("door", "bare"), "x", None, "the same"),
        Row("SDK trigger -> callback, intercepted", ratio("sdk", "double"), "x", 1.3, double),
        Row("intercept('sdk'), begin and end", middle(begun, "sdk"), "us", 100),
        Row("intercept(), begin and end", middle(begun, "every"), "us"),
    ]


def _weather(runs: int) -> list[Row]:
    found = [_measure("perfect") for _ in range(runs)]
    queue = [_measure("million") for _ in range(min(runs, 3))]

    def ratio(name: str, floor: str) -> float:
        return statistics.median([one[name] / one[floor] for one in found])

    def middle(*names: str) -> float:
        return statistics.median([sum(one[name] for name in names) for one in queue])

    floor = statistics.median([one["without"] for one in found])
    bare = f"no network layer, trigger -> callback: {floor:.1f} us"
    hundred = "no network layer, 100 callbacks"
    return [
        Row("weather perfect, trigger -> 1 callback", ratio("perfect", "without"), "x", 1.05, bare),
        Row("... 100 callbacks", ratio("perfect, 100", "without, 100"), "x", 1.05, hundred),
        Row("1 % loss, 100 callbacks", ratio("lossy, 100", "without, 100"), "x", None, hundred),
        Row("a million timers pending, in and out, each", middle("in", "out"), "us", 4),
        Row("a million deliveries pending, in", middle("delivery in"), "us"),
        Row("... and out, journal and connection included", middle("delivery out"), "us"),
    ]


def _simulate(runs: int) -> list[Row]:
    found = [_measure("", "benchmarks.simulate") for _ in range(min(runs, 3))]

    def middle(name: str) -> float:
        return statistics.median([one[name] for one in found])

    return [
        Row("1,000 connections, 1 h of pings, 1 % loss, reconnects", middle("hour"), "s", 20),
        Row("a simulated minute, 50 connections, an event a second", middle("minute"), "s", 1),
        Row("a simulated minute of pings, 100 clients", middle("pings"), "s", 1),
        Row("events a second of real time, profile realtime-events", middle("events"), "/s"),
    ]


_GROUPS = {
    "weather": _weather,
    "speed": _speed,
    "imports": _imports,
    "memory": _memory,
    "intercept": _intercept,
    "simulate": _simulate,
}


def main() -> int:
    """Print the figures; the exit status is 1 when one is over its bar."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="|".join(_GROUPS), default=[])
    parser.add_argument("--runs", type=int, default=5, help="processes for each figure")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    asked = parser.parse_args()
    unknown = sorted(set(asked.groups) - set(_GROUPS))
    if unknown:
        parser.error(f"unknown group {', '.join(unknown)}; there are {', '.join(_GROUPS)}")
    rows: list[Row] = []
    for name in asked.groups or _GROUPS:
        for row in _GROUPS[name](asked.runs):
            rows.append(row)
            if not asked.json:
                print(row, flush=True)
    if asked.json:
        print(
            json.dumps(
                [
                    {"what": row.what, "value": row.value, "unit": row.unit, "bar": row.bar}
                    for row in rows
                ]
            )
        )
    return int(any(row.bar is not None and row.value > row.bar for row in rows))


if __name__ == "__main__":
    sys.exit(main())
