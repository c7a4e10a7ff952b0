"""The contract of channels (facts 1.2 to 1.9)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .client import Client, named

if TYPE_CHECKING:
    from .services import Service


def joined(service: Service, channel: str, channel_data: str | None = None) -> Client:
    """A client that is subscribed and has read everything that comes with it."""
    client = Client(service)
    client.subscribe(channel, channel_data)
    count(client, channel)
    return client


def count(client: Client, channel: str) -> None:
    """Read over the number of subscriptions, where the app has it switched on."""
    if "subscription_count" in client.service.features and not channel.startswith("presence-"):
        client.event("pusher_internal:subscription_count", channel)


def member(user_id: str, **info: Any) -> str:
    return json.dumps({"user_id": user_id, "user_info": info})


@pytest.mark.parametrize("prefix", ["", "private-", "private-encrypted-"])
def test_subscribe_and_receive(service: Service, prefix: str):
    """facts 1.5: an empty object as text; 1.2: data exactly as it was posted."""
    channel = named(prefix)
    client = Client(service)
    assert client.subscribe(channel) == {}
    count(client, channel)
    for data in ('{"a": 1}', "no json", '"text"', ""):
        client.publish(channel, "event", data)
        assert client.event("event", channel) == {
            "event": "event",
            "channel": channel,
            "data": data,
        }


def test_order(service: Service):
    """Fifty events arrive in the order in which they were published."""
    channel = named()
    client = joined(service, channel)
    for number in range(50):
        client.publish(channel, "n", str(number))
    assert [client.event("n", channel)["data"] for _ in range(50)] == [str(n) for n in range(50)]


def test_a_private_channel_wants_a_signature(service: Service):
    """facts 1.4.9, 1.4.10, 1.4.11: code null, no channel, and it stays open."""
    channel = named("private-")
    client = Client(service)
    for auth in (client.signed("something else"), f"{service.credentials.key}:abc", "nonsense"):
        client.say("pusher:subscribe", {"channel": channel, "auth": auth})
        error = client.error()
        assert error["code"] is None
    client.say("pusher:subscribe", {"channel": channel})
    assert client.error()["code"] is None
    client.nothing_more()
    assert client.subscribe(channel) == {}


def test_twice(service: Service):
    """facts 1.4.12."""
    channel = named()
    client = joined(service, channel)
    client.say("pusher:subscribe", {"channel": channel})
    assert client.error()["message"] == f"Existing subscription to channel {channel}"


def test_unsubscribe(service: Service):
    """facts 1.8.4, 1.8.5: nothing is sent back, and nothing follows."""
    channel = named()
    client = joined(service, channel)
    client.say("pusher:unsubscribe", {"channel": channel})
    client.nothing_more()
    client.publish(channel, "event", "{}")
    client.nothing_more()
    client.say("pusher:unsubscribe", {"channel": channel})
    assert client.error()["message"].startswith(f"No current subscription to channel {channel}")


def test_several_channels_and_an_excluded_socket(service: Service):
    """facts 2.2.6."""
    first, second = named(), named()
    here, there = joined(service, first), joined(service, second)
    body = {"name": "e", "data": "1", "channels": [first, second], "socket_id": here.socket_id}
    assert service.call("POST", "/events", body)[0] == 200
    assert there.event("e", second)["data"] == "1"
    here.nothing_more()


def test_presence(service: Service):
    """facts 1.5, 1.6: roster with oneself, arrivals and departures of users, not of tabs."""
    channel = named("presence-")
    ann = Client(service)
    roster = ann.subscribe(channel, member("1", name="Ann"))
    assert roster == {"presence": {"count": 1, "ids": ["1"], "hash": {"1": {"name": "Ann"}}}}
    bob = Client(service)
    roster = bob.subscribe(channel, member("2", name="Bob"))["presence"]
    assert sorted(roster["ids"]) == ["1", "2"]
    assert roster["count"] == 2
    added = ann.event("pusher_internal:member_added", channel)
    assert json.loads(added["data"]) == {"user_id": "2", "user_info": {"name": "Bob"}}
    second_tab = Client(service)
    second_tab.subscribe(channel, member("2", name="Bob"))
    ann.nothing_more()
    second_tab.say("pusher:unsubscribe", {"channel": channel})
    second_tab.nothing_more()
    ann.nothing_more()
    bob.say("pusher:unsubscribe", {"channel": channel})
    removed = ann.event("pusher_internal:member_removed", channel)
    assert json.loads(removed["data"]) == {"user_id": "2"}


def test_presence_wants_channel_data(service: Service):
    """facts 1.4.6."""
    channel = named("presence-")
    client = Client(service)
    client.say("pusher:subscribe", client.authorization(channel))
    assert client.error()["message"] == (
        f"{channel} is a presence channel and subscription must include channel_data"
    )


@pytest.mark.needs("client_events")
def test_client_events(service: Service):
    """facts 1.9: to the others, as text; with the sender on a presence channel only."""
    channel, room = named("private-"), named("presence-")
    sender, other = joined(service, channel), joined(service, channel)
    count(sender, channel)
    sender.say("client-typing", {"on": True}, channel)
    frame = other.event("client-typing", channel)
    assert json.loads(frame["data"]) == {"on": True}
    assert "user_id" not in frame
    sender.nothing_more()

    sender.subscribe(room, member("1"))
    other.subscribe(room, member("2"))
    sender.event("pusher_internal:member_added", room)
    other.say("client-typing", {}, room)
    assert sender.event("client-typing", room)["user_id"] == "2"


@pytest.mark.needs("client_events")
def test_client_events_that_are_refused(service: Service):
    """facts 1.9.2, 1.9.3."""
    client = Client(service)
    channel = named("private-")
    client.say("client-x", {}, channel)
    assert client.error()["message"] == (
        f"Cannot broadcast client event (connection not subscribed to channel {channel})"
    )
    public = named()
    client.subscribe(public)
    count(client, public)
    client.say("client-x", {}, public)
    assert client.error()["code"] is None
    client.nothing_more()


def test_cache_channels(service: Service):
    """facts 1.7: the last event, or a miss."""
    channel = named("cache-")
    first = Client(service)
    first.subscribe(channel)
    first.event("pusher:cache_miss", channel)
    count(first, channel)
    first.publish(channel, "price", "1")
    first.publish(channel, "price", "2")
    second = Client(service)
    second.subscribe(channel)
    assert second.event("price", channel)["data"] == "2"


@pytest.mark.needs("subscription_count")
def test_subscription_count(service: Service):
    """facts 1.8.1."""
    channel = named()
    first = Client(service)
    first.subscribe(channel)
    frame = first.event("pusher_internal:subscription_count", channel)
    assert json.loads(frame["data"]) == {"subscription_count": 1}
    second = joined(service, channel)
    frame = first.event("pusher_internal:subscription_count", channel)
    assert json.loads(frame["data"]) == {"subscription_count": 2}
    second.peer.hang_up()
    frame = first.event("pusher_internal:subscription_count", channel)
    assert json.loads(frame["data"]) == {"subscription_count": 1}
