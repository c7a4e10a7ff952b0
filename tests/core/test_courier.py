"""Deliveries: in which order, on which thread, and what a callback may do meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pusher_mock import App
from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection, Webhook

from .bench import Bench, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def bench() -> Bench:
    return Bench()


def once(call: Callable[[], object]) -> Callable[[str], object]:
    """Do it at the first frame only."""
    left = [call]
    return lambda data: left.pop()() if left else None


def test_everybody_gets_it_in_the_order_they_came(bench: Bench):
    clients = [bench.client(name, "a") for name in "cab"]
    bench.publish("1")
    bench.publish("2")
    assert bench.log == [(name, data) for data in "12" for name in "cab"]
    assert repr(clients[0].box) == "<Outbox c waiting=0>"


# A callback that delivers ----------------------------------------------------------------------


def test_what_a_callback_publishes_comes_when_everybody_has_got_the_first(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")

    def more() -> None:
        bench.publish("2")
        assert a.got == ["1"]  # answered at once, delivered later

    a.on = once(more)
    bench.publish("1")
    assert bench.log == [("A", "1"), ("B", "1"), ("A", "2"), ("B", "2")]
    assert b.got == ["1", "2"]


def test_several_callbacks_that_publish(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    a.on = once(lambda: [bench.publish(data) for data in ("A2", "A3")])
    b.on = once(lambda: bench.publish("B2"))
    bench.publish("1")
    assert a.got == b.got == ["1", "A2", "A3", "B2"]
    assert bench.log == [(name, data) for data in a.got for name in "AB"]


def test_a_chain_of_callbacks_does_not_nest(bench: Bench):
    client = bench.client("A", "a")
    client.on = lambda data: bench.publish(str(int(data) + 1)) if int(data) < 3000 else None
    bench.publish("0")
    assert client.got == [str(number) for number in range(3001)]


def test_a_callback_that_subscribes(bench: Bench):
    a = bench.client("A", "a")
    b = bench.client("B")
    a.on = once(lambda: bench.subscribe(b, "a"))
    bench.publish("1")
    assert b.got == []
    assert len(b.items) == 2  # connection_established, subscription_succeeded
    bench.publish("2")
    assert b.got == ["2"]


def test_a_callback_that_asks_for_a_channel(bench: Bench):
    a, answers = bench.client("A", "a"), []
    server = bench.mock.server()
    a.on = once(lambda: answers.append(server.channel_info("a")))
    bench.publish("1")
    assert answers == [{"occupied": True}]


def test_a_callback_that_connects_a_client(bench: Bench):
    a, b, new = bench.client("A", "a"), bench.client("B", "a"), []

    def connect() -> None:
        new.append(bench.client("N", "a"))
        assert [item.event for item in new[0].items] == ["pusher:connection_established"]
        bench.publish("2")

    a.on = once(connect)
    bench.publish("1")
    assert bench.log == [("A", "1"), ("B", "1"), ("A", "2"), ("B", "2"), ("N", "2")]
    assert b.got == ["1", "2"]


def test_what_a_new_clients_callback_publishes_overtakes_nothing(bench: Bench):
    a = bench.client("A", "a")
    bench.client("B", "a")
    bench.client("C", "a")

    def connect() -> None:
        client = bench.mock.client()
        client.connection.bind("pusher:connection_established", lambda data: bench.publish("2"))
        client.connect()
        assert client.connection.state == "connected"

    a.on = once(connect)
    bench.publish("1")
    assert bench.log == [(name, data) for data in "12" for name in "ABC"]


@pytest.mark.parametrize("queued", [False, True])
def test_a_callback_that_hangs_up_itself(bench: Bench, queued: bool):
    a, b, over = bench.client("A", "a"), bench.client("B", "a"), []

    def leave() -> None:
        assert bench.core.delivering_here(a.box)
        assert not bench.core.delivering_here(b.box)
        bench.publish("3")
        bench.core.hang_up(a.box, lambda: over.append(list(bench.log)))
        assert over == []

    a.on = once(leave)
    if queued:  # by another thread, while this one is at B
        b.on = once(lambda: in_thread(lambda: bench.publish("2")))
    bench.publish("1")
    assert a.got == ["1"]
    assert b.got == ["1", "3", *["2"] * queued]
    assert over == [[("A", "1")]]  # right after its callback
    assert bench.core.connections == (b.box,)


def test_hanging_up_in_a_delivery_inside_a_delivery(bench: Bench):
    a, b, over = bench.client("A", "a"), bench.client("B", "b"), []
    b.on = once(lambda: bench.core.hang_up(b.box, lambda: over.append("B")))

    def first() -> None:
        bench.publish("2", "b")
        bench.publish("3", "b")

    a.on = once(first)
    bench.publish("1")
    assert bench.log == [("A", "1"), ("B", "2")]
    assert over == ["B"]


def test_a_callback_that_hangs_up_another(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    c, over = bench.client("C", "a"), []
    b.on = once(lambda: [bench.core.hang_up(one.box, lambda: over.append(1)) for one in (a, c)])
    bench.publish("1")
    bench.publish("2")
    assert bench.log == [("A", "1"), ("B", "1"), ("B", "2")]
    assert over == [1, 1]
    assert c.got == []


@pytest.mark.parametrize("verb", ["reset", "close"])
def test_a_callback_that_ends_everything(bench: Bench, verb: str):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    b.items.clear()

    def end() -> None:
        bench.publish("2")
        getattr(bench.mock, verb)()
        assert b.items == [RETIRED]

    a.on = once(end)
    bench.publish("1")
    assert bench.log == [("A", "1")]
    assert a.items[-1] is RETIRED
    assert bench.core.connections == ()
    if verb == "reset":
        bench.client("C", "a")
        bench.publish("3")
        assert bench.log[-1] == ("C", "3")


def test_a_callback_that_has_a_client_closed(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")

    def expel() -> None:
        frame = b"\x00"  # a binary message: 1003
        bench.core.send(a.box, frame)
        bench.core.send(b.box, frame)
        bench.publish("2")

    a.on = once(expel)
    a.items.clear()
    b.items.clear()
    bench.publish("1")
    assert bench.log == [("A", "1"), ("B", "1")]
    for client in (a, b):
        assert isinstance(client.items[-1], CloseConnection)
        assert client.items[-1].code == 1003
    assert bench.core.connections == ()


def test_posting(bench: Bench):
    a = bench.client("A", "a")
    a.items.clear()
    bench.core.post(a.box, "one")
    assert a.items == ["one"]

    def post() -> None:
        bench.publish("2")
        bench.core.post(a.box, "two")
        assert a.items == ["one"]

    a.on = once(post)
    bench.publish("1")
    assert (a.got, a.items) == (["1", "2"], ["one", "two"])


def test_one_input_with_several_fan_outs(bench: Bench):
    clients = [bench.client("A", "a", "b"), bench.client("B", "b"), bench.client("C", "a")]
    server = bench.mock.server()
    server.trigger(["a", "b"], "x", "1")
    assert [client.got for client in clients] == [["1", "1"], ["1"], ["1"]]
    bench.log.clear()
    events = [{"channel": name, "name": "x", "data": name} for name in "ba"]
    server.trigger_batch(events)
    assert [client.got[2:] or client.got[1:] for client in clients] == [["b", "a"], ["b"], ["a"]]
    clients[0].on = once(lambda: server.trigger(["b", "a"], "x", "3"))
    server.trigger(["a", "b"], "x", "2")
    assert clients[0].got[4:] == ["2", "2", "3", "3"]
    assert clients[1].got[-2:] == clients[2].got[-2:] == ["2", "3"]


def test_more_fan_outs_than_are_remembered(bench: Bench):
    client = bench.client("A", "a", *[f"own-{number}" for number in range(100)])
    names = [f"own-{number}" for number in range(100)]
    for number, name in enumerate(names):
        bench.client(f"N{number}", name)
    for name in names * 2:
        bench.publish(name, name)
    assert client.got == names * 2
    assert len(bench.core._courier._routes) <= 64


def test_who_is_there_changes_between_fan_outs(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    bench.publish("1")
    bench.core.hang_up(a.box, lambda: None)
    bench.publish("2")
    c = bench.client("C", "a")
    bench.publish("3")
    assert (a.got, b.got, c.got) == (["1"], ["1", "2", "3"], ["3"])


def test_the_same_names_after_a_reset(bench: Bench):
    for _ in range(2):
        clients = [bench.client(name, "a") for name in "AB"]
        bench.publish("1")
        assert [client.got for client in clients] == [["1"], ["1"]]
        bench.mock.reset()


def test_effects_that_are_nobodys_to_deliver():
    hook = Webhook("https://app.test/hooks")
    bench = Bench(apps=[App("1", "mock-pusher-key", "secret", webhooks=(hook,))])
    client = bench.client("A", "a")
    bench.publish("1")
    assert client.got == ["1"]
    assert len(bench.mock.webhooks()) == 1
