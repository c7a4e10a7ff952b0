"""Presence: who is on a channel, over all of a user's connections (facts 1.4.5 to 1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol import limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import Frame, dumps, loads

from . import webhooks
from .state import Member

if TYPE_CHECKING:
    from .state import AppState, Channel, Connection
    from .turn import Turn

__all__ = ["join", "leave", "member_of", "roster"]


def member_of(
    connection: Connection, name: str, channel: Channel | None, channel_data: str | None
) -> tuple[str, Any]:
    """Return user id and user_info of who subscribes (facts 1.4.5, 1.4.7).

    ``channel_data`` wins over the signed-in user.

    Raises:
        ProtocolViolation: neither is there, the data is no member, or the channel is full.
    """
    if channel_data is not None:
        user_id, info = _parse(channel_data)
    elif connection.user_id is not None:
        user_id, info = connection.user_id, connection.user_info
        channel_data = dumps({"user_id": user_id, "user_info": info})
    else:
        raise ProtocolViolation(
            texts.PRESENCE_DATA.format(channel=name),
            hint="authenticate(channel, socket_id, custom_data={'user_id': …}), or sign in first",
        )
    if len(user_id) > limits.MAX_USER_ID:
        raise ProtocolViolation(
            texts.USER_ID_INVALID.format(reason=f"longer than {limits.MAX_USER_ID} characters")
        )
    if len(channel_data.encode("utf-8", "surrogatepass")) > limits.MAX_USER_OBJECT:
        raise ProtocolViolation(
            texts.USER_OBJECT_INVALID.format(reason=f"larger than {limits.MAX_USER_OBJECT} bytes")
        )
    if info is not None and not isinstance(info, dict):
        raise ProtocolViolation(texts.USER_INFO_NOT_HASH)
    members = channel.members if channel is not None else None
    if members and user_id not in members and len(members) >= limits.MAX_PRESENCE_MEMBERS:
        raise ProtocolViolation(
            texts.PRESENCE_FULL.format(channel=name),
            hint=f"a presence channel takes {limits.MAX_PRESENCE_MEMBERS} distinct users",
        )
    return user_id, info


def _parse(channel_data: str) -> tuple[str, Any]:
    try:
        content = loads(channel_data)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ProtocolViolation(
            texts.USER_OBJECT_INVALID.format(reason="channel_data is not a JSON object")
        )
    user_id = content.get("user_id")
    if isinstance(user_id, int | float) and not isinstance(user_id, bool):
        user_id = dumps(user_id)  # facts 1.4.7: a number counts by its text
    if not isinstance(user_id, str) or not user_id:
        raise ProtocolViolation(
            texts.USER_ID_INVALID.format(reason="user_id must be a non-empty string or a number")
        )
    return user_id, content.get("user_info")


def roster(channel: Channel) -> str:
    """Return the data of ``subscription_succeeded`` on a presence channel (facts 1.5)."""
    members = channel.members or {}
    hash_ = {user_id: member.info for user_id, member in members.items()}
    return dumps({"presence": {"count": len(members), "ids": list(members), "hash": hash_}})


def join(connection: Connection, channel: Channel, user_id: str, info: Any) -> Frame | None:
    """Add a connection to the user's; a first one yields the frame for the others (facts 1.6.1).

    Later ``user_info`` replaces what was stored, without an event (facts 1.6.4).
    """
    members = channel.members
    assert members is not None
    member = members.get(user_id)
    first = member is None
    if member is None:
        member = members[user_id] = Member(info)
    member.info = info
    member.connections.add(connection.id)
    if not first:
        return None
    data: dict[str, Any] = {"user_id": user_id}
    if info is not None:
        data["user_info"] = info  # facts 1.6.5: omitted when there is none
    return Frame("pusher_internal:member_added", dumps(data), channel.name)


def leave(turn: Turn, app: AppState, connection: Connection, channel: Channel) -> None:
    """Take a connection from its user; the last one is announced to the rest (facts 1.6.2)."""
    members, user_id = channel.members, connection.channels[channel.name]
    assert members is not None
    assert user_id is not None
    member = members[user_id]
    member.connections.discard(connection.id)
    if member.connections:
        return
    del members[user_id]
    frame = Frame("pusher_internal:member_removed", dumps({"user_id": user_id}), channel.name)
    app.messages += turn.broadcast(channel, frame)
    webhooks.left(turn, app, channel.name, user_id)
