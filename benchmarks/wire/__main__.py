"""Measure the server over real sockets and print medians against their bars.

`python -m benchmarks.wire [fanout] [http] [accept] [rate] [memory] [churn] [stall] [start]
[--runs N] [--json] [--short] [--server "CMD with {port}"]`
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from dataclasses import asdict, replace

from benchmarks.wire.client import Failed
from benchmarks.wire.groups import GROUPS, Plan
from benchmarks.wire.servers import HERE, OURS, Unready

__all__ = ["main"]


def _prepare() -> None:
    """Build what is not built yet, and allow as many open files as the system does."""
    for target in ("all", "node_modules"):
        subprocess.run(["make", "-s", "-C", str(HERE), target], check=True, stdout=sys.stderr)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.wire", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("groups", nargs="*", metavar="|".join(GROUPS), default=[])
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    parser.add_argument("--server", default=OURS.command, help="command with {port}")
    parser.add_argument(
        "--short", action="store_true", help="a sixth of the time, to try it out: not to be quoted"
    )
    asked = parser.parse_args()
    unknown = sorted(set(asked.groups) - set(GROUPS))
    if unknown:
        parser.error(f"unknown group {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    if "{port}" not in asked.server:
        parser.error("--server needs a command with {port} in it")
    return asked


def main() -> int:
    """Print the figures; the exit status is 1 when a bar is missed or cannot be told."""
    asked = _arguments()
    _prepare()
    plan = Plan(replace(OURS, command=asked.server), asked.runs, asked.short)
    rows = []
    for name in asked.groups or GROUPS:
        try:
            for row in GROUPS[name](plan):
                rows.append(row)
                if not asked.json:
                    print(row, flush=True)
        except (Failed, Unready) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
    if asked.json:
        print(json.dumps([asdict(row) for row in rows]))
    return int(any(row.kept is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
