"""The journal: what happened to a mock and what it did about it, bounded and in order."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

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
    CloseRequested,
    ConnectionClosed,
    ConnectionOpened,
    CredentialsSeen,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    TimerFired,
)
from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Entry", "Journal", "Noted"]

# What differs from run to run, or is nobody's business, and the only places where it occurs: the
# application's data stays as it is.
_HMAC = (re.compile(r"\b[0-9a-f]{64}\b"), "<hmac>")
_REFUSAL = (
    _HMAC,
    (re.compile(r"\b[0-9a-f]{32}\b"), "<md5>"),
    (re.compile(r"auth_timestamp=\d+"), "auth_timestamp=<time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "<time>"),
)
_FRAME_AUTH = ((re.compile(r'("auth"\s*:\s*"[^"]*)\b[0-9a-f]{64}(?=")'), r"\1<hmac>"),)
_WEBHOOK_TIME = ((re.compile(r'(?<=^{"time_ms":)\d+'), "<time>"),)

# Whatever ``str.splitlines`` splits at, so that an input or effect is one line.
_ONE_LINE = str.maketrans(
    {
        "\\": "\\\\",
        "\n": "\\n",
        "\r": "\\r",
        **{one: f"\\u{ord(one):04x}" for one in "\v\f\x1c\x1d\x1e\x85\u2028\u2029"},
    }
)


class Noted(Protocol):
    """Something that is no rule's business and belongs into the journal: what the network does."""

    def journal_line(self) -> str:
        """Its line in ``dumps()``."""
        ...


class Entry(NamedTuple):
    """One input and its effects.

    Attributes:
        number: counts from 0 since the mock was made or reset.
        at: the mock's clock, in milliseconds.
        input: what happened: an input of the engine, or of ``pusher_mock.network.records``.
        effects: what came of it, in order, likewise.
    """

    number: int
    at: float
    input: Any
    effects: list[Any]


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
        self._entries: deque[tuple[int, float, Any, list[Any]]] = deque(maxlen=size)
        self._count = 0

    def append(self, at: float, happened: Any, effects: list[Any]) -> None:
        """Note one input with its effects; of a large refused request only the beginning."""
        if (
            happened.__class__ is HttpRequested
            and len(happened.body) > limits.JOURNAL_BODY
            and effects[-1].status >= _ERRORS
        ):
            happened = _beginning(happened)
        if len(effects) > 1:
            for effect in effects:
                if (
                    effect.__class__ is Broadcast
                    and len(effect.recipients) > limits.JOURNAL_RECIPIENTS
                ):
                    effects = [_shortened(one) for one in effects]
                    break
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
        hashes and wall-clock times are left out, the application's data is not touched.
        """
        lines = []
        for number, at, happened, effects in tuple(self._entries):
            lines.append(f"{number} {at:.15g}ms {_input(happened).translate(_ONE_LINE)}\n")
            lines.extend(f"    {_effect(effect).translate(_ONE_LINE)}\n" for effect in effects)
        # Half a surrogate pair may be in there, and a file would refuse it.
        return "".join(lines).encode("utf-8", "backslashreplace").decode()

    def __repr__(self) -> str:
        evicted = f" evicted={self.evicted}" if self.evicted else ""
        return f"<Journal inputs={len(self._entries)} size={self.size}{evicted}>"


def _beginning(request: HttpRequested) -> HttpRequested:
    return replace(request, body=request.body[: limits.JOURNAL_BODY])


def _shortened(effect: Effect) -> Effect:
    """The effect, without naming everybody in a very large audience."""
    if not isinstance(effect, Broadcast):
        return effect
    named = effect.recipients[: limits.JOURNAL_RECIPIENTS]
    return Broadcast(effect.frame, named, len(effect.recipients) - len(named))


def _scrub(text: str, rules: Iterable[tuple[re.Pattern[str], str]]) -> str:
    for pattern, placeholder in rules:
        text = pattern.sub(placeholder, text)
    return text


def _input(happened: Input | Noted) -> str:
    if isinstance(happened, HttpRequested):
        query = "&".join(f"{k}={v}" for k, v in happened.query if k.lower() not in AUTH_PARAMETERS)
        target = f"{happened.path}?{query}" if query else happened.path
        body = f" {_text(happened.body)}" if happened.body else ""
        return f"http {happened.method} {target}{body}"
    if isinstance(happened, FrameReceived):
        return f"received {happened.connection} {_scrub(_text(happened.text), _FRAME_AUTH)}"
    if isinstance(happened, ConnectionOpened):
        return f"opened {happened.connection} {happened.socket_id} {happened.target}"
    if isinstance(happened, ConnectionClosed):
        return f"closed {happened.connection}"
    if isinstance(happened, CloseRequested):
        return f"close-requested {happened.connection} {happened.code} {happened.message}"
    if isinstance(happened, PongReceived):
        return f"pong {happened.connection}"
    if isinstance(happened, CredentialsSeen):
        return f"credentials {happened.app_id or '-'} {happened.key}"
    if isinstance(happened, TimerFired):
        return "timer"
    return happened.journal_line()


def _effect(effect: Effect | Noted) -> str:
    if isinstance(effect, Published):
        event = effect.event
        kind = "client-published" if event.client else "published"
        return f"{kind} {event.channel} {event.event} {event.raw}"
    if isinstance(effect, SendFrame):
        text = effect.frame.text
        # Only the refusal of a subscription quotes a signature (facts 1.4.9).
        if effect.frame.event == "pusher:error":
            text = _scrub(text, (_HMAC,))
        return f"send {effect.connection} {text}"
    if isinstance(effect, Broadcast):
        further = f"+{effect.omitted}" if effect.omitted else ""
        return f"broadcast {','.join(effect.recipients)}{further} {effect.frame.text}"
    if isinstance(effect, Ping):
        return f"ping {effect.connection}"
    if isinstance(effect, CloseConnection):
        return f"close {effect.connection} {effect.code} {effect.reason}"
    if isinstance(effect, Respond):
        body = effect.body if effect.status < _ERRORS else _scrub(effect.body, _REFUSAL)
        body = body.removesuffix("\n")
        return f"respond {effect.status} {body}"
    if isinstance(effect, DeliverWebhook):
        return f"webhook {effect.url} {_scrub(_text(effect.body), _WEBHOOK_TIME)}"
    return effect.journal_line()


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


_ERRORS = 400
