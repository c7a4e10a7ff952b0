"""What the machine says to the engine: frames and requests, made right or wrong on purpose."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st

from pusher_mock.engine import HttpRequested

from .machine_ledger import Own, Switches
from .model import Auth, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BAD_BODIES",
    "BAD_CHANNELS",
    "BAD_REQUESTS",
    "CHANNELS",
    "GARBAGE",
    "HOOKS",
    "Caller",
    "authorize",
    "channel_people",
    "frame",
    "one_of_these",
    "payloads",
    "request",
    "signed_people",
]

T = TypeVar("T")

CHANNELS = (
    "presence-a",
    "presence-b",
    "presence-cache-a",
    "room",
    "private-a",
    "cache-a",
    "private-cache-a",
    "private-encrypted-a",
    "private-encrypted-cache-a",
    "#server-to-user-u1",
    "#server-to-user-7",
    # Close to a prefix, yet not one (facts 1.3).
    "cachefoo",
    "private-encrypted",
)
BAD_CHANNELS = ("bad name", "x" * 165, "#other", "room\n", "#server-to-user-", "presence-ü")

HOOKS = frozenset(
    (
        "channel_occupied",
        "channel_vacated",
        "member_added",
        "member_removed",
        "client_event",
        "cache_miss",
        "subscription_count",
    )
)

_HASH = "Expected parameter data to be a hash"  # facts 1.8.7
_ANY = Own()
GARBAGE: tuple[tuple[str, str | Own], ...] = (
    ("", _ANY),
    ("nonsense", _ANY),
    ("[]", _ANY),
    ("null", _ANY),
    ('"pusher:ping"', _ANY),
    ('{"data":{}}', _ANY),
    ('{"event":1,"data":{}}', _ANY),
    ('{"event":"pusher:ping"', _ANY),
    ("[" * 3_000, _ANY),
    ('{"event":"pusher:ping","data":' + "[" * 500 + "]" * 500 + "}", _ANY),
    ('{"event":"pusher:subscribe"}', _HASH),
    ('{"event":"pusher:subscribe","data":"room"}', _HASH),
    ('{"event":"pusher:unsubscribe","data":["room"]}', _HASH),
    ('{"event":"pusher:signin","data":"{}"}', _HASH),
    ('{"event":"pusher:subscribe","data":{}}', "Missing parameter: data.channel"),
    ('{"event":"pusher:unsubscribe","data":{}}', "Missing parameter: data.channel"),
    ('{"event":"pusher:signin","data":{}}', "Missing parameter: data.user"),
    ('{"event":"hello","data":{}}', "Unsupported event received on socket: hello"),
    ('{"event":"pusher:hello"}', "Unsupported event received on socket: pusher:hello"),
    (
        '{"event":"pusher_internal:member_added","channel":"presence-a","data":"{}"}',
        "Unsupported event received on socket: pusher_internal:member_added",
    ),
    ('{"event":"client"}', "Unsupported event received on socket: client"),
)


def one_of_these(values: Sequence[T]) -> st.SearchStrategy[T]:
    """Any of these values; ``sampled_from`` would print all of them, and some are long."""
    return st.integers(0, len(values) - 1).map(lambda at: values[at])


def frame(event: str, data: Any, **more: Any) -> str:
    return json.dumps({"event": event, "data": data, **more})


def _hex(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def authorize(how: str, app: Switches, signed: str, signed_wrong: str) -> Auth:
    """Sign a text for an app, rightly or in the way that ``how`` says."""
    key, secret = next(iter(app.keys.items()))
    match how:
        case "later key":
            key, secret = list(app.keys.items())[-1]
        case "secret":
            return Auth(f"{key}:{_hex('not the secret', signed)}", "signature", signed)
        case "text":
            return Auth(f"{key}:{_hex(secret, signed_wrong)}", "signature", signed)
        case "upper":
            return Auth(f"{key}:{_hex(secret, signed).upper()}", "signature", signed)
        case "key":
            return Auth(f"nobody:{_hex(secret, signed)}", "key")
        case "retired key":
            return Auth(f"retired:{_hex('secret-old', signed)}", "key")
        case "colon":
            return Auth(_hex(secret, signed), "format")
        case "absent":
            return Auth(None, "format")
        case "empty":
            return Auth("", "format")
    return Auth(f"{key}:{_hex(secret, signed)}")


_INFOS = (..., None, {"name": "a"}, {"name": "b", "deep": [None]})
_LONG = "x" * 2_000


@st.composite
def channel_people(draw: st.DrawFn) -> tuple[str | None, Person | None]:
    """The channel_data of a presence channel, and who that is."""
    what = draw(st.sampled_from(("u1", "u2", "u3", 7, None, "u1", "u2", "wrong")))
    if what is None:
        return None, None
    if what == "wrong":
        wrong: tuple[Any, ...] = ([], {}, 1, {"user_id": "y" * 129}, {"user_id": ""})
        big = {"user_id": "u1", "user_info": {"text": _LONG}}
        odd = {"user_id": "u1", "user_info": [1]}
        content = draw(st.sampled_from((..., *wrong, big, odd)))
        text = "nonsense" if content is ... else json.dumps(content)
        return text, Person("", wrong=("invalid", "user"))
    info = draw(st.sampled_from(_INFOS))
    told: dict[str, Any] = {"user_id": what}
    if info is not ...:
        told["user_info"] = info
    spaced = draw(st.booleans())  # signed as it is, never written anew (facts 1.4.1)
    text = json.dumps(told, separators=(" , ", " : ") if spaced else None)
    return text, Person(str(what), None if info is ... else info)


@st.composite
def signed_people(draw: st.DrawFn) -> tuple[str, Person]:
    """The user_data of a sign-in, and who that is."""
    user = draw(st.sampled_from(("u1", "u2", "u3", "7", "u1", "u2", ...)))
    if user is ...:
        wrong: tuple[Any, ...] = ({"id": 7}, {"id": ""}, {"id": "a b"}, {"id": None}, {}, [], 1)
        content = draw(st.sampled_from((..., *wrong, {"id": "x" * 201})))
        text = "nonsense" if content is ... else json.dumps(content)
        return text, Person("", wrong=("invalid", "user"))
    told: dict[str, Any] = {"id": user}
    info = draw(st.sampled_from(_INFOS))
    if info is not ...:
        told["user_info"] = info
    watch = draw(st.lists(st.sampled_from(("u1", "u2", "u3", "7", "u9")), max_size=4, unique=True))
    listed = draw(st.booleans())
    if watch or listed:
        told["watchlist"] = watch
    text = json.dumps(told)
    return text, Person(str(user), None if info is ... else info, tuple(watch))


payloads = one_of_these(
    ('{"n":1}', "not json", "", '"é"', "null", "[1,2]", '{"a":"\\u00e9"}', "x" * 10_240, "\u2028")
)


# The HTTP API ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """Who calls: an app's key at a time, in seconds; ``fault`` is what the call does wrong."""

    app: str
    key: str
    secret: str
    now: int
    fault: str = ""
    encoded: bool = True  # whether the path is signed as it is sent, or as it is read


