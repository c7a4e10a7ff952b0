"""The commands as processes: signals, exit codes, real sockets."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.processes import processed, serving
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pusher_mock import PusherMock
from pusher_mock.server import create_app
from pusher_mock.server.tail import PATH

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(os.name != "posix", reason="signals are sent"),
]

TARGET = "/app/mock-pusher-key?protocol=7&client=test&version=1"
PATIENCE = 10.0


def websocket(url: str, target: str = TARGET) -> Any:
    return connect("ws" + url.removeprefix("http") + target, open_timeout=PATIENCE)


def heard(client: Any) -> Any:
    return json.loads(client.recv(timeout=PATIENCE))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve(number: signal.Signals, run: Callable[..., Any]):
    with serving() as (server, url), websocket(url) as client:
        assert heard(client)["event"] == "pusher:connection_established"
        client.send('{"event": "pusher:subscribe", "data": {"channel": "news"}}')
        assert heard(client)["event"] == "pusher_internal:subscription_succeeded"
        result = run("trigger", "news", "new", "hello", "--url", url)
        assert (result.exit_code, result.output) == (0, "new is published on news\n")
        assert heard(client) == {"event": "new", "channel": "news", "data": "hello"}
        assert run("channels", "--url", url).output == "news\n"

        server.signal(number)
        assert heard(client)["data"]["code"] == 4200
        with pytest.raises(ConnectionClosed):
            heard(client)
        assert client.close_code == 4200
        assert server.ended() == 0
        assert server.errors == ""
        result = run("trigger", "news", "new", "--url", url)
        assert result.exit_code == 1
        assert "start one with `pusher-mock serve`" in result.stderr


def test_an_unknown_key():
    words = ["--app", "1:shop-key:hunter2", "--app", "2:blog-key:hunter3"]
    with serving(*words) as (server, url), websocket(url) as client:
        error = heard(client)
        assert error["data"]["code"] == 4001
        server.signal(signal.SIGTERM)
        assert server.ended() == 0
        assert "App key mock-pusher-key not in this cluster" in server.errors
        assert "(keys known here: shop-key, blog-key)" in server.errors
        assert "hunter" not in server.errors + "\n".join(server.said)


def test_the_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with processed("serve", "--port", str(port)) as server:
            assert server.ended() == 2
            assert server.said == []
            assert server.errors.startswith(f"Error: cannot listen on 127.0.0.1:{port}: Address")
            assert "give another port" in server.errors


def test_self_signed(run: Callable[..., Any]):
    with serving("--self-signed") as (server, url):
        assert url.startswith("https://127.0.0.1:")
        [trust] = [line for line in server.said if line.startswith("  trust ")]
        cafile = Path(trust.split()[1])
        words = ["trigger", "a", "b", "--url", url]
        assert run(*words, "--cafile", str(cafile)).exit_code == 0
        result = run(*words)
        assert result.exit_code == 1
        assert "name whom to trust with --cafile" in result.stderr
        assert "certificate" in result.stderr
        server.signal(signal.SIGTERM)
        assert server.ended() == 0
        assert not cafile.parent.exists()


def test_only_so_many():
    with serving("--max-connections", "1") as (server, url), websocket(url) as client:
        assert heard(client)["event"] == "pusher:connection_established"
        with websocket(url) as second:
            assert heard(second)["data"]["code"] == 4100
        server.signal(signal.SIGTERM)
        assert server.ended() == 0


_ROUTES = [getattr(route, "path", "") for route in create_app(PusherMock()).routes]


@pytest.mark.skipif(PATH not in _ROUTES, reason="the server has no such route yet")
class TestTail:
    def test_it_follows_and_ends_with_the_server(self, run: Callable[..., Any]):
        with (
            serving() as (server, url),
            processed("tail", "--json", PUSHER_MOCK_URL=url, PYTHONUNBUFFERED="1") as tail,
        ):
            with websocket(url) as client:
                # The tail may still be on its way: the first line says that it is there.
                while run("trigger", "task-7", "knock", "--url", url).exit_code == 0:
                    if "listening" in tail.errors:
                        break
                heard(client)
                run("trigger", "task-7", "new", '{"text":"hello"}', "--url", url)
                assert json.loads(tail.line('"new"'))["data"] == '{"text":"hello"}'
            assert json.loads(tail.line('"closed"'))["socket_id"]
            server.signal(signal.SIGTERM)
            assert server.ended() == 0
            assert tail.ended() == 1
            assert tail.errors.endswith(f"Error: {url} has ended\n")
            assert server.errors == ""

    def test_until_it_is_interrupted(self, run: Callable[..., Any]):
        with serving() as (server, url), processed("tail", PUSHER_MOCK_URL=url) as tail:
            while "listening" not in tail.errors:
                assert run("trigger", "a", "b", "--url", url).exit_code == 0
            tail.signal(signal.SIGINT)
            assert tail.ended() == 0
            assert tail.errors == f"listening to app mock-app-id at {url}\n"
            server.signal(signal.SIGINT)
            assert server.ended() == 0

    def test_refused(self, run: Callable[..., Any]):
        with serving() as (_, url), websocket(url):
            result = run("tail", "--url", url, "--key", "nobody")
            assert result.exit_code == 1
            assert "says no (status 400): Unknown auth_key" in result.stderr
