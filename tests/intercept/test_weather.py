"""Bad weather at every door: each library meets the errors that are its own."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import httpx2
import pysher
import pytest
import requests
import responses
import websocket
import websockets
from pusher import Pusher
from tests.versions import AIOHTTP
from websockets.sync.client import connect

from compat.httpx_backend import AsyncHttpxBackend, HttpxBackend
from pusher_mock.intercept import visits
from pusher_mock.intercept.adapter import PusherAdapter
from pusher_mock.intercept.browser.line import PageLine
from pusher_mock.intercept.responses import registry
from pusher_mock.intercept.respx import mount
from pusher_mock.intercept.transports import transport

from .calls import EVENT, HOST, KEY, body_of, publish, signed
from .sockets import PING, URL, event_of, subscribe
from .test_page_line import TARGET, Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import respx

    from pusher_mock import PusherMock

BODY = body_of(EVENT)
KINDS = ["refused", "timeout"]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert not visits._visitors


def events_url() -> str:
    return HOST + signed("POST", "/apps/1/events", BODY)


# The SDK's back ends ------------------------------------------------------------------------------


def build(**options: Any) -> Pusher:
    return Pusher("4242", "k", "s", cluster="eu", **options)


async def awaited(client: Pusher) -> Any:
    return await client.trigger("c", "e", 1)


def tornado(**options: Any) -> Any:
    import pusher.tornado

    async def call() -> Any:
        # It asks for the loop when it is built.
        return await awaited(build(backend=pusher.tornado.TornadoBackend))

    return asyncio.run(call())


def over_aiohttp() -> Any:
    from pusher.aiohttp import AsyncIOBackend

    return asyncio.run(awaited(build(backend=AsyncIOBackend)))


def tornado_timeout() -> type[Exception]:
    from tornado.simple_httpclient import HTTPTimeoutError

    kind: type[Exception] = HTTPTimeoutError
    return kind


@pytest.mark.parametrize(
    ("call", "errors"),
    [
        pytest.param(
            lambda: build().trigger("c", "e", 1),
            lambda: (requests.exceptions.ConnectionError, requests.exceptions.ReadTimeout),
            id="requests",
        ),
        pytest.param(
            over_aiohttp,
            lambda: (aiohttp.ClientConnectorError, asyncio.TimeoutError),
            marks=AIOHTTP.mark,
            id="aiohttp",
        ),
        pytest.param(tornado, lambda: (ConnectionRefusedError, tornado_timeout()), id="tornado"),
        pytest.param(
            lambda: build(backend=HttpxBackend).trigger("c", "e", 1),
            lambda: (httpx.ConnectError, httpx.ReadTimeout),
            id="httpx",
        ),
        pytest.param(
            lambda: build(backend=HttpxBackend, library="httpx2").trigger("c", "e", 1),
            lambda: (httpx2.ConnectError, httpx2.ReadTimeout),
            id="httpx2",
        ),
        pytest.param(
            lambda: asyncio.run(awaited(build(backend=AsyncHttpxBackend))),
            lambda: (httpx.ConnectError, httpx.ReadTimeout),
            id="async-httpx",
        ),
    ],
)
@pytest.mark.parametrize("number", range(2), ids=KINDS)
def test_the_sdk(call: Callable[[], Any], errors: Any, number: int, mock: PusherMock):
    with mock.intercept(), mock.network.fail_publishes(KINDS[number], times=1):
        with pytest.raises(errors()[number], match=KINDS[number]):
            call()
        assert call() == {}
    mock.assert_triggered("c", "e", 1, times=1)


# requests -----------------------------------------------------------------------------------------


def test_requests(mock: PusherMock):
    with mock.intercept("requests"):
        with (
            mock.network.disconnect_now(),
            pytest.raises(requests.exceptions.ConnectionError) as lost,
        ):
            requests.post(events_url(), data=BODY)
        with mock.network.fail_publishes("timeout"), pytest.raises(requests.Timeout) as late:
            requests.post(events_url(), data=BODY)
        with mock.network.fail_publishes(503):
            assert requests.post(events_url(), data=BODY).status_code == 503
        assert requests.post(events_url(), data=BODY).json() == {}
    for caught in (lost, late):
        assert caught.value.request is not None
        assert str(caught.value.request.url).startswith(HOST)
    mock.assert_triggered("c", "e", times=1)
    assert mock.metrics().retried >= 2


def test_an_adapter_of_a_session(mock: PusherMock):
    session = requests.Session()
    session.mount("https://", PusherAdapter(mock))
    with mock.network.fail_publishes("refused"), pytest.raises(requests.ConnectionError):
        session.post(events_url(), data=BODY)


def test_responses(mock: PusherMock):
    with responses.RequestsMock(registry=registry(mock)) as answers:
        with mock.network.fail_publishes("timeout"), pytest.raises(requests.ReadTimeout):
            requests.post(events_url(), data=BODY)
        assert requests.post(events_url(), data=BODY).json() == {}
        assert len(answers.calls) == 2


# httpx --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_httpx(library: Any, mock: PusherMock):
    with mock.intercept("httpx"), library.Client() as client:
        with mock.network.fail_publishes("refused"), pytest.raises(library.ConnectError) as lost:
            client.post(events_url(), content=BODY)
        with mock.network.fail_publishes("timeout"), pytest.raises(library.ReadTimeout) as late:
            client.post(events_url(), content=BODY)
        assert client.post(events_url(), content=BODY).json() == {}
    assert lost.value.request.url.host == late.value.request.url.host == "api-eu.pusher.com"


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_httpx_that_awaits(library: Any, mock: PusherMock):
    async def work() -> None:
        async with library.AsyncClient(transport=transport(mock, library)) as client:
            with mock.network.disconnect_now(), pytest.raises(library.ConnectError):
                await client.post(events_url(), content=BODY)

    asyncio.run(work())


def test_respx(mock: PusherMock, router: respx.MockRouter):
    route = mount(router, mock)
    with mock.network.fail_publishes("refused"), pytest.raises(httpx.ConnectError):
        publish()
    with mock.network.fail_publishes("timeout"), pytest.raises(httpx.ReadTimeout) as late:
        publish()
    assert late.value.request.method == "POST"
    assert publish().json() == {}
    assert route.call_count == 3


# aiohttp ------------------------------------------------------------------------------------------


@AIOHTTP.mark
def test_aiohttp(mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            with mock.network.fail_publishes("refused"):
                with pytest.raises(aiohttp.ClientConnectorError) as lost:
                    await session.post(events_url(), data=BODY)
                assert "api-eu.pusher.com:443" in str(lost.value)
            with mock.network.fail_publishes("timeout"), pytest.raises(asyncio.TimeoutError):
                await session.post(events_url(), data=BODY)
            async with session.post(events_url(), data=BODY) as answer:
                assert await answer.json() == {}

    with mock.intercept():
        asyncio.run(work())
    mock.assert_triggered("c", "e", times=1)


@AIOHTTP.mark
def test_a_websocket_of_aiohttp(mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            with mock.network.refuse_connections():
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(URL)
                assert refused.value.status == 503
            async with session.ws_connect(URL) as ws:
                await ws.receive()
                mock.network.disconnect_now("mock-connection-1")
                assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSED
                assert ws.close_code == 1006

    with mock.intercept():
        asyncio.run(work())


# WebSockets ---------------------------------------------------------------------------------------


def test_websocket_client(mock: PusherMock):
    with mock.intercept("websocket"):
        with mock.network.refuse_connections():
            with pytest.raises(websocket.WebSocketBadStatusException) as refused:
                websocket.create_connection(URL)
            assert refused.value.status_code == 503
            assert b"refuses connections" in (refused.value.resp_body or b"")
        ws = websocket.create_connection(URL)
        ws.recv()
        ws.send(subscribe("c"))
        ws.recv()
        mock.network.disconnect_after(1, "mock-connection-1")
        mock.server().trigger("c", "e", 1)
        assert event_of(ws.recv()) == "e"
        with pytest.raises(websocket.WebSocketConnectionClosedException):
            ws.recv()
        ws.close()
    assert not mock.core.connections


def test_silence(mock: PusherMock):
    """Of a connection that has not begun to speak, and of one that falls silent."""
    with mock.intercept("websocket"), mock.network.conditions(latency=9, scope={"connection"}):
        ws = websocket.create_connection(URL, timeout=0.01)
        with pytest.raises(websocket.WebSocketTimeoutException):
            ws.recv()
        mock.clock.advance(9)
        assert event_of(ws.recv()) == "pusher:connection_established"
        ws.close()
    with mock.intercept("websocket"):
        ws = websocket.create_connection(URL, timeout=0.01)
        ws.recv()
        with mock.network.half_open("mock-connection-2"):
            ws.ping()
            ws.send(PING)
            with pytest.raises(websocket.WebSocketTimeoutException):
                ws.recv_data(control_frame=True)
        ws.ping()
        assert ws.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG
        ws.close()


def test_websockets_by_threads(mock: PusherMock):
    with mock.intercept("websocket"):
        with mock.network.disconnect_now(), pytest.raises(websockets.InvalidStatus, match="503"):
            connect(URL)
        with connect(URL) as ws:
            ws.recv()
            ws.send(subscribe("c"))
            ws.recv()
            with mock.network.conditions(latency=20):
                mock.server().trigger("c", "e", "late")
            with pytest.raises(TimeoutError):
                ws.recv(timeout=0)
            mock.clock.advance(20)
            assert json.loads(ws.recv())["data"] == "late"
            mock.network.disconnect_now("mock-connection-1")
            with pytest.raises(websockets.ConnectionClosedError) as cut:
                ws.recv()
            assert cut.value.rcvd is None


def test_websockets_by_asyncio(mock: PusherMock):
    async def work() -> None:
        with mock.network.refuse_connections(), pytest.raises(websockets.InvalidStatus):
            await partial(websockets.connect, URL, process_exception=lambda error: error)()
        async with websockets.connect(URL) as ws:
            await ws.recv()
            mock.network.disconnect_now("mock-connection-1")
            with pytest.raises(websockets.ConnectionClosedError) as cut:
                await ws.recv()
            assert cut.value.rcvd is None

    with mock.intercept("websocket"):
        asyncio.run(work())


def test_pysher_comes_back(mock: PusherMock):
    real = pysher.Pusher(
        KEY, "eu", auto_sub=True, log_level=logging.CRITICAL, reconnect_interval=0.01
    )
    heard: list[str] = []
    with mock.intercept():
        mock.network.refuse_connections(1_000)
        real.connect()
        mock.wait_until(lambda: real.connection.state == "unavailable")
        mock.clock.advance(1_000)
        mock.wait_until(lambda: real.connection.state == "connected")
        real.subscribe("c").bind("e", heard.append)
        mock.wait_until_subscribed("c")
        first = real.connection.socket_id
        mock.network.disconnect_now(first)
        mock.wait_until(lambda: real.connection.socket_id not in (first, None))
        mock.wait_until_subscribed("c")
        mock.server().trigger("c", "e", "again")
        mock.wait_until_delivered()
        assert heard == ["again"]
        real.disconnect()


# Pages --------------------------------------------------------------------------------------------


def test_a_page(mock: PusherMock):
    route = Route()

    async def work() -> None:
        def close(route: Route, code: int, reason: str) -> None:
            route.close(code, reason)

        def line() -> PageLine:
            return PageLine(mock.core, route, asyncio.get_running_loop(), close)

        with mock.network.refuse_connections():
            line().open(TARGET, tls=True, implicit=False)
            await asyncio.sleep(0)
        assert [one[0] for one in route.said] == [1006]
        line().open(TARGET, tls=True, implicit=False)
        mock.network.disconnect_now("mock-connection-1")
        await asyncio.sleep(0)

    asyncio.run(work())
    _, established, closed = route.said
    assert event_of(established) == "pusher:connection_established"
    assert closed == (1006, "the network has cut it")
