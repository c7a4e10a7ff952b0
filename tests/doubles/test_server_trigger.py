"""``trigger`` and ``trigger_batch``: facts 5.1's tables, beside the SDK itself."""

from __future__ import annotations

import datetime
import json
import sys
from typing import Any

import pytest
from pusher.errors import PusherBadRequest, PusherBadStatus
from tests.versions import needs_plain_unicode, needs_users

from pusher_mock import MockPusherServer, PusherMock

from .real import MASTER_KEY_BASE64, both

MULTIPLE = "You cannot trigger to multiple channels when using encrypted channels"
NO_KEY = (
    "No master key was provided for use with encrypted channels. "
    "Please provide encryption_master_key_base64 as an argument to the Pusher SDK"
)
# What `sys.getsizeof` lets through: it counts the object, not its bytes (facts 5.1).
ASCII_MOST = 30_720 - sys.getsizeof("")
BMP_MOST = (30_720 - sys.getsizeof("\u0141")) // 2 + 1


class Encoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime.date) else super().default(o)


def call(*args: Any, **kwargs: Any) -> tuple[str, str]:
    """Trigger with both classes; they must end alike."""
    kind, text, _ = both(lambda make: make("1", "k", "s").trigger(*args, **kwargs))
    return kind, text


# Validation -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channels", "kind", "text"),
    [
        ({}, "TypeError", "Expected a single or a list of channels"),
        ({"c": 1}, "TypeError", "Expected a single or a list of channels"),
        (5, "TypeError", "Expected a single or a list of channels"),
        (None, "TypeError", "Expected a single or a list of channels"),
        ((one for one in ["c"]), "TypeError", "object of type 'generator' has no len()"),
        ([], "IndexError", "list index out of range"),
        ((), "IndexError", "list index out of range"),
        (b"c", "TypeError", "channel should be a string instead it is a <class 'int'>"),
        ([1], "TypeError", "channel should be a string instead it is a <class 'int'>"),
        ([None], "TypeError", "channel should be a string instead it is a <class 'NoneType'>"),
        (["c"] * 101, "ValueError", "Too many channels"),
        ("a b", "ValueError", "Invalid Channel: a b"),
        ("", "ValueError", "Invalid Channel: "),
        ("c\n", "ValueError", "Invalid Channel: c\n"),
        ("ł", "ValueError", "Invalid Channel: ł"),
        ("#c", "ValueError", "Invalid Channel: #c"),
        pytest.param(
            "#server-to-user-",
            "ValueError",
            "Invalid server to user Channel: #server-to-user-",
            marks=needs_users,
        ),
        ("c" * 201, "ValueError", f"Channel too long: {'c' * 201}"),
        (["c", "private-encrypted-c"], "ValueError", MULTIPLE),
        (["private-encrypted-c", "private-encrypted-d"], "ValueError", MULTIPLE),
        ("private-encrypted-c", "ValueError", NO_KEY),
    ],
)
def test_channels(channels: Any, kind: str, text: str, pusher_mock: PusherMock):
    assert call(channels, "e", {}) == (kind, text)
    assert len(pusher_mock.journal) == 0


@pytest.mark.parametrize(
    "channels", ["c", ["c"], ("c",), {"c"}, frozenset({"c"}), {"c": 1}.keys(), [b"c"]]
)
def test_channels_that_are_fine(channels: Any, pusher_mock: PusherMock):
    assert call(channels, "e", {}) == ("", "")
    pusher_mock.assert_triggered("c", "e", times=1)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        (1, "TypeError", "event_name should be a string instead it is a <class 'int'>"),
        (None, "TypeError", "event_name should be a string instead it is a <class 'NoneType'>"),
        ("e" * 201, "ValueError", "event_name too long"),
        ("e" * 200, "", ""),
        ("", "", ""),
        (b"e", "", ""),
        ("App\\Events\\X", "", ""),
    ],
)
def test_event_name(name: Any, kind: str, text: str, pusher_mock: PusherMock):
    assert call("c", name, {}) == (kind, text)
    assert [one.event for one in pusher_mock.published()] == (
        [] if kind else [name.decode() if isinstance(name, bytes) else name]
    )


@pytest.mark.parametrize(
    ("socket_id", "kind", "text"),
    [
        ("abc", "ValueError", "Invalid socket ID: abc"),
        ("1.1\n", "ValueError", "Invalid socket ID: 1.1\n"),
        ("1", "ValueError", "Invalid socket ID: 1"),
        (1.1, "TypeError", "socket_id should be a string instead it is a <class 'float'>"),
        ("123.456", "", ""),
        (b"123.456", "", ""),
        ("", "", ""),
        (0, "", ""),
        (None, "", ""),
    ],
)
def test_socket_id(socket_id: Any, kind: str, text: str, pusher_mock: PusherMock):
    assert call("c", "e", {}, socket_id) == (kind, text)
    for event in pusher_mock.published():
        assert event.socket_id == ("123.456" if socket_id else None)


