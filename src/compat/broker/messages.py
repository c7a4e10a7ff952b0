"""Messages, and how they travel: as an envelope in the data of one event, or as a plain event."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from compat.broker.errors import InvalidMessage, InvalidTopic

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BROKER_EVENT",
    "BrokerMessage",
    "check_event",
    "check_member",
    "check_topic",
    "pack",
    "unpack",
]

BROKER_EVENT: Final = "broker-message"
"""The name of the event that carries messages; other events on a channel are no messages."""

# facts 1.3: the alphabet and the length of a channel's name
_TOPIC: Final = re.compile(r"[A-Za-z0-9_\-=@,.;]+\Z")
_LONGEST_TOPIC: Final = 200
_LONGEST_EVENT: Final = 200  # facts 2.2.11
_RESERVED: Final = "pusher"  # facts 2.2.11
_CLIENT: Final = "client-"  # facts 1.9
_ENCRYPTED: Final = "private-encrypted-"  # facts 1.3
_PRESENCE: Final = "presence-"  # facts 1.3


@dataclass(frozen=True, slots=True)
class BrokerMessage:
    """What a subscriber is given.

    Attributes:
        id: A UUID as a text. From a mock's own source while mocked, so that journals repeat.
        topic: The topic it was published on.
        ts: When it was published, in milliseconds since 1970. While mocked by the mock's clock,
            which starts at 0, not by the time of day.
        payload: What was published: anything that JSON holds.
        headers: What was published with it.
    """

    id: str
    topic: str
    ts: int
    payload: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def check_topic(topic: object, *, listen: bool = False) -> None:
    """Refuse what is no name of a channel.

    Args:
        topic: The name.
        listen: Whether somebody wants to subscribe to it.

    Raises:
        InvalidTopic: It is none.
    """
    if not isinstance(topic, str) or len(topic) > _LONGEST_TOPIC or not _TOPIC.match(topic):
        raise InvalidTopic(
            f"{topic!r} is no topic: a topic is the name of a Pusher channel, 1 to "
            f"{_LONGEST_TOPIC} of the characters A-Z a-z 0-9 _ - = @ , . ; "
            "(no blanks, slashes or colons)"
        )
    if listen and topic.startswith(_ENCRYPTED):
        raise InvalidTopic(
            f"{topic} is encrypted, and pysher cannot decrypt: subscribe to a topic without the "
            f"prefix {_ENCRYPTED}"
        )


def check_member(topic: str, client: object) -> None:
    """Refuse a presence channel where nobody says who subscribes: Pusher would, and not loudly.

    Args:
        topic: The topic.
        client: Who would subscribe: a client of pysher's.

    Raises:
        InvalidTopic: It is such a channel, and the client's ``user_data`` has no ``user_id``.
    """
    if topic.startswith(_PRESENCE) and "user_id" not in (getattr(client, "user_data", None) or ()):
        raise InvalidTopic(
            f"{topic} is a presence channel, which wants to know who subscribes, and a broker "
            "client is nobody: use get_pusher_client(user_data={'user_id': ...}), or a topic "
            f"without the prefix {_PRESENCE}"
        )


def check_event(event: object, *, listen: bool = False) -> None:
    """Refuse what is no name of an event, or what a publisher may not call one.

    Args:
        event: The name.
        listen: Whether somebody wants to listen to it, rather than to publish it.

    Raises:
        InvalidMessage: It is none.
    """
    if not isinstance(event, str) or not 0 < len(event) <= _LONGEST_EVENT:
        raise InvalidMessage(
            f"an event has a name of 1 to {_LONGEST_EVENT} characters, not {event!r}"
        )
    if not listen and event.startswith((_RESERVED, _CLIENT)):
        raise InvalidMessage(
            f"{event} is no name for an event of a publisher: those that begin with "
            f"{_RESERVED} or {_CLIENT} are not for it"
        )


def pack(message: BrokerMessage, event: str) -> str:
    """The data of the event that carries a message.

    Args:
        message: The message.
        event: The event's name; any but `BROKER_EVENT` carries the payload alone.

    Raises:
        InvalidMessage: JSON cannot hold it, or it has headers and a plain event cannot.
    """
    if any(not isinstance(one, str) for pair in message.headers.items() for one in pair):
        raise InvalidMessage("headers are texts by texts, such as {'trace': '17'}")
    if event == BROKER_EVENT:
        data = asdict(message)
        if not data["headers"]:
            del data["headers"]
        return _dumps(data)
    if message.headers:
        raise InvalidMessage(
            f"headers travel in the envelope, and {event} is a plain event: publish without "
            "event=, or put them into the payload"
        )
    # A text goes as it is, as the SDK sends it.
    return message.payload if isinstance(message.payload, str) else _dumps(message.payload)


def _dumps(data: object) -> str:
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidMessage(f"the payload does not fit into JSON: {error}") from error


def unpack(
    topic: str, event: str, data: object, *, made: tuple[str, int] | None = None
) -> BrokerMessage:
    """The message that an event carries.

    Args:
        topic: The channel.
        event: The event's name.
        data: Its data as it was on the wire, usually a text.
        made: Id and time for a plain event, which has none.

    Raises:
        InvalidMessage: The event is called `BROKER_EVENT` and carries no envelope.
    """
    payload = _loads(data)
    if event != BROKER_EVENT:
        assert made is not None
        return BrokerMessage(made[0], topic, made[1], payload)
    match payload:
        case {"id": str() as ident, "topic": str(), "ts": int() as ts, "payload": content, **rest}:
            headers = rest.get("headers", {})
            if isinstance(headers, dict):
                return BrokerMessage(ident, topic, ts, content, headers)
    raise InvalidMessage(
        f"{event} on {topic} carries no envelope (id, topic, ts, payload): publish it with a "
        "broker client, or give an event of your own another name, and subscribe with event="
    )


def _loads(data: object) -> Any:
    if not isinstance(data, str):
        return data
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data
