"""Queues: how many events may wait for one connection, and what becomes of one more."""

from __future__ import annotations

import threading

import pytest
import requests
from pusher.errors import PusherError
from tests.core.bench import PATIENCE

from pusher_mock import ManualClock, NetworkConditions, PusherMock, SystemClock

from .bench import conserved, listen, publish


def queued(overflow: str) -> PusherMock:
    return PusherMock(network=NetworkConditions(latency=10, queue=2, overflow=overflow))


@pytest.mark.parametrize(
    ("overflow", "expected"), [("drop-oldest", ["3", "4"]), ("drop-newest", ["0", "1"])]
)
def test_what_is_lost(overflow: str, expected: list[str]):
    mock = queued(overflow)
    one = listen(mock)
    publish(mock, 5)
    metrics = mock.metrics()
    assert (metrics.pending, metrics.overflowed, metrics.dropped, metrics.depth) == (2, 3, 3, 2)
    assert metrics.reasons == {"queue full": 3}
    mock.clock.advance(10)
    assert one.got == expected
    assert conserved(mock)


def test_the_publisher_is_told():
    mock = queued("throw")
    slow, quick = listen(mock), listen(mock)
    mock.network.conditions(latency=0, connection=quick.client)
    publish(mock, 2)
    with pytest.raises(PusherError, match="queue is full") as caught:
        mock.server().trigger("a", "x", "one too many")
    assert "'throw'" in caught.value.__notes__[0]
    assert quick.got == ["0", "1", "one too many"]
    mock.clock.advance(10)
    assert slow.got == ["0", "1"]
    metrics = mock.metrics()
    assert (metrics.overflowed, metrics.dropped) == (1, 1)
    mock.server().trigger("a", "x", "room again")
    assert conserved(mock)


def test_a_client_event_too_many():
    """Nobody waits for an answer: it is dropped, and the next call succeeds."""
    mock = PusherMock()
    one, sender = listen(mock, "private-a"), listen(mock, "private-a")
    mock.network.conditions(latency=10, queue=1, overflow="throw", channel="private-*")
    sender.send("private-a", "0")
    sender.send("private-a", "1")
    assert mock.metrics().reasons == {"queue full": 1}
    publish(mock, 1, "other")
    mock.clock.advance(10)
    assert one.got == ["0"]


def test_who_would_wait_is_queued_on_a_clock_that_stands_still():
    mock = queued("block")
    one = listen(mock)
    publish(mock, 5)
    metrics = mock.metrics()
    assert (metrics.pending, metrics.blocked, metrics.overflowed, metrics.depth) == (5, 3, 3, 5)
    assert metrics.dropped == 0
    mock.clock.advance(10)
    assert one.got == ["0", "1"]
    mock.clock.run_until_idle()
    assert one.got == ["0", "1", "2", "3", "4"]
    assert one.times == [10, 10, 20, 20, 30]
    assert conserved(mock)


def test_the_publisher_waits_on_a_clock_that_jumps():
    mock = PusherMock(
        clock=ManualClock(autojump=True),
        network=NetworkConditions(latency=10, queue=2, overflow="block"),
    )
    one = listen(mock)
    publish(mock, 3)
    assert mock.clock.now() == 10
    assert one.got[:2] == ["0", "1"]
    publish(mock, 2)
    assert mock.clock.now() > 10
    mock.clock.run_until_idle()
    assert len(one.got) == 5


def test_the_publisher_waits_in_real_time_while_another_thread_reads():
    mock = PusherMock(clock=SystemClock())
    one = listen(mock)
    mock.network.conditions(queue=1, overflow="block")
    mock.network.pause(one.client)
    server, done = mock.server(), threading.Event()
    server.trigger("a", "x", "0")

    def work() -> None:
        server.trigger("a", "x", "1")
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    mock.wait_until(lambda: mock.metrics().blocked == 1)
    assert not done.is_set()
    mock.network.resume(one.client)
    assert done.wait(PATIENCE)
    thread.join(PATIENCE)
    mock.wait_until(lambda: one.got == ["0", "1"])


def test_the_publisher_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pusher_mock.core.weathered._PATIENCE", 0.01)
    mock = PusherMock(clock=SystemClock())
    one = listen(mock)
    mock.network.conditions(queue=1, overflow="block")
    mock.network.pause(one.client)
    server = mock.server()
    server.trigger("a", "x", "0")
    with pytest.raises(requests.exceptions.ReadTimeout, match="stays full, and blocks"):
        server.trigger("a", "x", "1")
    assert mock.metrics().published == 2


