"""Binding after ``subscribe()`` has returned, as pysher's users do."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.core import Outbox
from pusher_mock.doubles.answers import Answers
from pusher_mock.protocol.frames import Frame

from .side_threaded import Threaded
from .sides import Double

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Endpoint
    from .sides import Side

SUCCEEDED = "pusher_internal:subscription_succeeded"


@pytest.fixture(params=[Double, Threaded])
def doubles(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint
) -> Iterator[Side]:
    """Both doubles; with real pysher it is a race with the network."""
    side = request.param(monkeypatch, endpoint)
    yield side
    side.end()


def test_the_answer_waits(doubles: Side):
    seen: list[Any] = []
    client = doubles.connected(user_data={"user_id": "1"})
    channel = client.subscribe("presence-a")
    doubles.settle()
    channel.bind(SUCCEEDED, seen.append)
    channel.bind(SUCCEEDED, lambda data, *args, **more: seen.append((args, more)), 1, two=2)
    doubles.settle()
    assert json.loads(seen[0])["presence"]["ids"] == ["1"]
    assert seen[1] == ((1,), {"two": 2})
    assert len(seen) == 2


def test_it_comes_before_bind_returns(double: Double):
    seen: list[str] = []
    double.connected().subscribe("a").bind(SUCCEEDED, seen.append)
    assert seen == ["{}"]


def test_the_cached_event_waits_too(doubles: Side):
    doubles.server.trigger("cache-a", "x", "1")
    seen: list[Any] = []
    client = doubles.connected()
    channel = client.subscribe("cache-a")
    doubles.settle()
    channel.bind("x", seen.append)
    channel.bind(SUCCEEDED, seen.append)
    doubles.settle()
    assert seen == ["1", "{}"]
    doubles.server.trigger("cache-a", "x", "2")
    doubles.settle()
    assert seen == ["1", "{}", "2"]


def test_several_subscriptions_and_then_the_callbacks(doubles: Side):
    seen: list[Any] = []
    client = doubles.connected()
    channels = [client.subscribe(name) for name in ("a", "b", "private-c")]
    doubles.settle()
    for channel in channels:
        channel.bind(SUCCEEDED, lambda data, name: seen.append(name), channel.name)
    doubles.settle()
    assert seen == ["a", "b", "private-c"]


def test_something_has_come_since(doubles: Side):
    seen: list[Any] = []
    client = doubles.connected()
    channel = client.subscribe("a")
    doubles.settle()
    doubles.server.trigger("a", "x", "1")
    doubles.settle()
    channel.bind(SUCCEEDED, seen.append)
    channel.bind("x", seen.append)  # too late for that, as anywhere
    doubles.settle()
    assert seen == []
    doubles.server.trigger("a", "x", "2")
    doubles.settle()
    assert seen == ["2"]


def test_a_callback_that_was_in_time_hears_it_once(doubles: Side):
    seen: list[Any] = []
    client = doubles.client()

    def established(data: Any) -> None:
        client.subscribe("a").bind(SUCCEEDED, seen.append)

    client.connection.bind("pusher:connection_established", established)
    doubles.connect(client)
    client.channel("a").bind(SUCCEEDED, lambda data: seen.append("late"))
    doubles.settle()
    assert seen == ["{}"]


def test_subscribed_inside_a_callback_and_bound_after_it(doubles: Side):
    seen: list[Any] = []
    client = doubles.client()
    client.connection.bind(
        "pusher:connection_established", lambda data: [client.subscribe(name) for name in "ab"]
    )
    doubles.connect(client)
    doubles.settle()
    for name in "ab":
        client.channel(name).bind(SUCCEEDED, lambda data, name: seen.append(name), name)
    doubles.settle()
    assert seen == ["a", "b"]


def test_an_answer_that_is_still_under_way_when_bound(double: Double):
    seen: list[Any] = []
    client, other = double.connected(), double.connected()

    def later(data: Any) -> None:
        channel = client.subscribe("a")  # answered when this callback is over
        channel.bind(SUCCEEDED, seen.append)
        assert seen == []

    other.subscribe("go").bind("x", later)
    double.server.trigger("go", "x", "")
    assert seen == ["{}"]


def test_bound_inside_a_callback(double: Double):
    seen: list[Any] = []
    client, other = double.connected(), double.connected()
    channel = client.subscribe("a")

    def later(data: Any) -> None:
        channel.bind(SUCCEEDED, lambda data: seen.append("answer"))
        seen.append("callback")

    other.subscribe("go").bind("x", later)
    double.server.trigger("go", "x", "")
    assert seen == ["callback", "answer"]


def test_a_callback_that_raises(doubles: Side):
    client, error = doubles.connected(), ValueError("no")

    def broken(data: Any) -> None:
        raise error

    channel = client.subscribe("a")
    doubles.settle()
    channel.bind(SUCCEEDED, broken)
    doubles.settle()
    assert client.connection.state == "failed"
    assert doubles.mock.errors == [("mock-connection-1", "a", SUCCEEDED, error)]


def test_the_second_subscription_is_none(doubles: Side):
    seen: list[Any] = []
    client = doubles.connected()
    client.subscribe("a")
    doubles.settle()
    again = client.subscribe("a")
    doubles.settle()
    again.bind(SUCCEEDED, seen.append)
    doubles.settle()
    assert seen == []  # facts 1.4.12: an error is its answer


def test_after_a_reconnect_nothing_waits(doubles: Side):
    seen: list[Any] = []
    client = doubles.connected()
    channel = client.subscribe("a")
    doubles.close(client, 1000, event=False)
    channel.bind(SUCCEEDED, seen.append)
    doubles.advance(10)
    channel.bind(SUCCEEDED, seen.append)
    doubles.settle()
    assert seen == []


def test_before_there_is_a_connection(double: Double):
    client = double.client()
    with pytest.warns(UserWarning, match="sends nothing"):
        channel = client.subscribe("a")
    channel.bind("x", print)
    assert list(channel.event_callbacks) == ["x"]


def test_a_callback_of_the_store_on_a_clients_connection(double: Double):
    seen: list[Any] = []
    client = double.connected()
    channel = client.subscribe("a")
    channel.bind("x", lambda data: seen.append(("client", data)))
    double.mock.state.bind("mock-connection-1", "a", "x", lambda data: seen.append(("store", data)))
    double.server.trigger("a", "x", {"b": 1})
    assert seen == [("client", '{"b": 1}'), ("store", {"b": 1})]


def test_frames_that_nobody_waits_for_are_dropped_early(double: Double):
    client = double.connected()
    box = double.box(client)
    client.subscribe("a")
    assert box.curious
    double.server.trigger("a", "unbound", "1")
    assert not box.curious
    double.server.trigger("a", "unbound", "2")
    assert box.last is not None
    assert box.last.data == "2"


def test_a_callback_that_another_thread_binds_at_that_moment():
    answers, frame = Answers(Outbox("c", "1.1", print)), Frame("x", "", "a")
    binding: Any = (print, (), {})
    assert answers.unheard("a", frame, lambda: [binding]) == [binding]
    assert answers.unheard("a", frame, lambda: None) is None
    answers.expect("a", [frame])
    threads = [threading.Thread(target=answers.unheard, args=("a", frame, list))]
    threads[0].start()
    threads[0].join(10)
    answers._box.last = frame
    assert answers.bind(lambda: None, "a", "x") == [frame]
    assert answers.bind(lambda: None, "a", "y") == []
    assert answers.bind(lambda: None, "b", "x") == []
