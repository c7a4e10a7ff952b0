"""The ini switches: a mock for every test, without naming a fixture."""

from __future__ import annotations

import pytest
from tests.suites import PLUGINS, suite

AUTOUSE = """
    [pytest]
    pusher_mock_autouse = true
"""

SINGLETONS = """
    import doctest
    import unittest

    TRIGGER = PUBLISHER.trigger  # a bound method, taken at import
    PUBLISHER.trigger("import", "done", {})

    SEEN = []

    @pytest.fixture(scope="module", autouse=True)
    def database():
        PUBLISHER.trigger("module", "migrated", {})

    @pytest.mark.parametrize("n", range(3))
    def test_fresh(n):
        TRIGGER("c", "e", n)
        current_mock().assert_triggered("c", "e", n, times=1)
        assert len(current_mock().published()) == 1
        SEEN.append(current_mock())

    class TestUnit(unittest.TestCase):
        def test_it(self):
            TRIGGER("c", "e", {})
            self.assertEqual(len(current_mock().published()), 1)
            SEEN.append(current_mock())

    def test_they_were_different():
        assert len(set(map(id, SEEN))) == 4

    def test_what_was_published_outside_of_tests(session_pusher_mock):
        assert current_mock() is session_pusher_mock
        assert [one.channel for one in session_pusher_mock.published()] == ["import", "module"]
"""


def test_every_test_gets_a_mock(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    suite(pytester, SINGLETONS).assert_outcomes(passed=6)


def test_on_several_processes(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    result = suite(pytester, SINGLETONS, run=("-n", "2", "--dist", "loadfile"))
    result.assert_outcomes(passed=6)


def test_it_is_off_unless_asked_for(pytester: pytest.Pytester):
    suite(
        pytester,
        """
        BEFORE = current_mock()

        def test_it():
            assert current_mock() is BEFORE
        """,
    ).assert_outcomes(passed=1)


def test_doctests(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    pytester.makepyfile(
        '''
        def publish():
            """Publish.

            >>> from pusher_mock import current_mock
            >>> publish()
            >>> len(current_mock().published())
            1
            """
            from pusher_mock import current_mock
            current_mock().server().trigger("c", "e", {})

        def again():
            """Again, in another mock.

            >>> publish()
            >>> from pusher_mock import current_mock
            >>> len(current_mock().published())
            1
            """
        '''
    )
    pytester.runpytest_inprocess(*PLUGINS, "--doctest-modules").assert_outcomes(passed=2)


def test_a_test_may_go_without(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    suite(
        pytester,
        """
        OUTSIDE = current_mock()

        @pytest.mark.pusher_mock(enabled=False)
        class TestWithout:
            def test_it(self):
                assert current_mock() is OUTSIDE

            @pytest.mark.pusher_mock(enabled=True, seed=9)
            def test_but_this_one(self):
                assert current_mock().core.seed == 9

        @pytest.mark.pusher_mock(enabled=False)
        def test_who_asks_gets_one_all_the_same(pusher_mock):
            assert current_mock() is pusher_mock is not OUTSIDE
        """,
    ).assert_outcomes(passed=3)


def test_marker_options_still_count(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    suite(
        pytester,
        """
        @pytest.mark.pusher_mock(seed=7)
        def test_it():
            assert current_mock().core.seed == 7
        """,
    ).assert_outcomes(passed=1)


def test_a_value_that_is_no_boolean(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE.replace("true", "perhaps"))
    result = pytester.runpytest_inprocess(*PLUGINS)
    assert result.ret != 0
    assert "perhaps" in result.stdout.str() + result.stderr.str()


def test_nothing_is_left_behind(pytester: pytest.Pytester):
    from pusher_mock import current_mock

    before = current_mock()
    pytester.makeini(AUTOUSE)
    suite(pytester, "def test_it(session_pusher_mock): pass").assert_outcomes(passed=1)
    assert current_mock() is before


def test_callback_errors_of_the_session(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE)
    result = suite(
        pytester,
        """
        def test_it(session_pusher_mock):
            session_pusher_mock.client(connect=True).subscribe("c").bind("e", lambda data: 1 / 0)
            session_pusher_mock.server().trigger("c", "e", {})
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


@pytest.mark.parametrize(
    ("ini", "marker", "failing"),
    [
        ("true", "", 1),
        ("false", "", 0),
        ("false", "@pytest.mark.pusher_mock(callback_errors=True)", 1),
        ("true", "@pytest.mark.pusher_mock(callback_errors=False)", 0),
    ],
)
def test_callback_errors_by_default(ini: str, marker: str, failing: int, pytester: pytest.Pytester):
    pytester.makeini(f"[pytest]\npusher_mock_callback_errors = {ini}\n")
    suite(
        pytester,
        f"""
        {marker}
        def test_it(pusher_server, pusher_client):
            pusher_client.subscribe("c").bind("e", lambda data: 1 / 0)
            pusher_server.trigger("c", "e", {{}})
        """,
    ).assert_outcomes(passed=1, errors=failing)


def test_the_session_keeps_its_callback_errors_when_told_to(pytester: pytest.Pytester):
    pytester.makeini(AUTOUSE.rstrip() + "\n    pusher_mock_callback_errors = false\n")
    suite(
        pytester,
        """
        def test_it(session_pusher_mock):
            session_pusher_mock.client(connect=True).subscribe("c").bind("e", lambda data: 1 / 0)
            session_pusher_mock.server().trigger("c", "e", {})
        """,
    ).assert_outcomes(passed=1)


def test_singletons_of_the_switch(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """An application that was imported before any mock, and no setting anywhere."""
    for name in ("USE_MOCKS", "PUSHER_KEY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini(AUTOUSE)
    suite(
        pytester,
        """
        from compat import pusher_server

        pusher_server.trigger("import", "done", {})

        def test_it():
            pusher_server.trigger("c", "e", {})
            current_mock().assert_triggered("c", "e", times=1)

        def test_credentials_of_the_application(pusher_settings, request):
            pusher_settings(app_id="12", key="mine", secret="mine too")
            heard = []
            request.getfixturevalue("pusher_client").subscribe("c").bind("e", heard.append)
            pusher_server.trigger("c", "e", "x")
            request.getfixturevalue("pusher_server").trigger("c", "e", "y")
            assert heard == ["x", "y"]

        @pytest.mark.pusher_mock(apps=[App("9", "k9", "s9")])
        def test_apps_of_the_marker_come_first(pusher_client, pusher_server):
            assert pusher_client.key == "k9"
            assert pusher_server._pusher_client.key == "k9"

        def test_while_the_switch_is_off(pusher_settings, request):
            pusher_settings(use_mocks=False, app_id="12", key="mine", secret="mine too")
            assert request.getfixturevalue("pusher_client").key == "mock-pusher-key"

        def test_while_the_settings_are_wrong(pusher_settings, request):
            pusher_settings(port="nowhere")
            assert request.getfixturevalue("pusher_client").key == "mock-pusher-key"

        @pytest.fixture
        def wrong(pusher_settings):
            pusher_settings(use_mocks=False)
        """,
    ).assert_outcomes(passed=5)


def test_a_suite_that_never_loads_the_switch(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    import sys

    monkeypatch.delitem(sys.modules, "compat.state", raising=False)
    suite(
        pytester,
        """
        def test_it(pusher_client):
            assert pusher_client.key == "mock-pusher-key"
        """,
    ).assert_outcomes(passed=1)