@pytest.mark.parametrize(
    ("channels", "name", "data", "socket_id", "text"),
    [
        (5, 1, b"", "x", "Expected a single"),
        (["a b"] * 101, 1, b"", "x", "Too many channels"),
        (["a b"], 1, b"", "x", "event_name should"),
        (["a b"], "e" * 201, b"", "x", "event_name too long"),
        (["a b"], "e", b"", "x", "Object of type bytes is not JSON serializable"),
        (["a b"], "e", "x" * 40_000, "x", "Too much data"),
        (["a b", "private-encrypted-c"], "e", "", "x", "Invalid Channel: a b"),
        (["c", "private-encrypted-c"], "e", "", "x", MULTIPLE),
        (["private-encrypted-c"], "e", "", "x", NO_KEY),
        (["c"], "e", "", "x", "Invalid socket ID: x"),
    ],
)
def test_the_order_of_the_checks(channels: Any, name: Any, data: Any, socket_id: Any, text: str):
    assert call(channels, name, data, socket_id)[1].startswith(text)


# Data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "raw"),
    [
        ("as it is", "as it is"),
        ("", ""),
        ("{not json", "{not json"),
        ({"a": [1, 2]}, '{"a": [1, 2]}'),
        ([], "[]"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        pytest.param({"name": "zażółć ☃"}, '{"name": "zażółć ☃"}', marks=needs_plain_unicode),
        ({1: (1, 2)}, '{"1": [1, 2]}'),
    ],
)
def test_what_is_published(data: Any, raw: str, pusher_mock: PusherMock):
    assert call("c", "e", data) == ("", "")
    (event,) = pusher_mock.published("c")
    assert event.raw == raw
    assert pusher_mock.state.get_channel_messages("c")[0].raw == raw


@pytest.mark.parametrize("data", [b"x", {"d": datetime.date(2026, 1, 1)}, {1, 2}, object()])
def test_data_that_is_no_json(data: Any):
    kind, text = call("c", "e", data)
    assert (kind, text[:14]) == ("TypeError", "Object of type")


def test_the_json_encoder_is_used(pusher_mock: PusherMock):
    data = {"d": datetime.date(2026, 1, 2)}
    assert both(lambda make: make("1", "k", "s", json_encoder=Encoder).trigger("c", "e", data)) == (
        "",
        "",
        [],
    )
    pusher_mock.assert_triggered("c", "e", {"d": "2026-01-02"})


@needs_plain_unicode
def test_the_body_is_the_sdks(pusher_mock: PusherMock):
    # facts 5.1: ASCII-escaped, in this order, without an info parameter
    server = MockPusherServer("1", "k", "s")
    server.trigger(["c", "d"], "e", {"n": "ł"}, "1.1")
    text = pusher_mock.journal.dumps().replace("\\\\", "\\")
    assert (
        'http POST /apps/1/events {"name": "e", "channels": ["c", "d"], '
        '"data": "{\\"n\\": \\"\\u0142\\"}", "socket_id": "1.1"}' in text
    )


def test_it_returns_the_parsed_body():
    assert MockPusherServer("1", "k", "s").trigger("c", "e", {}) == {}


def test_one_call_for_many_channels(pusher_mock: PusherMock):
    client = pusher_mock.client(connect=True)
    heard: list[str] = []
    for name in ("a", "b"):
        client.subscribe(name).bind("e", heard.append)
    names = [f"c{number}" for number in range(98)] + ["a", "b"]
    assert pusher_mock.server().trigger(names, "e", "x") == {}
    assert heard == ["x", "x"]


def test_the_excluded_socket(pusher_mock: PusherMock):
    ada, ben = pusher_mock.client(connect=True), pusher_mock.client(connect=True)
    heard: list[str] = []
    ada.subscribe("c").bind("e", lambda data: heard.append("ada"))
    ben.subscribe("c").bind("e", lambda data: heard.append("ben"))
    pusher_mock.server().trigger("c", "e", {}, ada.connection.socket_id)
    assert heard == ["ben"]
    pusher_mock.assert_triggered("c", "e", socket_id=ada.connection.socket_id)


# Size -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("x" * 10_240, ""),
        ("x" * 10_241, "PusherBadStatus"),
        ("x" * ASCII_MOST, "PusherBadStatus"),
        ("x" * (ASCII_MOST + 1), "ValueError"),
        ("ł" * 5_120, ""),
        ("ł" * 5_121, "PusherBadStatus"),
        ("ł" * BMP_MOST, "PusherBadStatus"),
        ("ł" * (BMP_MOST + 1), "ValueError"),
    ],
    ids=lambda one: f"{len(one)}-{one[:1]}",
)
def test_the_sdk_counts_the_object_and_the_service_its_bytes(data: str, kind: str):
    # facts 5.1: 413 is reachable
    server = MockPusherServer("1", "k", "s")
    if not kind:
        assert server.trigger("c", "e", data) == {}
    elif kind == "ValueError":
        with pytest.raises(ValueError, match="Too much data"):
            server.trigger("c", "e", data)
        assert call("c", "e", data) == ("ValueError", "Too much data")
    else:
        with pytest.raises(PusherBadStatus) as caught:
            server.trigger("c", "e", data)
        assert str(caught.value).startswith(
            "413: The data content of this event exceeds the allowed maximum (10240 bytes)."
        )
        assert str(caught.value).endswith("\n")
        assert "publish its id" in caught.value.__notes__[0]


