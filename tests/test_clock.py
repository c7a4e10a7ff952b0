"""Clocks."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock, SystemClock
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = ManualClock | SystemClock


class Log:
    """Notes when callbacks ran."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ran: list[tuple[str, float]] = []

    def __call__(self, name: str) -> Callable[[], None]:
        return lambda: self.ran.append((name, self.clock.now()))


class Real(SystemClock):
    """A system clock whose machine's clock the test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = self._start
        self._monotonic = lambda: self.machine

    def jump(self, ms: float) -> None:
        self.machine += ms / 1000


def ignore(result: object) -> None:
    """Make one expression a callback."""


def test_a_manual_clock_stands_still():
    clock = ManualClock()
    assert (clock.now(), clock.next_due) == (0.0, math.inf)
    clock.advance(1.5)
    clock.advance(0)
    clock.jump(2)
    assert clock.now() == 3.5
    assert repr(clock) == "<ManualClock now=3.5ms>"


@pytest.mark.parametrize("ms", [-1, -0.001, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("verb", ["advance", "jump"])
def test_time_moves_forward(ms: float, verb: str):
    clock = ManualClock()
    with pytest.raises(UsageError, match="moves forward by milliseconds from 0, not by"):
        getattr(clock, verb)(ms)
    assert clock.now() == 0


def test_each_timer_runs_at_its_time_and_equal_ones_in_the_order_they_were_set():
    clock = ManualClock()
    log = Log(clock)
    for name, due in (("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("d", 41)):
        clock.call_at(due, log(name))
    assert clock.next_due == 10
    clock.advance(40)
    assert log.ran == [("a", 10), ("b1", 20), ("b2", 20), ("c", 30)]
    assert (clock.now(), clock.next_due) == (40, 41)
    clock.advance(1)
    assert log.ran[-1] == ("d", 41)


def test_a_timer_that_a_callback_sets_runs_on_the_way():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(10, lambda: ignore(clock.call_at(clock.now() + 5, log("later"))))
    clock.call_at(10, lambda: ignore(clock.call_at(3, log("overdue"))))
    clock.advance(20)
    assert log.ran == [("overdue", 10), ("later", 15)]
    assert clock.now() == 20


def test_advancing_inside_a_callback():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(10, lambda: clock.advance(50))
    clock.call_at(20, log("inside"))
    clock.call_at(80, log("outside"))
    clock.advance(100)
    assert log.ran == [("inside", 20), ("outside", 80)]
    assert clock.now() == 100
    clock.call_at(110, lambda: clock.advance(500))
    clock.advance(20)
    assert clock.now() == 610  # the inner one went further


def test_a_jump_runs_what_is_overdue_at_its_end():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(20, log("b"))
    clock.call_at(10, log("a"))
    clock.call_at(101, log("c"))
    clock.jump(100)
    assert log.ran == [("a", 100), ("b", 100)]


@pytest.mark.parametrize("make", [ManualClock, Real])
def test_what_is_due(make: Callable[[], ManualClock | Real]):
    clock = make()
    log = Log(clock)
    assert clock.run_due() == 0
    clock.call_at(10, log("a"))
    assert clock.run_due() == 0
    clock.jump(10)
    clock.run_due()
    assert [name for name, _ in log.ran] == ["a"]
    clock.call_at(5, log("overdue"))
    clock.call_at(-5, log("long ago"))
    assert clock.next_due == -5
    assert clock.run_due() == 2
    assert [name for name, _ in log.ran] == ["a", "long ago", "overdue"]
    assert clock.next_due == math.inf


@pytest.mark.parametrize("make", [ManualClock, Real])
def test_a_timer_that_sets_itself_again_cannot_spin(make: Callable[[], ManualClock | Real]):
    clock, ran = make(), []

    def again() -> None:
        ran.append(1)
        clock.call_at(clock.now(), again)
        clock.run_due()  # as any input does

    clock.call_at(0, again)
    assert clock.run_due() == 1
    assert clock.run_due() == 1
    assert len(ran) == 2


def test_overdue_timers_run_although_a_callback_sets_an_earlier_one():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(10, lambda: ignore(clock.call_at(20, log("new"))))
    clock.call_at(50, log("old"))
    clock.jump(100)
    assert [name for name, _ in log.ran] == ["old"]
    assert clock.run_due() == 1
    assert [name for name, _ in log.ran] == ["old", "new"]


def test_advancing_past_a_timer_that_sets_itself_again():
    clock = ManualClock()

    def again() -> None:
        clock.call_at(clock.now(), again)

    clock.call_at(10, again)
    with pytest.raises(UsageError, match="keep setting timers for 10 ms"):
        clock.advance(20)
    assert clock.now() == 10


@pytest.mark.parametrize("verb", ["advance", "jump"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_callback_that_raises_leaves_the_others_their_turn(verb: str, error: type[BaseException]):
    clock = ManualClock()
    log = Log(clock)

    def broken() -> None:
        raise error

    clock.call_at(10, broken)
    clock.call_at(20, log("next"))
    with pytest.raises(error):
        getattr(clock, verb)(30)
    assert clock.now() == (10 if verb == "advance" else 30)
    assert log.ran == []
    clock.advance(20)
    assert [name for name, _ in log.ran] == ["next"]


@pytest.mark.parametrize("verb", ["advance", "jump"])
def test_cancel(verb: str):
    clock = ManualClock()
    log = Log(clock)
    first = clock.call_at(10, log("first"))
    second = clock.call_at(20, log("second"))
    clock.call_at(15, second.cancel)
    assert repr(first) == "<Timer due=10ms>"
    first.cancel()
    first.cancel()
    assert repr(first) == "<Timer due=10ms over>"
    getattr(clock, verb)(30)
    assert log.ran == []
    assert clock.next_due == math.inf


def test_a_timer_at_no_time():
    clock = ManualClock()
    with pytest.raises(UsageError, match="not at nan"):
        clock.call_at(math.nan, print)
    never = clock.call_at(math.inf, print)
    clock.advance(1e12)
    assert repr(never) == "<Timer due=infms>"


def test_cancelled_timers_do_not_pile_up():
    clock = ManualClock()
    log = Log(clock)
    kept = [clock.call_at(5_000 + number, log(str(number))) for number in range(100)]
    for _ in range(10_000):
        clock.call_at(305_000, print).cancel()
    assert len(clock._heap) <= 2 * len(kept) + 100
    clock.advance(6_000)
    assert [name for name, _ in log.ran] == [str(number) for number in range(100)]


def test_a_wall_of_ones_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "time", lambda: 42.0)
    for kind in (ManualClock, SystemClock):
        assert kind(wall=lambda: 1_000.0).wall() == 1_000.0


def test_the_wall_is_the_applications(monkeypatch: pytest.MonkeyPatch):
    clock = ManualClock()
    clock.advance(3_600_000)
    monkeypatch.setattr(time, "time", lambda: 42.0)
    assert clock.wall() == SystemClock().wall() == 42.0


def test_a_system_clock_goes_with_the_machine(monkeypatch: pytest.MonkeyPatch):
    clock = Real()
    assert clock.now() == 0
    clock.jump(1234.56789)
    assert clock.now() == 1234.568  # to the microsecond
    assert repr(clock) == "<SystemClock now=1234.57ms>"
    monkeypatch.setattr(time, "time", lambda: 0.0)  # as freezing libraries do
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    system = SystemClock()
    monkeypatch.undo()
    assert isinstance(system.now(), float)


def test_a_system_clock_starts_at_zero_and_never_goes_back():
    clock = SystemClock()
    times = [clock.now() for _ in range(1000)]
    assert times[0] >= 0
    assert times == sorted(times)


def test_timers_from_many_threads():
    clock, ran, each = ManualClock(), [], 200
    barrier = threading.Barrier(8)

    def set_them(number: int) -> None:
        barrier.wait(10)
        for one in range(each):
            clock.call_at(one, lambda one=one: ran.append((number, one)))  # type: ignore[misc]
            clock.call_at(one, print).cancel()

    threads = [threading.Thread(target=set_them, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    clock.advance(each)
    assert sorted(ran) == [(number, one) for number in range(8) for one in range(each)]
    assert [one for _, one in ran] == sorted(one for _, one in ran)


def test_due_timers_run_once_though_many_threads_run_them():
    clock, ran = ManualClock(), []
    for one in range(500):
        clock.call_at(0, lambda one=one: ran.append(one))  # type: ignore[misc]
    barrier = threading.Barrier(4)

    def run() -> None:
        barrier.wait(10)
        while clock.run_due():
            pass

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ran) == list(range(500))


def test_both_have_what_a_mock_asks_of_a_clock():
    from pusher_mock import PusherMock

    for clock in (ManualClock(), SystemClock()):
        mock: Any = PusherMock(clock=clock)
        assert mock.clock is clock
