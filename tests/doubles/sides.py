"""The same scenario on three sides: real pysher, the double, and the double with its thread.

Real pysher runs its own event-loop thread, on websocket-client's own ``WebSocketApp``. Only the
socket below it is ours: it leads into the same mock that the doubles connect to. So whatever one
side does, the others can be held against. Time is the mock's clock for all of them.
"""

from __future__ import annotations

import json
import struct
from collections import deque
from threading import Condition, Event, current_thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pysher
import pysher.connection
import pysher.pusher
import websocket._app as websocket_app
from websocket import ABNF

from pusher_mock import PusherMock
from pusher_mock.doubles.client import MockPusherClient
from pusher_mock.engine import (
    CloseConnection,
    ConnectionClosed,
    Effect,
    FrameReceived,
    Ping,
    SendFrame,
)
from pusher_mock.protocol.frames import Frame, error_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from pusher_mock.core import Outbox

__all__ = ["KEY", "PATIENCE", "SECRET", "Double", "Real", "Side"]

KEY, SECRET = "mock-pusher-key", "mock-pusher-secret"
PATIENCE = 20.0  # seconds after which a test gives up waiting for a thread


class Side:
    """One of the sides, with the mock that its clients connect to."""

    name = ""
    runs_threads = False

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poster: Callable[..., Any]) -> None:
        self.mock = PusherMock()
        self.core = self.mock.core
        self.server = self.mock.server()
        self.clients: list[Any] = []
        self.poster = poster

    def client(self, **options: Any) -> Any:
        """A client that is not connected, with the app's secret unless told otherwise."""
        client = self.make({"secret": SECRET, **options})
        self.clients.append(client)
        return client

    def connected(self, **options: Any) -> Any:
        """A client that is."""
        client = self.client(**options)
        self.connect(client)
        assert client.connection.state == "connected"
        return client

    def make(self, options: dict[str, Any]) -> Any:
        raise NotImplementedError

    def connect(self, client: Any) -> None:
        client.connect()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way."""

    def advance(self, seconds: float) -> None:
        """Let time pass, second by second."""
        for _ in range(int(seconds)):
            self.mock.clock.advance(1000)
            self.tick()
            self.settle()

    def tick(self) -> None:
        """Run what is due on the client's own timers."""

    # The service --------------------------------------------------------------------------

    def box(self, client: Any) -> Outbox:
        """The connection that the client has now."""
        return next(
            box for box in self.core.connections if box.socket_id == client.connection.socket_id
        )

    def say(self, client: Any, event: str, data: Any, channel: str | None = None) -> None:
        """The service sends a frame, whatever its rules."""
        box = self.box(client)
        with self.core.lock:
            effects: list[Effect] = [SendFrame(box.connection, Frame(event, data, channel))]
            touched = self.core._courier.enqueue(effects, self.core.clock.now())
        self.core._courier.deliver(touched)
        self.settle()

    def close(self, client: Any, code: int, *, event: bool) -> None:
        """The service closes, with or without the event that tells the code."""
        box = self.box(client)
        effects: list[Any] = [CloseConnection(box.connection, code, "reason")]
        if event:
            effects.insert(0, SendFrame(box.connection, error_frame("reason", code)))
        with self.core.lock:
            now = self.core.clock.now()
            self.core.engine.handle(ConnectionClosed(box.connection), at=now, wall=now)
            touched = self.core._courier.enqueue(effects, now)
        self.core._courier.deliver(touched)
        self.settle()

    def silence(self, client: Any) -> Callable[[], None]:
        """Nothing reaches the client any more, and the service does not mind, until called."""
        silent, courier = self.box(client).connection, self.core._courier
        enqueue = courier.enqueue

        def lossy(effects: list[Any], at: float, **options: Any) -> list[Outbox]:
            return enqueue([one for one in effects if not _is_for(one, silent)], at, **options)

        setattr(courier, "enqueue", lossy)  # noqa: B010 - mypy minds an assignment
        self.core.engine.state.timers.cancel(("idle", silent))
        return lambda: setattr(courier, "enqueue", enqueue)

    def sent(self, client: Any) -> list[dict[str, Any]]:
        """What the client has sent since its last connection was opened."""
        name = self.box(client).connection
        return [json.loads(text) for text in self.texts(name)]

    def texts(self, connection: str) -> list[str]:
        """The very texts of a connection's messages."""
        return [
            str(one.input.text)
            for one in self.mock.journal
            if isinstance(one.input, FrameReceived) and one.input.connection == connection
        ]

    def errors(self) -> list[dict[str, Any]]:
        """The data of every ``pusher:error`` so far."""
        return [
            effect.frame.data
            for one in self.mock.journal
            for effect in one.effects
            if isinstance(effect, SendFrame) and isinstance(effect.frame.data, dict)
        ]

    def end(self) -> None:
        """Stop every thread."""
        self.mock.close()


def _is_for(effect: Any, connection: str) -> bool:
    return getattr(effect, "connection", None) == connection


class Double(Side):
    """The deterministic double."""

    name = "double"

    def make(self, options: dict[str, Any]) -> Any:
        return MockPusherClient(KEY, mock=self.mock, poster=self.poster, **options)


