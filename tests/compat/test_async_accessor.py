"""The publishing client whose calls are awaited: one for each reading, flipped like the other."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any, assert_type

import anyio
import pusher
import pytest
import trio
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.compat.test_imports import SETTINGS, imported

import compat.starlette
from compat import (
    AsyncHttpxBackend,
    ConfigurationError,
    accessor,
    get_async_pusher_server,
    get_pusher_server,
    override,
    reset_cache,
)
from compat.async_server import AsyncPusher
from compat.starlette import AsyncPusherServer
from compat.state import current
from pusher_mock import MockPusherServer, PusherMock, SystemClock
from pusher_mock.doubles.backends import AsyncMemoryBackend

if TYPE_CHECKING:
    from collections.abc import Iterator

MASTER_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here() -> Iterator[PusherMock]:
    """A mock of this test's own, current while it runs."""
    with PusherMock() as mock:
        yield mock


def backend_of(server: Any) -> Any:
    return server._pusher_client.http


# Real mode -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("real")
def test_the_real_server_is_the_sdk_on_httpx():
    server: Any = get_async_pusher_server()
    assert type(server) is pusher.Pusher
    assert type(backend_of(server)) is AsyncHttpxBackend
    client = server._pusher_client
    assert (client.app_id, client.key, client.secret) == ("42", "real-key", "real-secret")
    assert (client.host, client.port, client.ssl) == ("api-eu.pusher.com", 443, True)
    assert "trust_env" not in backend_of(server).options
    assert get_async_pusher_server() is server
    assert accessor._build_async_server(current()) is server  # another thread was faster
    assert get_pusher_server() is not server


@pytest.mark.usefixtures("real")
def test_everything_reaches_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@localhost:6001/apps/7")
    monkeypatch.setenv("PUSHER_TIMEOUT", "1.5")
    monkeypatch.setenv("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
    server: Any = get_async_pusher_server()
    assert server._pusher_client.trigger.make_request("c", "e", "").base_url == (
        "http://localhost:6001"
    )
    assert backend_of(server).options == {"timeout": 1.5}
    assert "shared_secret" in server.authenticate("private-encrypted-c", "1.1")


@pytest.mark.anyio
@pytest.mark.usefixtures("real")
async def test_a_real_call_caught_on_its_way():
    mock = PusherMock()
    server = get_async_pusher_server()
    with mock.intercept():
        assert await server.trigger("c", "e", {"n": 1}) == {}
    mock.assert_triggered("c", "e", {"n": 1})


def test_without_credentials_it_says_so():
    with pytest.raises(ConfigurationError, match="or set USE_MOCKS=true"):
        get_async_pusher_server()


@pytest.mark.usefixtures("real")
def test_it_flips_and_comes_back():
    outside = get_async_pusher_server()
    with override(use_mocks=True):
        inside: Any = get_async_pusher_server()
        assert type(inside) is MockPusherServer
        with override(key="k"):
            assert get_async_pusher_server() is not inside
        assert get_async_pusher_server() is inside
    assert get_async_pusher_server() is outside
    reset_cache()
    assert get_async_pusher_server() is not outside


@pytest.mark.usefixtures("real")
def test_threads_get_one():
    barrier = threading.Barrier(8)
    seen: list[object] = []

    def use() -> None:
        barrier.wait()
        seen.append(get_async_pusher_server())

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [get_async_pusher_server()] * 8


@pytest.mark.usefixtures("real")
def test_what_it_imports():
    code = "import compat; compat.get_async_pusher_server()"
    assert imported(code) == SETTINGS | {"pusher"}


# Mocks on ------------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.usefixtures("mocks_on")
async def test_nothing_is_sent_before_it_is_awaited(here: PusherMock):
    server = get_async_pusher_server()
    assert isinstance(server, MockPusherServer)
    assert type(backend_of(server)) is AsyncMemoryBackend
    call = server.trigger("c", "e", {"n": 1})
    assert inspect.isawaitable(call)
    here.assert_not_triggered()
    assert await call == {}
    here.assert_triggered("c", "e", {"n": 1}, times=1)
    assert await server.channels_info() == {"channels": {}}


@pytest.mark.anyio
@pytest.mark.usefixtures("mocks_on")
async def test_it_meets_the_other_and_follows_the_current_mock(here: PusherMock):
    server = get_async_pusher_server()
    get_pusher_server().trigger("c", "e", 1)
    await server.trigger("c", "e", 2)
    assert [event.data for event in here.published()] == [1, 2]
    with PusherMock() as inner:
        await server.trigger("c", "e", 3)
        inner.assert_triggered("c", "e", 3)
    assert len(here.published()) == 2


@pytest.mark.usefixtures("mocks_on")
def test_it_imports_no_http_library():
    code = """
import asyncio, compat
async def main(): await compat.get_async_pusher_server().trigger("c", "e", {})
asyncio.run(main())
"""
    assert imported(code) == SETTINGS | {"pusher", "pusher_mock"}


# Server mode ---------------------------------------------------------------------------------


@pytest.mark.enable_socket
@pytest.mark.usefixtures("mocks_on")
def test_server_mode(monkeypatch: pytest.MonkeyPatch):
    mock = PusherMock(clock=SystemClock())
    # A proxy of the environment would take the event outside.
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with mock.serve() as served:
        monkeypatch.setenv("PUSHER_MOCK_URL", served.url)
        server = get_async_pusher_server()
        assert type(server) is pusher.Pusher
        assert type(backend_of(server)) is AsyncHttpxBackend

        async def publish() -> None:
            await server.trigger("c", "e", {"n": 1})

        asyncio.run(publish())
        trio.run(publish)
        anyio.run(publish)
        mock.assert_triggered("c", "e", {"n": 1}, times=3)
    mock.close()


# Types, FastAPI ------------------------------------------------------------------------------


def test_the_protocol_names_the_sdks_calls():
    for name, method in vars(AsyncPusher).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        if not hasattr(pusher.Pusher, name):
            continue  # an older SDK has no authenticate_user
        theirs = inspect.signature(getattr(pusher.Pusher, name))
        assert list(inspect.signature(method).parameters) == list(theirs.parameters), name
        here_and_now = name in {"authenticate", "authenticate_user", "validate_webhook"}
        assert inspect.iscoroutinefunction(method) is not here_and_now


@pytest.mark.anyio
@pytest.mark.usefixtures("mocks_on")
async def test_types(here: PusherMock):
    """Mypy checks it, and would find the ignored error missing."""
    server = get_async_pusher_server()
    assert_type(await server.trigger("c", "e", {}), dict[str, Any])
    assert_type(server.authenticate("private-c", "1.1"), dict[str, Any])
    call = server.trigger("c", "e", {})
    with pytest.warns(RuntimeWarning, match="never awaited"):
        server.trigger("c", "e", {})  # type: ignore[unused-coroutine]
    await call
    assert len(here.published()) == 2


@pytest.mark.usefixtures("mocks_on")
def test_a_dependency_of_fastapi(here: PusherMock):
    app = FastAPI()

    @app.post("/tasks")
    async def rename(pusher: Annotated[Any, AsyncPusherServer.__metadata__[0]]) -> dict[str, Any]:
        return await pusher.trigger("c", "e", {"n": 1})  # type: ignore[no-any-return]

    with TestClient(app) as client:
        assert client.post("/tasks").json() == {}
    here.assert_triggered("c", "e", {"n": 1})


def test_without_fastapi(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(ImportError, match=r"or call compat\.get_async_pusher_server\(\)"):
        _ = compat.starlette.AsyncPusherServer
