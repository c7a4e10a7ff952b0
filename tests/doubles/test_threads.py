"""Threads: nothing lost, nothing twice, in order, and nobody waits for ever.

Each test runs a few times with the interpreter switching threads as often as it can. By hand,
``PUSHER_MOCK_LONG=1`` runs each of them 200 times.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import PATIENCE, in_thread

from pusher_mock import MockPusherClient, PusherMock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

THREADS = 8
EACH = 12
TIMES = 200 if os.environ.get("PUSHER_MOCK_LONG") == "1" else 3
ESTABLISHED = "pusher:connection_established"
SUCCEEDED = "pusher_internal:subscription_succeeded"

pytestmark = pytest.mark.parametrize("time", range(TIMES))


@pytest.fixture(autouse=True)
def often() -> Iterator[None]:
    """Switch between threads as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    before = set(threading.enumerate())
    mock = PusherMock(journal=50_000)
    yield mock
    mock.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    courier = mock.core._courier
    assert (courier._threads, courier._held, courier._round) == (set(), 0, None)
    mock.raise_errors()


class Subscriber:
    """A client double that keeps what it gets."""

    def __init__(self, mock: PusherMock, channel: str = "a", *, threaded: bool = False) -> None:
        self.got: list[str] = []
        self.twice = False
        self.inside: int | None = None
        self.came = threading.Condition()
        self.on: Callable[[str], object] = lambda data: None
        self.client: MockPusherClient = mock.client(threaded=threaded)
        ready = threading.Event()

        def established(data: Any) -> None:
            self.client.subscribe(channel).bind("x", self.take)

        self.client.connection.bind(ESTABLISHED, established)
        self.client.connection.bind("pusher:pong", lambda data: ready.set())
        self.client.connect()
        assert ready.wait(PATIENCE)
        box = self.client.connection.box
        assert box is not None
        self.box = box

    def take(self, data: str) -> None:
        # Never two at a time, on whatever threads.
        self.twice = self.twice or self.inside is not None
        self.inside = threading.get_ident()
        with self.came:
            self.got.append(data)
            self.came.notify_all()
        self.on(data)
        self.inside = None

    def wait(self, count: int) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= count, PATIENCE), len(self.got)


