"""Bad weather on the wire: who finds nobody, who gets no answer, who is cut off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect
from tests.server.calls import ask, asking
from tests.server.raw import TARGET, Raw
from tests.server.signing import signed

from pusher_mock import PusherMock, SystemClock
from pusher_mock.server import ThreadedServer, create_app, http_api
from pusher_mock.server.fast import http as fast_http
from pusher_mock.server.fast.frames import PING, PONG
from pusher_mock.server.gateway import Gateway
from pusher_mock.server.websocket import websocket

if TYPE_CHECKING:
    from collections.abc import Iterator

wire = pytest.mark.enable_socket
EVENT = b'{"name":"e","channels":["c"],"data":"1"}'
NOBODY = b"HTTP/1.1 503 Service Unavailable\r\n"


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    mock = PusherMock()
    yield mock
    mock.close()


@pytest.fixture
def server(mock: PusherMock) -> Iterator[ThreadedServer]:
    with mock.serve() as running:
        yield running


@pytest.fixture
def raw(server: ThreadedServer) -> Iterator[Raw]:
    with Raw(server.port) as client:
        yield client


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """A signed request; with a body it takes the short cut."""
    head = f"{method} {signed(method, path, body)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


PUBLISH = request("POST", "/apps/1/events", EVENT)
ASK = request("GET", "/apps/1/channels")


def opened(raw: Raw, channel: str = "c") -> str:
    """Connect and subscribe; returns the socket id."""
    assert raw.upgrade().startswith(b"HTTP/1.1 101")
    socket_id: str = json.loads(raw.event()["data"])["socket_id"]
    raw.say("pusher:subscribe", {"channel": channel})
    assert raw.event()["event"] == "pusher_internal:subscription_succeeded"
    return socket_id


# Connections, past ASGI ------------------------------------------------------------------------


@wire
def test_a_handshake_that_is_refused(mock: PusherMock, server: ThreadedServer, raw: Raw):
    with mock.network.refuse_connections():
        head = raw.upgrade()
        assert head.startswith(NOBODY)
        assert b"refuses connections" in raw.until(b"\n")
        assert raw.at_end()
    assert not server.gateway.connections
    with Raw(server.port) as another:
        opened(another)


@wire
def test_a_cut_past_asgi(mock: PusherMock, server: ThreadedServer, raw: Raw):
    socket_id = opened(raw)
    mock.network.disconnect_after(1, socket_id)
    mock.server().trigger("c", "e", "1")
    assert raw.event()["event"] == "e"
    assert raw.at_end()
    mock.wait_until(lambda: not server.gateway.connections)


@wire
def test_a_connection_that_says_nothing_yet(mock: PusherMock, raw: Raw):
    with mock.network.conditions(latency=5, scope={"connection"}):
        assert raw.upgrade().startswith(b"HTTP/1.1 101")
        mock.clock.advance(5)
        assert raw.event()["event"] == "pusher:connection_established"


@wire
def test_a_half_open_connection(mock: PusherMock, server: ThreadedServer, raw: Raw):
    socket_id = opened(raw)
    with mock.network.half_open(socket_id):
        raw.send(raw.frame(PING, b"1"))
        raw.say("pusher:ping", {})
        mock.wait_until(lambda: "lost on the way to the service" in mock.journal.dumps())
    raw.send(raw.frame(PING, b"2"))
    assert raw.next_frame() == (PONG, b"2")
    mock.network.half_open(socket_id)
    server.stop()  # which does not wait for it
    assert raw.at_end()


@wire
def test_real_time_passes_without_inputs():
    """Nobody says or asks anything, and what is late arrives all the same."""
    mock = PusherMock(clock=SystemClock(), network="latency=30")
    with mock.serve() as server, Raw(server.port) as raw:
        opened(raw)
        mock.server().trigger("c", "e", "1")
        sent = mock.clock.now()
        assert raw.event()["event"] == "e"
        assert mock.clock.now() - sent >= 25
        with Raw(server.port) as publisher:
            publisher.send(PUBLISH)
            assert publisher.answer() == (200, "{}")
            assert raw.event()["event"] == "e"
        with mock.network.refuse_connections(20):
            with Raw(server.port) as refused:
                assert refused.upgrade().startswith(NOBODY)
            mock.wait_until(lambda: not mock.network.refusing)
    mock.close()


# Publishers ------------------------------------------------------------------------------------


@wire
@pytest.mark.parametrize("call", [PUBLISH, ASK], ids=["short cut", "asgi"])
def test_no_connection(mock: PusherMock, raw: Raw, call: bytes):
    with mock.network.fail_publishes("refused"):
        raw.send(call)
        assert raw.at_end()


@wire
@pytest.mark.parametrize("call", [PUBLISH, ASK], ids=["short cut", "asgi"])
def test_no_answer_until_the_client_has_enough(mock: PusherMock, raw: Raw, call: bytes):
    with mock.network.fail_publishes("timeout", times=1):
        raw.send(call)
        mock.wait_until(lambda: "no answer: timeout" in mock.journal.dumps())
        raw.send(PUBLISH)  # on the same connection nobody hears anything more
        raw.socket.settimeout(0.02)
        with pytest.raises(TimeoutError):
            raw.socket.recv(1)
    mock.assert_not_triggered()


@wire
@pytest.mark.parametrize("call", [PUBLISH, ASK], ids=["short cut", "asgi"])
def test_no_answer_until_the_server_stops(
    mock: PusherMock, server: ThreadedServer, raw: Raw, call: bytes
):
    with mock.network.fail_publishes("timeout", times=1):
        raw.send(call)
        mock.wait_until(lambda: "no answer: timeout" in mock.journal.dumps())
        server.stop()
        assert raw.at_end()


@wire
@pytest.mark.parametrize("call", [PUBLISH, ASK], ids=["short cut", "asgi"])
def test_nobody_is_kept_waiting_for_ever(
    mock: PusherMock, raw: Raw, call: bytes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fast_http, "SILENCE", 0.02)
    monkeypatch.setattr(http_api, "SILENCE", 0.02)
    with mock.network.fail_publishes("timeout"):
        raw.send(call)
        assert raw.at_end()


@wire
@pytest.mark.parametrize("status", [429, 500, 599])
def test_an_error(mock: PusherMock, raw: Raw, status: int):
    with mock.network.fail_publishes(status):
        for call in (PUBLISH, ASK):
            raw.send(call)
            assert raw.answer() == (status, "The network has failed this call\n")


# On another ASGI server ------------------------------------------------------------------------


@pytest.fixture(params=["asyncio", "trio"])
def browser(request: pytest.FixtureRequest, mock: PusherMock) -> Iterator[TestClient]:
    with TestClient(create_app(mock), backend=request.param) as client:
        yield client


def test_a_handshake_that_is_refused_by_asgi(mock: PusherMock, browser: TestClient):
    with (
        mock.network.refuse_connections(),
        pytest.raises(WebSocketDenialResponse) as refused,
        browser.websocket_connect(TARGET),
    ):
        pass
    assert refused.value.status_code == 503
    assert "refuses connections" in refused.value.text


def test_a_call_by_asgi(mock: PusherMock, browser: TestClient):
    with mock.network.disconnect_now():
        answer = browser.get("/apps/1/channels")
    assert (answer.status_code, answer.headers["connection"]) == (503, "close")
    assert answer.text.startswith("refused: ")


@pytest.mark.anyio
async def test_servers_that_cannot_answer_a_handshake(mock: PusherMock):
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope: Any = {"type": "websocket", "path": "/app/mock-pusher-key", "query_string": b""}
    gateway = Gateway(mock)
    with mock.network.refuse_connections():
        await websocket(gateway, scope, receive, send)
    assert said == [{"type": "websocket.close"}]
    gateway.close()


@pytest.mark.anyio
@pytest.mark.parametrize("extensions", [None, {"websocket.http.response": {}}])
async def test_a_client_that_has_gone_before_it_is_answered(mock: PusherMock, extensions: Any):
    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        raise OSError("gone")

    path = "/app/mock-pusher-key"
    scope: Any = {
        "type": "websocket",
        "path": path,
        "query_string": b"protocol=7",
        "extensions": extensions,
    }
    gateway = Gateway(mock)
    await websocket(gateway, scope, receive, send)
    with mock.network.refuse_connections():
        await websocket(gateway, scope, receive, send)
    assert not mock.core.connections
    gateway.close()


def test_a_cut_by_asgi(mock: PusherMock, browser: TestClient):
    """ASGI has nothing for it, and a close comes nearest."""
    with browser.websocket_connect(TARGET) as socket:
        assert socket.receive_json()["event"] == "pusher:connection_established"
        mock.network.disconnect_now("mock-connection-1")
        with pytest.raises(WebSocketDisconnect) as cut:
            socket.receive_json()
    assert cut.value.code == 1011
    assert not mock.core.connections


@pytest.mark.anyio
async def test_a_client_that_waits_for_no_answer(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    app = create_app(mock)
    with mock.network.fail_publishes("timeout"):
        async with asking(app, "GET", "/apps/1/channels") as call:
            call.hang_up()
            await call.rest()
        assert call.status == 0
        async with asking(app, "GET", "/apps/1/channels") as call:
            await anyio.wait_all_tasks_blocked()
            app.gateway.farewell()
            await call.rest()
        assert call.status == 503
        monkeypatch.setattr(http_api, "SILENCE", 0.01)
        assert (await ask(app, "GET", "/apps/1/channels")).status == 503
    app.gateway.close()


# The fallback transports -----------------------------------------------------------------------

BASE = "/pusher/app/mock-pusher-key/517/0jld3ng7"
STREAM, POLL = (
    f"{BASE}/{one}?protocol=7&client=js&version=8.6.0" for one in ("xhr_streaming", "xhr")
)
SOCKJS = "/pusher/517/0jld3ng7"


@pytest.mark.anyio
async def test_a_stream_that_is_cut(mock: PusherMock):
    app = create_app(mock)
    async with asking(app, "POST", STREAM) as call:
        assert await call.line() == "o"
        await call.events()
        mock.network.disconnect_now("mock-connection-1")
        assert await call.rest() == ""  # and pusher-js sees 1006
    for target in (STREAM, POLL):
        again = await ask(app, "POST", target)
        assert (again.status, again.text) == (
            503,
            "The network has cut this connection, or lets nobody connect\n",
        )
    assert not mock.core.connections
    mock.clock.advance(5_000)  # facts 4.2.8: then it is forgotten, and may begin anew
    async with asking(app, "POST", STREAM) as call:
        assert await call.line() == "o"
    app.gateway.close()


@pytest.mark.anyio
async def test_a_poll_that_is_cut(mock: PusherMock):
    app = create_app(mock)
    assert (await ask(app, "POST", POLL)).text == "o\n"
    assert "connection_established" in (await ask(app, "POST", POLL)).text
    async with asking(app, "POST", POLL) as call:
        await anyio.wait_all_tasks_blocked()
        mock.network.disconnect_now("mock-connection-1")
        await call.rest()
        assert call.status == 503
    app.gateway.close()


@pytest.mark.anyio
async def test_what_came_before_a_cut_is_read(mock: PusherMock):
    app = create_app(mock)
    assert (await ask(app, "POST", POLL)).text == "o\n"
    mock.network.disconnect_now("mock-connection-1")
    assert "connection_established" in (await ask(app, "POST", POLL)).text
    assert (await ask(app, "POST", POLL)).status == 503
    app.gateway.close()


@pytest.mark.anyio
@pytest.mark.parametrize("target", [STREAM, POLL])
async def test_nobody_may_connect_by_http(mock: PusherMock, target: str):
    app = create_app(mock)
    with mock.network.refuse_connections():
        assert (await ask(app, "POST", target)).status == 503
    app.gateway.close()


@pytest.mark.anyio
async def test_nobody_may_connect_by_sockjs(mock: PusherMock):
    app = create_app(mock)
    path = json.dumps([json.dumps({"path": TARGET})]).encode()
    with mock.network.refuse_connections():
        assert (await ask(app, "POST", f"{SOCKJS}/xhr")).text == "o\n"
        assert (await ask(app, "POST", f"{SOCKJS}/xhr_send", body=path)).status == 204
        assert (await ask(app, "POST", f"{SOCKJS}/xhr")).status == 503
    app.gateway.close()
