"""aiohttp: calls of the HTTP API, and WebSockets, without a socket."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pusher
import pytest
import uvloop
from tests.versions import needs_aiohttp

from pusher_mock import NotIntercepted, PusherMock
from pusher_mock.intercept import visits

from .calls import EVENT, HOST, KEY, SECRET, body_of, signed
from .sockets import PING, URL, event_of, subscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BODY = body_of(EVENT)
LOOPS = [asyncio.run, uvloop.run]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert not visits._visitors


def events_url() -> str:
    return HOST + signed("POST", "/apps/1/events", BODY)


@pytest.mark.parametrize("run", LOOPS)
def test_calls(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        async def stream() -> Any:
            yield BODY[:5]
            yield BODY[5:]

        async with aiohttp.ClientSession() as session:
            async with session.post(events_url(), data=BODY) as answer:
                assert (answer.status, await answer.json()) == (200, {})
                assert answer.url.host == "api-eu.pusher.com"
            async with session.post(events_url(), data=stream(), expect100=True) as answer:
                assert await answer.json() == {}
            async with session.get(f"{HOST}/apps/1/channels") as answer:
                assert (answer.status, await answer.text()) == (
                    401,
                    "Authentication key required\n",
                )
            async with session.get(HOST + signed("GET", "/apps/1/channels")) as answer:
                assert await answer.json() == {"channels": {}}
            assert session.connector is not None
            assert not session.connector._conns

    with mock.intercept("aiohttp"):
        run(work())
    mock.assert_triggered("c", "e", {"n": 1}, times=2)


@pytest.mark.parametrize("run", LOOPS)
def test_a_websocket(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(URL) as ws:
            assert event_of(await ws.receive_str()) == "pusher:connection_established"
            await ws.send_str(subscribe("c"))
            assert event_of(await ws.receive_str()) == "pusher_internal:subscription_succeeded"
            mock.server().trigger("c", "e", "x" * 10_000)
            assert json.loads(await ws.receive_str())["data"] == "x" * 10_000
            await ws.send_str(PING)
            assert event_of(await ws.receive_str()) == "pusher:pong"
        assert ws.close_code == 1000
        assert not mock.core.connections

    with mock.intercept("aiohttp"):
        run(work())


@pytest.mark.parametrize("run", LOOPS)
def test_what_is_left_open(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        interception = mock.intercept().start()
        async with aiohttp.ClientSession() as session, session.ws_connect(URL) as ws:
            await ws.receive()
            interception.stop()
            assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
            assert ws.close_code == 1001

    run(work())


def test_a_proxy(mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            url = events_url().replace("https:", "http:")
            for target in (url, events_url()):
                async with session.post(target, data=BODY, proxy="http://proxy.test:1") as answer:
                    assert await answer.json() == {}

    with mock.intercept():
        asyncio.run(work())
    mock.assert_triggered("c", "e", times=2)


@needs_aiohttp
def test_the_sdk_by_this_door_only(mock: PusherMock):
    from pusher.aiohttp import AsyncIOBackend

    async def work() -> None:
        client = pusher.Pusher("1", KEY, SECRET, cluster="eu", backend=AsyncIOBackend)
        assert await client.trigger("c", "e", {"n": 1}) == {}

    with mock.intercept("aiohttp"):
        asyncio.run(work())
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


def test_other_hosts_are_left_alone(mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get("http://127.0.0.1:9/")

    with mock.intercept(), pytest.raises(Exception, match=r"[Ss]ocket"):
        asyncio.run(work())


def test_a_door_that_is_not_named(mock: PusherMock):
    async def work() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(HOST)

    interception = mock.intercept("requests").start()
    with pytest.raises(NotIntercepted, match="the door 'aiohttp' is not among"):
        asyncio.run(work())
    with pytest.raises(NotIntercepted):
        interception.stop()


# Connections from before --------------------------------------------------------------------------


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whose connections were taken from a pool, which has them for every host."""
    keys: list[object] = []

    async def _get(self: object, key: Any, traces: object) -> None:
        keys.append((key.host, key.port))

    _get.__module__, _get.__qualname__ = "aiohttp.connector", "BaseConnector._get"
    monkeypatch.setattr("aiohttp.connector.BaseConnector._get", _get)
    return keys


@pytest.mark.parametrize(
    ("options", "inside"),
    [
        ({}, False),
        ({"hosts": "soketi.test:6001"}, False),
        ({"allow_real": "*.pusher.com"}, True),
    ],
)
def test_a_pooled_connection_is_for_nobody_here(
    options: Any, inside: bool, taken: list[object], mock: PusherMock
):
    async def ask(host: str, port: int) -> None:
        async with aiohttp.ClientSession() as session:
            assert session.connector is not None
            key = aiohttp.client_reqrep.ConnectionKey(host, port, False, True, None, None, None)
            await session.connector._get(key, [])

    def pooled(host: str, port: int) -> bool:
        taken.clear()
        asyncio.run(ask(host, port))
        return bool(taken)

    with mock.intercept(**options):
        assert pooled("api-eu.pusher.com", 443) is inside
        assert pooled("elsewhere.test", 443)
        assert pooled("soketi.test", 6001) is ("hosts" not in options)
    assert pooled("api-eu.pusher.com", 443)


def test_of_two_the_inner_one_does_not_let_it_out(taken: list[object], mock: PusherMock):
    async def work() -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(events_url(), data=BODY) as answer,
        ):
            assert await answer.json() == {}

    with mock.intercept(allow_real="*.pusher.com"), mock.intercept():
        asyncio.run(work())
    assert not taken


def test_before_it_was_to_be_awaited():
    """aiohttp 3.10."""

    class Key:
        host, port = "elsewhere.test", 80

    from pusher_mock.intercept import aiohttp as door

    get = door._get(lambda self, key: "found")
    assert get(None, Key) == "found"
    with PusherMock().intercept("requests", hosts="elsewhere.test:80"):
        assert get(None, Key) is None
