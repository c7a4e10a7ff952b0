"""``pysher.Connection`` on a mock: the SDK's own handlers, with our transport underneath."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from pysher.connection import Connection
from websocket import WebSocketConnectionClosedException

from pusher_mock.core import CallbackError, Core, Outbox, current
from pusher_mock.core.outbox import CallbackFailed, Retired
from pusher_mock.engine import Broadcast, CloseConnection, Ping, SendFrame
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import Frame

from .scheduler import ClockScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pysher.pusher import Pusher

    from pusher_mock.clock import Timer

__all__ = ["MemoryConnection", "MemorySocket"]


# callback, args, kwargs, as pysher keeps them
Binding = tuple["Callable[..., object]", tuple[Any, ...], dict[str, Any]]


class Replay(NamedTuple):
    """An answer to a subscription, for the callback that was bound after it came."""

    frame: Frame
    binding: Binding


class MemorySocket:
    """Stands where pysher keeps its ``websocket.WebSocketApp``.

    Attributes:
        keep_running: as in websocket-client.
        answered: the frames that the last message caused.
    """

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection
        self._box: Outbox | None = None
        self.keep_running = True
        self.answered: list[Frame] = []

    @property
    def sock(self) -> MemorySocket | None:
        """Itself while open; applications test ``connection.socket.sock`` for being connected."""
        return self if self.connected else None

    @property
    def connected(self) -> bool:
        """Whether the transport is open."""
        return self._box is not None

    def send(self, text: str | bytes) -> None:
        """Send one message.

        Raises:
            WebSocketConnectionClosedException: the transport is closed, as websocket-client says.
        """
        box = self._box
        if box is None:
            raise WebSocketConnectionClosedException("Connection is already closed.")
        effects = self._connection.core.send(box, text)
        self.answered = [one.frame for one in effects if isinstance(one, SendFrame | Broadcast)]

    def close(self, **_: Any) -> None:
        """Close from this side; again is fine."""
        box, self._box = self._box, None
        self.keep_running = False
        if box is not None:
            self._connection.core.hang_up(box)
            self._connection.transport_closed()

    def attach(self, box: Outbox | None) -> None:
        """Open on this outbox, or forget it because the other side closed."""
        self._box = box
        self.keep_running = box is not None

    @property
    def box(self) -> Outbox | None:
        """The outbox that this transport is fed from."""
        return self._box


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
    _asking: str | None
    _answers: dict[str, list[Frame]]
    _awaited: list[Frame]
    _binding: Lock
    _retry: Timer | None
    _begun: bool
    _ended: bool

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
        self._asking = None
        self._answers = {}
        self._awaited = []
        self._binding = Lock()  # held for look-ups only, never while anything is called back
        self._retry = None
        self._begun = False
        self._ended = False

    # What pysher's code calls --------------------------------------------------------------

    def start(self) -> None:
        """Connect, here and now.

        Raises:
            RuntimeError: it was started before, as for any thread.
        """
        if self._begun:
            raise RuntimeError("threads can only be started once")
        self._begun = True
        self.run()

    def _connect(self) -> None:
        self.state = "connecting"
        self.socket = MemorySocket(self)
        self.open_transport()

    def join(self, timeout: float | None = None) -> None:
        """There is no thread to wait for, but the errors are a thread's.

        Raises:
            RuntimeError: not started, or called from a callback of this connection.
        """
        if not self._begun:
            raise RuntimeError("cannot join thread before it is started")
        if self._in_own_callback():
            raise RuntimeError("cannot join current thread")

    def is_alive(self) -> bool:
        """Whether pysher's thread would still run: connected, or about to reconnect."""
        return self._begun and not self._ended

    def _in_own_callback(self) -> bool:
        box = self.box
        return box is not None and box.delivering_here()

    # Transport -----------------------------------------------------------------------------

    @property
    def core(self) -> Core:
        """The mock that this connection was opened on.

        Raises:
            UsageError: it was never opened.
        """
        if self._core is None:
            raise UsageError("the client is not connected; call connect() first")
        return self._core

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

    def open_transport(self) -> None:
        """Open the socket on the mock and run pysher's handlers for it."""
        core = self._core = self.core_to_use()
        scheduler = ClockScheduler(core.clock, self._last_frame, self._check_pong)
        self.timeout_scheduler = scheduler
        # pysher starts a thread for its scheduler unless one is alive.
        self.timeout_scheduler_thread = scheduler
        secure, _, rest = self.url.partition("://")
        core.open(
            rest[rest.index("/") :],
            self._sink(),
            tls=secure == "wss",
            subscriber=self._subscriber(),
            implicit=self._explicit is None,
            before_delivery=self._opened,
        )

    def _sink(self) -> Callable[[Any], None]:
        return self.receive

    def _subscriber(self) -> Pusher | None:
        return self._client

    def _opened(self, box: Outbox) -> None:
        assert self.socket is not None
        self._box = box
        self.socket.attach(box)
        self._on_open(self.socket)

    def _last_frame(self) -> Frame | None:
        return self._box.last if self._box is not None else None

    def receive(self, item: object) -> None:
        """Take what the mock sends besides the events that callbacks are bound to."""
        if isinstance(item, Frame):
            if item.channel is None:
                self._connection_event(item)
            else:
                self._unheard(item)
        elif isinstance(item, CallbackFailed):
            self._on_error(self.socket, item.error)  # as in dispatch()
            self._failed_callback(item.frame, item.error)
        elif isinstance(item, Replay):
            self.dispatch(item.frame, [item.binding])
        else:
            self._control(item)

    # Answers to a subscription ---------------------------------------------------------------
    #
    # Pysher's users bind after subscribe() has returned, while the service's answer is still on
    # its way. Here the answer has come by then, so it waits for them: as long as it is the last
    # thing that this connection was sent.

    @contextmanager
    def subscribing(self, name: str) -> Iterator[None]:
        """Around pysher's ``subscribe``: what comes for the channel is the answer to it."""
        with self._binding:
            answers: list[Frame] = []
            self._answers[name] = answers
            self._asking = name
        try:
            yield
        finally:
            with self._binding:
                self._asking = None
                # Inside a callback, or with a thread, the answer is still to be delivered.
                sent = self.socket.answered if self.socket is not None else ()
                self._awaited = [
                    frame for frame in sent if frame.channel == name and frame not in answers
                ]

    def bound(self, bind: Callable[[], None], name: str, event: str, binding: Binding) -> None:
        """Bind a callback, and let it have the answers to the subscription that it is for."""
        with self._binding:
            bind()
            box, answers = self._box, self._answers.get(name)
            if box is None or not answers:
                return
            if box.last is not answers[-1]:
                del self._answers[name]  # something came since: it is too late
                return
            replays = [Replay(frame, binding) for frame in answers if frame.event == event]
        for replay in replays:
            self.core.post(box, replay)

    def _unheard(self, frame: Frame) -> None:
        name = frame.channel
        assert name is not None
        with self._binding:
            channel = self._client.channels.get(name)
            bindings = channel.event_callbacks.get(frame.event) if channel is not None else None
            if not bindings:
                if name == self._asking or any(frame is one for one in self._awaited):
                    self._answers[name].append(frame)
                return
        # Bound by another thread since the courier looked, or the courier leaves it to us.
        self.dispatch(frame, bindings)

    def dispatch(self, frame: Frame, bindings: Iterable[Binding]) -> None:
        """Call back as pysher does: an exception ends it for this event (facts 5.2.11)."""
        try:
            for callback, args, kwargs in bindings:
                callback(frame.data, *args, **kwargs)
        except Exception as error:
            # websocket-client hands it to on_error; the socket lives on.
            self._on_error(self.socket, error)
            self._failed_callback(frame, error)

    def _connection_event(self, frame: Frame) -> None:
        if frame.event not in self.event_callbacks:
            return
        for callback, args, kwargs in self.event_callbacks[frame.event]:
            try:
                callback(frame.data, *args, **kwargs)
            except Exception as error:
                if getattr(callback, "__self__", None) is self:
                    # pysher's own handlers: disconnect() inside one cannot join (facts 5.2.21).
                    self.logger.debug("Callback raised unhandled: %s", error)
                else:
                    self._failed_callback(frame, error)

    def _failed_callback(self, frame: Frame, error: BaseException) -> None:
        self.core.record_error(CallbackError(self.connection_id, frame.channel, frame.event, error))

    def _control(self, item: object) -> None:
        box = self._box
        if isinstance(item, Ping):
            if box is not None:
                self.core.pong(box)  # websocket-client answers by itself
            return
        # Closed from the other side. pysher ignores the code (facts 5.2.22): only a pusher:error
        # before it tells it not to come back, or to come back at once.
        if self.socket is None or not self.socket.connected:
            return
        self.socket.attach(None)
        if isinstance(item, Retired):
            self.disconnect_called = True
            self.needs_reconnect = False
        else:
            assert isinstance(item, CloseConnection)
            self._on_error(self.socket, ConnectionError(f"closed: {item.code} {item.reason}"))
        self.transport_closed()

    def transport_closed(self) -> None:
        """What pysher's event loop does when ``run_forever`` returns."""
        self._on_close(self.socket)
        if not self.needs_reconnect or self.disconnect_called:
            self._ended = True
            return
        self.state = "unavailable"
        clock = self.core.clock
        self._retry = clock.call_at(
            clock.now() + self.reconnect_interval * 1000, self._reconnect_now
        )

    def _reconnect_now(self) -> None:
        if not self.disconnect_called and not self.core.closed:
            self.open_transport()

    def disconnect(self, timeout: float | None = None) -> None:
        """Close for good, as in pysher; a reconnect that was due does not happen."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
            self._ended = True
        super().disconnect(timeout)

    def unbind(self, event_name: str | None = None, callback: Any = None) -> None:
        """Take callbacks of connection events back; pysher has no such method.

        Args:
            event_name: one event, or all when ``None``.
            callback: one callback, or all when ``None``.
        """
        unbind(self.event_callbacks, event_name, callback, keep_of=self)

    def __repr__(self) -> str:
        return f"<MemoryConnection {self.connection_id or 'unopened'} {self.state}>"


def unbind(
    bindings: dict[str, list[Any]], event_name: str | None, callback: Any, keep_of: object = None
) -> None:
    """Remove bindings without disturbing a dispatch that is going through the old list."""
    for name in (event_name,) if event_name is not None else tuple(bindings):
        if name not in bindings:
            continue
        kept = [
            one
            for one in bindings[name]
            if (callback is not None and one[0] != callback)
            or (keep_of is not None and getattr(one[0], "__self__", None) is keep_of)
        ]
        if kept:
            bindings[name] = kept
        else:
            del bindings[name]
