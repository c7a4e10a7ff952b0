"""websocket-client, with and without a thread, without a socket."""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import websocket

from pusher_mock import App, NotIntercepted, PusherMock
from pusher_mock.intercept import visits

from .sockets import URL, event_of, outlast, subscribe

if TYPE_CHECKING:
    from collections.abc import Iterator

ESTABLISHED = "pusher:connection_established"


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    gc.collect()
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    threads = set(threading.enumerate())
    yield
    gc.collect()
    assert not visits._visitors
    outlast(set(threading.enumerate()) - threads)
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before


def test_a_connection(mock: PusherMock):
    built_before = websocket.WebSocket()
    with mock.intercept("websocket"):
        built_before.connect(URL)
        assert event_of(built_before.recv()) == ESTABLISHED
        ws = websocket.create_connection(URL, timeout=5)
        assert ws.gettimeout() == 5
        assert event_of(ws.recv()) == ESTABLISHED
        ws.send(subscribe("c"))
        assert event_of(ws.recv()) == "pusher_internal:subscription_succeeded"
        mock.server().trigger("c", "e", "x" * 10_000)
        assert json.loads(ws.recv())["data"] == "x" * 10_000
        ws.ping()
        assert ws.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG
        ws.settimeout(0.01)
        with pytest.raises(websocket.WebSocketTimeoutException):
            ws.recv()
        ws.close()
        built_before.close()
    assert not mock.core.connections


def test_it_was_encrypted_as_far_as_the_app_can_tell():
    mock = PusherMock(apps=[App("1", "k", "s", tls_only=True)])
    with mock.intercept():
        ws = websocket.create_connection("wss://ws-eu.pusher.com/app/k?protocol=7")
        assert event_of(ws.recv()) == ESTABLISHED
        ws.close()
        ws = websocket.create_connection("ws://ws-eu.pusher.com/app/k?protocol=7")
        assert json.loads(ws.recv())["data"]["code"] == 4000
        ws.close()


def test_a_host_that_is_named_and_one_that_is_not(mock: PusherMock):
    with mock.intercept(hosts="soketi.test:6001"):
        ws = websocket.create_connection("ws://soketi.test:6001/app/k?protocol=7")
        assert event_of(ws.recv()) == ESTABLISHED
        ws.close()
        with pytest.raises(Exception, match=r"[Ss]ocket"):
            websocket.create_connection("ws://127.0.0.1:9/app/k?protocol=7")
        ws = websocket.create_connection("ws://soketi.test:6001")
        assert json.loads(ws.recv())["data"]["code"] == 4005
        ws.close()


def test_a_door_that_is_not_named(mock: PusherMock):
    interception = mock.intercept("requests").start()
    with pytest.raises(NotIntercepted, match="the door 'websocket' is not among"):
        websocket.create_connection(URL)
    with pytest.raises(NotIntercepted):
        interception.stop()


def test_a_socket_of_the_applications_own(mock: PusherMock):
    class Taken:
        def __init__(self) -> None:
            self.sent = b""

        def gettimeout(self) -> float:
            return 0.0

        def send(self, data: bytes) -> int:
            self.sent += data
            raise ConnectionResetError

        def close(self) -> None:
            self.closed = True

    taken = Taken()
    with mock.intercept(), pytest.raises(ConnectionResetError):
        websocket.create_connection(URL, socket=taken)
    assert taken.sent.startswith(b"GET /app/")


@pytest.mark.parametrize("url", [URL, URL.replace("wss:", "ws:")])
def test_run_forever(url: str, mock: PusherMock):
    """On a thread, with callbacks, through either of its dispatchers."""
    heard: list[str] = []
    closed: list[Any] = []

    def on_message(app: Any, message: str) -> None:
        heard.append(event_of(message))
        if heard[-1] == ESTABLISHED:
            app.send(subscribe("c"))

    app = websocket.WebSocketApp(
        url, on_message=on_message, on_close=lambda app, *args: closed.append(args)
    )
    with mock.intercept():
        thread = threading.Thread(target=app.run_forever, kwargs={"ping_timeout": 20})
        thread.start()
        mock.wait_until_subscribed("c")
        for _ in range(20):
            mock.server().trigger("c", "e", "x")
        mock.wait_until_delivered()
        assert heard == [ESTABLISHED, "pusher_internal:subscription_succeeded", *["e"] * 20]
        app.close()
        thread.join(5)
        assert not thread.is_alive()
    assert len(closed) == 1
    assert not mock.core.connections


def test_a_callback_of_its_own_still_runs(mock: PusherMock):
    held, begun = threading.Event(), threading.Event()
    heard: list[str] = []

    def on_message(app: Any, message: str) -> None:
        begun.set()
        held.wait(5)
        heard.append(message)

    app = websocket.WebSocketApp(URL, on_message=on_message)
    with mock.intercept():
        thread = threading.Thread(target=app.run_forever)
        thread.start()
        assert begun.wait(5)
        with pytest.raises(AssertionError, match="read and handled"):
            mock.wait_until_delivered(timeout=0.05)
        held.set()
        mock.wait_until_delivered()
        assert len(heard) == 1
    thread.join(5)
    assert not thread.is_alive()


def test_what_is_left_open_when_the_interception_ends(mock: PusherMock):
    with mock.intercept():
        ws = websocket.create_connection(URL)
        ws.recv()
    assert not mock.core.connections
    code, data = ws.recv_data()
    assert (code, int.from_bytes(data[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1001)
    with pytest.raises(websocket.WebSocketConnectionClosedException):
        ws.recv()
    ws.close()


def test_one_that_is_dropped(mock: PusherMock):
    """As the collector closes a socket, so it does this one."""
    with mock.intercept():
        ws = websocket.create_connection(URL)
        ws.recv()
        ws.send(subscribe("c"))
        ws.recv()
        with mock.core.lock:  # wherever that happens
            del ws
            gc.collect()
            mock.server().trigger("c", "e", "to nobody that reads")
        mock.wait_until(lambda: not mock.core.connections and not visits._visitors)
        mock.wait_until_delivered()
