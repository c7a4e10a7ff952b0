"""The contract of users (facts 1.13)."""

from __future__ import annotations

import json

import pytest

from .client import Client, named
from .services import Closed, Service


def test_sign_in_and_server_to_user(service: Service):
    """facts 1.13.1, 1.13.7, 1.13.8."""
    user = named("user-")
    client = Client(service)
    client.sign_in({"id": user, "user_info": {"name": "Ann"}})
    channel = f"#server-to-user-{user}"
    client.say("pusher:subscribe", {"auth": "", "channel": channel})
    client.event("pusher_internal:subscription_succeeded", channel)
    client.publish(channel, "hello", '{"n":1}')
    assert client.event("hello", channel)["data"] == '{"n":1}'


def test_a_signature_that_is_wrong(service: Service):
    """facts 1.13.4: an error, and it stays open."""
    client = Client(service)
    client.say("pusher:signin", {"auth": client.signed("x"), "user_data": '{"id":"1"}'})
    assert client.error()["code"] is None
    client.say("pusher:signin", {"auth": "nonsense", "user_data": '{"id":"1"}'})
    assert client.error()["code"] is None
    client.nothing_more()


def test_somebody_else_s_channel(service: Service):
    """facts 8.5."""
    client = Client(service)
    client.say("pusher:subscribe", {"auth": "", "channel": f"#server-to-user-{named()}"})
    assert client.error()["code"] is None


def test_terminate(service: Service):
    """facts 1.13.12: every connection signed in as that user, and no other."""
    user, room = named("user-"), named("presence-")
    signed_in, only_present = Client(service), Client(service)
    signed_in.sign_in({"id": user})
    only_present.subscribe(room, json.dumps({"user_id": user}))
    assert service.call("POST", f"/users/{user}/terminate_connections", {}) == (200, "{}")
    assert signed_in.error()["code"] == 4009
    end = signed_in.peer.receive()
    assert isinstance(end, Closed)
    assert end.code == 4009
    only_present.nothing_more()


@pytest.mark.needs("watchlist")
def test_watchlist(service: Service):
    """facts 1.13.9, 1.13.10: a frame of the connection, its data text with a list of events."""
    ann, bob = named("ann-"), named("bob-")
    watcher, watched = Client(service), Client(service)
    watcher.sign_in({"id": ann, "watchlist": [bob]})
    frame = watcher.event("pusher_internal:watchlist_events")
    assert "channel" not in frame
    assert json.loads(frame["data"]) == {"events": [{"name": "offline", "user_ids": [bob]}]}
    watched.sign_in({"id": bob})
    frame = watcher.event("pusher_internal:watchlist_events")
    assert json.loads(frame["data"]) == {"events": [{"name": "online", "user_ids": [bob]}]}
    watched.peer.hang_up()
    frame = watcher.event("pusher_internal:watchlist_events")
    assert json.loads(frame["data"]) == {"events": [{"name": "offline", "user_ids": [bob]}]}
