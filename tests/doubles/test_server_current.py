"""Which mock a publisher reaches: the given one, else the current one at each call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Barrier

import pytest
from pusher.errors import PusherBadAuth, PusherBadRequest
from tests.versions import needs_users

from pusher_mock import App, MockPusherServer, PusherMock, UsageError, current_mock

# Built at import, as twelve of the nineteen applications of sdk-integration do.
SINGLETON = MockPusherServer("7", "singleton-key", "singleton-secret")
CAPTURED = SINGLETON.trigger


@pytest.fixture
def fresh_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process default from another test, and none left behind."""
    monkeypatch.setattr(import_module("pusher_mock.core.current"), "_default", [])


def channels(mock: PusherMock) -> list[str]:
    return [event.channel for event in mock.published()]


def test_a_singleton_follows_the_mock_of_the_moment():
    with PusherMock() as one:
        SINGLETON.trigger("in-one", "e", {})
        CAPTURED("captured-in-one", "e", {})
    with PusherMock() as two:
        assert SINGLETON.mock is two
        SINGLETON.trigger("in-two", "e", {})
    assert channels(one) == ["in-one", "captured-in-one"]
    assert channels(two) == ["in-two"]


def test_the_innermost_activation_counts():
    with PusherMock() as outer:
        with PusherMock() as inner:
            SINGLETON.trigger("inner", "e", {})
            with outer:
                SINGLETON.trigger("outer-again", "e", {})
            SINGLETON.trigger("inner-still", "e", {})
        SINGLETON.trigger("outer", "e", {})
    assert channels(inner) == ["inner", "inner-still"]
    assert channels(outer) == ["outer-again", "outer"]


@pytest.mark.usefixtures("fresh_default")
def test_without_activation_there_is_a_process_default():
    SINGLETON.trigger("default", "e", {})
    mock = current_mock()
    assert SINGLETON.mock is mock is current_mock()
    assert channels(mock) == ["default"]
    with PusherMock() as other:
        assert current_mock() is other
    assert current_mock() is mock
    mock.close()
    assert current_mock() is not mock  # a closed one is replaced
    SINGLETON.trigger("c", "e", {})
    assert channels(current_mock()) == ["c"]


def test_deactivating_what_is_not_active():
    mock = PusherMock()
    with pytest.raises(UsageError, match="this mock is not active"):
        mock.deactivate()
    mock.activate()
    mock.activate()
    mock.deactivate()
    assert current_mock() is mock
    mock.deactivate()
    assert current_mock() is not mock


def test_a_worker_thread_meets_the_same_mock(pusher_mock: PusherMock):
    together = Barrier(4)

    def publish(number: int) -> None:
        together.wait()
        SINGLETON.trigger(f"c{number}", "e", {})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(4)))
    assert sorted(channels(pusher_mock)) == ["c0", "c1", "c2", "c3"]


def test_a_given_mock_isolates(pusher_mock: PusherMock):
    mine = PusherMock()
    server = MockPusherServer("7", "k", "s", mock=mine)
    with PusherMock() as other:
        server.trigger("c", "e", {})
    assert server.mock is mine
    assert channels(mine) == ["c"]
    assert channels(other) == channels(pusher_mock) == []


def test_a_closed_mock_says_so():
    mock = PusherMock()
    server = mock.server()
    server.trigger("c", "e", {})
    mock.close()
    mock.close()
    for call in (
        lambda: server.trigger("c", "e", {}),
        lambda: server.channels_info(),
        lambda: mock.client(connect=True),
        lambda: mock.state.trigger("c", "e", {}),
    ):
        with pytest.raises(UsageError, match=r"this mock is closed; use the one of the running"):
            call()
    assert channels(mock) == ["c"]  # what happened can still be read
    # signing is the SDK's own and needs no mock
    assert server.authenticate("private-c", "1.1")
    assert mock.server(key="new", secret="s").authenticate("private-c", "1.1")


@needs_users
def test_signing_a_user_in_needs_no_mock():
    mock = PusherMock()
    server = mock.server(key="new", secret="s")
    mock.close()
    assert server.authenticate_user("1.1", {"id": "1"})


# Registries -------------------------------------------------------------------------------------


def test_an_open_registry_takes_the_first_secret(pusher_mock: PusherMock):
    first = MockPusherServer("7", "k", "right")
    assert first.trigger("c", "e", {}) == {}
    with pytest.raises(PusherBadAuth):
        MockPusherServer("7", "k", "wrong").trigger("c", "e", {})
    assert first.trigger("c", "e", {}) == {}
    # ids are aliases of the key
    assert MockPusherServer("8", "k", "right").trigger("c", "e", {}) == {}


def test_the_default_app_has_a_secret_from_the_start(pusher_mock: PusherMock):
    with pytest.raises(PusherBadAuth) as caught:
        MockPusherServer("1", "mock-pusher-key", "guessed").trigger("c", "e", {})
    assert caught.value.__notes__


def test_apps_do_not_see_each_other(pusher_mock: PusherMock):
    heard: list[str] = []
    for key in ("k1", "k2"):
        client = pusher_mock.client(key=key, secret="s", connect=True)
        client.subscribe("c").bind("e", lambda data, key=key: heard.append(key))
    MockPusherServer("1", "k1", "s").trigger("c", "e", {})
    assert heard == ["k1"]
    assert MockPusherServer("2", "k2", "s").channels_info() == {"channels": {"c": {}}}
    assert pusher_mock.server().channels_info() == {"channels": {}}


def test_a_strict_registry_takes_what_it_was_given():
    apps = [App("1", "k1", "s1"), App("2", "k2", "s2", client_events=True)]
    mock = PusherMock(apps=apps, strict=True)
    for app in apps:
        assert mock.server(app).trigger("c", "e", app.id) == {}
        assert mock.server(app=app.key).trigger("c", "e", app.id) == {}
    assert [event.app for event in mock.published()] == ["1", "1", "2", "2"]
    with pytest.raises(PusherBadRequest, match="Unknown auth_key"):
        mock.server(key="k3", secret="s3").trigger("c", "e", {})
    with pytest.raises(PusherBadAuth):
        mock.server(secret="other").trigger("c", "e", {})
