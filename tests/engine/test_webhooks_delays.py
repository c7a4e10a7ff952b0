"""Webhooks that wait: departures, and batches (facts 3.1.4, 3.2)."""

from __future__ import annotations

import json

import pytest

from pusher_mock.engine import Webhook

from .harness import WALL, Client, Pusher, app, hooked
from .hooks import added, occupied, only, removed, vacated

# Delays --------------------------------------------------------------------------------------


def leave(client: Client, channel: str, how: str) -> None:
    if how == "close":
        client.close()
    else:
        client.unsubscribe(channel)


@pytest.mark.parametrize("how", ["close", "unsubscribe"])  # facts 8.9
def test_departures_wait_three_seconds(how: str):
    # facts 3.2, 1.6.6
    pusher = Pusher(hooked())
    client = pusher.connect()
    client.join("presence-c", "1")
    pusher.events()
    leave(client, "presence-c", how)
    pusher.advance(2_999)
    assert pusher.events() == []
    pusher.advance(1)
    assert pusher.events() == [[removed("presence-c", "1")], [vacated("presence-c")]]


@pytest.mark.parametrize("how", ["close", "unsubscribe"])
def test_who_is_back_in_time_was_never_away(how: str):
    # facts 3.2: neither the removal nor a fresh arrival
    pusher = Pusher(hooked())
    client = pusher.connect()
    client.join("presence-c", "1")
    pusher.events()
    for _ in range(3):
        leave(client, "presence-c", how)
        pusher.advance(2_999)
        client = pusher.connect()
        client.join("presence-c", "1")
    pusher.advance(10_000)
    assert pusher.events() == []
    leave(client, "presence-c", how)
    pusher.advance(3_000)
    assert pusher.events() == [[removed("presence-c", "1")], [vacated("presence-c")]]


def test_another_user_keeps_the_channel_and_not_the_member():
    # facts 3.2: a pending removal per channel and per channel and user
    pusher = Pusher(hooked())
    client = pusher.connect()
    client.join("presence-c", "1")
    client.close()
    pusher.advance(1_000)
    pusher.events()
    pusher.connect().join("presence-c", "2")
    assert pusher.events() == [[added("presence-c", "2")]]
    pusher.advance(2_000)
    assert pusher.events() == [[removed("presence-c", "1")]]


def test_one_user_on_two_channels_is_two_members():
    pusher = only("member_removed")
    client = pusher.connect()
    client.join("presence-c", "1")
    client.join("presence-d", "1")
    client.unsubscribe("presence-c")
    pusher.advance(3_000)
    assert pusher.events() == [[removed("presence-c", "1")]]


def test_who_is_back_too_late_arrives_again():
    pusher = Pusher(hooked())
    client = pusher.connect()
    for _ in range(2):
        client.subscribe("c")
        client.unsubscribe("c")
        pusher.advance(3_000)
    assert pusher.events() == [[occupied("c")], [vacated("c")]] * 2


def test_a_terminated_connection_waits_like_any_other():
    # facts 8.19
    pusher = Pusher(hooked())
    client = pusher.connect()
    client.sign_in("1")
    client.subscribe("c")
    pusher.post("users/1/terminate_connections", {})
    pusher.advance(2_999)
    assert pusher.events() == [[occupied("c")]]
    pusher.advance(1)
    assert pusher.events() == [[vacated("c")]]


# Batches -------------------------------------------------------------------------------------


def test_a_batch_is_what_came_within_a_quarter_of_a_second():
    # facts 3.1.4
    pusher = Pusher(hooked(webhook_batching=True))
    client = pusher.connect()
    client.subscribe("a")
    pusher.advance(249)
    client.subscribe("b")
    assert pusher.webhooks == []
    pusher.advance(1)
    client.subscribe("c")
    assert json.loads(pusher.webhooks[0].body)["time_ms"] == WALL * 1_000 + 250
    assert pusher.events() == [[occupied("a"), occupied("b")]]
    pusher.advance(249)
    assert pusher.events() == []
    pusher.advance(1)
    assert pusher.events() == [[occupied("c")]]
    pusher.advance(250)
    assert pusher.events() == []


def test_a_batch_has_at_most_twenty_events():
    # facts 3.1.4
    pusher = Pusher(hooked(webhook_batching=True))
    client = pusher.connect()
    for number in range(45):
        client.subscribe(f"c{number}")
    assert [len(events) for events in pusher.events()] == [20, 20]
    pusher.advance(250)
    assert pusher.events() == [[occupied(f"c{number}") for number in range(40, 45)]]


def test_each_url_has_its_own_batch():
    # facts 3.1.4, 3.1.6
    hooks = (
        Webhook("https://a.test", frozenset({"channel_occupied"})),
        Webhook("https://b.test", frozenset({"member_added"})),
    )
    pusher = Pusher(app(webhooks=hooks, webhook_batching=True))
    client = pusher.connect()
    client.subscribe("c")
    pusher.advance(200)
    client.join("presence-c", "1")
    pusher.advance(50)
    assert [hook.url for hook in pusher.webhooks] == ["https://a.test"]
    assert pusher.events() == [[occupied("c"), occupied("presence-c")]]
    pusher.advance(200)
    assert pusher.events() == [[added("presence-c", "1")]]


def test_without_the_switch_every_event_is_its_own_request():
    # facts 3.1.4, 6.3
    pusher = Pusher(hooked())
    pusher.connect().join("presence-c", "1")
    assert [len(events) for events in pusher.events()] == [1, 1]
