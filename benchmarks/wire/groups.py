"""The measurements: each group yields rows against the bars of the issue."""

from __future__ import annotations

import json
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.wire.client import hold, load
from benchmarks.wire.requests import APP_ID, KEY, SECRET, signed
from benchmarks.wire.rows import Figures, Row, row
from benchmarks.wire.servers import NODE_HTTP, NODE_WS, C, get, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.wire.servers import Running, Server

__all__ = ["GROUPS", "Plan"]

_SPEED = "deliveries_per_second"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: our server, how many runs, and whether only to try it out."""

    ours: Server
    runs: int
    short: bool = False

    def seconds(self, full: float) -> float:
        """How long a measurement lasts."""
        return full / 6 if self.short else full

    def many(self, full: int) -> int:
        """How many connections are opened where there are thousands."""
        return full // 10 if self.short else full


def _fanout(plan: Plan) -> Iterator[Row]:
    found = Figures()
    seconds = plan.seconds(3)
    for _ in range(plan.runs):
        with ExitStack() as stack:
            servers = [stack.enter_context(running(one)) for one in (C, NODE_WS, plan.ours)]
            for window in (1, 8):
                for one in servers:
                    result = load("fanout", one, window=window, seconds=seconds)
                    found.add(f"{one.server.name} {window}", result)
            ours = servers[-1]
            five = load("fanout", ours, window=8, channels=5, seconds=seconds)
            found.add("five", five)
            found.add("hundred", load("fanout", ours, connections=100, seconds=seconds))
    name = plan.ours.name
    for window in (1, 8):
        for server in ("c", "ws", name):
            case = f"{server} {window}"
            names = ("p50_ms", "p99_ms", "server_cpu", "client_cpu")
            p50, p99, cpu, client = (found.middle(case, one) for one in names)
            note = f"p50 {p50:.1f}, p99 {p99:.1f} ms; cpu {cpu:.2f}, client {client:.2f}"
            note = "; ".join(filter(None, (note, found.note(case))))
            title = f"{server}: 1,000 subscribers, {window} in flight"
            yield row(title, found.one(case, _SPEED), "/s", note=note)

    def ratio(what: str, case: str, to: str, at_least: float) -> Row:
        note = found.note(case, to)
        return row(what, found.ratio(case, to, _SPEED), "x", at_least=at_least, note=note)

    yield ratio("fan-out, 1 in flight, to Node ws", f"{name} 1", "ws 1", 1.2)
    yield ratio("fan-out, 8 in flight, to Node ws", f"{name} 8", "ws 8", 5)
    yield ratio("fan-out, 8 in flight, to C", f"{name} 8", "c 8", 0.5)
    yield ratio("... each on 5 channels, to single channel", "five", f"{name} 8", 0.6)
    hundred, note = found.one("hundred", "p99_ms"), found.note("hundred")
    yield row("broadcast to 100 clients, p99", hundred, "ms", at_most=20, note=note)


def _http(plan: Plan) -> Iterator[Row]:
    found = Figures()
    for _ in range(plan.runs):
        for server in (NODE_HTTP, plan.ours):
            with running(server) as one:
                for connections in (1, 16):
                    result = load("http", one, http=connections, seconds=plan.seconds(3))
                    found.add(f"{server.name} {connections}", result)
    for connections in (1, 16):
        ours, node = f"{plan.ours.name} {connections}", f"http {connections}"
        speeds = " / ".join(
            f"{found.middle(it, 'requests_per_second'):,.0f}" for it in (ours, node)
        )
        note = "; ".join(filter(None, (f"{speeds} per s", found.note(ours, node))))
        ratio = found.ratio(ours, node, "requests_per_second")
        bar = 0.75 if connections == 16 else None
        yield row(
            f"signed publishes, {connections} connections, to Node http",
            ratio,
            "x",
            at_least=bar,
            note=note,
        )


def _accept(plan: Plan) -> Iterator[Row]:
    found = Figures()
    many = plan.many(10_000)
    for _ in range(plan.runs):
        for server, channels in ((NODE_WS, 0), (plan.ours, 0), (plan.ours, 1)):
            with running(server) as one:
                result = load("accept", one, publishing=False, connections=many, channels=channels)
                found.add(f"{server.name} {channels}", result)
    alone, subscribed, node = f"{plan.ours.name} 0", f"{plan.ours.name} 1", "ws 0"
    for what, case, bar in (
        ("connections accepted, to Node ws", alone, None),
        ("connections accepted and subscribed, to Node ws alone", subscribed, 0.8),
    ):
        speeds = " / ".join(
            f"{found.middle(it, 'connections_per_second'):,.0f}" for it in (case, node)
        )
        note = "; ".join(filter(None, (f"{speeds} per s", found.note(case, node))))
        ratio = found.ratio(case, node, "connections_per_second")
        yield row(what, ratio, "x", at_least=bar, note=note)


def _rate(plan: Plan) -> Iterator[Row]:
    found = Figures()
    for _ in range(plan.runs):
        with running(plan.ours) as one:
            seconds = plan.seconds(10)
            result = load("rate", one, connections=10, http=16, rate=10_000, seconds=seconds)
            found.add("rate", result)
    answered = found.middle("rate", "requests_per_second")
    note = "; ".join(filter(None, (f"{answered:,.0f} events per s sent", found.note("rate"))))
    in_time = found.one("rate", "p95_ms") if answered > 9_900 else None
    yield row("10,000 events/s to 10 subscribers, p95", in_time, "ms", at_most=50, note=note)
    missing = found.middle("rate", "lost") + found.middle("rate", "order_errors")
    yield row("... lost or out of order", missing, "", at_most=0)


def _idle(server: Server, many: int) -> float:
    with running(server) as one:
        before = one.rss()
        with hold(one, connections=many) as held:
            held.wait_for("ready")
            time.sleep(0.2)
            return (one.rss() - before) / many / 1000


def _memory(plan: Plan) -> Iterator[Row]:
    many = plan.many(5_000)
    for server, bar in ((NODE_WS, None), (plan.ours, 8.0)):
        each = statistics.median([_idle(server, many) for _ in range(plan.runs)])
        what = f"{server.name}: an idle connection, {many:,} of them"
        yield row(what, each, "kB", at_most=bar)


def _members(one: Running) -> int:
    """Members of all presence channels, as the HTTP API counts them."""
    target = signed(
        "GET", f"/apps/{APP_ID}/channels", filter_by_prefix="presence-bench-", info="user_count"
    )
    status, body = get(one.port, target)
    if status != 200:
        raise RuntimeError(f"{target} answered {status}: {body!r}")
    channels = json.loads(body)["channels"]
    return sum(channel["user_count"] for channel in channels.values())


def _members_left(one: Running) -> int:
    deadline = time.monotonic() + 20
    while (members := _members(one)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return members


def _churn(plan: Plan) -> Iterator[Row]:
    many, seconds = plan.many(10_000), plan.seconds(60)
    options = {"connections": many, "http": 1, "rate": 5, "churn": 1, "seconds": seconds}
    with ExitStack() as stack:
        one = stack.enter_context(running(plan.ours))
        alone = one.rss()
        member = f"{KEY}:{SECRET}"
        held = stack.enter_context(hold(one, publishing=True, presence=member, **options))
        held.wait_for("ready")
        before = one.rss()
        held.wait_for("settled")
        time.sleep(1)  # the last to leave without a word are noticed
        after, members = one.rss(), _members(one)
        result = held.let_go()
        left = _members_left(one)
        end = one.rss()
    what = (
        f"{result['left']:,.0f} of {many:,} connections churned, {result['published']:.0f} events"
    )
    note = "; ".join(filter(None, (f"p99 {result['p99_ms']:.0f} ms", result.wrong)))
    yield row(f"{what}: wrong", result.errors, "", at_most=0, note=note)
    yield row("... presence members too many or too few", abs(members - many), "", at_most=0)
    yield row("... presence members after all have left", left, "", at_most=0)
    note = " / ".join(f"{size / 1e6:.1f}" for size in (after, before)) + " MB"
    what = "... memory afterwards, to before the churn"
    yield row(what, after / before, "x", at_most=1.1, note=note)
    note = f"{end / 1e6:.1f} MB; {alone / 1e6:.1f} before anybody came"
    yield row("... memory after all have left, to before the churn", end / before, "x", note=note)


def _stall(plan: Plan) -> Iterator[Row]:
    found = Figures()
    for _ in range(plan.runs):
        for stalled in (0, 1):
            with running(plan.ours) as one:  # 8 kB each: the stalled one's buffers must overflow
                result = load("stall", one, stalled=stalled, padding=8000, seconds=plan.seconds(12))
                found.add(str(stalled), result)
    p99 = [found.middle(case, "p99_ms") for case in "01"]
    closed = found.middle("1", "stalled_closed")
    note = f"{p99[1]:.1f} / {p99[0]:.1f} ms; {found.note('0', '1')}".rstrip("; ")
    what = "1 stalled reader among 1,000: p99 of the others"
    yield row(what, found.ratio("1", "0", "p99_ms"), "x", at_most=1.2, note=note)
    yield row("... closed by the server", closed, "", at_least=1)


def _start(plan: Plan) -> Iterator[Row]:
    times = []
    for _ in range(3 * plan.runs):
        with running(plan.ours) as one:
            times.append(one.started_in)
    yield row("server start to first answer", statistics.median(times), "s", at_most=0.6)


GROUPS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "fanout": _fanout,
    "http": _http,
    "accept": _accept,
    "rate": _rate,
    "memory": _memory,
    "churn": _churn,
    "stall": _stall,
    "start": _start,
}
