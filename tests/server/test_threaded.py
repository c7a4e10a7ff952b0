"""A server beside a test: started when it returns, stopped without leaks."""

from __future__ import annotations

import socket
import threading

import pytest
import requests
import websocket
from tests.server.raw import Raw

from pusher_mock import App, PusherMock, SystemClock, UsageError
from pusher_mock.server import certificates, create_app

PATIENCE_S = 5
pytestmark = pytest.mark.enable_socket


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(clock=SystemClock())


@pytest.mark.parametrize("fast", [True, False])
def test_it_answers_when_it_is_there_and_leaves_nothing_behind(mock: PusherMock, fast: bool):
    before = set(threading.enumerate())
    server = mock.serve(fast=fast)
    assert repr(server) == f"<ThreadedServer http://127.0.0.1:{server.port}>"
    assert server.ws_url == f"ws://127.0.0.1:{server.port}"
    assert requests.get(f"{server.url}/health", timeout=5).json() == {"status": "ok"}
    client = Raw(server.port)
    client.upgrade()
    assert client.event()["event"] == "pusher:connection_established"
    server.stop()
    assert server._failure is None  # though the client never answers the close
    assert client.event()["data"]["code"] == 4200
    assert client.closed() == 4200
    assert client.at_end()
    client.socket.close()
    server.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)  # ended, and perhaps not quite gone
    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_stopped_server_is_not_started_again(mock: PusherMock):
    server = mock.serve()
    server.stop()
    with pytest.raises(UsageError, match="has been started already"):
        server.start()


def test_the_same_port_again(mock: PusherMock):
    first = mock.serve()
    first.stop()
    with mock.serve(port=first.port) as second:
        assert second.port == first.port
        assert requests.get(f"{second.url}/health", timeout=5).ok


def test_a_port_that_is_taken(mock: PusherMock):
    with mock.serve() as server, pytest.raises(UsageError, match="give another port, 0 for any"):
        mock.serve(port=server.port)


def test_a_host_that_is_none(mock: PusherMock):
    with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1:0"):
        mock.serve("192.0.2.1")


def test_ipv6(mock: PusherMock):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with mock.serve("::1") as server:
        assert server.url == f"http://[::1]:{server.port}"
        assert requests.get(f"{server.url}/health", timeout=5).ok


def test_a_certificate_that_is_none(mock: PusherMock):
    with pytest.raises(UsageError, match="the server did not start"):
        mock.serve(certfile="/nonexistent.pem")


@pytest.mark.parametrize("fast", [True, False])
def test_tls(fast: bool):
    """facts 1.1.1: wss and https on one port; an app for TLS only takes them, and no others."""
    target = "/app/k?protocol=7&client=x&version=1.0"
    mock = PusherMock(clock=SystemClock(), apps=[App("1", "k", "s", tls_only=True)])
    with (
        certificates.self_signed() as made,
        mock.serve(certfile=made.certfile, fast=fast) as server,
        mock.serve(fast=fast) as plain,
    ):
        assert server.url == f"https://127.0.0.1:{server.port}"
        assert requests.get(f"{server.url}/health", timeout=5, verify=made.cafile).ok
        client = websocket.create_connection(
            server.ws_url + target, timeout=PATIENCE_S, sslopt={"ca_certs": made.cafile}
        )
        assert "pusher:connection_established" in client.recv()
        client.close()
        with Raw(plain.port) as refused:
            refused.upgrade(target)
            assert refused.event()["data"]["code"] == 4000
            assert refused.closed() == 4000


def test_two_servers_of_one_mock(mock: PusherMock):
    with mock.serve() as first, mock.serve() as second, Raw(second.port) as client:
        client.upgrade()
        client.event()
        client.say("pusher:subscribe", {"channel": "c"})
        client.event()
        requests.get(f"{first.url}/health", timeout=5)
        mock.server().trigger("c", "e", "1")
        assert client.event()["event"] == "e"


def test_in_an_application_that_is_not_told_of_the_end(mock: PusherMock):
    """Without a lifespan the first request opens the gateway."""
    app = create_app(mock)
    app.gateway.open()
    app.gateway.close()
    app.gateway.open()  # again, with a sender of its own
    app.gateway.close()
