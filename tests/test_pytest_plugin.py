"""The plugin, run by pytest itself on small suites."""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import pytest

from pusher_mock import MockPusherServer, PusherMock, current_mock

from .suites import APP, suite

# Fixtures ---------------------------------------------------------------------------------------


def test_the_fixtures_in_this_very_run(
    pusher_mock: PusherMock, pusher_server: Any, pusher_client: Any, pusher_clock: Any
):
    assert current_mock() is pusher_mock
    assert isinstance(pusher_server, MockPusherServer)
    assert pusher_client.connection.state == "connected"
    assert pusher_client.connection.connection_id == "mock-connection-1"
    assert pusher_clock is pusher_mock.clock
    heard: list[str] = []
    pusher_client.subscribe("private-c").bind("e", heard.append)
    pusher_server.trigger("private-c", "e", "x")
    assert heard == ["x"]


def test_a_fresh_mock_for_every_test(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        SEEN = []

        @pytest.mark.parametrize("n", range(3))
        def test_it(n, pusher_mock, pusher_server, pusher_client):
            assert current_mock() is pusher_mock
            assert pusher_server.mock is pusher_client.mock is pusher_mock
            assert pusher_mock.published() == []
            assert pusher_client.connection.socket_id
            PUBLISHER.trigger("c", "e", {})
            pusher_mock.assert_triggered("c", "e", times=1)
            SEEN.append(pusher_mock)
            SEEN.append(pusher_client.connection)

        def test_afterwards():
            mocks, connections = SEEN[::2], SEEN[1::2]
            assert len(set(map(id, mocks))) == 3
            assert all(mock.core.closed for mock in mocks)
            assert {one.state for one in connections} == {"disconnected"}
            assert current_mock() not in mocks
            assert len({one.socket_id for one in connections}) == 1  # the same seed
        """,
    )
    result.assert_outcomes(passed=4)


def test_a_failing_test_ends_its_mock_too(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        SEEN = []

        def test_fails(pusher_mock):
            SEEN.append(pusher_mock)
            assert False

        def test_afterwards():
            assert SEEN[0].core.closed
            assert current_mock() is not SEEN[0]
        """,
    )
    result.assert_outcomes(passed=1, failed=1)


def test_a_mock_that_the_test_deactivated(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        SEEN = []

        def test_it(pusher_mock):
            SEEN.append(pusher_mock)
            pusher_mock.deactivate()

        def test_afterwards():
            assert SEEN[0].core.closed
        """,
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*UsageError: this mock is not active*"])


# A good neighbour -------------------------------------------------------------------------------

PLAIN = """
    @pytest.mark.parametrize("name", ["a", "b"])
    class TestIds:
        def test_one(self, name, pusher_mock):
            PUBLISHER.trigger("c", name, {})
            pusher_mock.assert_triggered("c", name, times=1)

        @pytest.mark.parametrize("n", range(10))
        def test_two(self, name, n, pusher_client):
            assert pusher_client.connection.state == "connected"
"""


def test_test_ids_are_left_alone(pytester: pytest.Pytester):
    result = suite(pytester, PLAIN, run=("--collect-only", "-q"))
    name = "test_test_ids_are_left_alone.py::TestIds"
    result.stdout.fnmatch_lines(
        [f"{name}::test_one?a?", f"{name}::test_one?b?", f"{name}::test_two?0-a?"]
    )
    result.stdout.no_fnmatch_line("*pusher_mock]*")


@pytest.mark.parametrize("seed", ["1", "2"])
def test_in_any_order(seed: str, pytester: pytest.Pytester):
    pytest.importorskip("pytest_randomly")
    pytester.makepyfile(textwrap.dedent(APP) + textwrap.dedent(PLAIN))
    result = pytester.runpytest_inprocess(
        "-p", "no:hypothesispytest", "-p", "no:asyncio", f"--randomly-seed={seed}"
    )
    result.assert_outcomes(passed=22)
    result.stdout.fnmatch_lines([f"Using --randomly-seed={seed}"])


def test_on_several_processes(pytester: pytest.Pytester):
    pytest.importorskip("xdist")
    suite(pytester, PLAIN, run=("-n", "2")).assert_outcomes(passed=22)


def test_it_can_be_left_out(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_it(pusher_mock):
            pass

        def test_other():
            PUBLISHER.trigger("c", "e", {})
        """,
        run=("-p", "no:pusher_mock"),
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'pusher_mock' not found*"])


def test_an_empty_run_imports_nothing_but_pytest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    pytester.makepyfile(
        """
        import sys

        def test_it():
            loaded = {name.partition(".")[0] for name in sys.modules}
            assert not loaded & {"pusher", "pysher", "requests", "respx", "httpx", "starlette"}
            ours = {name for name in sys.modules if name.startswith("pusher_mock")}
            assert ours == {"pusher_mock", "pusher_mock.pytest_plugin"}
        """
    )
    # The other plugins of this environment bring imports of their own.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.run(sys.executable, "-m", "pytest", "-p", "pusher_mock.pytest_plugin")
    assert result.ret == 0, result.stdout.str()
