"""``PusherMock``: what a user holds."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

import pusher_mock as package
from pusher_mock import (
    App,
    ManualClock,
    MockPusherClient,
    MockPusherServer,
    PusherMock,
    SystemClock,
    UsageError,
    current_mock,
)

APPS = [App("1", "k1", "s1"), App("2", "k2", "s2")]


# Doubles ----------------------------------------------------------------------------------------


def test_a_publisher_and_a_subscriber_with_the_default_apps_credentials():
    mock = PusherMock()
    server, client = mock.server(), mock.client()
    assert isinstance(server, MockPusherServer)
    assert isinstance(client, MockPusherClient)
    assert server.mock is client.mock is mock
    credentials = server._pusher_client
    assert (credentials.app_id, credentials.key, credentials.secret) == (
        "mock-app-id",
        "mock-pusher-key",
        "mock-pusher-secret",
    )
    assert (client.key, client.secret) == ("mock-pusher-key", "mock-pusher-secret")
    assert client.connection.state == "initialized"
    assert mock.client(connect=True).connection.state == "connected"


@pytest.mark.parametrize(("app", "ids"), [(None, "1"), (APPS[1], "2"), ("k2", "2"), ("k1", "1")])
def test_whose_credentials(app: Any, ids: str):
    mock = PusherMock(apps=APPS, strict=True)
    server, client = mock.server(app), mock.client(app)
    credentials = server._pusher_client
    assert (credentials.app_id, credentials.key, credentials.secret) == (ids, f"k{ids}", f"s{ids}")
    assert (client.key, client.secret) == (f"k{ids}", f"s{ids}")


def test_a_second_key_of_an_app():
    mock = PusherMock(apps=[App("1", "k1", "s1", keys=(package.AppKey("k9", "s9"),))], strict=True)
    credentials = mock.server("k9")._pusher_client
    assert (credentials.app_id, credentials.key, credentials.secret) == ("1", "k9", "s9")
    assert mock.server("k9").trigger("c", "e", {}) == {}


@pytest.mark.parametrize("app", [App("3", "k3", "s3"), "k3"])
def test_an_app_that_is_not_registered(app: Any):
    mock = PusherMock(apps=APPS)
    for make in (mock.server, mock.client):
        with pytest.raises(UsageError, match="no app with the key k3 is registered with this mock"):
            make(app)


def test_given_credentials_win():
    mock = PusherMock()
    server = mock.server(app_id="7", key="k", secret="s", cluster="eu", timeout=9)
    assert (server._pusher_client.app_id, server._pusher_client.key) == ("7", "k")
    assert (server._pusher_client.host, server._pusher_client.timeout) == ("api-eu.pusher.com", 9)
    client = mock.client(key="k", secret="s", user_data={"user_id": "1"})
    assert (client.key, client.secret, client.user_data) == ("k", "s", {"user_id": "1"})


def test_an_endpoint_authorizes_instead_of_the_secret():
    # pysher would sign itself if it had the secret
    client = PusherMock().client(auth_endpoint="/auth")
    assert (client.secret, client.auth_endpoint) == ("", "/auth")
    assert PusherMock().client(auth_endpoint="/auth", secret="s").secret == "s"


# Options ----------------------------------------------------------------------------------------


def test_the_clock():
    assert type(PusherMock().clock) is ManualClock
    clock: Any = SystemClock()
    assert PusherMock(clock=clock).clock is clock
    shared = ManualClock()
    mock = PusherMock(clock=shared)
    shared.advance(5)
    mock.server().trigger("c", "e", {})
    assert mock.published()[0].at == 5


def test_seeds():
    ids = [PusherMock(seed=seed).client(connect=True).connection.socket_id for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"history": -1}, "history takes"),
        ({"journal": 0}, "journal takes"),
        ({"apps": []}, "a mock needs at least one app"),
        ({"apps": [APPS[0], APPS[0]]}, "apps share the id 1"),
        ({"apps": [APPS[0], App("3", "k1", "s")]}, "apps share the key k1"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], text: str):
    with pytest.raises(UsageError, match=text):
        PusherMock(**options)


def test_options_are_keywords():
    with pytest.raises(TypeError):
        PusherMock(5)  # type: ignore[call-arg]


# Life cycle -------------------------------------------------------------------------------------


def test_reset_forgets_what_happened_and_keeps_what_was_set_up():
    mock = PusherMock(apps=APPS, seed=5)
    clients = [mock.client(connect=True), mock.client("k2", connect=True)]
    clients[0].subscribe("c").bind("e", lambda data: 1 / 0)
    mock.server().trigger("c", "e", {})
    first = mock.journal.dumps()
    socket_id = clients[0].connection.socket_id
    mock.clock.advance(7)
    assert len(mock.errors) == 1
    mock.reset()
    assert [one.connection.state for one in clients] == ["disconnected", "disconnected"]
    assert (mock.published(), mock.errors, len(mock.journal)) == ([], [], 0)
    assert mock.clock.now() == 7
    assert mock.client(connect=True).connection.socket_id == socket_id
    assert mock.server("k2").trigger("c", "e", {}) == {}
    assert f"opened mock-connection-1 {socket_id} " in first


def test_closing_disconnects_and_is_final():
    mock = PusherMock()
    client = mock.client(connect=True)
    assert repr(mock) == "<PusherMock connections=1 inputs=3>"
    mock.close()
    mock.close()
    assert client.connection.state == "disconnected"
    assert repr(mock) == "<PusherMock connections=0 inputs=3 closed>"
    with pytest.raises(UsageError, match="this mock is closed"):
        mock.state.subscribe("one", "c")
    mock.reset()  # harmless
    with pytest.raises(UsageError, match="this mock is closed"):
        mock.state.trigger("c", "e", {})


def test_a_with_block_makes_it_current_and_does_not_close_it():
    mock = PusherMock()
    before = current_mock()
    with mock as entered:
        assert entered is mock is current_mock()
        follower = MockPusherClient("mock-pusher-key", secret="mock-pusher-secret")
        follower.connect()
        own = mock.client(connect=True)
    assert current_mock() is before
    assert follower.connection.state == "disconnected"
    assert own.connection.state == "connected"
    assert mock.server().trigger("c", "e", {}) == {}


def test_a_with_block_ends_with_an_error_too():
    mock = PusherMock()
    with pytest.raises(LookupError), mock:
        raise LookupError
    assert current_mock() is not mock


# The package ------------------------------------------------------------------------------------


def test_every_public_name_is_where_it_should_be():
    assert set(package._HOMES) == set(package.__all__)
    assert sorted(package.__all__) == package.__all__
    for name, home in package._HOMES.items():
        value = getattr(package, name)
        assert value is getattr(import_module(home), name)
        assert name in import_module(home).__all__
        assert name in dir(package)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="module 'pusher_mock' has no attribute 'Pusher'"):
        package.Pusher  # noqa: B018