class _Loop:
    """Whether an event-loop thread waits for something, so that nothing is under way."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.idle = False
        self.ended = False

    def set(self, *, idle: bool) -> None:
        with self.changed:
            self.idle = idle
            self.changed.notify_all()

    def end(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.idle or self.ended, PATIENCE), "it hangs"


# Real pysher ----------------------------------------------------------------------------------


class _WebSocket:
    """Stands for ``websocket.WebSocket``: the connection below websocket-client's application."""

    side: Real

    def __init__(self, *args: Any, **options: Any) -> None:
        self.loop = self.side.loops[current_thread()]
        self.items: deque[Any] = deque()
        self.connected = False
        self.close_frame = None
        self.sock = self  # what websocket-client selects on; our dispatcher waits instead

    def settimeout(self, timeout: Any) -> None:
        """Nothing here blocks."""

    def connect(self, url: str, **options: Any) -> None:
        self.side.options.append(options)
        if self.side.down:
            raise ConnectionRefusedError("nobody listens")
        scheme, _, rest = url.partition("://")
        self.box = self.side.core.open(
            rest[rest.index("/") :], self.put, tls=scheme == "wss", name=None
        )
        self.connected = True

    def put(self, item: Any) -> None:
        self.items.append(item)
        self.loop.set(idle=False)

    def send(self, data: str, opcode: int) -> int:
        assert opcode == ABNF.OPCODE_TEXT
        assert self.connected
        self.side.core.send(self.box, data)
        return len(data)

    def close(self, **options: Any) -> None:
        if self.connected:
            self.connected = False
            self.side.core.hang_up(self.box, lambda: None)
            self.loop.set(idle=False)

    def wait(self) -> None:
        """As a selector: until there is something to read, or an end of it."""
        with self.loop.changed:
            while self.connected and not self.items:
                self.loop.idle = True
                self.loop.changed.notify_all()
                assert self.loop.changed.wait(PATIENCE)

    def recv_data_frame(self, control_frame: bool) -> tuple[int, ABNF]:
        item = self.items.popleft()
        if isinstance(item, Frame):
            return ABNF.OPCODE_TEXT, ABNF(1, 0, 0, 0, ABNF.OPCODE_TEXT, 0, item.text.encode())
        if isinstance(item, str):
            return ABNF.OPCODE_TEXT, ABNF(1, 0, 0, 0, ABNF.OPCODE_TEXT, 0, item.encode())
        if isinstance(item, Ping):
            self.side.core.pong(self.box)
            return ABNF.OPCODE_PING, ABNF(1, 0, 0, 0, ABNF.OPCODE_PING, 0, b"")
        assert isinstance(item, CloseConnection)
        data = struct.pack("!H", item.code) + item.reason.encode()
        return ABNF.OPCODE_CLOSE, ABNF(1, 0, 0, 0, ABNF.OPCODE_CLOSE, 0, data)


class _Dispatcher:
    """websocket-client's ``Dispatcher`` without a selector."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def read(self, sock: _WebSocket, read: Callable[[], bool], check: Callable[[], bool]) -> None:
        while self.app.keep_running:
            sock.wait()
            if not read():
                break
            check()


class _Time:
    """Stands for the module ``time`` in pysher: the mock's clock, in seconds."""

    def __init__(self, side: Real) -> None:
        self.side = side

    def time(self) -> float:
        return self.side.mock.clock.now() / 1000

    def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        loop, over = self.side.loops[current_thread()], Event()

        def wake() -> None:
            loop.set(idle=False)
            over.set()

        self.side.mock.clock.call_at(self.side.mock.clock.now() + seconds * 1000, wake)
        loop.set(idle=True)
        assert over.wait(PATIENCE)


class Real(Side):
    """pysher itself."""

    name = "pysher"
    runs_threads = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poster: Callable[..., Any]) -> None:
        super().__init__(monkeypatch, poster)
        self.loops: dict[Any, _Loop] = {}
        self.options: list[dict[str, Any]] = []
        self.down = False
        monkeypatch.setattr(websocket_app, "WebSocket", type("WS", (_WebSocket,), {"side": self}))
        monkeypatch.setattr(
            websocket_app.WebSocketApp, "create_dispatcher", lambda app, *args: _Dispatcher(app)
        )
        monkeypatch.setattr(pysher.connection, "time", _Time(self))
        monkeypatch.setattr(pysher.pusher, "requests", SimpleNamespace(post=self._post))

    def _post(self, url: str, **options: Any) -> Any:
        return self.poster(url, **options)

    def make(self, options: dict[str, Any]) -> Any:
        client = pysher.Pusher(KEY, **options)
        connection = client.connection
        loop = self.loops[connection] = _Loop()
        run = connection.run

        def tracked() -> None:
            try:
                run()
            finally:
                loop.end()

        connection.run = tracked  # type: ignore[method-assign]
        # Its timers run when the test says so, not on a thread of their own.
        scheduler: Any = SimpleNamespace(is_alive=lambda: True)
        connection.timeout_scheduler_thread = scheduler
        return client

    def feed(self, client: Any, text: str) -> None:
        """The service sends any text at all."""
        client.connection.socket.sock.put(text)
        self.settle()

    def settle(self) -> None:
        for connection, loop in self.loops.items():
            if connection.ident is not None:
                loop.wait()
                if loop.ended:
                    connection.join(PATIENCE)

    def tick(self) -> None:
        for client in self.clients:
            client.connection.timeout_scheduler.run(blocking=False)

    def end(self) -> None:
        for connection in self.loops:
            connection.disconnect_called = True
            connection.needs_reconnect = False
            if connection.socket is not None:
                connection.socket.close()
        self.down = True
        self.mock.clock.advance(600_000)
        for connection in self.loops:
            if connection.ident is not None:
                connection.join(PATIENCE)
                assert not connection.is_alive()
