"""Server mode: with mocks on and a local server named, the SDKs themselves, pointed there."""

import logging
from typing import Any

import pusher
import pysher
import pytest

from compat import (
    ConfigurationError,
    PusherSettings,
    frontend_config,
    get_pusher_client,
    get_pusher_server,
    get_pusher_settings,
    is_mocked,
    override,
    pusher_server,
    reset_cache,
)
from compat.local_server import Place, parse_mock_url
from pusher_mock import MockPusherServer, PusherMock, SystemClock


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_MOCKS", "true")
    monkeypatch.setenv("PUSHER_MOCK_URL", "http://127.0.0.1:6001")


@pytest.mark.usefixtures("named")
def test_the_sdks_themselves_with_the_documented_credentials_and_a_numeric_id():
    server = get_pusher_server()
    assert type(server) is pusher.Pusher
    client = server._pusher_client
    assert (client.app_id, client.key, client.secret) == (
        "1",
        "mock-pusher-key",
        "mock-pusher-secret",
    )
    assert (client.host, client.port, client.ssl) == ("127.0.0.1", 6001, False)
    listener = get_pusher_client()
    assert type(listener) is pysher.Pusher
    assert listener.url.startswith("ws://127.0.0.1:6001/app/mock-pusher-key?")
    assert listener.secret == "mock-pusher-secret"
    assert is_mocked()
    assert not get_pusher_settings().in_memory
    assert repr(pusher_server).startswith("<compat.pusher_server mock-server app_id='1'")


@pytest.mark.usefixtures("named")
def test_what_the_page_is_told():
    assert frontend_config() == {
        "key": "mock-pusher-key",
        "cluster": "mock-cluster",
        "wsHost": "127.0.0.1",
        "wsPort": 6001,
        "wssPort": 6001,
        "httpHost": "127.0.0.1",
        "httpPort": 6001,
        "httpsPort": 6001,
        "forceTLS": False,
        "enabledTransports": ["ws"],
    }
    with override(mock_url="https://localhost:6443"):
        config = frontend_config()
    assert (config["forceTLS"], config["enabledTransports"]) == (True, ["ws", "wss"])
    assert (config["wsHost"], config["wssPort"]) == ("localhost", 6443)


@pytest.mark.usefixtures("named")
def test_only_with_mocks_on(monkeypatch: pytest.MonkeyPatch):
    with override(use_mocks=False, app_id="7", key="k", secret="s", cluster="eu"):
        assert get_pusher_server()._pusher_client.host == "api-eu.pusher.com"
        assert get_pusher_settings().mock_url is None
        assert frontend_config() == {"key": "k", "cluster": "eu"}


@pytest.mark.usefixtures("named")
def test_the_server_beats_the_real_one_s_host_port_and_tls(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "PUSHER_HOST": "api-eu.pusher.com",
        "PUSHER_PORT": "443",
        "PUSHER_SSL": "true",
        "PUSHER_WS_HOST": "ws-eu.pusher.com",
        "PUSHER_WS_PORT": "443",
        "PUSHER_APP_ID": "77",
        "PUSHER_KEY": "my-key",
        "PUSHER_SECRET": "my-secret",
    }.items():
        monkeypatch.setenv(name, value)
    client = get_pusher_server()._pusher_client
    assert (client.host, client.port, client.ssl) == ("127.0.0.1", 6001, False)
    assert (client.app_id, client.key, client.secret) == ("77", "my-key", "my-secret")
    assert frontend_config()["wsHost"] == "127.0.0.1"


