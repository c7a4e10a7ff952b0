"""What the accessors hand out in real mode, and when they hand out something else."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pusher
import pysher
import pytest

from compat import (
    ConfigurationError,
    accessor,
    get_pusher_client,
    get_pusher_server,
    is_mocked,
    override,
    reset_cache,
)
from compat.state import current

MASTER_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let pysher's thread run without opening a socket, until the event."""
    end = threading.Event()
    monkeypatch.setattr(pysher.Connection, "run", lambda connection: end.wait())
    yield end
    end.set()


@pytest.mark.usefixtures("real")
def test_the_real_server_is_the_sdk_itself():
    server = get_pusher_server()
    assert type(server) is pusher.Pusher
    client = server._pusher_client
    assert (client.app_id, client.key, client.secret) == ("42", "real-key", "real-secret")
    assert (client.host, client.port, client.ssl) == ("api-eu.pusher.com", 443, True)
    assert client.timeout == 5
    assert get_pusher_server() is server
    assert accessor._build_server(current()) is server  # another thread was faster


@pytest.mark.usefixtures("real")
def test_everything_reaches_the_real_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_URL", "http://k:s@localhost:6001/apps/7")
    monkeypatch.setenv("PUSHER_TIMEOUT", "1.5")
    monkeypatch.setenv("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
    server = get_pusher_server()
    client = server._pusher_client
    request = client.trigger.make_request("c", "e", "")
    assert request.base_url == "http://localhost:6001"  # the SDK's from_url would say …:6001:80
    assert client.timeout == 1.5
    answer = server.authenticate("private-encrypted-c", "1.1")
    assert "shared_secret" in answer


@pytest.mark.usefixtures("real")
def test_the_sdk_refuses_a_value_itself():
    with override(encryption_master_key_base64="short"), pytest.raises(ValueError, match="base64"):
        get_pusher_server()


def test_without_credentials_it_says_so():
    with pytest.raises(ConfigurationError, match="or set USE_MOCKS=true"):
        get_pusher_server()
    with pytest.raises(ConfigurationError):
        get_pusher_client(cluster="eu")


@pytest.mark.usefixtures("real", "no_socket")
def test_threads_get_one_server_and_one_connected_client(monkeypatch: pytest.MonkeyPatch):
    connected: list[object] = []

    original = pysher.Pusher.connect

    def connect(client: pysher.Pusher) -> None:
        connected.append(client)
        original(client)

    monkeypatch.setattr(pysher.Pusher, "connect", connect)
    barrier = threading.Barrier(8)
    seen: list[tuple[object, object]] = []

    def use() -> None:
        barrier.wait()
        seen.append((get_pusher_server(), get_pusher_client(connect=True)))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(get_pusher_server(), get_pusher_client())] * 8
    assert connected == [get_pusher_client()]


@pytest.mark.usefixtures("real")
def test_the_real_client_is_the_sdk_itself():
    client = get_pusher_client()
    assert type(client) is pysher.Pusher
    assert (client.key, client.secret, client.auth_endpoint) == ("real-key", "real-secret", None)
    assert client.connection.url.startswith("wss://ws-eu.pusher.com:443/app/real-key?")
    assert client.connection.state == "initialized"
    assert get_pusher_client() is client


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"cluster": None}, "wss://ws.pusherapp.com:443/app/"),
        ({"ssl": False}, "ws://ws-eu.pusher.com:80/app/"),
        ({"host": "api-us2.pusher.com", "cluster": None}, "wss://ws-us2.pusher.com:443/app/"),
        ({"host": "127.0.0.1", "port": 6001, "ssl": False}, "ws://127.0.0.1:6001/app/"),
        ({"ws_host": "ws.test", "ws_port": 8443}, "wss://ws.test:8443/app/"),
    ],
)
def test_where_the_real_client_connects(settings: dict[str, Any], url: str):
    with override(**settings):
        assert get_pusher_client().connection.url.startswith(url)


@pytest.mark.usefixtures("real")
def test_who_signs_for_the_client():
    def signers(**options: Any) -> tuple[str | bytes, str | None]:
        client = get_pusher_client(**options)
        return client.secret, client.auth_endpoint

    assert signers() == ("real-secret", None)
    assert signers(auth_endpoint="http://mine") == ("", "http://mine")
    with override(auth_endpoint="http://app.test/auth"):
        assert signers() == ("", "http://app.test/auth")
        assert signers(daemon=True) == ("", "http://app.test/auth")
        assert signers(secret="mine") == ("mine", None)


