"""Whatever a peer sends, the engine raises nothing and its state stays whole."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pusher_mock.engine import (
    App,
    AppKey,
    CloseConnection,
    ConnectionClosed,
    ConnectionOpened,
    CredentialsSeen,
    DeliverWebhook,
    Effect,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    Respond,
    SendFrame,
    TimerFired,
)

from .harness import KEY, SECRET, Client, Pusher, hooked
from .kinds import NAMES

ANY_TEXT = st.text(st.characters(), max_size=20)  # half surrogate pairs included
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=6,
)
CHANNELS = st.sampled_from(sorted(NAMES.values())) | ANY_TEXT
STATUSES = {200, 202, 400, 401, 403, 404, 405, 413}

# Messages: rubbish, and the shapes of the protocol with rubbish in them.
COMMANDS = st.sampled_from(
    [
        *("pusher:ping", "pusher:pong", "pusher:subscribe", "pusher:unsubscribe", "pusher:signin"),
        *("client-e", "client-", "e"),
    ]
)
AUTHS = st.sampled_from([f"{KEY}:x", "k2:", "x:y", ":", KEY, ""]) | JSON
DATA = (
    st.fixed_dictionaries(
        {},
        optional={
            "channel": CHANNELS | JSON,
            "auth": AUTHS,
            "channel_data": JSON.map(json.dumps) | JSON,
            "user_data": JSON.map(json.dumps) | JSON,
        },
    )
    | JSON
)
MESSAGES = (
    ANY_TEXT
    | st.binary(max_size=20)
    | JSON.map(json.dumps)
    | st.fixed_dictionaries(
        {"event": COMMANDS | JSON}, optional={"data": DATA, "channel": CHANNELS | JSON}
    ).map(json.dumps)
)

# Requests: rubbish, and signed ones with rubbish in them.
SEGMENTS = st.sampled_from(
    [
        *("", "3", "4", "events", "batch_events", "channels", "users", "stats", "presence-c"),
        *("private-c", "cache-c", "%", "%ff", "terminate_connections"),
    ]
)
PATHS = st.lists(SEGMENTS | ANY_TEXT, max_size=5).map(lambda words: "/apps/" + "/".join(words))
PARAMETERS = st.sampled_from(
    [
        *("auth_key", "auth_timestamp", "auth_version", "auth_signature", "body_md5", "AUTH_KEY"),
        *("info", "name", "data", "channel", "channels[]", "socket_id", "filter_by_prefix"),
    ]
)
VALUES = st.sampled_from([KEY, "1.0", "0", "user_count", "presence-", "9" * 5_000]) | ANY_TEXT
QUERIES = st.lists(st.tuples(PARAMETERS | ANY_TEXT, VALUES), max_size=8)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": ANY_TEXT | JSON,
        "data": ANY_TEXT | JSON,
        "channel": CHANNELS | JSON,
        "channels": st.lists(CHANNELS | JSON, max_size=3) | JSON,
        "socket_id": st.sampled_from(["1.1", "1.2"]) | JSON,
        "info": st.sampled_from(["user_count", "subscription_count", "cache", "user_count,x"])
        | JSON,
    },
)
BODIES = (
    st.binary(max_size=20)
    | JSON.map(json.dumps).map(str.encode)
    | EVENTS.map(json.dumps).map(str.encode)
    | st.lists(EVENTS | JSON, max_size=3)
    .map(lambda batch: json.dumps({"batch": batch}))
    .map(str.encode)
)
ENDPOINTS = st.sampled_from(
    [
        ("POST", "events"),
        ("POST", "batch_events"),
        ("GET", "channels"),
        ("GET", "channels/presence-c"),
        ("GET", "channels/cache-c"),
        ("GET", "channels/presence-c/users"),
        ("GET", "channels/presence-c/stats"),
        ("POST", "channels/private-c/events"),
        ("POST", "users/u/terminate_connections"),
    ]
)
UNSIGNED = QUERIES.map(
    lambda query: [pair for pair in query if pair[0].lower() not in ("auth_key", "auth_signature")]
)


def a_busy_pusher(**options: Any) -> tuple[Pusher, Client]:
    """Two clients on channels of every kind, something cached, every switch on."""
    switches: dict[str, Any] = {
        "client_events": True,
        "subscription_count": True,
        "watchlist": True,
        "authorized_connections": True,
        "keys": (AppKey("k2", None), AppKey("off", "s", active=False)),
    }
    pusher = Pusher(hooked(**switches), App("4", "other", "other secret"), **options)
    clients = [pusher.connect(), pusher.connect()]
    for client in clients:
        client.sign_in("u", watchlist=["v"])
        for name in NAMES.values():
            client.subscribe(name)
    pusher.publish("cache-c", "e", "d")
    return pusher, clients[0]


def check_sendable(effects: list[Effect]) -> None:
    """Every text can be encoded, every frame is JSON, every reason fits."""
    for effect in effects:
        match effect:
            case SendFrame(_, frame):
                assert frame.text.isascii()
                json.loads(frame.text, parse_constant=_no_number)
            case CloseConnection(_, code, reason):
                assert len(reason.encode()) <= 123
                assert 1_000 <= code < 5_000
            case Respond(status, body):
                body.encode()
                assert status in STATUSES
                if status < 300:
                    assert isinstance(json.loads(body, parse_constant=_no_number), dict)
                else:
                    assert body.endswith("\n")
            case DeliverWebhook(body=webhook):
                json.loads(webhook, parse_constant=_no_number)


def _no_number(text: str) -> None:
    raise AssertionError(f"{text} is not JSON")


@given(st.lists(MESSAGES, max_size=5))
@settings(deadline=None)
def test_any_message(messages: list[str | bytes]):
    _, client = a_busy_pusher()
    for message in messages:
        check_sendable(client.raw(message))


@given(st.sampled_from(["GET", "POST", "PUT", ""]), PATHS | ANY_TEXT, QUERIES, BODIES)
@settings(deadline=None)
def test_any_request(method: str, path: str, query: list[tuple[str, str]], body: bytes):
    pusher, _ = a_busy_pusher()
    effects = pusher.handle(HttpRequested(method, path, tuple(query), body))
    assert isinstance(effects[-1], Respond)
    check_sendable(effects)


@given(ENDPOINTS, UNSIGNED, BODIES)
@settings(deadline=None, max_examples=200)
def test_any_signed_request(endpoint: tuple[str, str], query: list[tuple[str, str]], body: bytes):
    pusher, _ = a_busy_pusher()
    method, path = endpoint
    pusher.request(method, f"/apps/3/{path}", query, body)
    check_sendable(pusher.last)
    assert sum(isinstance(one, Respond) for one in pusher.last) == 1


TARGETS = st.sampled_from([f"/app/{KEY}?protocol=7", "/app/other?protocol=6"]) | st.builds(
    "/app/{}?protocol={}".format, ANY_TEXT, ANY_TEXT | st.just("7")
)
INPUTS: st.SearchStrategy[Input] = (
    st.builds(FrameReceived, st.sampled_from(["connection-1", "connection-2", "x"]), MESSAGES)
    | st.builds(ConnectionClosed, st.sampled_from(["connection-1", "connection-2", "x"]))
    | st.builds(PongReceived, st.sampled_from(["connection-1", "connection-2", "x"]))
    | st.builds(CredentialsSeen, st.none() | ANY_TEXT, ANY_TEXT, st.none() | ANY_TEXT)
    | st.builds(HttpRequested, st.sampled_from(["GET", "POST"]), PATHS, QUERIES.map(tuple), BODIES)
    | st.just(TimerFired())
)


@given(st.lists(INPUTS | TARGETS | st.integers(0, 100_000), max_size=8), st.booleans())
@settings(deadline=None)
def test_any_inputs_at_any_time(steps: list[Input | str | int], open_registry: bool):
    pusher, _ = a_busy_pusher(open_registry=open_registry)
    opened = 10
    for step in steps:
        if isinstance(step, int):
            pusher.advance(step)
        elif isinstance(step, str):
            opened += 1
            happened = ConnectionOpened(f"late-{opened}", f"2.{opened}", step, tls=bool(opened % 2))
            check_sendable(pusher.handle(happened))
        else:
            check_sendable(pusher.handle(step))
    for name in list(pusher.engine.state.connections):
        pusher.handle(ConnectionClosed(name))
    pusher.advance(10_000)
    assert pusher.engine.next_due is None


@given(st.lists(MESSAGES, max_size=5), st.text(max_size=5))
@settings(deadline=None)
def test_what_is_refused_gives_no_secret_away(messages: list[str | bytes], secret: str):
    pusher, client = a_busy_pusher()
    for message in messages:
        client.raw(message)
    pusher.request("GET", "/apps/3/channels", secret=secret)
    assert SECRET not in repr(pusher.last) + repr(pusher.notes) + repr(pusher.frames)