@pytest.mark.usefixtures("named")
def test_an_app_id_that_the_sdk_does_not_take(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_APP_ID", "mine")
    with pytest.raises(ConfigurationError, match=r"PUSHER_APP_ID .*it only takes numeric app ids"):
        get_pusher_server()


@pytest.mark.usefixtures("named")
def test_a_test_s_own_mock_comes_before_the_variable():
    outside = get_pusher_server()
    assert type(outside) is pusher.Pusher
    with PusherMock() as mock:
        server = get_pusher_server()
        assert type(server) is MockPusherServer
        assert get_pusher_settings().in_memory
        assert frontend_config() == {"key": "mock-pusher-key", "cluster": "mock-cluster"}
        server.trigger("c", "e", {})
        mock.assert_triggered("c", "e")
        # Somebody's decision in code, as for a browser test beside the mock.
        with override(mock_url="http://127.0.0.1:6002"):
            assert type(get_pusher_server()) is pusher.Pusher
            assert get_pusher_server()._pusher_client.port == 6002
    assert get_pusher_server()._pusher_client.port == 6001


def test_an_active_mock_without_the_switch(monkeypatch: pytest.MonkeyPatch):
    """Unset means on while a mock is active, and then it is that mock."""
    monkeypatch.setenv("PUSHER_MOCK_URL", "http://127.0.0.1:6001")
    with PusherMock():
        assert type(get_pusher_server()) is MockPusherServer
    with pytest.raises(ConfigurationError, match="USE_MOCKS is off"):
        get_pusher_server()


@pytest.mark.usefixtures("named")
def test_the_banner_says_where(caplog: pytest.LogCaptureFixture):
    reset_cache()
    with caplog.at_level(logging.WARNING, "compat"):
        get_pusher_server()
        get_pusher_client()
    assert caplog.messages == [
        "USE_MOCKS is on: Pusher calls go to the local server at http://127.0.0.1:6001"
    ]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://127.0.0.1:6001", Place("127.0.0.1", 6001, False)),
        ("http://127.8.8.8:6001/", Place("127.8.8.8", 6001, False)),
        (" https://LOCALHOST ", Place("localhost", 443, True)),
        ("http://pusher.localhost", Place("pusher.localhost", 80, False)),
        ("http://[::1]:6001", Place("[::1]", 6001, False)),
    ],
)
def test_this_machine(url: str, place: Place):
    assert parse_mock_url(url, None) == place


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6001",
        "ws://127.0.0.1",
        "http://",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://user:pw@127.0.0.1",
        "http://127.0.0.1/apps/1",
        "http://127.0.0.1?a=1",
    ],
)
def test_no_url_of_a_server(url: str):
    with pytest.raises(ValueError, match=r"write http\(s\)://HOST\[:PORT\]") as caught:
        parse_mock_url(url, None)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("host", ["api-eu.pusher.com", "192.168.1.5", "mock", "0.0.0.0"])
def test_anywhere_else_only_by_name(host: str):
    with pytest.raises(
        ValueError, match=f"{host} is not this machine.*PUSHER_MOCK_ALLOWED_HOST={host}"
    ):
        parse_mock_url(f"http://{host}:6001", None)
    with pytest.raises(ValueError, match="is not this machine"):
        parse_mock_url(f"http://{host}:6001", "another")
    assert parse_mock_url(f"http://{host}:6001", f" {host.upper()} ").host == host


@pytest.mark.usefixtures("named")
def test_a_refused_url_says_where_it_stands(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_URL", "http://mock:6001")
    with pytest.raises(ConfigurationError) as caught:
        PusherSettings()
    assert "PUSHER_MOCK_URL (the environment): mock is not this machine" in str(caught.value)
    monkeypatch.setenv("PUSHER_MOCK_ALLOWED_HOST", "mock")
    assert get_pusher_server()._pusher_client.host == "mock"


@pytest.mark.enable_socket
def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    """It would take the event outside, and its answer might pass for the server's."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("USE_MOCKS", "true")
    with PusherMock(clock=SystemClock()).serve() as server:
        monkeypatch.setenv("PUSHER_MOCK_URL", server.url)
        assert pusher_server.trigger("c", "e", {}) == {}
        assert server.mock.published("c")


@pytest.mark.enable_socket
def test_both_sdks_meet_on_a_running_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("USE_MOCKS", "true")
    mock = PusherMock(clock=SystemClock())
    with mock.serve() as server:
        monkeypatch.setenv("PUSHER_MOCK_URL", server.url)
        client = get_pusher_client()
        heard: list[Any] = []

        def subscribe(data: str) -> None:
            client.subscribe("private-room").bind("hello", heard.append)

        client.connection.bind("pusher:connection_established", subscribe)
        get_pusher_client(connect=True)
        mock.wait_until_subscribed("private-room")
        assert pusher_server.trigger("private-room", "hello", {"n": 1}) == {}
        mock.wait_until(lambda: heard)
        assert heard == ['{"n": 1}']
        client.disconnect()
        client.connection.join(5)
