"""Real time, and the application's wall clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pusher_mock import ManualClock, SystemClock

from .bench import Log, Real

if TYPE_CHECKING:
    import pytest


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
    assert repr(clock) == "<SystemClock now=1234.568ms>"
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


def test_both_have_what_a_mock_asks_of_a_clock():
    from pusher_mock import PusherMock

    for clock in (ManualClock(), SystemClock()):
        mock: Any = PusherMock(clock=clock)
        assert mock.clock is clock


def test_on_real_time_waiting_runs_what_is_due():
    clock = Real()
    log = Log(clock)
    assert clock.passes
    clock.call_at(10, log("a"))
    assert not clock.wait(100)
    clock.jump(10)
    assert clock.wait(100)
    assert log.names == ["a"]
