"""What a server tells of its mock, to whom, and ``RemoteMock``, which asks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from starlette.testclient import TestClient
from tests.server.signing import signed

from compat import get_pusher_settings, override
from pusher_mock import App, PusherMock, SystemClock, UsageError
from pusher_mock.remote import RemoteError, RemoteMock
from pusher_mock.server import ThreadedServer, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket

OTHER = App("2", "other-key", "other-secret")
KEY, SECRET = "mock-pusher-key", "mock-pusher-secret"


@pytest.fixture
def server() -> Iterator[ThreadedServer]:
    apps = [App("1", KEY, SECRET), OTHER]
    with PusherMock(clock=SystemClock(), apps=apps).serve() as running:
        yield running


@pytest.fixture
def remote(server: ThreadedServer) -> RemoteMock:
    return RemoteMock(server.url + "/", KEY, SECRET)


def test_events_newest_first_and_of_the_key_s_app_only(server: ThreadedServer, remote: RemoteMock):
    publisher = server.mock.server()
    publisher.trigger("a", "one", {"n": 1})
    publisher.trigger("b", "two", "text", "123.456")
    server.mock.server(OTHER).trigger("a", "secret", {})
    found = remote.events()
    assert [(one["channel"], one["event"], one["data"]) for one in found] == [
        ("b", "two", "text"),
        ("a", "one", '{"n": 1}'),
    ]
    assert found[0]["socket_id"] == "123.456"
    assert found[0]["client"] is False
    assert abs(found[0]["time"] - time.time()) < 60
    assert [one["event"] for one in remote.events("a")] == ["one"]
    assert [one["event"] for one in remote.events(limit=1)] == ["two"]
    assert remote.events("grüße & co") == []


def test_the_state(server: ThreadedServer, remote: RemoteMock):
    server.mock.client(connect=True).subscribe("a")
    server.mock.server().trigger("a", "e", {})
    assert remote.get_state() == server.mock.state.get_state()
    assert remote.get_state()["channels"][0]["messageCount"] == 1


def test_reset(server: ThreadedServer, remote: RemoteMock):
    server.mock.server().trigger("a", "e", {})
    remote.reset()
    assert remote.events() == []


def test_from_the_settings(server: ThreadedServer):
    with override(use_mocks=True, mock_url=server.url):
        remote = RemoteMock.from_settings(get_pusher_settings())
    assert repr(remote) == f"<RemoteMock {server.url} key=mock-pusher-key>"
    assert remote.events() == []
    with override(use_mocks=True), pytest.raises(UsageError, match="no local server is in use"):
        RemoteMock.from_settings(get_pusher_settings())


def test_nobody_is_there(server: ThreadedServer, remote: RemoteMock):
    server.stop()
    with pytest.raises(RemoteError, match="start one with `pusher-mock serve`") as caught:
        remote.get_state()
    assert SECRET not in str(caught.value)
    with pytest.raises(RemoteError, match="mend PUSHER_MOCK_URL"):
        RemoteMock("nonsense", KEY, SECRET).get_state()


def test_it_refuses(server: ThreadedServer):
    with pytest.raises(RemoteError, match="refused with 401: Invalid signature"):
        RemoteMock(server.url, KEY, "wrong").get_state()
    with pytest.raises(RemoteError, match="refused with 400: Unknown auth_key"):
        RemoteMock(server.url, "nobody", "wrong").reset()
    with pytest.raises(RemoteError, match="limit takes a number from 0"):
        RemoteMock(server.url, KEY, SECRET).events(limit=-1)


def test_something_else_is_there(remote: RemoteMock, monkeypatch: pytest.MonkeyPatch):
    def hello(*args: Any, **kwargs: Any) -> requests.Response:
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b"<html>"
        return answer

    monkeypatch.setattr(requests.Session, "request", hello)
    with pytest.raises(RemoteError, match="is no pusher-mock"):
        remote.get_state()


# Who may not ask -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Origin": "http://evil.example"}, "Not for browsers"),
        ({"Origin": "null"}, "Not for browsers"),
        ({"Sec-Fetch-Site": "same-origin"}, "Not for browsers"),
        ({"Sec-Fetch-Mode": "no-cors"}, "Not for browsers"),
        ({"Host": "evil.example"}, "for another host"),
        ({"Host": "127.0.0.1.evil.example:6001"}, "for another host"),
    ],
)
@pytest.mark.parametrize("path", ["/pusher-mock/state", "/pusher-mock/events"])
def test_not_a_web_page_though_it_knows_the_secret(headers: dict[str, str], text: str, path: str):
    with TestClient(create_app(PusherMock()), base_url="http://127.0.0.1:6001") as client:
        target = signed("GET", path)
        assert client.get(target).status_code == 200
        answer = client.get(target, headers=headers)
    assert answer.status_code == 403
    assert text in answer.text
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_cannot_reset():
    mock = PusherMock()
    mock.server().trigger("a", "e", {})
    target = signed("POST", "/pusher-mock/reset")
    with TestClient(create_app(mock), base_url="http://localhost:6001") as client:
        assert client.get(target).status_code == 405
        assert client.post(target, headers={"Origin": "http://x.example"}).status_code == 403
        assert mock.published()
        assert client.post(target).json() == {}
        assert not mock.published()
        assert client.post("/pusher-mock/reset").status_code == 401
