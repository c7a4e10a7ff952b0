"""Channels, facts 5.2.18 to 5.2.20, on pysher itself and on the doubles; presence; encryption."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.versions import needs_plain_unicode

from pusher_mock import App, MockPusherServer, PusherMock
from pusher_mock.doubles.client import MockChannel
from pusher_mock.protocol.encryption import decrypt

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sides import Double, Side

SUCCEEDED = "pusher_internal:subscription_succeeded"


def collect(client: Any, name: str, *events: str) -> list[tuple[str, Any]]:
    """Subscribe and note what comes, by event."""
    seen: list[Any] = []
    channel = client.subscribe(name)

    def noting(event: str) -> Callable[[Any], None]:
        return lambda data: seen.append((event, data))

    for event in events:
        channel.bind(event, noting(event))
    return seen


@needs_plain_unicode
def test_an_event_of_the_publisher(side: Side):
    client = side.connected()
    seen = collect(client, "a", "x")
    side.settle()
    side.server.trigger("a", "x", {"b": [1, "ä"]})
    side.settle()
    assert seen == [("x", '{"b": [1, "ä"]}')]


def test_subscribing_twice(side: Side):
    client = side.connected()  # 5.2.18
    first = client.subscribe("a")
    seen: list[str] = []
    first.bind("x", seen.append)
    side.settle()
    second = client.subscribe("a")
    side.settle()
    assert second is not first
    assert client.channel("a") is second
    assert second.event_callbacks == {}
    assert side.errors() == [{"code": None, "message": "Existing subscription to channel a"}]
    side.server.trigger("a", "x", "1")
    side.settle()
    assert seen == []
    assert client.connection.state == "connected"


def test_unsubscribing(side: Side):
    client = side.connected()
    seen = collect(client, "a", "x")
    client.unsubscribe("unknown")  # 5.2.19
    client.unsubscribe("a")
    client.unsubscribe("a")
    side.settle()
    assert client.channels == {}
    assert [one["event"] for one in side.sent(client)][-1] == "pusher:unsubscribe"
    assert len(side.sent(client)) == 3
    side.server.trigger("a", "x", "1")
    side.settle()
    assert seen == []
    again = collect(client, "a", "x")
    side.settle()
    side.server.trigger("a", "x", "2")
    side.settle()
    assert again == [("x", "2")]


def test_channel(side: Side):
    client = side.connected()
    assert client.channel("a") is None
    channel = client.subscribe("a")
    assert client.channel("a") is channel
    assert (channel.name, channel.connection, channel.auth) == ("a", client.connection, None)


@pytest.mark.parametrize(
    ("channel", "event", "is_sent"),
    [
        ("private-a", "client-x", True),
        ("presence-a", "client-x", True),
        ("private-a", "x", False),
        ("a", "client-x", False),
        ("#server-to-user-u", "client-x", False),
    ],
)
def test_client_events(side: Side, channel: str, event: str, is_sent: bool):
    sender = side.connected(user_data={"user_id": "1"})  # 5.2.20
    other = side.connected(user_data={"user_id": "2"})
    own = collect(sender, channel, event)
    seen = collect(other, channel, event)
    side.settle()
    assert sender.channel(channel).trigger(event, {"b": 1}) is None
    side.settle()
    frame = json.dumps({"event": event, "data": {"b": 1}, "channel": channel})
    name = side.box(sender).connection
    assert (frame in side.texts(name)) is is_sent  # to the letter: event, data, channel
    assert own == []
    assert seen == [(event, '{"b":1}')] * is_sent


def test_presence(side: Side):
    one = side.connected(user_data={"user_id": "1", "user_info": {"name": "A"}})
    two = side.connected(user_data={"user_id": "2"})
    added, removed = "pusher_internal:member_added", "pusher_internal:member_removed"
    seen = collect(one, "presence-a", added, removed, "pusher:member_added")
    side.settle()
    two.subscribe("presence-a")
    side.settle()
    two.disconnect()
    side.settle()
    assert [(event, json.loads(data)) for event, data in seen] == [
        (added, {"user_id": "2"}),
        (removed, {"user_id": "2"}),
    ]


def test_the_roster(side: Side):
    seen: list[Any] = []
    client = side.client(user_data={"user_id": "1", "user_info": {"name": "A"}})

    def established(data: Any) -> None:
        client.subscribe("presence-a").bind(SUCCEEDED, seen.append)

    client.connection.bind("pusher:connection_established", established)
    side.connect(client)
    [roster] = seen
    assert isinstance(roster, str)
    assert json.loads(roster) == {
        "presence": {"count": 1, "ids": ["1"], "hash": {"1": {"name": "A"}}}
    }


def test_encrypted_data_stays_as_it_is(side: Side):
    key = b"0123456789abcdef0123456789abcdef"
    server = MockPusherServer(
        "1",
        "mock-pusher-key",
        "mock-pusher-secret",
        mock=side.mock,
        encryption_master_key_base64="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    )
    client = side.connected()  # 5.2.14: no decryption
    seen = collect(client, "private-encrypted-a", "x")
    side.settle()
    server.trigger("private-encrypted-a", "x", {"secret": 1})
    side.settle()
    [(_, raw)] = seen
    assert set(json.loads(raw)) == {"nonce", "ciphertext"}
    assert json.loads(decrypt("private-encrypted-a", raw, key)) == {"secret": 1}


def test_a_sender_is_excluded(side: Side):
    one, two = side.connected(), side.connected()
    seen = [collect(one, "a", "x"), collect(two, "a", "x")]
    side.settle()
    side.server.trigger("a", "x", "1", socket_id=one.connection.socket_id)
    side.settle()
    assert seen == [[], [("x", "1")]]


def test_terminated(side: Side):
    """A signed-in user's connections are closed for good: 4009 (facts 1.13)."""
    client = side.connected()
    side.close(client, 4009, event=True)
    assert client.connection.state == "disconnected"
    side.advance(30)
    assert side.core.connections == ()


