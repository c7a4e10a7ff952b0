"""The journal: what happened to a mock and what it did about it, bounded and in order."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from pusher_mock.engine.effects import (
    Broadcast,
    CloseConnection,
    DeliverWebhook,
    Effect,
    Ping,
    Published,
    PublishedEvent,
    Respond,
    SendFrame,
)
from pusher_mock.engine.http_auth import AUTH_PARAMETERS
from pusher_mock.engine.inputs import (
    ConnectionOpened,
    CredentialsSeen,
    FrameReceived,
    HttpRequested,
    Input,
)
from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Entry", "Journal"]

# What differs from run to run, or is nobody's business: left out of the canonical text.
_SCRUB = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hmac>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<md5>"),
    (re.compile(r"auth_timestamp=\d+"), "auth_timestamp=<time>"),
    (re.compile(r'"time_ms":\d+'), '"time_ms":<time>'),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
)


class Entry(NamedTuple):
    """One input and its effects.

    Attributes:
        number: counts from 0 since the mock was made or reset.
        at: the mock's clock, in milliseconds.
        input: what happened.
        effects: what came of it, in order.
    """

    number: int
    at: float
    input: Input
    effects: list[Effect]


class Journal:
    """The last inputs and effects of one mock.

    Args:
        size: how many inputs are kept; the oldest drop out.

    Raises:
        UsageError: the size is not above 0.
    """

    def __init__(self, size: int = limits.DEFAULT_JOURNAL) -> None:
        if size <= 0:
            raise UsageError(f"journal takes a number of inputs above 0, not {size}")
        self.size = size
        self._entries: deque[tuple[int, float, Input, list[Effect]]] = deque(maxlen=size)
        self._count = 0

    def append(self, at: float, happened: Input, effects: list[Effect]) -> None:
        """Note one input with its effects."""
        self._entries.append((self._count, at, happened, effects))
        self._count += 1

    @property
    def evicted(self) -> int:
        """How many of the oldest inputs have dropped out."""
        return self._count - len(self._entries)

    def clear(self) -> None:
        """Forget everything and count from 0 again."""
        self._entries.clear()
        self._count = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter([Entry(*one) for one in tuple(self._entries)])

    def published(self) -> list[PublishedEvent]:
        """The events accepted, oldest first, of what is still kept."""
        return [
            effect.event
            for _, _, _, effects in tuple(self._entries)
            for effect in effects
            if effect.__class__ is Published
        ]

    def webhooks(self) -> list[DeliverWebhook]:
        """The webhooks due, oldest first, of what is still kept."""
        return [
            effect
            for _, _, _, effects in tuple(self._entries)
            for effect in effects
            if effect.__class__ is DeliverWebhook
        ]

    def dumps(self) -> str:
        """The canonical text: same seed and same inputs give the same text.

        A line for each input, and under it, indented, a line for each effect. Signatures,
        hashes and wall-clock times are left out.
        """
        lines = []
        for number, at, happened, effects in tuple(self._entries):
            lines.append(f"{number} {at:g}ms {_input(happened)}")
            lines.extend(f"    {_effect(effect)}" for effect in effects)
        text = "".join(f"{line}\n" for line in lines)
        for pattern, placeholder in _SCRUB:
            text = pattern.sub(placeholder, text)
        return text

    def __repr__(self) -> str:
        evicted = f" evicted={self.evicted}" if self.evicted else ""
        return f"<Journal inputs={len(self._entries)} size={self.size}{evicted}>"


def _input(happened: Input) -> str:
    if isinstance(happened, HttpRequested):
        query = "&".join(f"{k}={v}" for k, v in happened.query if k.lower() not in AUTH_PARAMETERS)
        target = f"{happened.path}?{query}" if query else happened.path
        return (
            f"http {happened.method} {target} {happened.body.decode('utf-8', 'backslashreplace')}"
        )
    if isinstance(happened, FrameReceived):
        return f"received {happened.connection} {_line(happened.text)}"
    if isinstance(happened, ConnectionOpened):
        return f"opened {happened.connection} {happened.socket_id} {happened.target}"
    if isinstance(happened, CredentialsSeen):
        return f"credentials {happened.app_id} {happened.key}"
    name = type(happened).__name__
    return f"{name} {getattr(happened, 'connection', '')}".rstrip()


def _effect(effect: Effect) -> str:
    if isinstance(effect, Published):
        event = effect.event
        kind = "client-published" if event.client else "published"
        return f"{kind} {event.channel} {event.event} {_line(event.raw)}"
    if isinstance(effect, SendFrame):
        return f"send {effect.connection} {effect.frame.text}"
    if isinstance(effect, Broadcast):
        return f"broadcast {','.join(effect.recipients)} {effect.frame.text}"
    if isinstance(effect, Ping):
        return f"ping {effect.connection}"
    if isinstance(effect, CloseConnection):
        return f"close {effect.connection} {effect.code} {effect.reason}"
    if isinstance(effect, Respond):
        return f"respond {effect.status} {_line(effect.body)}"
    return f"webhook {effect.url} {_line(effect.body)}"


def _line(value: Any) -> str:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    return str(text).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
