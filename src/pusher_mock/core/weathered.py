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
from .outbox import NETWORK, CallbackError

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

    def find_connection(self, connection: str) -> tuple[str, str | None, float]:
        """Under the lock: the socket id, the app's id and the opening of a connection."""
        box = self._courier.get(connection)
        known = self.engine.state.connections.get(connection)
        app = known.app.config.id if known is not None else None
        return ("", app, 0.0) if box is None else (box.socket_id, app, box.opened)

    def find_app(self, name: str | None, key: str | None = None) -> str | None:
        """Under the lock: the id of the app that has this key, id or alias; else the name."""
        state = self.engine.state
        if key in state.by_key:
            return state.by_key[key].config.id
        for app in state.apps.values():
            if name == app.config.id or name in app.config.aliases:
                return app.config.id
        return name

    def may_have(self, app: str | None) -> bool:
        """Under the lock: whether there is an app of this id, or may be one day."""
        state = self.engine.state
        return state.open_registry or app in state.apps

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

    def arrive(self, due: float, *, further: bool = True) -> None:
        """Deliver what has come due; the clock calls this.

        Args:
            due: when it was, in milliseconds.
            further: whether to do what the network has left to be done, too.
        """
        with self.lock:
            if self.closed:
                return
            noted, handed = self.network.collect(due, self.clock.now())
            if not noted:
                return
            self._note(Arrived(), noted)
            touched = self._courier.enqueue(handed, self.clock.now(), alone=False)
        try:
            self.deliver_later(touched)
        finally:
            if further:
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
        """Cut and close what the network has come to, deliver what it lets go, tell observers.

        Raises:
            BaseException: what an observer raised that is no ``Exception``, at the end.
        """
        network = self.network
        raised: BaseException | None = None
        while network.busy or self._has_come_due():
            if self._has_come_due():
                self.arrive(network.traffic.next_due, further=False)
            with self.lock:
                chores = network.take_chores()
                trouble, network.traffic.trouble[:] = list(network.traffic.trouble), []
            for where, error in trouble:
                self.record_error(CallbackError(NETWORK, None, where, error))
            for what, *rest in chores:
                _CHORES[what](self, *rest)
            # One thread tells all the news in order; what comes of that is told after it.
            try:
                self._telling.pop()
            except IndexError:
                break
            try:
                raised = self._tell_news() or raised
            finally:
                self._telling.append(True)
        if raised is not None:
            raise raised

    def _has_come_due(self) -> bool:
        return not self.closed and self.network.traffic.next_due <= self.clock.now()

    def _tell_news(self) -> BaseException | None:
        network, raised = self.network, None
        while True:
            with self.lock:
                if not network.traffic.news:
                    return raised
                what, note = network.traffic.news.pop(0)
            for observer in network.observers(what):
                try:
                    observer(note)
                except Exception as error:
                    where = getattr(note, "connection", "a publisher")
                    self.record_error(CallbackError(where, note.channel, note.event, error))
                except BaseException as error:
                    raised = raised or error

    def catch_up(self) -> None:
        """Run what is due at once, such as clients that come back without a pause."""
        if self.clock.next_due <= self.clock.now():
            self.clock.run_due()

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
