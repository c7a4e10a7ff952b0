"""The seed and the network from the command line, and a failure that can be had again."""

from __future__ import annotations

import os
import re
import textwrap

import pytest

from .suites import forget_chance, suite

LOSSY = """
    def run(mock):
        heard = mock.recording_subscriber("c")
        for number in range(40):
            PUBLISHER_OF = mock.server()
            PUBLISHER_OF.trigger("c", "e", number)
        mock.drain()
        return heard.payloads

    def test_nothing_is_lost(pusher_mock):
        assert len(run(pusher_mock)) == 40
"""


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_chance(monkeypatch)


def dropped(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "was dropped: loss" in line]


def test_a_failure_says_how_to_have_it_again(pytester: pytest.Pytester):
    first = suite(pytester, LOSSY, run=("--pusher-mock-seed=3", "--pusher-mock-network=lossy"))
    first.assert_outcomes(failed=1)
    first.stdout.fnmatch_lines(
        [
            "pusher-mock: PUSHER_MOCK_SEED=3 PUSHER_MOCK_NETWORK=lossy",
            "*- pusher-mock: events of this test -*",
            "seed 3, network lossy; again with --pusher-mock-seed=3 --pusher-mock-network=lossy",
            "40 published:",
        ]
    )
    assert dropped(first)
    line = next(line for line in first.outlines if line.startswith("seed 3"))
    again = suite(pytester, LOSSY, run=tuple(line.partition("again with ")[2].split()))
    assert dropped(again) == dropped(first)
    other = suite(pytester, LOSSY, run=("--pusher-mock-seed=4", "--pusher-mock-network=lossy"))
    assert dropped(other) != dropped(first)
    assert "PUSHER_MOCK_SEED" not in os.environ  # it was for that run
    suite(pytester, LOSSY).assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_a_random_seed_is_told(workers: tuple[str, ...], pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        def test_one(pusher_mock):
            assert pusher_mock.seed is None

        def test_two(pusher_mock):
            assert pusher_mock.seed is None
        """,
        run=("--pusher-mock-seed=random", *workers),
    )
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    (picked,) = re.findall(r"^pusher-mock: PUSHER_MOCK_SEED=(\d+)$", text, re.MULTILINE)
    assert text.count(f"seed {picked}, network perfect; again with --pusher-mock-seed") == 2


def test_the_environment_does_it_too(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_SEED", "3")
    monkeypatch.setenv("PUSHER_MOCK_NETWORK", "lossy")
    result = suite(pytester, LOSSY)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["seed 3, network lossy; again with *"])
    result = suite(pytester, LOSSY, run=("--pusher-mock-network=perfect",))
    result.assert_outcomes(passed=1)
    assert os.environ["PUSHER_MOCK_NETWORK"] == "lossy"


def test_the_marker_and_the_command_line(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.mark.pusher_mock(seed=1, network="latency=5")
        def test_both(pusher_mock):
            assert (pusher_mock.seed, str(pusher_mock.network)) == (9, "latency=5")

        @pytest.mark.pusher_mock(network=None)
        def test_good_weather(pusher_mock):
            assert str(pusher_mock.network) == "perfect"

        def test_neither(pusher_mock):
            assert str(pusher_mock.network) == "drop_rate=0.5"

        def test_wider(session_pusher_mock, class_pusher_mock):
            for mock in (session_pusher_mock, class_pusher_mock):
                assert (mock.seed, str(mock.network)) == (9, "drop_rate=0.5")
        """,
        run=("--pusher-mock-seed", "9", "--pusher-mock-network", "drop_rate=0.5"),
    )
    result.assert_outcomes(passed=4)


def test_the_mock_that_is_there_at_import(pytester: pytest.Pytester):
    pytester.makeini("[pytest]\npusher_mock_autouse = true\n")
    result = suite(
        pytester,
        """
        AT_IMPORT = current_mock()

        def test_it():
            assert AT_IMPORT.seed == current_mock().seed == 9
        """,
        run=("--pusher-mock-seed=9",),
    )
    result.assert_outcomes(passed=1)


