"""One isolated Pusher: engine, clock and journal under a lock, deliveries outside it."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from pusher_mock.clock import ManualClock
from pusher_mock.engine import (
    App,
    ConnectionClosed,
    ConnectionOpened,
    Effect,
    Engine,
    FrameReceived,
    Input,
    PongReceived,
)
from pusher_mock.journal import Journal
from pusher_mock.network import Network
from pusher_mock.protocol import defaults, limits
from pusher_mock.protocol.errors import UsageError

from . import pickled
from .logs import logger
from .outbox import RETIRED, CallbackError, Outbox
from .standby import LetGo, StandBy
from .weathered import Weathered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pusher_mock.clock import Clock
    from pusher_mock.network import NetworkConditions, Profile

    from .lines import Line
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


class Core(Weathered):
    """One isolated Pusher.

    Args:
        seed: of the connection ids and everything else that is left to chance.
        clock: a ``ManualClock`` by default.
        history: messages kept per channel.
        journal: inputs kept in the journal.
        apps: the registered apps; the document's mock app by default.
        strict: refuse keys and ids that are not registered. Otherwise the first secret seen for
            a key registers it, and another secret for it is refused.
        network: a profile or its name, or conditions; good weather by default.

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
        network: str | NetworkConditions | Profile | None = None,
    ) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise UsageError(f"seed takes a whole number, not {seed!r}")
        if clock is not None and (isinstance(clock, type) or not hasattr(clock, "call_at")):
            raise UsageError(f"clock takes a ManualClock() or a SystemClock(), not {clock!r}")
        super().__init__(
            ManualClock() if clock is None else clock,
            Engine(
                (DEFAULT_APP,) if apps is None else apps,
                history=history,
                open_registry=not strict,
                template=DEFAULT_APP if apps is None else None,
            ),
            Journal(journal),
        )
        self.seed = seed
        self.errors: list[CallbackError] = []
        self.facade: Any = None
        self._standby = StandBy()
        self.network = Network(self.clock, self, self._chance)
        self._start_over()
        if network is not None:
            self.network.begin(network)

    def _chance(self) -> float:
        return self._random.random()

    def _start_over(self) -> None:
        self._random = Random(self.seed)
        self._connections = 0
        # facts 1.1.11: digits, dot, digits; the second part makes it unique
        self._server = 10_000 + int(self._random.random() * 90_000)

    def nonce(self, size: int) -> bytes:
        """Bytes from the mock's own source, so that the same seed encrypts alike."""
        with self.lock:
            return bytes([int(self._random.random() * 256) for _ in range(size)])

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
        standing_by: object | None = None,
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
            standing_by: the client that has stood by for this, which ends with it.
            before_delivery: called when the connection is open and nothing was delivered yet.

        Raises:
            LetGo: the client does not stand by any more.
            Unreachable: the network has come between.
            UsageError: the name is taken, or the mock is closed.
        """
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        with self.lock:
            if standing_by is not None and not self._standby.remove(standing_by):
                raise LetGo
            self.check_open()
            if not self.network.calm:
                self.network.admit(target)
            if name is not None and name in self._courier:
                raise UsageError(f"there is a connection {name} already; choose another id")
            name, socket_id = self._name(name)
            box = Outbox(
                name,
                socket_id,
                sink,
                subscriber=subscriber,
                implicit=implicit,
                opened=clock.now(),
            )
            self._courier.add(box)
            box.free.clear()  # this thread empties it, when the client is ready
            happened = ConnectionOpened(name, socket_id, target, tls, native_ping)
            effects, _ = self._apply(happened, alone=False)
        self._log(happened, effects)
        try:
            if before_delivery is not None:
                before_delivery(box)
        finally:
            box.free.append(True)
        if box.retired:
            sink(RETIRED)  # again: the client was not ready for it
        self._courier.deliver_now(box)
        if not self.network.calm:
            self.aftermath()
        return box

    def _name(self, name: str | None) -> tuple[str, str]:
        """The next connection's readable id, unless it has one, and its Pusher id."""
        self._connections += 1
        number = self._connections
        while name is None or name in self._courier:
            name, number = f"mock-connection-{number}", number + 1
        return name, f"{self._server}.{1_000_000 + self._connections}"

    def open_line(
        self, target: str, line: Line, *, tls: bool = True, implicit: bool = False
    ) -> Outbox:
        """Open a connection for a client that reads by itself, such as a real one in this process.

        Args:
            target: path and query of the connection URL.
            line: takes what the client receives; a refusal and a close before this returns, too.
            tls: whether the URL says ``wss``.
            implicit: as for ``open``.

        Raises:
            Unreachable: the network has come between.
            UsageError: the mock is closed.
        """
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        with self.lock:
            self.check_open()
            if not self.network.calm:
                self.network.admit(target)
            box = self.new_line(line, implicit=implicit)
            happened = ConnectionOpened(box.connection, box.socket_id, target, tls, True)
            applied = self._apply(happened)
        self._carry_out(happened, *applied)
        return box

    def new_line(self, line: Line, *, implicit: bool = False) -> Outbox:
        """Under the lock: make the outbox of a connection that is about to be opened."""
        name, socket_id = self._name(None)
        now = self.clock.now()
        box = Outbox(name, socket_id, line.take, implicit=implicit, line=line, opened=now)
        self._courier.add(box)
        return box

    def send(
        self,
        box: Outbox,
        text: str | bytes,
        caused: Callable[[list[Effect]], None] | None = None,
    ) -> None:
        """A client sends a message; nobody hears it when its connection has ended.

        Args:
            box: its outbox.
            text: the message.
            caused: shown the effects before the first of them is delivered, under the lock.
        """
        self._hear(box, FrameReceived(box.connection, text), caused)

    def pong(self, box: Outbox) -> None:
        """A client's transport answers a ping."""
        self._hear(box, PongReceived(box.connection))

    def post(self, box: Outbox, item: object) -> None:
        """Hand a client an item of its own through its outbox, after what is delivered already."""
        self._courier.post(box, item)

    def hang_up(self, box: Outbox, then: Callable[[], None]) -> None:
        """A client closes its transport; what was under way to it is lost.

        Args:
            box: its outbox.
            then: called when it is closed: at once, but inside a callback of this connection
                after that callback.
        """
        happened = ConnectionClosed(box.connection)
        applied = None
        with self.lock:
            self._ghosts.pop(box, None)
            inside = self._courier.delivering_here(box)
            self._courier.discard(box)
            if inside:
                self._courier.after_callback(box, then)
            if self._courier.get(box.connection) is box:
                applied = self._apply(happened)
                self._courier.take(box.connection)
        if not inside:
            then()
        if applied is not None:
            self._carry_out(happened, *applied)

    def delivering_here(self, box: Outbox) -> bool:
        """Whether the calling thread is inside a callback of this connection."""
        with self.lock:
            return self._courier.delivering_here(box)

    def stand_by(self, client: object, retired: Callable[[], None], *, implicit: bool) -> None:
        """Have a client that has no connection just now told when the mock lets go of it.

        Args:
            client: who.
            retired: called instead of what the client waits for; at once if the mock is closed.
            implicit: as for a connection.
        """
        with self.lock:
            if not self.closed:
                self._standby.add(client, retired, implicit=implicit)
                return
        retired()

    def stand_down(self, client: object) -> bool:
        """It gives up; returns whether it stood by."""
        with self.lock:
            return self._standby.remove(client)

    @property
    def connections(self) -> tuple[Outbox, ...]:
        """The open connections in the order they were opened."""
        with self.lock:
            return self._courier.all()

    # Life cycle --------------------------------------------------------------------------------

    def record_error(self, error: CallbackError) -> None:
        """Keep what a callback raised; the fixture raises it again at the end of the test."""
        self.errors.append(error)
        logger.error("%s raised", error.origin, exc_info=error.error)

    def retire_implicit(self) -> None:
        """End what attached to the current mock, for good: its clients do not reconnect."""
        touched: list[Outbox] = []
        log: list[tuple[Input, list[Effect]]] = []
        with self.lock:
            farewells = self._standby.release(only_implicit=True)
            for ghost in [box for box in self._ghosts if box.implicit]:
                del self._ghosts[ghost]
                farewells.append(self._dismiss(ghost))
            for box in self._courier.all():
                if box.implicit:
                    farewells.append(self._dismiss(box))
                    happened = ConnectionClosed(box.connection)
                    effects, boxes = self._apply(happened, alone=False)
                    log.append((happened, effects))
                    touched += boxes
                    self._courier.take(box.connection)
        for one in log:
            self._log(*one)
        for farewell in farewells:
            farewell()
        if touched:
            self._courier.deliver(touched)
        if not self.network.calm:
            self.aftermath()

    def reset(self) -> None:
        """Close every connection and forget everything but apps and options; ids start over."""
        with self.lock:
            farewells = self._dismiss_all()
            self.engine.reset()
            self.journal.clear()
            self.errors.clear()
            self._seen.clear()
            self._armed = 0
            self._start_over()
            self.network.reset()
        for farewell in farewells:
            farewell()

    def close(self) -> None:
        """Reset and refuse further inputs; again is fine. Recorded errors stay readable."""
        with self.lock:
            if self.closed:
                return
            farewells = self._dismiss_all()
            self.network.end(self.clock.now())
            self.network.stop()
            self.closed = True
        for farewell in farewells:
            farewell()
        self.aftermath()  # observers are told what was lost

    def _dismiss_all(self) -> list[Callable[[], None]]:
        farewells = self._standby.release()
        farewells += [self._dismiss(box) for box in self._ghosts]
        self._ghosts.clear()
        for box in self._courier.all():
            farewells.append(self._dismiss(box))
            self._courier.take(box.connection)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        return farewells

    def _dismiss(self, box: Outbox) -> Callable[[], None]:
        box.retired = True
        return partial(self._courier.discard(box), RETIRED)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[int, int]]:
        # What a queue stores of a publisher is which mock it has: the mock stays where it is.
        return pickled.find, pickled.remember(self)

    def __repr__(self) -> str:
        closed = " closed" if self.closed else ""
        return f"<Core connections={len(self._courier)} inputs={len(self.journal)}{closed}>"
