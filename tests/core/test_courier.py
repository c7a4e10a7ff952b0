"""Deliveries: in which order, on which thread, and what a callback may do meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection

from .bench import PATIENCE, Bench, in_thread, lock_is_free

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bench import Client


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


# Errors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, pytest.fail.Exception, ValueError])
def test_an_error_surfaces_when_everybody_has_got_everything(
    bench: Bench, error: type[BaseException]
):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    first, later = error("first"), error("later")

    def throw(what: BaseException) -> None:
        raise what

    a.on = once(lambda: [bench.publish("2"), throw(first)])
    b.on = once(lambda: throw(later))
    with pytest.raises(error) as caught:
        bench.publish("1")
    assert caught.value is first
    assert a.got == b.got == ["1", "2"]
    bench.publish("3")
    assert a.got == b.got == ["1", "2", "3"]


def test_an_error_in_what_a_callback_published(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "b")
    error = SystemExit("no")

    def throw() -> None:
        raise error

    a.on = once(lambda: bench.publish("2", "b"))
    b.on = once(throw)
    with pytest.raises(SystemExit) as caught:
        bench.publish("1")
    assert caught.value is error
    assert b.got == ["2"]


def test_an_error_while_a_new_client_is_greeted(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")
    error = SystemExit("no")

    def refuse(data: Any) -> None:
        raise error

    def connect() -> None:
        client = bench.mock.client()
        client.connection.bind("pusher:connection_established", refuse)
        client.connect()

    a.on = once(connect)
    with pytest.raises(SystemExit) as caught:
        bench.publish("1")
    assert caught.value is error
    assert a.got == b.got == ["1"]


class _NoTruth(BaseException):
    def __len__(self) -> int:
        return 0


def test_an_error_that_is_false(bench: Bench):
    a = bench.client("A", "a")

    def throw() -> None:
        raise _NoTruth

    a.on = once(throw)
    with pytest.raises(_NoTruth):
        bench.publish("1")


def test_interrupted_between_two_deliveries(bench: Bench):
    """As Ctrl-C may: what is left is lost, and what comes after it is not."""
    a, b = bench.client("A", "a"), bench.client("B", "a")
    courier = bench.core._courier
    empty = courier._empty

    def interrupted(boxes: Any) -> Any:
        setattr(courier, "_empty", empty)  # noqa: B010
        raise KeyboardInterrupt

    setattr(courier, "_empty", interrupted)  # noqa: B010
    a.on = once(lambda: bench.publish("2"))
    with pytest.raises(KeyboardInterrupt):
        bench.publish("1")
    bench.publish("3")
    assert a.got == b.got == ["1", "2", "3"]


# Threads ---------------------------------------------------------------------------------------


def test_a_callback_that_joins_a_thread_that_publishes(bench: Bench):
    a, b, c = (bench.client(name, "a") for name in "ABC")
    threads: dict[tuple[str, str], int] = {}

    def note(client: Client) -> Callable[[str], None]:
        def on(data: str) -> None:
            threads.setdefault((client.name, data), threading.get_ident())

        return on

    b.on, c.on = note(b), note(c)

    def other() -> None:
        bench.publish("2")
        assert b.got == c.got == ["1", "2"]  # it has waited for nobody
        assert a.got == ["1"]  # which is being delivered to just now

    a.on = once(lambda: in_thread(other))
    bench.publish("1")
    assert a.got == b.got == c.got == ["1", "2"]
    assert threads["B", "1"] == threads["C", "2"] != threading.get_ident()


@pytest.mark.parametrize("at", [0, 1, 2])
def test_another_thread_publishes_wherever_the_round_is(bench: Bench, at: int):
    clients = [bench.client(name, "a") for name in "ABC"]
    clients[at].on = once(lambda: in_thread(lambda: bench.publish("2")))
    bench.publish("1")
    bench.publish("3")
    assert [client.got for client in clients] == [["1", "2", "3"]] * 3
    assert not bench.core._courier._threads
    assert all(client.box.free == [True] and not client.box.queue for client in clients)


def test_another_thread_publishes_before_the_round_has_begun(bench: Bench):
    clients = [bench.client(name, "a") for name in "ABC"]
    deliver = bench.core._courier.deliver
    pause = [True]

    def late(touched: Any) -> None:
        if pause:
            pause.clear()
            in_thread(lambda: bench.publish("2"))
            assert [client.got for client in clients] == [["1", "2"]] * 3
        deliver(touched)

    setattr(bench.core._courier, "deliver", late)  # noqa: B010
    bench.publish("1")
    bench.publish("3")
    assert [client.got for client in clients] == [["1", "2", "3"]] * 3


def test_another_thread_publishes_after_the_round_has_ended(bench: Bench):
    clients = [bench.client(name, "a") for name in "ABC"]
    courier = bench.core._courier
    go_round = courier._go_round

    def slow(going: Any) -> Any:
        go = going.go

        class Slow:
            def __getattr__(self, name: str) -> Any:
                return getattr(going, name)

            def go(self) -> Any:
                raised = go()
                in_thread(lambda: bench.publish("2"))
                return raised

        return go_round(Slow())  # type: ignore[arg-type]

    setattr(courier, "_go_round", slow)  # noqa: B010
    bench.publish("1")
    setattr(courier, "_go_round", go_round)  # noqa: B010
    assert [client.got for client in clients] == [["1", "2"]] * 3
    bench.publish("3")
    assert [client.got for client in clients] == [["1", "2", "3"]] * 3


def test_another_thread_publishes_what_must_come_after_what_a_callback_published(bench: Bench):
    a, b = bench.client("A", "a"), bench.client("B", "a")

    def both() -> None:
        bench.publish("2")
        in_thread(lambda: bench.publish("3"))

    a.on = once(both)
    bench.publish("1")
    assert a.got == b.got == ["1", "2", "3"]


def test_another_thread_hangs_up_the_one_that_is_being_delivered_to(bench: Bench):
    a, b, over = bench.client("A", "a"), bench.client("B", "a"), []

    def leave() -> None:
        bench.core.hang_up(a.box, lambda: over.append("A"))
        assert over == ["A"]  # it waits for nobody

    a.on = once(lambda: in_thread(leave))
    bench.publish("1")
    bench.publish("2")
    assert (a.got, b.got) == (["1"], ["1", "2"])


@pytest.mark.parametrize("verb", ["hang_up", "reset", "close"])
def test_what_is_queued_goes_while_a_thread_looks(bench: Bench, verb: str):
    """The queue was emptied between the look and the reach into it."""
    a = bench.client("A", "a")
    reached: list[int] = []

    class Slow(deque[Any]):
        def __len__(self) -> int:
            length = super().__len__()
            reached.append(length)
            if len(reached) == 2:
                if verb == "hang_up":
                    in_thread(lambda: bench.core.hang_up(a.box, lambda: None))
                else:
                    in_thread(getattr(bench.mock, verb))
            return length

    a.box.queue = Slow()
    bench.core.post(a.box, "item")
    assert reached[:2] == [1, 1]
    assert "item" not in a.items


def test_whose_callback_it_is_before_the_thread_has_said_so(bench: Bench):
    """The thread that delivered last is not inside the delivery that begins."""
    a, answers = bench.client("A", "a"), []
    asked, answered = threading.Event(), threading.Event()

    class Slow(list[bool]):
        def pop(self, *args: Any) -> bool:
            token = super().pop()
            asked.set()
            assert answered.wait(PATIENCE)
            return token

    bench.core.post(a.box, "by this thread")
    a.box.free = Slow([True])
    thread = threading.Thread(target=lambda: bench.core.post(a.box, "by another"))
    thread.start()
    assert asked.wait(PATIENCE)
    answers.append(bench.core.delivering_here(a.box))
    answered.set()
    thread.join(PATIENCE)
    assert answers == [False]


def test_what_comes_while_the_token_is_given_back(bench: Bench):
    """Nothing is left in a queue that nobody looks at any more."""
    a = bench.client("A", "a")

    class Slow(list[bool]):
        late = True

        def append(self, token: bool) -> None:
            if self.late:
                self.late = False
                in_thread(lambda: bench.core.post(a.box, "late"))
            super().append(token)

    a.items.clear()
    a.box.free = Slow([True])
    bench.core.post(a.box, "first")
    assert a.items == ["first", "late"]


def test_no_callback_runs_under_the_lock(bench: Bench):
    a, b, free = bench.client("A", "a"), bench.client("B", "b"), []

    def look(*args: Any) -> None:
        free.append(lock_is_free(bench.core))

    a.on = lambda data: [look(), data == "1" and bench.publish("2", "b")]
    b.on = look
    bench.publish("1")
    bench.core.post(a.box, "item")
    bench.core.hang_up(a.box, look)
    bench.mock.clock.call_at(10, look)
    bench.mock.clock.advance(10)
    bench.core.stand_by("x", look, implicit=False)
    bench.mock.close()
    bench.core.stand_by("y", look, implicit=False)
    assert free == [True] * 6
