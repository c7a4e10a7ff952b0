"""The mixin: seed and network from the environment, and what a failure says of them."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.cases import Case, problems, run

from pusher_mock import PusherMockMixin


class Lossy(PusherMockMixin, Case):
    def test_it(self) -> None:
        heard = self.pusher_mock.recording_subscriber("c")
        for number in range(40):
            self.pusher_mock.server().trigger("c", "e", number)
        self.pusher_mock.drain()
        assert heard.count() == 40


class Calm(Lossy):
    pusher_mock_options: ClassVar[dict[str, Any]] = {"network": "perfect", "seed": 5}

    def test_it(self) -> None:
        super().test_it()
        assert self.pusher_mock.seed == 8


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUSHER_MOCK_SEED", "PUSHER_MOCK_NETWORK", "FORCE_COLOR", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)


def test_the_environment_and_the_options(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_SEED", "8")
    monkeypatch.setenv("PUSHER_MOCK_NETWORK", "lossy")
    assert run(Calm).wasSuccessful()


def test_a_failure_says_how_to_have_it_again(monkeypatch: pytest.MonkeyPatch):
    assert run(Lossy).wasSuccessful()
    monkeypatch.setenv("PUSHER_MOCK_SEED", "8")
    monkeypatch.setenv("PUSHER_MOCK_NETWORK", "lossy")
    text = problems(run(Lossy))
    assert (
        "pusher-mock: events of this test\n"
        "seed 8, network lossy; again with PUSHER_MOCK_SEED=8 PUSHER_MOCK_NETWORK=lossy\n"
        "40 published:\n"
    ) in text
    lost = [line for line in text.splitlines() if "was dropped: loss" in line]
    assert lost
    again = problems(run(Lossy))
    assert [line for line in again.splitlines() if "was dropped: loss" in line] == lost


def test_in_colour(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_NETWORK", "drop_rate=1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[2mat 0 ms\x1b[0m: e on c with 39" in problems(run(Lossy))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PUSHER_MOCK_SEED", "a seed is a whole number or 'random', not 'x'"),
        ("PUSHER_MOCK_NETWORK", "there is no network profile 'x'"),
    ],
)
def test_what_cannot_be_read(name: str, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, "x")
    assert text in problems(run(Lossy))
