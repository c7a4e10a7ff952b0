"""The back ends on httpx: over real sockets, intercepted, and on event loops that come and go."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import ssl
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx
import httpx2
import pusher
import pytest
import trio
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus
from pusher.http import GET, Request
from tests.compat.test_imports import imported
from tests.versions import USERS

from compat import AsyncHttpxBackend, HttpxBackend
from compat.httpx_backend import _words
from pusher_mock import MockPusherServer, PusherMock
from pusher_mock.doubles.backends import AsyncMemoryBackend, MemoryBackend
from pusher_mock.server import certificates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from pusher_mock.server import ThreadedServer

KEY, SECRET = "mock-pusher-key", "mock-pusher-secret"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
def served(mock: PusherMock) -> Iterator[ThreadedServer]:
    with mock.serve() as server:
        yield server


def server_for(
    served: ThreadedServer | None = None, backend: Any = HttpxBackend, **options: Any
) -> Any:
    """The SDK itself, on one of the back ends; towards a served mock if there is one."""
    if served is None:
        options = options if "host" in options else {"cluster": "eu", **options}
        return pusher.Pusher("1", KEY, SECRET, backend=backend, **options)
    options = {"key": KEY, "secret": SECRET, **options}
    return pusher.Pusher(
        "1", ssl=False, host="127.0.0.1", port=served.port, backend=backend, **options
    )


def answering(
    seen: list[httpx.Request] | None = None, status: int = 200, text: str = "{}"
) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, text=text)

    return httpx.MockTransport(answer)


# Over real sockets ---------------------------------------------------------------------------


@pytest.mark.enable_socket
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_every_call_of_the_sdk(mock: PusherMock, served: ThreadedServer, library: str):
    server = server_for(served, library=library)
    listener = mock.client(connect=True)
    listener.user_data = {"user_id": "7"}
    listener.subscribe("presence-room")
    assert server.trigger("presence-room", "e", {"n": 1}) == {}
    assert server.trigger_batch([{"channel": "c", "name": "e", "data": "x"}]) == {}
    assert server.channels_info("presence-", ["user_count"]) == {
        "channels": {"presence-room": {"user_count": 1}}
    }
    assert server.channel_info("presence-room", ["user_count"])["user_count"]
    assert server.users_info("presence-room") == {"users": [{"id": "7"}]}
    if USERS.here:
        assert server.send_to_user("7", "e", {}) == {}
    mock.assert_triggered("presence-room", "e", {"n": 1})
    server._pusher_client.http.close()


@pytest.mark.enable_socket
def test_one_connection_is_kept_alive_and_opened_anew_after_closing(served: ThreadedServer):
    ports: list[int] = []

    def note(response: httpx.Response) -> None:
        ports.append(response.extensions["network_stream"].get_extra_info("client_addr")[1])

    server = server_for(served, event_hooks={"response": [note]})
    backend = server._pusher_client.http
    for _ in range(3):
        server.trigger("c", "e", {})
    assert len(set(ports)) == 1
    backend.close()
    backend.close()
    server.trigger("c", "e", {})
    assert len(set(ports)) == 2
    assert server._authentication_client.http._opened is None  # it only signs
    del server, backend
    gc.collect()  # closes; a socket left open would be a warning, and so an error


@pytest.mark.enable_socket
@pytest.mark.anyio
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_awaited(mock: PusherMock, served: ThreadedServer, library: str):
    ports: set[int] = set()

    async def note(response: Any) -> None:
        ports.add(response.extensions["network_stream"].get_extra_info("client_addr")[1])

    server = server_for(
        served, AsyncHttpxBackend, library=library, event_hooks={"response": [note]}
    )
    call = server.trigger("c", "e", {"n": 1})
    mock.assert_not_triggered()
    assert await call == {}
    mock.assert_triggered("c", "e", {"n": 1})
    assert await server.channels_info() == {"channels": {}}
    assert len(ports) == 1
    backend = server._pusher_client.http
    await backend.aclose()
    await backend.aclose()
    assert await server.trigger("c", "e", {}) == {}
    assert len(ports) == 2


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_many_at_once_share_one_client(mock: PusherMock, served: ThreadedServer):
    server = server_for(served, AsyncHttpxBackend)

    async def publish(number: int) -> None:
        await server.trigger("c", "e", number)

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(publish, number)
    assert sorted(event.data for event in mock.published()) == list(range(20))
    assert len(server._pusher_client.http._clients) == 1


def _asyncio_run(call: Callable[[], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        return await call()

    return asyncio.run(run())


@pytest.mark.enable_socket
def test_loops_in_turn(mock: PusherMock, served: ThreadedServer):
    server = server_for(served, AsyncHttpxBackend)
    backend = server._pusher_client.http
    runs: list[Callable[..., Any]] = [_asyncio_run, trio.run, _asyncio_run, trio.run]
    for number, run in enumerate(runs):

        async def publish(number: int = number) -> None:
            await server.trigger("c", "e", number)
            await server.trigger("c", "e", number)

        run(publish)
        assert all(kept.client.is_closed for kept in backend._clients.values())
    assert [event.data for event in mock.published()] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert len(backend._clients) == 1
    gc.collect()


@pytest.mark.enable_socket
def test_loops_at_once(mock: PusherMock, served: ThreadedServer):
    server = server_for(served, AsyncHttpxBackend)
    both = threading.Barrier(2)

    async def publish() -> None:
        await server.trigger("c", "e", 1)
        await anyio.to_thread.run_sync(both.wait)  # neither loop ends before the other has begun
        await server.trigger("c", "e", 2)

    thread = threading.Thread(target=trio.run, args=(publish,))
    thread.start()
    _asyncio_run(publish)
    thread.join()
    assert len(mock.published()) == 4


def test_a_loop_that_was_not_ended_properly():
    server = server_for(None, AsyncHttpxBackend, transport=answering())
    backend = server._pusher_client.http
    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(server.trigger("c", "e", {}))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        assert list(backend._clients) == [loop]
        assert not backend._clients[loop].client.is_closed
    del server, backend
    gc.collect()


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_a_cancelled_call_leaves_the_client_usable(mock: PusherMock, served: ThreadedServer):
    server = server_for(served, AsyncHttpxBackend)
    with anyio.CancelScope() as before:
        before.cancel()
        await server.trigger("c", "e", 0)
    asked = anyio.Event()

    async def stop(request: Any) -> None:
        asked.set()
        await anyio.sleep_forever()

    stopped = server_for(served, AsyncHttpxBackend, event_hooks={"request": [stop]})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stopped.trigger, "c", "e", 1)
        await asked.wait()
        tasks.cancel_scope.cancel()
    assert await server.trigger("c", "e", 2) == {}
    assert [event.data for event in mock.published()] == [2]


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_refusals_are_the_sdks(served: ThreadedServer):
    with pytest.raises(PusherBadAuth, match="Invalid signature"):
        await server_for(served, AsyncHttpxBackend, secret="another").trigger("c", "e", {})
    with pytest.raises(PusherBadAuth):
        server_for(served, secret="another").trigger("c", "e", {})
    with pytest.raises(PusherBadRequest):
        server_for(served).channels_info("c", ["user_count"])


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_errors_of_the_network_are_httpxs(mock: PusherMock):
    with mock.serve() as served:
        pass
    with pytest.raises(httpx.ConnectError):
        server_for(served).trigger("c", "e", {})
    with pytest.raises(httpx.ConnectError):
        await server_for(served, AsyncHttpxBackend).trigger("c", "e", {})


@pytest.mark.enable_socket
@pytest.mark.anyio
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
async def test_certificates_are_checked(mock: PusherMock, library: str):
    module = {"httpx": httpx, "httpx2": httpx2}[library]
    with certificates.self_signed() as made, mock.serve(certfile=made.certfile) as served:
        context = ssl.create_default_context(cafile=made.cafile)
        place: dict[str, Any] = {
            "ssl": True,
            "host": "localhost",
            "port": served.port,
            "library": library,
        }
        with pytest.raises(module.ConnectError, match=r"(?i)certificate"):
            server_for(**place).trigger("c", "e", 0)
        with pytest.raises(module.ConnectError):  # without a text under trio
            await server_for(backend=AsyncHttpxBackend, **place).trigger("c", "e", 0)
        known = server_for(verify=context, **place)
        known.trigger("c", "e", 1)
        known._pusher_client.http.close()
        awaited = server_for(backend=AsyncHttpxBackend, verify=context, http2=True, **place)
        await awaited.trigger("c", "e", 2)
        await awaited._pusher_client.http.aclose()
    assert [event.data for event in mock.published()] == [1, 2]


# Words ---------------------------------------------------------------------------------------

TEXTS = ["presence-", "a b", "a&b=c", "a+b", "50%", "%41", "é#?/", "a,b:c;d", "~'\"<>\\^`{|}"]


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("text", TEXTS)
def test_what_was_signed_is_what_arrives(library: Any, text: str):
    client = server_for()._pusher_client
    words = _words(Request(client, GET, "/apps/1/channels", {"filter_by_prefix": text}))
    sent = library.Request(words["method"], words["url"]).url.raw_path.decode()
    query = urlsplit(words["url"]).query
    assert sent == f"/apps/1/channels?{query}"
    assert dict(parse_qsl(query))["filter_by_prefix"] == text


@pytest.mark.enable_socket
@pytest.mark.parametrize("text", TEXTS)
def test_every_prefix_is_accepted(served: ThreadedServer, text: str):
    assert server_for(served).channels_info(text) == {"channels": {}}


def test_an_ordinary_query_is_the_sdks_own():
    client = server_for()._pusher_client
    request = client.channels_info.make_request("presence-", ["user_count", "subscription_count"])
    assert _words(request)["url"] == request.url


@pytest.mark.parametrize(
    ("status", "error"), [(413, PusherBadStatus), (500, PusherBadStatus), (301, PusherBadStatus)]
)
def test_other_answers(status: int, error: type[Exception]):
    server = server_for(transport=answering(status=status, text="why"))
    with pytest.raises(error, match=f"{status}: why"):
        server.trigger("c", "e", {})


def test_headers_and_timeout():
    seen: list[httpx.Request] = []
    server = server_for(transport=answering(seen), timeout=1.5)
    server.trigger("c", "e", {})
    [request] = seen
    assert request.headers["X-Pusher-Library"].startswith("pusher-http-python ")
    assert request.headers["Content-Type"] == "application/json"
    assert request.extensions["timeout"] == dict.fromkeys(["connect", "read", "write", "pool"], 1.5)
    assert str(request.url).startswith("https://api-eu.pusher.com/apps/1/events?auth_key=")


# Intercepted, doubled ------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("doors", [("httpx",), ("sdk",), ()], ids=["httpx", "sdk", "all"])
async def test_intercepted(mock: PusherMock, doors: tuple[str, ...]):
    server, other = server_for(backend=AsyncHttpxBackend), server_for()
    with mock.intercept(*doors):
        assert await server.trigger("c", "e", 1) == {}
        assert other.trigger("c", "e", 2) == {}
    assert [event.data for event in mock.published()] == [1, 2]


@pytest.mark.parametrize("door", ["httpx", "sdk"])
def test_a_refusal_of_an_intercepted_call_is_explained(mock: PusherMock, door: str):
    server = server_for()
    mock.server().trigger("c", "e", {})
    server._pusher_client._secret = "another"
    with mock.intercept(door), pytest.raises(PusherBadAuth) as caught:
        server.trigger("c", "e", {})
    assert "secret" in caught.value.__notes__[0]


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_forwarded(mock: PusherMock, served: ThreadedServer):
    with PusherMock().intercept(forward_to=served):
        await server_for(backend=AsyncHttpxBackend).trigger("c", "e", 1)
        server_for().trigger("c", "e", 2)
    assert [event.data for event in mock.published()] == [1, 2]


def test_the_double_answers_in_the_same_way():
    sync = MockPusherServer("1", KEY, SECRET, backend=HttpxBackend, http2=True)
    awaited = MockPusherServer("1", KEY, SECRET, backend=AsyncHttpxBackend, library="httpx2")
    assert type(sync._pusher_client.http) is MemoryBackend
    assert type(awaited._pusher_client.http) is AsyncMemoryBackend


# Objects -------------------------------------------------------------------------------------


def test_one_client_for_all_threads():
    made: list[Any] = []
    server = server_for(transport=answering())
    backend = server._pusher_client.http
    barrier = threading.Barrier(8)

    def use() -> None:
        barrier.wait()
        server.trigger("c", "e", {})
        made.append(backend._opened)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(map(id, made))) == 1


def test_another_thread_was_quicker(monkeypatch: pytest.MonkeyPatch):
    backend = server_for(transport=answering())._pusher_client.http
    made = httpx.Client()

    class Lock:
        def __enter__(self) -> None:
            backend._opened = made

        def __exit__(self, *error: object) -> None:
            made.close()

    monkeypatch.setattr(backend, "_lock", Lock())
    assert backend._client() is made


def test_never_used(recwarn: pytest.WarningsRecorder):
    server, other = server_for(), server_for(backend=AsyncHttpxBackend)
    server._pusher_client.http.close()
    asyncio.run(other._pusher_client.http.aclose())
    del server, other
    gc.collect()
    assert not recwarn.list


@pytest.mark.enable_socket
@pytest.mark.anyio
async def test_dropped_while_the_loop_runs_on(served: ThreadedServer):
    server = server_for(served, AsyncHttpxBackend)
    await server.trigger("c", "e", {})
    [kept] = server._pusher_client.http._clients.values()
    client = kept.client
    assert not client.is_closed
    del server, kept
    gc.collect()
    with anyio.fail_after(5):
        while not client.is_closed:
            await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("run", [_asyncio_run, trio.run])
def test_dropped_after_the_loop(run: Callable[..., Any]):
    server = server_for(backend=AsyncHttpxBackend, transport=answering())

    async def publish() -> None:
        await server.trigger("c", "e", {})

    run(publish)
    [kept] = server._pusher_client.http._clients.values()
    assert kept.client.is_closed
    kept.dropped()  # as when the back end goes now
    assert not kept.dropped.alive


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_sent_to_a_worker(mock: PusherMock, again: Callable[[Any], Any]):
    with mock.intercept("httpx"):
        server, other = server_for(), server_for(backend=AsyncHttpxBackend)
        server.trigger("c", "e", {})
        asyncio.run(other.trigger("c", "e", {}))
        again(server).trigger("c", "e", {})
        asyncio.run(again(other).trigger("c", "e", {}))
    mock.assert_triggered("c", "e", times=4)


def test_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ImportError, match="needs httpx9, which is not installed"):
        server_for(library="httpx9")
    monkeypatch.setattr("compat.httpx_backend._LIBRARIES", ("httpx8", "httpx2"))
    assert server_for()._pusher_client.http._library == "httpx2"
    monkeypatch.setattr("compat.httpx_backend._LIBRARIES", ("httpx8", "httpx9"))
    with pytest.raises(ImportError, match=r"needs httpx8 or httpx9, .* pip install httpx8"):
        server_for(backend=AsyncHttpxBackend)


def test_what_an_import_brings_along():
    assert imported("from compat import AsyncHttpxBackend, HttpxBackend, AsyncPusher") == set()
    built = "import pusher, compat; pusher.Pusher('1', 'k', 's', backend=compat.HttpxBackend)"
    assert "httpx" not in imported(built)
