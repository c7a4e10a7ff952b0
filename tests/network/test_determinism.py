"""The same seed gives the same journal: twice, in two processes, on any machine and Python.

``PUSHER_MOCK_UPDATE=1`` writes the golden file anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pusher_mock
from pusher_mock import PusherMock

from .bench import listen, publish
from .scenario import live

_ROOT = Path(__file__).parents[2]
_GOLDEN = Path(__file__).parent / "golden" / "weather.txt"
_SEED = 1


def _elsewhere(hash_seed: str) -> str:
    """The same in a process of its own."""
    source = str(Path(pusher_mock.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "tests.network.scenario", str(_SEED)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def test_twice():
    assert live(_SEED) == live(_SEED)


def test_another_seed_is_another_life():
    assert live(_SEED) != live(_SEED + 1)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_in_another_process(hash_seed: str):
    assert _elsewhere(hash_seed) == live(_SEED)


def test_as_it_was_everywhere_else():
    text = live(_SEED)
    if os.environ.get("PUSHER_MOCK_UPDATE") == "1":
        _GOLDEN.parent.mkdir(exist_ok=True)
        _GOLDEN.write_text(text, encoding="utf-8", newline="\n")
    assert text == _GOLDEN.read_text(encoding="utf-8")
    assert len(text.encode()) < 60_000


def test_every_kind_of_weather_is_in_it():
    text = _GOLDEN.read_text(encoding="utf-8")
    for part in (
        "weather now=",
        "weather later=",
        "weather dropped=",
        "duplicated=",
        ":loss",
        ":fault",
        ":queue full",
        ":half-open",
        ":partition",
        "(closed)",
        "(queue full)",
        "\n0 0ms open",
        " arrived\n",
        "    deliver ",
        "    lose ",
        " network down",
        " network cut ",
        " network half-open ",
        " network restart, away for 50ms",
        "network the answer is lost: timeout (accepted)",
        "network no answer: refused",
        "network lost on the way",
        "respond 502",
        "respond 503 A subscriber's queue is full",
        "authorization of presence-b fails timeout",
    ):
        assert part in text, part


@pytest.mark.parametrize("network", ["lossy", "mobile", "realtime-events"])
def test_through_the_doubles(network: str):
    def life() -> str:
        mock = PusherMock(seed=7, network=network)
        for _ in range(5):
            listen(mock)
        for _ in range(10):
            publish(mock, 5)
            mock.clock.advance(20_000)
        return mock.journal.dumps()

    first = life()
    assert first == life()
    assert "weather" in first
