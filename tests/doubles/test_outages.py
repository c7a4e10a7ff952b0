"""What doubles raise when the network of the mock comes between; authorizations that fail."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pysher.connection
import pytest
import requests
from tests.versions import AIOHTTP

from compat.httpx_backend import AsyncHttpxBackend, HttpxBackend
from pusher_mock import App, PusherMock
from pusher_mock.doubles.outages import asked, authorization_failure, library_of, outage
from pusher_mock.protocol.errors import Unreachable

if TYPE_CHECKING:
    from pusher import Pusher

ENDPOINT = "https://app.test/auth"
KINDS = ["refused", "timeout"]
PRIVATE = "private-c"


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# Publishing ------------------------------------------------------------------------------------


def call(server: Pusher) -> Any:
    found = server.trigger("c", "e", 1)
    if asyncio.iscoroutine(found):
        return asyncio.run(found)
    return found


@pytest.mark.parametrize(
    ("options", "errors"),
    [
        ({}, (requests.ConnectionError, requests.ReadTimeout)),
        ({"backend": HttpxBackend}, (httpx.ConnectError, httpx.ReadTimeout)),
        (
            {"backend": HttpxBackend, "library": "httpx2"},
            (httpx2.ConnectError, httpx2.ReadTimeout),
        ),
        (
            {"backend": partial(AsyncHttpxBackend, library="httpx2")},
            (httpx2.ConnectError, httpx2.ReadTimeout),
        ),
    ],
)
@pytest.mark.parametrize("number", range(2), ids=KINDS)
def test_a_publisher(options: dict[str, Any], errors: Any, number: int, mock: PusherMock):
    server = mock.server(**options)
    with mock.network.fail_publishes(KINDS[number], times=1):
        with pytest.raises(errors[number], match=KINDS[number]):
            call(server)
        assert call(server) == {}
    assert mock.metrics().retried == 1


@AIOHTTP.mark
def test_a_publisher_over_aiohttp(mock: PusherMock):
    import aiohttp
    from pusher.aiohttp import AsyncIOBackend

    server = mock.server(backend=AsyncIOBackend)
    with mock.network.disconnect_now(), pytest.raises(aiohttp.ClientConnectorError):
        call(server)
    with mock.network.fail_publishes("timeout"), pytest.raises(asyncio.TimeoutError) as late:
        call(server)
    assert not isinstance(late.value, aiohttp.ClientError)
    assert library_of(AsyncIOBackend) == "aiohttp"


def test_everything_raises_while_the_network_is_down(mock: PusherMock):
    server = mock.server()
    with mock.network.disconnect_now():
        for ask in (
            lambda: server.trigger("c", "e", 1),
            lambda: server.trigger_batch([{"channel": "c", "name": "e", "data": "1"}]),
            lambda: server.channels_info(),
            lambda: server.users_info("presence-c"),
        ):
            with pytest.raises(requests.ConnectionError):
                ask()
    assert server.channels_info() == {"channels": {}}


def test_libraries_that_are_not_there(monkeypatch: pytest.MonkeyPatch):
    refused, late = Unreachable("refused", "x"), Unreachable("timeout", "x")
    urlfetch = SimpleNamespace()
    engine: Any = ModuleType("google.appengine.api")
    engine.urlfetch = urlfetch
    monkeypatch.setitem(sys.modules, "google.appengine.api", engine)
    assert isinstance(outage(refused, "gae"), ConnectionRefusedError)
    assert isinstance(outage(late, "gae"), TimeoutError)

    class DownloadError(Exception):
        """Of App Engine."""

    urlfetch.DownloadError = DownloadError
    assert isinstance(outage(refused, "gae"), DownloadError)
    monkeypatch.setitem(sys.modules, "httpx", None)
    assert isinstance(outage(refused, "httpx"), httpx2.ConnectError)


# Authorizations --------------------------------------------------------------------------------


def test_an_endpoint_that_fails(mock: PusherMock):
    posted: list[str] = []

    def post(url: str, **options: Any) -> Any:
        posted.append(url)
        assert asked.get()  # a view must not throw the dice again
        auth = mock.server().authenticate(PRIVATE, client.connection.socket_id)
        return SimpleNamespace(status_code=200, json=lambda: auth)

    client = mock.client(auth_endpoint=ENDPOINT, poster=post, connect=True)
    mock.network.fail_authorizations(channel="presence-*")  # so that it is asked about the others
    with mock.network.fail_authorizations(500, times=1):
        with pytest.raises(AssertionError, match=f"Failed to get auth token from {ENDPOINT}"):
            client.subscribe(PRIVATE)
        assert posted == []
        client.subscribe("public")
        client.subscribe(PRIVATE)
    assert posted == [ENDPOINT]
    assert not asked.get()
    assert mock.state.get_subscriber_count(PRIVATE) == 1
    assert "authorization of private-c fails 500" in mock.journal.dumps()


@pytest.mark.parametrize(
    ("kind", "error"),
    [("refused", requests.ConnectionError), ("timeout", requests.ReadTimeout)],
)
def test_an_endpoint_that_does_not_answer(
    kind: str, error: type[Exception], mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    client = mock.client(auth_endpoint=ENDPOINT, user_data={"user_id": "7"}, connect=True)
    with mock.network.fail_authorizations(kind), pytest.raises(error, match="presence-c"):
        client.subscribe("presence-c")


def test_a_secret_of_ones_own_fails_as_well(mock: PusherMock):
    client = mock.client(connect=True)
    with (
        mock.network.fail_authorizations(channel="private-*"),
        pytest.raises(AssertionError, match="the client's own secret"),
    ):
        client.subscribe(PRIVATE)
    client.subscribe(PRIVATE)
    assert mock.state.get_subscriber_count(PRIVATE) == 1


def test_flaky_authorizations_by_the_seed():
    def run() -> list[bool]:
        mock = PusherMock(seed=7, network="flaky-auth")
        client = mock.client(connect=True)
        went_well = []
        for number in range(40):
            try:
                client.subscribe(f"private-{number}")
            except AssertionError:
                went_well.append(False)
            else:
                went_well.append(True)
        return went_well

    first = run()
    assert first == run()
    assert 4 < first.count(False) < 20


def test_without_a_signer_nothing_changes(mock: PusherMock):
    client = mock.client(secret="", connect=True)
    with mock.network.fail_authorizations(), pytest.raises(NotImplementedError):
        client.subscribe(PRIVATE)


def test_an_app_of_its_own():
    mock = PusherMock(apps=[App("1", "k", "s"), App("2", "other", "s")])
    with mock.network.conditions(auth_error_rate=1, app="2"):
        assert authorization_failure(mock.core, "k", PRIVATE, None) is None
        assert authorization_failure(mock.core, "other", PRIVATE, "1.2") is not None
        assert str(authorization_failure(mock.core, "unknown", PRIVATE, None)) == "500"


# A client with a thread of its own ---------------------------------------------------------------


def test_a_threaded_client_does_not_spin_where_nobody_answers(
    mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    attempts: list[object] = []
    on_error = pysher.connection.Connection._on_error

    def noticed(self: Any, *args: Any) -> None:
        attempts.append(args)
        on_error(self, *args)

    monkeypatch.setattr(pysher.connection.Connection, "_on_error", noticed)
    client = mock.client(threaded=True, reconnect_interval=0, connect=True)
    mock.wait_until(lambda: client.connection.state == "connected")
    with mock.network.refuse_connections():
        mock.network.disconnect_now(client)
        for number in range(1, 4):
            mock.wait_until(lambda: not mock.clock.idle)  # it waits for its next attempt
            assert len(attempts) <= number + 1
            mock.clock.tick()
    mock.wait_until(lambda: not mock.clock.idle or client.connection.state == "connected")
    mock.clock.tick_all()
    mock.wait_until(lambda: client.connection.state == "connected")
    client.disconnect()
