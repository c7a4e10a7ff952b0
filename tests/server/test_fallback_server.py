"""The fallbacks on a running server: answers that come at once, clients that hang up."""

from __future__ import annotations

import json
import threading
from time import monotonic
from typing import TYPE_CHECKING

import pytest
import requests
from tests.server.raw import PATIENCE_S, Raw

from pusher_mock import PusherMock
from pusher_mock.server import ThreadedServer
from pusher_mock.server.fallback import Fallback

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket

BASE = "/pusher/app/mock-pusher-key/5/0jld3ng7"
QUERY = "?protocol=7&client=js&version=8.6.0"
RECONNECT = b'c[4200,"Please reconnect immediately"]'


@pytest.fixture
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer(PusherMock()) as server:
        yield server


@pytest.fixture(autouse=True)
def fallback(server: ThreadedServer) -> Fallback:
    fallback = Fallback(server.gateway)
    server.app.router.routes[:0] = fallback.routes
    return fallback


def receive(server: ThreadedServer, target: str = f"{BASE}/xhr_streaming{QUERY}") -> Raw:
    """A client that asks for messages."""
    method = "GET" if "eventsource" in target else "POST"
    client = Raw(server.port)
    client.send(f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    return client


def test_frames_come_one_by_one(server: ThreadedServer):
    with receive(server) as client:
        head = client.until(b"\r\n\r\n").lower()
        assert b"transfer-encoding: chunked" in head
        assert b"content-encoding" not in head
        client.until(b"o\n")
        client.until(b"connection_established")
        subscribe = json.dumps({"event": "pusher:subscribe", "data": {"channel": "c"}})
        url = f"{server.url}{BASE}/xhr_send"
        assert requests.post(url, json=[subscribe], timeout=PATIENCE_S).status_code == 204
        client.until(b"subscription_succeeded")
        for number in range(3):
            server.mock.server().trigger("c", f"e{number}", {})
            client.until(f"e{number}".encode())


def test_a_client_that_hangs_up(server: ThreadedServer):
    """facts 4.2.8: from then on it has five seconds, on the mock's clock."""
    noticed = threading.Event()
    clock = server.mock.clock
    with receive(server) as client:
        client.until(b"connection_established")
        clock.watch(noticed.set)
    assert noticed.wait(PATIENCE_S)
    clock.advance(4_999)
    assert server.gateway.connections == 1
    clock.advance(1)
    assert server.gateway.connections == 0


def test_a_stopping_server_lets_nobody_wait(server: ThreadedServer, fallback: Fallback):
    poll = f"{BASE.replace('/5/', '/6/')}/xhr{QUERY}"
    for _ in range(2):
        requests.post(server.url + poll, timeout=PATIENCE_S)
    clients = [
        receive(server),
        receive(server, poll),
        receive(server, "/pusher/017/ab_cdef9/eventsource"),
    ]
    clients[0].until(b"connection_established")
    clients[2].until(b"data: o")
    polled = fallback.sessions.find(("mock-pusher-key", "6", "0jld3ng7"))
    assert polled is not None
    server.mock.wait_until(lambda: polled.waiting is not None)
    begun = monotonic()
    server.stop()
    assert monotonic() - begun < 2.5  # uvicorn waits for 3 seconds for who does not end
    for client in clients:
        client.until(RECONNECT)
        client.socket.close()
    assert server.gateway.connections == 0