@pytest.mark.usefixtures("real")
def test_with_options_it_is_always_a_fresh_client():
    shared = get_pusher_client()
    first = get_pusher_client(auto_sub=True, cluster="us2")
    second = get_pusher_client(auto_sub=True, cluster="us2")
    assert len({id(shared), id(first), id(second)}) == 3
    assert first.connection.url.startswith("wss://ws-us2.pusher.com")
    assert get_pusher_client() is shared


@pytest.mark.usefixtures("real", "no_socket")
def test_a_fresh_client_connected_at_once():
    client = get_pusher_client(connect=True, daemon=True)
    assert client.connection.is_alive()


@pytest.mark.usefixtures("real")
def test_an_option_the_sdk_does_not_know():
    with pytest.raises(TypeError):
        get_pusher_client(nonsense=1)


@pytest.mark.usefixtures("real")
def test_connect_only_once_and_afresh_after_disconnect(no_socket: threading.Event):
    client = get_pusher_client(connect=True)
    assert client.connection.is_alive()
    assert client.connection.state == "initialized"  # the thread has not come that far
    assert get_pusher_client(connect=True) is client  # a second connect() would have raised
    no_socket.set()
    client.disconnect()
    fresh = get_pusher_client()
    assert fresh is not client
    assert get_pusher_client() is fresh


@pytest.mark.usefixtures("real")
def test_afresh_when_its_thread_has_ended(no_socket: threading.Event):
    client = get_pusher_client(connect=True)
    no_socket.set()
    client.connection.join()
    assert client.connection.disconnect_called is False
    assert get_pusher_client() is not client


@pytest.mark.usefixtures("real", "no_socket")
def test_a_client_that_lost_its_connection_reconnects_by_itself():
    client = get_pusher_client(connect=True)
    client.connection.state = "disconnected"
    assert get_pusher_client(connect=True) is client


@pytest.mark.usefixtures("real", "no_socket")
def test_connecting_a_client_handed_out_unconnected():
    client = get_pusher_client()
    assert client.connection.ident is None
    assert get_pusher_client(connect=True) is client
    assert client.connection.is_alive()


@pytest.mark.usefixtures("real")
def test_new_settings_new_objects(monkeypatch: pytest.MonkeyPatch):
    server, client = get_pusher_server(), get_pusher_client()
    monkeypatch.setenv("PUSHER_APP_KEY", "PUSHER_KEY comes first")
    assert (get_pusher_server(), get_pusher_client()) == (server, client)
    monkeypatch.setenv("PUSHER_KEY", "new")
    assert get_pusher_server()._pusher_client.key == "new"
    assert get_pusher_client() is not client
    assert get_pusher_client().key == "new"


@pytest.mark.usefixtures("real")
def test_reset_builds_anew():
    server = get_pusher_server()
    reset_cache()
    assert get_pusher_server() is not server


def test_is_mocked_needs_no_credentials(monkeypatch: pytest.MonkeyPatch):
    assert is_mocked() is False
    monkeypatch.setenv("PUSHER_PORT", "wrong")
    assert is_mocked() is False
    monkeypatch.setenv("USE_MOCKS", "true")
    assert is_mocked() is True
    monkeypatch.delenv("PUSHER_PORT")
    assert is_mocked() is True
    with override(use_mocks=False):
        assert is_mocked() is False
    monkeypatch.setenv("USE_MOCKS", "maybe")
    with pytest.raises(ConfigurationError, match="USE_MOCKS"):
        is_mocked()


@pytest.mark.usefixtures("real")
def test_real_mode_is_silent(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, "compat"):
        get_pusher_server()
        get_pusher_client()
    assert caplog.records == []


@pytest.mark.usefixtures("real")
def test_the_settings_in_force():
    from compat import get_pusher_settings

    assert get_pusher_settings().key == "real-key"
    with override(key="other"):
        assert get_pusher_settings().key == "other"
    assert get_pusher_settings().encryption_master_key_base64 is None
