"""Latencies: the same numbers on every machine, in the range that was asked for."""

from __future__ import annotations

from random import Random
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.network import Normal, Percentiles, Uniform
from pusher_mock.network.latencies import describe, draw, read
from pusher_mock.protocol.errors import UsageError


def drawn(latency: object, number: int = 2_000) -> list[float]:
    chance = Random(1).random
    return [draw(read(latency), chance) for _ in range(number)]


def test_a_fixed_one_takes_no_chance():
    def never() -> float:
        raise AssertionError

    assert draw(read(5), never) == 5.0
    assert describe(5.0) == "5"


def test_a_range():
    all_ = drawn((10, 20))
    assert 10 <= min(all_) < 10.1
    assert 19.9 < max(all_) < 20
    assert mean(all_) == pytest.approx(15, abs=0.2)


def test_around_a_mean():
    all_ = drawn(Normal(100, 10), 5_000)
    assert mean(all_) == pytest.approx(100, abs=0.5)
    assert stdev(all_) == pytest.approx(10, abs=0.3)
    within = sum(90 <= one <= 110 for one in all_) / len(all_)
    assert within == pytest.approx(0.683, abs=0.02)
    assert min(drawn(Normal(1, 10))) == 0


def test_percentiles():
    all_ = sorted(drawn(Percentiles({50: 40, 95: 120, 100: 900}), 10_000))
    assert all_[5_000] == pytest.approx(40, abs=1.5)
    assert all_[9_400] == pytest.approx(118, abs=2)
    assert 0 <= all_[0] < 0.1
    assert 880 < all_[-1] <= 900


@pytest.mark.parametrize(("u", "ms"), [(0.0, 0), (0.25, 20), (0.5, 40), (0.75, 60), (0.999, 79.92)])
def test_between_percentiles(u: float, ms: float):
    assert Percentiles({50: 40, 100: 80}).draw(lambda: u) == pytest.approx(ms)


def test_percentiles_from_the_very_first():
    latency = Percentiles({0: 10, 100: 20})
    assert latency.draw(lambda: 0.0) == 10
    assert latency.draw(lambda: 0.5) == 15
    assert str(latency) == "percentiles(0:10,100:20)"


@pytest.mark.parametrize(
    "points", [{}, {50: 1}, {-1: 1, 100: 2}, {50: 3, 100: 2}, {100: 1, 101: 2}]
)
def test_percentiles_that_are_none(points: dict[float, float]):
    with pytest.raises(UsageError, match=r"^Percentiles takes \{percentile: milliseconds\}"):
        Percentiles(points)


def test_deviations_that_are_none():
    with pytest.raises(UsageError, match=r"^Normal\(deviation\) takes milliseconds"):
        Normal(1, -1)


def test_a_function():
    assert draw(read(lambda u: 8 * u), lambda: 0.25) == 2
    with pytest.raises(UsageError, match="the function given for latency takes millisec"):
        draw(read(lambda u: -1), lambda: 0.25)


@given(st.floats(0, 0.999_999), st.floats(0, 1e6), st.floats(0, 1e6))
def test_never_out_of_range(u: float, one: float, other: float):
    low, high = sorted((one, other))
    assert low <= Uniform(low, high).draw(lambda: u) <= high
    assert 0 <= Normal(low, high).draw(lambda: u) <= low + 6 * high
    assert 0 <= Percentiles({50: low, 100: high}).draw(lambda: u) <= high
