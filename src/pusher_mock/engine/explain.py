"""Why a signature does not fit: try the usual mistakes and name the one that explains it.

Answers on the wire stay Pusher's; this is for the log and for notes on exceptions. It runs only
when a signature has failed, so it may try a lot.
"""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from pusher_mock.protocol.frames import loads
from pusher_mock.protocol.signatures import channel_text, same, sign, signed_query, user_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .inputs import HttpRequested
    from .state import Connection, State

__all__ = ["explain_channel", "explain_request", "explain_user"]

_UNEXPLAINED: Final = (
    "none of the usual mistakes explains it: "
    "compare the secret and the signed text letter by letter"
)
_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
_PERMUTED_KEYS: Final = 4  # objects with more keys are tried as they are and sorted

# How the JSON libraries that people sign with write the same value: spaces and escapes.
_STYLES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"separators": (",", ":")},
    {"ensure_ascii": False},
    {"separators": (",", ":"), "ensure_ascii": False},
)


def _reserialised(text: str) -> Iterator[str]:
    """Other texts of the same JSON value."""
    try:
        value = loads(text)
    except ValueError:
        return
    orders = [value]
    if isinstance(value, dict) and len(value) <= _PERMUTED_KEYS:
        orders = [dict(order) for order in permutations(value.items())]
    for style in _STYLES:
        yield json.dumps(value, sort_keys=True, **style)
        for order in orders:
            yield json.dumps(order, **style)


def _other_secret(state: State, text: str, given: str, own: str) -> str | None:
    for token in state.tokens():
        if token.secret is not None and token.key != own and same(sign(token.secret, text), given):
            return f"it was made with the secret of key {token.key}, not of {own}"
    for refused in state.by_key[own].refused.get(own, ()):
        if same(sign(refused, text), given):
            return (
                f"it was made with another secret for key {own} than the one registered first: "
                "give every client and publisher of this key the same secret"
            )
    return None


def _other_socket(
    state: State, connection: Connection, fits: Callable[[str], bool], verb: str
) -> str | None:
    if fits(""):
        return (
            f"it was made for an empty socket id: {verb} after the connection is established, "
            "not right after connect()"
        )
    for other in state.sockets.values():
        if other is not connection and fits(other.socket_id):
            return (
                f"it was made for the socket id {other.socket_id} of {other.id}, "
                f"but this is {connection.socket_id}"
            )
    return None


def explain_channel(
    state: State,
    connection: Connection,
    key: str,
    secret: str,
    channel: str,
    channel_data: str | None,
    given: str,
) -> str:
    """Name the part of a subscription's signature that differs."""

    def fits(socket_id: str, name: str, data: str | None) -> bool:
        return same(sign(secret, channel_text(socket_id, name, data)), given)

    socket_id = connection.socket_id
    found = _other_secret(
        state, channel_text(socket_id, channel, channel_data), given, key
    ) or _other_socket(state, connection, lambda one: fits(one, channel, channel_data), "subscribe")
    if found is not None:
        return found
    if channel_data is not None:
        if fits(socket_id, channel, None):
            return "channel_data was sent but not signed: sign socket_id:channel:channel_data"
        for variant in _reserialised(channel_data):
            if fits(socket_id, channel, variant):
                return (
                    f"channel_data was signed as {variant} and sent as {channel_data}: "
                    "send the very text that was signed (key order and spaces count)"
                )
    for name in sorted({name for app in state.apps.values() for name in app.channels}):
        if fits(socket_id, name, channel_data):
            return f"it was made for the channel {name}, not for {channel}"
    return _UNEXPLAINED


def explain_user(
    state: State, connection: Connection, key: str, secret: str, user_data: str, given: str
) -> str:
    """Name the part of a sign-in's signature that differs."""

    def fits(socket_id: str, data: str) -> bool:
        return same(sign(secret, user_text(socket_id, data)), given)

    found = _other_secret(
        state, user_text(connection.socket_id, user_data), given, key
    ) or _other_socket(state, connection, lambda one: fits(one, user_data), "sign in")
    if found is not None:
        return found
    for variant in _reserialised(user_data):
        if fits(connection.socket_id, variant):
            return (
                f"user_data was signed as {variant} and sent as {user_data}: "
                "send the very text that was signed (key order and spaces count)"
            )
    return _UNEXPLAINED


def explain_request(state: State, request: HttpRequested, key: str, secret: str, given: str) -> str:
    """Name the part of a request's signature that differs."""
    method, path, query = request.method, request.path, signed_query(request.query)

    def fits(method: str, path: str, query: str) -> bool:
        return same(sign(secret, f"{method}\n{path}\n{query}"), given)

    found = _other_secret(state, f"{method}\n{path}\n{query}", given, key)
    if found is not None:
        return found
    for other in (_quoted(path, "/"), unquote(path)):
        if fits(method, other, query):
            return f"it was made over the path {other}, but {path} was requested"
    for name in _METHODS:
        if fits(name, path, query):
            return f"it was made for {name}, but {method} was requested"
    pairs = [(name, value) for name, value in request.query if name != "auth_signature"]
    if fits(method, path, "&".join([f"{name}={value}" for name, value in pairs])):
        return "the query parameters were not sorted by name before signing"
    if fits(method, path, signed_query([(name, _quoted(value, "")) for name, value in pairs])):
        return "the query values were percent-encoded before signing; sign them as they are"
    return _UNEXPLAINED


def _quoted(text: str, safe: str) -> str:
    return quote(text, safe=safe, errors="replace")
