"""Snapshots of the journal, and failures in colour."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from pusher_mock.pytest_reports import paint

from .suites import PLUGINS, forget_chance, suite


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_chance(monkeypatch)


# Colours ----------------------------------------------------------------------------------------

UNMET = """
    def test_fails(pusher_mock, pusher_server):
        pusher_mock.recording_subscriber("c")
        pusher_server.trigger("c", "e", {"n": 1})
        pusher_mock.expect_delivered("c", "e", {"n": 2})

    def test_the_text_is_plain(pusher_mock):
        with pytest.raises(AssertionError) as failed:
            pusher_mock.expect_delivered("c", "e")
        assert "\\x1b" not in str(failed.value)
"""


def test_in_colour(pytester: pytest.Pytester):
    result = suite(pytester, UNMET, run=("--color=yes", "--junitxml=report.xml"))
    text = result.stdout.str()
    assert "data.n: \x1b[31m1\x1b[0m ≠ \x1b[32m2\x1b[0m" in text
    assert "\x1b[2m0 ms\x1b[0m  \x1b[32mdelivered\x1b[0m" in text
    report = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert "data.n: 1 ≠ 2" in report
    assert "#x1B[32m2" not in report


@pytest.mark.parametrize("options", [("--color=no",), ("--color=yes", "--tb=line")])
def test_plain(options: tuple[str, ...], pytester: pytest.Pytester):
    text = suite(pytester, UNMET, run=options).stdout.str()
    assert "\x1b[32m2" not in text
    if "--tb=line" not in options:
        assert "data.n: 1 ≠ 2" in text


@pytest.mark.parametrize("style", ["native", "short", "long"])
def test_every_style_of_traceback(style: str, pytester: pytest.Pytester):
    result = suite(pytester, UNMET, run=("--color=yes", f"--tb={style}"))
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*data.n: *1*≠*2*"])


def test_what_has_no_lines_is_left_alone():
    for shown in ("text", None):
        report: Any = SimpleNamespace(longrepr=shown)
        paint(report)
        assert report.longrepr is shown


# Snapshots --------------------------------------------------------------------------------------

KEPT = """
    NUMBER = {number}

    @pytest.mark.parametrize("name", ["a", "b/c"])
    def test_it(name, pusher_snapshot, pusher_server):
        pusher_server.trigger("c", "e", NUMBER)
        pusher_snapshot()

    class TestAll:
        def test_other(self, pusher_snapshot):
            with PusherMock() as mock:
                PUBLISHER.trigger("c", "f", 1)
                pusher_snapshot(mock, name="other")
"""


def test_a_snapshot(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    suite(pytester, KEPT.format(number=1)).assert_outcomes(passed=3)
    folder = pytester.path / "__snapshots__"
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "test_a_snapshot.TestAll.test_other.other.journal"
    assert names[1] == "test_a_snapshot.test_it[a].journal"
    assert re.fullmatch(r"test_a_snapshot\.test_it\[b-c\]-[0-9a-f]{8}\.journal", names[2])
    assert "    published c e 1\n" in (folder / names[1]).read_text(encoding="utf-8")

    result = suite(pytester, KEPT.format(number=2))
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "E   *the journal differs from test_a_snapshot.test_it?a?.journal; if it is right: "
            "pytest --pusher-mock-update*",
            "E       -    published c e 1",
            "E       +    published c e 2",
        ]
    )
    suite(pytester, KEPT.format(number=2), run=("--pusher-mock-update",)).assert_outcomes(passed=3)
    monkeypatch.setenv("CI", "1")
    suite(pytester, KEPT.format(number=2)).assert_outcomes(passed=3)
    (folder / names[0]).unlink()
    result = suite(pytester, KEPT.format(number=2))
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*there is no snapshot *, and in CI none is made: commit it*"])


def test_the_options_are_listed(pytester: pytest.Pytester):
    result = pytester.runpytest_inprocess(*PLUGINS, "--help")
    result.stdout.fnmatch_lines(
        ["pusher-mock:", "*--pusher-mock-seed=N*", "*--pusher-mock-network=WEATHER*"]
    )


def test_a_clock_for_each_test(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        import pytest
        from pusher_mock import ManualClock


        class Jumping(ManualClock):
            def __init__(self):
                super().__init__(autojump=True)


        @pytest.mark.pusher_mock(clock=Jumping)
        @pytest.mark.parametrize("number", [1, 2])
        def test_it(pusher_mock, number):
            assert pusher_mock.clock.now() == 0
            pusher_mock.clock.advance(10)


        @pytest.mark.pusher_mock(network="losy")
        def test_wrong(pusher_mock):
            pass
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*there is no network profile 'losy'*"])
    result.stdout.no_fnmatch_line("*Traceback*")
