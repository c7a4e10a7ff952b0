"""Frames: parsing anything, encoding once (facts 1.2, 1.8.8, 8.4)."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.protocol import ProtocolViolation
from pusher_mock.protocol.frames import (
    ClientFrame,
    Frame,
    dumps,
    error_frame,
    loads,
    parse_frame,
)

ANY_TEXT = st.text(st.characters())  # half surrogate pairs included
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)
NOT_AN_OBJECT = "Invalid message: not a JSON object"
NO_EVENT = "Invalid message: event must be a string"
DEEP = 101


# JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ('"é"', "é"),
        ("é".join('""').encode(), "é"),
        ("1e3", 1000.0),
        ("-0.5", -0.5),
        ("[" * 100 + "]" * 100, None),
        ("[0," * 99 + '{"a":"["}' + "]" * 99, None),
        ('"' + "[" * 1000 + '"', "[" * 1000),  # brackets in a string are no depth
        ("[" + "[1]," * 200 + "[]]", [[1]] * 200 + [[]]),  # wide is not deep
    ],
)
def test_json_is_read(text: str | bytes, value: object):
    result = loads(text)
    if value is None:
        assert dumps(result) == text
    else:
        assert result == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ("\ufeff{}", "Expecting value"),
        (b"\xff", "invalid start byte"),
        ("{}".encode("utf-16"), "invalid start byte"),  # facts 1.1.8: UTF-8
        (b"\xed\xa0\x80", "invalid continuation byte"),
        # Python's own parser takes these; the other side's would fail on what comes of them.
        ("NaN", "NaN is not JSON"),
        ('{"a":[Infinity]}', "Infinity is not JSON"),
        ("-Infinity", "-Infinity is not JSON"),
        ("1e999", "1e999 is out of range"),
        ("1" * 5000, "integer string conversion"),
        ("[" * DEEP + "]" * DEEP, "nested too deep"),
        ("[0," * DEEP + "1" + "]" * DEEP, "nested too deep"),
        ('{"a":' * DEEP + "1" + "}" * DEEP, "nested too deep"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_json(text: str | bytes, reason: str):
    with pytest.raises(ValueError, match=reason):
        loads(text)


@given(JSON)
def test_what_is_written_is_compact_ascii_that_reads_back(value: Any):
    text = dumps(value)
    assert text.isascii()
    assert loads(text) == value


@given(ANY_TEXT | st.binary() | JSON.map(json.dumps))
def test_any_text_or_bytes_raise_nothing_but_value_error(text: str | bytes):
    try:
        value = loads(text)
    except ValueError:
        return
    assert loads(dumps(value)) == value


# Messages from clients -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"event":"a"}', ClientFrame("a", None, None, has_data=False)),
        ('{"event":"a","data":null}', ClientFrame("a", None, None, has_data=True)),
        ('{"event": "a", "data": ""}', ClientFrame("a", "", None, has_data=True)),
        (
            '{"event":"client-a","channel":"private-c","data":[1],"x":2}',
            ClientFrame("client-a", [1], "private-c", has_data=True),
        ),
        ('{"event":"","channel":7}', ClientFrame("", None, 7, has_data=False)),
    ],
)
def test_frames_are_parsed(text: str, frame: ClientFrame):
    assert parse_frame(text) == frame


@pytest.mark.parametrize(
    ("text", "message"),
    # facts 1.8.8, 8.4
    [
        ("", NOT_AN_OBJECT),
        ("{", NOT_AN_OBJECT),
        ("[]", NOT_AN_OBJECT),
        ('"a"', NOT_AN_OBJECT),
        ("null", NOT_AN_OBJECT),
        ('{"event":NaN}', NOT_AN_OBJECT),
        ("[" * 100_000, NOT_AN_OBJECT),
        ("{}", NO_EVENT),
        ('{"event":null}', NO_EVENT),
        ('{"event":1}', NO_EVENT),
        ('{"event":["a"]}', NO_EVENT),
    ],
)
def test_what_is_no_frame_leaves_the_connection_open(text: str, message: str):
    with pytest.raises(ProtocolViolation) as caught:
        parse_frame(text)
    violation = caught.value
    assert (violation.message, violation.code, violation.fatal) == (message, None, False)


def test_a_parsed_frame_is_frozen():
    frame = parse_frame('{"event":"a"}')
    assert not hasattr(frame, "__dict__")
    for field in dataclasses.fields(frame):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frame, field.name, None)


@pytest.mark.parametrize("message", [b"", b'{"event":"pusher:ping"}', b"\xff"])
def test_a_binary_message_is_fatal(message: bytes):
    # facts 8.4, 1.1.8
    with pytest.raises(ProtocolViolation) as caught:
        parse_frame(message)
    assert (caught.value.code, caught.value.fatal) == (1003, True)


@given(ANY_TEXT | st.binary() | JSON.map(json.dumps))
def test_any_message_is_a_frame_or_a_violation(message: str | bytes):
    match _parsed(message):
        case ClientFrame(event):
            assert isinstance(event, str)
        case ProtocolViolation(fatal=fatal):
            assert fatal == isinstance(message, bytes)


def _parsed(message: str | bytes) -> ClientFrame | ProtocolViolation:
    try:
        return parse_frame(message)
    except ProtocolViolation as violation:
        return violation


# Messages to clients ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (Frame("pusher:pong", "{}"), '{"event":"pusher:pong","data":"{}"}'),
        (Frame("e", "d", "c"), '{"event":"e","channel":"c","data":"d"}'),
        (
            Frame("client-e", '{"a":"é"}', "presence-c", "u"),
            '{"event":"client-e","channel":"presence-c","data":"{\\"a\\":\\"\\u00e9\\"}",'
            '"user_id":"u"}',
        ),
        # facts 1.10: an object, the code null, no channel
        (error_frame("m"), '{"event":"pusher:error","data":{"code":null,"message":"m"}}'),
        (error_frame("m", 4201), '{"event":"pusher:error","data":{"code":4201,"message":"m"}}'),
        (Frame("e", "\ud800"), '{"event":"e","data":"\\ud800"}'),
    ],
)
def test_frames_are_written(frame: Frame, text: str):
    assert frame.text == text


@given(
    st.text(),
    st.text() | st.dictionaries(st.text(), st.none() | st.integers() | st.text()),
    st.none() | st.text(),
    st.none() | st.text(),
)
def test_frames_are_what_the_encoder_writes(
    event: str, data: Any, channel: str | None, user_id: str | None
):
    content = {"event": event, "channel": channel, "data": data, "user_id": user_id}
    wanted = {name: value for name, value in content.items() if value is not None}
    text = json.dumps(wanted, separators=(",", ":"))
    assert Frame(event, data, channel, user_id).text == text


def test_a_frame_is_encoded_once():
    frame = Frame("e", "d", "c")
    assert frame.text is frame.text


def test_frames_with_the_same_text_are_equal():
    frame = Frame("e", "d", "c")
    assert frame == Frame("e", "d", "c")
    assert hash(frame) == hash(Frame("e", "d", "c"))
    assert frame != Frame("e", "d")
    assert frame != frame.text


def test_repr():
    assert repr(Frame("e", "d", "c")) == "<Frame e channel=c data='d'>"
    assert repr(Frame("pusher:pong", "{}")) == "<Frame pusher:pong data='{}'>"
