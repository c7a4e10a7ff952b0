"""Users: sign-in, watchlists, terminating a user's connections (facts 1.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import codes, limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import Frame, dumps, loads
from pusher_mock.protocol.names import is_user_id
from pusher_mock.protocol.signatures import same, sign, user_text

from .channels import split_auth
from .explain import explain_user

if TYPE_CHECKING:
    from .state import AppState, Connection
    from .turn import Turn

__all__ = ["connections_of", "sign_in", "sign_out"]

# Who is signed in on the connection, against who signs in (facts 1.13.3, 8.17).
_SIGN_IN: Final = {
    "nobody": "accept",
    "the same user": "renew",
    "another user": "refuse",
}


def sign_in(turn: Turn, connection: Connection, data: dict[str, Any]) -> None:
    """``pusher:signin`` (facts 1.13.1 to 1.13.5).

    Raises:
        ProtocolViolation: with the text that the service sends; the connection stays.
    """
    user_data = data.get("user_data")
    if not isinstance(user_data, str) or not user_data:
        raise ProtocolViolation(
            texts.MISSING_USER, hint="send user_data as the string authenticate_user() returned"
        )
    _check_signature(turn, connection, data.get("auth"), user_data)
    user_id, content = _parse(user_data)
    if connection.user_id is None:
        who = "nobody"
    else:
        who = "the same user" if connection.user_id == user_id else "another user"
    action = _SIGN_IN[who]
    if action == "refuse":
        raise ProtocolViolation(texts.SIGNED_IN_AS_ANOTHER)
    app = connection.app
    turn.authorized(connection)
    connection.user_id = user_id
    connection.user_info = content.get("user_info")
    turn.send(connection, Frame("pusher:signin_success", dumps({"user_data": user_data})))
    if app.config.watchlist:
        _watch(turn, connection, content.get("watchlist"))
    online = app.users.setdefault(user_id, {})
    online[connection.id] = None
    if action == "accept" and len(online) == 1:
        _tell_watchers(turn, app, user_id, "online")


def _check_signature(turn: Turn, connection: Connection, auth: object, user_data: str) -> None:
    key, given = split_auth(auth)
    secrets = connection.app.secrets
    if key not in secrets:
        raise ProtocolViolation(texts.INVALID_KEY.format(key=key))
    secret = secrets[key]
    text = user_text(connection.socket_id, user_data)
    if secret is None or not same(sign(secret, text), given):
        hint = (
            f"this mock has not seen the secret of key {key}"
            if secret is None
            else explain_user(turn.state, connection, key, secret, user_data, given)
        )
        raise ProtocolViolation(texts.INVALID_SIGNATURE.format(signed=text, given=given), hint=hint)


def _parse(user_data: str) -> tuple[str, dict[str, Any]]:
    try:
        content = loads(user_data)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ProtocolViolation(
            texts.USER_OBJECT_INVALID.format(reason="user_data is not a JSON object")
        )
    user_id = content.get("id")
    if not isinstance(user_id, str) or not is_user_id(user_id):
        raise ProtocolViolation(
            texts.USER_ID_INVALID.format(
                reason=f"id must be a string of 1 to {limits.SIGNIN_USER_ID} of A-Z a-z 0-9 _-=@,.;"
            )
        )
    return user_id, content


def _watch(turn: Turn, connection: Connection, watchlist: object) -> None:
    """Take the list, report what was cut, send the present status (facts 1.13.5, 1.13.9)."""
    _unwatch(connection)
    listed = watchlist if isinstance(watchlist, list) else []
    wanted = list(dict.fromkeys([one for one in listed if isinstance(one, str)]))
    accepted = wanted[: limits.MAX_WATCHLIST]
    if len(wanted) > limits.MAX_WATCHLIST:
        turn.error(
            connection.id,
            texts.WATCHLIST_TOO_LONG.format(
                limit=limits.MAX_WATCHLIST, accepted=", ".join(accepted)
            ),
            codes.WATCHLIST_TOO_LONG,
        )
    app = connection.app
    connection.watchlist = tuple([one for one in accepted if one != connection.user_id])
    status: dict[str, list[str]] = {"online": [], "offline": []}
    for user_id in connection.watchlist:
        app.watchers.setdefault(user_id, {})[connection.id] = None
        status["online" if user_id in app.users else "offline"].append(user_id)
    events = [{"name": name, "user_ids": ids} for name, ids in status.items() if ids]
    if events:
        turn.send(connection, _watchlist_frame(events))


def _unwatch(connection: Connection) -> None:
    watchers = connection.app.watchers
    for user_id in connection.watchlist:
        watching = watchers[user_id]
        del watching[connection.id]
        if not watching:
            del watchers[user_id]
    connection.watchlist = ()


def _watchlist_frame(events: list[dict[str, Any]]) -> Frame:
    return Frame("pusher_internal:watchlist_events", dumps({"events": events}))


def _tell_watchers(turn: Turn, app: AppState, user_id: str, status: str) -> None:
    frame = _watchlist_frame([{"name": status, "user_ids": [user_id]}])
    for watcher in app.watchers.get(user_id, ()):
        turn.send(app.connections[watcher], frame)


def sign_out(turn: Turn, connection: Connection) -> None:
    """The connection is gone; the user's last one tells the watchers (facts 1.13.9)."""
    user_id, app = connection.user_id, connection.app
    _unwatch(connection)
    if user_id is None:
        return
    online = app.users[user_id]
    del online[connection.id]
    if not online:
        del app.users[user_id]
        _tell_watchers(turn, app, user_id, "offline")


def connections_of(app: AppState, user_id: str) -> list[Connection]:
    """The connections signed in as a user; presence alone does not count (facts 1.13.12)."""
    return [app.connections[one] for one in app.users.get(user_id, ())]
