"""The marker ``pusher_mock``, and what callbacks raise: pytest itself runs small suites."""

from __future__ import annotations

import pytest

from .suites import PLUGINS, suite

# Markers ----------------------------------------------------------------------------------------


def test_markers_and_the_nearest_wins(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        pytestmark = pytest.mark.pusher_mock(history=1, seed=1)

        def test_module(pusher_mock):
            assert (pusher_mock.core.seed, history(pusher_mock)) == (1, 1)

        @pytest.mark.pusher_mock(history=2)
        def test_function(pusher_mock):
            assert (pusher_mock.core.seed, history(pusher_mock)) == (1, 2)

        @pytest.mark.pusher_mock(history=3, seed=3)
        class TestClass:
            def test_class(self, pusher_mock):
                assert (pusher_mock.core.seed, history(pusher_mock)) == (3, 3)

            @pytest.mark.pusher_mock(seed=4)
            def test_method(self, pusher_mock):
                assert (pusher_mock.core.seed, history(pusher_mock)) == (4, 3)

            @pytest.mark.pusher_mock(seed=5)
            @pytest.mark.pusher_mock(seed=6)
            def test_of_two_decorators_the_lower(self, pusher_mock):
                assert pusher_mock.core.seed == 6

        def history(mock):
            for number in range(5):
                mock.server().trigger("c", "e", number)
            return len(mock.state.get_channel_messages("c"))
        """,
    )
    result.assert_outcomes(passed=5)


def test_every_option_of_a_mock(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.mark.pusher_mock(apps=[App("9", "k9", "s9")], strict=True, journal=7)
        def test_it(pusher_mock, pusher_server, pusher_client):
            assert pusher_mock.journal.size == 7
            pusher_server.trigger("c", "e", {})
            assert pusher_mock.published()[0].app == "9"
            with pytest.raises(Exception, match="Unknown auth_key"):
                PUBLISHER.trigger("c", "e", {})
        """,
    )
    result.assert_outcomes(passed=1)


def test_a_marked_test_has_its_mock_without_asking(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        import unittest

        BEFORE = current_mock()

        @pytest.fixture(scope="session", autouse=True)
        def database():
            PUBLISHER.trigger("session", "migrated", {})

        @pytest.fixture
        def task():
            PUBLISHER.trigger("task", "created", {})

        @pytest.mark.pusher_mock(seed=7)
        def test_marked(task, database):
            assert current_mock() is not BEFORE
            assert current_mock().core.seed == 7
            assert [one.channel for one in current_mock().published()] == ["task"]

        @pytest.mark.pusher_mock
        class TestCase(unittest.TestCase):
            def test_it(self):
                assert current_mock() is not BEFORE
                PUBLISHER.trigger("c", "e", {})
                current_mock().assert_triggered("c", "e", times=1)

        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.pusher_mock), 3])
        def test_one_of_three(n, task):
            assert (current_mock() is not BEFORE) == (n == 2)

        def test_not_marked():
            assert current_mock() is BEFORE
        """,
    )
    result.assert_outcomes(passed=6)


def test_whatever_is_collected_may_be_marked(pytester: pytest.Pytester):
    pytester.makeconftest(
        """
        import pytest

        class Item(pytest.Item):
            def runtest(self):
                pass

        class File(pytest.File):
            def collect(self):
                item = Item.from_parent(self, name="it")
                item.add_marker(pytest.mark.pusher_mock)
                yield item

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".own":
                return File.from_parent(parent, path=file_path)
        """
    )
    pytester.makefile(".own", "")
    pytester.runpytest_inprocess(*PLUGINS).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("(10)", "@pytest.mark.pusher_mock takes keyword arguments only, such as history=10"),
        ("(histroy=10)", "@pytest.mark.pusher_mock: *unexpected keyword argument 'histroy'"),
        ("(history=-1)", "*history takes a number of messages from 0, not -1"),
        ("(journal='x')", "@pytest.mark.pusher_mock: *not supported between instances of*"),
        ("(apps=[])", "*a mock needs at least one app"),
    ],
)
def test_markers_that_are_wrong(marker: str, text: str, pytester: pytest.Pytester):
    result = suite(
        pytester,
        f"""
        @pytest.mark.pusher_mock{marker}
        def test_it(pusher_mock):
            raise AssertionError("unreachable")

        def test_the_next(pusher_mock):
            pass
        """,
    )
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines([f"*{text}*"])


def test_the_marker_is_registered(pytester: pytest.Pytester):
    result = pytester.runpytest_inprocess(*PLUGINS, "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.pusher_mock(callback_errors=True, ?*options): *"])
    suite(
        pytester,
        """
        @pytest.mark.pusher_mock
        def test_it():
            pass
        """,
        run=("--strict-markers",),
    ).assert_outcomes(passed=1)


# Callback errors --------------------------------------------------------------------------------

LISTENER = """
    def listen(action):
        client = MockPusherClient("k", secret="s")
        client.connect()
        client.subscribe("c").bind("e", action)
        PUBLISHER.trigger("c", "e", "x")

    def check(data):
        assert data == "y", "not what was expected"

    def broken(data):
        raise LookupError("broken callback")
"""


def test_a_failing_assert_in_a_callback_fails_the_test(pytester: pytest.Pytester):
    result = suite(
        pytester,
        LISTENER,
        """
        def test_it(pusher_mock):
            listen(check)
            assert len(pusher_mock.errors) == 1

        def test_the_next(pusher_mock):
            assert pusher_mock.errors == []
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "*not what was expected*",
            "*raised by the callback for e of channel c on mock-connection-1; pysher would have*",
        ]
    )


def test_several_are_shown_together(pytester: pytest.Pytester):
    result = suite(
        pytester,
        LISTENER,
        """
        def test_it(pusher_mock):
            listen(check)
            listen(broken)
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*callbacks raised (*", "*broken callback*"])


@pytest.mark.parametrize("marker", ["", "(callback_errors=True)"])
def test_the_test_may_expect_them(marker: str, pytester: pytest.Pytester):
    result = suite(
        pytester,
        LISTENER,
        f"""
        @pytest.mark.pusher_mock{marker}
        def test_it(pusher_mock):
            listen(broken)
            with pytest.raises(LookupError, match="broken callback"):
                pusher_mock.raise_errors()

        @pytest.mark.pusher_mock(callback_errors=False)
        def test_switched_off(pusher_mock):
            listen(broken)
        """,
    )
    result.assert_outcomes(passed=2)


def test_they_are_shown_beside_a_failure_of_the_test(pytester: pytest.Pytester):
    result = suite(
        pytester,
        LISTENER,
        """
        def test_it(pusher_mock):
            listen(broken)
            assert pusher_mock.published() == []
        """,
    )
    result.assert_outcomes(failed=1, errors=1)
