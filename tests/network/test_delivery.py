"""What the weather makes of an event on its way to a subscriber, through the real doubles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pusher_mock import NetworkConditions, PusherMock
from pusher_mock.network import Normal, Percentiles

from .bench import conserved, listen, publish

_MANY = 400


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(seed=3)


# Delay -----------------------------------------------------------------------------------------


def test_a_fixed_latency(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=40)
    publish(mock, 2)
    assert one.got == []
    assert mock.metrics().pending == 2
    mock.clock.advance(39.999)
    assert one.got == []
    mock.clock.advance(0.001)
    assert one.got == ["0", "1"]
    assert one.times == [40, 40]
    assert mock.metrics().pending == 0


@pytest.mark.parametrize(
    ("latency", "low", "high"),
    [
        ((10, 100), 10, 100),
        (Normal(50, 5), 20, 80),
        (Percentiles({50: 40, 100: 90}), 0, 90),
        (lambda u: 30 + u, 30, 31),
    ],
)
def test_latencies_left_to_chance(mock: PusherMock, latency: Any, low: float, high: float):
    one = listen(mock)
    mock.network.conditions(latency=latency)
    for _ in range(_MANY):
        begun = mock.clock.now()
        publish(mock)
        mock.clock.run_until_idle()
        assert low <= one.times[-1] - begun <= high
    delays = {
        round(after - before, 3) for before, after in zip([0, *one.times], one.times, strict=False)
    }
    assert len(delays) > _MANY / 5
    assert len(one.got) == _MANY


def test_jitter(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=50, jitter=20)
    delays = []
    for _ in range(_MANY):
        begun = mock.clock.now()
        publish(mock)
        mock.clock.run_until_idle()
        delays.append(one.times[-1] - begun)
    assert 30 <= min(delays) < 31
    assert 69 < max(delays) <= 70


def test_jitter_alone_never_comes_before_it_was_sent(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(jitter=20)
    publish(mock, 50)
    assert len(one.got) < 50  # about half of it would have come earlier, and comes at once
    mock.clock.run_until_idle()
    assert len(one.got) == 50
    assert 0 <= min(one.times) <= max(one.times) <= 20


def test_bandwidth(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    frame = '{"event":"x","channel":"a","data":"0"}'
    mock.network.conditions(bandwidth=len(frame) * 10)  # ten events a second, to each of them
    publish(mock, 5)
    mock.clock.run_until_idle()
    assert one.times == other.times == [100, 200, 300, 400, 500]
    mock.clock.advance(1_000)
    publish(mock)  # the line was free in between
    mock.clock.run_until_idle()
    assert one.times[-1] == 1_600


def test_polls(mock: PusherMock):
    mock.network.conditions(poll_interval=100)
    one = listen(mock)
    for wait in (30, 40, 29.999, 0.001, 250):
        mock.clock.advance(wait)
        publish(mock)
    mock.clock.run_until_idle()
    # At 30, 70, 99.999, and at the very moment of a poll, which has missed it, and at 350.
    assert one.times == [100, 100, 100, 200, 400]


# Loss and copies -------------------------------------------------------------------------------


def test_loss(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(drop_rate=0.25)
    publish(mock, 2_000)
    metrics = mock.metrics()
    assert metrics.dropped == pytest.approx(500, abs=75)
    assert metrics.reasons == {"loss": metrics.dropped}
    assert len(one.got) == metrics.delivered == 2_000 - metrics.dropped
    assert conserved(mock)


def test_everything_is_lost(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(drop_rate=1)
    publish(mock, 5)
    assert one.got == []
    assert mock.metrics().dropped == 5


def test_copies(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(duplicate_rate=0.25, latency=(0, 50))
    publish(mock, 1_000)
    mock.clock.run_until_idle()
    metrics = mock.metrics()
    assert metrics.duplicated == pytest.approx(250, abs=60)
    assert len(one.got) == metrics.delivered == 1_000 + metrics.duplicated
    assert [int(data) for data in one.got] == sorted(int(data) for data in one.got)
    assert conserved(mock)


def test_copies_at_once(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(duplicate_rate=1, connection=one.client)
    publish(mock, 2)
    assert one.got == ["0", "0", "1", "1"]
    assert other.got == ["0", "1"]


# Order -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_order", [True, False])
def test_a_shorter_delay(mock: PusherMock, in_order: bool):
    one = listen(mock)
    delays = iter([100.0, 10.0, 0.0])
    mock.network.conditions(latency=lambda u: next(delays), in_order=in_order)
    publish(mock, 3)
    mock.clock.run_until_idle()
    assert one.got == (["0", "1", "2"] if in_order else ["2", "1", "0"])
    assert one.times == ([100, 100, 100] if in_order else [0, 10, 100])


def test_order_is_kept_within_a_channel_and_connection_only(mock: PusherMock):
    one, other = listen(mock, "a", "b"), listen(mock)
    mock.network.conditions(latency=100, channel="a", connection=one.client)
    publish(mock, 1, "a")
    publish(mock, 2, "b")
    assert one.got == ["0", "1"]
    assert other.got == ["0"]
    mock.clock.advance(100)
    assert one.got == ["0", "1", "0"]


def test_weather_that_ends_while_something_is_under_way(mock: PusherMock):
    one = listen(mock)
    slow = mock.network.conditions(latency=100)
    server = mock.server()
    server.trigger("a", "x", "slow")
    slow.end()
    server.trigger("a", "x", "behind it")
    assert one.got == []
    mock.clock.advance(100)
    assert one.got == ["slow", "behind it"]
    assert mock.network.calm
    server.trigger("a", "x", "at once")
    assert one.got[-1] == "at once"


@pytest.mark.parametrize("window", [1, 2, 5])
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    number=st.integers(1, 30),
    gap=st.sampled_from([0.0, 0.3, 1.0, 5.0]),
    latency=st.sampled_from([0, 20, (0, 20)]),
)
def test_a_window(window: int, seed: int, number: int, gap: float, latency: Any):
    mock = PusherMock(seed=seed, network=NetworkConditions(reorder=window, latency=latency))
    one = listen(mock)
    server = mock.server()
    for data in range(number):
        server.trigger("a", "x", str(data))
        mock.clock.advance(gap)
    mock.clock.run_until_idle()
    got = [int(data) for data in one.got]
    assert sorted(got) == list(range(number))  # nobody is left behind
    for position, data in enumerate(got):
        assert sum(other > data for other in got[:position]) <= window


@pytest.mark.parametrize("reorder", [3, "shuffle"])
def test_out_of_order(mock: PusherMock, reorder: Any):
    one = listen(mock)
    mock.network.conditions(reorder=reorder)
    sent = publish(mock, 20)
    mock.clock.run_until_idle()
    assert one.got != sent
    assert sorted(one.got) == sorted(sent)
    assert one.times[-1] == 1  # at the latest a millisecond after the first would have come


def test_a_shuffle_is_one(mock: PusherMock):
    """Every place is as likely as any other."""
    one = listen(mock)
    mock.network.conditions(reorder="shuffle")
    first = [0] * 4
    for _ in range(_MANY):
        publish(mock, 4)
        mock.clock.run_until_idle()
        first[int(one.got[-4])] += 1
    assert all(number == pytest.approx(_MANY / 4, abs=35) for number in first)


def test_one_that_waits_for_others_and_is_overdue(mock: PusherMock):
    """The first has been let go before its time; the second has a time of its own."""
    one = listen(mock)
    mock.network.conditions(reorder=1)
    server = mock.server()
    for data in "012":
        server.trigger("a", "x", data)
        mock.clock.advance(0.6)
    mock.clock.advance(1)
    assert sorted(one.got) == ["0", "1", "2"]
    assert mock.metrics().pending == 0


def test_two_channels_shuffled(mock: PusherMock):
    one = listen(mock, "a", "b")
    mock.network.conditions(reorder="shuffle")
    publish(mock, 3, "a")
    mock.clock.advance(0.5)
    publish(mock, 3, "b")
    mock.clock.advance(0.5)
    assert sorted(one.got) == ["0", "1", "2"]
    mock.clock.advance(0.5)
    assert sorted(one.got) == ["0", "0", "1", "1", "2", "2"]


def test_a_clock_that_jumps(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=(0, 50), reorder="shuffle")
    publish(mock, 10)
    mock.clock.jump(10_000)
    assert sorted(one.got) == [str(n) for n in range(10)]
    assert mock.metrics().pending == 0


# Profiles --------------------------------------------------------------------------------------


def test_good_weather_stays_out_of_the_way(mock: PusherMock):
    one = listen(mock)
    publish(mock, 3)
    assert mock.network.calm
    assert one.got == ["0", "1", "2"]
    assert "weather" not in mock.journal.dumps()
    metrics = mock.metrics()
    assert (metrics.published, metrics.offered, metrics.delivered) == (3, 3, 3)


def test_polling_takes_less_than_200_ms():
    mock = PusherMock(network="polling")
    one = listen(mock)
    for _ in range(60):
        begun = mock.clock.now()
        publish(mock)
        mock.clock.run_until_idle()
        assert 50 < one.times[-1] - begun <= 150
        mock.clock.advance(7)
    assert len(one.got) == 60