# trigger_batch ----------------------------------------------------------------------------------


def batch_of(number: int) -> list[dict[str, Any]]:
    return [{"channel": "c", "name": f"e{one}", "data": {"n": one}} for one in range(number)]


def batch_call(batch: Any, **kwargs: Any) -> tuple[str, str]:
    copies = iter([json.loads(json.dumps(batch)), batch])
    kind, text, _ = both(lambda make: make("1", "k", "s").trigger_batch(next(copies), **kwargs))
    return kind, text


def test_a_batch(pusher_mock: PusherMock):
    assert MockPusherServer("1", "k", "s").trigger_batch(batch_of(10)) == {}
    assert [one.event for one in pusher_mock.published("c")] == [f"e{one}" for one in range(10)]


def test_an_empty_batch():
    assert MockPusherServer("1", "k", "s").trigger_batch() == {}
    assert MockPusherServer("1", "k", "s").trigger_batch([]) == {}


def test_a_batch_is_changed_by_the_call():
    # facts 5.1: data is replaced by its text
    batch = batch_of(1)
    MockPusherServer("1", "k", "s").trigger_batch(batch)
    assert batch == [{"channel": "c", "name": "e0", "data": '{"n": 0}'}]


def test_eleven_events_are_refused_by_the_service(pusher_mock: PusherMock):
    with pytest.raises(PusherBadRequest, match="Cannot publish more than 10 events"):
        MockPusherServer("1", "k", "s").trigger_batch(batch_of(11))
    assert pusher_mock.published() == []


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        ({"name": "e", "data": ""}, "KeyError", "'channel'"),
        ({"channel": "c", "data": ""}, "KeyError", "'name'"),
        ({"channel": "c", "name": "e"}, "KeyError", "'data'"),
        ({"channel": "a b", "name": "e", "data": ""}, "ValueError", "Invalid Channel: a b"),
        ({"channel": "c", "name": "e" * 201, "data": ""}, "ValueError", "event_name too long"),
        ({"channel": "c", "name": "e", "data": "x" * 10_241}, "ValueError", "Too much data"),
        ({"channel": "private-encrypted-c", "name": "e", "data": ""}, "ValueError", NO_KEY),
        ({"channel": "c", "name": 1, "data": ""}, "TypeError", "event_name should be a string"),
    ],
)
def test_a_batch_is_checked(event: dict[str, Any], kind: str, text: str, pusher_mock: PusherMock):
    found = batch_call([event])
    assert found[0] == kind
    assert found[1].startswith(text)
    assert len(pusher_mock.journal) == 0


def test_bytes_are_no_channel_of_a_batch():
    event = {"channel": b"c", "name": "e", "data": ""}
    kind, text, _ = both(lambda make: make("1", "k", "s").trigger_batch([dict(event)]))
    assert (kind, text) == (
        "TypeError",
        "startswith first arg must be bytes or a tuple of bytes, not str",
    )


def test_extra_keys_go_out(pusher_mock: PusherMock):
    client = pusher_mock.client(connect=True, user_data={"user_id": "1"})
    heard: list[str] = []
    client.subscribe("presence-c").bind("e", heard.append)
    own = client.connection.socket_id
    answer = pusher_mock.server().trigger_batch(
        [
            {"channel": "presence-c", "name": "e", "data": "1", "info": "user_count"},
            {"channel": "c", "name": "e", "data": "2"},
            {"channel": "presence-c", "name": "e", "data": "3", "socket_id": own},
        ]
    )
    assert answer == {"batch": [{"user_count": 1}, {}, {}]}
    assert heard == ["1"]


def test_already_encoded_skips_every_check(pusher_mock: PusherMock):
    server = MockPusherServer("1", "k", "s", encryption_master_key_base64=MASTER_KEY_BASE64)
    batch = [{"channel": "private-encrypted-c", "name": "e", "data": "clear"}]
    assert server.trigger_batch(batch, already_encoded=True) == {}
    pusher_mock.assert_triggered("private-encrypted-c", "e", "clear")
    with pytest.raises(PusherBadRequest, match="Expected data parameter to be a string"):
        server.trigger_batch([{"channel": "c", "name": "e", "data": {}}], True)
    with pytest.raises(PusherBadRequest, match="Expected at least one channel"):
        server.trigger_batch([{"name": "e", "data": ""}], already_encoded=True)
    with pytest.raises(PusherBadStatus, match="413"):
        server.trigger_batch([{"channel": "c", "name": "e", "data": "x" * 10_241}], True)
