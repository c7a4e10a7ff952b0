"""pysher's quirks, facts 5.2.1 to 5.2.13, on pysher itself and on the doubles."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import pysher
import pytest

from pusher_mock import MockPusherClient
from pusher_mock.doubles.client import SubscriptionLost

from .sides import KEY, Real

if TYPE_CHECKING:
    from .sides import Side


@pytest.mark.parametrize(
    ("args", "options"),
    [
        (("k",), {}),
        ((b"k",), {}),
        (("k", "eu"), {}),
        (("k",), {"secure": False}),
        (("k",), {"secure": False, "port": None}),
        (("k",), {"secure": False, "port": 6001}),
        (("k",), {"port": None}),
        (("k", "eu"), {"custom_host": "localhost"}),
    ],
)
def test_the_url(args: tuple[Any, ...], options: dict[str, Any]):
    real, double = pysher.Pusher(*args, **options), MockPusherClient(*args, **options)  # 5.2.1
    assert double.url == real.url == real.connection.url == double.connection.url
    assert double.host == real.host
    assert real.url.endswith(f"/app/{args[0]}?client=Pysher&version=1.0.7&protocol=6")


def test_what_is_there_before_connecting():
    options: dict[str, Any] = {
        "secret": "s",
        "auth_endpoint": "http://x/auth",
        "auth_endpoint_headers": {"a": "b"},
        "user_data": {"user_id": "u"},
        "reconnect_interval": 3,
        "http_proxy_host": "proxy",
        "http_proxy_port": 8080,
        "http_no_proxy": ["localhost"],
        "http_proxy_auth": ("u", "p"),
        "daemon": False,
        "log_level": logging.WARNING,
    }
    real, double = pysher.Pusher("k", **options), MockPusherClient("k", **options)
    for name in ("key", "secret", "channels", "auth_endpoint", "auth_endpoint_headers"):
        assert getattr(double, name) == getattr(real, name)
    assert double.user_data == real.user_data
    assert (double.key_as_bytes, double.secret_as_bytes) == (b"k", b"s")
    for name in (
        "state",
        "socket",
        "socket_id",
        "needs_reconnect",
        "disconnect_called",
        "default_reconnect_interval",
        "reconnect_interval",
        "pong_received",
        "pong_timeout",
        "ping_interval",
        "connection_timeout",
        "socket_kwargs",
        "name",
        "daemon",
    ):
        assert getattr(double.connection, name) == getattr(real.connection, name), name
    assert isinstance(double.connection, pysher.Connection)
    assert isinstance(double.connection, threading.Thread)  # 5.2.2
    assert list(double.connection.event_callbacks) == list(real.connection.event_callbacks)
    assert not double.connection.is_alive()


def test_what_websocket_client_is_told(side: Side):
    client = side.connected(http_proxy_host="p", http_proxy_port=1)
    if isinstance(side, Real):
        assert side.options[0]["http_proxy_host"] == "p"
    assert client.connection.socket_kwargs["ping_timeout"] == 100  # 5.2.2


def test_connecting_once(side: Side):
    client = side.connected()  # 5.2.3
    assert client.connection.is_alive()
    assert client.connection.socket.sock is not None
    assert client.connection.socket.sock.connected
    with pytest.raises(RuntimeError, match=r"^threads can only be started once$"):
        client.connect()
    assert client.connection.state == "connected"
    client.disconnect()
    side.settle()
    with pytest.raises(RuntimeError, match=r"^threads can only be started once$"):
        client.connect()
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert client.connection.socket.sock is None


def test_callbacks_run_on_the_thread_of_the_connection_or_on_the_publishers(side: Side):
    seen: list[Any] = []
    client = side.client()
    client.connection.bind(
        "pusher:connection_established", lambda data: seen.append(threading.current_thread())
    )
    side.connect(client)
    own = client.connection if side.runs_threads else threading.current_thread()
    assert seen == [own]
    assert client.connection.name == "PysherEventLoop"


def test_disconnecting_before_connecting(side: Side):
    client = side.client()
    with pytest.raises(RuntimeError, match=r"^cannot join thread before it is started$"):
        client.disconnect()  # 5.2.4
    side.connect(client)
    assert client.connection.state == "connected"


def test_disconnecting(side: Side):
    client = side.connected()
    client.subscribe("a")
    side.settle()
    box = side.box(client)
    client.disconnect()
    assert client.channels == {}
    assert client.connection.state == "disconnected"
    assert client.connection.socket_id == box.socket_id  # 5.2.7: it is not cleared
    assert side.core.connections == ()
    client.disconnect()  # again is fine
    side.advance(60)
    assert client.connection.state == "disconnected"
    assert side.core.connections == ()


@pytest.mark.parametrize("kind", ["channel", "connection"])
def test_disconnecting_inside_a_callback(side: Side, kind: str):
    client = side.connected()  # 5.2.4
    channel = client.subscribe("a")
    side.settle()
    seen: list[str] = []

    def leave(data: Any) -> None:
        try:
            client.disconnect()
        except RuntimeError as error:
            seen.append(str(error))
            seen.append(client.connection.state)
            raise

    target = channel if kind == "channel" else client.connection
    target.bind("go", leave)
    side.say(client, "go", "", "a" if kind == "channel" else None)
    assert seen == ["cannot join current thread", "connected"]
    assert list(client.channels) == ["a"]
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert side.core.connections == ()
    side.advance(30)
    assert client.connection.state == "disconnected"


def test_states(side: Side):
    seen: list[Any] = []  # 5.2.5
    client = side.client()
    assert client.connection.state == "initialized"
    client.connection.bind(
        "pusher:connection_established",
        lambda data: seen.append((client.connection.state, client.connection.socket_id)),
    )
    side.connect(client)
    assert seen == [("connected", json.loads(json.dumps(client.connection.socket_id)))]
    side.say(client, "pusher:connection_failed", "")
    assert client.connection.state == "failed"
    side.close(client, 1000, event=False)
    assert client.connection.state == "unavailable"
    side.advance(10)
    assert client.connection.state == "connected"
    assert len(seen) == 2


def test_the_first_message(side: Side):
    client = side.connected()  # 5.2.6, 1.12.6
    assert side.texts(side.box(client).connection) == ['{"event": "pusher:ping", "data": ""}']
    assert client.connection.pong_received


def test_connection_established_with_an_object(side: Side):
    client = side.connected()  # 5.2.7
    before = client.connection.socket_id
    client.connection.state = "connecting"
    side.say(client, "pusher:connection_established", {"socket_id": "1.1"})
    assert client.connection.state == "connecting"
    assert client.connection.socket_id == before
    assert side.mock.errors == []  # its own handler's error: logged, and nobody's fault here


def test_what_the_connections_callbacks_get(side: Side):
    seen: list[Any] = []  # 5.2.8
    client = side.client()

    def note(data: Any, *args: Any, **kwargs: Any) -> None:
        seen.append((data, args, kwargs))

    def broken(data: Any) -> None:
        raise ValueError("no")

    for event in ("pusher:connection_established", "x"):
        client.connection.bind(event, broken)
        client.connection.bind(event, note, 1, two=2)
    side.connect(client)
    assert isinstance(seen[0][0], str)
    assert json.loads(seen[0][0])["socket_id"] == client.connection.socket_id
    assert seen[0][1:] == ((1,), {"two": 2})
    assert client.connection.state == "connected"  # the exception was swallowed
    client.subscribe("a")
    side.say(client, "x", "of the channel", "a")
    side.say(client, "y", "of nobody")
    side.say(client, "x", "of the connection")
    assert [one[0] for one in seen[1:]] == ["of the connection"]
    assert client.connection.state == "connected"


@pytest.mark.parametrize("data", ["text", '{"a": 1}', {"a": 1}, [1], None, 3])
def test_what_a_channels_callbacks_get(side: Side, data: Any):
    seen: list[Any] = []  # 5.2.9
    client = side.connected()
    channel = client.subscribe("a")

    def note(*args: Any, **kwargs: Any) -> None:
        seen.append((args, kwargs))

    channel.bind("x", note)
    channel.bind("x", note, 1, two=2)
    side.say(client, "x", data, "a")
    assert seen == [((data,), {}), ((data, 1), {"two": 2})]
    assert [type(args[0]) for args, _ in seen] == [type(data)] * 2


def test_the_names_to_bind(side: Side):
    seen: list[Any] = []  # 5.2.10
    client = side.client()

    def established(data: Any) -> None:
        channel = client.subscribe("a")
        for event in ("pusher_internal:subscription_succeeded", "pusher:subscription_succeeded"):
            channel.bind(event, seen.append)

    client.connection.bind("pusher:connection_established", established)
    side.connect(client)
    assert seen == ["{}"]


def test_an_exception_in_a_channels_callback(side: Side):
    seen: list[Any] = []  # 5.2.11
    client = side.connected()
    channel = client.subscribe("a")

    def broken(data: Any) -> None:
        raise ValueError("no")

    channel.bind("x", broken)
    channel.bind("x", seen.append)
    channel.bind("y", seen.append)
    side.say(client, "x", "1", "a")
    assert client.connection.state == "failed"
    assert client.connection.needs_reconnect
    assert seen == []  # it ends the dispatch of this event
    side.say(client, "y", "2", "a")
    assert seen == ["2"]
    assert client.connection.state == "failed"
    side.close(client, 1000, event=False)
    assert client.connection.state == "unavailable"
    side.advance(10)
    assert client.connection.state == "connected"


def test_an_exception_and_then_disconnect(side: Side):
    client = side.connected()
    channel = client.subscribe("a")
    channel.bind("x", lambda data: data.nothing)
    side.say(client, "x", "1", "a")
    client.disconnect()
    side.advance(30)
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()


def test_a_message_that_is_no_json(monkeypatch: pytest.MonkeyPatch, endpoint: Any):
    # Not on the doubles: the mock sends JSON only, and they take it without the text.
    side = Real(monkeypatch, endpoint)
    seen: list[Any] = []  # 5.2.11
    client = side.connected()
    client.subscribe("a").bind("x", seen.append)
    side.feed(client, "no json")
    assert client.connection.state == "failed"
    side.say(client, "x", "1", "a")
    assert seen == ["1"]
    side.end()


def test_frames_for_channels_nobody_subscribed(side: Side):
    client = side.connected()  # 5.2.12
    side.say(client, "x", "1", "unknown")
    assert client.connection.state == "connected"
    assert client.channels == {}


@pytest.mark.parametrize("auto_sub", [False, True])
def test_subscribing_too_early(
    side: Side, auto_sub: bool, recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
):
    client = side.client(auto_sub=auto_sub)  # 5.2.13
    if not isinstance(side, Real):
        with pytest.warns(SubscriptionLost, match="while the connection is initialized"):
            channel = client.subscribe("a")
        assert "pysher sends nothing" in caplog.text
    else:
        channel = client.subscribe("a")
    assert client.channels == {"a": channel}
    assert "Failed send event: 'NoneType' object has no attribute 'send'" in caplog.text
    side.connect(client)
    assert [one["event"] for one in side.sent(client)] == ["pusher:ping"]
    side.close(client, 1000, event=False)
    side.advance(10)
    after = [one["event"] for one in side.sent(client)]
    assert after == ["pusher:ping", *["pusher:subscribe"] * auto_sub]
    assert client.channel("a") is channel


def test_subscribing_while_there_is_no_connection(side: Side, caplog: pytest.LogCaptureFixture):
    client = side.connected()
    side.close(client, 1000, event=False)
    if isinstance(side, Real):
        client.subscribe("a")
    else:
        with pytest.warns(SubscriptionLost, match="while the connection is unavailable"):
            client.subscribe("a")
    assert "Failed send event: Connection is already closed." in caplog.text
    client.unsubscribe("a")
    assert client.channels == {}


def test_subscribing_when_established(side: Side):
    client = side.client()
    client.connection.bind("pusher:connection_established", lambda data: client.subscribe("a"))
    side.connect(client)
    assert [one["event"] for one in side.sent(client)] == ["pusher:ping", "pusher:subscribe"]
    assert side.mock.state.get_subscriber_count("a") == 1


def test_the_key_reaches_the_service(side: Side):
    client = side.connected()
    connection = side.core.engine.state.connections[side.box(client).connection]
    assert connection.app.config.key == KEY
