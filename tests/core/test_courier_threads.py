"""The courier when callbacks raise, and when other threads deliver as well."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

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


def test_another_thread_publishes_elsewhere(bench: Bench):
    clients = [bench.client(name, "a") for name in "AB"]
    bench.client("C", "b")
    clients[0].on = once(lambda: in_thread(lambda: bench.publish("2", "b")))
    bench.publish("1")
    assert bench.log == [("A", "1"), ("C", "2"), ("B", "1")]
    assert [client.box.owner for client in clients] == [0, 0]


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
