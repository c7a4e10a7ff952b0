"""The seed and the network from outside, and the line that says how to have them again."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import NetworkConditions, PusherMock, UsageError
from pusher_mock.testing.repeating import conditions, from_environment, seed, told


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("-3", -3)])
def test_a_seed(text: str, number: int):
    assert seed(text) == number


def test_a_random_seed_is_one_for_the_process():
    assert 0 <= seed("random") < 1_000_000
    assert seed("random") == seed("random")


def test_what_is_no_seed():
    with pytest.raises(UsageError, match="a seed is a whole number or 'random', not 'x'"):
        seed("x")


def test_what_is_no_network():
    assert conditions("lossy") == "lossy"
    with pytest.raises(UsageError, match="there is no network profile 'foggy'"):
        conditions("foggy")


@pytest.mark.parametrize(
    ("options", "environ", "merged"),
    [
        ({}, {}, {}),
        ({}, {"PUSHER_MOCK_SEED": "", "PUSHER_MOCK_NETWORK": ""}, {}),
        ({}, {"PUSHER_MOCK_SEED": "3"}, {"seed": 3}),
        ({"seed": 1}, {"PUSHER_MOCK_SEED": "3"}, {"seed": 3}),
        ({"history": 2}, {"PUSHER_MOCK_NETWORK": "lossy"}, {"history": 2, "network": "lossy"}),
        ({"network": "mobile"}, {"PUSHER_MOCK_NETWORK": "lossy"}, {"network": "mobile"}),
        ({"network": None}, {"PUSHER_MOCK_NETWORK": "lossy"}, {"network": None}),
    ],
)
def test_options_and_the_environment(
    options: dict[str, Any], environ: dict[str, str], merged: dict[str, Any]
):
    given = dict(options)
    assert from_environment(options, environ) == merged
    assert options == given


def test_the_process_s_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_SEED", "8")
    assert from_environment({"history": 1}) == {"history": 1, "seed": 8}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, "seed 0, network perfect"),
        ({"network": "perfect"}, "seed 0, network perfect"),
        ({"seed": 3}, "seed 3, network perfect; again with --pusher-mock-seed=3"),
        (
            {"network": "lossy"},
            "seed 0, network lossy; again with --pusher-mock-seed=0 --pusher-mock-network=lossy",
        ),
        (
            {"network": NetworkConditions(latency=(1, 5), drop_rate=0.5)},
            "seed 0, network latency=1..5 drop_rate=0.5; again with --pusher-mock-seed=0 "
            "--pusher-mock-network='latency=1..5 drop_rate=0.5'",
        ),
    ],
)
def test_the_line(options: dict[str, Any], line: str):
    assert told(PusherMock(**options), pytest=True) == line


def test_what_was_said_in_the_test():
    mock = PusherMock(network="lossy")
    mock.network.conditions(latency=5)
    assert told(mock, pytest=False) == (
        "seed 0, network lossy (at the end lossy + latency=5); again with PUSHER_MOCK_SEED=0 "
        "PUSHER_MOCK_NETWORK=lossy\n"
        "weather: at 0 ms latency=5; given by the test, it repeats by itself"
    )


def test_a_function_cannot_be_named():
    line = told(PusherMock(network=NetworkConditions(latency=lambda u: u)), pytest=True)
    assert line.endswith("; again with --pusher-mock-seed=0")


def test_the_line_has_it_happen_again():
    def run(options: dict[str, Any]) -> tuple[str, str]:
        mock = PusherMock(**options)
        mock.recording_subscriber("c")
        for number in range(20):
            mock.server().trigger("c", "e", number)
        mock.drain()
        return mock.journal.dumps(), told(mock, pytest=False)

    dumped, line = run({"seed": 41, "network": NetworkConditions(latency=(5, 50), drop_rate=0.3)})
    words = {
        "PUSHER_MOCK_SEED": line.partition("PUSHER_MOCK_SEED=")[2].split()[0],
        "PUSHER_MOCK_NETWORK": line.partition("PUSHER_MOCK_NETWORK=")[2].strip("'"),
    }
    assert run(from_environment({}, words))[0] == dumped
    assert run(from_environment({}, {**words, "PUSHER_MOCK_SEED": "42"}))[0] != dumped


def test_good_weather_after_a_reset_is_told():
    mock = PusherMock(network="lossy")
    mock.network.clear()
    assert told(mock, pytest=True).startswith("seed 0, network lossy; again")
    mock.reset()
    assert told(mock, pytest=True).startswith("seed 0, network lossy (at the end perfect); again")
