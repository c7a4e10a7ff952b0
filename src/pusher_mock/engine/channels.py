"""Channels: subscribing, unsubscribing, publishing, cache, history, counts (facts 1.3 to 1.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import Frame, dumps
from pusher_mock.protocol.names import USER_CHANNEL_PREFIX, channel_kind, is_valid_channel
from pusher_mock.protocol.signatures import channel_text, same, sign

from . import presence, webhooks
from .effects import Broadcast, Published, PublishedEvent
from .explain import explain_channel
from .state import AppState, CachedEvent, Channel, Connection

if TYPE_CHECKING:
    from .turn import Turn

__all__ = [
    "cached",
    "count_delay_passed",
    "leave",
    "publish",
    "split_auth",
    "subscribe",
    "unsubscribe",
]

_COUNT_TIMER: Final = "subscription-count"
_EMPTY: Final = "{}"  # facts 1.5.3, 8.6


def subscribe(turn: Turn, connection: Connection, data: dict[str, Any]) -> None:
    """``pusher:subscribe`` for a channel that this connection may still join (facts 1.4).

    Raises:
        ProtocolViolation: with the text that the service sends.
    """
    app, name = connection.app, data["channel"]
    if not is_valid_channel(name):
        raise ProtocolViolation(
            texts.BAD_CHANNEL_NAME.format(channel=name),
            hint=f"up to {limits.MAX_CHANNEL_NAME} of A-Z a-z 0-9 _ - = @ , . ;",
        )
    if len(connection.channels) >= limits.MAX_SUBSCRIPTIONS:
        raise ProtocolViolation(texts.TOO_MANY_SUBSCRIPTIONS.format(limit=limits.MAX_SUBSCRIPTIONS))
    kind = channel_kind(name)
    if kind.user and connection.user_id != name[len(USER_CHANNEL_PREFIX) :]:
        raise ProtocolViolation(texts.FOREIGN_USER_CHANNEL.format(channel=name))
    channel_data = _authorize(turn, connection, name, data) if kind.private else None
    user_id, info = None, None
    if kind.presence:
        user_id, info = presence.member_of(connection, name, app.channels.get(name), channel_data)
    _join(turn, connection, name, user_id, info)
    if kind.private:
        turn.authorized(connection)


def _authorize(turn: Turn, connection: Connection, name: str, data: dict[str, Any]) -> str | None:
    """Check the signature over the raw text received; return channel_data (facts 1.4.1)."""
    channel_data = data.get("channel_data")
    if channel_data is not None and not isinstance(channel_data, str):
        raise ProtocolViolation(
            texts.USER_OBJECT_INVALID.format(reason="channel_data must be a string of JSON")
        )
    key, given = split_auth(data.get("auth"))
    app = connection.app
    secret = app.secrets.get(key)
    if key not in app.secrets:
        raise ProtocolViolation(
            texts.INVALID_KEY.format(key=key),
            hint=f"the connection belongs to key {app.config.key}",
        )
    text = channel_text(connection.socket_id, name, channel_data)
    if secret is None or not same(sign(secret, text), given):
        raise ProtocolViolation(
            texts.INVALID_SIGNATURE.format(signed=text, given=given),
            hint=_no_secret(key)
            if secret is None
            else explain_channel(turn.state, connection, key, secret, name, channel_data, given),
        )
    return channel_data


def _no_secret(key: str) -> str:
    return (
        f"this mock has not seen the secret of key {key}: build the publisher first, "
        "give the client secret=, or register the app with PusherMock(apps=[…])"
    )


def split_auth(auth: object) -> tuple[str, str]:
    """Split ``KEY:SIGNATURE``.

    Raises:
        ProtocolViolation: there is no colon (facts 1.4.10).
    """
    key, colon, signature = auth.partition(":") if isinstance(auth, str) else ("", "", "")
    if not colon:
        raise ProtocolViolation(
            texts.AUTH_FORMAT,
            hint="send what authenticate() or the authorization endpoint returned as auth",
        )
    return key, signature


def _join(turn: Turn, connection: Connection, name: str, user_id: str | None, info: Any) -> None:
    app = connection.app
    channel = app.channels.get(name)
    if channel is None:
        channel = app.channels[name] = Channel(name)
    newcomer = None
    if user_id is not None:
        newcomer = presence.join(connection, channel, user_id, info)
    channel.add(connection.id)
    connection.channels[name] = user_id
    answer = presence.roster(channel) if channel.kind.presence else _EMPTY
    turn.send(connection, Frame("pusher_internal:subscription_succeeded", answer, name))
    if newcomer is not None:
        app.messages += turn.broadcast(channel, newcomer, besides=connection.id)
    if not channel.kind.user:  # facts 8.16
        if len(channel.connections) == 1:
            webhooks.joined(turn, app, name)
        if newcomer is not None:
            webhooks.joined(turn, app, name, user_id)
    if channel.kind.cache:
        _replay(turn, connection, name)
    _count_changed(turn, app, channel)


def _replay(turn: Turn, connection: Connection, name: str) -> None:
    """Send the cached event, or tell of its absence (facts 1.7.2, 1.7.3)."""
    app = connection.app
    entry = cached(turn, app, name)
    if entry is not None:
        turn.send(connection, Frame(entry.event, entry.data, name))
        return
    turn.send(connection, Frame("pusher:cache_miss", _EMPTY, name))
    if name not in app.cache_missed:  # facts 3.2: once while nothing is cached
        if len(app.cache_missed) >= limits.MAX_NAMES:
            app.cache_missed.clear()
        app.cache_missed.add(name)
        webhooks.emit(turn, app, {"name": "cache_miss", "channel": name})


def cached(turn: Turn, app: AppState, name: str) -> CachedEvent | None:
    """Return the cached event of a channel if it has not expired (facts 1.7.4)."""
    entry = app.cache.get(name)
    if entry is not None and entry.expires_at <= turn.at:
        del app.cache[name]
        return None
    return entry


def unsubscribe(turn: Turn, connection: Connection, data: dict[str, Any]) -> None:
    """``pusher:unsubscribe`` from a subscribed channel; nothing is sent back (facts 1.8.4)."""
    leave(turn, connection, data["channel"])


def leave(turn: Turn, connection: Connection, name: str) -> None:
    """End a subscription, by request or because the connection is gone."""
    app = connection.app
    channel = app.channels[name]
    channel.discard(connection.id)
    if channel.kind.presence:
        presence.leave(turn, app, connection, channel)
    del connection.channels[name]
    if channel.connections:
        _count_changed(turn, app, channel)
        return
    # The channel ceases to exist; its history and its cache do not (facts 1.7.6).
    del app.channels[name]
    if not channel.kind.user:
        webhooks.left(turn, app, name)
    _count_changed(turn, app, channel)


def publish(
    turn: Turn,
    app: AppState,
    name: str,
    event: str,
    data: str,
    socket_id: str | None = None,
) -> None:
    """Publish an event of the HTTP API on one channel (facts 1.7.1, 2.2.6)."""
    record = PublishedEvent(app.config.id, name, event, data, turn.at, socket_id)
    app.record(record)
    turn.effects.append(Published(record))
    if channel_kind(name).cache:
        if len(app.cache) >= limits.MAX_NAMES and name not in app.cache:
            del app.cache[next(iter(app.cache))]
        app.cache[name] = CachedEvent(event, data, turn.at + app.config.cache_ttl)
        app.cache_missed.discard(name)
    channel = app.channels.get(name)
    if channel is None:
        return
    excluded = None
    if socket_id is not None:
        connection = turn.state.sockets.get(socket_id)
        excluded = connection.id if connection is not None else None
    recipients = channel.recipients(excluded)
    if recipients:
        turn.effects.append(Broadcast(Frame(event, data, name), recipients))
        app.messages += len(recipients)


def _count_changed(turn: Turn, app: AppState, channel: Channel) -> None:
    """Announce the number of subscriptions, less often on a large channel (facts 1.8.1, 1.8.2)."""
    if not app.config.subscription_count or not channel.kind.counted:
        return
    timer = (_COUNT_TIMER, app.config.id, channel.name)
    if len(channel.connections) > limits.SUBSCRIPTION_COUNT_THROTTLE_ABOVE:
        if timer in turn.state.timers:
            return
        next_at = channel.count_sent_at + limits.SUBSCRIPTION_COUNT_INTERVAL
        if turn.at < next_at:
            turn.state.timers.set(timer, next_at)
            return
    turn.state.timers.cancel(timer)
    _send_count(turn, app, channel)


def count_delay_passed(turn: Turn, app_id: str, name: str) -> None:
    """Timer: the large channel may announce its count again."""
    app = turn.state.apps[app_id]
    _send_count(turn, app, app.channels[name])


def _send_count(turn: Turn, app: AppState, channel: Channel) -> None:
    channel.count_sent_at = turn.at
    count = len(channel.connections)
    data = dumps({"subscription_count": count})
    app.messages += turn.broadcast(
        channel, Frame("pusher_internal:subscription_count", data, channel.name)
    )
    webhooks.emit(
        turn,
        app,
        {"name": "subscription_count", "channel": channel.name, "subscription_count": count},
    )
