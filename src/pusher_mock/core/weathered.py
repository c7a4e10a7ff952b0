"""A core and its network: what is late, lost, refused or cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    CloseConnection,
    CloseRequested,
    ConnectionClosed,
    FrameReceived,
    HttpRequested,
    PongReceived,
    Respond,
)
from pusher_mock.network import Arrived, Injected
from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import Unreachable

from .intake import Intake
from .outbox import CallbackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.network.publishers import Failure

    from .outbox import Outbox

__all__ = ["Weathered"]

_PATIENCE = 5.0  # seconds, the SDK's own time-out
_CUT = "the network has cut it"


class Weathered(Intake):
    """What a mock's network asks of its core, and what the core asks of it."""

    # Connections, as the network names them ----------------------------------------------------

    def find_connection(self, connection: str) -> tuple[str, str | None]:
        """Under the lock: the socket id and the app's id of an open connection."""
        box = self._courier.get(connection)
        known = self.engine.state.connections.get(connection)
        app = known.app.config.id if known is not None else None
        return (box.socket_id if box is not None else "", app)

    def open_connections(self) -> list[tuple[str, str]]:
        """The ids and socket ids of the open connections."""
        with self.lock:
            return [(box.connection, box.socket_id) for box in self._courier.all()]

    def cut(self, connection: str) -> None:
        """End a connection as when a cable is pulled: no close frame, no error."""
        with self.lock:
            box = self._courier.get(connection)
            if box is None:
                return
            happened = ConnectionClosed(connection)
            close = CloseConnection(connection, codes.ABNORMAL_CLOSURE, _CUT)
            touched = self._courier.enqueue([close], self.clock.now(), alone=False)
            effects, others = self._apply(happened, alone=False)
        self._carry_out(happened, effects, [*touched, *others])

    def end_connection(self, connection: str, code: int, reason: str) -> None:
        """Close a connection as the service does."""
        happened = CloseRequested(connection, code, reason)
        with self.lock:
            if self._courier.get(connection) is None:
                return
            effects, touched = self._apply(happened, alone=False)
        self._carry_out(happened, effects, touched)

    def inject(self, text: str) -> None:
        """Note a command in the journal."""
        self._note(Injected(text), [])

    def _note(self, happened: Any, effects: list[Any]) -> None:
        with self.lock:
            at = self.clock.now()
            self.journal.append(at, happened, effects)
            for listener in self._listeners:
                listener(at, happened, effects)
            if self._waiting:
                self._changed.notify_all()

    # What comes due ----------------------------------------------------------------------------

    def arrive(self, due: float) -> None:
        """Deliver what has come due; the clock calls this."""
        with self.lock:
            if self.closed:
                return
            noted, handed = self.network.collect(due, self.clock.now())
            if not noted:
                return
            self._note(Arrived(), noted)
            touched = self._courier.enqueue(handed, self.clock.now(), alone=False)
        self.deliver_later(touched)
        self.aftermath()

    def deliver_later(self, touched: list[Outbox]) -> None:
        """Deliver what the network has held back, on this thread."""
        if touched:
            self._courier.deliver(touched)

    def on_the_way(
        self, box: Outbox, happened: FrameReceived | PongReceived, heard: Callable[[], None]
    ) -> bool:
        """Send an input of a connection on its way.

        Args:
            box: its outbox.
            happened: what.
            heard: called when it arrives later.

        Returns:
            Whether it has arrived.
        """
        text = happened.text if isinstance(happened, FrameReceived) else None
        with self.lock:
            if self._courier.get(box.connection) is not box:
                return True  # nobody hears it, as ever
            now = self.clock.now()
            times = self.network.outgoing(box.connection, text, now)
            if not times:
                self.journal.append(now, happened, [Injected("lost on the way to the service")])
        arrived = False
        for due in times:
            if due <= now and not arrived:
                arrived = True
            else:
                self.clock.call_at(due, heard)
        return arrived

    # Calls of publishers -----------------------------------------------------------------------

    def fail(self, happened: HttpRequested) -> Respond | None:
        """How the network answers a call instead of the service; ``None`` when it does not.

        Raises:
            Unreachable: no answer comes.
        """
        failure = self.network_fails(happened)
        if failure is None:
            return None
        if failure.accepted:
            self.submit(happened)
        return self.failed(happened, failure)

    def network_fails(self, happened: HttpRequested) -> Failure | None:
        """How the network fails a call, if it does."""
        with self.lock:
            return self.network.before_request(happened, self.clock.now())

    def failed(self, happened: HttpRequested, failure: Failure) -> Respond:
        """The answer of a call that fails.

        Raises:
            Unreachable: there is none.
        """
        if failure.accepted:
            self.inject(f"the answer is lost: {failure}")
        else:
            answered = failure.kind == "answer"
            self._note(happened, [_answer(failure) if answered else _silence(failure)])
        if failure.kind == "answer":
            return _answer(failure)
        raise Unreachable(failure.kind, f"the network has failed this call ({failure.reason})")

    def hold_back(self) -> None:
        """Have a publisher wait until no subscriber's queue is in its way, where waiting helps.

        On a clock that stands still it would wait for ever, and inside a delivery for itself.

        Raises:
            Unreachable: there was no room for as long as the SDK waits for an answer.
        """
        traffic = self.network.traffic
        if (
            traffic.backlog
            and self.clock.passes
            and not self._courier.delivering
            and not self.wait_for(lambda: not traffic.backlog, _PATIENCE)
        ):
            raise Unreachable("timeout", "a subscriber's queue stays full, and blocks")

    # Afterwards --------------------------------------------------------------------------------

    def aftermath(self) -> None:
        """Cut and close what the network has come to, tell observers, run what is due at once."""
        network, clock = self.network, self.clock
        while network.busy:
            with self.lock:
                news, network.traffic.news[:] = list(network.traffic.news), []
                chores = network.take_chores()
            for what, *rest in chores:
                _CHORES[what](self, *rest)
            for what, note in news:
                for observer in network.observers(what):
                    self._tell(observer, what, note)
        if clock.next_due <= clock.now():
            clock.run_due()

    def _tell(self, observer: Callable[[Any], object], what: str, note: Any) -> None:
        try:
            observer(note)
        except Exception as error:
            where = getattr(note, "connection", "a publisher")
            self.record_error(CallbackError(where, note.channel, note.event, error))

    def record_error(self, error: CallbackError) -> None:
        """Keep what a callback raised."""
        raise NotImplementedError  # pragma: no cover - the core has it


def _cut(core: Weathered, connection: str) -> None:
    core.inject(f"cut {connection}")
    core.cut(connection)


def _close(core: Weathered, connection: str, code: int, reason: str) -> None:
    core.end_connection(connection, code, reason)


def _down(core: Weathered) -> None:
    core.network.disconnect_now()


_CHORES: dict[str, Callable[..., None]] = {"cut": _cut, "close": _close, "down": _down}


def _answer(failure: Failure) -> Respond:
    return Respond(
        failure.status,
        "The network has failed this call\n",
        f"mock.network has answered instead of the service ({failure.reason})",
    )


def _silence(failure: Failure) -> Injected:
    return Injected(f"no answer: {failure}")
