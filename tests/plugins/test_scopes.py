"""Mocks of a class, a module and a session, and what is current when several are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.suites import suite

if TYPE_CHECKING:
    import pytest

NESTED = """
    SEEN = {}

    def test_session(session_pusher_mock):
        assert current_mock() is session_pusher_mock
        SEEN["session"] = session_pusher_mock

    def test_module(module_pusher_mock, session_pusher_mock):
        assert current_mock() is module_pusher_mock is not session_pusher_mock
        PUBLISHER.trigger("module", "one", {})

    @pytest.mark.pusher_mock(history=3)
    class TestClass:
        def test_first(self, class_pusher_mock, module_pusher_mock):
            assert current_mock() is class_pusher_mock
            PUBLISHER.trigger("class", "one", {})

        def test_second(self, class_pusher_mock):
            PUBLISHER.trigger("class", "two", {})
            assert [one.event for one in class_pusher_mock.published()] == ["one", "two"]

        def test_on_top(self, pusher_mock, class_pusher_mock):
            assert current_mock() is pusher_mock
            PUBLISHER.trigger("function", "one", {})
            assert len(pusher_mock.published()) == 1
            assert len(class_pusher_mock.published()) == 2

        def test_the_outer_one_is_back(self, class_pusher_mock):
            assert current_mock() is class_pusher_mock
            for n in range(5):
                PUBLISHER.trigger("class", "many", n)
            assert len(class_pusher_mock.state.get_channel_messages("class")) == 3
            SEEN["class"] = class_pusher_mock

    def test_after_the_class(module_pusher_mock):
        assert current_mock() is module_pusher_mock
        assert SEEN["class"].core.closed
        assert [one.channel for one in module_pusher_mock.published()] == ["module"]

    def test_without(session_pusher_mock):
        assert SEEN["session"] is session_pusher_mock
        assert not session_pusher_mock.published()
"""


def test_nested(pytester: pytest.Pytester):
    suite(pytester, NESTED).assert_outcomes(passed=8)


def test_nested_with_a_mock_for_every_test(pytester: pytest.Pytester):
    """A test that names a wider mock runs on that one; the others get their own on top."""
    pytester.makeini("[pytest]\npusher_mock_autouse = true\n")
    suite(
        pytester,
        NESTED,
        """
        @pytest.fixture
        def wide(module_pusher_mock):
            return module_pusher_mock

        def test_a_fixture_that_names_it_does_not_count(wide):
            assert current_mock() is not wide
            PUBLISHER.trigger("mine", "one", {})
            assert len(current_mock().published()) == 1

        @pytest.mark.usefixtures("module_pusher_mock")
        def test_usefixtures_does(wide):
            assert current_mock() is wide
        """,
    ).assert_outcomes(passed=10)


def test_callback_errors_of_a_wider_mock_are_raised_at_its_end(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        class TestClass:
            def test_breaks(self, class_pusher_mock):
                client = class_pusher_mock.client(connect=True, key="k", secret="s")
                client.subscribe("c").bind("e", lambda data: 1 / 0)
                PUBLISHER.trigger("c", "e", {})

            def test_goes_on(self, class_pusher_mock):
                assert len(class_pusher_mock.errors) == 1

        def test_afterwards():
            pass
        """,
        run=("-v",),
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*test_goes_on ERROR*", "*ZeroDivisionError*"])


def test_options_of_a_module(pytester: pytest.Pytester):
    suite(
        pytester,
        """
        pytestmark = pytest.mark.pusher_mock(seed=5)

        def test_it(module_pusher_mock):
            assert module_pusher_mock.core.seed == 5
        """,
    ).assert_outcomes(passed=1)
