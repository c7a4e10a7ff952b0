"""Client events: who hears them, and every refusal (facts 1.9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .harness import APP_ID, Client, Pusher, app, error, event

ON = {"client_events": True}
OFF = "To send client events, you must enable this feature in the Settings page of your dashboard."
SHAPE = "Invalid client event (must contain channel and data)"
WRONG_KIND = "Client event rejected - only supported on private and presence channels"
RATE = "The rate limit for sending client events exceeded the quota."
CHANNEL = "private-c"


def pair(channel: str = CHANNEL, **switches: Any) -> tuple[Pusher, Client, Client]:
    """Two subscribers of one channel."""
    pusher = Pusher(app(**(ON | switches)))
    sender, other = pusher.connect(), pusher.connect()
    for number, client in enumerate((sender, other), 1):
        if channel.startswith("presence-"):
            client.join(channel, f"u{number}")
        else:
            client.subscribe(channel)
    sender.take()
    return pusher, sender, other


@pytest.mark.parametrize(
    "channel",
    [
        "private-c",
        "private-cache-c",
        "private-encrypted-c",  # facts 1.9.6: relayed if it is received
        "private-encrypted-cache-c",
    ],
)
def test_the_others_hear_it(channel: str):
    # facts 1.9
    _, sender, other = pair(channel)
    sender.send("client-e", {"a": 1}, channel=channel)
    assert sender.take() == []
    assert other.take() == [event("client-e", channel, '{"a":1}')]


@pytest.mark.parametrize("channel", ["presence-c", "presence-cache-c"])
def test_presence_channels_tell_who_sent_it(channel: str):
    # facts 1.9: user_id from the subscription, never from the message
    _, sender, other = pair(channel)
    sender.send("client-e", {"a": 1}, channel=channel, user_id="forged")
    assert sender.take() == []
    assert other.take() == [event("client-e", channel, '{"a":1}', user_id="u1")]


def test_extra_fields_are_not_relayed():
    # facts 1.9
    _, sender, other = pair()
    sender.send("client-e", "d", channel=CHANNEL, user_id="forged", extra=1, socket_id="1.2")
    assert other.take() == [event("client-e", CHANNEL, "d")]


def test_the_senders_other_sockets_hear_it():
    # facts 1.9
    pusher = Pusher(app(**ON))
    tab, other_tab = pusher.connect(), pusher.connect()
    tab.join("presence-c", "1")
    other_tab.join("presence-c", "1")
    tab.send("client-e", "d", channel="presence-c")
    assert other_tab.take() == [event("client-e", "presence-c", "d", user_id="1")]


@pytest.mark.parametrize(
    ("sent", "relayed"),
    [
        ("text", "text"),
        ('{"a": 1}', '{"a": 1}'),
        ("", ""),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([], "[]"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ({"é": "\ud800"}, '{"\\u00e9":"\\ud800"}'),
    ],
)
def test_data_travels_as_a_string(sent: object, relayed: str):
    # facts 1.2, 8.7
    pusher, sender, other = pair()
    sender.send("client-e", sent, channel=CHANNEL)
    assert other.take() == [event("client-e", CHANNEL, relayed)]
    assert [one.raw for one in pusher.published] == [relayed]


def test_it_is_published_and_kept_in_the_history():
    pusher, sender, _ = pair("presence-c")
    sender.send("client-e", {"a": 1}, channel="presence-c")
    [one] = pusher.published
    assert (one.app, one.channel, one.event, one.raw) == (
        APP_ID,
        "presence-c",
        "client-e",
        '{"a":1}',
    )
    assert (one.client, one.socket_id, one.user_id) == (True, sender.socket_id, "u1")
    assert list(pusher.engine.state.apps[APP_ID].history["presence-c"]) == [one]


# Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "message", "text"),
    [
        ({"client_events": False}, {"channel": CHANNEL, "data": 1}, OFF),  # facts 1.9.1
        (ON, {"data": 1}, SHAPE),  # facts 1.9.4
        (ON, {"channel": CHANNEL}, SHAPE),
        (ON, {"channel": None, "data": 1}, SHAPE),
        (ON, {"channel": 1, "data": 1}, SHAPE),
        (
            ON,
            {"channel": "private-other", "data": 1},  # facts 1.9.2
            "Cannot broadcast client event (connection not subscribed to channel private-other)",
        ),
        (ON, {"channel": "public", "data": 1}, WRONG_KIND),  # facts 1.9.3, 8.2
        (ON, {"channel": "cache-c", "data": 1}, WRONG_KIND),
        (ON, {"channel": "#server-to-user-u", "data": 1}, WRONG_KIND),
        (
            ON,
            {"channel": CHANNEL, "data": "x" * 10_241},  # facts 1.9.8, 8.2
            "Client event rejected - data exceeds the allowed maximum (10240 bytes)",
        ),
        (
            ON,
            {"channel": CHANNEL, "data": "é" * 5_121},
            "Client event rejected - data exceeds the allowed maximum (10240 bytes)",
        ),
        (
            ON,
            {"channel": CHANNEL, "data": 1, "event": "client-" + "x" * 194},
            "Client event rejected - event name exceeds the allowed maximum (200 characters)",
        ),
    ],
)
def test_refusals_are_told_to_the_sender_alone(
    switches: dict[str, Any], message: dict[str, Any], text: str
):
    pusher, sender, other = pair(**switches)
    for client in (sender, other):
        client.sign_in("u")
        for name in ("public", "cache-c", "#server-to-user-u"):
            client.subscribe(name)
    other.take()
    sender.raw(json.dumps({"event": "client-e", **message}))
    assert sender.take() == [error(text)]
    assert other.take() == []
    assert sender.closed() is None
    assert pusher.published == []


def test_the_limits_are_inclusive():
    # facts 1.9.8, 2.5
    _, sender, other = pair()
    for data in ("x" * 10_240, "é" * 5_120):
        name = "client-" + "x" * 193
        sender.send(name, data, channel=CHANNEL)
        assert other.take() == [event(name, CHANNEL, data)]


def test_after_leaving_it_is_refused():
    # facts 1.9.2
    _, sender, other = pair()
    sender.unsubscribe(CHANNEL)
    sender.send("client-e", 1, channel=CHANNEL)
    assert sender.take() == [
        error(f"Cannot broadcast client event (connection not subscribed to channel {CHANNEL})")
    ]
    assert other.take() == []


def test_a_name_without_the_prefix_is_unsupported():
    # facts 1.9.5
    _, sender, _ = pair()
    sender.send("e", 1, channel=CHANNEL)
    assert sender.take() == [error("Unsupported event received on socket: e")]


# Rate ----------------------------------------------------------------------------------------


def send(client: Client, number: int, channel: str = CHANNEL) -> list[dict[str, Any]]:
    for one in range(number):
        client.send("client-e", one, channel=channel)
    return client.take()


def test_ten_a_second_on_each_connection():
    # facts 1.9.7: 4301, dropped, the connection stays open
    pusher, sender, other = pair()
    sender.subscribe("private-d")
    assert send(sender, 6) + send(sender, 4, "private-d") == []  # all channels together
    assert send(sender, 1) == [error(RATE, 4301)]
    assert len(other.take()) == 6
    assert sender.closed() is None
    assert send(other, 10) == []  # each connection has its own
    assert len(sender.take()) == 10
    pusher.advance(999)
    assert send(sender, 1) == [error(RATE, 4301)]
    pusher.advance(1)
    assert send(sender, 10) == []
    assert send(sender, 1) == [error(RATE, 4301)]


def test_the_window_slides():
    # facts 1.9.7
    pusher, sender, _ = pair()
    send(sender, 5)
    pusher.advance(600)
    send(sender, 5)
    pusher.advance(400)
    assert send(sender, 6) == [error(RATE, 4301)]


def test_refused_events_do_not_count():
    _, sender, other = pair()
    send(sender, 20, "private-other")
    assert send(sender, 10) == []
    assert len(other.take()) == 10