def request(
    caller: Caller,
    method: str,
    path: str,
    body: dict[str, Any] | str | None = None,
    params: tuple[tuple[str, str], ...] = (),
) -> HttpRequested:
    """Sign a request as the SDKs do (facts 2.4); ``path`` is what follows ``/apps/ID``."""
    plain = f"/apps/{caller.app}{path}"
    sent = quote(plain, safe="/")
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    raw = text.encode()
    query = {
        "auth_key": caller.key,
        "auth_timestamp": str(caller.now),
        "auth_version": "1.0",
    }
    if raw:
        query["body_md5"] = hashlib.md5(raw).hexdigest()
    match caller.fault:
        case "key absent":
            del query["auth_key"]
        case "key unknown":
            query["auth_key"] = "nobody"
        case "key retired":
            query["auth_key"] = "retired"
        case "version absent":
            del query["auth_version"]
        case "version":
            query["auth_version"] = "2.0"
        case "timestamp absent":
            del query["auth_timestamp"]
        case "timestamp old":
            query["auth_timestamp"] = str(caller.now - 602)
        case "timestamp new":
            query["auth_timestamp"] = str(caller.now + 602)
        case "timestamp near":
            query["auth_timestamp"] = str(caller.now - 598)
        case "md5":
            query["body_md5"] = "0" * 32
        case "md5 absent":
            del query["body_md5"]
    pairs = [*params, *query.items()]
    lines = "&".join(f"{name}={value}" for name, value in sorted(pairs, key=lambda one: one[0]))
    signed = f"{method}\n{sent if caller.encoded else plain}\n{lines}"
    secret = "not the secret" if caller.fault == "signature" else caller.secret
    # Some back ends send the parameters unsorted (facts 2.4.10).
    signature = ("auth_signature", _hex(secret, signed))
    return HttpRequested(method, sent, (signature, *pairs), raw)


