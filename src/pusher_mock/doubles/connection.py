"""``pysher.Connection`` on a mock: the SDK's own handlers, with our transport underneath."""

from __future__ import annotations

from errno import ECONNREFUSED
from typing import TYPE_CHECKING, Any

from pysher.connection import Connection

from pusher_mock.core import (
    RETIRED,
    CallbackError,
    CallbackFailed,
    Core,
    LetGo,
    Outbox,
    current,
)
from pusher_mock.engine import Broadcast, CloseConnection, Effect, Ping, SendFrame
from pusher_mock.protocol.errors import Unreachable, UsageError
from pusher_mock.protocol.frames import Frame

from .answers import Answers, Binding, Replay
from .bindings import unbind
from .scheduler import ClockScheduler
from .transport import MemorySocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pysher.pusher import Pusher

    from pusher_mock.clock import Timer

__all__ = ["MemoryConnection"]

# How long it takes to find out that nobody answers, in milliseconds: without it a client that is
# to reconnect at once (facts 1.10) would try for ever at one point in time.
_ATTEMPT = 100.0


class MemoryConnection(Connection):
    """A pysher connection whose transport is a mock, delivered to on the publishing thread.

    Made by pysher's own constructor and turned into this class afterwards (see
    ``MockPusherClient``), so every attribute of pysher's is there.
    """

    # pysher's attributes, with what we put there
    socket: MemorySocket | None  # type: ignore[assignment]
    timeout_scheduler: ClockScheduler  # type: ignore[assignment]
    timeout_scheduler_thread: ClockScheduler | None  # type: ignore[assignment]

    _client: Pusher
    _explicit: Core | None
    _core: Core | None
    _box: Outbox | None
    _answers: Answers | None
    _retry: Timer | None
    _begun: bool
    _ended: bool
    _quit: bool

    def prepare(self, client: Pusher, core: Core | None) -> None:
        """Take the place of the connection that pysher made.

        Args:
            client: whose channels the events go to.
            core: the mock to connect to, or ``None`` for the one that is current at ``connect()``.
        """
        self._client = client
        self._explicit = core
        self._core = None
        self._box = None
        self._answers = None
        self._retry = None
        self._begun = False
        self._ended = False
        self._quit = False

    # What pysher's code calls ------------------------------------------------------------------

    def start(self) -> None:
        """Connect, here and now.

        Raises:
            RuntimeError: it was started before, as for any thread.
            UsageError: the mock is closed.
        """
        if self._begun:
            raise RuntimeError("threads can only be started once")
        core = self.core_to_use()
        core.check_open()
        self._core = core
        self._begun = True
        core.stand_by(self, self._retired, implicit=self.implicit)
        self.launch()

    def launch(self) -> None:
        """Run pysher's event loop, which ends here once the client is connected."""
        self.run()

    def _connect(self) -> None:
        self.state = "connecting"
        self.socket = MemorySocket(self)
        self.open_transport()

    def disconnect(self, timeout: float | None = None) -> None:
        """Close for good, as in pysher; a reconnect that was due does not happen.

        Raises:
            RuntimeError: before ``connect()``, and in a callback of this connection.
        """
        self.disconnect_called = True
        self._quit = self._begun
        if self._begun and self.core.stand_down(self):
            self._give_up()
        super().disconnect(timeout)

    def join(self, timeout: float | None = None) -> None:
        """There is no thread to wait for, but the errors are a thread's.

        Raises:
            RuntimeError: not started, or called from a callback of this connection.
        """
        if not self._begun:
            raise RuntimeError("cannot join thread before it is started")
        if self._box is not None and self.core.delivering_here(self._box):
            raise RuntimeError("cannot join current thread")

    def is_alive(self) -> bool:
        """Whether pysher's thread would still run: connected, or about to reconnect."""
        return self._begun and not self._ended

    # Transport ---------------------------------------------------------------------------------

    @property
    def core(self) -> Core:
        """The mock that this connection was opened on.

        Raises:
            UsageError: it was never opened.
        """
        if self._core is None:
            raise UsageError("the client is not connected; call connect() first")
        return self._core

    @property
    def implicit(self) -> bool:
        """Whether it belongs to the current mock rather than to a given one."""
        return self._explicit is None

    def core_to_use(self) -> Core:
        """The mock that was given, or that this connected to, or that is current now."""
        return self._explicit or self._core or current()

    @property
    def box(self) -> Outbox | None:
        """The outbox that feeds this connection, also after its transport was closed."""
        return self._box

    @property
    def connection_id(self) -> str:
        """The readable id, ``mock-connection-1``; empty before the first connect."""
        return self._box.connection if self._box is not None else ""

    def open_transport(self) -> bool:
        """Open the socket on the mock and run pysher's handlers for it.

        Returns:
            Whether neither the mock nor ``disconnect()`` had ended the wait for it.
        """
        core, socket = self.core, self.socket
        assert socket is not None
        scheduler = ClockScheduler(core.clock, self._last_frame, self._check_pong)
        self.timeout_scheduler = scheduler
        # pysher starts a thread for its scheduler unless one is alive.
        self.timeout_scheduler_thread = scheduler
        secure, _, rest = self.url.partition("://")
        try:
            core.open(
                rest[rest.index("/") :],
                self._sink(),
                tls=secure == "wss",
                subscriber=self._subscriber(),
                implicit=self.implicit,
                standing_by=self,
                before_delivery=self._opened,
            )
        except LetGo:
            self._retired()
            return False
        except Unreachable as error:
            # websocket-client hands it to on_error, and run_forever returns.
            self._on_error(socket, ConnectionRefusedError(ECONNREFUSED, str(error)))
            self.transport_closed(_ATTEMPT)
            return True
        if self._quit:
            socket.close()  # disconnect() by another thread came when there was nothing to close
        return True

    def _sink(self) -> Callable[[Any], None]:
        return self.receive

    def _subscriber(self) -> Pusher | None:
        return self._client

    def _opened(self, box: Outbox) -> None:
        assert self.socket is not None
        self._box = box
        self._answers = Answers(box)
        self.socket.attach(box)
        self._on_open(self.socket)

    def _last_frame(self) -> Frame | None:
        return self._box.last if self._box is not None else None

    def transport_closed(self, took: float = 0) -> None:
        """What pysher's event loop does when ``run_forever`` returns.

        Args:
            took: how long the attempt to connect has taken, in milliseconds.
        """
        self._on_close(self.socket)
        if not self.to_reconnect():
            self._ended = True
            return
        self.state = "unavailable"
        core = self.core
        core.stand_by(self, self._retired, implicit=self.implicit)
        in_vain = took > 0 and core.network.hopeless
        self._retry = core.clock.call_at(
            core.clock.now() + took + self.reconnect_interval * 1000,
            self._reconnect_now,
            background=in_vain,
        )
        if in_vain:
            core.network.wait_in_vain(self, self._retry)
        if self._ended or (not self.to_reconnect() and core.stand_down(self)):
            self._give_up()  # the mock has let go of it meanwhile, or disconnect() was called

    def to_reconnect(self) -> bool:
        """Whether pysher's event loop would go round again."""
        return self.needs_reconnect and not self.disconnect_called

    def _reconnect_now(self) -> None:
        self.open_transport()

    def _retired(self) -> None:
        """The mock lets go of a client that has no connection just now."""
        self.disconnect_called = True
        self._give_up()

    def _give_up(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
        self.state = "disconnected"
        self._ended = True

    # What the mock sends -----------------------------------------------------------------------

    def receive(self, item: object) -> None:
        """Take what the mock sends besides the events that callbacks are bound to."""
        if isinstance(item, Frame):
            if item.channel is None:
                self._connection_event(item)
            else:
                self._unheard(item)
        elif isinstance(item, CallbackFailed):
            self._callback_failed(item.frame, item.error)
        elif isinstance(item, Replay):
            self.dispatch(item.frame, [item.binding])
        elif isinstance(item, Ping):
            if self.socket is not None and self.socket.box is not None:
                self.core.pong(self.socket.box)  # websocket-client answers by itself
        else:
            self.closed_from_other_side(item)

    def caused(self, effects: list[Effect]) -> None:
        """See what a message of this client causes before it arrives: answers to subscriptions."""
        frames: dict[str, list[Frame]] = {}
        for effect in effects:
            if isinstance(effect, SendFrame):
                mine = effect.connection == self.connection_id
            else:
                mine = isinstance(effect, Broadcast) and self.connection_id in effect.recipients
            if mine and isinstance(effect, SendFrame | Broadcast) and effect.frame.channel:
                frames.setdefault(effect.frame.channel, []).append(effect.frame)
        answers = self._answers
        if answers is not None:
            for channel, answer in frames.items():
                answers.expect(channel, answer)

    def bound(self, bind: Callable[[], None], name: str, event: str, binding: Binding) -> None:
        """Bind a callback, and let it have the answers to the subscription that it is for."""
        answers, box = self._answers, self._box
        if answers is None or box is None:
            bind()
            return
        for frame in answers.bind(bind, name, event):
            self.core.post(box, Replay(frame, binding))

    def _unheard(self, frame: Frame) -> None:
        name, answers = frame.channel, self._answers
        assert name is not None

        def find() -> list[Binding] | None:
            channel = self._client.channels.get(name)
            return channel.event_callbacks.get(frame.event) if channel is not None else None

        bindings = find() if answers is None else answers.unheard(name, frame, find)
        if bindings:
            # Bound by another thread since the courier looked, or the courier leaves it to us.
            self.dispatch(frame, bindings)

    def dispatch(self, frame: Frame, bindings: Iterable[Binding]) -> None:
        """Call back as pysher does: an exception ends it for this event."""
        try:
            for callback, args, kwargs in bindings:
                callback(frame.data, *args, **kwargs)
        except Exception as error:
            self._callback_failed(frame, error)

    def _callback_failed(self, frame: Frame, error: Exception) -> None:
        # websocket-client hands it to on_error; the socket lives on (facts 5.2.11).
        self._on_error(self.socket, error)
        if self._ended:
            self.state = "disconnected"  # another thread has closed it: on_close comes last
        self._record(frame, error)

    def _connection_event(self, frame: Frame) -> None:
        if frame.event not in self.event_callbacks:
            return
        for callback, args, kwargs in self.event_callbacks[frame.event]:
            # The frame stays in the journal, and a callback may change what it is given.
            data = dict(frame.data) if isinstance(frame.data, dict) else frame.data
            try:
                callback(data, *args, **kwargs)
            except Exception as error:
                if getattr(callback, "__self__", None) is self:
                    # pysher's own handlers: disconnect() inside one cannot join (facts 5.2.21).
                    self.logger.debug("Callback raised unhandled: %s", error)
                else:
                    self._record(frame, error)

    def _record(self, frame: Frame, error: BaseException) -> None:
        self.core.record_error(CallbackError(self.connection_id, frame.channel, frame.event, error))

    def closed_from_other_side(self, item: object) -> None:
        """Take a close by the service, or the mock's farewell."""
        # pysher ignores the code (facts 5.2.22): only a pusher:error before it tells it not to
        # come back, or to come back at once.
        if self.socket is None or self.socket.detach() is None:
            return
        self._answers = None
        if item is RETIRED:
            self.disconnect_called = True
            self.needs_reconnect = False
        else:
            assert isinstance(item, CloseConnection)
            self._on_error(self.socket, ConnectionError(f"closed: {item.code} {item.reason}"))
        self.transport_closed()

    def unbind(self, event_name: str | None = None, callback: Any = None) -> None:
        """Take callbacks of connection events back; pysher has no such method.

        Args:
            event_name: one event, or all when ``None``.
            callback: one callback, or all when ``None``.
        """
        unbind(self.event_callbacks, event_name, callback, keep_of=self)

    def __repr__(self) -> str:
        return f"<MemoryConnection {self.connection_id or 'unopened'} {self.state}>"