def together(*calls: Callable[[int], None]) -> None:
    """Call each in a thread of its own, all at the same moment, and wait for them."""
    barrier, raised = threading.Barrier(len(calls)), []

    def run(number: int, call: Callable[[int], None]) -> None:
        try:
            barrier.wait(PATIENCE)
            call(number)
        except BaseException as error:
            raised.append(error)

    threads = [
        threading.Thread(target=run, args=(number, call), daemon=True)
        for number, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "it waits for somebody"
    if raised:
        raise raised[0]


def expected(threads: int = THREADS, each: int = EACH) -> Counter[str]:
    return Counter(f"{number}-{one}" for number in range(threads) for one in range(each))


def check(subscribers: list[Subscriber], count: Counter[str]) -> None:
    """Everything came once, and what one thread published in its order."""
    for subscriber in subscribers:
        subscriber.wait(sum(count.values()))
        assert Counter(subscriber.got) == count
        assert not subscriber.twice
        for number in range(THREADS):
            own = [data for data in subscriber.got if data.startswith(f"{number}-")]
            assert own == sorted(own, key=lambda data: int(data.split("-")[1]))
    orders = {tuple(subscriber.got) for subscriber in subscribers}
    assert len(orders) == 1  # all of them in one order


def publisher(mock: PusherMock, channel: str = "a") -> Callable[[int], None]:
    """Publish a fixed number of events."""
    server = mock.server()

    def publish(number: int) -> None:
        for one in range(EACH):
            server.trigger(channel, "x", f"{number}-{one}")

    return publish


@pytest.mark.parametrize("threaded", [False, True])
def test_eight_publishers(mock: PusherMock, threaded: bool, time: int):
    # facts 5.1.9
    subscribers = [Subscriber(mock, threaded=threaded) for _ in range(5)]
    together(*[publisher(mock)] * THREADS)
    check(subscribers, expected())


def test_publishers_return_when_the_callbacks_have_run(mock: PusherMock, time: int):
    """Unless another thread is delivering to that very connection."""
    own = [Subscriber(mock, f"own-{number}") for number in range(THREADS)]
    shared = Subscriber(mock, "own-0")
    server = mock.server()

    def publish(number: int) -> None:
        for one in range(EACH):
            server.trigger(f"own-{number}", "x", str(one))
            assert len(own[number].got) == one + 1

    together(*[publish] * THREADS)
    assert shared.got == own[0].got == [str(one) for one in range(EACH)]


@pytest.mark.parametrize("threaded", [False, True])
def test_publishing_and_subscribing(mock: PusherMock, threaded: bool, time: int):
    steady = [Subscriber(mock, threaded=threaded) for _ in range(3)]
    came: list[Subscriber] = []

    def subscribe(number: int) -> None:
        came.extend([Subscriber(mock, threaded=threaded) for _ in range(EACH // 4)])

    together(*[publisher(mock)] * 4, *[subscribe] * 4)
    check(steady, expected(4))
    mock.server().trigger("a", "x", "last")
    order = steady[0].got + ["last"] * (steady[0].got[-1] != "last")
    for subscriber in came:
        subscriber.wait(1)
        with subscriber.came:
            assert subscriber.came.wait_for(lambda one=subscriber: one.got[-1] == "last", PATIENCE)  # type: ignore[misc]
        # what it got is the end of what the others got
        assert subscriber.got == order[len(order) - len(subscriber.got) :]


def test_callbacks_that_publish(mock: PusherMock, time: int):
    subscribers = [Subscriber(mock) for _ in range(3)]
    server = mock.server()

    def answer(data: str) -> None:
        if not data.startswith("r"):
            server.trigger("a", "x", f"r{data}")

    subscribers[1].on = answer
    together(*[publisher(mock)] * THREADS)
    once = expected()
    check(subscribers, once + Counter({f"r{data}": 1 for data in once}))


@pytest.mark.parametrize("threaded", [False, True])
def test_callbacks_that_join_a_thread_that_publishes(mock: PusherMock, threaded: bool, time: int):
    subscribers = [Subscriber(mock, threaded=threaded) for _ in range(3)]
    server = mock.server()

    def answer(data: str) -> None:
        if data.endswith("-0") and not data.startswith("r"):
            in_thread(lambda: server.trigger("a", "x", f"r{data}"))

    for subscriber in subscribers[:2]:
        subscriber.on = answer
    together(*[publisher(mock)] * 4)
    extra = Counter({f"r{number}-0": 2 for number in range(4)})
    check(subscribers, expected(4) + extra)


def test_callbacks_that_subscribe_and_ask(mock: PusherMock, time: int):
    subscribers = [Subscriber(mock) for _ in range(2)]
    server, came = mock.server(), []

    def more(data: str) -> None:
        if data.endswith(("-3", "-7")):
            came.append(Subscriber(mock, "b"))
            subscribers[0].client.subscribe(f"c-{data}")
            assert server.channel_info("a")["occupied"]

    subscribers[0].on = more
    together(*[publisher(mock)] * THREADS)
    check(subscribers, expected())
    assert len(came) == 2 * THREADS
    assert mock.state.get_subscriber_count("b") == 2 * THREADS
    server.trigger("b", "x", "1")
    assert [one.got for one in came] == [["1"]] * len(came)
    connections = mock.core.engine.state.connections
    assert len(connections[subscribers[0].box.connection].channels) == 1 + 2 * THREADS


@pytest.mark.parametrize("threaded", [False, True])
def test_clients_that_come_and_go(mock: PusherMock, threaded: bool, time: int):
    steady = [Subscriber(mock) for _ in range(2)]

    def come_and_go(number: int) -> None:
        for _ in range(EACH // 4):
            subscriber = Subscriber(mock, threaded=threaded)
            subscriber.client.disconnect()
            assert subscriber.client.connection.state == "disconnected"
            assert subscriber.client.channels == {}

    together(*[publisher(mock)] * 4, *[come_and_go] * 4)
    check(steady, expected(4))
    assert len(mock.core.connections) == 2
    assert mock.state.get_subscriber_count("a") == 2


def test_callbacks_that_disconnect(mock: PusherMock, time: int):
    steady = [Subscriber(mock) for _ in range(2)]
    leaving = [Subscriber(mock) for _ in range(8)]
    refused: list[str] = []

    def leave(subscriber: Subscriber, other: Subscriber) -> Callable[[str], None]:
        def on(data: str) -> None:
            if data.endswith("-5"):
                other.client.disconnect()
                try:
                    subscriber.client.disconnect()
                except RuntimeError as error:
                    refused.append(str(error))

        return on

    for number in range(0, 8, 2):
        leaving[number].on = leave(leaving[number], leaving[number + 1])
    together(*[publisher(mock)] * 4)
    check(steady, expected(4))
    assert set(refused) == {"cannot join current thread"}
    assert [one.client.connection.state for one in leaving] == ["disconnected"] * 8
    assert len(mock.core.connections) == 2


def test_closing_while_everybody_publishes(mock: PusherMock, time: int):
    subscribers = [Subscriber(mock) for _ in range(4)]
    publish = publisher(mock)

    def work(number: int) -> None:
        if number == 0:
            mock.reset()
            return
        publish(number)

    together(*[work] * THREADS)
    assert [one.client.connection.state for one in subscribers] == ["disconnected"] * 4
    assert mock.core.connections == ()
    again = [Subscriber(mock) for _ in range(2)]
    together(*[publisher(mock)] * THREADS)
    check(again, expected())


def test_client_events(mock: PusherMock, time: int):
    """Each is excluded from its own; the limit of ten a second is per connection."""
    members = [Subscriber(mock, "private-a") for _ in range(THREADS)]
    for member in members:
        channel = member.client.channel("private-a")
        assert channel is not None
        channel.bind("client-x", member.take)

    def send(number: int) -> None:
        channel = members[number].client.channel("private-a")
        assert channel is not None
        for one in range(10):
            channel.trigger("client-x", f"{number}-{one}")

    together(*[send] * THREADS)
    for number, member in enumerate(members):
        others = Counter(
            {data: 1 for data in expected(each=10) if not data.startswith(f"{number}-")}
        )
        assert Counter(member.got) == others
        assert not member.twice


def test_binding_while_the_answer_arrives(mock: PusherMock, time: int):
    """An answer reaches a callback once, whichever comes first."""
    clients = [Subscriber(mock, threaded=bool(number % 2)).client for number in range(4)]
    counts: Counter[str] = Counter()
    came, lock = threading.Semaphore(0), threading.Lock()

    def note(data: str, name: str) -> None:
        with lock:
            counts[name] += 1
        came.release()

    def subscribe(number: int) -> None:
        for one in range(EACH):
            name = f"{number}-{one}"
            clients[number].subscribe(name).bind(SUCCEEDED, note, name)

    together(*[subscribe] * 4)
    for _ in range(4 * EACH):
        assert came.acquire(timeout=PATIENCE), counts
    assert counts == expected(4)


def test_the_clock_and_the_publishers(mock: PusherMock, time: int):
    """Timers run while others publish, and reconnects while they subscribe."""
    subscribers = [Subscriber(mock) for _ in range(3)]
    others = [Subscriber(mock, "b") for _ in range(3)]

    def tick(number: int) -> None:
        for _ in range(EACH):
            mock.clock.advance(1_000)  # not so much that the service misses a pong

    def reconnect(number: int) -> None:
        for other in others:
            other.client.connection.reconnect(1)

    together(*[publisher(mock)] * 4, tick, tick, reconnect)
    check(subscribers, expected(4))
    mock.clock.advance(60_000)
    assert [one.client.connection.state for one in others] == ["connected"] * 3
    assert len(mock.core.connections) == 6


@pytest.mark.parametrize("threaded", [False, True])
def test_mocks_that_come_and_go(threaded: bool, time: int):
    """As tests do that run one after the other, with threads that nobody stopped."""
    for _ in range(3):
        with PusherMock() as mock:
            clients = [
                MockPusherClient("mock-pusher-key", secret="mock-pusher-secret", threaded=threaded)
                for _ in range(4)
            ]
            together(*[lambda number, clients=clients: clients[number].connect()] * 4)
        mock.close()
        for client in clients:
            client.connection.join(PATIENCE)
            assert not client.connection.is_alive()
            assert client.connection.state == "disconnected"
        assert mock.core.connections == ()
