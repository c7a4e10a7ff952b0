"""``pusher-mock simulate``."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import click
import pytest

from pusher_mock.cli import simulate as command
from pusher_mock.cli import simulate_output as output
from pusher_mock.cli.page_file import PageFile
from pusher_mock.simulate import SIMULATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from pusher_mock.simulate import BenchmarkRow


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_help(run: Any):
    text = run("simulate", "-h").output
    for word in ("broadcast", "endurance", "table", "all", "Examples:", "Exit codes:"):
        assert word in text
    one = run("simulate", "acks", "--help").output
    assert "--redelivery-ack-loss FLOAT" in one
    assert "[default: 30000" in one
    assert "pusher-mock simulate acks --seed 1" in one
    assert "--network" not in run("simulate", "endurance", "-h").output


def test_a_table(run: Any):
    result = run("simulate", "broadcast", "--recipients", "3", "--network", "perfect")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "Broadcast: 3/3 delivered in 0ms, 3 acknowledged"
    assert "success count" in result.output
    assert any(line.split() == ["total", "recipients", "3"] for line in lines)
    assert any(line.split() == ["network", "perfect"] for line in lines)


def test_json(run: Any):
    result = run("simulate", "ordering", "--events", "20", "--seed", "7", "--json")
    told = json.loads(result.stdout)
    assert (told["simulation"], told["seed"], told["published_events"]) == ("ordering", 7, 20)
    subscribed = json.loads(run("simulate", "subscription", "--json").stdout)
    assert subscribed["filters"] == ""
    assert subscribed["events"] == ["transaction"]


def test_one_that_makes_its_own_weather(run: Any):
    result = run("simulate", "endurance", "--connections", "2", "--minutes", "1", "--quiet")
    assert result.output.startswith("Endurance: 2 connections for 1 min, ")


def test_quiet(run: Any):
    result = run("simulate", "heartbeat", "--network", "perfect", "--quiet")
    assert result.output == "Heartbeats: 2/2 answered, health 100.00%\n"


def test_html(run: Any, tmp_path: Path):
    page = tmp_path / "report.html"
    result = run("simulate", "filters", "--subscriptions", "5", "--html", str(page), "--quiet")
    assert result.exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["broadcast", "--recipients", "0"], "recipients takes a number from 1, not 0"),
        (["broadcast", "--network", "stormy"], "no network profile 'stormy'"),
        (["broadcast", "--network", "drop=1"], "conditions of a network are written like"),
        (["broadcast", "--recipients", "many"], "'many' is not a valid integer"),
        (["storm"], "No such command 'storm'"),
    ],
)
def test_wrong(run: Any, words: list[str], said: str):
    result = run("simulate", *words)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two simulations, so that `all` is soon over."""
    few = {name: SIMULATIONS[name] for name in ("subscription", "filters")}
    monkeypatch.setattr(command, "SIMULATIONS", few)


