"""Timers by time: set, cancelled, due, in the background."""

from __future__ import annotations

import gc
import math
import threading
from typing import TYPE_CHECKING

import pytest

from pusher_mock import ManualClock
from pusher_mock.clock import Timer
from pusher_mock.protocol.errors import UsageError

from .bench import Log, Real, ignore

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("make", [ManualClock, Real])
def test_what_is_due(make: Callable[[], ManualClock | Real]):
    clock = make()
    log = Log(clock)
    assert clock.run_due() == 0
    clock.call_at(10, log("a"))
    assert clock.run_due() == 0
    clock.jump(10)
    clock.run_due()
    assert log.names == ["a"]
    clock.call_at(5, log("overdue"))
    clock.call_at(-5, log("long ago"))
    assert clock.next_due == -5
    assert clock.run_due() == 2
    assert log.names == ["a", "long ago", "overdue"]
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
    assert log.names == ["old"]
    assert clock.run_due() == 1
    assert log.names == ["old", "new"]


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
    mine = [one for one in gc.get_objects() if type(one) is Timer and one._schedule is clock]
    assert len(mine) <= 2 * len(kept) + 100
    clock.advance(6_000)
    assert log.names == [str(number) for number in range(100)]


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


# What waits -------------------------------------------------------------------------------------


def test_what_waits_in_order():
    clock = ManualClock()
    late, early = clock.call_at(20, print), clock.call_at(10, print)
    same, gone = clock.call_at(20, print), clock.call_at(20, print)
    never = clock.call_at(math.inf, print)
    gone.cancel()
    assert clock.waiting == [early, late, same, never]
    clock.advance(20)
    assert clock.waiting == [never]


def test_nothing_cancelled_is_next():
    clock = ManualClock()
    timers = [clock.call_at(due, print) for due in (10, 10, 20, 30, 40)]
    timers[0].cancel()
    assert clock.next_due == 10
    timers[2].cancel()
    timers[1].cancel()
    assert clock.next_due == 30
    timers[4].cancel()
    clock.advance(30)
    assert clock.next_due == math.inf
    assert clock.waiting == []


def test_a_cancelled_timer_between_two_of_its_time():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(10, log("a"))
    middle = clock.call_at(10, log("b"))
    clock.call_at(10, log("c"))
    middle.cancel()
    assert clock.tick() == 2
    assert log.names == ["a", "c"]


def test_idle():
    clock = ManualClock()
    assert clock.idle
    work = clock.call_at(10, print)
    clock.call_at(5, print, background=True)
    clock.call_at(math.inf, print)
    assert not clock.idle
    work.cancel()
    assert clock.idle
    work = clock.call_at(10, print)
    clock.advance(10)
    assert clock.idle


def test_a_timer_put_in_the_background_and_back():
    clock = ManualClock()
    timer = clock.call_at(10, print)
    for background in (True, True, False, False):
        clock.put_in_background(timer, background)
        assert (timer.background, clock.idle) == (background, background)
    clock.put_in_background(timer, True)
    assert clock.tick() == 0
    clock.put_in_background(timer, False)
    assert clock.tick() == 1


@pytest.mark.parametrize("end", ["cancel", "run"])
def test_a_timer_that_is_over_is_nobodys_work(end: str):
    clock = ManualClock()
    timer = clock.call_at(10, print)
    if end == "cancel":
        timer.cancel()
    else:
        clock.advance(10)
    clock.put_in_background(timer, True)
    clock.put_in_background(timer, False)
    assert clock.idle


def test_nobody_waits_for_what_is_never_due():
    clock = ManualClock()
    never = clock.call_at(math.inf, print)
    clock.put_in_background(never, False)
    assert never.background
    assert clock.idle


# Callbacks that raise, or cancel -----------------------------------------------------------------


def test_those_that_did_not_get_their_turn_come_before_what_was_set_meanwhile():
    clock = ManualClock()
    log = Log(clock)

    def broken() -> None:
        clock.call_at(20, log("new at 20"))
        clock.call_at(30, log("new at 30"))
        clock.call_at(30, log("newer at 30"))
        gone.cancel()
        raise ValueError("meant")

    clock.call_at(10, broken)
    clock.call_at(20, log("old at 20"))
    gone = clock.call_at(25, log("gone"))
    clock.call_at(30, log("old at 30"))
    clock.call_at(40, log("old at 40"))
    with pytest.raises(ValueError):  # noqa: PT011 - one without a text
        clock.jump(100)
    assert clock.next_due == 20
    assert [timer.due for timer in clock.waiting] == [20, 20, 30, 30, 30, 40]
    clock.run_due()
    assert log.names == [
        "old at 20",
        "new at 20",
        "old at 30",
        "new at 30",
        "newer at 30",
        "old at 40",
    ]


# Being told --------------------------------------------------------------------------------------


def test_who_waits_in_real_time_is_told_of_an_earlier_timer():
    clock = ManualClock()
    told: list[float] = []
    end = clock.watch(lambda: told.append(clock.next_due))
    clock.watch(lambda: told.append(-1))
    clock.call_at(10, print)
    clock.call_at(10, print)
    clock.call_at(20, print)
    assert told == [10, -1]
    end()
    end()
    clock.call_at(5, print)
    assert told == [10, -1, -1]


def test_what_is_left_after_tidying_keeps_its_order():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(50, log("second"))
    clock.call_at(40, log("first"))
    clock.call_at(50, log("third"))
    for timer in [clock.call_at(60, log("never")) for _ in range(65)]:
        timer.cancel()
    assert clock.next_due == 40
    clock.advance(45)
    assert log.names == ["first"]
    clock.advance(5)
    assert log.names == ["first", "second", "third"]


def test_two_threads_leave_timers_of_one_time_to_whoever_comes_next():
    clock = ManualClock()
    log = Log(clock)

    def fail() -> None:
        raise ValueError("meant")

    def elsewhere() -> None:
        with pytest.raises(ValueError, match="meant"):
            clock.run_due()

    def fail_elsewhere_first() -> None:
        clock.call_at(10, fail)
        clock.call_at(10, log("set meanwhile"))
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(10)
        fail()

    clock.call_at(10, fail_elsewhere_first)
    clock.call_at(10, log("left behind"))
    with pytest.raises(ValueError, match="meant"):
        clock.jump(10)
    assert log.names == []
    clock.run_due()
    assert log.names == ["left behind", "set meanwhile"]


def test_what_is_set_for_the_past_comes_before_what_is_left_over():
    clock = ManualClock()
    log = Log(clock)

    def fail() -> None:
        raise ValueError("meant")

    clock.call_at(250, lambda: (clock.call_at(240, log("past")), fail()))
    clock.call_at(250, log("left over"))
    with pytest.raises(ValueError, match="meant"):
        clock.jump(250)
    clock.call_at(250, log("later"))
    assert clock.next_due == 240
    clock.run_due()
    assert log.names == ["past", "left over", "later"]
