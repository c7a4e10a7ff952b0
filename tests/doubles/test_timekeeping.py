"""Who keeps the timers going in real time, of the threads that wait for events."""

from __future__ import annotations

import gc
import threading
import weakref
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import PATIENCE

from pusher_mock import PusherMock, SystemClock
from pusher_mock.doubles import timekeeping
from pusher_mock.doubles.timekeeping import timekeepers

if TYPE_CHECKING:
    from collections.abc import Iterator

ESTABLISHED = "pusher:connection_established"


class Still(SystemClock):
    """Real time that stands still until it is set, so that no wait is over by itself."""

    at = 0.0

    def now(self) -> float:
        return self.at


class Inbox(SimpleQueue[Any]):
    """Tells when somebody waits for it, and for how long."""

    def __init__(self) -> None:
        self.waits = threading.Semaphore(0)
        self.timeouts: list[float | None] = []

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.timeouts.append(timeout)
        self.waits.release()
        return super().get(block, timeout)


class Waiter(threading.Thread):
    """A thread that takes what it is given until that is ``None``; a callable it calls."""

    def __init__(self, clock: SystemClock) -> None:
        super().__init__(daemon=True)
        self.inbox = Inbox()
        self.taken: list[Any] = []
        self._clock = clock

    def run(self) -> None:
        while (item := timekeepers(self._clock).next(self._clock, self.inbox)) is not None:
            self.taken.append(item)
            if callable(item):
                item()

    def waits(self) -> None:
        """Until it waits once more."""
        assert self.inbox.waits.acquire(timeout=PATIENCE)

    def end(self) -> None:
        self.inbox.put(None)
        self.join(PATIENCE)
        assert not self.is_alive()


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def waiters(clock: Still) -> Iterator[list[Waiter]]:
    """Three threads: the first one has the timers."""
    waiters = [Waiter(clock) for _ in range(3)]
    for waiter in waiters:
        waiter.start()
        waiter.waits()
    yield waiters
    for waiter in waiters:
        waiter.end()
    assert clock._watchers == ()
    assert repr(timekeepers(clock)) == "<Timekeepers waiting=0>"


def ring(clock: Still, due: float) -> threading.Thread:
    """Set a timer, wait until it has run, and say which thread has run it."""
    rang, by = threading.Event(), []

    def run() -> None:
        by.append(threading.current_thread())
        rang.set()

    clock.call_at(due, run)
    assert rang.wait(PATIENCE)
    return by[0]


def test_a_new_timer_ends_the_wait(clock: Still, waiters: list[Waiter]):
    assert ring(clock, 0) is waiters[0]
    assert waiters[0].inbox.timeouts[0] is None  # it would have waited for ever


def test_a_timer_that_is_earlier_but_not_yet_due(clock: Still, waiters: list[Waiter]):
    later = clock.call_at(10_000_000, print)
    waiters[0].waits()
    clock.call_at(20_000_000, print)  # no earlier, so nobody is woken
    sooner = clock.call_at(60_000, print)
    waiters[0].waits()
    assert waiters[0].inbox.timeouts == [None, 3600.0, 60.0]
    for timer in (later, sooner):
        timer.cancel()


def test_a_wait_that_is_over(clock: Still, waiters: list[Waiter]):
    rang = threading.Event()
    clock.call_at(1, rang.set)
    waiters[0].waits()
    clock.at = 1  # the millisecond has passed, or does so in a moment
    assert rang.wait(PATIENCE)


def test_only_one_of_them_waits_for_timers(clock: Still, waiters: list[Waiter]):
    assert len(clock._watchers) == 1
    clock.call_at(1000, print)
    waiters[0].waits()
    assert [len(waiter.inbox.timeouts) for waiter in waiters] == [2, 1, 1]


def test_who_is_busy_leaves_the_timers_to_the_next_one(clock: Still, waiters: list[Waiter]):
    busy, go = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        assert go.wait(PATIENCE)

    waiters[0].inbox.put(block)
    assert busy.wait(PATIENCE)
    assert ring(clock, 0) is waiters[1]
    go.set()


def test_a_timer_that_blocks_leaves_the_others_to_the_next_one(clock: Still, waiters: list[Waiter]):
    busy, go = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        assert go.wait(PATIENCE)

    clock.call_at(0, block)
    assert busy.wait(PATIENCE)
    assert ring(clock, 0) in waiters[1:]
    go.set()


def test_each_takes_its_own(waiters: list[Waiter]):
    for number, waiter in enumerate(waiters):
        waiter.inbox.put(timekeeping._LOOK)  # one from before is no item
        waiter.inbox.put(number)
        waiter.end()
    assert [waiter.taken for waiter in waiters] == [[0], [1], [2]]


def test_where_all_are_busy_the_first_to_be_free_sees_to_it(clock: Still, waiters: list[Waiter]):
    busy, go, rang = threading.Event(), threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        assert go.wait(PATIENCE)

    for waiter in waiters:
        waiter.inbox.put(block)
        assert busy.wait(PATIENCE)
        busy.clear()
    assert clock._watchers == ()
    clock.call_at(0, rang.set)
    assert all(waiter.inbox.empty() for waiter in waiters)
    go.set()
    assert rang.wait(PATIENCE)


def test_a_thread_that_a_fork_has_left_behind(clock: Still):
    gone, inbox = threading.Thread(target=print, args=("",)), Inbox()
    gone.start()
    gone.join(PATIENCE)
    timekeepers(clock)._waiting[SimpleQueue()] = gone
    waiter = Waiter(clock)
    waiter.inbox = inbox
    waiter.start()
    assert ring(clock, 0) is waiter
    waiter.end()
    assert timekeepers(clock)._waiting == {}


def test_they_go_with_their_clock():
    clock = SystemClock()
    keepers, forgotten = weakref.ref(timekeepers(clock)), weakref.ref(clock)
    assert timekeepers(clock) is keepers()
    assert timekeepers(clock) is not timekeepers(SystemClock())
    del clock
    gc.collect()
    assert (keepers(), forgotten()) == (None, None)


def test_clients_with_threads_get_their_weather_in_time():
    clock, heard = SystemClock(), threading.Semaphore(0)
    mock = PusherMock(clock=clock, network="latency=5")
    clients = [mock.client(threaded=True) for _ in range(3)]
    for client in clients:

        def established(data: object, client: Any = client) -> None:
            client.subscribe("a").bind("e", lambda data: heard.release())

        client.connection.bind(ESTABLISHED, established)
        client.connect()
    mock.wait_until_subscribed("a", 3)
    mock.server().trigger("a", "e", 1)  # nobody calls the mock after that
    for _ in clients:
        assert heard.acquire(timeout=PATIENCE)
    for client in clients:
        client.disconnect()
    assert clock._watchers == ()
    assert timekeepers(clock)._waiting == {}
    mock.close()


def test_a_timer_that_raises_ends_nobody(
    clock: Still, waiters: list[Waiter], caplog: pytest.LogCaptureFixture
):
    raised = threading.Event()

    def fail() -> None:
        raised.set()
        raise ValueError("meant")

    clock.call_at(-1, fail)
    assert raised.wait(PATIENCE)
    assert ring(clock, -1) in waiters
    assert all(waiter.is_alive() for waiter in waiters)
    for waiter in waiters:
        waiter.end()
    assert [one.getMessage() for one in caplog.records] == ["a timer of a mock raised"]
