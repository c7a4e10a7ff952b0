"""Presence: members by user over all of their connections (facts 1.4.5 to 1.4.7, 1.5, 1.6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .harness import Pusher, app, error, event, roster, succeeded

ROOM = "presence-room"
NO_DATA = f"{ROOM} is a presence channel and subscription must include channel_data"


def added(user_id: str, **more: Any) -> dict[str, Any]:
    return event("pusher_internal:member_added", ROOM, {"user_id": user_id, **more})


def removed(user_id: str) -> dict[str, Any]:
    return event("pusher_internal:member_removed", ROOM, {"user_id": user_id})


# Joining -------------------------------------------------------------------------------------


def test_the_roster_has_everybody_and_the_joiner():
    # facts 1.5.1, 1.5.2, 1.6.1: the joiner gets no member_added
    pusher = Pusher()
    first, second = pusher.connect(), pusher.connect()
    assert first.join(ROOM, "1", {"name": "a"}) == [
        succeeded(ROOM, '{"presence":{"count":1,"ids":["1"],"hash":{"1":{"name":"a"}}}}')
    ]
    assert second.join(ROOM, "2") == [
        succeeded(
            ROOM, '{"presence":{"count":2,"ids":["1","2"],"hash":{"1":{"name":"a"},"2":null}}}'
        )
    ]


def test_the_others_are_told_who_came():
    # facts 1.6.1, 1.6.5
    pusher = Pusher()
    first, second, third = pusher.connect(), pusher.connect(), pusher.connect()
    first.join(ROOM, "1")
    second.join(ROOM, "2", {"name": "b"})
    assert first.take() == [added("2", user_info={"name": "b"})]
    third.join(ROOM, "3")
    assert first.take() == second.take() == [added("3")]


def test_a_null_user_info_is_none():
    # facts 1.5.2, 1.6.5
    pusher = Pusher()
    first, second = pusher.connect(), pusher.connect()
    first.join(ROOM, "1")
    frames = second.subscribe(ROOM, '{"user_id":"2","user_info":null}')
    assert frames == [succeeded(ROOM, roster(**{"1": None, "2": None}))]
    assert first.take() == [added("2")]


@pytest.mark.parametrize(("number", "text"), [("10", "10"), ("-1", "-1"), ("1.5", "1.5")])
def test_a_number_counts_by_its_text(number: str, text: str):
    # facts 1.4.7, 1.6.8
    pusher = Pusher()
    witness, first, second = pusher.connect(), pusher.connect(), pusher.connect()
    witness.join(ROOM, "w")
    frames = first.subscribe(ROOM, f'{{"user_id":{number}}}')
    assert frames == [succeeded(ROOM, roster(w=None, **{text: None}))]
    assert witness.take() == [added(text)]
    second.join(ROOM, text)
    assert witness.take() == []
    assert pusher.get(f"channels/{ROOM}/users") == {"users": [{"id": "w"}, {"id": text}]}


def test_an_id_may_have_any_letters():
    pusher = Pusher()
    first, second = pusher.connect(), pusher.connect()
    first.join(ROOM, "1")
    second.join(ROOM, "zażółć @/\n")
    assert first.take() == [
        event(
            "pusher_internal:member_added",
            ROOM,
            '{"user_id":"za\\u017c\\u00f3\\u0142\\u0107 @/\\n"}',
        )
    ]


# The same user on several connections --------------------------------------------------------


def test_a_second_tab_is_no_event_anywhere():
    # facts 1.6.1, 1.6.3, 1.5.1
    pusher = Pusher()
    witness, tab, other_tab = pusher.connect(), pusher.connect(), pusher.connect()
    witness.join(ROOM, "w")
    tab.join(ROOM, "1")
    witness.take()
    assert other_tab.join(ROOM, "1") == [succeeded(ROOM, roster(w=None, **{"1": None}))]
    assert witness.take() == tab.take() == []


def test_both_tabs_are_told_about_others():
    # facts 1.6.3
    pusher = Pusher()
    tab, other_tab, guest = pusher.connect(), pusher.connect(), pusher.connect()
    tab.join(ROOM, "1")
    other_tab.join(ROOM, "1")
    guest.join(ROOM, "2")
    assert tab.take() == other_tab.take() == [added("2")]
    guest.close()
    assert tab.take() == other_tab.take() == [removed("2")]


@pytest.mark.parametrize("leave", ["unsubscribe", "close"])
def test_only_the_last_tab_is_a_departure(leave: str):
    # facts 1.6.2, 1.6.6: at once
    pusher = Pusher()
    witness, tab, other_tab = pusher.connect(), pusher.connect(), pusher.connect()
    witness.join(ROOM, "w")
    tab.join(ROOM, "1")
    other_tab.join(ROOM, "1")
    witness.take()
    for client, expected in [(tab, []), (other_tab, [removed("1")])]:
        if leave == "close":
            client.close()
        else:
            client.unsubscribe(ROOM)
        assert witness.take() == expected
    assert tab.take() == other_tab.take() == []


def test_later_info_replaces_the_stored_one_without_an_event():
    # facts 1.6.4
    pusher = Pusher()
    witness, tab, other_tab = pusher.connect(), pusher.connect(), pusher.connect()
    witness.join(ROOM, "w")
    tab.join(ROOM, "1", {"name": "old"})
    witness.take()
    other_tab.join(ROOM, "1", {"name": "new"})
    assert witness.take() == tab.take() == []
    late = pusher.connect().join(ROOM, "2")
    assert late == [succeeded(ROOM, roster(w=None, **{"1": {"name": "new"}, "2": None}))]


def test_the_last_one_leaves_nobody_behind():
    pusher = Pusher()
    client = pusher.connect()
    client.join(ROOM, "1")
    client.unsubscribe(ROOM)
    assert pusher.engine.state.apps["3"].channels == {}
    assert client.join(ROOM, "2") == [succeeded(ROOM, roster(**{"2": None}))]


# Signed-in users -----------------------------------------------------------------------------


def test_a_signed_in_user_needs_no_channel_data():
    # facts 1.4.5: socket_id:channel is signed
    pusher = Pusher()
    witness, client = pusher.connect(), pusher.connect()
    witness.join(ROOM, "w")
    client.sign_in("1", user_info={"name": "a"})
    assert client.subscribe(ROOM) == [succeeded(ROOM, roster(w=None, **{"1": {"name": "a"}}))]
    assert witness.take() == [added("1", user_info={"name": "a"})]


def test_channel_data_wins_over_the_signed_in_user():
    # facts 1.4.5
    client = Pusher().connect()
    client.sign_in("1")
    assert client.join(ROOM, "2") == [succeeded(ROOM, roster(**{"2": None}))]


def test_neither_is_refused():
    # facts 1.4.6
    client = Pusher().connect()
    assert client.subscribe(ROOM) == [error(NO_DATA)]
    assert client.closed() is None


# Refusals ------------------------------------------------------------------------------------

# facts 1.6.9
NOT_HASH = (
    "user_info supplied to presence subscription is invalid - if supplied it must be a type of hash"
)
NO_ID = "Invalid user id: user_id must be a non-empty string or a number"
NO_OBJECT = "Invalid user data: channel_data is not a JSON object"
TOO_LARGE = "Invalid user data: larger than 1024 bytes"


@pytest.mark.parametrize(
    ("channel_data", "message"),
    [
        ("", NO_OBJECT),
        ("{", NO_OBJECT),
        ('"1"', NO_OBJECT),
        ("[]", NO_OBJECT),
        ('{"user_id":NaN}', NO_OBJECT),
        ("{}", NO_ID),
        ('{"user_id":null}', NO_ID),
        ('{"user_id":""}', NO_ID),
        ('{"user_id":true}', NO_ID),
        ('{"user_id":["1"]}', NO_ID),
        # facts 1.6.7, 8.3
        (json.dumps({"user_id": "x" * 129}), "Invalid user id: longer than 128 characters"),
        (json.dumps({"user_id": "1", "user_info": {"a": "x" * 1_024}}), TOO_LARGE),
        # I:pusher/pusher-http-php#32
        ('{"user_id":"1","user_info":"a"}', NOT_HASH),
        ('{"user_id":"1","user_info":["a"]}', NOT_HASH),
    ],
)
def test_a_member_the_service_does_not_take(channel_data: str, message: str):
    # facts 8.3: code null, no subscription
    pusher = Pusher()
    client = pusher.connect()
    assert client.subscribe(ROOM, channel_data) == [error(message)]
    assert pusher.engine.state.apps["3"].channels == {}
    assert client.join(ROOM, "1") == [succeeded(ROOM, roster(**{"1": None}))]


@pytest.mark.parametrize(
    ("user_id", "user_info", "message"),
    [
        ("x" * 129, None, "Invalid user id: longer than 128 characters"),
        ("1", {"a": "é" * 600}, TOO_LARGE),
        ("1", "a", NOT_HASH),
    ],
)
def test_the_limits_hold_for_signed_in_users(user_id: str, user_info: object, message: str):
    # facts 1.6.7, 2.5
    client = Pusher().connect()
    client.sign_in(user_id, user_info=user_info)
    assert client.subscribe(ROOM) == [error(message)]


def test_the_limits_are_inclusive():
    # facts 1.6.7
    client = Pusher().connect()
    assert client.join(ROOM, "x" * 128)[0]["event"].endswith("succeeded")
    padding = 1_024 - len('{"user_id":"1","user_info":{"a":""}}')
    frames = client.join("presence-other", "1", {"a": "x" * padding})
    assert frames[0]["event"].endswith("succeeded")


def test_a_hundred_users_are_the_most():
    # facts 1.6.7: distinct users
    pusher = Pusher(app(subscription_count=True))
    clients = [pusher.connect() for _ in range(101)]
    for number, client in enumerate(clients[:100]):
        client.join(ROOM, str(number))
    assert clients[100].join(ROOM, "100") == [error(f"Presence channel {ROOM} is full")]
    assert clients[100].join("presence-other", "100")[0]["event"].endswith("succeeded")
    second_tab = pusher.connect().join(ROOM, "0")
    assert second_tab[0]["event"] == "pusher_internal:subscription_succeeded"
    clients[50].close()
    assert clients[100].join(ROOM, "100")[0]["event"].endswith("succeeded")


def test_an_unsigned_member_joins_nothing():
    # facts 1.4.9: the signature comes first
    client = Pusher().connect()
    [frame] = client.subscribe(ROOM, {"user_id": "1"}, signed="1.1:presence-room")
    message = 'SHA256 hex digest of 1.1:presence-room:{"user_id":"1"}, but got '
    assert message in frame["data"]["message"]
