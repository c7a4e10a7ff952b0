"""Publishing over the HTTP API: events, batches, the deprecated endpoint (facts 2.2, 2.3, 2.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .harness import Pusher, app, event

if TYPE_CHECKING:
    from pusher_mock.engine import Respond

EVENT = {"name": "e", "channel": "c", "data": "d"}
TOO_LARGE = (
    "The data content of this event exceeds the allowed maximum (10240 bytes). See"
    " https://pusher.com/docs/channels/server_api/http-api#publishing-events for more info\n"
)


def outcome(answer: Respond) -> tuple[int, str]:
    return answer.status, answer.body


# Events --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channels",
    [{"channels": ["c"]}, {"channel": "c"}, {"channels": "c"}, {"channels": ["c", "c"]}],
)
def test_an_event_reaches_its_channel_once(channels: dict[str, Any]):
    # facts 2.2, 2.1.3, 8.15
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    answer = pusher.post("events", {"name": "e", "data": "d", **channels})
    assert outcome(answer) == (200, "{}")
    assert client.take() == [event("e", "c", "d")]


def test_an_event_reaches_all_of_its_channels():
    # facts 2.2, 2.2.10
    pusher = Pusher()
    client = pusher.connect()
    names = ["c", "private-c", "private-encrypted-c", "nobody-is-here"]
    for name in names[:3]:
        client.subscribe(name)
    assert pusher.post("events", {"name": "e", "data": "d", "channels": names}).status == 200
    assert client.take() == [event("e", name, "d") for name in names[:3]]
    assert [one.channel for one in pusher.published] == names


@pytest.mark.parametrize(
    "data", ["", "no JSON", '{"a": 1}', "null", "é\ud83d", "x" * 10_240, "é" * 5_120]
)
def test_data_is_relayed_untouched(data: str):
    # facts 1.2, 2.5
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    assert outcome(pusher.post("events", {**EVENT, "data": data})) == (200, "{}")
    assert client.take() == [event("e", "c", data)]


@pytest.mark.parametrize(
    "name", ["", "a.b:c", "App\\Events\\X", "client-e", "é", "x" * 200, "Pusher"]
)
def test_names_are_not_restricted(name: str):
    # facts 2.2.11
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    assert outcome(pusher.post("events", {**EVENT, "name": name})) == (200, "{}")
    assert client.take() == [event(name, "c", "d")]


@pytest.mark.parametrize(
    "name", ["pusher:error", "pusher_internal:member_added", "pusher-notification", "pusher"]
)
def test_but_pushers_namespace_is_reserved(name: str):
    # facts 2.2.14; I:pusher/pusher-http-ruby#142
    answer = Pusher().post("events", {**EVENT, "name": name})
    assert outcome(answer) == (400, "The 'pusher' namespace is reserved for internal usage\n")


EXPECTED_NAME = "Expected name parameter to be a string\n"
EXPECTED_CHANNEL = "Expected at least one channel\n"

REFUSED: dict[str, tuple[object, int, str]] = {
    "no JSON": ("{", 400, "Invalid body: not JSON: Expecting property name"),
    "no object": ([], 400, "Invalid body: not a JSON object\n"),
    # facts 2.3
    "no name": ({"channel": "c", "data": "d"}, 400, EXPECTED_NAME),
    "name no string": ({**EVENT, "name": 1}, 400, EXPECTED_NAME),
    "name too long": (
        {**EVENT, "name": "x" * 201},
        400,
        "Invalid body: name is longer than 200 characters\n",
    ),
    # facts 2.2.8
    "no data": ({"name": "e", "channel": "c"}, 400, "Expected data parameter to be a string\n"),
    "data no string": ({**EVENT, "data": {}}, 400, "Expected data parameter to be a string\n"),
    "no channel": ({"name": "e", "data": "d"}, 400, EXPECTED_CHANNEL),
    "no channels": ({"name": "e", "data": "d", "channels": []}, 400, EXPECTED_CHANNEL),
    "channels null": ({"name": "e", "data": "d", "channels": None}, 400, EXPECTED_CHANNEL),
    "channels an object": ({"name": "e", "data": "d", "channels": {}}, 400, EXPECTED_CHANNEL),
    "channel no string": (
        {"name": "e", "data": "d", "channels": ["c", 1]},
        400,
        "Invalid channel name: 1\n",
    ),
    "bad channel": ({**EVENT, "channel": "a b"}, 400, "Invalid channel name: a b\n"),
    "channel too long": (
        {**EVENT, "channel": "x" * 165},
        400,
        f"Invalid channel name: {'x' * 165}\n",
    ),
    "too many channels": (
        {"name": "e", "data": "d", "channels": [f"c{n}" for n in range(101)]},
        400,
        "Cannot publish to more than 100 channels in one request\n",
    ),
    "socket_id no string": (
        {**EVENT, "socket_id": 1.1},
        400,
        "Invalid body: socket_id must be a string\n",
    ),
    "info no string": (
        {**EVENT, "info": ["user_count"]},
        400,
        "Invalid body: info must be a string\n",
    ),
    # facts 2.2: `cache` is an attribute of GET channel alone
    "info unknown": (
        {**EVENT, "info": "user_count,cache"},
        400,
        "Cannot retrieve cache here; the info parameter takes user_count, subscription_count\n",
    ),
    # facts 2.5, 2.3
    "data too large": ({**EVENT, "data": "x" * 10_241}, 413, TOO_LARGE),
    "data too large in UTF-8": ({**EVENT, "data": "é" * 5_121}, 413, TOO_LARGE),
}


@pytest.mark.parametrize(("content", "status", "text"), REFUSED.values(), ids=list(REFUSED))
def test_an_event_the_service_does_not_take(content: object, status: int, text: str):
    # facts 2.1.4: plain text with a newline
    pusher = Pusher()
    answer = pusher.post("events", content)
    assert answer.status == status
    assert answer.body.startswith(text)
    assert answer.body.endswith("\n")
    assert pusher.published == []


@pytest.mark.parametrize(
    "body", [b"\xff", b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"[" * 100_000]
)
def test_a_body_that_is_no_json(body: bytes):
    answer = Pusher().request("POST", "/apps/3/events", body=body)
    assert answer.status == 400
    assert answer.body.startswith("Invalid body: not JSON: ")


def test_a_hundred_channels_are_fine():
    # facts 2.5
    pusher = Pusher()
    names = [f"c{number}" for number in range(100)]
    answer = pusher.post("events", {"name": "e", "data": "d", "channels": names})
    assert outcome(answer) == (200, "{}")
    assert len(pusher.published) == 100


def test_parameters_may_be_in_the_query():
    # facts 2.1.2
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    query = [("name", "e"), ("data", "d"), ("channel", "c"), ("socket_id", "9.9"), ("info", "")]
    assert outcome(pusher.request("POST", "/apps/3/events", query)) == (200, "{}")
    assert client.take() == [event("e", "c", "d")]


def test_the_content_type_does_not_matter_and_neither_does_spacing():
    # facts 2.1.2: signed bytes are opaque
    pusher = Pusher()
    body = b' { "name" : "e" ,\n"channel":"c","data":"d", "x": 1 } '
    assert outcome(pusher.request("POST", "/apps/3/events", body=body)) == (200, "{}")


# info ----------------------------------------------------------------------------------------


def test_info_is_told_for_each_unique_channel():
    # facts 2.2, 2.2.3, 2.2.7, 8.15: what does not apply is absent
    pusher = Pusher(app(subscription_count=True))
    for user_id in ("1", "1", "2"):
        pusher.connect().join("presence-a", user_id)
        pusher.connect().subscribe("b")
    content = {
        "name": "e",
        "data": "d",
        "channels": ["presence-a", "b", "b", "empty", "presence-empty"],
        "info": "user_count,subscription_count",
    }
    answer = pusher.post("events", content)
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "channels": {
            "presence-a": {"user_count": 2},
            "b": {"subscription_count": 3},
            "empty": {"subscription_count": 0},
            "presence-empty": {"user_count": 0},
        }
    }


def test_info_without_the_switch():
    # facts 2.2.2
    answer = Pusher().post("events", {**EVENT, "info": "subscription_count"})
    assert outcome(answer) == (200, '{"channels":{"c":{}}}')


# Batches -------------------------------------------------------------------------------------


def test_a_batch_publishes_in_its_order():
    # facts 2.2
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    client.subscribe("private-c")
    batch = [
        {"name": "1", "channel": "private-c", "data": "a"},
        {"name": "2", "channel": "c", "data": "b", "socket_id": client.socket_id},
        {"name": "3", "channel": "c", "data": "c", "info": ""},
    ]
    assert outcome(pusher.post("batch_events", {"batch": batch})) == (200, "{}")
    assert client.take() == [event("1", "private-c", "a"), event("3", "c", "c")]
    assert [one.event for one in pusher.published] == ["1", "2", "3"]


def test_info_of_a_batch_is_told_by_index():
    # facts 2.2
    pusher = Pusher(app(subscription_count=True))
    pusher.connect().join("presence-a", "1")
    batch = [
        {"name": "e", "channel": "presence-a", "data": "d", "info": "user_count"},
        {"name": "e", "channel": "b", "data": "d"},
        {"name": "e", "channel": "b", "data": "d", "info": "user_count,subscription_count"},
    ]
    answer = pusher.post("batch_events", {"batch": batch})
    assert outcome(answer) == (
        200,
        '{"batch":[{"user_count":1},{},{"subscription_count":0}]}',
    )


@pytest.mark.parametrize("number", [0, 10])
def test_up_to_ten_events(number: int):
    # facts 2.5
    pusher = Pusher()
    assert outcome(pusher.post("batch_events", {"batch": [EVENT] * number})) == (200, "{}")
    assert len(pusher.published) == number


@pytest.mark.parametrize(
    ("batch", "status", "text"),
    [
        ([EVENT] * 11, 400, "Cannot publish more than 10 events in one batch\n"),
        (None, 400, "Invalid body: batch must be a list of events\n"),
        ({}, 400, "Invalid body: batch must be a list of events\n"),
        (["e"], 400, "Invalid body: batch must be a list of events\n"),
        ([EVENT, {"name": "e", "data": "d"}], 400, EXPECTED_CHANNEL),
        ([EVENT, {"name": "e", "data": "d", "channels": ["c"]}], 400, EXPECTED_CHANNEL),
        ([EVENT, {"channel": "c", "data": "d"}], 400, EXPECTED_NAME),
        ([EVENT, {**EVENT, "name": "pusher:x"}], 400, "The 'pusher' namespace is reserved"),
        ([EVENT, {**EVENT, "channel": "a b"}], 400, "Invalid channel name: a b\n"),
        ([EVENT, {**EVENT, "data": "x" * 10_241}], 413, TOO_LARGE),
        ([EVENT, {**EVENT, "info": "cache"}], 400, "Cannot retrieve cache here; "),
    ],
)
def test_a_batch_with_one_bad_event_publishes_nothing(batch: object, status: int, text: str):
    # facts 2.2, 2.5
    pusher = Pusher()
    answer = pusher.post("batch_events", {"batch": batch})
    assert answer.status == status
    assert answer.body.startswith(text)
    assert pusher.published == []


def test_a_batch_needs_a_body():
    answer = Pusher().request("POST", "/apps/3/batch_events")
    assert answer.status == 400
    assert answer.body.startswith("Invalid body: not JSON: ")


# Deprecated ----------------------------------------------------------------------------------


def test_the_body_of_the_deprecated_endpoint_is_the_data():
    # facts 2.2: 202
    pusher = Pusher()
    client, other = pusher.connect(), pusher.connect()
    client.subscribe("private-a@b")
    other.subscribe("private-a@b")
    answer = pusher.request(
        "POST",
        "/apps/3/channels/private-a%40b/events",
        [("name", "e"), ("socket_id", other.socket_id)],
        '{"é": 1'.encode(),
    )
    assert outcome(answer) == (202, "{}")
    assert client.take() == [event("e", "private-a@b", '{"é": 1')]
    assert other.take() == []


@pytest.mark.parametrize(
    ("path", "query", "body", "status", "text"),
    [
        ("c", [("name", "e")], b"\xff", 400, "Invalid body: not UTF-8\n"),
        ("c", [], b"d", 400, EXPECTED_NAME),
        ("c", [("name", "e")], b"x" * 10_241, 413, TOO_LARGE),
        ("a%20b", [("name", "e")], b"d", 400, "Invalid channel name: a b\n"),
    ],
)
def test_what_the_deprecated_endpoint_refuses(
    path: str, query: list[tuple[str, str]], body: bytes, status: int, text: str
):
    pusher = Pusher()
    answer = pusher.request("POST", f"/apps/3/channels/{path}/events", query, body)
    assert outcome(answer) == (status, text)
    assert pusher.published == []
