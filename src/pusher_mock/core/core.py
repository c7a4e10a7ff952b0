"""One isolated Pusher: engine, clock and journal under a lock, deliveries outside it."""

from __future__ import annotations

import logging
from random import Random
from typing import TYPE_CHECKING, Any

from pusher_mock.clock import ManualClock
from pusher_mock.engine import (
    App,
    ConnectionClosed,
    ConnectionOpened,
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
from pusher_mock.journal import Journal
from pusher_mock.protocol import defaults, limits
from pusher_mock.protocol.errors import UsageError

from .courier import Courier
from .logs import logger
from .outbox import RETIRED, CallbackError, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pusher_mock.clock import Clock, Timer

    from .outbox import Subscriber

__all__ = ["DEFAULT_APP", "Core"]

# The service wants digits for an app id and the SDK insists on them, so there is an alias. A mock
# has no dashboard to switch client events on.
DEFAULT_APP = App(
    defaults.APP_ID,
    defaults.KEY,
    defaults.SECRET,
    aliases=(defaults.NUMERIC_APP_ID,),
    client_events=True,
)


class Core:
    """One isolated Pusher.

    Args:
        seed: of the connection ids and everything else that is left to chance.
        clock: a ``ManualClock`` by default.
        history: messages kept per channel.
        journal: inputs kept in the journal.
        apps: the registered apps; the document's mock app by default.
        strict: refuse keys and ids that are not registered. Otherwise the first secret seen for
            a key registers it, and another secret for it is refused.

    Raises:
        UsageError: an argument is out of range.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        clock: Clock | None = None,
        history: int = limits.DEFAULT_HISTORY,
        journal: int = limits.DEFAULT_JOURNAL,
        apps: Iterable[App] | None = None,
        strict: bool = False,
    ) -> None:
        self.seed = seed
        self.clock: Clock = ManualClock() if clock is None else clock
        self.engine = Engine(
            (DEFAULT_APP,) if apps is None else apps,
            history=history,
            open_registry=not strict,
            template=DEFAULT_APP if apps is None else None,
        )
        self.journal = Journal(journal)
        self.errors: list[CallbackError] = []
        self.closed = False
        self.facade: Any = None
        self._courier = Courier()
        self.lock = self._courier.lock
        self._seen: set[tuple[str | None, str, str | None]] = set()
        self._alarm: Timer | None = None
        self._armed = 0
        self._start_over()

    def _start_over(self) -> None:
        self._random = Random(self.seed)
        self._connections = 0
        # facts 1.1.11: digits, dot, digits; the second part makes it unique
        self._server = 10_000 + int(self._random.random() * 90_000)

    # Inputs ------------------------------------------------------------------------------------

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
            effects, touched = self._apply(happened)
        if touched:
            self._courier.deliver(touched)
        return effects

    def _apply(self, happened: Input) -> tuple[list[Effect], list[Outbox]]:
        """Under the lock: handle, note, and put what is to be delivered into the outboxes."""
        if self.closed:
            raise UsageError(
                "this mock is closed; use the one of the running test, or make a new PusherMock"
            )
        clock, engine = self.clock, self.engine
        at = clock.now()
        effects = engine.handle(happened, at=at, wall=clock.wall())
        self.journal.append(at, happened, effects)
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%r -> %r", happened, effects)
        touched = self._courier.enqueue(effects, at)
        if engine.state.timers.serial != self._armed:
            self._arm()
        return effects, touched

    # Connections -------------------------------------------------------------------------------

    def open(
        self,
        target: str,
        sink: Callable[[Any], None],
        *,
        tls: bool = True,
        native_ping: bool = True,
        subscriber: Subscriber | None = None,
        implicit: bool = False,
        name: str | None = None,
        before_delivery: Callable[[Outbox], None] | None = None,
    ) -> Outbox:
        """Open a connection for a client in this process.

        Args:
            target: path and query of the connection URL.
            sink: takes what the client receives: frames, pings, a close, or ``RETIRED``.
            tls: whether the URL says ``wss``.
            native_ping: whether the sink answers ``Ping``.
            subscriber: whose callbacks take the events of channels; else the sink does.
            implicit: whether the connection belongs to the current mock rather than to a named
                one, and so ends when the mock stops being current.
            name: the readable id; ``mock-connection-N`` by default.
            before_delivery: called when the connection is open and nothing was delivered yet.

        Raises:
            UsageError: the name is taken, or the mock is closed.
        """
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        with self.lock:
            self._connections += 1
            number = self._connections
            if name is not None and name in self._courier:
                raise UsageError(f"there is a connection {name} already; choose another id")
            while name is None or name in self._courier:
                name, number = f"mock-connection-{number}", number + 1
            socket_id = f"{self._server}.{1_000_000 + self._connections}"
            box = Outbox(name, socket_id, sink, subscriber=subscriber, implicit=implicit)
            self._courier.add(box)
            box.free.clear()  # this thread empties it, when the client is ready
            self._apply(ConnectionOpened(name, socket_id, target, tls, native_ping))
        try:
            if before_delivery is not None:
                before_delivery(box)
        finally:
            box.free.append(True)
        self._courier.deliver_now(box)
        return box

    def send(self, box: Outbox, text: str | bytes) -> list[Effect]:
        """A client sends a message; returns what it caused."""
        return self.submit(FrameReceived(box.connection, text))

    def post(self, box: Outbox, item: object) -> None:
        """Hand a client an item of its own through its outbox, after what is delivered already."""
        self._courier.post(box, item)

    def pong(self, box: Outbox) -> None:
        """A client's transport answers a ping."""
        self.submit(PongReceived(box.connection))

    def hang_up(self, box: Outbox) -> None:
        """A client closes its transport; what was under way to it is lost."""
        with self.lock:
            self._courier.discard(box)
            if self.closed or self._courier.get(box.connection) is not box:
                return
            _, touched = self._apply(ConnectionClosed(box.connection))
            self._courier.take(box.connection)
        if touched:
            self._courier.deliver(touched)

    def learn(self, app_id: str | None, key: str, secret: str | None) -> None:
        """Show the engine the credentials of an SDK object; an open registry takes them."""
        seen = (app_id, key, secret)
        if seen not in self._seen:
            self.submit(CredentialsSeen(app_id, key, secret))
            self._seen.add(seen)

    def request(self, happened: HttpRequested) -> Respond:
        """Answer a call of the HTTP API; what it publishes is delivered before this returns."""
        answer = self.submit(happened)[-1]
        assert isinstance(answer, Respond)
        if answer.note:
            logger.warning(
                "%s %s: %s (%s)", happened.method, happened.path, answer.body.strip(), answer.note
            )
        return answer

    def nonce(self, size: int) -> bytes:
        """Bytes from the mock's own source, so that the same seed encrypts alike."""
        with self.lock:
            return bytes([int(self._random.random() * 256) for _ in range(size)])

    @property
    def connections(self) -> tuple[Outbox, ...]:
        """The open connections in the order they were opened."""
        with self.lock:
            return self._courier.all()

    # Time --------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """Ask the clock to call when the engine's next timer is due."""
        self._armed = self.engine.state.timers.serial
        due = self.engine.next_due
        if due is None or (self._alarm is not None and self._alarm.due <= due):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self.clock.call_at(due, self._alarm_rang)

    def _alarm_rang(self) -> None:
        touched: list[Outbox] = []
        with self.lock:
            self._alarm = None
            if self.closed:
                return
            due = self.engine.next_due
            # The timer that the alarm was set for may have been cancelled or moved.
            if due is not None and due <= self.clock.now():
                _, touched = self._apply(TimerFired())
            self._arm()
        if touched:
            self._courier.deliver(touched)

    # Life cycle --------------------------------------------------------------------------------

    def record_error(self, error: CallbackError) -> None:
        """Keep what a callback raised; the fixture raises it again at the end of the test."""
        self.errors.append(error)
        logger.error(
            "callback for %s on %s of %s raised",
            error.event,
            error.channel,
            error.connection,
            exc_info=error.error,
        )

    def retire(self, boxes: Iterable[Outbox]) -> None:
        """End connections from this side for good: their clients do not reconnect."""
        touched: list[Outbox] = []
        ended: list[Outbox] = []
        with self.lock:
            for box in boxes:
                if self._courier.get(box.connection) is box:
                    self._courier.discard(box, keep_sink=True)
                    touched += self._apply(ConnectionClosed(box.connection))[1]
                    self._courier.take(box.connection)
                    ended.append(box)
        for box in ended:
            box.sink(RETIRED)
        if touched:
            self._courier.deliver(touched)

    def reset(self) -> None:
        """Close every connection and forget everything but apps and options; ids start over."""
        with self.lock:
            boxes = self._dismiss_all()
            self.engine.reset()
            self.journal.clear()
            self.errors.clear()
            self._seen.clear()
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            self._armed = 0
            self._start_over()
        for box in boxes:
            box.sink(RETIRED)

    def _dismiss_all(self) -> tuple[Outbox, ...]:
        boxes = self._courier.all()
        for box in boxes:
            self._courier.discard(box, keep_sink=True)
            self._courier.take(box.connection)
        return boxes

    def close(self) -> None:
        """Reset and refuse further inputs; again is fine. Recorded errors stay readable."""
        with self.lock:
            if self.closed:
                return
            boxes = self._dismiss_all()
            if self._alarm is not None:
                self._alarm.cancel()
            self.closed = True
        for box in boxes:
            box.sink(RETIRED)

    def __repr__(self) -> str:
        closed = " closed" if self.closed else ""
        return f"<Core connections={len(self._courier)} inputs={len(self.journal)}{closed}>"
