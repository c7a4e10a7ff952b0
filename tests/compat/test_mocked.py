"""What the accessors hand out while mocks are on."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pusher
import pysher
import pytest

from compat import get_pusher_client, get_pusher_server, override, pusher_server, reset_cache
from pusher_mock import MockPusherClient, MockPusherServer, PusherMock

pytestmark = pytest.mark.usefixtures("mocks_on")


@pytest.fixture
def here() -> Iterator[PusherMock]:
    """A mock of this test's own, current while it runs."""
    with PusherMock() as mock:
        yield mock


def test_the_server_is_the_double_with_the_documented_credentials(here: PusherMock):
    server = get_pusher_server()
    assert type(server) is MockPusherServer
    assert isinstance(server, pusher.Pusher)
    client = server._pusher_client
    assert (client.app_id, client.key) == ("mock-app-id", "mock-pusher-key")
    assert client.secret == "mock-pusher-secret"
    assert client.host == "api-mock-cluster.pusher.com"
    assert get_pusher_server() is server
    assert server.trigger("task-1", "new-message", {}) == {}
    here.assert_triggered("task-1", "new-message")


def test_the_client_is_the_double(here: PusherMock):
    client = get_pusher_client(connect=True)
    assert type(client) is MockPusherClient
    assert isinstance(client, pysher.Pusher)
    assert client.mock is here
    assert client.connection.state == "connected"
    assert get_pusher_client(connect=True) is client


@pytest.mark.parametrize("channel", ["task-1", "private-user-1", "presence-room"])
def test_server_and_client_meet(channel: str, here: PusherMock):
    received: list[Any] = []
    client = get_pusher_client(connect=True)
    client.user_data = {"user_id": "1"}
    client.subscribe(channel).bind("new-message", received.append)
    pusher_server.trigger(channel, "new-message", {"messageId": "msg-123"})
    assert [json.loads(data) for data in received] == [{"messageId": "msg-123"}]


def test_they_meet_under_credentials_of_their_own(here: PusherMock):
    with override(app_id="77", key="my-key", secret="my-secret"):
        received: list[Any] = []
        client = get_pusher_client(connect=True)
        client.subscribe("private-a").bind("e", received.append)
        pusher_server.trigger("private-a", "e", {})
    assert received == ["{}"]


def test_one_server_follows_the_current_mock():
    publish = get_pusher_server().trigger
    for _ in range(2):
        with PusherMock() as mock:
            publish("c", "e", {})
            assert len(mock.published()) == 1


def test_a_fresh_client_after_disconnect(here: PusherMock):
    client = get_pusher_client(connect=True)
    client.disconnect()
    fresh = get_pusher_client(connect=True)
    assert fresh is not client
    assert fresh.connection.state == "connected"


def test_a_fresh_client_after_its_mock_ended():
    with PusherMock():
        client = get_pusher_client(connect=True)
    assert client.connection.state == "disconnected"
    assert get_pusher_client() is not client


def test_a_fresh_client_after_reset(here: PusherMock):
    client = get_pusher_client(connect=True)
    here.reset()
    assert get_pusher_client(connect=True) is not client


def test_a_fresh_client_when_another_mock_is_current(here: PusherMock):
    outer = get_pusher_client(connect=True)
    with PusherMock() as mock:
        inner = get_pusher_client(connect=True)
        assert inner is not outer
        assert inner.connection.state == outer.connection.state == "connected"
        received: list[Any] = []
        inner.subscribe("c").bind("e", received.append)
        pusher_server.trigger("c", "e", {})
        assert received == ["{}"]
        assert len(mock.published()) == 1
    assert here.published() == []


def test_an_unconnected_client_connects_to_whatever_is_current():
    client = get_pusher_client()
    with PusherMock() as mock:
        assert get_pusher_client(connect=True) is client
        assert isinstance(client, MockPusherClient)
        assert client.mock is mock


def test_a_client_with_options_of_the_double(here: PusherMock):
    other = PusherMock()
    client = get_pusher_client(connect=True, mock=other)
    assert isinstance(client, MockPusherClient)
    assert client.mock is other
    assert client.connection.state == "connected"
    other.close()


def test_an_auth_endpoint_instead_of_the_secret(here: PusherMock):
    class Answer:
        status_code = 200

        def __init__(self, form: dict[str, str]) -> None:
            self.form = form

        def json(self) -> Any:
            return pusher_server.authenticate(self.form["channel_name"], self.form["socket_id"])

    asked = []

    def poster(url: str, *, data: dict[str, str], headers: dict[str, str]) -> Answer:
        asked.append(url)
        return Answer(data)

    with override(auth_endpoint="http://app.test/pusher/auth"):
        client = get_pusher_client(connect=True, poster=poster)
        received: list[Any] = []
        client.subscribe("private-a").bind("e", received.append)
        pusher_server.trigger("private-a", "e", {})
    assert client.secret == ""
    assert asked == ["http://app.test/pusher/auth"]
    assert received == ["{}"]


def test_the_banner_comes_once_and_with_the_first_mock(
    here: PusherMock, caplog: pytest.LogCaptureFixture
):
    def lines() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == "compat"]

    with caplog.at_level(logging.WARNING):
        repr(pusher_server)
        assert lines() == []
        get_pusher_client()
        get_pusher_server()
        get_pusher_client(daemon=True)
        assert lines() == ["USE_MOCKS is on: Pusher calls stay in this process"]
        reset_cache()
        get_pusher_server()
        assert len(lines()) == 2
    assert {record.levelname for record in caplog.records if record.name == "compat"} == {"WARNING"}
