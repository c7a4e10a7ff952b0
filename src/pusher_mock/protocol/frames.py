"""Frames: what a client sends, parsed; what the service sends, encoded (facts 1.2)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from . import codes, limits, texts
from .errors import ProtocolViolation

__all__ = ["ClientFrame", "Frame", "dumps", "error_frame", "loads", "parse_frame"]

_quoted = json.encoder.encode_basestring_ascii
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is out of range")
    return number


# Python reads NaN and Infinity, and writes them where the other side's parser fails.
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


def dumps(value: Any) -> str:
    """Encode as compact JSON, ASCII only, so that every text can be sent as UTF-8."""
    return _ENCODER.encode(value)


def loads(text: str | bytes) -> Any:
    """Decode JSON from anywhere.

    Raises:
        ValueError: the only error, whatever the input: bad UTF-8, bad JSON, a number that is
            none, nested deeper than ``MAX_JSON_DEPTH`` (so that what was read can always be
            written again).
    """
    if isinstance(text, bytes):
        text = text.decode()  # facts 1.1.8: UTF-8
    try:
        value = _decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    brackets = text.count("[") + text.count("{")
    if brackets > limits.MAX_JSON_DEPTH and _too_deep(value):
        raise ValueError("nested too deep")
    return value


def _decode(text: str) -> Any:
    # Most texts are one value and nothing around it; `decode` looks for blanks first.
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        return _DECODER.decode(text)
    return value if end == len(text) else _DECODER.decode(text)


def _too_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(limits.MAX_JSON_DEPTH + 1):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True


class Frame:
    """One message from the service to a client, encoded once however many receive it.

    Attributes:
        event: the event's name on the wire.
        channel: the channel, or ``None`` on a frame of the connection (facts 1.2: such a frame
            never has the key).
        data: a string, except for ``pusher:error``, whose data is an object (facts 1.2).
        user_id: set on client events of presence channels only (facts 1.9).
        at: when it was sent, in milliseconds of the mock's clock; stamped by the core.
    """

    __slots__ = ("_text", "at", "channel", "data", "event", "user_id")

    def __init__(
        self,
        event: str,
        data: str | dict[str, Any],
        channel: str | None = None,
        user_id: str | None = None,
    ) -> None:
        self.event = event
        self.data = data
        self.channel = channel
        self.user_id = user_id
        self.at = 0.0
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The frame as the text of one WebSocket message."""
        text = self._text
        if text is None:
            # What the encoder would write, at a third of its price.
            parts = [f'{{"event":{_quoted(self.event)}']
            if self.channel is not None:
                parts.append(f'"channel":{_quoted(self.channel)}')
            data = self.data
            parts.append(f'"data":{_quoted(data) if isinstance(data, str) else dumps(data)}')
            if self.user_id is not None:
                parts.append(f'"user_id":{_quoted(self.user_id)}')
            text = self._text = ",".join(parts) + "}"
        return text

    def again(self) -> Frame:
        """The same message once more, for who is sent it at another time."""
        other = Frame(self.event, self.data, self.channel, self.user_id)
        other._text = self._text
        return other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        where = f" channel={self.channel}" if self.channel is not None else ""
        return f"<Frame {self.event}{where} data={self.data!r}>"


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """One message from a client, its envelope checked; ``data`` and ``channel`` as they came."""

    event: str
    data: Any
    channel: Any
    has_data: bool


def parse_frame(text: str | bytes) -> ClientFrame:
    """Read a message from a client.

    Args:
        text: the text of a WebSocket message. Bytes stand for a binary message.

    Raises:
        ProtocolViolation: fatal with 1003 for a binary message; with code null, leaving the
            connection open, for anything that is no JSON object with a string ``event``
            (facts 1.8.8, 8.4).
    """
    if isinstance(text, bytes):
        raise ProtocolViolation(texts.BINARY_FRAME, code=codes.UNSUPPORTED_DATA, fatal=True)
    try:
        content = loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ProtocolViolation(texts.INVALID_JSON)
    event = content.get("event")
    if not isinstance(event, str):
        raise ProtocolViolation(texts.MISSING_EVENT)
    return ClientFrame(event, content.get("data"), content.get("channel"), "data" in content)


def error_frame(message: str, code: int | None = None) -> Frame:
    """Return a ``pusher:error``: object data, code possibly null, no channel (facts 1.2, 1.10)."""
    return Frame("pusher:error", {"code": code, "message": message})
