"""The ASGI application: mounted or not, on asyncio and on trio, without a socket."""

from __future__ import annotations

import json
import threading
from socket import gethostname
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from pusher_mock import PusherMock
from pusher_mock.server import PusherApp, ServerLimits, create_app
from pusher_mock.server.targets import parameters_of, path_of, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import WebSocketTestSession

TARGET = "/app/mock-pusher-key?protocol=7&client=x&version=1.0"


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def app() -> PusherApp:
    return create_app(PusherMock(), limits=ServerLimits(frame=1_000, body=1_000, backlog=5_000))


@pytest.fixture
def http(app: PusherApp, backend: Any) -> Iterator[TestClient]:
    with TestClient(app, backend=backend) as client:
        yield client


def established(socket: WebSocketTestSession) -> None:
    assert socket.receive_json()["event"] == "pusher:connection_established"


def test_health(http: TestClient):
    answer = http.get("/health")
    assert answer.json() == {"status": "ok"}
    assert "access-control-allow-origin" not in answer.headers


def test_subscribe_and_publish_from_this_process(http: TestClient, app: PusherApp):
    with http.websocket_connect(TARGET) as socket:
        established(socket)
        socket.send_json({"event": "pusher:subscribe", "data": {"channel": "c"}})
        assert socket.receive_json()["event"] == "pusher_internal:subscription_succeeded"
        app.gateway.mock.server().trigger("c", "e", {"n": 1})
        assert socket.receive_json() == {"event": "e", "channel": "c", "data": '{"n": 1}'}
    app.gateway.mock.wait_until_subscribed("c", 0)


def test_doubles_of_this_process_hear_browsers(http: TestClient, app: PusherApp):
    mock = app.gateway.mock
    heard = threading.Event()
    double = mock.client(connect=True)
    double.subscribe("private-c").bind("client-hello", lambda data: heard.set())
    with http.websocket_connect(TARGET) as socket:
        socket_id = json.loads(socket.receive_json()["data"])["socket_id"]
        auth = mock.server().authenticate("private-c", socket_id)["auth"]
        subscribe = {"event": "pusher:subscribe", "data": {"channel": "private-c", "auth": auth}}
        socket.send_json(subscribe)
        socket.receive_json()
        socket.send_json({"event": "client-hello", "channel": "private-c", "data": {}})
        assert heard.wait(5)


def test_an_unknown_key(http: TestClient):
    with http.websocket_connect("/app/typo?protocol=7&client=x&version=1.0") as socket:
        assert socket.receive_json()["data"]["code"] == 4001
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 4001


def test_pings_are_events(http: TestClient, app: PusherApp):
    """facts 1.12.2: ASGI has none of its own."""
    with http.websocket_connect(TARGET) as socket:
        established(socket)
        clock = app.gateway.mock.clock
        clock.advance(60_000)
        assert socket.receive_json() == {"event": "pusher:ping", "data": "{}"}
        socket.send_json({"event": "pusher:pong", "data": {}})
        socket.send_json({"event": "pusher:ping", "data": {}})
        assert socket.receive_json()["event"] == "pusher:pong"
        clock.advance(60_000)
        assert socket.receive_json()["event"] == "pusher:ping"
        clock.advance(15_000)
        assert socket.receive_json()["data"]["code"] == 4201


@pytest.mark.parametrize("how", ["text", "bytes"])
def test_too_long_a_message(http: TestClient, app: PusherApp, how: str):
    with http.websocket_connect(TARGET) as socket:
        established(socket)
        if how == "text":
            socket.send_text("x" * 1_001)
        else:
            socket.send_bytes(b"x" * 1_001)
        socket.send_text("nobody hears this")
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
        assert caught.value.code == 1009
    app.gateway.mock.wait_until(lambda: not app.gateway.mock.core.connections)


def test_a_client_that_does_not_read(http: TestClient, app: PusherApp):
    """Its queue is bounded: an error, a close, and nothing that comes after a gap."""
    mock = app.gateway.mock
    with http.websocket_connect(TARGET) as socket:
        established(socket)
        socket.send_json({"event": "pusher:subscribe", "data": {"channel": "c"}})
        socket.receive_json()

        def publish() -> None:
            for number in range(30):
                mock.server().trigger("c", "n", f"{number}{'x' * 500}")

        assert http.portal is not None
        http.portal.call(publish)  # on the event loop, so that nothing is sent meanwhile
        got: list[str] = []
        while got[-1:] != ["pusher:error"]:
            got.append(socket.receive_json()["event"])
        assert set(got[:-1]) == {"n"}
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 4100


