"""Opening, keep-alive, commands, closing (facts 1.1, 1.8, 1.10, 1.11, 1.12, 1.13.13)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pusher_mock.engine import (
    App,
    AppKey,
    CloseConnection,
    CloseRequested,
    ConnectionClosed,
    ConnectionOpened,
    FrameReceived,
    PongReceived,
    SendFrame,
)
from pusher_mock.protocol import UsageError, limits
from pusher_mock.protocol.frames import error_frame

from .harness import KEY, Pusher, app, error, succeeded

PONG = {"event": "pusher:pong", "data": "{}"}


# Opening -------------------------------------------------------------------------------------


def test_the_first_frame_is_connection_established():
    # facts 1.1.9, 1.1.10, 1.1.12, 1.2: a string, the timeout 120
    client = Pusher().open()
    assert client.take() == [
        {
            "event": "pusher:connection_established",
            "data": '{"socket_id":"1.1","activity_timeout":120}',
        }
    ]
    assert client.closed() is None


@pytest.mark.parametrize(
    "target",
    [
        f"/app/{KEY}?protocol=7&client=js&version=8.6.0&flash=false",  # facts 1.1.2
        f"/app/{KEY}?client=Pysher&version=1.0.7&protocol=6",  # facts 1.1.3
        f"/app/{KEY}?protocol=5",  # facts 1.11
        f"/app/{KEY}?protocol=4",
    ],
)
def test_every_protocol_gets_the_same_frames(target: str):
    client = Pusher().open(target)
    [frame] = client.take()
    assert json.loads(frame["data"]) == {"socket_id": "1.1", "activity_timeout": 120}
    assert client.subscribe("c") == [succeeded("c")]


@pytest.mark.parametrize(
    ("target", "switches", "code", "message"),
    [
        ("/app/", {}, 4005, "Path not found"),  # facts 1.1.6
        (f"//app/{KEY}?protocol=7", {}, 4005, "Path not found"),
        (f"/app/{KEY}", {}, 4008, "No protocol version was given"),  # facts 1.1.5
        (f"/app/{KEY}?protocol=3", {}, 4007, "Unsupported protocol version"),  # facts 1.11
        (f"/app/{KEY}?protocol=7&version=%00", {}, 4006, "Invalid version string format"),
        (
            "/app/nokey?protocol=7",
            {},
            4001,
            "App key nokey not in this cluster. Did you forget to specify the cluster?",
        ),
        (f"/app/{KEY}?protocol=7", {"enabled": False}, 4003, "Application disabled"),
        (f"/app/{KEY}?protocol=7", {"tls_only": True}, 4000, "App is encrypted (SSL only)"),
        (f"/app/{KEY}?protocol=7", {"max_connections": 0}, 4004, "Account over quota"),
    ],
)
def test_refusals_come_after_the_upgrade_as_event_and_close(
    target: str, switches: dict[str, Any], code: int, message: str
):
    # facts 1.1.7, 1.10: in every version the event, then the close with the same code
    pusher = Pusher(app(**switches))
    effects = pusher.handle(ConnectionOpened("c", "1.1", target, tls=False))
    sent, close = effects
    assert isinstance(sent, SendFrame)
    assert sent.frame == error_frame(message, code)
    assert close == CloseConnection("c", code, message)
    assert pusher.engine.state.connections == {}
    assert pusher.engine.next_due is None
    # The transport's own end, and what was under way, are no surprise.
    assert pusher.handle(ConnectionClosed("c")) == []
    assert pusher.handle(FrameReceived("c", "{}")) == []
    assert pusher.handle(PongReceived("c")) == []


def test_a_refusal_names_the_keys_that_are_known():
    pusher = Pusher(app(keys=(AppKey("second", "s"), AppKey("off", "s", active=False))))
    client = pusher.open("/app/nokey?protocol=7")
    assert client.note == f"keys known here: {KEY}, second"


def test_an_inactive_key_is_unknown_in_an_open_registry_too():
    # facts 2.4.8
    pusher = Pusher(app(keys=(AppKey("off", "s", active=False),)), open_registry=True)
    client = pusher.open("/app/off?protocol=7")
    message = "App key off not in this cluster. Did you forget to specify the cluster?"
    assert client.closed() == (4001, message)


def test_tls_only_takes_tls():
    # facts 1.10: 4000
    assert Pusher(app(tls_only=True)).connect(tls=True).closed() is None


def test_the_quota_counts_open_connections_of_the_app():
    # facts 1.10: 4004
    pusher = Pusher(app(max_connections=1), App("4", "other", "s"))
    first = pusher.connect()
    assert pusher.open().closed() == (4004, "Account over quota")
    assert pusher.open("/app/other?protocol=7").closed() is None
    first.close()
    assert pusher.connect().closed() is None


@pytest.mark.parametrize(("name", "socket_id"), [("connection-1", "9.9"), ("c", "1.1")])
def test_two_connections_do_not_share_a_name(name: str, socket_id: str):
    pusher = Pusher()
    pusher.connect()
    with pytest.raises(UsageError, match="is taken; give every connection its own"):
        pusher.handle(ConnectionOpened(name, socket_id, f"/app/{KEY}?protocol=7"))
    assert len(pusher.engine.state.connections) == 1


def test_frames_before_anything_else_are_no_error():
    # facts 1.12.6: pysher pings the moment the socket opens
    client = Pusher().open()
    client.raw('{"event": "pusher:ping", "data": ""}')
    established, pong = client.take()
    assert established["event"] == "pusher:connection_established"
    assert pong == PONG


# Odd messages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("", "Invalid message: not a JSON object"),  # facts 1.8.8, 8.4
        ("[1]", "Invalid message: not a JSON object"),
        ("{}", "Invalid message: event must be a string"),
        ('{"event":"a"}', "Unsupported event received on socket: a"),  # facts 1.8.6
        ('{"event":"pusher:nothing"}', "Unsupported event received on socket: pusher:nothing"),
        ('{"event":""}', "Unsupported event received on socket: "),
        (
            '{"event":"pusher:error","data":{}}',
            "Unsupported event received on socket: pusher:error",
        ),
        ('{"event":"clientx","data":1}', "Unsupported event received on socket: clientx"),
        # facts 1.8.7
        ('{"event":"pusher:subscribe"}', "Expected parameter data to be a hash"),
        (
            '{"event":"pusher:subscribe","data":"{\\"channel\\":\\"c\\"}"}',
            "Expected parameter data to be a hash",
        ),
        ('{"event":"pusher:unsubscribe","data":[]}', "Expected parameter data to be a hash"),
        ('{"event":"pusher:signin","data":null}', "Expected parameter data to be a hash"),
        # facts 1.4.13
        ('{"event":"pusher:subscribe","data":{}}', "Missing parameter: data.channel"),
        ('{"event":"pusher:subscribe","data":{"channel":""}}', "Missing parameter: data.channel"),
        ('{"event":"pusher:subscribe","data":{"channel":1}}', "Missing parameter: data.channel"),
        ('{"event":"pusher:unsubscribe","data":{}}', "Missing parameter: data.channel"),
    ],
)
def test_odd_messages_are_answered_and_the_connection_stays(message: str, text: str):
    client = Pusher().connect()
    client.raw(message)
    assert client.take() == [error(text)]
    assert client.closed() is None
    assert client.subscribe("c") == [succeeded("c")]


def test_a_binary_message_closes():
    # facts 1.1.8, 8.4
    pusher = Pusher()
    client, witness = pusher.connect(), pusher.connect()
    client.join("presence-c", "1")
    witness.join("presence-c", "2")
    client.raw(b"{}")
    assert client.take()[-1] == error("Binary messages are not supported", 1003)
    assert client.closed() == (1003, "Binary messages are not supported")
    [removed] = witness.take()
    assert removed["event"] == "pusher_internal:member_removed"


@pytest.mark.parametrize("data", [{}, "", None, [1]])
def test_a_ping_gets_a_pong_and_a_pong_nothing(data: object):
    # facts 1.12.1, 1.2, 8.6
    client = Pusher().connect()
    client.send("pusher:ping", data)
    assert client.take() == [PONG]
    client.send("pusher:pong", data)
    assert client.take() == []


# Closing -------------------------------------------------------------------------------------


def test_a_closed_connection_leaves_everything():
    pusher = Pusher(app(watchlist=True, authorized_connections=True))
    client, other = pusher.connect(), pusher.connect()
    other.sign_in("2")
    client.sign_in("1", watchlist=["2"])
    client.subscribe("c")
    client.join("presence-c", "1")
    client.close()
    client.close()
    assert list(pusher.engine.state.connections) == [other.name]
    assert pusher.engine.state.apps["3"].channels == {}
    assert pusher.get("channels") == {"channels": {}}


def test_a_message_that_was_under_way_is_ignored():
    pusher = Pusher()
    client = pusher.connect()
    client.close()
    assert client.send("pusher:ping") == []
    assert pusher.handle(PongReceived(client.name)) == []


def test_one_connection_may_hold_many_channels():
    # facts 1.3: no cap
    client = Pusher().connect()
    for number in range(300):
        assert client.subscribe(f"c{number}") == [succeeded(f"c{number}")]


# This side closes ----------------------------------------------------------------------------


def test_this_side_closes_with_the_event_and_the_code():
    # facts 1.10: whatever its reason is
    pusher = Pusher()
    client = pusher.open()
    client.subscribe("a")
    client.take()
    pusher.handle(CloseRequested(client.name, 4200, "Please reconnect immediately"))
    assert client.take() == [error("Please reconnect immediately", 4200)]
    assert client.closed() == (4200, "Please reconnect immediately")
    assert pusher.handle(CloseRequested(client.name, 4200, "again")) == []


def test_on_the_wire_an_open_registry_takes_no_key_for_an_app_s():
    # facts 1.10: a typing error gets 4001
    pusher = Pusher(open_registry=True)
    target = "/app/typo?protocol=7&client=x&version=1.0"
    refused = pusher.open(target, strict=True).closed()
    assert refused is not None
    assert refused[0] == 4001
    assert pusher.open(target).closed() is None


def test_one_connection_takes_no_more_than_so_many_channels(monkeypatch: pytest.MonkeyPatch):
    # the mock's own limit: 10,000
    monkeypatch.setattr(limits, "MAX_SUBSCRIPTIONS", 2)
    client = Pusher().connect()
    assert client.subscribe("a") == [succeeded("a")]
    assert client.subscribe("b") == [succeeded("b")]
    assert client.subscribe("c") == [error("Too many subscriptions (over 2)")]


def test_what_is_remembered_of_empty_channels_is_bounded(monkeypatch: pytest.MonkeyPatch):
    # the mock's own limit: 10,000 names; the oldest are forgotten
    monkeypatch.setattr(limits, "MAX_NAMES", 2)
    pusher = Pusher()
    client = pusher.connect()
    state = next(iter(pusher.engine.state.apps.values()))
    for number in range(3):
        client.subscribe(f"cache-{number}")
    assert state.cache_missed == {"cache-2"}
    for number in range(3):
        pusher.publish(f"cache-{number}", "e", "{}")
        pusher.publish(f"cache-{number}", "e", "{}")
    assert list(state.history) == ["cache-1", "cache-2"]
    assert list(state.cache) == ["cache-1", "cache-2"]
