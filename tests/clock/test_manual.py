"""A clock that moves when it is told to: advance, jump, tick, until it is idle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock
from pusher_mock.protocol.errors import UsageError

from .bench import Log, ignore

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_manual_clock_stands_still():
    clock = ManualClock()
    assert (clock.now(), clock.next_due) == (0.0, math.inf)
    clock.advance(1.5)
    clock.advance(0)
    clock.jump(2)
    assert clock.now() == 3.5
    assert repr(clock) == "<ManualClock now=3.5ms>"


@pytest.mark.parametrize("ms", [-1, -0.001, math.nan, math.inf, -math.inf, "1s", None])
@pytest.mark.parametrize("verb", ["advance", "jump"])
def test_time_moves_forward(ms: Any, verb: str):
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
    assert log.names == ["next"]


def test_many_timers_may_be_overdue_at_once():
    clock = ManualClock()
    ran: list[int] = []
    for number in range(20_000):
        clock.call_at(0, lambda number=number: ran.append(number))  # type: ignore[misc]
    clock.advance(0)
    assert ran == list(range(20_000))


def test_many_timers_may_be_due_at_one_time():
    clock = ManualClock()
    ran: list[int] = []
    for number in range(20_000):
        clock.call_at(5, lambda number=number: ran.append(number))  # type: ignore[misc]
    clock.advance(5)
    assert len(ran) == 20_000


# One timer after the other ----------------------------------------------------------------------


def test_a_tick_goes_on_to_the_next_timer_and_runs_everything_due_by_then():
    clock = ManualClock()
    log = Log(clock)
    for name, due in (("b", 20), ("a", 10), ("c", 20)):
        clock.call_at(due, log(name))
    assert clock.tick() == 1
    assert (clock.now(), log.names) == (10, ["a"])
    assert clock.tick() == 2
    assert (clock.now(), log.names) == (20, ["a", "b", "c"])
    assert clock.tick() == 0
    assert clock.now() == 20


def test_what_a_callback_sets_for_the_present_belongs_to_the_tick():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(10, lambda: ignore(clock.call_at(10, log("now"))))
    clock.call_at(10, lambda: ignore(clock.call_at(11, log("later"))))
    assert clock.tick() == 3
    assert log.ran == [("now", 10)]


def test_a_tick_passes_background_timers_on_its_way_and_waits_for_none():
    clock = ManualClock()
    log = Log(clock)
    clock.call_at(5, log("ping"), background=True)
    clock.call_at(10, log("work"))
    clock.call_at(10, log("another ping"), background=True)
    clock.call_at(15, log("late ping"), background=True)
    assert clock.tick() == 3
    assert log.names == ["ping", "work", "another ping"]
    assert clock.idle
    assert clock.tick() == clock.tick_all() == clock.run_until_idle() == 0
    assert clock.now() == 10


@pytest.mark.parametrize("inside", ["run_due", "advance"])
def test_timers_that_run_inside_a_callback_are_counted(inside: str):
    clock = ManualClock()
    log = Log(clock)
    moves: dict[str, Callable[[], object]] = {
        "run_due": clock.run_due,  # as any input does
        "advance": lambda: clock.advance(0),
    }
    clock.call_at(10, lambda: ignore(moves[inside]()))
    clock.call_at(10, log("inside"))
    assert clock.tick() == 2
    assert log.names == ["inside"]


def test_overdue_timers_are_the_next_ones():
    clock = ManualClock()
    log = Log(clock)
    clock.advance(100)
    clock.call_at(10, log("overdue"))
    assert clock.tick() == 1
    assert log.ran == [("overdue", 100)]


@pytest.mark.parametrize("verb", ["tick", "tick_all", "run_until_idle"])
def test_what_a_callback_raises_comes_out(verb: str):
    clock = ManualClock()
    log = Log(clock)

    def broken() -> None:
        raise ValueError

    clock.call_at(10, broken)
    clock.call_at(10, log("next"))
    with pytest.raises(ValueError):  # noqa: PT011 - one without a text
        getattr(clock, verb)()
    assert clock.now() == 10
    assert getattr(clock, verb)() == (0 if verb == "run_until_idle" else 1)
    assert log.names == ["next"]


# Until it is idle -------------------------------------------------------------------------------


def test_until_nothing_waits():
    def build() -> tuple[ManualClock, Log]:
        clock = ManualClock()
        log = Log(clock)
        clock.advance(7)
        clock.call_at(10, lambda: ignore(clock.call_at(40, log("set on the way"))))
        clock.call_at(20, log("b"))
        clock.call_at(1000, log("ping"), background=True)
        return clock, log

    clock, log = build()
    assert clock.tick_all() == 3
    assert (clock.now(), log.names) == (40, ["b", "set on the way"])
    clock, log = build()
    assert clock.run_until_idle() == 33
    assert (clock.now(), log.names) == (40, ["b", "set on the way"])


@pytest.mark.parametrize("verb", ["tick_all", "run_until_idle"])
def test_something_that_sets_itself_again(verb: str):
    clock = ManualClock()
    clock.advance(1)

    def again() -> None:
        clock.call_at(clock.now() + 600_000, again)

    again()
    text = "timers still wait after 3600000 ms of virtual time: 1, the next of them at 4200001 ms"
    with pytest.raises(UsageError, match=text):
        getattr(clock, verb)()
    assert clock.now() == 3_600_001


def test_a_limit_of_ones_own():
    clock = ManualClock()
    clock.call_at(100, print)
    clock.call_at(101, print)
    with pytest.raises(UsageError, match="still wait after 100 ms"):
        clock.run_until_idle(100)
    assert clock.run_until_idle(limit=1) == 1
    assert clock.run_until_idle(0) == 0
    with pytest.raises(UsageError, match="moves forward"):
        clock.run_until_idle(-1)


def test_the_numbers_are_numbers():
    clock = ManualClock()
    clock.call_at(2.5, print)
    clock.call_at(5, print)
    ran, passed = clock.tick(), clock.run_until_idle()
    assert (isinstance(ran, int), isinstance(passed, float)) == (True, True)
    assert (ran + 1, passed * 2) == (2, 5.0)


# Instead of waiting -----------------------------------------------------------------------------


def test_it_does_not_move_by_itself():
    clock = ManualClock()
    clock.call_at(10, print)
    assert not clock.passes
    assert not clock.wait(100)
    assert clock.now() == 0


def test_with_autojump_waiting_moves_it_from_timer_to_timer_up_to_the_deadline():
    clock = ManualClock(autojump=True)
    log = Log(clock)
    clock.call_at(10, log("a"))
    clock.call_at(20, log("ping"), background=True)
    clock.call_at(200, log("too late"))
    assert clock.passes
    assert clock.wait(100)
    assert clock.wait(100)
    assert log.ran == [("a", 10), ("ping", 20)]
    assert not clock.wait(100)
    assert (clock.now(), log.names) == (100, ["a", "ping"])
    assert not clock.wait(50)  # it has passed
    assert clock.now() == 100


def test_with_autojump_and_nothing_to_wait_for():
    clock = ManualClock(autojump=True)
    clock.call_at(math.inf, print)
    assert not clock.wait(math.inf)
    assert clock.now() == 0
    clock.call_at(7, print)
    assert clock.wait(math.inf)
    assert clock.now() == 7


def test_with_autojump_overdue_timers_run_first():
    clock = ManualClock(autojump=True)
    log = Log(clock)
    clock.advance(50)
    clock.call_at(10, log("overdue"))
    assert clock.wait(100)
    assert log.ran == [("overdue", 50)]


def test_autojump_can_be_switched():
    clock: Any = ManualClock()
    clock.call_at(10, print)
    clock.autojump = True
    assert clock.wait(10)
    assert clock.now() == 10


@pytest.mark.parametrize("verb", ["tick", "tick_all", "run_until_idle"])
def test_what_is_about_to_run_further_out_is_left_alone(verb: str):
    clock, ran = ManualClock(), []
    clock.call_at(10, lambda: ran.append(getattr(clock, verb)()))
    clock.call_at(20, lambda: ran.append("further out"))
    clock.jump(100)
    assert ran == [0, "further out"]
    assert clock.now() == 100
    assert clock.idle