# Ours only --------------------------------------------------------------------------------------


def test_several_apps(double: Double):
    mock = PusherMock(apps=[App("1", "key-1", "s1"), App("2", "key-2", "s2")])
    seen: list[tuple[str, str]] = []
    for number in ("1", "2"):
        app = App(number, f"key-{number}", f"s{number}")
        client = mock.client(app, connect=True)
        client.subscribe("a").bind("x", lambda data, who: seen.append((who, data)), number)
    mock.server(App("2", "key-2", "s2")).trigger("a", "x", "hello")
    assert seen == [("2", "hello")]


@pytest.mark.parametrize("how", ["client", "channel"])
def test_unbind(double: Double, how: str):
    client = double.connected()
    channel = client.subscribe("a")
    assert isinstance(channel, MockChannel)
    seen: list[Any] = []

    def one(data: Any) -> None:
        seen.append(("one", data))

    def two(data: Any, *args: Any) -> None:
        seen.append(("two", data, *args))

    def unbind(*args: Any) -> None:
        if how == "client":
            client.unbind("a", *args)
        else:
            channel.unbind(*args)

    def publish() -> list[Any]:
        seen.clear()
        double.server.trigger("a", "x", "1")
        double.server.trigger("a", "y", "2")
        return list(seen)

    def bind() -> None:
        channel.unbind()
        channel.bind("x", one)
        channel.bind("x", two, 3)
        channel.bind("y", one)

    bind()
    assert publish() == [("one", "1"), ("two", "1", 3), ("one", "2")]
    unbind("x", one)
    assert publish() == [("two", "1", 3), ("one", "2")]
    unbind("x", one)  # again is fine
    unbind("z")
    assert publish() == [("two", "1", 3), ("one", "2")]
    bind()
    unbind("x")
    assert publish() == [("one", "2")]
    bind()
    unbind(None, one)
    assert publish() == [("two", "1", 3)]
    unbind()
    assert publish() == []
    assert repr(channel) == "<MockChannel a events=[]>"


def test_unbind_of_a_channel_that_is_not_subscribed(double: Double):
    double.connected().unbind("a", "x")


def test_unbind_while_it_is_called_back(double: Double):
    client = double.connected()
    seen: list[Any] = []
    channel = client.subscribe("a")

    def once(data: Any) -> None:
        seen.append("once")
        channel.unbind("x", once)

    def last(data: Any) -> None:
        seen.append("last")

    channel.bind("x", once)
    channel.bind("x", last)
    double.server.trigger("a", "x", "1")
    double.server.trigger("a", "x", "1")
    assert seen == ["once", "last", "last"]


def test_bind_while_it_is_called_back(side: Side):
    client = side.connected()
    seen: list[Any] = []
    channel = client.subscribe("a")

    def first(data: Any) -> None:
        seen.append("first")
        if len(seen) == 1:
            channel.bind("x", lambda data: seen.append("second"))

    channel.bind("x", first)
    side.settle()
    side.server.trigger("a", "x", "1")
    side.settle()
    assert seen == ["first", "second"]  # the list that is gone through grows


def test_unbind_on_the_connection(double: Double):
    seen: list[Any] = []
    client = double.client()
    client.connection.bind("pusher:connection_established", seen.append)
    client.connection.bind("x", seen.append)
    client.connection.unbind("pusher:connection_established")
    double.connect(client)
    assert client.connection.state == "connected"  # pysher's own handler stays
    double.say(client, "x", "1")
    client.connection.unbind(None, seen.append)
    double.say(client, "x", "2")
    client.connection.unbind()
    assert seen == ["1"]
    assert "pusher:ping" in client.connection.event_callbacks


def test_representations(double: Double):
    client = double.client()
    assert repr(client) == "<MockPusherClient  initialized>"
    assert repr(client.connection) == "<MemoryConnection unopened initialized>"
    double.connect(client)
    assert repr(client) == "<MockPusherClient mock-connection-1 connected>"
    assert repr(client.connection) == "<MemoryConnection mock-connection-1 connected>"
    assert repr(client.connection.socket) == "<MemorySocket open>"
    client.disconnect()
    assert repr(client.connection.socket) == "<MemorySocket closed>"
    channel = MockChannel("a", client.connection)
    channel.bind("x", print)
    assert repr(channel) == "<MockChannel a events=['x']>"


def test_the_key_as_bytes_is_no_key(double: Double, caplog: pytest.LogCaptureFixture):
    mock = PusherMock(strict=True)
    client = mock.client(key=b"mock-pusher-key", connect=True)
    assert client.connection.state == "disconnected"  # facts 5.2.1: b'…' is in the URL; 4001
    assert "the key is bytes" in caplog.text