# facts 2.3, 2.4; None: the request is right
BAD_REQUESTS: dict[str, tuple[int, str | Own] | None] = {
    "key absent": (401, "Authentication key required"),
    "key unknown": (400, "Unknown auth_key"),
    "key retired": (400, "Unknown auth_key"),
    "version absent": (401, "Version required"),
    "version": (401, "Version not supported"),
    "timestamp absent": (401, "Timestamp required"),
    "timestamp old": (401, Own("timestamp expired: given timestamp (", "not within 600s")),
    "timestamp new": (401, Own("timestamp expired: given timestamp (", "not within 600s")),
    "timestamp near": None,
    "signature": (401, Own('invalid signature: you should have sent hmacsha256hex("post\\n/apps')),
    "md5": (401, Own("body_md5")),
    "md5 absent": (401, Own("body_md5")),
}


def _event(**changed: Any) -> dict[str, Any]:
    content = {"name": "e", "data": "{}", "channels": ["room", "cache-a"], **changed}
    return {key: value for key, value in content.items() if value is not ...}


def _batch(**changed: Any) -> dict[str, Any]:
    right = {"name": "e", "data": "{}", "channel": "room"}
    return {"batch": [right, {**right, **changed}]}


_NAME = "Expected name parameter to be a string"
_SIZE = Own("the data content of this event exceeds the allowed maximum (10240 bytes).")
BAD_BODIES: tuple[tuple[str, dict[str, Any] | str, int, str | Own], ...] = (
    ("/events", _event(name=...), 400, _NAME),
    ("/events", _event(name=1), 400, _NAME),
    ("/events", _event(name="x" * 201), 400, _ANY),
    ("/events", _event(channels=[]), 400, "Expected at least one channel"),
    ("/events", _event(channels=["room", "bad name"]), 400, _ANY),
    ("/events", _event(channels=["room", 1]), 400, _ANY),
    ("/events", _event(channels=[f"room-{n}" for n in range(101)]), 400, _ANY),
    ("/events", _event(data={"n": 1}), 400, _ANY),
    ("/events", _event(data="x" * 10_241), 413, _SIZE),
    ("/events", _event(data="é" * 5_121), 413, _SIZE),
    ("/events", "nonsense", 400, _ANY),
    ("/events", "[]", 400, _ANY),
    ("/events", "[" * 3_000, 400, _ANY),
    ("/batch_events", _batch(name=1), 400, _NAME),
    ("/batch_events", _batch(channel="bad name"), 400, _ANY),
    ("/batch_events", _batch(data=[]), 400, _ANY),
    ("/batch_events", _batch(data="x" * 10_241), 413, _SIZE),
    ("/batch_events", {"batch": [_batch()["batch"][0]] * 11}, 400, _ANY),
    ("/batch_events", {"batch": "nonsense"}, 400, _ANY),
    ("/nowhere", _event(), 404, "404 NOT FOUND"),
)