def test_the_mixin_follows(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        import unittest
        from pusher_mock import PusherMockMixin

        class TestIt(PusherMockMixin, unittest.TestCase):
            def test_it(self):
                assert self.pusher_mock.seed == 9
                assert str(self.class_pusher_mock.network) == "lossy"
        """,
        run=("--pusher-mock-seed=9", "--pusher-mock-network=lossy"),
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--pusher-mock-seed=x", "*--pusher-mock-seed: a seed is a whole number or 'random'*"),
        ("--pusher-mock-network=foggy", "*--pusher-mock-network: there is no network profile*"),
    ],
)
def test_options_that_are_wrong(option: str, text: str, pytester: pytest.Pytester):
    result = suite(pytester, LOSSY, run=(option,))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([text])


# Weather of the test's own ----------------------------------------------------------------------

OWN_WEATHER = """
    def test_it(pusher_mock, pusher_server):
        client = pusher_mock.client(connect=True)
        client.subscribe("a")
        with pusher_mock.network.conditions(drop_rate=1):
            for _ in range(16):
                pusher_server.trigger("a", "e", {"n": 1})
            pusher_server.trigger("a", "e", {"n": 2})
        pusher_mock.clock.advance(12)
        pusher_mock.network.half_open(client)
        pusher_mock.network.disconnect_after(5)
        assert 0
"""


def test_weather_that_has_ended(pytester: pytest.Pytester):
    result = suite(pytester, OWN_WEATHER)
    result.assert_outcomes(failed=1)
    text = "\n".join(result.outlines)
    assert (
        "seed 0, network perfect (at the end half_open mock-connection-1 + disconnect_after 5)\n"
        "weather: at 0 ms drop_rate=1 (until 0 ms); at 12 ms half_open mock-connection-1; at 12 ms "
        "disconnect_after 5; given by the test, it repeats by itself\n"
        "17 published:\n"
        '  at 0 ms: e on a with {"n": 1} (16 times)\n'
        '  at 0 ms: e on a with {"n": 2}\n'
        "17 dropped:\n"
        '  at 0 ms: e on a with {"n": 1} for mock-connection-1 was dropped: loss (16 times)\n'
        '  at 0 ms: e on a with {"n": 2} for mock-connection-1 was dropped: loss\n'
    ) in text


def test_weather_of_the_test_under_another_seed(pytester: pytest.Pytester):
    own = OWN_WEATHER.replace("drop_rate=1", "drop_rate=0.5")
    first = suite(pytester, own, run=("--pusher-mock-seed=3",))
    line = next(line for line in first.outlines if line.startswith("seed 3"))
    assert line.endswith("; again with --pusher-mock-seed=3")
    again = suite(pytester, own, run=tuple(line.partition("again with ")[2].split()))
    assert dropped(again) == dropped(first) != []
    assert dropped(suite(pytester, own)) != dropped(first)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (
            """
            mock = PusherMock(seed=5, network="lossy")
            mock.server().trigger("c", "e", 1)
            assert 0
            """,
            ["seed 5, network lossy; given by the test, it repeats by itself", "1 published:"],
        ),
        (
            """
            from compat.broker import create_mock_broker

            with create_mock_broker(seed=4, drop_rate=1) as broker:
                heard = []
                broker.subscribe("a", heard.append)
                broker.publish("a", 1)
            assert heard
            """,
            [
                "seed 4, network perfect (at the end drop_rate=1 *); given by the test, it repeats "
                "by itself",
                "weather: at 0 ms drop_rate=1 overflow=drop-oldest",
                "1 published:",
                "  at 0 ms: * on a with *",
                "1 dropped:",
            ],
        ),
        (
            """
            from compat.broker import MockBrokerConfig, with_mock_broker

            def publish(broker):
                broker.publish("a", 1)
                assert 0

            with_mock_broker(MockBrokerConfig(seed=4, drop_rate=0.5), publish)
            """,
            ["seed 4, network perfect *", "weather: at 0 ms drop_rate=0.5 *", "1 published:"],
        ),
        (
            """
            with PusherMock() as mock:
                PUBLISHER.trigger("c", "e", 1)
            assert 0
            """,
            ["seed 0, network perfect", "1 published:"],
        ),
    ],
)
def test_a_mock_that_the_test_makes(body: str, lines: list[str], pytester: pytest.Pytester):
    result = suite(pytester, "\ndef test_it():\n" + textwrap.indent(textwrap.dedent(body), "    "))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*- pusher-mock: events of a mock that this test made -*", *lines], consecutive=True
    )


def test_beside_the_fixture_s_mock(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        @pytest.fixture
        def mine():
            mock = PusherMock(seed=1)
            mock.server().trigger("c", "mine", 1)
            return mock

        def test_it(pusher_mock, class_pusher_mock, mine):
            unused = PusherMock(seed=2)
            other = PusherMock()
            other.network.close(other.client(connect=True), 4100)
            pusher_mock.server().trigger("c", "e", 1)
            class_pusher_mock.server().trigger("c", "e", 1)
            assert 0
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- pusher-mock: events of this test -*",
            "  at 0 ms: e on c with 1",
            "*- pusher-mock: events of mock 1 of 2 that this test made -*",
            "seed 1, network perfect; given by the test, it repeats by itself",
            "1 published:",
            "  at 0 ms: mine on c with 1",
            "*- pusher-mock: events of mock 2 of 2 that this test made -*",
            "seed 0, network perfect; given by the test, it repeats by itself",
            "weather: at 0 ms close mock-connection-1 4100",
            "nothing was published",
        ]
    )
    assert result.stdout.str().count("pusher-mock: events") == 3
    assert "seed 2" not in result.stdout.str()


def test_only_those_of_the_test_itself_and_not_too_many(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        KEPT = PusherMock()
        KEPT.server().trigger("c", "e", 0)
        MORE = []

        def test_many():
            for number in range(1, 6):
                MORE.append(PusherMock(seed=number))
                MORE[-1].server().trigger("c", "e", number)
            assert 0

        def test_none():
            assert MORE == 0
        """,
    )
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert text.count("pusher-mock: events") == 3
    result.stdout.fnmatch_lines(
        [
            "*- pusher-mock: events of mock 1 of 3 that this test made -*",
            "(… and 2 mocks before it)",
            "seed 3, *",
            "seed 4, *",
            "seed 5, *",
        ]
    )


def test_the_mixin_tells_of_its_mock_by_itself(pytester: pytest.Pytester):
    result = suite(
        pytester,
        """
        import unittest
        from pusher_mock import PusherMockMixin

        class TestIt(PusherMockMixin, unittest.TestCase):
            def test_it(self):
                self.pusher_mock.server().trigger("c", "e", 1)
                self.class_pusher_mock.server().trigger("c", "e", 1)
                mine = PusherMock(seed=7, network="drop_rate=0.5")
                assert 0
        """,
    )
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert text.count("pusher-mock: events of this test") == 1
    assert text.count("that this test made") == 1
    assert "seed 7, network drop_rate=0.5; given by the test, it repeats by itself" in text


def test_it_can_be_switched_off_for_own_mocks(pytester: pytest.Pytester):
    pytester.makeini("[pytest]\npusher_mock_report = false\n")
    result = suite(
        pytester,
        """
        def test_it():
            mock = PusherMock(seed=5, network="lossy")
            assert 0
        """,
    )
    result.stdout.no_fnmatch_line("*pusher-mock: events*")
