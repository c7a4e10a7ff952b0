"""The services that the contract is run against: in memory, on the wire, and Pusher itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlencode

import requests
import websocket

from pusher_mock import App, PusherMock, SystemClock
from pusher_mock.core import RETIRED, Wire
from pusher_mock.engine import CloseConnection, HttpRequested
from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame
from pusher_mock.server.lines import BOARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["KINDS", "Closed", "Credentials", "Peer", "Service", "Unreached", "running"]

PATIENCE_S = 10
UNAVAILABLE = 503
TARGET = "/app/{key}?protocol=7&client=contract&version=1.0.0"


class Credentials(NamedTuple):
    """An app's."""

    app_id: str
    key: str
    secret: str


class Closed(NamedTuple):
    """The end of a connection."""

    code: int
    reason: str


class Unreached(Exception):
    """There was no connection, or no answer in time.

    Attributes:
        kind: ``refused`` or ``timeout``.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Peer(Protocol):
    """A client that speaks the protocol itself."""

    def send(self, text: str | bytes) -> None:
        """Send one message."""
        ...

    def receive(self) -> dict[str, Any] | Closed:
        """The next message, or the end."""
        ...

    def hang_up(self) -> None:
        """Go away."""
        ...


class Service:
    """A Pusher that can be connected to and called."""

    def __init__(self, credentials: Credentials, features: frozenset[str]) -> None:
        self.credentials = credentials
        self.features = features
        self.peers: list[Peer] = []
        self.patience = 0.0  # seconds that a call waits for its answer
        self.mock: PusherMock | None = None

    def connect(self, target: str = TARGET) -> Peer:
        """Open a connection, without reading anything.

        Raises:
            Unreached: nobody may connect.
        """
        peer = self._connect(target.format(key=self.credentials.key))
        self.peers.append(peer)
        return peer

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Call the HTTP API below ``/apps/APP_ID``, signed; returns status and text.

        Raises:
            Unreached: no answer has come.
        """
        app_id, key, secret = self.credentials
        raw = b"" if body is None else json.dumps(body).encode()
        full = f"/apps/{app_id}{path}"
        query = {
            "auth_key": key,
            "auth_timestamp": str(int(time.time())),
            "auth_version": "1.0",
            **(params or {}),
        }
        if raw:
            query["body_md5"] = hashlib.md5(raw).hexdigest()
        wrong = dict(overrides or {})
        query.update({name: value for name, value in wrong.items() if name in query})
        signed = "&".join(f"{name}={query[name]}" for name in sorted(query))
        text = f"{method}\n{full}\n{signed}"
        query["auth_signature"] = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
        query.update(wrong)
        return self._request(method, full, query, raw)

    def start_over(self) -> None:
        """Let go of every peer, and forget everything where that can be done."""
        for peer in self.peers:
            peer.hang_up()
        self.peers.clear()
        if self.mock is not None:
            self.mock.reset()

    def close(self) -> None:
        """Be done with it."""
        self.start_over()

    def _connect(self, target: str) -> Peer:
        raise NotImplementedError

    def _request(
        self, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        raise NotImplementedError


def _at_once(job: Callable[[], object]) -> None:
    job()


# In memory -------------------------------------------------------------------------------------


class _MemoryPeer:
    def __init__(self, wire: Wire, target: str) -> None:
        self.board = BOARD
        self._wire = wire
        self._items: SimpleQueue[Any] = SimpleQueue()
        try:
            self._box = wire.accept(target, self)
        except Unreachable as error:
            raise Unreached(error.kind) from None

    def take(self, item: Any) -> None:
        self._items.put(item)

    def send(self, text: str | bytes) -> None:
        self._wire.hear(self._box, text)

    def receive(self) -> dict[str, Any] | Closed:
        try:
            item = self._items.get(timeout=0)  # in memory everything is there at once
        except Empty:
            raise AssertionError("nothing was sent") from None
        assert item is not RETIRED
        if isinstance(item, CloseConnection):
            return Closed(item.code, item.reason)
        assert isinstance(item, Frame)
        content: dict[str, Any] = json.loads(item.text)
        return content

    def hang_up(self) -> None:
        self._wire.lost(self._box)


class _Memory(Service):
    def __init__(
        self, mock: PusherMock, credentials: Credentials, features: frozenset[str]
    ) -> None:
        super().__init__(credentials, features)
        self._wire = Wire(mock.core, _at_once)

    def _connect(self, target: str) -> Peer:
        return _MemoryPeer(self._wire, target)

    def _request(
        self, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        try:
            answer = self._wire.request(HttpRequested(method, path, tuple(query.items()), body))
        except Unreachable as error:
            raise Unreached(error.kind) from None
        return answer.status, answer.body


# On the wire -----------------------------------------------------------------------------------


class _SocketPeer:
    def __init__(self, url: str) -> None:
        try:
            self._socket = websocket.create_connection(url, timeout=PATIENCE_S)
        except websocket.WebSocketBadStatusException as error:
            if error.status_code != UNAVAILABLE:
                raise
            raise Unreached("refused") from None

    def send(self, text: str | bytes) -> None:
        if isinstance(text, bytes):
            self._socket.send_binary(text)
        else:
            self._socket.send(text)

    def receive(self) -> dict[str, Any] | Closed:
        try:
            opcode, data = self._socket.recv_data()
        except (websocket.WebSocketConnectionClosedException, ConnectionResetError):
            return Closed(codes.ABNORMAL_CLOSURE, "")
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return Closed(int.from_bytes(data[:2], "big"), data[2:].decode())
        content: dict[str, Any] = json.loads(data)
        return content

    def hang_up(self) -> None:
        self._socket.shutdown()


class _OnTheWire(Service):
    def __init__(
        self, http: str, ws: str, credentials: Credentials, features: frozenset[str]
    ) -> None:
        super().__init__(credentials, features)
        self._http = http
        self._ws = ws
        self._session = requests.Session()
        self._session.trust_env = False
        self.patience = float(PATIENCE_S)

    def _connect(self, target: str) -> Peer:
        return _SocketPeer(self._ws + target)

    def _request(
        self, method: str, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        try:
            answer = self._session.request(
                method, f"{self._http}{path}?{urlencode(query)}", data=body, timeout=self.patience
            )
        except requests.exceptions.ReadTimeout:
            raise Unreached("timeout") from None
        except requests.exceptions.ConnectionError:
            raise Unreached("refused") from None
        return answer.status_code, answer.text

    def close(self) -> None:
        super().close()
        self._session.close()


_OURS = Credentials("1", "mock-pusher-key", "mock-pusher-secret")
_ALL = frozenset({"client_events", "subscription_count", "watchlist"})
KINDS = ("memory", "fast", "asgi", "hypercorn", "pusher")


@contextmanager
def running(kind: str, **options: Any) -> Iterator[Service]:
    """A service of one of ``KINDS``, for as long as the block lasts.

    Args:
        kind: which.
        **options: of the mock; ``counts=False`` leaves the subscription counts out.
    """
    with _of(kind, options) as service:
        try:
            yield service
        finally:
            service.close()
            if service.mock is not None:
                service.mock.close()


@contextmanager
def _of(kind: str, options: dict[str, Any]) -> Iterator[Service]:
    if kind == "pusher":
        yield _pusher()
        return
    app = App(
        "mock-app-id",
        _OURS.key,
        _OURS.secret,
        aliases=("1",),
        client_events=True,
        subscription_count=options.pop("counts", True),
        watchlist=True,
    )
    mock = PusherMock(**{"clock": SystemClock(), **options}, apps=[app], strict=True)
    service: Service
    if kind == "memory":
        service = _Memory(mock, _OURS, _ALL)
        service.mock = mock
        yield service
    elif kind == "hypercorn":
        with _hypercorn(mock) as port:
            host = f"127.0.0.1:{port}"
            service = _OnTheWire(f"http://{host}", f"ws://{host}", _OURS, _ALL)
            service.mock = mock
            yield service
    else:
        with mock.serve(fast=kind == "fast") as server:
            service = _OnTheWire(server.url, server.ws_url, _OURS, _ALL)
            service.mock = mock
            yield service


def _pusher() -> Service:
    """Pusher itself; needs an app with client events switched on."""
    found = {name: os.environ[f"PUSHER_CONTRACT_{name}"] for name in ("APP_ID", "KEY", "SECRET")}
    cluster = os.environ.get("PUSHER_CONTRACT_CLUSTER", "mt1")
    features = os.environ.get("PUSHER_CONTRACT_FEATURES", "client_events").split(",")
    return _OnTheWire(
        f"https://api-{cluster}.pusher.com",
        f"wss://ws-{cluster}.pusher.com",
        Credentials(found["APP_ID"], found["KEY"], found["SECRET"]),
        frozenset(features),
    )


@contextmanager
def _hypercorn(mock: PusherMock) -> Iterator[int]:
    """The application on hypercorn, on a thread and an event loop of its own."""
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from pusher_mock.server import create_app
    from pusher_mock.server.running import bind

    listening = bind("127.0.0.1", 0)
    config = Config()
    config.bind = [f"fd://{listening.fileno()}"]
    config.graceful_timeout = 1
    config.loglevel = "ERROR"
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        served: Any = serve(create_app(mock), config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]
        loop.run_until_complete(served)
        loop.close()

    thread = Thread(target=run, name="hypercorn", daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_S)
        listening.detach()
