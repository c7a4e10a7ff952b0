"""Publishing, cache channels and subscription_count (facts 1.7, 1.8, 2.2.6)."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock.engine import Broadcast, Published, Respond

from .harness import Client, Pusher, app, event, succeeded
from .kinds import CACHE, COUNTED, NAMES, PRESENCE, SIGNED, count, enter, miss

# Publishing ----------------------------------------------------------------------------------


def test_a_broadcast_is_one_effect_in_the_order_of_subscription():
    pusher = Pusher()
    clients = [pusher.connect() for _ in range(3)]
    for client in reversed(clients):
        client.subscribe("c")
    body = b'{"name":"e","channel":"c","data":"d"}'
    pusher.request("POST", "/apps/3/events", body=body)
    assert [client.take() for client in clients] == [[event("e", "c", "d")]] * 3
    recipients = pusher.engine.state.apps["3"].channels["c"].recipients()
    assert recipients == tuple(client.name for client in reversed(clients))


def test_publishing_is_an_effect_before_its_recipients():
    # design: several processes may share a channel later
    pusher = Pusher()
    pusher.connect().subscribe("c")
    pusher.publish("c", "e", "d")
    assert [type(one) for one in pusher.last] == [Published, Broadcast, Respond]


def test_an_event_for_nobody_is_published_and_vanishes():
    # facts 1.3, 2.2.12
    pusher = Pusher()
    pusher.publish("c", "e", "d")
    assert [(one.channel, one.event, one.raw, one.client) for one in pusher.published] == [
        ("c", "e", "d", False)
    ]
    client = pusher.connect()
    assert client.subscribe("c") == [succeeded("c")]


def test_socket_id_excludes_one_connection():
    # facts 2.2.6
    pusher = Pusher()
    sender, other, elsewhere = pusher.connect(), pusher.connect(), pusher.connect()
    sender.subscribe("c")
    other.subscribe("c")
    pusher.publish("c", "e", "1", socket_id=sender.socket_id)
    assert (sender.take(), other.take()) == ([], [event("e", "c", "1")])
    # one that is not subscribed, one that does not exist, one of another form
    for number, socket_id in enumerate([elsewhere.socket_id, "9.9", "123123"]):
        pusher.publish("c", "e", str(number), socket_id=socket_id)
        assert sender.take() == other.take() == [event("e", "c", str(number))]


def test_excluding_the_only_subscriber_sends_nothing():
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    pusher.publish("c", "e", "d", socket_id=client.socket_id)
    assert client.take() == []
    assert [one.socket_id for one in pusher.published] == [client.socket_id]


# Cache ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CACHE))
def test_the_last_event_is_replayed_to_the_newcomer_only(name: str):
    # facts 1.7.1, 1.7.2, 1.5.5
    pusher = Pusher()
    first = pusher.connect()
    assert enter(first, name, "1")[1:] == [miss(name)]
    pusher.publish(name, "e", "1")
    pusher.publish(name, "f", "2")
    first.take()
    second = pusher.connect()
    frames = enter(second, name, "2")
    assert frames[0]["event"] == "pusher_internal:subscription_succeeded"
    assert frames[1:] == [event("f", name, "2")]
    added = [frame["event"] for frame in first.take()]
    assert added == (["pusher_internal:member_added"] if name in PRESENCE else [])


def test_an_event_published_to_nobody_is_cached_and_survives_vacancy():
    # facts 1.7.6, 1.3
    pusher = Pusher()
    pusher.publish("cache-c", "e", "d")
    for _ in range(2):
        client = pusher.connect()
        assert client.subscribe("cache-c") == [succeeded("cache-c"), event("e", "cache-c", "d")]
        client.close()


def test_exclusion_does_not_prevent_caching():
    # facts 1.7.5
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("cache-c")
    pusher.publish("cache-c", "e", "d", socket_id=client.socket_id)
    assert pusher.connect().subscribe("cache-c")[1:] == [event("e", "cache-c", "d")]


@pytest.mark.parametrize("name", sorted((SIGNED & CACHE) - {"private-encrypted-cache-c"}))
def test_client_events_are_not_cached(name: str):
    # facts 1.7.1, 1.3
    pusher = Pusher(app(client_events=True))
    sender = pusher.connect()
    enter(sender, name, "1")
    sender.send("client-e", {"a": 1}, channel=name)
    assert len(pusher.published) == 1
    assert enter(pusher.connect(), name, "2")[1:] == [miss(name)]


@pytest.mark.parametrize(("switches", "ttl"), [({}, 1_800_000), ({"cache_ttl": 1_000}, 1_000)])
def test_the_cache_expires(switches: dict[str, Any], ttl: int):
    # facts 1.7.4
    pusher = Pusher(app(**switches))
    pusher.publish("cache-c", "e", "1")
    pusher.advance(ttl - 1)
    assert pusher.connect().subscribe("cache-c")[1:] == [event("e", "cache-c", "1")]
    pusher.advance(1)
    assert pusher.connect().subscribe("cache-c")[1:] == [miss("cache-c")]
    pusher.publish("cache-c", "e", "2")
    assert pusher.connect().subscribe("cache-c")[1:] == [event("e", "cache-c", "2")]


def test_channels_that_are_no_cache_channels_replay_nothing():
    pusher = Pusher()
    for name in ("public", "private-c", "cachefoo"):
        pusher.publish(name, "e", "d")
        assert pusher.connect().subscribe(name) == [succeeded(name)]


# subscription_count --------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_every_subscriber_is_told_the_count(name: str):
    # facts 1.8.1
    pusher = Pusher(app(subscription_count=True))
    first, second = pusher.connect(), pusher.connect()
    assert enter(first, name)[-1] == count(name, 1)
    assert enter(second, name)[-1] == count(name, 2)
    assert first.take() == [count(name, 2)]
    assert second.unsubscribe(name) == []
    assert first.take() == [count(name, 1)]
    enter(second, name)
    first.take()
    second.close()
    assert first.take() == [count(name, 1)]


@pytest.mark.parametrize("name", NAMES.values())
def test_without_the_switch_there_is_no_count(name: str):
    # facts 1.3, 1.8.1
    pusher = Pusher()
    first = pusher.connect()
    frames = enter(first, name) + enter(pusher.connect(), name) + first.take()
    assert "pusher_internal:subscription_count" not in {frame["event"] for frame in frames}


@pytest.mark.parametrize("name", sorted(set(NAMES.values()) - COUNTED))
def test_presence_and_user_channels_are_not_counted(name: str):
    # facts 1.3, 1.8.1
    pusher = Pusher(app(subscription_count=True))
    frames = enter(pusher.connect(), name)
    assert "pusher_internal:subscription_count" not in {frame["event"] for frame in frames}


def crowd(pusher: Pusher, number: int) -> list[Client]:
    clients = [pusher.connect() for _ in range(number)]
    for client in clients:
        client.subscribe("c")
    for client in clients:
        client.take()
    return clients


def test_a_large_channel_is_told_at_most_every_five_seconds():
    # facts 1.8.2
    pusher = Pusher(app(subscription_count=True))
    witness, *_ = crowd(pusher, 100)
    pusher.advance(10_000)
    crowd(pusher, 1)  # the 101st: five quiet seconds have passed
    assert witness.take() == [count("c", 101)]
    crowd(pusher, 2)
    assert witness.take() == []
    pusher.advance(4_999)
    assert witness.take() == []
    pusher.advance(1)
    assert witness.take() == [count("c", 103)]
    pusher.advance(20_000)  # no activity, no count
    assert witness.take() == []
    crowd(pusher, 1)
    assert witness.take() == [count("c", 104)]
    pusher.advance(5_000)
    crowd(pusher, 1)
    assert witness.take() == [count("c", 105)]


def test_a_channel_that_has_just_grown_large_waits_too():
    # facts 1.8.2
    pusher = Pusher(app(subscription_count=True))
    witness, *_ = crowd(pusher, 100)
    crowd(pusher, 1)
    assert witness.take() == []
    pusher.advance(5_000)
    assert witness.take() == [count("c", 101)]


def test_a_channel_that_is_no_longer_large_is_told_at_once():
    # facts 1.8.1, 1.8.2
    pusher = Pusher(app(subscription_count=True))
    witness, other, *_ = crowd(pusher, 101)
    other.unsubscribe("c")
    assert witness.take() == [count("c", 100)]
    pusher.advance(10_000)
    assert witness.take() == []


def test_a_large_channel_that_vanishes_takes_its_timer_along():
    pusher = Pusher(app(subscription_count=True))
    clients = crowd(pusher, 102)
    for client in clients:
        client.close()
    pusher.advance(10_000)
    assert pusher.engine.next_due is None
