"""Back ends: values or coroutines, whichever the one that was asked for gives (facts 5.1)."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from pusher.errors import PusherBadAuth
from pusher.requests import RequestsBackend
from tests.versions import AIOHTTP, needs_aiohttp

from pusher_mock import MockPusherServer, NotSupported, PusherMock
from pusher_mock.doubles.backends import AsyncMemoryBackend, MemoryBackend, backend_for

# Not imported by name: a release before it cannot be.
AsyncIOBackend: Any = import_module("pusher.aiohttp").AsyncIOBackend if AIOHTTP.here else None

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher.client import Client
    from pusher.http import Request

    from pusher_mock.core import Core


class OwnSync:
    def __init__(self, client: Client, **options: Any) -> None:
        raise AssertionError("never built")

    def send_request(self, request: Request) -> Any:
        raise AssertionError("never called")


class OwnAsync(OwnSync):
    async def send_request(self, request: Request) -> Any:
        raise AssertionError("never called")


class OwnMemory(MemoryBackend):
    def __init__(self, client: Client, *, core: Core | None = None, **options: Any) -> None:
        super().__init__(client, core=core, **options)
        self.sent: list[str] = []

    def send_request(self, request: Request) -> Any:
        self.sent.append(request.path)
        return super().send_request(request)


class TornadoBackend:
    __module__ = "pusher.tornado"


class OwnTornado(TornadoBackend):
    __module__ = "app.realtime"


def factory(client: Client, **options: Any) -> Any:
    raise AssertionError("never called")


def fixed(client: Client) -> Any:
    raise AssertionError("never called")


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        (None, MemoryBackend),
        (RequestsBackend, MemoryBackend),
        (OwnSync, MemoryBackend),
        pytest.param(AsyncIOBackend, AsyncMemoryBackend, marks=needs_aiohttp),
        (OwnAsync, AsyncMemoryBackend),
        (partial(OwnAsync, verify=False), AsyncMemoryBackend),
        (partial(partial(RequestsBackend, verify=False), cert="x"), MemoryBackend),
        (factory, MemoryBackend),
        (MagicMock(), MemoryBackend),
        (MemoryBackend, MemoryBackend),
        (AsyncMemoryBackend, AsyncMemoryBackend),
        (OwnMemory, OwnMemory),
    ],
)
def test_which_back_end_answers(asked: Any, used: type):
    assert backend_for(asked) is used
    assert type(MockPusherServer("1", "k", "s", backend=asked)._pusher_client.http) is used


@pytest.mark.parametrize("asked", [TornadoBackend, OwnTornado, partial(OwnTornado)])
def test_tornado_futures_are_not_supported(asked: Any):
    with pytest.raises(NotSupported, match=r"use backend=pusher\.aiohttp\.AsyncIOBackend"):
        MockPusherServer("1", "k", "s", backend=asked)


def test_a_memory_back_end_of_ones_own(pusher_mock: PusherMock):
    # facts 5.1.4
    server = pusher_mock.server(backend=OwnMemory)
    assert server.trigger("c", "e", {}) == {}
    http: Any = server._pusher_client.http
    assert http.sent == ["/apps/mock-app-id/events"]


# Options ----------------------------------------------------------------------------------------


def test_options_are_for_the_library_and_ignored(pusher_mock: PusherMock):
    server = pusher_mock.server(proxies={"https": "http://proxy:1"}, allow_redirects=False)
    assert server.trigger("c", "e", {}) == {}
    server = pusher_mock.server(backend=RequestsBackend, cert="x")
    assert server.trigger("c", "e", {}) == {}


@needs_aiohttp
def test_options_that_the_back_end_does_not_take():
    # facts 5.1.6
    text = "AsyncIOBackend.__init__() got an unexpected keyword argument 'verify'"
    with pytest.raises(TypeError, match=re.escape(text)):
        AsyncIOBackend(None, verify=False)
    with pytest.raises(TypeError, match=re.escape(text)):
        MockPusherServer("1", "k", "s", backend=AsyncIOBackend, verify=False)

    class Needs:
        def __init__(self, client: Client, pool: int) -> None:
            raise AssertionError("never built")

    with pytest.raises(TypeError, match=r"Needs\.__init__\(\) missing a required argument: 'pool'"):
        MockPusherServer("1", "k", "s", backend=Needs)
    with pytest.raises(TypeError, match=r"\Afixed\(\) got an unexpected keyword argument 'pool'"):
        MockPusherServer("1", "k", "s", backend=fixed, pool=3)
    MockPusherServer("1", "k", "s", backend=Needs, pool=3)
    MockPusherServer("1", "k", "s", backend=partial(Needs, pool=3))


# Answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["c", "presence-c"])
def test_an_answer_is_what_json_says(channel: str, pusher_mock: PusherMock):
    server = pusher_mock.server()
    body = server.trigger(channel, "e", {})
    assert body == json.loads("{}")
    body["kept"] = True
    assert server.trigger(channel, "e", {}) == {}  # nobody else's dict
    assert server.channels_info() == {"channels": {}}


# Asynchronous -----------------------------------------------------------------------------------


def run(call: Callable[[], Any]) -> Any:
    return asyncio.run(call())


@needs_aiohttp
def test_calls_are_awaited(pusher_mock: PusherMock):
    server = pusher_mock.server(backend=AsyncIOBackend)
    client = pusher_mock.client(connect=True)
    heard: list[str] = []
    client.subscribe("c").bind("e", heard.append)

    async def scenario() -> Any:
        call = server.trigger("c", "e", {"n": 1})
        assert inspect.iscoroutine(call)
        assert heard == []  # nothing is sent before it is awaited
        assert await call == {}
        assert heard == ['{"n": 1}']
        assert await server.trigger_batch([{"channel": "c", "name": "e", "data": "2"}]) == {}
        assert await server.channel_info("c") == {"occupied": True}
        await asyncio.gather(*(server.trigger("c", "e", str(one)) for one in range(3)))
        return await server.users_info("presence-c")

    assert run(scenario) == {"users": []}
    assert heard == ['{"n": 1}', "2", "0", "1", "2"]


@needs_aiohttp
def test_validation_is_at_the_call_and_refusals_at_the_await(pusher_mock: PusherMock):
    # facts 5.1.6
    MockPusherServer("1", "k", "right").trigger("c", "e", {})
    server = MockPusherServer("1", "k", "wrong", backend=AsyncIOBackend)
    with pytest.raises(ValueError, match="Invalid Channel: a b"):
        server.trigger("a b", "e", {})
    call = server.trigger("c", "e", {})
    with pytest.raises(PusherBadAuth, match="Invalid signature"):
        run(lambda: call)