def test_a_callback_that_publishes_into_a_full_queue_does_not_wait_for_itself():
    mock = PusherMock(
        clock=ManualClock(autojump=True),
        network=NetworkConditions(latency=10, queue=1, overflow="block"),
    )
    one = listen(mock)
    server = mock.server()

    def again(data: str) -> None:
        if data == "first":
            for further in "123":
                server.trigger("a", "x", further)

    one.client.channels["a"].bind("x", again)
    server.trigger("a", "x", "first")
    mock.clock.run_until_idle()
    mock.raise_errors()
    assert one.got == ["first", "1", "2", "3"]


# Rules that change -----------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["nothing", "drop-oldest", "block"])
def test_nothing_passes_what_is_blocked(then: str):
    mock = PusherMock()
    one = listen(mock)
    rule = mock.network.conditions(latency=10, queue=1, overflow="block")
    server = mock.server()
    for data in "012":
        server.trigger("a", "x", data)
    rule.end()
    if then != "nothing":
        mock.network.conditions(queue=1, overflow=then)
    server.trigger("a", "x", "3")
    assert one.got == []
    mock.clock.run_until_idle()
    assert one.got == ["0", "1", "2", "3"]
    assert conserved(mock)


def test_a_blocked_one_keeps_to_the_order_of_its_channel():
    mock = PusherMock()
    one = listen(mock, "a", "b")
    delays = iter([10.0, 50.0, 5.0, 1.0])
    mock.network.conditions(latency=lambda u: next(delays), queue=2, overflow="block")
    publish(mock, 1, "b")
    publish(mock, 2, "a")
    mock.server().trigger("a", "x", "2")
    mock.clock.run_until_idle()
    assert one.got == ["0", "0", "1", "2"]
    assert one.times == [10, 50, 50, 51]


def test_a_queue_that_becomes_smaller():
    mock = PusherMock()
    one = listen(mock)
    mock.network.conditions(latency=10)
    publish(mock, 5)
    mock.network.conditions(queue=2)
    mock.server().trigger("a", "x", "5")
    assert mock.metrics().pending == 2
    assert mock.metrics().depth == 5
    mock.clock.advance(10)
    assert one.got == ["4", "5"]


def test_a_queue_of_what_waits_for_its_turn():
    """Events that wait for each other are in the queue as well."""
    mock = PusherMock(network=NetworkConditions(reorder="shuffle", queue=2))
    one = listen(mock)
    publish(mock, 5)
    mock.clock.run_until_idle()
    assert sorted(one.got) == ["3", "4"]
    mock.network.conditions(overflow="drop-newest")
    publish(mock, 5)
    mock.clock.run_until_idle()
    assert sorted(one.got[2:]) == ["0", "1"]
    assert conserved(mock)


def test_frames_of_subscriptions_are_not_dropped_for_room():
    mock = PusherMock(network=NetworkConditions(latency=10, queue=1))
    mock.network.conditions(scope=["events", "subscriptions"])
    one = listen(mock, "a", "b", "c")
    mock.server().trigger("a", "x", "0")  # nothing in the queue may go for it
    assert mock.metrics().reasons == {"queue full": 1}
    mock.clock.run_until_idle()
    publish(mock)
    mock.clock.run_until_idle()
    assert one.got == ["0"]


def test_closed_while_something_is_blocked():
    mock = queued("block")
    one = listen(mock)
    publish(mock, 5)
    lane = mock.network._lanes[one.name]
    assert repr(lane) == "<Lane mock-connection-1 waiting=2 blocked=3>"
    first, *_ = lane.waiting
    assert repr(first) == "<Delivery x to mock-connection-1 due=10ms>"
    mock.network.disconnect_now(one.client)
    metrics = mock.metrics()
    assert (metrics.dropped, metrics.pending) == (5, 0)
    assert mock.network.traffic.backlog == 0
    assert conserved(mock)


def test_nothing_passes_what_is_blocked_by_another_channel():
    mock = PusherMock()
    one = listen(mock, "a", "b")
    with mock.network.conditions(latency=10, queue=1, overflow="block"):
        mock.server().trigger("b", "x", "of b")
        mock.server().trigger("a", "x", "0")
    mock.server().trigger("a", "x", "1")
    mock.clock.run_until_idle()
    assert one.got == ["of b", "0", "1"]
    assert conserved(mock)
