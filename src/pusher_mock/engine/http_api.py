"""The HTTP API: routes, and what each endpoint does (facts 2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from pusher_mock.protocol import codes, limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import dumps, loads
from pusher_mock.protocol.names import (
    RESERVED_PREFIX,
    ChannelKind,
    channel_kind,
    is_valid_channel,
)

from . import channels, connections, users
from .effects import Respond
from .http_auth import AUTH_PARAMETERS, authenticate

if TYPE_CHECKING:
    from collections.abc import Callable

    from .inputs import HttpRequested
    from .state import AppState
    from .turn import Turn

__all__ = ["requested"]

_OK, _ACCEPTED, _BAD_REQUEST, _NOT_FOUND, _NOT_ALLOWED, _TOO_LARGE = 200, 202, 400, 404, 405, 413

Query = dict[str, str]
Result = tuple[int, str]


class _Call:
    """One authenticated request on its way through an endpoint."""

    __slots__ = ("app", "query", "request", "subject", "turn")

    def __init__(
        self, turn: Turn, request: HttpRequested, app: AppState, query: Query, subject: str
    ) -> None:
        self.turn = turn
        self.request = request
        self.app = app
        self.query = query
        self.subject = subject


def _bad(text: str, hint: str = "") -> ProtocolViolation:
    return ProtocolViolation(text, status=_BAD_REQUEST, hint=hint)


# Publishing --------------------------------------------------------------------------------


def _events(call: _Call) -> Result:
    """POST events (facts 2.2)."""
    params = _parameters(call)
    name, data, socket_id = _event(params)
    wanted = _channel_list(params)
    attributes = _attributes(params["info"], _EVENT_ATTRIBUTES) if "info" in params else ()
    for channel in wanted:
        channels.publish(call.turn, call.app, channel, name, data, socket_id)
    if not attributes:
        return _EMPTY
    call.app.messages += 1  # facts 2.5: with `info` the request counts twice
    found = {channel: _describe(call, channel, attributes) for channel in wanted}
    return _OK, dumps({"channels": found})


def _batch_events(call: _Call) -> Result:
    """POST batch_events (facts 2.2); nothing is published when one event is refused."""
    batch = _body(call.request.body).get("batch")
    if not isinstance(batch, list) or not all(isinstance(one, dict) for one in batch):
        raise _bad(texts.BAD_BODY.format(reason="batch must be a list of events"))
    if len(batch) > limits.MAX_BATCH_EVENTS:
        raise _bad(texts.TOO_MANY_EVENTS.format(limit=limits.MAX_BATCH_EVENTS))
    checked = []
    for params in batch:
        name, data, socket_id = _event(params)
        channel = params.get("channel")
        if not isinstance(channel, str):
            raise _bad(texts.EXPECTED_CHANNEL)
        _check_channel(channel)
        attributes = _attributes(params.get("info"), _EVENT_ATTRIBUTES)
        checked.append((channel, name, data, socket_id, attributes))
    answers = []
    for channel, name, data, socket_id, attributes in checked:
        channels.publish(call.turn, call.app, channel, name, data, socket_id)
        answers.append(_describe(call, channel, attributes))
    informed = len([one for one in checked if one[-1]])
    # facts 2.5: an event of a batch counts like one that is published alone
    call.app.messages += max(len(checked) - 1, 0) + informed
    if not informed:
        return _EMPTY
    return _OK, dumps({"batch": answers})


def _channel_events(call: _Call) -> Result:
    """POST channels/C/events, deprecated: the body is the data, answered with 202 (facts 2.2)."""
    try:
        data = call.request.body.decode()
    except UnicodeDecodeError:
        raise _bad(texts.BAD_BODY.format(reason="not UTF-8")) from None
    params: dict[str, Any] = dict(call.query)
    params["data"] = data
    name, data, socket_id = _event(params)
    _check_channel(call.subject)
    channels.publish(call.turn, call.app, call.subject, name, data, socket_id)
    return _ACCEPTED, "{}"


def _parameters(call: _Call) -> dict[str, Any]:
    """The body, or the query when there is no body (facts 2.1.2)."""
    if call.request.body:
        return _body(call.request.body)
    params: dict[str, Any] = dict(call.query)
    listed = [value for key, value in call.request.query if key == "channels[]"]
    if listed:
        params["channels"] = listed
    return params


def _body(body: bytes) -> dict[str, Any]:
    try:
        content = loads(body)
    except ValueError as error:
        raise _bad(texts.BAD_BODY.format(reason=f"not JSON: {error}")) from None
    if not isinstance(content, dict):
        raise _bad(texts.BAD_BODY.format(reason="not a JSON object"))
    return content


def _event(params: dict[str, Any]) -> tuple[str, str, str | None]:
    name, data, socket_id = params.get("name"), params.get("data"), params.get("socket_id")
    if not isinstance(name, str):
        raise _bad(texts.EXPECTED_NAME)
    if name.startswith(RESERVED_PREFIX):
        raise _bad(texts.RESERVED_NAME, hint=f"rename the event {name!r}")
    if len(name) > limits.MAX_EVENT_NAME:
        raise _bad(
            texts.BAD_BODY.format(reason=f"name is longer than {limits.MAX_EVENT_NAME} characters")
        )
    if not isinstance(data, str):
        raise _bad(texts.DATA_NOT_STRING, hint="encode data as JSON text first (facts 2.2.8)")
    if socket_id is not None and not isinstance(socket_id, str):
        raise _bad(texts.BAD_BODY.format(reason="socket_id must be a string"))
    # A character takes at most four bytes, so most data need not be encoded to know.
    limit = limits.MAX_EVENT_DATA
    if len(data) * 4 > limit and len(data.encode("utf-8", "surrogatepass")) > limit:
        raise ProtocolViolation(
            texts.DATA_TOO_LARGE.format(limit=limit),
            status=_TOO_LARGE,
            hint="store the content and publish its id; the SDK's own check lets 30 kB through",
        )
    return name, data, socket_id


def _channel_list(params: dict[str, Any]) -> list[str]:
    given = params.get("channels", params.get("channel"))
    wanted = [given] if isinstance(given, str) else given
    if not isinstance(wanted, list) or not wanted:
        raise _bad(texts.EXPECTED_CHANNEL)
    if len(wanted) > limits.MAX_CHANNELS_PER_EVENT:
        raise _bad(texts.TOO_MANY_CHANNELS.format(limit=limits.MAX_CHANNELS_PER_EVENT))
    for channel in wanted:
        if not isinstance(channel, str):
            raise _bad(texts.BAD_CHANNEL_NAME.format(channel=dumps(channel)))
        _check_channel(channel)
    # facts 8.15: a name that is there twice is delivered once
    return list(dict.fromkeys(wanted)) if len(wanted) > 1 else wanted


def _check_channel(channel: str) -> None:
    if not is_valid_channel(channel):
        raise _bad(
            texts.BAD_CHANNEL_NAME.format(channel=channel),
            hint=f"up to {limits.MAX_CHANNEL_NAME} of A-Z a-z 0-9 _ - = @ , . ;",
        )


# Asking ------------------------------------------------------------------------------------

_USER_COUNT, _SUBSCRIPTION_COUNT, _CACHE = "user_count", "subscription_count", "cache"
# facts 2.2: which attributes each endpoint takes
_CHANNEL_ATTRIBUTES: Final = (_USER_COUNT, _SUBSCRIPTION_COUNT, _CACHE)
_CHANNELS_ATTRIBUTES: Final = (_USER_COUNT,)
_EVENT_ATTRIBUTES: Final = (_USER_COUNT, _SUBSCRIPTION_COUNT)


def _attributes(info: object, allowed: tuple[str, ...]) -> tuple[str, ...]:
    if info is None or info == "":
        return ()
    if not isinstance(info, str):
        raise _bad(texts.BAD_BODY.format(reason="info must be a string"))
    wanted = tuple([one.strip() for one in info.split(",")])
    for attribute in wanted:
        if attribute not in allowed:
            raise _bad(
                texts.UNKNOWN_ATTRIBUTE.format(attribute=attribute, allowed=", ".join(allowed)),
                hint="the SDK joins attributes with commas: pass a list, not a string",
            )
    return wanted


def _applicable(call: _Call, kind: ChannelKind, attribute: str) -> bool:
    """facts 2.2.2: which attribute exists on which kind of channel."""
    if attribute == _USER_COUNT:
        return kind.presence
    if attribute == _SUBSCRIPTION_COUNT:
        return kind.counted and call.app.config.subscription_count
    return kind.cache


def _describe(call: _Call, name: str, attributes: tuple[str, ...]) -> dict[str, Any]:
    """The asked attributes of one channel; what does not apply is absent (facts 8.15)."""
    kind, channel = channel_kind(name), call.app.channels.get(name)
    found: dict[str, Any] = {}
    for attribute in attributes:
        if not _applicable(call, kind, attribute):
            continue
        if attribute == _USER_COUNT:
            found[attribute] = len(channel.members or ()) if channel is not None else 0
        elif attribute == _SUBSCRIPTION_COUNT:
            found[attribute] = len(channel.connections) if channel is not None else 0
        else:
            entry = channels.cached(call.turn, call.app, name)
            found[attribute] = (
                {"data": entry.data, "ttl": int((entry.expires_at - call.turn.at) // 1000)}
                if entry is not None
                else None
            )
    return found


def _channels(call: _Call) -> Result:
    """GET channels: the occupied ones (facts 2.2, 2.2.4, 8.16)."""
    prefix = call.query.get("filter_by_prefix", "")
    attributes = _attributes(call.query.get("info"), _CHANNELS_ATTRIBUTES)
    if attributes and not prefix.startswith("presence-"):
        raise _bad(texts.USER_COUNT_NEEDS_PREFIX)
    found = {
        name: _describe(call, name, attributes)
        for name, channel in call.app.channels.items()
        if name.startswith(prefix) and not channel.kind.user
    }
    return _OK, dumps({"channels": found})


def _channel(call: _Call) -> Result:
    """GET channels/C; a channel nobody is on is no error (facts 2.2.1, 2.2.2)."""
    _check_channel(call.subject)
    kind = channel_kind(call.subject)
    attributes = _attributes(call.query.get("info"), _CHANNEL_ATTRIBUTES)
    for attribute in attributes:
        if not _applicable(call, kind, attribute):
            if attribute == _USER_COUNT:
                raise _bad(texts.USER_COUNT_NEEDS_PRESENCE)
            raise _bad(
                texts.ATTRIBUTE_NOT_HERE.format(attribute=attribute, channel=call.subject),
                hint="subscription_count needs App(subscription_count=True) and no presence "
                "channel; cache needs a cache channel",
            )
    found = _describe(call, call.subject, attributes)
    return _OK, dumps({"occupied": call.subject in call.app.channels, **found})


def _stats(call: _Call) -> Result:
    """GET channels/C/stats, deprecated (facts 2.2)."""
    _check_channel(call.subject)
    found = _describe(call, call.subject, (_USER_COUNT,))
    return _OK, dumps({"occupied": call.subject in call.app.channels, **found})


def _users(call: _Call) -> Result:
    """GET channels/C/users (facts 2.2, 2.2.5)."""
    _check_channel(call.subject)
    if not channel_kind(call.subject).presence:
        raise _bad(texts.USERS_NEEDS_PRESENCE)
    channel = call.app.channels.get(call.subject)
    members = channel.members or {} if channel is not None else {}
    return _OK, dumps({"users": [{"id": user_id} for user_id in members]})


def _terminate(call: _Call) -> Result:
    """POST users/U/terminate_connections (facts 1.13.12)."""
    for connection in users.connections_of(call.app, call.subject):
        connections.close(call.turn, connection, codes.CONNECTION_UNAUTHORIZED, texts.TERMINATED)
    return _EMPTY


# Routing -----------------------------------------------------------------------------------

Endpoint = tuple["Callable[[_Call], Result]", frozenset[str]]
_NONE: Final[frozenset[str]] = frozenset()
_EVENT_PARAMETERS: Final = frozenset({"name", "data", "channel", "channels[]", "socket_id", "info"})

# What follows /apps/ID/ in the path ("*" stands for a name), then the method.
_ROUTES: Final[dict[tuple[str, ...], dict[str, Endpoint]]] = {
    ("events",): {"POST": (_events, _NONE)},
    ("batch_events",): {"POST": (_batch_events, _NONE)},
    ("channels",): {"GET": (_channels, frozenset({"filter_by_prefix", "info"}))},
    ("channels", "*"): {"GET": (_channel, frozenset({"info"}))},
    ("channels", "*", "users"): {"GET": (_users, _NONE)},
    ("channels", "*", "events"): {"POST": (_channel_events, frozenset({"name", "socket_id"}))},
    ("channels", "*", "stats"): {"GET": (_stats, _NONE)},
    ("users", "*", "terminate_connections"): {"POST": (_terminate, _NONE)},
}
_PREFIX: Final = "/apps/"


_EMPTY: Final[Result] = (_OK, "{}")  # facts 2.1.3
_NOTHING_TO_SAY: Final = Respond(*_EMPTY)  # one for all: it is what nearly every call gets


def requested(turn: Turn, request: HttpRequested) -> None:
    """Answer a request: path, then authentication, then parameters, then body (facts 8.20)."""
    try:
        answer = _answer(turn, request)
        turn.effects.append(_NOTHING_TO_SAY if answer == _EMPTY else Respond(*answer))
    except ProtocolViolation as violation:
        assert violation.status is not None
        # facts 2.1.4: plain text with a newline. What it quotes may be half a surrogate pair.
        text = violation.message.encode("utf-8", "replace").decode()
        turn.effects.append(Respond(violation.status, text + "\n", violation.hint, violation.allow))


def _answer(turn: Turn, request: HttpRequested) -> Result:
    app_id, subject, methods = _route(request.path)
    endpoint = methods.get(request.method)
    if endpoint is None:
        raise ProtocolViolation(
            texts.METHOD_NOT_ALLOWED,
            status=_NOT_ALLOWED,
            hint=f"{request.path} takes {', '.join(methods)}",
            allow=", ".join(methods),
        )
    query = dict(request.query)
    plain = AUTH_PARAMETERS.issuperset(query)
    if not plain:
        query = {key.lower(): value for key, value in request.query}
    app = authenticate(turn, request, query, app_id)
    handle, allowed = endpoint
    if not plain:
        if handle is _events and not request.body:
            allowed = _EVENT_PARAMETERS
        extra = sorted(query.keys() - AUTH_PARAMETERS - allowed)
        if extra:
            raise _bad(texts.EXTRANEOUS.format(names=", ".join(extra)))
    result = handle(_Call(turn, request, app, query, subject))
    app.messages += 1  # facts 2.5: every call of the API counts
    return result


@lru_cache(maxsize=512)
def _route(path: str) -> tuple[str, str, dict[str, Endpoint]]:
    """Return app id, the name in the path (or nothing), and the endpoints by method."""
    tail = path[len(_PREFIX) :].split("/") if path.startswith(_PREFIX) else [""]
    app_id, words = tail[0], tail[1:]
    subject = ""
    if len(words) > 1:
        subject = words[1]
        words[1] = "*"
    methods = _ROUTES.get(tuple(words))
    if methods is None or not app_id or (len(words) > 1 and not subject):
        raise ProtocolViolation(texts.NOT_FOUND, status=_NOT_FOUND, hint=_missing_route(path))
    if "%" in path:
        app_id, subject = unquote(app_id), unquote(subject)
    return app_id, subject, methods


def _missing_route(path: str) -> str:
    if path.startswith("/users/") and path.endswith("/terminate_connections"):
        return (
            "pusher's terminate_user_connections() leaves /apps/APP_ID out of the path, "
            "which the service answers with 404 too (facts 5.1); "
            "MockPusherServer(..., fix_terminate_path=True) sends the documented path"
        )
    return f"the HTTP API has no path {path}; paths start with /apps/APP_ID"
