"""What a failing test shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.suites import suite

if TYPE_CHECKING:
    import pytest

FAILING = """
    def test_fails(pusher_mock, pusher_server, pusher_client):
        pusher_client.subscribe("task-7")
        pusher_server.trigger("task-7", "moved", {"to": 1})
        pusher_server.trigger("task-7", "moved", {"to": 2}, pusher_client.connection.socket_id)
        with pytest.raises(Exception):
            pusher_server.trigger("task-7", "x" * 201, {}) if False else PUBLISHER_TOO_MUCH()
        assert False

    def PUBLISHER_TOO_MUCH():
        PUBLISHER.trigger("task-7", "big", "x" * 10241)
"""


def test_the_events_of_a_failing_test(pytester: pytest.Pytester):
    result = suite(pytester, FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- pusher-mock: events of this test -*",
            "2 published:",
            '  at 0 ms: moved on task-7 with {"to": 1}',
            '  at 0 ms: moved on task-7 with {"to": 2} excluding *',
            "1 refused:",
            "  at 0 ms: HTTP 413 The data content of this event exceeds *",
            "subscribed: task-7 (1)",
        ]
    )


def test_on_another_process(pytester: pytest.Pytester):
    result = suite(pytester, FAILING, run=("-n", "1"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- pusher-mock: events of this test -*", "2 published:"])


def test_it_can_be_switched_off(pytester: pytest.Pytester):
    pytester.makeini("[pytest]\npusher_mock_report = false\n")
    result = suite(pytester, FAILING)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*pusher-mock: events*")


def test_nothing_is_shown_when_nothing_happened(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_unused(pusher_mock):
            assert False

        def test_without():
            assert False

        def test_passes(pusher_server):
            pusher_server.trigger("c", "e", {})
        """,
    )
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.no_fnmatch_line("*pusher-mock: events*")


def test_callback_errors_and_nothing_twice(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_server, pusher_client):
            pusher_client.subscribe("c").bind("e", lambda data: 1 / 0)
            pusher_server.trigger("c", "e", {})
            assert False
        """,
    )
    result.assert_outcomes(failed=1, errors=1)
    text = result.stdout.str()
    assert text.count("pusher-mock: events of this test") == 1
    result.stdout.fnmatch_lines(
        [
            "1 raised:",
            "  ZeroDivisionError('division by zero') by the callback for e of channel c on "
            "mock-connection-1",
        ]
    )


def test_a_failure_at_the_end(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_server, pusher_client):
            pusher_client.subscribe("c").bind("e", lambda data: 1 / 0)
            pusher_server.trigger("c", "e", {})
        """,
    )
    result.assert_outcomes(passed=1, errors=1)
    # By then the mock is closed and its errors are raised; what was published still counts.
    result.stdout.fnmatch_lines(["*- pusher-mock: events of this test -*", "1 published:"])


def test_a_fixture_that_fails(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.fixture
        def seeded(pusher_server):
            pusher_server.trigger("seed", "planted", {})
            assert False

        def test_it(seeded):
            pass
        """,
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- pusher-mock: events of this test -*", "  *planted on seed*"])


def test_a_wider_mock(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        class TestClass:
            def test_passes(self, class_pusher_mock):
                PUBLISHER.trigger("c", "before", {})

            def test_fails(self, class_pusher_mock):
                PUBLISHER.trigger("c", "now", {})
                assert False

            def test_of_two_the_inner_one(self, class_pusher_mock, pusher_mock):
                PUBLISHER.trigger("c", "inside", {})
                assert False
        """,
    )
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*- pusher-mock: events of this class -*",
            "2 published:",
            "*- pusher-mock: events of this test -*",
            "1 published:",
            "  at 0 ms: inside on c with {}",
        ]
    )


def test_long_stories_are_cut(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.mark.pusher_mock(journal=60)
        def test_it(pusher_mock):
            for n in range(50):
                PUBLISHER.trigger("c", "e", n)
            assert False
        """,
    )
    result.stdout.fnmatch_lines(
        ["50 published:", "  … 30 earlier ones", "  *with 30", "  *with 49"]
    )


def test_older_inputs(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.mark.pusher_mock(journal=2)
        def test_it(pusher_mock):
            for n in range(5):
                PUBLISHER.trigger("c", "e", n)
            assert False
        """,
    )
    result.stdout.fnmatch_lines(["2 published:", "* older inputs have dropped out of the journal"])


def test_refused_subscriptions_and_errors_outside_of_channels(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_mock):
            client = pusher_mock.client(connect=True, secret="wrong")
            client.connection.bind("pusher:error", lambda data: 1 / 0)
            client.subscribe("private-c")
            assert False
        """,
    )
    result.stdout.fnmatch_lines(
        [
            "nothing was published",
            "1 refused:",
            "  at 0 ms: mock-connection-1 *pusher:error*Invalid signature*",
            "1 raised:",
            "  ZeroDivisionError('division by zero') by the callback for pusher:error on "
            "mock-connection-1",
        ]
    )


def test_a_failure_without_an_exception(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.mark.xfail(strict=True)
        def test_it(pusher_server):
            pusher_server.trigger("c", "e", {})
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- pusher-mock: events of this test -*"])


def test_a_test_that_runs_again_tells_again(pytester: pytest.Pytester):
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    result = suite(
        pytester,
        """
        def test_it(pusher_server):
            pusher_server.trigger("c", "e", {})
            assert False
        """,
    )
    assert result.stdout.str().count("pusher-mock: events of this test") == 2
