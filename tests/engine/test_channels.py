"""Subscribing, unsubscribing, publishing, cache, counts (facts 1.3 to 1.5, 1.7, 1.8)."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock.engine import AppKey

from .harness import KEY, SECRET, Pusher, app, error, event, roster, succeeded
from .kinds import CACHE, COUNTED, NAMES, PRESENCE, SIGNED, count, enter, miss

ALIEN = "00000000000000000000"


# Kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES.values())
def test_every_kind_can_be_joined_and_gets_a_string(name: str):
    # facts 1.2, 1.3, 1.5.3, 1.5.4
    # facts 1.5.5, 8.10: succeeded, then the miss of cache channels, then the count
    client = Pusher(app(subscription_count=True)).connect()
    expected = [succeeded(name, roster(u=None) if name in PRESENCE else "{}")]
    if name in CACHE:
        expected.append(miss(name))
    if name in COUNTED:
        expected.append(count(name, 1))
    assert enter(client, name) == expected


@pytest.mark.parametrize("name", NAMES.values())
def test_every_kind_carries_published_events(name: str):
    # facts 1.2: exactly the string that was published
    pusher = Pusher()
    client = pusher.connect()
    enter(client, name)
    client.take()
    pusher.publish(name, "App\\Events\\X", "no JSON")
    assert client.take() == [event("App\\Events\\X", name, "no JSON")]


@pytest.mark.parametrize("name", NAMES.values())
def test_auth_is_needed_where_the_table_says(name: str):
    # facts 1.3, 1.4.3: pusher-js sends an empty auth to the others, which is ignored
    client = Pusher().connect()
    if name.startswith("#"):
        client.sign_in("u")
    first = client.subscribe(name, auth="")[0]
    if name in SIGNED:
        assert first == error("Invalid format: auth must have the format key:signature")
    else:
        assert first == succeeded(name)


def test_a_channel_that_only_looks_private_needs_no_auth():
    # facts 1.3: the exact leading text counts
    client = Pusher().connect()
    for name in ("private", "presence", "cachefoo", "xprivate-a", "cache"):
        assert client.subscribe(name) == [succeeded(name)]


def test_private_encrypted_without_the_dash_is_private():
    # facts 1.3
    client = Pusher(app(client_events=True)).connect()
    assert client.subscribe("private-encrypted") == [succeeded("private-encrypted")]
    assert client.subscribe("private-cache") == [succeeded("private-cache")]


@pytest.mark.parametrize("name", ["a b", "x" * 165, "#x", "private-é", "#server-to-user-"])
def test_a_name_the_service_does_not_take(name: str):
    # facts 1.3, 8.5
    pusher = Pusher()
    client = pusher.connect()
    assert client.subscribe(name) == [error(f"Invalid channel name: {name}")]
    assert client.note == "up to 164 of A-Z a-z 0-9 _ - = @ , . ;"
    assert pusher.engine.state.apps["3"].channels == {}


# Authorization -------------------------------------------------------------------------------


def signature_error(signed: str, given: str) -> dict[str, Any]:
    # facts 1.4.9
    return error(f"Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got {given}")


REFUSED = {
    # facts 1.4.10
    "no auth": ({}, "Invalid format: auth must have the format key:signature"),
    "no colon": ({"auth": "x"}, "Invalid format: auth must have the format key:signature"),
    "a number": ({"auth": 1}, "Invalid format: auth must have the format key:signature"),
    # facts 1.4.8
    "other key": ({"auth": f"{ALIEN}:x"}, f"Invalid key in subscription auth data: '{ALIEN}'"),
    "no key": ({"auth": ":x"}, "Invalid key in subscription auth data: ''"),
    # facts 1.4.9
    "wrong": (
        {"auth": f"{KEY}:abc:d"},
        "Invalid signature: Expected HMAC SHA256 hex digest of 1.1:private-c, but got abc:d",
    ),
    "wrong, with channel_data": (
        {"auth": f"{KEY}:é", "channel_data": "{}"},
        "Invalid signature: Expected HMAC SHA256 hex digest of 1.1:private-c:{}, but got é",
    ),
    "channel_data no string": (
        {"auth": f"{KEY}:x", "channel_data": {}},
        "Invalid user data: channel_data must be a string of JSON",
    ),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=list(REFUSED))
def test_a_refused_authorization_is_an_error_of_the_connection(data: dict[str, Any], message: str):
    # facts 1.4.11: code null, no channel, the connection stays open
    client = Pusher().connect()
    client.send("pusher:subscribe", {"channel": "private-c", **data})
    assert client.take() == [error(message)]
    assert client.closed() is None
    assert client.subscribe("private-c") == [succeeded("private-c")]


def test_the_vectors_of_the_facts_authorize():
    # facts 7, 1.4.1
    client = Pusher().connect(socket_id="1234.1234")
    private = "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"
    assert client.subscribe("private-foobar", auth=f"{KEY}:{private}") == [
        succeeded("private-foobar")
    ]
    presence = "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"
    member = '{"user_id":10,"user_info":{"name":"Mr. Channels"}}'
    assert client.subscribe("presence-foobar", member, auth=f"{KEY}:{presence}") == [
        succeeded("presence-foobar", roster(**{"10": {"name": "Mr. Channels"}}))
    ]


@pytest.mark.parametrize(
    "channel_data", ['{"a": 1}', "{}", '{ "user_id" : "1" }', '{"é":"\\u00e9"}', "no JSON", ""]
)
def test_channel_data_of_a_private_channel_is_signed_as_it_came(channel_data: str):
    # facts 1.4.1, 1.4.2
    client = Pusher().connect()
    assert client.subscribe("private-c", channel_data) == [succeeded("private-c")]


def test_channel_data_that_was_signed_and_not_sent_is_refused():
    client = Pusher().connect()
    [frame] = client.subscribe("private-c", signed="1.1:private-c:{}")
    assert frame["data"]["message"].startswith("Invalid signature: ")
    assert client.closed() is None


def test_an_upper_case_signature_is_wrong():
    # facts 1.4.1
    private = "A" * 64
    client = Pusher().connect()
    client.send("pusher:subscribe", {"channel": "private-c", "auth": f"{KEY}:{private}"})
    assert client.take() == [signature_error("1.1:private-c", private)]


def test_the_shared_secret_never_reaches_the_service():
    # facts 1.4.4: the plain private signature authorizes
    client = Pusher().connect()
    assert client.subscribe("private-encrypted-c", shared_secret="ignored") == [
        succeeded("private-encrypted-c")
    ]


def test_a_second_subscription_is_refused_and_the_first_stays():
    # facts 1.4.12
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("private-c")
    again = error("Existing subscription to channel private-c")
    assert client.subscribe("private-c") == [again]
    assert client.subscribe("private-c", auth="wrong") == [again]
    pusher.publish("private-c", "e", "d")
    assert client.take() == [event("e", "private-c", "d")]


def test_a_key_whose_secret_nobody_showed_authorizes_nothing():
    pusher = Pusher(open_registry=True)
    client = pusher.connect(target="/app/unseen?protocol=7")
    assert client.subscribe("private-c", auth="unseen:x") == [signature_error("1.1:private-c", "x")]
    assert client.note.startswith("this mock has not seen the secret of key unseen: ")


def test_the_other_secret_of_the_app_authorizes_too():
    # facts 2.4.8
    client = Pusher(app(keys=(AppKey("k2", "s2"),))).connect()
    assert client.subscribe("private-c", key="k2", secret="s2") == [succeeded("private-c")]
    [frame] = client.subscribe("private-d", key="k2", secret=SECRET)
    assert frame["event"] == "pusher:error"


# Unsubscribing -------------------------------------------------------------------------------


def test_unsubscribing_is_not_acknowledged():
    # facts 1.8.4, 1.8.9
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    assert client.unsubscribe("c") == []
    pusher.publish("c", "e", "d")
    assert client.take() == []
    assert client.subscribe("c") == [succeeded("c")]


@pytest.mark.parametrize("name", ["c", "private-c", "a b"])
def test_unsubscribing_from_nothing_is_an_error(name: str):
    # facts 1.8.5
    client = Pusher().connect()
    message = f"No current subscription to channel {name}, or subscription in progress"
    assert client.unsubscribe(name) == [error(message)]
    assert client.closed() is None