@pytest.mark.usefixtures("small")
def test_all(run: Any, tmp_path: Path):
    page = tmp_path / "report.html"
    result = run("simulate", "all", "--html", str(page))
    assert result.output.count("simulated") == 2
    assert page.read_text(encoding="utf-8").count("<section") == 2
    told = json.loads(run("simulate", "all", "--json").stdout)["simulations"]
    assert [one["simulation"] for one in told] == ["subscription", "filters"]


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulations that must not run."""

    def refuse(*, seed: int, progress: object, **options: Any) -> None:
        raise AssertionError("it runs")

    monkeypatch.setattr("pusher_mock.simulate.filtering.filters", refuse)
    monkeypatch.setattr("pusher_mock.simulate.benchmark", refuse)
    monkeypatch.setattr(command, "SIMULATIONS", {"filters": SIMULATIONS["filters"]})


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere/x.html", "No such file or directory"),
        ("file/x.html", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("dangling", "No such file or directory"),
        ("", "is a directory"),
    ],
)
@pytest.mark.parametrize("which", ["all", "filters", "table"])
def test_a_page_that_cannot_be_written_is_told_first(
    run: Any, tmp_path: Path, name: str, said: str, which: str
):
    (tmp_path / "file").write_text("there", encoding="utf-8")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "x")
    result = run("simulate", which, "--html", f"{tmp_path}/{name}")
    assert result.exit_code == 2
    assert "Invalid value for '--html'" in result.stderr
    assert said in result.stderr
    assert result.stdout == ""
    assert sorted(one.name for one in tmp_path.iterdir()) == ["dangling", "file"]


@pytest.mark.usefixtures("small")
def test_a_run_that_fails_leaves_files_as_they_are(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    there, new = tmp_path / "there.html", tmp_path / "new.html"
    there.write_text("before", encoding="utf-8")

    def fail(*given: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr("pusher_mock.simulate.report", fail)
    for page in (there, new):
        result = run("simulate", "all", "--html", str(page))
        assert result.exit_code == 3
    assert there.read_text(encoding="utf-8") == "before"
    assert not new.exists()


@pytest.mark.usefixtures("small")
def test_a_page_that_cannot_be_written_any_more(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "reports"
    folder.mkdir()

    def report(*given: object) -> str:
        folder.rmdir()
        return "page"

    monkeypatch.setattr("pusher_mock.simulate.report", report)
    result = run("simulate", "all", "--html", str(folder / "x.html"))
    assert result.exit_code == 2
    assert result.stderr.endswith("x.html cannot be written: No such file or directory\n")


@pytest.mark.usefixtures("small")
def test_a_page_where_there_is_one_or_through_a_link_or_a_device(run: Any, tmp_path: Path):
    page, link = tmp_path / "report.html", tmp_path / "link.html"
    page.write_text("before", encoding="utf-8")
    link.symlink_to(page)
    assert run("simulate", "all", "--html", str(link), "--quiet").exit_code == 0
    assert link.is_symlink()
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("simulate", "all", "--html", "/dev/null", "--quiet").exit_code == 0
    assert run("simulate", "all", "--html", "-", "--quiet").stdout.startswith("<!doctype html>")


def test_nothing_is_looked_at_while_a_shell_completes(tmp_path: Path):
    with click.Context(click.Command("x"), resilient_parsing=True) as context:
        found = PageFile().convert(str(tmp_path / "nowhere" / "x"), None, context)
    assert found.endswith("x")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[BenchmarkRow]:
    """The table without the time that it takes to measure it."""
    from pusher_mock import simulate

    found = [simulate.BenchmarkRow("Latency", "<9ms", 5.5, "ms", True, "virtual time")]

    def benchmark(*, seed: int, progress: object) -> list[BenchmarkRow]:
        return found

    monkeypatch.setattr(simulate, "benchmark", benchmark)
    return found


def test_the_table(run: Any, rows: list[BenchmarkRow], tmp_path: Path):
    page = tmp_path / "table.html"
    result = run("simulate", "table", "--html", str(page))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "Latency  <9ms  5.5 ms  met  virtual time",
        "1 of 1 targets met",
    ]
    assert "virtual time" in page.read_text(encoding="utf-8")
    assert json.loads(run("simulate", "table", "--json").stdout)["rows"][0]["measured"] == 5.5


def test_a_target_that_is_not_met(run: Any, rows: list[BenchmarkRow]):
    from pusher_mock.simulate import BenchmarkRow

    rows.append(BenchmarkRow("Health", ">95%", 90, "%", False, "pings"))
    result = run("simulate", "table", "--quiet")
    assert (result.exit_code, result.output) == (1, "1 of 2 targets met\n")
    assert "not met" in run("simulate", "table").output


def test_a_bar_where_somebody_sees_it(monkeypatch: pytest.MonkeyPatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with command._progress("broadcast", shown=True) as told:
        assert told is not None
        told(0.5)
        told(0.25)  # a step back is none
        told(1.0)
    assert "broadcast" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    with command._progress("broadcast", shown=False) as told:
        assert told is None


def test_a_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    output._print("broadcast", [("clients", "5"), ("\x1b[2J", "7 [red]ms[/red]")], right=1)
    text = terminal.getvalue()
    assert "clients" in text
    assert "─" in text or "━" in text
    assert "\x1b[2J" not in text
    assert "[red]" in text


def test_a_terminal_without_rich(monkeypatch: pytest.MonkeyPatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    output._print("broadcast", [("clients", "5"), ("ms", "17")], right=1)
    assert terminal.getvalue() == "clients   5\nms       17\n"


@pytest.mark.usefixtures("small")
def test_a_page_into_a_pipe(run: Any):
    out, into = os.pipe()
    pages: list[str] = []
    with open(out, encoding="utf-8") as page:
        reader = threading.Thread(target=lambda: pages.append(page.read()))
        reader.start()  # a page is more than a pipe holds
        result = run("simulate", "all", "--html", f"/dev/fd/{into}", "--quiet")
        os.close(into)
        reader.join(10)
    assert result.exit_code == 0
    assert pages[0].startswith("<!doctype html>")
