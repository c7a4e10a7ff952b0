"""Nothing that is awaited stops its event loop, under asyncio and trio."""

from __future__ import annotations

import time
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import blockbuster.blockbuster
import httpx
import pusher
import pytest
import trio
from blockbuster import BlockingError, blockbuster_ctx

from compat import AsyncHttpxBackend, get_async_pusher_server, override
from pusher_mock import PusherMock
from pusher_mock.doubles.backends import AsyncMemoryBackend
from pusher_mock.server import create_app

from .calls import EVENT, HOST, KEY, SECRET, body_of, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.server import ThreadedServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("watched")]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def watched(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let whatever blocks on a thread that runs an event loop raise ``BlockingError``."""
    if anyio_backend == "trio":
        # blockbuster asks asyncio whether a loop is running, and nobody else.
        asking = SimpleNamespace(get_running_loop=trio.lowlevel.current_task)
        monkeypatch.setattr(blockbuster.blockbuster, "asyncio", asking)
    with blockbuster_ctx():
        yield


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
def served(mock: PusherMock) -> Iterator[ThreadedServer]:
    with mock.serve() as server:
        yield server


def sdk(backend: Any, **options: Any) -> Any:
    return pusher.Pusher("1", KEY, SECRET, backend=backend, **options)


async def test_the_watch_sees_what_blocks():
    with pytest.raises(BlockingError):
        time.sleep(0.001)  # noqa: ASYNC251 - it is not to get that far
    await anyio.to_thread.run_sync(time.sleep, 0.001)


@pytest.fixture
def on_requests(served: ThreadedServer) -> Any:
    return sdk(None, ssl=False, host="127.0.0.1", port=served.port)


@pytest.mark.enable_socket
async def test_the_sdks_own_back_end_blocks(on_requests: Any):
    with pytest.raises(BlockingError):
        on_requests.trigger("c", "e", {})


async def test_the_double(mock: PusherMock):
    server: Any = mock.server(backend=AsyncMemoryBackend)
    mock.client(connect=True).subscribe("c")
    assert await server.trigger("c", "e", {}) == {}
    assert await server.channels_info() == {"channels": {"c": {}}}
    mock.assert_triggered("c", "e", times=1)


@pytest.fixture
def switched(mock: PusherMock) -> Iterator[None]:
    """The mock is current, and the settings are read: that looks at files, once."""
    with mock, override(use_mocks=True):
        get_async_pusher_server()
        yield


@pytest.mark.usefixtures("switched")
async def test_what_the_switch_hands_out(mock: PusherMock):
    for _ in range(2):
        assert await get_async_pusher_server().trigger("c", "e", {}) == {}
    mock.assert_triggered("c", "e", times=2)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize("doors", [("sdk",), ("httpx",), ()], ids=["sdk", "httpx", "all"])
async def test_the_back_end_intercepted(mock: PusherMock, library: str, doors: tuple[str, ...]):
    server = sdk(AsyncHttpxBackend, library=library)
    with mock.intercept(*doors):
        assert await server.trigger("c", "e", {}) == {}
        assert await server.channels_info() == {"channels": {}}
    mock.assert_triggered("c", "e", times=1)


@pytest.mark.enable_socket
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_the_back_end_on_the_wire(mock: PusherMock, served: ThreadedServer, library: str):
    server = sdk(AsyncHttpxBackend, library=library, ssl=False, host="127.0.0.1", port=served.port)
    for _ in range(2):
        assert await server.trigger("c", "e", {}) == {}
    await server._pusher_client.http.aclose()
    mock.assert_triggered("c", "e", times=2)


async def test_calls_made_by_hand(mock: PusherMock):
    body = body_of(EVENT)
    # A client reads certificates when it is made; that is the application's to place.
    client = await anyio.to_thread.run_sync(httpx.AsyncClient)
    with mock.intercept():
        async with client:
            url = HOST + signed("POST", "/apps/mock-app-id/events", body)
            assert (await client.post(url, content=body)).status_code == 200
    mock.assert_triggered("c", "e", times=1)


@pytest.mark.enable_socket
async def test_calls_that_are_forwarded(mock: PusherMock, served: ThreadedServer):
    server = sdk(AsyncHttpxBackend)
    with PusherMock().intercept(forward_to=served):
        assert await server.trigger("c", "e", {}) == {}
    mock.assert_triggered("c", "e", times=1)


async def test_a_subscriber(mock: PusherMock):
    server: Any = mock.server(backend=AsyncMemoryBackend)
    async with mock.async_client(user_data={"user_id": "7"}) as client:
        channel = await client.subscribe("presence-room")
        await server.trigger("presence-room", "e", 1)
        assert (await channel.next(timeout=1)).data == 1
        async with anyio.create_task_group() as tasks:
            publish = partial(mock.server().trigger, "presence-room", "e", 2)
            tasks.start_soon(anyio.to_thread.run_sync, publish)
            assert (await channel.next(timeout=5)).data == 2
        await channel.trigger("client-e", {})
        await channel.unsubscribe()


async def test_the_asgi_app(mock: PusherMock):
    app = create_app(mock)
    body = body_of(EVENT)
    transport = httpx.ASGITransport(app)
    client = await anyio.to_thread.run_sync(
        lambda: httpx.AsyncClient(transport=transport, base_url="http://localhost")
    )
    async with app.router.lifespan_context(app), client:
        answer = await client.post(signed("POST", "/apps/mock-app-id/events", body), content=body)
        assert answer.status_code == 200
        assert (await client.get(signed("GET", "/apps/mock-app-id/channels"))).status_code == 200
        assert await _opened(app) == "pusher:connection_established"
    mock.assert_triggered("c", "e", times=1)


async def _opened(app: Any) -> str:
    """Open a WebSocket and leave; returns the first event."""
    said: list[Any] = []
    heard = anyio.Event()
    asked = iter([{"type": "websocket.connect"}])

    async def receive() -> Any:
        message: Any = next(asked, None)
        if message is None:
            await heard.wait()
            message = {"type": "websocket.disconnect", "code": 1000}
        return message

    async def send(message: Any) -> None:
        said.append(message)
        if message["type"] == "websocket.send":
            heard.set()

    scope: dict[str, Any] = {
        "type": "websocket",
        "path": f"/app/{KEY}",
        "raw_path": f"/app/{KEY}".encode(),
        "query_string": b"protocol=7",
        "headers": [(b"host", b"localhost")],
        "scheme": "ws",
        "subprotocols": [],
        "client": ("127.0.0.1", 1),
    }
    with anyio.fail_after(5):
        await app(scope, receive, send)
    [first] = [one["text"] for one in said if one["type"] == "websocket.send"][:1]
    return str(first.partition('"event":"')[2].partition('"')[0])
