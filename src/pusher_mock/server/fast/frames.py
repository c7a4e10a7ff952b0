"""WebSocket frames: what RFC 6455 asks of a server, and nothing else."""

from __future__ import annotations

import base64
import hashlib
from typing import Final, NamedTuple

from pusher_mock.protocol import codes, limits

__all__ = [
    "BINARY",
    "CLOSE",
    "CONTINUATION",
    "PING",
    "PONG",
    "TEXT",
    "FrameError",
    "Incoming",
    "accept_key",
    "close_frame",
    "control_frame",
    "parse",
    "read_close",
    "text_frame",
]

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
_KNOWN: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})

_HEAD: Final = 2  # bytes that every frame begins with
_FIN: Final = 0x80
_RESERVED: Final = 0x70
_OPCODE: Final = 0x0F
_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_TWO_BYTES: Final = 126  # RFC 6455, 5.2: the length follows in two bytes, or in eight
_EIGHT_BYTES: Final = 127
_MAX_TWO_BYTES: Final = 0xFFFF
_MAX_CONTROL: Final = 125  # RFC 6455, 5.5
_MASK: Final = 4
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
# RFC 6455, 7.4, and the registry since: codes that may stand in a close frame of a client.
_CLOSE_CODES: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})
_OWN_CODES: Final = range(3000, 5000)


class FrameError(Exception):
    """The client broke RFC 6455.

    Attributes:
        code: the close code that it gets.
        reason: what is said with it.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Incoming(NamedTuple):
    """One frame of a client.

    Attributes:
        opcode: what it is.
        final: whether it ends its message.
        payload: unmasked.
        end: where the next frame begins in the buffer.
    """

    opcode: int
    final: bool
    payload: bytes
    end: int


def accept_key(key: bytes) -> bytes:
    """The proof that the handshake was understood (RFC 6455, 1.3)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def parse(buffer: bytes, start: int, limit: int) -> Incoming | None:
    """Read the frame that begins at ``start``.

    Args:
        buffer: what has come so far.
        start: where the frame begins.
        limit: bytes that a frame may carry.

    Returns:
        The frame, or ``None`` while a part of it is missing.

    Raises:
        FrameError: it is not a frame that a client may send, or too long; known as soon as its
            head is there.
    """
    have = len(buffer) - start
    if have < _HEAD:
        return None
    first, second = buffer[start], buffer[start + 1]
    opcode, final = first & _OPCODE, first >= _FIN
    if first & _RESERVED or opcode not in _KNOWN:
        raise FrameError(codes.PROTOCOL_ERROR, "Reserved bits or an unknown opcode")
    if second < _MASKED:
        raise FrameError(codes.PROTOCOL_ERROR, "Frames of a client must be masked")
    length, at = second & _LENGTH, start + 2
    if opcode >= CLOSE and (length > _MAX_CONTROL or not final):
        raise FrameError(codes.PROTOCOL_ERROR, "Control frames are short and whole")
    if length >= _TWO_BYTES:
        size = 2 if length == _TWO_BYTES else 8
        if have < 2 + size:
            return None
        length = int.from_bytes(buffer[at : at + size], "big")
        at += size
    if length > limit:
        raise FrameError(codes.MESSAGE_TOO_BIG, "Message too big")
    end = at + _MASK + length
    if end > len(buffer):
        return None
    mask = buffer[at : at + _MASK]
    return Incoming(opcode, final, _unmask(buffer[at + _MASK : end], mask), end)


def _unmask(payload: bytes, mask: bytes) -> bytes:
    """One big number is quicker than many small ones."""
    size = len(payload)
    repeated = (mask * (size // _MASK + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def text_frame(payload: bytes) -> bytes:
    """A text message as one frame, unmasked as a server's are."""
    size = len(payload)
    if size < _TWO_BYTES:
        return bytes((_FIN | TEXT, size)) + payload
    if size <= _MAX_TWO_BYTES:
        return bytes((_FIN | TEXT, _TWO_BYTES)) + size.to_bytes(2, "big") + payload
    return bytes((_FIN | TEXT, _EIGHT_BYTES)) + size.to_bytes(8, "big") + payload


def control_frame(opcode: int, payload: bytes = b"") -> bytes:
    """A ping, a pong or a close; of a longer payload the first 125 bytes."""
    payload = payload[:_MAX_CONTROL]
    return bytes((_FIN | opcode, len(payload))) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close with its code, and as much of the reason as fits."""
    text = reason.encode("utf-8", "replace")[: limits.MAX_CLOSE_REASON]
    # No half characters: a client would call that a violation.
    text = text.decode("utf-8", "ignore").encode()
    return control_frame(CLOSE, code.to_bytes(2, "big") + text)


def read_close(payload: bytes) -> int:
    """The code of a client's close, 1000 when it gives none.

    Raises:
        FrameError: no client may send that.
    """
    if not payload:
        return codes.NORMAL_CLOSURE
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (code in _CLOSE_CODES or code in _OWN_CODES):
        raise FrameError(codes.PROTOCOL_ERROR, "Invalid close code")
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise FrameError(codes.INVALID_DATA, "The reason is not UTF-8") from None
    return code
