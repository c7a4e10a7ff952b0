"""What happens to a mock: handled under the lock, delivered outside it, and on time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Condition
from typing import TYPE_CHECKING

from pusher_mock.clock.machine import monotonic
from pusher_mock.engine import (
    CredentialsSeen,
    Effect,
    Engine,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    Respond,
    TimerFired,
)
from pusher_mock.protocol.errors import UsageError

from . import turns
from .courier import Courier
from .forks import INNERMOST, hold
from .logs import logger

if TYPE_CHECKING:
    from pusher_mock.clock import Clock, Timer
    from pusher_mock.journal import Journal
    from pusher_mock.network import Network

    from .outbox import Outbox

__all__ = ["Intake", "Listener"]

_GLANCE = 0.02  # seconds
Listener = Callable[[float, Input, list[Effect]], None]


class Intake:
    """Inputs into the engine, effects to the courier, and the engine's timers on the clock."""

    def __init__(self, clock: Clock, engine: Engine, journal: Journal) -> None:
        self.clock = clock
        guard = getattr(clock, "guard", None)
        if guard is not None:  # a clock of the application's own may have none
            hold(guard, INNERMOST)
        self.engine = engine
        self.journal = journal
        self.closed = False
        self._courier = Courier()
        self.lock = self._courier.lock
        self._seen: set[tuple[str | None, str, str | None]] = set()
        self._alarm: Timer | None = None
        self._armed = 0
        self._listeners: tuple[Listener, ...] = ()
        self._changed = Condition(self.lock)
        self._waiting = 0
        self.network: Network  # made by the core, whose seed it has
        self._telling = [True]  # a token: the thread that has taken it tells observers
        self._ghosts: dict[Outbox, None] = {}  # the service has closed them, and they do not know

    def submit(self, happened: Input) -> list[Effect]:
        """Handle an input and deliver what comes of it.

        Returns:
            The effects; the last one of a ``HttpRequested`` is its ``Respond``.

        Raises:
            UsageError: the mock is closed.
        """
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        with self.lock:
            if self.closed:
                self.check_open()
            effects, touched = self._apply(happened)
        self._carry_out(happened, effects, touched)
        return effects

    def check_open(self) -> None:
        """Refuse to work once closed.

        Raises:
            UsageError: the mock is closed.
        """
        if self.closed:
            raise UsageError(
                "this mock is closed; use the one of the running test, or make a new PusherMock"
            )

    def _apply(
        self,
        happened: Input,
        *,
        alone: bool = True,
        caused: Callable[[list[Effect]], None] | None = None,
    ) -> tuple[list[Effect], list[Outbox]]:
        """Under the lock: handle, note, and put what is to be delivered into the outboxes."""
        clock, engine = self.clock, self.engine
        at = clock.now()
        effects = handed = engine.handle(happened, at=at, wall=clock.wall())
        network = self.network
        if network.calm:
            network.meter.count(effects)
        else:
            effects, handed = network.shape(happened, effects, at)
        self.journal.append(at, happened, effects)
        if caused is not None:
            caused(handed)
        touched = self._courier.enqueue(handed, at, alone=alone)
        if effects is not handed:  # nobody vanishes in good weather
            while network.vanished:
                self._ghosts[self._courier.take(network.vanished.pop())] = None
        for listener in self._listeners:
            listener(at, happened, effects)
        if self._waiting:
            self._changed.notify_all()
        if engine.state.timers.serial != self._armed:
            self._arm()
        return effects, touched

    def _carry_out(self, happened: Input, effects: list[Effect], touched: list[Outbox]) -> None:
        if self._courier.notes or logger.isEnabledFor(logging.DEBUG):
            self._log(happened, effects)
        try:
            if touched:
                self._courier.deliver(touched)
        finally:
            if not self.network.calm:
                self.aftermath()

    def _log(self, happened: Input, effects: list[Effect]) -> None:
        """Outside the lock: a logging handler is application code."""
        logger.debug("%r -> %r", happened, effects)
        notes = self._courier.notes
        while notes:
            try:
                logger.warning("%s: %s (%s)", *notes.popleft())
            except IndexError:  # another thread has logged it
                return

    def _hear(
        self,
        box: Outbox,
        happened: FrameReceived | PongReceived,
        caused: Callable[[list[Effect]], None] | None = None,
    ) -> None:
        """An input of a connection, unless it has ended."""
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        if self.network.calm or self.on_the_way(
            box, happened, lambda: self._heard(box, happened, caused)
        ):
            self._heard(box, happened, caused)

    def _heard(
        self,
        box: Outbox,
        happened: FrameReceived | PongReceived,
        caused: Callable[[list[Effect]], None] | None,
    ) -> None:
        with self.lock:
            # After a reset another connection may have the name.
            if self._courier.get(box.connection) is not box:
                return
            effects, touched = self._apply(happened, caused=caused)
        self._carry_out(happened, effects, touched)

    def learn(self, app_id: str | None, key: str, secret: str | None) -> None:
        """Show the engine the credentials of an SDK object; an open registry takes them."""
        seen = (app_id, key, secret)
        if seen not in self._seen:
            self.submit(CredentialsSeen(app_id, key, secret))
            self._seen.add(seen)

    def request(self, happened: HttpRequested) -> Respond:
        """Answer a call of the HTTP API; what it publishes is delivered before this returns.

        Raises:
            Unreachable: the network has come between.
            UsageError: the mock is closed.
        """
        if self.network.calm:
            answer = self.submit(happened)[-1]
        else:
            answer = self.fail(happened) or self.submit(happened)[-1]
            self.hold_back()
        assert isinstance(answer, Respond)
        if answer.note:
            self.explain(happened, answer)
        return answer

    def explain(self, happened: HttpRequested, answer: Respond) -> None:
        """Tell the application's log why a request was refused."""
        logger.warning(
            "%s %s: %s (%s)", happened.method, happened.path, answer.body.strip(), answer.note
        )

    # What the network does; see ``weathered`` -----------------------------------------------------

    def on_the_way(
        self, box: Outbox, happened: FrameReceived | PongReceived, heard: Callable[[], None]
    ) -> bool:
        """Whether an input of a connection has arrived; otherwise it is on its way, or lost."""
        raise NotImplementedError  # pragma: no cover - the core has it

    def fail(self, happened: HttpRequested) -> Respond | None:
        """How the network answers a call instead of the service; ``None`` when it does not."""
        raise NotImplementedError  # pragma: no cover - the core has it

    def hold_back(self) -> None:
        """Have a publisher wait for subscribers whose queues are full."""
        raise NotImplementedError  # pragma: no cover - the core has it

    def aftermath(self) -> None:
        """Do what the network has left to be done, outside the lock."""
        raise NotImplementedError  # pragma: no cover - the core has it

    # Following what happens --------------------------------------------------------------------

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of every input as it is handled.

        Args:
            listener: called with the mock's clock in milliseconds, the input and its effects,
                under the core's lock: it must neither wait, nor raise, nor call back.

        Returns:
            What ends it.
        """
        with self.lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self.lock:
                self._listeners = tuple([one for one in self._listeners if one is not listener])

        return end

    def wait_for(self, reached: Callable[[], bool], timeout: float) -> bool:
        """Wait until something is the case, looking again after every input and now and then.

        Args:
            reached: called under the core's lock.
            timeout: seconds of real time; on a clock that jumps, also of its own.

        Returns:
            Whether it was the case in time.
        """
        end = monotonic() + timeout
        until = self.clock.now() + timeout * 1000
        with self._changed:
            self._waiting += 1
            try:
                while not reached():
                    left = end - monotonic()
                    if left <= 0 or (self._jumps and self.clock.now() >= until):
                        return False
                    # What a client makes of an input on its own thread is no input.
                    self._let_happen(min(left, _GLANCE), until)
                return True
            finally:
                self._waiting -= 1

    @property
    def _jumps(self) -> bool:
        return bool(getattr(self.clock, "autojump", False))

    def _let_happen(self, seconds: float, until: float) -> None:
        """Under the lock, once: release it until an input, or for so long."""
        if self.clock.next_due <= self.clock.now() or self._jumps:
            self._changed.release()
            try:
                if self.clock.wait(until):
                    return
            finally:
                self._changed.acquire()
            if self._jumps and self.clock.now() >= until:
                return
        loop = turns.here()
        if loop is None:
            self._changed.wait(seconds)
            return
        self._changed.release()
        try:
            loop.take(seconds)
        finally:
            self._changed.acquire()

    # Time --------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """Ask the clock to call when the engine's next timer is due."""
        timers = self.engine.state.timers
        self._armed = timers.serial
        due = self.engine.next_due
        if due is None:
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            return
        if self._alarm is not None and self._alarm.due <= due:
            if self._alarm.background is (timers.work > 0):
                self.clock.put_in_background(self._alarm, not timers.work)
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self.clock.call_at(due, self._alarm_rang, background=not timers.work)

    def _alarm_rang(self) -> None:
        happened = TimerFired()
        applied = None
        with self.lock:
            self._alarm = None
            if self.closed:
                return
            due = self.engine.next_due
            # The timer that the alarm was set for may have been cancelled or moved.
            if due is not None and due <= self.clock.now():
                applied = self._apply(happened)
            self._arm()
        if applied is not None:
            self._carry_out(happened, *applied)
