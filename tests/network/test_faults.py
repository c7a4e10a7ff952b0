"""Faults: something goes wrong for chosen events, so many times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pusher.errors import PusherError

from pusher_mock import PusherMock
from pusher_mock.engine import PublishedEvent
from pusher_mock.protocol.errors import UsageError

from .bench import conserved, listen, publish

if TYPE_CHECKING:
    from pusher_mock.network.applied import FaultApplied


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def fault(mock: PusherMock, *args: Any, **options: Any) -> FaultApplied:
    return mock.network.fault(*args, **options)


# Which events ----------------------------------------------------------------------------------


@pytest.mark.parametrize("match", ["task-*", re.compile("^task")])
def test_by_channel(mock: PusherMock, match: Any):
    one = listen(mock, "task-1", "other")
    applied = fault(mock, match)
    publish(mock, 2, "task-1")
    publish(mock, 1, "other")
    assert one.got == ["0"]
    assert applied.hits == 2
    assert mock.metrics().reasons == {"fault": 2}
    applied.end()
    assert mock.network.calm
    publish(mock, 1, "task-1")
    assert one.got == ["0", "0"]


@pytest.mark.parametrize("event", ["x*", re.compile("x$")])
def test_by_event(mock: PusherMock, event: Any):
    one = listen(mock)
    with fault(mock, event=event) as applied:
        mock.server().trigger("a", "y", "0")
        publish(mock)
    assert one.got == []
    assert applied.hits == 1
    assert repr(applied.fault).endswith("hits=1>")


def test_by_a_predicate(mock: PusherMock):
    one = listen(mock)

    def odd(event: Any) -> bool:
        return int(event.data) % 2 == 1

    applied = fault(mock, when=odd)
    publish(mock, 6)
    assert one.got == ["0", "2", "4"]
    assert applied.hits == 3
    assert "when=odd" in str(mock.network)


def test_so_many_times(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    applied = fault(mock, times=2)
    publish(mock, 4)
    assert one.got == other.got == ["2", "3"]
    assert applied.hits == 2
    assert mock.network.calm


def test_for_chosen_connections(mock: PusherMock):
    one, other, third = listen(mock), listen(mock), listen(mock)
    applied = fault(mock, to=[one.client, third.name], times=2)
    publish(mock, 3)
    assert (one.got, other.got, third.got) == (["2"], ["0", "1", "2"], ["2"])
    assert applied.hits == 2
    assert applied.fault.reaches(one.name, one.socket_id)


def test_for_a_connection_that_does_not_listen(mock: PusherMock):
    one, other = listen(mock), listen(mock, "b")
    applied = fault(mock, to=other.client, times=1)
    publish(mock)
    assert one.got == ["0"]
    assert applied.hits == 0
    assert repr(applied) == "<Applied fault drop * to=MockPusherClient times=1>"


# What goes wrong -------------------------------------------------------------------------------


def test_the_publisher_gets_an_error(mock: PusherMock):
    one = listen(mock)
    applied = fault(mock, action="error", status=500, times=1)
    with pytest.raises(PusherError, match="The network has failed this call"):
        publish(mock)
    assert applied.hits == 1
    assert mock.metrics().published == 0
    publish(mock)
    assert one.got == ["0"]
    assert mock.metrics().retried == 1


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        ("timeout", requests.exceptions.ReadTimeout),
        ("refused", requests.exceptions.ConnectionError),
    ],
)
def test_the_publisher_gets_no_answer(mock: PusherMock, status: str, raised: type[Exception]):
    one = listen(mock, "task-1", "other")
    fault(mock, "task-*", action="error", status=status)
    with pytest.raises(raised):
        publish(mock, 1, "task-1")
    publish(mock, 1, "other")
    assert one.got == ["0"]


def test_an_error_for_one_event_of_a_batch(mock: PusherMock):
    one = listen(mock)
    fault(mock, "b", action="error")
    with pytest.raises(PusherError):
        mock.server().trigger_batch(
            [{"channel": name, "name": "x", "data": "0"} for name in ("a", "b")]
        )
    assert one.got == []
    publish(mock)
    assert one.got == ["0"]
    mock.server().channels_info()


def test_the_client_gets_an_error(mock: PusherMock):
    one, sender = listen(mock, "private-a"), listen(mock, "private-a")
    errors: list[Any] = []
    sender.client.connection.bind("pusher:error", errors.append)
    fault(mock, action="error", times=1)
    sender.send("private-a", "0")
    sender.send("private-a", "1")
    assert one.got == ["1"]
    assert errors == [{"code": None, "message": "the network failed this event"}]
    assert mock.metrics().reasons == {"fault": 1}


def test_delay(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    fault(mock, action="delay", delay=300, times=1, to=one.client)
    publish(mock, 2)
    assert other.got == ["0", "1"]
    mock.clock.advance(299)
    assert one.got == []
    mock.clock.advance(1)
    assert one.got == ["0", "1"]  # nothing overtakes it


def test_duplicate(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    fault(mock, action="duplicate", to=one.client)
    fault(mock, action="duplicate", to=one.client, times=1)
    publish(mock, 2)
    assert one.got == ["0", "0", "0", "1", "1"]
    assert other.got == ["0", "1"]
    assert mock.metrics().duplicated == 3
    assert conserved(mock)


def test_corrupt(mock: PusherMock):
    one, other, third = listen(mock), listen(mock), listen(mock)
    fault(mock, action="corrupt", to=[one.client, third.client], times=1)
    server = mock.server()
    server.trigger("a", "x", {"n": 12345})
    server.trigger("a", "x", {"n": 12345})
    assert one.got == third.got == ['{"n": ', '{"n": 12345}']
    assert other.got == ['{"n": 12345}'] * 2
    metrics = mock.metrics()
    assert (metrics.offered, metrics.delivered) == (6, 6)


def test_corrupt_and_late(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=10)
    fault(mock, action="corrupt")
    mock.server().trigger("a", "x", "1234")
    assert f"weather later={one.name}:10ms" in mock.journal.dumps()
    mock.clock.advance(10)
    assert one.got == ["12"]


def test_an_error_for_another_event(mock: PusherMock):
    one = listen(mock)
    applied = fault(mock, "b", action="error")
    fault(mock, "c")
    publish(mock)
    assert one.got == ["0"]
    assert applied.hits == 0


def test_an_error_for_a_sender_that_has_gone(mock: PusherMock):
    listen(mock, "private-a")
    fault(mock, action="error")
    event = PublishedEvent("1", "private-a", "client-x", "0", 0, "9.9", None, True)
    faults, told = mock.network._published(event)
    assert len(faults) == 1
    assert told is None


def test_close(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    applied = fault(mock, action="close", code=4100, reason="maintenance")
    publish(mock)
    assert (one.got, other.got) == ([], [])
    assert one.state == other.state == "unavailable"
    assert mock.journal.dumps().count("4100 maintenance") >= 2
    assert applied.hits == 1
    mock.clock.advance(10_000)
    publish(mock)  # it happens once, unless told otherwise
    assert one.got == other.got == ["0"]
    assert mock.network.calm
    assert conserved(mock)


def test_close_every_time(mock: PusherMock):
    one = listen(mock)
    applied = fault(mock, action="close", times=3)
    assert "4200" not in str(applied)
    for number in range(1, 5):
        publish(mock)
        mock.clock.advance(0)
        assert one.state == "connected"
        assert applied.hits == min(number, 3)
    assert one.got == ["0"]


def test_one_after_the_other(mock: PusherMock):
    one = listen(mock)
    fault(mock, action="delay", delay=10, times=1)
    fault(mock, action="duplicate", times=2)
    fault(mock, action="corrupt", times=1)
    fault(mock, action="corrupt", times=1)
    mock.server().trigger("a", "x", "12345678")
    mock.server().trigger("a", "x", "12345678")
    mock.clock.advance(10)
    assert one.got == ["12", "12", "12345678", "12345678"]


# What is no fault ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"action": "explode"}, "action is one of drop, error, delay, duplicate, corrupt, close"),
        ({"times": 0}, "times takes a number from 1, or None for every time, not 0"),
        ({"times": "2"}, "times takes a number from 1, or None for every time, not '2'"),
        ({"action": "error", "to": "1.1"}, "an error is for who publishes, and so for all"),
        ({"delay": 5}, "delay=5 is for a fault with action='delay'; this one is to 'drop'"),
        ({"action": "delay", "status": 500}, "status=500 is for a fault with action='error'"),
        ({"action": "error", "code": 4000}, "code=4000 is for a fault with action='close'"),
        ({"action": "error", "status": 200}, "a call fails with a status from 400"),
        ({"action": "delay", "delay": -1}, "delay takes milliseconds from 0"),
        ({"match": 5}, "match takes a name, a glob"),
        ({"event": None}, "event takes a name, a glob"),
        ({"to": 5}, "a connection is named by its id"),
    ],
)
def test_what_is_no_fault(mock: PusherMock, options: dict[str, Any], why: str):
    with pytest.raises(UsageError, match=why):
        mock.network.fault(**options)
    assert mock.network.calm
