"""A clock against a model of it: a list that is sorted anew each time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pusher_mock import ManualClock

from .bench import ignore

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Timer

# A coarse grid, so that many timers share a time, and some of them a slot of the schedule.
DUE = st.sampled_from(
    [-math.inf, -1.0, 0.0, 1.0, 2.0, 2.5, 3.0, 13.0, 250.0, 256.0, 260.0, 600.0, math.inf]
)
PAUSES = st.sampled_from([0.0, 0.5, 1.0, 3.0, 10.0, 250.0, 400.0])
WHICH = st.integers(0, 30)


class Broken(Exception):
    """What a callback raises."""


@dataclass(frozen=True)
class Script:
    """What a callback does."""

    fails: bool = False
    sets: float | None = None
    cancels: int | None = None


SCRIPTS = st.builds(
    Script,
    fails=st.sampled_from([False, False, False, True]),
    sets=st.none() | PAUSES,
    cancels=st.none() | WHICH,
)


@dataclass
class Entry:
    """What the model knows of a timer."""

    due: float
    number: int
    background: bool
    script: Script


@dataclass
class Model:
    """The clock as it is documented."""

    now: float = 0.0
    made: int = 0
    worked: int = 0
    waiting: list[Entry] = field(default_factory=list)
    ran: list[tuple[int, float]] = field(default_factory=list)

    def add(self, due: float, background: bool, script: Script):
        self.waiting.append(Entry(due, self.made, background or due == math.inf, script))
        self.made += 1
        self.waiting.sort(key=lambda entry: (entry.due, entry.number))

    def cancel(self, number: int):
        self.waiting = [entry for entry in self.waiting if entry.number != number]

    def run(self, entry: Entry):
        self.waiting.remove(entry)
        self.worked += not entry.background
        self.ran.append((entry.number, self.now))
        if entry.script.sets is not None:
            self.add(self.now + entry.script.sets, False, Script())
        if entry.script.cancels is not None:
            self.cancel(entry.script.cancels)
        if entry.script.fails:
            raise Broken

    def advance(self, target: float):
        while self.waiting and self.waiting[0].due <= target:
            entry = self.waiting[0]
            self.now = max(self.now, entry.due)
            self.run(entry)
        self.now = max(self.now, target)

    def run_due(self) -> int:
        due, ran = [entry for entry in self.waiting if entry.due <= self.now], 0
        for entry in due:
            if entry in self.waiting:
                ran += 1
                self.run(entry)
        return ran

    def jump(self, ms: float):
        self.now += ms
        self.run_due()

    @property
    def working(self) -> bool:
        return not all(entry.background for entry in self.waiting)

    def tick(self) -> int:
        before, worked = len(self.ran), self.worked
        while self.working and self.worked == worked:
            self.advance(self.waiting[0].due)
        return len(self.ran) - before

    def tick_all(self) -> int:
        before = len(self.ran)
        while self.working:
            self.advance(self.waiting[0].due)
        return len(self.ran) - before


class ClockMachine(RuleBasedStateMachine):
    """Does the same to a clock and to the model of it."""

    @initialize()
    def begin(self):
        self.clock = ManualClock()
        self.model = Model()
        self.timers: list[Timer] = []
        self.ran: list[tuple[int, float]] = []

    def add(self, due: float, background: bool, script: Script):
        number = len(self.timers)

        def callback() -> None:
            self.ran.append((number, self.clock.now()))
            if script.sets is not None:
                self.add(self.clock.now() + script.sets, False, Script())
            if script.cancels is not None and script.cancels < len(self.timers):
                self.timers[script.cancels].cancel()
            if script.fails:
                raise Broken

        self.timers.append(self.clock.call_at(due, callback, background=background))

    @rule(due=DUE, background=st.booleans(), script=SCRIPTS)
    def call_at(self, due: float, background: bool, script: Script):
        due += self.clock.now()
        self.add(due, background, script)
        self.model.add(due, background, script)

    @rule(which=WHICH)
    def cancel(self, which: int):
        if which < len(self.timers):
            self.timers[which].cancel()
            self.model.cancel(which)

    @rule(which=WHICH, background=st.booleans())
    def put_in_background(self, which: int, background: bool):
        if which < len(self.timers):
            self.clock.put_in_background(self.timers[which], background)
            for entry in self.model.waiting:
                if entry.number == which:
                    entry.background = background or entry.due == math.inf

    def both(self, clock: Callable[[], object], model: Callable[[], object]):
        """Both do it; both raise, or return the same."""
        results = []
        for one in (clock, model):
            try:
                results.append(one())
            except Broken:
                results.append("raised")
        assert results[0] == results[1]

    @rule(ms=PAUSES)
    def advance(self, ms: float):
        target = self.model.now + ms
        self.both(lambda: ignore(self.clock.advance(ms)), lambda: self.model.advance(target))

    @rule(ms=PAUSES)
    def jump(self, ms: float):
        self.both(lambda: ignore(self.clock.jump(ms)), lambda: self.model.jump(ms))

    @rule()
    def run_due(self):
        self.both(self.clock.run_due, self.model.run_due)

    @rule()
    def tick(self):
        self.both(self.clock.tick, self.model.tick)

    @rule()
    def tick_all(self):
        self.both(self.clock.tick_all, self.model.tick_all)

    @invariant()
    def the_same(self):
        clock, model = self.clock, self.model
        assert clock.now() == model.now
        assert self.ran == model.ran
        waiting = [(timer.due, timer.background) for timer in clock.waiting]
        assert waiting == [(entry.due, entry.background) for entry in model.waiting]
        assert [self.timers.index(one) for one in clock.waiting] == [
            entry.number for entry in model.waiting
        ]
        assert clock.next_due == (model.waiting[0].due if model.waiting else math.inf)
        assert clock.idle is not model.working


ClockMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestClockMachine = ClockMachine.TestCase
