"""The attendant: callbacks and timers off the event loop."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from pusher_mock import PusherMock, SystemClock
from pusher_mock.server.attendant import Attendant

PATIENCE_S = 5


def test_jobs_are_done_in_order_on_another_thread():
    attendant = Attendant(PusherMock().core)
    done: list[int] = []
    threads: set[int] = set()

    def job(number: int) -> None:
        done.append(number)
        threads.add(threading.get_ident())

    for number in range(3):
        attendant.do(partial(job, number))
    attendant.start()
    attendant.start()
    attendant.stop()
    attendant.stop()
    assert done == [0, 1, 2]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_what_a_job_raises_does_not_end_it():
    mock = PusherMock()
    attendant = Attendant(mock.core)

    def fail() -> None:
        pytest.fail("in a callback")

    done = threading.Event()
    attendant.do(fail)
    attendant.do(done.set)
    attendant.start()
    assert done.wait(PATIENCE_S)
    attendant.stop()
    assert "in a callback" in str(mock.errors[0].error)


def test_a_job_may_stop_it():
    attendant = Attendant(PusherMock().core)
    done = threading.Event()
    attendant.do(lambda: (attendant.stop(), done.set()))
    attendant.start()
    assert done.wait(PATIENCE_S)


def test_timers_of_real_time_are_run_in_time():
    clock = SystemClock()
    attendant = Attendant(PusherMock(clock=clock).core)
    attendant.start()
    ran: list[str] = []
    done = threading.Event()
    clock.call_at(clock.now() + 60_000, lambda: ran.append("much later"))
    clock.call_at(clock.now() + 30, done.set)  # earlier than what it waits for
    clock.call_at(clock.now() + 5, lambda: ran.append("first"))
    assert done.wait(PATIENCE_S)
    attendant.stop()
    assert ran == ["first"]


def test_a_manual_clock_is_left_to_who_moves_it():
    mock = PusherMock()
    attendant = Attendant(mock.core)
    attendant.start()
    ran: list[int] = []
    mock.clock.call_at(10, lambda: ran.append(threading.get_ident()))
    mock.clock.advance(20)
    attendant.stop()
    assert ran == [threading.get_ident()]
