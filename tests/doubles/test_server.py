"""``MockPusherServer``: how it is built (facts 5.1), and what it is."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
from decimal import Decimal
from typing import Any

import pusher
import pytest
from pusher.pusher import Pusher

from pusher_mock import MockPusherServer, NotSupported, PusherMock, UsageError
from pusher_mock.core.pickled import find

from .real import MASTER_KEY, MASTER_KEY_BASE64, both

DEPRECATED = (
    "UserWarning: `encryption_master_key` is deprecated, please use `encryption_master_key_base64`"
)
CREDENTIALS: dict[str, Any] = {"app_id": "1", "key": "k", "secret": "s"}


# Constructor, facts 5.1 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({"app_id": 1}, "TypeError", "app_id should be a string instead it is a <class 'int'>"),
        ({"key": 1}, "TypeError", "key should be a string instead it is a <class 'int'>"),
        ({"secret": None}, "TypeError", "secret should be a string instead it is a <class 'None"),
        ({"host": 1}, "TypeError", "host should be a string instead it is a <class 'int'>"),
        ({"cluster": 1}, "TypeError", "cluster should be a string instead it is a <class 'int'>"),
        ({"app_id": ""}, "ValueError", "Invalid app id"),
        ({"app_id": "1a"}, "ValueError", "Invalid app id"),
        ({"app_id": "12 34"}, "ValueError", "Invalid app id"),
        ({"app_id": "my app"}, "ValueError", "Invalid app id"),
        ({"app_id": b"\xff"}, "UnicodeDecodeError", "'utf-8' codec can't decode byte 0xff"),
        ({"ssl": 1}, "TypeError", "SSL should be a boolean"),
        ({"port": "443"}, "TypeError", "port should be an integer"),
        ({"timeout": "5"}, "TypeError", "timeout should be an integer or a float"),
        ({"timeout": Decimal(5)}, "TypeError", "timeout should be an integer or a float"),
        (
            {"encryption_master_key": "x", "encryption_master_key_base64": "y"},
            "ValueError",
            "Do not provide both encryption_master_key and encryption_master_key_base64. "
            "encryption_master_key is deprecated, provide only encryption_master_key_base64",
        ),
        (
            {"encryption_master_key": "short"},
            "ValueError",
            "encryption_master_key must be 32 bytes long",
        ),
        (
            {"encryption_master_key_base64": "?"},
            "ValueError",
            "encryption_master_key_base64 must be valid base64",
        ),
        (
            {"encryption_master_key_base64": "c2hvcnQ="},
            "ValueError",
            "encryption_master_key_base64 must be a base64 string which decodes to 32 bytes",
        ),
    ],
)
def test_wrong_arguments_are_the_sdks_errors(given: dict[str, Any], kind: str, text: str):
    found, message, _ = both(lambda make: make(**{**CREDENTIALS, **given}))
    assert found == kind
    assert message.startswith(text)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"app_id": 1, "key": 2, "secret": 3, "ssl": 4}, "app_id should"),
        ({"key": 2, "secret": 3, "ssl": 4, "host": 5}, "key should"),
        ({"secret": 3, "ssl": 4, "host": 5}, "secret should"),
        ({"ssl": 4, "host": 5, "port": "x"}, "SSL should"),
        ({"host": 5, "port": "x", "timeout": "x"}, "host should"),
        ({"port": "x", "timeout": "x"}, "port should"),
        ({"timeout": "x", "encryption_master_key": "x"}, "timeout should"),
        ({"encryption_master_key_base64": "x", "backend": "x"}, "encryption_master_key_base64"),
        ({"backend": "x"}, "'str' object is not callable"),
    ],
)
def test_arguments_are_checked_in_the_sdks_order(given: dict[str, Any], text: str):
    assert both(lambda make: make(**{**CREDENTIALS, **given}))[1].startswith(text)


@pytest.mark.parametrize(
    "given",
    [
        {"app_id": b"12", "key": b"k", "secret": b"s"},
        {"timeout": True},
        {"timeout": 0.5},
        {"port": 0},
        {"port": None, "ssl": False},
        {"host": b"h", "cluster": "eu"},
        {"cluster": b"eu"},
        {"host": "", "cluster": "eu"},
        {"port": 8080},
        {},
    ],
)
def test_what_the_sdk_takes_it_takes(given: dict[str, Any]):
    assert both(lambda make: make(**{**CREDENTIALS, **given})) == ("", "", [])
    ours = MockPusherServer(**{**CREDENTIALS, **given})
    theirs = Pusher(**{**CREDENTIALS, **given})
    for name in ("app_id", "key", "secret", "host", "port", "timeout", "ssl", "scheme"):
        for client in ("_pusher_client", "_authentication_client"):
            assert getattr(getattr(ours, client), name) == getattr(getattr(theirs, client), name)


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ({}, "api.pusherapp.com", 443),
        ({"ssl": False}, "api.pusherapp.com", 80),
        ({"cluster": "eu"}, "api-eu.pusher.com", 443),
        ({"cluster": "eu", "host": "h"}, "h", 443),
        ({"host": "h", "port": 8080}, "h", 8080),
    ],
)
def test_host_and_port(given: dict[str, Any], host: str, port: int):
    server = MockPusherServer("1", "k", "s", **given)
    assert (server._pusher_client.host, server._pusher_client.port) == (host, port)


def test_a_raw_master_key_warns_twice_as_the_sdk_does():
    # facts 5.1: two clients are built
    kind, _, warned = both(lambda make: make(**CREDENTIALS, encryption_master_key=MASTER_KEY))
    assert (kind, warned) == ("", [DEPRECATED, DEPRECATED])


def test_everything_by_position():
    args: list[Any] = [
        "1",
        "k",
        "s",
        False,
        "h",
        81,
        7,
        "eu",
        None,
        MASTER_KEY_BASE64,
        None,
        None,
        None,
    ]
    client = MockPusherServer(*args)._pusher_client
    assert (client.scheme, client.host, client.port, client.timeout) == ("http", "h", 81, 7)
    with pytest.raises(TypeError):
        MockPusherServer(*args, None)  # type: ignore[call-arg]


def test_it_needs_the_sdks_three():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'secret'"):
        MockPusherServer("1", "k")  # type: ignore[call-arg]


# Readable app ids -------------------------------------------------------------------------------


@pytest.mark.parametrize("app_id", ["mock-app-id", b"mock-app-id", "test-app", "_x", "a1"])
def test_a_readable_app_id_is_accepted(app_id: str | bytes, pusher_mock: PusherMock):
    server = MockPusherServer(app_id, "k", "s")
    text = app_id if isinstance(app_id, str) else app_id.decode()
    assert server._pusher_client.app_id == server._authentication_client.app_id == text
    assert server.trigger("c", "e", {}) == {}
    assert f"/apps/{text}/events" in pusher_mock.journal.dumps()


def test_a_readable_app_id_is_told_unless_it_is_the_documented_one(
    caplog: pytest.LogCaptureFixture,
):
    with caplog.at_level(logging.WARNING, logger="pusher_mock"):
        MockPusherServer("mock-app-id", "k", "s")
        MockPusherServer("7", "k", "s")
        assert caplog.text == ""
        MockPusherServer("test-app", "k", "s")
    assert "app id 'test-app' is for the mock only: pusher.Pusher takes digits" in caplog.text


def test_the_default_app_has_both_ids(pusher_mock: PusherMock):
    for app_id in ("mock-app-id", "1"):
        server = MockPusherServer(app_id, "mock-pusher-key", "mock-pusher-secret")
        server.trigger("c", "e", app_id)
    assert [event.app for event in pusher_mock.published("c")] == ["mock-app-id"] * 2


# from_url, from_env -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://k:s@api.pusher.com/apps/432", {}),
        ("http://k:s@api.pusher.com/apps/432", {"cluster": "eu"}),
        ("https://k:s@api.pusher.com/apps/432", {"ssl": False, "host": "h", "port": 6001}),
        ("http://k:s@localhost:6001/apps/1", {}),
        ("http://k:s:t@u@h/apps/1", {}),
        (b"http://k:s@h/apps/1", {}),
    ],
)
def test_from_url_is_the_sdks(url: str, options: dict[str, Any]):
    ours = MockPusherServer.from_url(url, **options)
    theirs = Pusher.from_url(url, **options)
    assert type(ours) is MockPusherServer
    for name in ("app_id", "key", "secret", "host", "port", "ssl"):
        assert getattr(ours._pusher_client, name) == getattr(theirs._pusher_client, name)


def test_from_url_keeps_a_port_in_the_host_as_the_sdk_does():
    # sdk-integration: PUSHER_URL with a port cannot reach a local server
    request = MockPusherServer.from_url(
        "http://k:s@localhost:6001/apps/1"
    )._pusher_client.trigger.make_request("c", "e", "d")
    assert request.base_url == "http://localhost:6001:80"


@pytest.mark.parametrize(
    "url", ["", "k:s@h/apps/1", "ftp://k:s@h/apps/1", "http://k:s@h/apps/mock-app-id"]
)
def test_an_unparsable_url(url: str):
    kind, text, _ = both(lambda make: getattr(make, "from_url", Pusher.from_url)(url))
    assert (kind, text) == ("Exception", f"Unparsable url: {url}")


def test_from_url_takes_a_mock():
    mock = PusherMock()
    server = MockPusherServer.from_url("http://k:s@h/apps/1", mock=mock)
    assert server.mock is mock
    server.trigger("c", "e", "d")
    mock.assert_triggered("c", "e")


def test_from_env(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@h/apps/5")
    monkeypatch.setenv("OTHER_URL", "http://k2:s@h/apps/6")
    assert MockPusherServer.from_env()._pusher_client.app_id == "5"
    assert MockPusherServer.from_env("OTHER_URL", timeout=9)._pusher_client.timeout == 9
    monkeypatch.delenv("PUSHER_URL")
    with pytest.raises(Exception, match=r"\AEnvironment variable PUSHER_URL not found\Z"):
        MockPusherServer.from_env()


# What it is -------------------------------------------------------------------------------------


def test_it_is_a_pusher():
    server = MockPusherServer("1", "k", "s")
    assert isinstance(server, pusher.Pusher)
    assert pusher.Pusher is Pusher


def test_its_repr_keeps_the_secret():
    assert repr(MockPusherServer("1", "key", "hidden")) == "<MockPusherServer app=1 key=key>"


def test_one_that_is_bound_can_be_pickled_within_its_process():
    mock = PusherMock()
    bound = mock.server()
    text = pickle.dumps([bound, bound])
    first, second = pickle.loads(text)
    assert first is second
    assert first.mock is mock
    first.trigger("c", "e", {})
    copy.deepcopy(bound).trigger("c", "e", {})
    mock.assert_triggered("c", "e", times=2)
    assert pickle.dumps([bound, bound]) == text
    del mock, bound, first, second
    gc.collect()
    with pytest.raises(UsageError, match=r"bound with mock= to a mock that is gone: build it"):
        pickle.loads(text)
    with pytest.raises(UsageError, match="to a mock in process 0"):
        find(0, 1)


def test_an_unbound_one_can_be_pickled(pusher_mock: PusherMock):
    # row 7 of sdk-integration: objects that hold the client travel through a task queue
    plain = MockPusherServer("1", "k", "s", fix_terminate_path=True)
    copy = pickle.loads(pickle.dumps(plain))
    assert copy.trigger("c", "e", "d") == copy.terminate_user_connections("u") == {}
    encrypting = MockPusherServer("1", "k", "s", encryption_master_key_base64=MASTER_KEY_BASE64)
    pickle.loads(pickle.dumps(encrypting)).trigger("private-encrypted-c", "e", "d")
    assert len(pusher_mock.published()) == 2


class AppPusher(Pusher):
    """An application's own class, as rows 7 and 10 of sdk-integration have them."""

    def __init__(self, prefix: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = prefix

    def trigger(self, channels: Any, event_name: Any, data: Any, socket_id: Any = None) -> Any:
        return super().trigger(f"{self.prefix}-{channels}", event_name, data, socket_id)


class AppDouble(AppPusher, MockPusherServer):
    """What a test makes of it."""


def test_a_subclass_of_the_applications_takes_the_double_as_its_base(pusher_mock: PusherMock):
    server = AppDouble("dev", "1", "k", "s", cluster="eu")
    assert isinstance(server, AppPusher)
    assert server.trigger("c", "e", {}) == {}
    pusher_mock.assert_triggered("dev-c", "e")


def test_tornado_is_refused():
    class TornadoBackend:
        __module__ = "pusher.tornado"

    with pytest.raises(NotSupported, match=r"use backend=pusher\.aiohttp\.AsyncIOBackend"):
        MockPusherServer("1", "k", "s", backend=TornadoBackend)


# Internals that applications use (facts 5.1) ----------------------------------------------------


def test_make_request_builds_without_sending(pusher_mock: PusherMock):
    server = MockPusherServer("1", "k", "s", cluster="eu")
    request = server._pusher_client.trigger.make_request(["c"], "e", {"a": 1})
    assert request.method == "POST"
    assert request.path == "/apps/1/events"
    assert request.base_url == "https://api-eu.pusher.com:443"
    assert request.body == b'{"name": "e", "channels": ["c"], "data": "{\\"a\\": 1}"}'
    assert request.params == {"name": "e", "channels": ["c"], "data": '{"a": 1}'}
    assert request.headers["Content-Type"] == "application/json"
    assert len(pusher_mock.journal) == 0
    assert server._pusher_client.http.send_request(request) == {}
    pusher_mock.assert_triggered("c", "e", {"a": 1})


def test_an_encrypting_make_request_builds_without_sending(pusher_mock: PusherMock):
    server = MockPusherServer("1", "k", "s", encryption_master_key_base64=MASTER_KEY_BASE64)
    request = server._pusher_client.trigger.make_request("private-encrypted-c", "e", "d")
    assert "ciphertext" in request.params["data"]
    assert pusher_mock.published() == []


def test_the_authentication_client_signs(pusher_mock: PusherMock):
    server = MockPusherServer("1", "k", "s")
    client = server._authentication_client
    assert client.authenticate("private-c", "1.1") == server.authenticate("private-c", "1.1")
    assert (client.app_id, client.key, client.secret) == ("1", "k", "s")


def test_a_request_of_ones_own_is_answered(pusher_mock: PusherMock):
    # row 7 of sdk-integration: an application that subclasses `Request`
    from pusher.http import Request

    class Slow(Request):
        def _generate_auth(self) -> None:
            super()._generate_auth()
            self.slow = True

    server = MockPusherServer("1", "k", "s")
    client = server._pusher_client
    request = Slow(client, "GET", "/apps/1/channels", {})
    assert client.http.send_request(request) == {"channels": {}}