def test_the_end_of_the_server_sends_everybody_away(app: PusherApp, backend: Any):
    client = TestClient(app, backend=backend)
    with client, client.websocket_connect(TARGET) as socket:
        established(socket)
        app.gateway.farewell()
        assert socket.receive_json()["data"]["code"] == 4200
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_json()
    assert caught.value.code == 4200


def test_a_reset_mock_is_a_service_that_restarts(http: TestClient, app: PusherApp):
    with http.websocket_connect(TARGET) as socket:
        established(socket)
        app.gateway.mock.reset()
        assert socket.receive_json()["data"]["code"] == 4200
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body(http: TestClient, chunked: bool):
    content: Any = iter([b"x" * 600, b"x" * 600]) if chunked else b"x" * 1_001
    answer = http.post("/apps/1/events", content=content)
    assert answer.status_code == 413
    assert answer.text == "Request body exceeds the allowed maximum (1000 bytes)\n"


def test_a_body_in_pieces(http: TestClient):
    answer = http.post("/apps/1/events", content=iter([b"{", b"}"]))
    assert (answer.status_code, answer.text) == (401, "Authentication key required\n")


@pytest.mark.parametrize("path", ["/", "/nonsense", "/apps", "/apps/1/nonsense", "/users/1"])
def test_unknown_paths(http: TestClient, path: str):
    """facts 2.3: as the service says it, without a word of our own."""
    answer = http.get(path)
    assert (answer.status_code, answer.text) == (404, "404 NOT FOUND\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_mounted(backend: Any):
    mock = PusherMock()
    app = create_app(mock)
    outer = Starlette(routes=[Mount("/pusher-channels", app=app)])
    with TestClient(outer, backend=backend) as client:
        assert client.get("/pusher-channels/health").json() == {"status": "ok"}
        assert client.get("/pusher-channels/apps/1/channels").status_code == 401
        with client.websocket_connect("/pusher-channels" + TARGET) as socket:
            established(socket)
    app.gateway.close()


def test_the_current_mock_is_served_when_none_is_named():
    with PusherMock() as mock:
        assert create_app().gateway.mock is mock


@pytest.mark.parametrize(
    ("scope", "path", "target"),
    [
        ({"path": "/a b", "raw_path": b"/a%20b"}, "/a%20b", "/a%20b"),
        ({"path": "/a b"}, "/a%20b", "/a%20b"),
        ({"path": "/a", "raw_path": b"/a?x=1", "query_string": b"x=1"}, "/a", "/a?x=1"),
        ({"path": "/m/a", "root_path": "/m", "raw_path": b"/m/a"}, "/a", "/a"),
        ({"path": "/a", "root_path": "/m", "raw_path": b"/a"}, "/a", "/a"),
    ],
)
def test_where_a_request_goes(scope: dict[str, Any], path: str, target: str):
    assert path_of(scope) == path
    assert target_of(scope) == target


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"", ()),
        (b"a=1&b=2&a=3", (("a", "1"), ("b", "2"), ("a", "3"))),
        (b"a=&b", (("a", ""), ("b", ""))),
        (b"a=%3D+x", (("a", "= x"),)),
        (b"a=x=y", (("a", "x=y"),)),
    ],
)
def test_parameters(query: bytes, found: tuple[tuple[str, str], ...]):
    assert parameters_of(query) == found


@pytest.mark.parametrize(
    ("server", "headers", "status"),
    [
        ("http://127.0.0.1:6001", {}, 401),
        ("http://127.0.0.1:6001", {"Host": "localhost:6001"}, 401),
        ("http://127.0.0.1:6001", {"Host": gethostname()}, 401),
        ("http://127.0.0.1:6001", {"Host": "evil.example:6001"}, 403),
        ("http://[::1]:6001", {"Host": "evil.example:6001"}, 403),
        ("http://127.0.0.1:6001", {"Origin": "http://127.0.0.1:8000"}, 403),
        ("http://127.0.0.1:6001", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("http://127.0.0.1:6001", {"Sec-Fetch-Mode": "cors"}, 401),  # as Node's fetch sends
        # A server on another address has been opened to others, by any name.
        ("http://192.168.1.5:6001", {"Host": "mock:6001"}, 401),
        ("http://192.168.1.5:6001", {"Origin": "http://x.example"}, 403),
    ],
)
def test_who_may_call_the_http_api(server: str, headers: dict[str, str], status: int):
    """Not a web page, though it knows the secret; 401 is for who may, and has not signed."""
    with TestClient(create_app(PusherMock()), base_url=server) as client:
        for path in ("/apps/1/channels", "/nonsense"):
            answer = client.get(path, headers=headers)
            expected = 404 if status == 401 and path == "/nonsense" else status
            assert (answer.status_code, answer.headers["content-type"]) == (
                expected,
                "text/plain; charset=utf-8",
            )
