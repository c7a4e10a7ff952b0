"""Profiles: what each of them does."""

from __future__ import annotations

import pytest

from pusher_mock import PusherMock
from pusher_mock.network import PROFILES, NetworkConditions, Profile, Uniform
from pusher_mock.network.profiles import weather

from .bench import conserved, listen, publish


def test_their_names():
    assert list(PROFILES) == [
        "perfect",
        "polling",
        "lossy",
        "mobile",
        "realtime-events",
        "flaky-auth",
        "restart",
    ]
    assert all(str(profile) == name and profile.about for name, profile in PROFILES.items())


@pytest.mark.parametrize("name", PROFILES)
def test_a_day_in_it(name: str):
    mock = PusherMock(seed=4, network=name)
    assert str(mock.network) == name
    all_ = [listen(mock) for _ in range(5)]
    for _ in range(30):
        if not mock.network.refusing:
            publish(mock)
        mock.clock.advance(1_000)
        assert conserved(mock)
    mock.clock.run_until_idle()
    metrics = mock.metrics()
    assert metrics.pending == 0
    assert metrics.delivered == sum(len(one.got) for one in all_) > 50


def test_perfect():
    assert PusherMock(network="perfect").network.calm


def test_the_rates_of_the_broadcaster():
    """10 to 100 ms and 5 ms per message, 99 %, 0.5 %, 1 %, 2 % a minute, 0.1 %; 95 % sent back."""
    rules = dict(PROFILES["realtime-events"].rules)
    assert rules["publish"] == NetworkConditions(latency=5)
    assert rules["receive"] == NetworkConditions(
        latency=Uniform(10, 100),
        drop_rate=0.01,
        duplicate_rate=0.005,
        stale_rate=0.01,
        disconnect_rate=0.02,
        connect_error_rate=0.001,
    )
    assert rules["send"] == NetworkConditions(latency=Uniform(50, 500), drop_rate=0.05)


def test_the_broadcaster_measured():
    mock = PusherMock(seed=1, network="realtime-events")
    all_ = [listen(mock) for _ in range(50)]
    number = 200
    publish(mock, number)
    mock.clock.advance(105)
    metrics = mock.metrics()
    assert metrics.pending == 0
    assert metrics.dropped / metrics.offered == pytest.approx(0.01, abs=0.003)
    assert metrics.duplicated / metrics.offered == pytest.approx(0.005, abs=0.002)
    times = [at for one in all_ for at in one.times]
    assert 15 <= min(times) <= max(times) <= 105


def test_lossy_measured():
    mock = PusherMock(seed=1, network="lossy")
    one = listen(mock)
    publish(mock, 2_000)
    mock.clock.run_until_idle()
    metrics = mock.metrics()
    assert metrics.dropped / 2_000 == pytest.approx(0.05, abs=0.015)
    assert metrics.duplicated / 2_000 == pytest.approx(0.01, abs=0.007)
    assert one.got != sorted(one.got, key=int)


def test_a_profile_of_ones_own():
    mine = Profile("mine", "slow", (("receive", NetworkConditions(latency=7)),))
    mock = PusherMock(network=mine)
    one = listen(mock)
    publish(mock)
    mock.clock.advance(7)
    assert one.times == [7]
    assert weather(mine) is mine
    assert weather(None) is PROFILES["perfect"]


def test_a_profile_in_another_direction():
    mock = PusherMock()
    with mock.network.use("polling", direction="receive"):
        assert str(mock.network) == "latency=50 poll_interval=100"
        one = listen(mock)
        publish(mock)
        mock.clock.run_until_idle()
        assert one.times == [100]
