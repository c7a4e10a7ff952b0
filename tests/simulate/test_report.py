"""Figures, charts, the page, and the list of simulations."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from pusher_mock import simulate
from pusher_mock.simulate import BenchmarkRow, Figure, broadcast, charts, lifecycle, report
from pusher_mock.simulate.drawing import draw
from pusher_mock.simulate.figures import average, percentile, share
from pusher_mock.simulate.registry import SIMULATIONS


class _Page(HTMLParser):
    """Notes tags, and whether they close as they open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _read(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (True, "", "yes"),
        (False, "", "no"),
        (1234, "", "1,234"),
        (12.5, "ms", "12.5 ms"),
        (10_000.0, "/s", "10,000/s"),
        (0.0000123, "MB", "0.0000123 MB"),
        ((), "", "–"),
        ((1, 2), "", "1, 2"),
        ("x", "", "x"),
    ],
)
def test_a_figure_reads_well(value: object, unit: str, text: str):
    assert Figure("one", value, unit).text == text


def test_a_seed_is_a_name():
    assert Figure("seed", 12345, "").text == "12345"


def test_percentiles():
    values = [float(one) for one in range(1, 101)]
    assert [percentile(values, one) for one in (1, 50, 95, 99.5, 100)] == [1, 50, 95, 100, 100]
    assert percentile([7.0], 1) == 7
    assert (percentile([], 50), average([]), average([1, 2])) == (0, 0, 1.5)
    assert (share(1, 4), share(0, 0)) == (25, 100)


def test_figures_begin_with_the_simulations_own():
    result = broadcast(2, network="perfect")
    names = [one.name for one in result.figures()]
    assert names[0] == "broadcast_id"
    assert names[-4:] == ["seed", "network", "simulated_ms", "real_ms"]
    units = {one.name: one.unit for one in result.figures()}
    assert (units["broadcast_time_ms"], units["ack_rate"], units["seed"]) == ("ms", "%", "")
    assert result.to_json()["total_recipients"] == 2
    assert "charts" not in result.to_json()
    life = {one.name: one.unit for one in lifecycle(1, 1000).figures()}
    assert life["disconnected_ms"] == "ms"  # also where it may be None


def test_histograms():
    chart = charts.histogram("h", [0.0, 1.0, 2.0, 10.0], "ms", bins=5)
    assert [count for _, count in chart.points] == [2, 1, 0, 0, 1]
    assert charts.histogram("h", [5.0, 5.0], "ms").points == ((5.0, 2.0),)
    assert charts.histogram("h", [], "ms").points == ()


def test_more_points_than_can_be_seen_are_thinned():
    chart = charts.line("l", [(float(one), 1.0) for one in range(9_000)], "ms", "n")
    assert len(chart.points) == 1_800


@pytest.mark.parametrize(
    "chart",
    [
        charts.bars("bars", {"<b>": 1, "none": 0}, "kB"),
        charts.bars("nothing", {"a": 0, "b": 0}),
        charts.histogram("h", [1.0, 2.0, 3.5], "ms"),
        charts.histogram("one", [4.0], "ms"),
        charts.histogram("empty", [], "ms"),
        charts.line("flat", [(0.0, 0.0), (1.0, 0.0)], "min", "n"),
        charts.line("high", [(0.0, 995.0), (1.0, 1000.0), (2.0, 998.5)], "min", "n"),
        charts.line("small", [(0.0, 0.0), (1.0, 0.004)], "min", "n"),
        charts.line("below", [(0.0, -3.0), (1.0, 2.0)], "min", "n"),
        charts.scatter("points", [(1.0, 1.0)], "arrival", "number"),
    ],
    ids=lambda chart: chart.title,
)
def test_a_chart_is_drawn_inside_its_frame(chart: charts.Chart):
    drawn = draw(chart)
    _read(drawn)
    assert "<b>" not in drawn
    height = float(re.search(r'viewBox="0 0 560 ([\d.]+)"', drawn)[1])  # type: ignore[index]
    for x in re.findall(r' (?:x|cx|x1|x2)="(-?[\d.]+)"', drawn):
        assert 0 <= float(x) <= 560
    for y in re.findall(r' (?:y|cy|y1|y2)="(-?[\d.]+)"', drawn):
        assert 0 <= float(y) <= height
    assert 'height="-' not in drawn


def test_the_page_stands_by_itself():
    row = BenchmarkRow("<i>speed</i>", "<1ms", 2, "ms", False, "virtual time")
    text = report({"broadcast": broadcast(20), "lifecycle": lifecycle(2, 2_000)}, [row])
    page = _read(text.removeprefix("<!doctype html>"))
    assert page.tags.count("svg") == 5
    assert page.tags.count("section") == 3
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert all(address.startswith("#") for address in page.addresses)
    assert "://" not in text
    assert "<i>" not in text
    assert "not met" in text
    assert "prefers-color-scheme: dark" in text


def test_a_network_cannot_write_into_the_page():
    from pusher_mock.network import Profile

    result = broadcast(1, network=Profile("<script>alert(1)</script>", "bad"))
    text = report({"<b>broadcast": result})
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text
    _read(text.removeprefix("<!doctype html>"))


def test_the_simulations_and_their_parameters():
    assert list(SIMULATIONS) == [
        "broadcast",
        "subscription",
        "lifecycle",
        "filters",
        "acks",
        "ordering",
        "reconnection",
        "heartbeat",
        "throughput",
        "memory",
        "endurance",
    ]
    for one in SIMULATIONS.values():
        assert one.function is getattr(simulate, one.name)
        for parameter in one.parameters:
            assert parameter.help.endswith("."), parameter
    acks = {one.name: one for one in SIMULATIONS["acks"].parameters}
    assert list(acks) == [
        "clients",
        "event_id",
        "ack_timeout_ms",
        "redeliveries",
        "redelivery_ack_loss",
    ]
    assert (acks["clients"].kind, acks["event_id"].kind) == (int, str)
    assert acks["redelivery_ack_loss"].help.startswith("share of the acknowledgements that is lost")
    assert SIMULATIONS["acks"].network == "realtime-events"
    assert SIMULATIONS["endurance"].network is None


def test_every_public_name_is_there():
    for name in simulate.__all__:
        assert getattr(simulate, name) is not None
    assert set(simulate.__all__) <= set(dir(simulate))
    with pytest.raises(AttributeError, match="no attribute 'storm'"):
        simulate.storm  # noqa: B018


def test_importing_it_is_cheap():
    code = "import sys, pusher_mock.simulate; print('pusher' in sys.modules, len(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False ")


def test_logs_of_others_stay_readable(caplog: pytest.LogCaptureFixture):
    import logging

    before = logging.getLogger("pysher.connection").level
    lifecycle(3, 40_000, network="stale_rate=1")
    assert [record for record in caplog.records if record.name.startswith("pysher")] == []
    assert logging.getLogger("pysher.connection").level == before
    assert logging.getLogger("pysher.connection").filters == []
