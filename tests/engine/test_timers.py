"""Named points in time."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.engine.timers import TimerKey, Timers


def drain(timers: Timers, at: float) -> list[str]:
    """Everything that is due, in the order it fires."""
    fired = []
    while (key := timers.pop_due(at)) is not None:
        fired.append(key[0])
    return fired


def test_they_fire_when_due_and_equal_ones_in_the_order_set():
    timers = Timers()
    for name, due in [("b", 2.0), ("a", 1.0), ("d", 3.0), ("c", 2.0)]:
        timers.set((name,), due)
    assert timers.next_due == 1.0
    assert drain(timers, 0.9) == []
    assert drain(timers, 2.0) == ["a", "b", "c"]
    assert timers.next_due == 3.0
    assert ("d",) in timers
    assert len(timers) == 1


def test_setting_again_moves():
    timers = Timers()
    timers.set(("a",), 1.0)
    timers.set(("a",), 5.0)
    assert drain(timers, 4.0) == []
    assert drain(timers, 5.0) == ["a"]
    assert timers.next_due is None


def test_a_cancelled_one_does_not_fire():
    timers = Timers()
    timers.set(("a",), 1.0)
    timers.cancel(("a",))
    timers.cancel(("never set",))
    assert ("a",) not in timers
    assert timers.next_due is None
    assert drain(timers, 9.0) == []


def test_the_serial_tells_that_the_next_one_may_be_earlier():
    timers = Timers()
    before = timers.serial
    timers.set(("a",), 1.0)
    assert timers.serial != before


def test_the_order_survives_many_cancellations():
    timers = Timers()
    names = [f"{number:02}" for number in range(99, -1, -1)]
    for name in names:
        timers.set((name,), float(name))
    for name in names[::3] + names[1::3]:
        timers.cancel((name,))
    assert drain(timers, 100.0) == sorted(names[2::3])


def test_what_was_moved_or_cancelled_takes_no_memory():
    timers = Timers()
    tracemalloc.start()
    try:
        for number in range(10_000):
            timers.set(("moved",), float(number))
            timers.set(("cancelled",), float(number))
            timers.cancel(("cancelled",))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 20_000


def test_what_was_moved_or_cancelled_leaves_nothing_behind():
    timers = Timers()
    for turn in range(1_000):
        timers.set(("moved",), 10.0 + turn)
        timers.set(("cancelled",), 5.0)
        timers.cancel(("cancelled",))
    assert timers.next_due == 1_009.0
    assert drain(timers, 2_000.0) == ["moved"]


NAMES = st.sampled_from(["a", "b", "c", "d"])
STEPS = st.lists(
    st.tuples(st.just("set"), NAMES, st.integers(0, 20))
    | st.tuples(st.just("cancel"), NAMES, st.just(0))
    | st.tuples(st.just("pop"), st.just(""), st.integers(0, 20)),
    max_size=80,
)


@given(STEPS)
def test_they_behave_like_a_dictionary(steps: list[tuple[str, str, int]]):
    timers, model, order = Timers(), dict[TimerKey, tuple[float, int]](), 0
    for what, name, number in steps:
        if what == "set":
            order += 1
            timers.set((name,), number)
            model[name,] = (number, order)
        elif what == "cancel":
            timers.cancel((name,))
            model.pop((name,), None)
        else:
            first = min(model, key=lambda key: model[key], default=None)
            due = first is not None and model[first][0] <= number
            assert timers.pop_due(number) == (first if due else None)
            if first is not None and due:
                del model[first]
        assert len(timers) == len(model)
        assert timers.next_due == min((due for due, _ in model.values()), default=None)


def test_work_is_what_somebody_waits_for():
    timers = Timers()
    timers.set(("idle", "mock-connection-1"), 10)
    timers.set(("pong", "mock-connection-1"), 10)
    assert timers.work == 0
    timers.set(("webhook", "1"), 5)
    timers.set(("webhook", "1"), 20)  # the same, later
    timers.set(("authorize", "mock-connection-1"), 7)
    assert timers.work == 2
    timers.cancel(("authorize", "mock-connection-1"))
    timers.cancel(("authorize", "mock-connection-1"))
    timers.cancel(("idle", "mock-connection-1"))
    assert timers.work == 1
    assert timers.pop_due(30) == ("pong", "mock-connection-1")
    assert timers.work == 1
    assert timers.pop_due(30) == ("webhook", "1")
    assert timers.work == 0
