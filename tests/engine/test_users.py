"""Sign-in, server-to-user, watchlists, termination (facts 1.13)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pusher_mock.engine import App
from pusher_mock.protocol.signatures import sign

from .harness import (
    KEY,
    SECRET,
    Client,
    Pusher,
    app,
    error,
    event,
    succeeded,
    text,
    watchlist,
)

TERMINATED = "Connection terminated by the application"


def success(user_data: str) -> dict[str, Any]:
    """facts 1.2: a string that holds user_data as it was sent."""
    return {"event": "pusher:signin_success", "data": text({"user_data": user_data})}


def signin(client: Client, user_data: object, **more: Any) -> list[dict[str, Any]]:
    """Send this user_data, correctly signed unless told otherwise."""
    auth = f"{KEY}:{sign(SECRET, f'{client.socket_id}::user::{user_data}')}"
    client.send("pusher:signin", {"auth": auth, "user_data": user_data, **more})
    return client.take()


# Sign-in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "user_data",
    [
        '{"id":"12345"}',
        '{ "user_info": {"name": "é"}, "id" : "1" }',
        '{"id":"a-b_c=@,.;","extra":null}',
        '{"id":"' + "x" * 200 + '"}',  # facts 2.5
    ],
)
def test_user_data_is_echoed_as_it_came(user_data: str):
    # facts 1.13, 1.13.1, 1.2
    client = Pusher().connect()
    assert signin(client, user_data) == [success(user_data)]


def test_the_vector_of_the_facts_signs_in():
    # facts 7
    client = Pusher().connect(socket_id="1234.1234")
    signature = "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"
    assert signin(client, '{"id":"12345"}', auth=f"{KEY}:{signature}") == [
        success('{"id":"12345"}')
    ]


BAD_ID = "Invalid user id: id must be a string of 1 to 200 of A-Z a-z 0-9 _-=@,.;"
NO_OBJECT = "Invalid user data: user_data is not a JSON object"


@pytest.mark.parametrize(
    ("user_data", "message"),
    [
        # facts 1.13.4
        (None, "Missing parameter: data.user"),
        ("", "Missing parameter: data.user"),
        ({"id": "1"}, "Missing parameter: data.user"),
        # facts 1.13.2
        ('{"id":1}', BAD_ID),
        ('{"id":""}', BAD_ID),
        ("{}", BAD_ID),
        ('{"id":"a b"}', BAD_ID),
        ('{"id":"' + "x" * 201 + '"}', BAD_ID),
        ("[]", NO_OBJECT),
        ("no JSON", NO_OBJECT),
    ],
)
def test_user_data_the_service_does_not_take(user_data: object, message: str):
    client = Pusher().connect()
    assert signin(client, user_data) == [error(message)]
    assert client.closed() is None
    assert signin(client, '{"id":"1"}') == [success('{"id":"1"}')]


def test_empty_data_lacks_the_user():
    # facts 1.13.4
    client = Pusher().connect()
    client.send("pusher:signin", {})
    assert client.take() == [error("Missing parameter: data.user")]


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (None, "Invalid format: auth must have the format key:signature"),
        (KEY, "Invalid format: auth must have the format key:signature"),
        ("other:x", "Invalid key in subscription auth data: 'other'"),
        # facts 1.13.4: as 1.4.9, over the user string
        (
            f"{KEY}:abc",
            'Invalid signature: Expected HMAC SHA256 hex digest of 1.1::user::{"id":"1"}, '
            "but got abc",
        ),
        # facts 1.13.1, 6.3: the docs' sample is a slip
        (
            f"{KEY}::user::abc",
            'Invalid signature: Expected HMAC SHA256 hex digest of 1.1::user::{"id":"1"}, '
            "but got :user::abc",
        ),
    ],
)
def test_a_wrong_auth(auth: object, message: str):
    # facts 1.13.4: code null, the connection stays
    client = Pusher().connect()
    assert signin(client, '{"id":"1"}', auth=auth) == [error(message)]
    assert client.closed() is None


def test_a_key_whose_secret_nobody_showed_signs_nobody_in():
    client = Pusher(open_registry=True).connect(target="/app/unseen?protocol=7")
    [frame] = signin(client, '{"id":"1"}', auth="unseen:abc")
    assert frame["data"]["message"].endswith("but got abc")
    assert client.note == "this mock has not seen the secret of key unseen"


def test_another_user_on_the_same_connection_is_refused():
    # facts 1.13.3
    client = Pusher().connect()
    client.sign_in("1")
    assert client.sign_in("2") == [error("Connection already signed in with a different user id")]
    assert client.subscribe("#server-to-user-1") == [succeeded("#server-to-user-1")]


def test_the_same_user_again_succeeds():
    # facts 1.13.3, 8.17: the watchlist is replaced
    pusher = Pusher(app(watchlist=True))
    client, friend = pusher.connect(), pusher.connect()
    client.sign_in("1", watchlist=["2"])
    frames = client.sign_in("1", watchlist=["3"])
    assert frames[1:] == [watchlist(offline=["3"])]
    friend.sign_in("2")
    assert client.take() == []


# Server to user ------------------------------------------------------------------------------


def test_events_to_a_user():
    # facts 1.13.7, 1.13.8, 2.2.9, 1.13
    pusher = Pusher()
    client, second, stranger = pusher.connect(), pusher.connect(), pusher.connect()
    for one in (client, second):
        one.sign_in("12345")
        one.subscribe("#server-to-user-12345", auth="")
    stranger.sign_in("1")
    pusher.publish("#server-to-user-12345", "hello", {"a": 1})
    expected = [event("hello", "#server-to-user-12345", '{"a":1}')]
    assert (client.take(), second.take(), stranger.take()) == (expected, expected, [])


def test_events_to_a_user_need_the_subscription():
    # facts 1.13.8, 8.18
    pusher = Pusher()
    client = pusher.connect()
    client.sign_in("1")
    pusher.publish("#server-to-user-1", "hello", "d")
    assert client.take() == []


@pytest.mark.parametrize("signed_in_as", [None, "2", "11"])
def test_a_foreign_user_channel_is_refused(signed_in_as: str | None):
    # facts 1.13.8, 8.5
    client = Pusher().connect()
    if signed_in_as is not None:
        client.sign_in(signed_in_as)
    assert client.subscribe("#server-to-user-1") == [
        error("Cannot subscribe to #server-to-user-1: the connection is not signed in as that user")
    ]


# Watchlist -----------------------------------------------------------------------------------


def test_the_present_status_and_then_changes():
    # facts 1.13.9, 1.13.10, 8.8: no channel, one frame at first, then one a change
    pusher = Pusher(app(watchlist=True))
    friend, client = pusher.connect(), pusher.connect()
    friend.sign_in("2")
    frames = client.sign_in("1", watchlist=["2", "3"])
    assert frames[1:] == [watchlist(online=["2"], offline=["3"])]
    third = pusher.connect()
    third.sign_in("3")
    assert client.take() == [watchlist(online=["3"])]
    friend.close()
    assert client.take() == [watchlist(offline=["2"])]
    assert third.take() == []


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["3"], [watchlist(offline=["3"])]),
        (["2"], [watchlist(online=["2"])]),
        ([], []),
        (None, []),
        ("2", []),
        (["1"], []),  # facts 8.8: oneself is ignored
        (["3", "3", 4, None, "2"], [watchlist(online=["2"], offline=["3"])]),
    ],
)
def test_groups_that_are_empty_are_left_out(listed: object, expected: list[object]):
    # facts 1.13.10
    pusher = Pusher(app(watchlist=True))
    pusher.connect().sign_in("2")
    assert pusher.connect().sign_in("1", watchlist=listed)[1:] == expected


def test_a_second_connection_of_a_user_changes_nothing():
    # facts 1.13.9
    pusher = Pusher(app(watchlist=True))
    client, first, second = pusher.connect(), pusher.connect(), pusher.connect()
    client.sign_in("1", watchlist=["2"])
    first.sign_in("2")
    assert client.take() == [watchlist(online=["2"])]
    second.sign_in("2")
    first.close()
    assert client.take() == []
    second.close()
    assert client.take() == [watchlist(offline=["2"])]


def test_signing_in_again_is_no_news_for_watchers():
    # facts 8.17
    pusher = Pusher(app(watchlist=True))
    client, friend = pusher.connect(), pusher.connect()
    client.sign_in("1", watchlist=["2"])
    friend.sign_in("2")
    client.take()
    friend.sign_in("2")
    assert client.take() == []


def test_presence_alone_is_not_online():
    # facts 1.13.9: signed-in connections
    pusher = Pusher(app(watchlist=True))
    client, friend = pusher.connect(), pusher.connect()
    client.sign_in("1", watchlist=["2"])
    friend.join("presence-c", "2")
    assert client.take() == []


def test_who_watches_is_forgotten_with_the_connection():
    pusher = Pusher(app(watchlist=True))
    client, other, friend = pusher.connect(), pusher.connect(), pusher.connect()
    client.sign_in("1", watchlist=["2"])
    other.sign_in("1", watchlist=["2"])
    other.take()
    client.close()
    friend.sign_in("2")
    assert client.take() == []
    assert other.take() == [watchlist(online=["2"])]


def test_at_most_a_hundred_are_watched():
    # facts 1.13.5, 1.10: 4302 lists the accepted ones
    listed = [f"u{number}" for number in range(101)]
    pusher = Pusher(app(watchlist=True))
    client = pusher.connect()
    accepted = listed[:100]
    frames = client.sign_in("1", watchlist=listed)
    assert frames[0]["event"] == "pusher:signin_success"
    assert frames[1:] == [
        error(
            "Watchlist limit exceeded: only the first 100 user ids were accepted: "
            + ", ".join(accepted),
            4302,
        ),
        watchlist(offline=accepted),
    ]
    pusher.connect().sign_in("u100")
    assert client.take() == []
    assert client.sign_in("1", watchlist=accepted)[1:] == [watchlist(offline=accepted)]


def test_without_the_switch_there_are_no_watchlist_events():
    # facts 1.13.6
    pusher = Pusher()
    client = pusher.connect()
    assert len(client.sign_in("1", watchlist=["2"])) == 1
    pusher.connect().sign_in("2")
    assert client.take() == []


def test_apps_do_not_see_each_others_users():
    pusher = Pusher(app(watchlist=True), App("4", "other", SECRET, watchlist=True))
    client = pusher.connect()
    client.sign_in("1", watchlist=["2"])
    stranger = pusher.connect(target="/app/other?protocol=7")
    user_data = json.dumps({"id": "2"})
    signed = sign(SECRET, f"{stranger.socket_id}::user::{user_data}")
    assert signin(stranger, user_data, auth=f"other:{signed}") == [success(user_data)]
    assert client.take() == []


# Termination ---------------------------------------------------------------------------------


def test_every_connection_signed_in_as_the_user_is_closed():
    # facts 1.13.12, 8.1
    pusher = Pusher(app(watchlist=True))
    first, second, other, member = (pusher.connect() for _ in range(4))
    first.sign_in("1")
    second.sign_in("1")
    other.sign_in("2", watchlist=["1"])
    member.join("presence-c", "1")  # presence alone does not count
    answer = pusher.post("users/1/terminate_connections", {})
    assert (answer.status, answer.body) == (200, "{}")
    for client in (first, second):
        assert client.take()[-1] == error(TERMINATED, 4009)
        assert client.closed() == (4009, TERMINATED)
    assert other.take() == [watchlist(offline=["1"])]
    assert other.closed() is member.closed() is None


def test_nothing_prevents_coming_back():
    # facts 1.13.12
    pusher = Pusher()
    pusher.connect().sign_in("1")
    pusher.post("users/1/terminate_connections", {})
    again = pusher.connect()
    assert again.sign_in("1")[0]["event"] == "pusher:signin_success"


def test_terminating_a_stranger_is_no_error():
    answer = Pusher().request("POST", "/apps/3/users/nobody/terminate_connections")
    assert (answer.status, answer.body) == (200, "{}")


def test_the_name_in_the_path_is_decoded():
    # facts 2.2.13
    pusher = Pusher()
    client = pusher.connect()
    client.sign_in("a@b")
    pusher.post("users/a%40b/terminate_connections", {})
    assert client.closed() == (4009, TERMINATED)
