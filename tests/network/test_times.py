"""Times that are no whole numbers: what is due is due, whatever bits a sum has lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pusher_mock import ManualClock, PusherMock

from .bench import listen, publish

#: Milliseconds, as somebody writes them: 0.1 is not what a float makes of it.
MS = st.integers(0, 100_000).map(lambda number: number / 1000)


@given(before=st.lists(MS, max_size=8), latency=MS)
def test_it_arrives_when_its_latency_is_over(before: list[float], latency: float):
    mock = PusherMock()
    one = listen(mock)
    for ms in before:
        mock.clock.advance(ms)
    mock.network.conditions(latency=latency)
    publish(mock)
    assert one.got == ([] if latency else ["0"])
    mock.clock.advance(latency)
    assert one.got == ["0"]
    assert mock.clock.idle


@given(before=st.lists(st.floats(0, 5_000), max_size=8))
def test_without_a_delay_it_comes_at_once(before: list[float]):
    mock = PusherMock()
    one, sender = listen(mock, "private-a"), listen(mock, "private-a")
    for ms in before:
        mock.clock.jump(ms)
    for direction in ("receive", "send", "publish"):
        mock.network.conditions(drop_rate=1e-9, direction=direction)
    publish(mock, 1, "private-a")
    sender.send("private-a", "1")
    assert one.got == ["0", "1"]


@given(steps=st.lists(MS, min_size=1, max_size=20))
def test_a_timer_of_so_much_time_runs_after_it(steps: list[float]):
    clock, ran = ManualClock(), list[float]()
    for number, ms in enumerate(steps):
        clock.call_at(clock.now() + ms, lambda: ran.append(0))
        clock.call_at(round(clock.now() + ms, 3), lambda: ran.append(0))
        clock.advance(ms)
        assert len(ran) == 2 * (number + 1)
    assert abs(clock.now() - sum(steps)) < 1e-5


def test_what_was_brought_by_a_command_leaves_no_timer():
    mock = PusherMock()
    one = listen(mock)
    with mock.network.pause(one.client):
        publish(mock)
        assert one.got == []
    assert one.got == ["0"]
    assert mock.clock.idle
    assert mock.clock.next_due > mock.clock.now()
    assert mock.clock.tick() == 0
