"""Corners: callbacks that publish or leave, threads, bounds, very many deliveries."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.core.bench import PATIENCE, TARGET

from pusher_mock import NetworkConditions, PusherMock, SystemClock

from .bench import conserved, listen, publish


def test_callbacks_that_publish_while_deliveries_are_late():
    mock = PusherMock(seed=2, network=NetworkConditions(latency=(5, 20)))
    one, other = listen(mock), listen(mock)
    server = mock.server()

    def again(data: str) -> None:
        if int(data) < 50:
            server.trigger("a", "x", str(int(data) + 1))

    one.client.channels["a"].bind("x", again)
    server.trigger("a", "x", "0")
    mock.clock.run_until_idle()
    mock.raise_errors()
    assert one.got == other.got == [str(number) for number in range(51)]
    assert one.times == sorted(one.times)
    assert conserved(mock)


def test_a_client_that_disconnects_in_a_late_callback():
    mock = PusherMock(network=NetworkConditions(latency=10))
    one, other = listen(mock), listen(mock)

    def leave(data: str) -> None:
        with pytest.raises(RuntimeError, match="cannot join current thread"):
            one.client.disconnect()

    one.client.channels["a"].bind("x", leave)
    publish(mock, 2)
    mock.clock.advance(5)
    mock.server().trigger("a", "x", "2")
    mock.clock.run_until_idle()
    mock.raise_errors()
    assert one.got == ["0"]
    assert other.got == ["0", "1", "2"]
    assert conserved(mock)
    assert mock.metrics().pending == 0


def test_a_callback_that_changes_the_weather():
    mock = PusherMock()
    one = listen(mock)
    server = mock.server()

    def worsen(data: str) -> None:
        if data == "0":
            mock.network.conditions(latency=100)
            server.trigger("a", "x", "1")

    one.client.channels["a"].bind("x", worsen)
    publish(mock)
    assert one.got == ["0"]
    mock.clock.advance(100)
    assert one.got == ["0", "1"]


def test_a_callback_that_resets_the_mock():
    mock = PusherMock(network=NetworkConditions(latency=10))
    one, other = listen(mock), listen(mock)
    one.client.channels["a"].bind("x", lambda data: mock.reset())
    publish(mock, 3)
    mock.clock.advance(10)
    assert one.got == ["0"]
    assert other.got == []
    assert mock.metrics().offered == 0


def test_a_callback_that_cuts_everybody():
    mock = PusherMock()
    one, other = listen(mock), listen(mock)
    one.client.channels["a"].bind("x", lambda data: mock.network.disconnect_now())
    publish(mock)
    assert one.got == other.got == ["0"]
    assert mock.core.connections == ()
    mock.network.reconnect()
    mock.clock.advance(10_100)
    assert one.state == other.state == "connected"


# Threads ---------------------------------------------------------------------------------------


def _run(*jobs: Any) -> None:
    errors: list[BaseException] = []

    def guarded(job: Any) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []


@pytest.mark.parametrize("how", ["advance", "jump"])
def test_two_threads_publish_while_another_moves_the_clock(how: str):
    mock = PusherMock(seed=1, network=NetworkConditions(latency=(0, 3)))
    one, other = listen(mock, "a", "b"), listen(mock, "a", "b")
    done = threading.Event()

    def sender(channel: str) -> Any:
        def work() -> None:
            server = mock.server()
            for number in range(300):
                server.trigger(channel, "x", f"{channel}{number}")

        return work

    def tick() -> None:
        move = getattr(mock.clock, how)
        while not done.is_set():
            move(1)

    mover = threading.Thread(target=tick)
    mover.start()
    try:
        _run(sender("a"), sender("b"))
    finally:
        done.set()
        mover.join(PATIENCE)
    mock.clock.run_until_idle()
    mock.raise_errors()
    for who in (one, other):
        for channel in "ab":
            numbers = [int(data[1:]) for data in who.got if data.startswith(channel)]
            assert numbers == list(range(300))
    assert conserved(mock)
    assert mock.metrics().delivered == 1_200


def test_threads_in_real_time():
    mock = PusherMock(seed=1, clock=SystemClock(), network=NetworkConditions(latency=(0, 2)))
    one = listen(mock, "a", "b")

    def sender(channel: str) -> Any:
        def work() -> None:
            server = mock.server()
            for number in range(200):
                server.trigger(channel, "x", f"{channel}{number}")

        return work

    _run(sender("a"), sender("b"))
    mock.wait_until(lambda: len(one.got) == 400)
    for channel in "ab":
        numbers = [int(data[1:]) for data in one.got if data.startswith(channel)]
        assert numbers == list(range(200))


def test_what_is_due_is_delivered_in_order_of_time_whoever_asks():
    """A thread has taken the timer of the earlier one, and another is faster with the later."""
    mock = PusherMock()
    one = listen(mock)
    delays = iter([10.0, 20.0])
    mock.network.conditions(latency=lambda u: next(delays), in_order=False)
    publish(mock, 2)
    mock.clock._now = 25.0  # nobody has run what is due
    mock.core.arrive(20.0)
    assert one.got == ["0", "1"]
    mock.core.arrive(10.0)
    mock.clock.advance(0)
    assert one.got == ["0", "1"]


# Bounds ----------------------------------------------------------------------------------------


def test_the_journal_stays_bounded():
    mock = PusherMock(seed=1, journal=50, network="lossy")
    listen(mock)
    for _ in range(10):
        publish(mock, 20)
        mock.clock.run_until_idle()
    assert len(mock.journal) == 50
    assert conserved(mock)


def test_nothing_is_kept_of_what_has_arrived():
    mock = PusherMock(seed=1, network=NetworkConditions(latency=(0, 20), reorder=2))
    for _ in range(3):
        one = listen(mock)
        publish(mock, 50)
        mock.clock.run_until_idle()
        one.client.disconnect()
    traffic = mock.network.traffic
    assert [traffic._due, traffic._times, traffic.flying] == [{}, [], 0]
    assert mock.network._lanes == {}
    assert mock.clock.idle


def test_very_many_under_way():
    """A hundred thousand, for a hundred points in time."""

    def latency(u: float) -> float:
        return 1.0 + int(u * 100)

    mock = PusherMock(journal=10, network=NetworkConditions(latency=latency, in_order=False))
    got = [0]

    def take(item: Any) -> None:
        got[0] += 1

    boxes = [mock.core.open(TARGET, take) for _ in range(100)]
    for box in boxes:
        mock.core.send(box, '{"event":"pusher:subscribe","data":{"channel":"a"}}')
    got[0] = 0
    batch = [{"channel": "a", "name": "x", "data": "0"}] * 10
    server = mock.server()
    for _ in range(100):
        server.trigger_batch(batch)
    assert mock.metrics().pending == 100_000
    mock.clock.advance(1_000)
    assert got == [100_000]
    assert conserved(mock)
    assert not mock.network.traffic._due
