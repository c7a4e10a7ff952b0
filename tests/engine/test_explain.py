"""Why a signature does not fit: each usual mistake is named (design "Explain signatures")."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pusher_mock.engine import App, AppKey, CredentialsSeen, Engine, HttpRequested, Respond
from pusher_mock.protocol.signatures import sign, signed_query

from .harness import KEY, SECRET, WALL, Client, Pusher, app

OTHER = App("4", "other", "other secret")
UNSEEN = App("5", "unseen", None)
UNEXPLAINED = (
    "none of the usual mistakes explains it: "
    "compare the secret and the signed text letter by letter"
)
ROOM = "presence-room"
SENT = '{"user_id":"1","user_info":{"name":"é","age":3}}'
EARLY = "after the connection is established, not right after connect()"


@pytest.fixture
def pusher() -> Pusher:
    return Pusher(app(keys=(AppKey("k2", "s2"),)), OTHER, UNSEEN)


@pytest.fixture
def client(pusher: Pusher) -> Client:
    first, second = pusher.connect(), pusher.connect()
    first.subscribe("private-taken")
    return second


# Subscriptions -------------------------------------------------------------------------------


def subscribing(
    client: Client, channel: str, signed: str, secret: str = SECRET, **more: Any
) -> str:
    """The explanation of a subscription that is signed over this text."""
    auth = f"{KEY}:{sign(secret, signed)}"
    client.send("pusher:subscribe", {"channel": channel, "auth": auth, **more})
    [frame] = client.take()
    # On the wire it stays Pusher's text.
    assert frame["data"]["message"].startswith("Invalid signature: Expected HMAC SHA256")
    return client.note


@pytest.mark.parametrize(
    ("signed", "explanation"),
    [
        (":private-c", f"it was made for an empty socket id: subscribe {EARLY}"),
        (
            "1.1:private-c",
            "it was made for the socket id 1.1 of connection-1, but this is 1.2",
        ),
        ("1.2:private-taken", "it was made for the channel private-taken, not for private-c"),
        ("1.2:private-free", UNEXPLAINED),
        ("nonsense", UNEXPLAINED),
    ],
)
def test_a_private_channel(client: Client, signed: str, explanation: str):
    assert subscribing(client, "private-c", signed) == explanation


@pytest.mark.parametrize(("secret", "key"), [("s2", "k2"), ("other secret", "other")])
def test_the_secret_of_another_key(client: Client, secret: str, key: str):
    assert (
        subscribing(client, "private-c", "1.2:private-c", secret)
        == f"it was made with the secret of key {key}, not of {KEY}"
    )


def test_an_unknown_secret_is_not_explained_away(client: Client):
    assert subscribing(client, "private-c", "1.2:private-c", "unknown") == UNEXPLAINED


def test_channel_data_that_was_not_signed(client: Client):
    assert subscribing(client, ROOM, f"1.2:{ROOM}", channel_data=SENT) == (
        "channel_data was sent but not signed: sign socket_id:channel:channel_data"
    )


@pytest.mark.parametrize(
    "signed",
    [
        '{"user_id": "1", "user_info": {"name": "\\u00e9", "age": 3}}',  # the SDK's spaces
        '{"user_id":"1","user_info":{"name":"\\u00e9","age":3}}',  # escapes
        '{"user_id": "1", "user_info": {"name": "é", "age": 3}}',
        '{"user_info":{"name":"é","age":3},"user_id":"1"}',  # the other order
        '{"user_info": {"name": "\\u00e9", "age": 3}, "user_id": "1"}',
        '{"user_id":"1","user_info":{"age":3,"name":"é"}}',  # sorted throughout
    ],
)
def test_channel_data_that_was_written_again(client: Client, signed: str):
    explanation = subscribing(client, ROOM, f"1.2:{ROOM}:{signed}", channel_data=SENT)
    assert explanation == (
        f"channel_data was signed as {signed} and sent as {SENT}: "
        "send the very text that was signed (key order and spaces count)"
    )


@pytest.mark.parametrize("sent", ["no JSON", "[1]", json.dumps(dict.fromkeys("abcdefgh"))])
def test_other_channel_data(client: Client, sent: str):
    assert subscribing(client, ROOM, f"1.2:{ROOM}:other", channel_data=sent) == UNEXPLAINED


@pytest.mark.parametrize(("keys", "explained"), [("abcd", True), ("abcde", False)])
def test_any_order_of_up_to_four_keys_is_tried(client: Client, keys: str, explained: bool):
    sent = json.dumps(dict.fromkeys(keys, 1))
    signed = json.dumps(dict.fromkeys(reversed(keys), 1))
    explanation = subscribing(client, ROOM, f"1.2:{ROOM}:{signed}", channel_data=sent)
    assert explanation.startswith("channel_data was signed as ") is explained


def test_channel_data_of_another_member(client: Client):
    signed = f'1.2:{ROOM}:{{"user_id":"2"}}'
    assert subscribing(client, ROOM, signed, channel_data=SENT) == UNEXPLAINED


def test_a_key_of_another_app(client: Client):
    client.send("pusher:subscribe", {"channel": "private-c", "auth": "other:x"})
    assert client.note == f"the connection belongs to key {KEY}"


# Sign-in -------------------------------------------------------------------------------------

USER = '{"id":"1","user_info":{"name":"é"}}'


@pytest.mark.parametrize(
    ("signed", "secret", "explanation"),
    [
        (f"1.2::user::{USER}", "s2", f"it was made with the secret of key k2, not of {KEY}"),
        (f"::user::{USER}", SECRET, f"it was made for an empty socket id: sign in {EARLY}"),
        (
            f"1.1::user::{USER}",
            SECRET,
            "it was made for the socket id 1.1 of connection-1, but this is 1.2",
        ),
        (
            '1.2::user::{"id": "1", "user_info": {"name": "\\u00e9"}}',
            SECRET,
            'user_data was signed as {"id": "1", "user_info": {"name": "\\u00e9"}} and sent as '
            f"{USER}: send the very text that was signed (key order and spaces count)",
        ),
        (f"1.2:user:{USER}", SECRET, UNEXPLAINED),
    ],
)
def test_signing_in(client: Client, signed: str, secret: str, explanation: str):
    auth = f"{KEY}:{sign(secret, signed)}"
    client.send("pusher:signin", {"user_data": USER, "auth": auth})
    [frame] = client.take()
    assert frame["data"]["message"].startswith("Invalid signature: Expected HMAC SHA256")
    assert client.note == explanation


# Requests ------------------------------------------------------------------------------------

AUTH = f"auth_key={KEY}&auth_timestamp={int(WALL)}&auth_version=1.0"
QUERY = [("filter_by_prefix", "a b"), ("info", "")]
SORTED = f"{AUTH}&filter_by_prefix=a b&info="


@pytest.mark.parametrize(
    ("path", "signed", "explanation"),
    [
        (
            "/apps/3/channels",
            f"POST\n/apps/3/channels\n{SORTED}",
            "it was made for POST, but GET was requested",
        ),
        (
            "/apps/3/channels",
            f"GET\n/apps/3/channels\nfilter_by_prefix=a b&info=&{AUTH}",
            "the query parameters were not sorted by name before signing",
        ),
        (
            "/apps/3/channels",
            f"GET\n/apps/3/channels\n{AUTH}&filter_by_prefix=a%20b&info=",
            "the query values were percent-encoded before signing; sign them as they are",
        ),
        (
            "/apps/3/channels/private-a@b",
            f"GET\n/apps/3/channels/private-a%40b\n{SORTED}",
            "it was made over the path /apps/3/channels/private-a%40b, but "
            "/apps/3/channels/private-a@b was requested",
        ),
        ("/apps/3/channels", f"GET\n/apps/3/channels/\n{SORTED}", UNEXPLAINED),
        ("/apps/3/channels/\ud800", "nonsense", UNEXPLAINED),
    ],
)
def test_a_request(pusher: Pusher, path: str, signed: str, explanation: str):
    answer = pusher.request("GET", path, QUERY, signed=signed)
    assert answer.status == 401
    assert answer.body.startswith("Invalid signature: you should have sent HmacSHA256Hex(")
    assert answer.note == explanation


@pytest.mark.parametrize(("secret", "key"), [("s2", "k2"), ("other secret", "other")])
def test_a_request_with_the_secret_of_another_key(pusher: Pusher, secret: str, key: str):
    answer = pusher.request("GET", "/apps/3/channels", secret=secret)
    assert answer.note == f"it was made with the secret of key {key}, not of {KEY}"


def test_no_explanation_gives_a_secret_away(client: Client, pusher: Pusher):
    notes = [
        subscribing(client, "private-c", "1.2:private-c", "s2"),
        subscribing(client, "private-c", "nonsense"),
        pusher.request("GET", "/apps/3/channels", secret="other secret").note,
    ]
    for note in notes:
        for secret in (SECRET, "s2", "other secret"):
            assert secret not in note


@pytest.mark.parametrize("strict", [False, True])
def test_a_second_secret_of_the_same_key(strict: bool):
    engine = Engine([App("1", KEY, SECRET)], open_registry=not strict)
    for number in (*range(10), 9):  # only the latest are remembered, each once
        engine.handle(CredentialsSeen("1", KEY, f"secret {number}"), at=0, wall=0)
    assert list(engine.state.by_key[KEY].refused[KEY]) == [f"secret {n}" for n in range(2, 10)]
    for secret in (SECRET, None):
        engine.handle(CredentialsSeen("1", KEY, secret), at=0, wall=0)
    assert len(engine.state.by_key[KEY].refused[KEY]) == 8
    query = (
        ("auth_key", KEY),
        ("auth_timestamp", "0"),
        ("auth_version", "1.0"),
    )
    text = f"GET\n/apps/1/channels\n{signed_query(query)}"
    request = HttpRequested(
        "GET", "/apps/1/channels", (*query, ("auth_signature", sign("secret 9", text)))
    )
    [answer] = engine.handle(request, at=0, wall=0)
    assert isinstance(answer, Respond)
    assert answer.status == 401
    assert answer.note == (
        f"it was made with another secret for key {KEY} than the one registered first: "
        "give every client and publisher of this key the same secret"
    )
