"""Catching every call: by the ini switch, by the marker, and in unittest."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tests.suites import suite

from pusher_mock.core.current import is_active

INTERCEPT = """
    [pytest]
    pusher_mock_autouse = true
    pusher_mock_intercept = {doors}
"""

UNEDITED = """
    import pusher
    import httpx

    PUBLISHER = pusher.Pusher("1", "their-key", "their-secret", cluster="eu")
    TRIGGER = PUBLISHER.trigger
"""


def test_from_before_the_first_import_on(pytester: pytest.Pytester):
    pytester.makeini(INTERCEPT.format(doors="all"))
    pytester.makepyfile(app=dedent(UNEDITED) + 'PUBLISHER.trigger("import", "e", {})\n')
    suite(
        pytester,
        """
        import httpx
        import app

        def test_one(session_pusher_mock):
            assert session_pusher_mock.published()[0].channel == "import"

        def test_two():
            app.TRIGGER("c", "e", {})
            current_mock().assert_triggered("c", "e", times=1)
            assert len(current_mock().published()) == 1

        def test_three():
            assert httpx.get("https://api-eu.pusher.com/").status_code == 404
        """,
    ).assert_outcomes(passed=3)


def test_on_several_processes(pytester: pytest.Pytester):
    pytester.makeini(INTERCEPT.format(doors="all"))
    result = suite(
        pytester,
        UNEDITED
        + """
    @pytest.mark.parametrize("n", range(4))
    def test_it(n):
        TRIGGER("c", "e", n)
        current_mock().assert_triggered("c", "e", n, times=1)
        """,
        run=("-n", "2"),
    )
    result.assert_outcomes(passed=4)


def test_a_refused_call_fails_the_test_that_made_it(pytester: pytest.Pytester):
    pytester.makeini(INTERCEPT.format(doors="sdk"))
    result = suite(
        pytester,
        UNEDITED
        + """
    def swallow():
        try:
            httpx.get("https://api-eu.pusher.com/apps/1/channels")
        except Exception:
            pass

    def test_with_a_mock():
        swallow()

    @pytest.mark.pusher_mock(enabled=False)
    def test_without_a_mock():
        swallow()

    def test_nothing():
        TRIGGER("c", "e", {})
        """,
    )
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*NotIntercepted: GET https://api-eu.pusher.com/apps/1/channels*"])


def test_by_the_marker(pytester: pytest.Pytester):
    result = suite(
        pytester,
        UNEDITED
        + """
    @pytest.mark.pusher_mock(intercept=True)
    def test_all(pusher_mock):
        TRIGGER("c", "e", {})
        pusher_mock.assert_triggered("c", "e", times=1)

    @pytest.mark.pusher_mock(intercept={"doors": "httpx", "hosts": ["soketi.test"]})
    def test_some(pusher_mock):
        assert httpx.get("http://soketi.test/apps/1/channels").status_code == 401

    @pytest.mark.pusher_mock(intercept="http")
    def test_wrong(pusher_mock):
        pass

    @pytest.mark.pusher_mock(intercept={"door": "sdk"})
    def test_wrong_as_well(pusher_mock):
        pass
        """,
    )
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(["*there is no door 'http'*", "*unexpected keyword*'door'*"])


@pytest.mark.parametrize("doors", ["", "sdk telnet", "yes"])
def test_doors_that_there_are_not(pytester: pytest.Pytester, doors: str):
    pytester.makeini(INTERCEPT.format(doors=doors))
    result = suite(pytester, "def test_it(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert not is_active()
    result.stderr.fnmatch_lines(["*there is no door*name sdk,*" if doors else "*names no door*"])


@pytest.mark.parametrize("doors", ["all", "sdk, httpx requests,aiohttp", "all sdk"])
def test_doors_with_commas(pytester: pytest.Pytester, doors: str):
    pytester.makeini(INTERCEPT.format(doors=doors))
    suite(
        pytester,
        UNEDITED
        + """
    def test_it():
        TRIGGER("c", "e", {})
        current_mock().assert_triggered("c", "e")
        """,
    ).assert_outcomes(passed=1)


def test_unittest(pytester: pytest.Pytester):
    suite(
        pytester,
        UNEDITED
        + """
    import unittest
    from pusher_mock import PusherMockMixin

    class Tests(PusherMockMixin, unittest.TestCase):
        pusher_mock_intercept = True

        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            TRIGGER("class", "e", {})

        def test_it(self):
            TRIGGER("c", "e", {})
            self.pusher_mock.assert_triggered("c", "e", times=1)
            self.class_pusher_mock.assert_triggered("class", "e", times=1)

    class Shared(PusherMockMixin, unittest.TestCase):
        pusher_mock_intercept = "sdk"
        pusher_mock_scope = "class"

        def test_it(self):
            TRIGGER("c", "e", {})
            self.pusher_mock.assert_triggered("c", "e", times=1)

    class Nothing(PusherMockMixin, unittest.TestCase):
        pusher_mock_intercept = None

        def test_it(self):
            from pusher_mock.intercept import routing

            assert not routing.active
        """,
    ).assert_outcomes(passed=3)
