"""WebSocket frames, against RFC 6455 and against a library that is used everywhere."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader
from websockets.utils import accept_key as their_accept_key

from pusher_mock.server.fast.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    FrameError,
    accept_key,
    close_frame,
    control_frame,
    parse,
    read_close,
    text_frame,
)

if TYPE_CHECKING:
    from collections.abc import Generator

LIMIT = 1 << 20
# Around every change of the length's encoding.
SIZES = st.sampled_from([0, 1, 124, 125, 126, 127, 65_535, 65_536, 70_000])


def theirs(opcode: int, payload: bytes, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(Opcode(opcode), payload, fin).serialize(mask=mask)


def read_by_them(data: bytes) -> tuple[int, bool, bytes]:
    reader = StreamReader()
    reader.feed_data(data)
    frame = next_of(Frame.parse(reader.read_exact, mask=False))
    return frame.opcode, frame.fin, bytes(frame.data)


def next_of(generator: Generator[None, None, Frame]) -> Frame:
    stopped: list[Frame] = []

    def run() -> Generator[None, None, None]:
        stopped.append((yield from generator))

    deque(run(), maxlen=0)
    return stopped[0]


def test_the_example_of_the_rfc():
    """RFC 6455, 1.3 and 5.7."""
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert accept_key(b"eHh4eHh4eHh4eHh4eHh4eA==").decode() == their_accept_key(
        "eHh4eHh4eHh4eHh4eHh4eA=="
    )
    assert text_frame(b"Hello") == bytes([0x81, 0x05]) + b"Hello"
    hello = bytes([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    assert parse(hello, 0, LIMIT) == (TEXT, True, b"Hello", len(hello))


@given(SIZES | st.integers(0, 300))
def test_what_we_send_is_read(size: int):
    payload = bytes(range(256)) * (size // 256 + 1)
    assert read_by_them(text_frame(payload[:size])) == (TEXT, True, payload[:size])


@given(
    st.sampled_from([CONTINUATION, TEXT, BINARY]),
    st.booleans(),
    SIZES | st.integers(0, 300),
    st.binary(max_size=5),
    st.binary(max_size=5),
)
def test_what_a_client_sends_is_read(
    opcode: int, fin: bool, size: int, before: bytes, after: bytes
):
    payload = bytes(range(256)) * (size // 256 + 1)
    data = theirs(opcode, payload[:size], fin=fin)
    found = parse(before + data + after, len(before), LIMIT)
    assert found == (opcode, fin, payload[:size], len(before) + len(data))


@given(SIZES.filter(lambda size: size < 1_000), st.data())
def test_a_part_of_a_frame_is_no_frame(size: int, data: st.DataObject):
    whole = theirs(TEXT, b"x" * size)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert parse(whole[:cut], 0, LIMIT) is None


@pytest.mark.parametrize("size", [126, 70_000])
def test_a_length_that_is_not_complete(size: int):
    whole = theirs(TEXT, b"x" * size)
    assert [parse(whole[:cut], 0, LIMIT) for cut in range(16)] == [None] * 16


@given(st.binary(max_size=200))
def test_anything_is_a_frame_or_an_error_or_too_short(data: bytes):
    try:
        found = parse(data, 0, 100)
    except FrameError as error:
        code, found = error.code, None
        said = str(error) == error.reason
    else:
        code, said = 1002, True
    assert said
    assert code in (1002, 1009)
    assert found is None or (0 < found.end <= len(data) and len(found.payload) <= 100)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (theirs(TEXT, b"x", mask=False), 1002),
        (bytes([0x91, 0x80, 0, 0, 0, 0]), 1002),  # a reserved bit
        (bytes([0x83, 0x80, 0, 0, 0, 0]), 1002),  # an unknown opcode
        (bytes([0x09, 0x80, 0, 0, 0, 0]), 1002),  # a ping in pieces
        (bytes([0x89, 0xFE, 0, 126]), 1002),  # a ping of 126 bytes
        (bytes([0x81, 0xFE, 0, 101]), 1009),
        (bytes([0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0]), 1009),
    ],
)
def test_violations_are_known_from_the_head(data: bytes, code: int):
    with pytest.raises(FrameError) as caught:
        parse(data, 0, 100)
    assert caught.value.code == code


def test_control_frames():
    assert read_by_them(control_frame(PING)) == (PING, True, b"")
    assert read_by_them(control_frame(PONG, b"x" * 200)) == (PONG, True, b"x" * 125)


@given(st.integers(3000, 4999), st.text(max_size=130))
def test_a_close_is_whole_whatever_the_reason(code: int, reason: str):
    opcode, fin, payload = read_by_them(close_frame(code, reason))
    assert (opcode, fin) == (CLOSE, True)
    assert int.from_bytes(payload[:2], "big") == code == read_close(payload)
    said = reason.encode("utf-8", "replace").decode()
    assert said.startswith(payload[2:].decode())


@pytest.mark.parametrize(
    ("payload", "code"), [(b"", 1000), (b"\x03\xe9", 1001), (b"\x0f\xa1x", 4001)]
)
def test_the_close_of_a_client(payload: bytes, code: int):
    assert read_close(payload) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"x", 1002), (b"\x03\xed", 1002), (b"\x00\x01", 1002), (b"\x03\xe8\xff", 1007)],
)
def test_a_close_that_no_client_may_send(payload: bytes, code: int):
    with pytest.raises(FrameError) as caught:
        read_close(payload)
    assert caught.value.code == code
