"""Connections: opening, keep-alive, commands, closing (facts 1.1, 1.8, 1.10, 1.12, 1.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import codes, limits, texts
from pusher_mock.protocol.errors import ProtocolViolation, UsageError
from pusher_mock.protocol.frames import ClientFrame, Frame, parse_frame
from pusher_mock.protocol.names import (
    CLIENT_PREFIX,
    Handshake,
    parse_handshake,
)

from . import channels, client_events, users
from .effects import Ping
from .state import AppState, Connection
from .timers import AUTHORIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .inputs import (
        CloseRequested,
        ConnectionClosed,
        ConnectionOpened,
        FrameReceived,
        PongReceived,
    )
    from .turn import Turn

__all__ = [
    "authorization_timed_out",
    "close",
    "close_requested",
    "closed",
    "idle_passed",
    "opened",
    "pong_passed",
    "pong_received",
    "received",
]

_ACTIVITY: Final = limits.ACTIVITY_TIMEOUT_SECONDS
_IDLE: Final = "idle"
_PONG: Final = "pong"

# Keep-alive (facts 1.12.3). Any data counts as a sign of life (facts 1.12.2).
_KEEP_ALIVE: Final = {
    ("alive", "heard"): ("note the time", "alive"),
    ("alive", "idle"): ("ping", "pinged"),
    ("pinged", "heard"): ("watch again", "alive"),
    ("pinged", "silent"): ("close", "closed"),
}


# Opening -----------------------------------------------------------------------------------


def opened(turn: Turn, happened: ConnectionOpened) -> None:
    """Accept a connection, or refuse it after the upgrade (facts 1.1.7, 1.1.9)."""
    try:
        handshake = parse_handshake(happened.target)
        app = _admit(turn, handshake, tls=happened.tls, strict=happened.strict)
    except ProtocolViolation as refusal:
        assert refusal.code is not None
        turn.refuse(happened.connection, refusal.message, refusal.code, refusal.hint)
        return
    if happened.connection in turn.state.connections or happened.socket_id in turn.state.sockets:
        raise UsageError(
            f"{happened.connection} or its socket id {happened.socket_id} is taken; "
            "give every connection its own"
        )
    connection = Connection(
        happened.connection, happened.socket_id, app, turn.at, happened.native_ping
    )
    app.connections[connection.id] = connection
    turn.state.connections[connection.id] = connection
    turn.state.sockets[connection.socket_id] = connection
    # Two numbers and a dot need no encoder, which costs more than the rest of opening.
    data = f'{{"socket_id":"{connection.socket_id}","activity_timeout":{_ACTIVITY}}}'
    turn.send(connection, Frame("pusher:connection_established", data))
    timers = turn.state.timers
    timers.set((_IDLE, connection.id), turn.at + limits.IDLE_TIMEOUT)
    if app.config.authorized_connections:
        timers.set((AUTHORIZE, connection.id), turn.at + app.config.authorization_timeout)


def _admit(turn: Turn, handshake: Handshake, *, tls: bool, strict: bool) -> AppState:
    state = turn.state
    app = state.by_key.get(handshake.key) if strict else state.learn(None, handshake.key, None)
    if app is None:
        known = ", ".join(turn.state.by_key) or "none"
        raise ProtocolViolation(
            texts.NO_SUCH_APP.format(key=handshake.key),
            code=codes.NO_SUCH_APP,
            fatal=True,
            hint=f"keys known here: {known}",
        )
    config = app.config
    if not config.enabled:
        raise ProtocolViolation(texts.APP_DISABLED, code=codes.APP_DISABLED, fatal=True)
    if config.tls_only and not tls:
        raise ProtocolViolation(texts.TLS_REQUIRED, code=codes.TLS_REQUIRED, fatal=True)
    if config.max_connections is not None and len(app.connections) >= config.max_connections:
        raise ProtocolViolation(
            texts.OVER_CONNECTION_QUOTA,
            code=codes.OVER_CONNECTION_QUOTA,
            fatal=True,
            hint=f"App(max_connections={config.max_connections})",
        )
    return app


# Receiving ---------------------------------------------------------------------------------


def received(turn: Turn, happened: FrameReceived) -> None:
    """Handle a message; a violation is answered, and closes the connection only if fatal."""
    connection = turn.state.connections.get(happened.connection)
    if connection is None:
        return  # It was closed while the message was under way.
    _keep_alive(turn, connection, "heard")
    try:
        frame = parse_frame(happened.text)
        command = _COMMANDS.get(frame.event)
        if command is not None:
            command(turn, connection, frame)
        elif frame.event.startswith(CLIENT_PREFIX):
            client_events.relay(turn, connection, frame)
        else:
            raise ProtocolViolation(texts.UNSUPPORTED_EVENT.format(event=frame.event))
    except ProtocolViolation as violation:
        if violation.fatal:
            assert violation.code is not None
            close(turn, connection, violation.code, violation.message)
        else:
            turn.error(connection.id, violation.message, violation.code, violation.hint)


def _ping(turn: Turn, connection: Connection, frame: ClientFrame) -> None:
    turn.send(connection, Frame("pusher:pong", "{}"))  # facts 1.12.1, 8.6


def _pong(turn: Turn, connection: Connection, frame: ClientFrame) -> None:
    """It was heard, and that is all a pong is for."""


# What a command about a channel does, by whether this connection is subscribed to it.
_SUBSCRIPTION: Final[
    dict[tuple[str, bool], Callable[[Turn, Connection, dict[str, Any]], None] | str]
] = {
    ("subscribe", False): channels.subscribe,
    ("subscribe", True): texts.DUPLICATE_SUBSCRIPTION,
    ("unsubscribe", True): channels.unsubscribe,
    ("unsubscribe", False): texts.NOT_SUBSCRIBED,
}


def _channel_command(turn: Turn, connection: Connection, frame: ClientFrame) -> None:
    data = _hash(frame)
    name = data.get("channel")
    if not isinstance(name, str) or not name:
        raise ProtocolViolation(texts.MISSING_CHANNEL)
    verb = frame.event.partition(":")[2]
    rule = _SUBSCRIPTION[verb, name in connection.channels]
    if isinstance(rule, str):
        raise ProtocolViolation(rule.format(channel=name))
    rule(turn, connection, data)


def _sign_in(turn: Turn, connection: Connection, frame: ClientFrame) -> None:
    users.sign_in(turn, connection, _hash(frame))


def _hash(frame: ClientFrame) -> dict[str, Any]:
    if not isinstance(frame.data, dict):
        raise ProtocolViolation(
            texts.EXPECTED_HASH, hint=f"the data of {frame.event} is an object, not its JSON text"
        )
    return frame.data


_COMMANDS: Final[dict[str, Callable[[Turn, Connection, ClientFrame], None]]] = {
    "pusher:ping": _ping,
    "pusher:pong": _pong,
    "pusher:subscribe": _channel_command,
    "pusher:unsubscribe": _channel_command,
    "pusher:signin": _sign_in,
}


# Keep-alive --------------------------------------------------------------------------------


def _keep_alive(turn: Turn, connection: Connection, what: str) -> None:
    action, connection.liveness = _KEEP_ALIVE[connection.liveness, what]
    timers = turn.state.timers
    if what == "heard":
        connection.heard_at = turn.at
    if action == "ping":
        if connection.native_ping:
            turn.effects.append(Ping(connection.id))
        else:
            turn.send(connection, Frame("pusher:ping", "{}"))
        timers.set((_PONG, connection.id), turn.at + limits.PONG_TIMEOUT)
    elif action == "watch again":
        timers.cancel((_PONG, connection.id))
        timers.set((_IDLE, connection.id), turn.at + limits.IDLE_TIMEOUT)
    elif action == "close":
        close(turn, connection, codes.PONG_NOT_RECEIVED, texts.PONG_NOT_RECEIVED)


def pong_received(turn: Turn, happened: PongReceived) -> None:
    """The transport's own pong is a sign of life like any other."""
    connection = turn.state.connections.get(happened.connection)
    if connection is not None:
        _keep_alive(turn, connection, "heard")


def idle_passed(turn: Turn, connection_id: str) -> None:
    """Timer: perhaps idle. Hearing something only notes the time, so look at it now."""
    connection = turn.state.connections[connection_id]
    idle_at = connection.heard_at + limits.IDLE_TIMEOUT
    if idle_at > turn.at:
        turn.state.timers.set((_IDLE, connection_id), idle_at)
    else:
        _keep_alive(turn, connection, "idle")


def pong_passed(turn: Turn, connection_id: str) -> None:
    """Timer: no sign of life since the ping."""
    _keep_alive(turn, turn.state.connections[connection_id], "silent")


def authorization_timed_out(turn: Turn, connection_id: str) -> None:
    """Timer: neither signed in nor authorized for a channel in time (facts 1.13.13)."""
    close(
        turn,
        turn.state.connections[connection_id],
        codes.CONNECTION_UNAUTHORIZED,
        texts.AUTH_TIMEOUT,
    )


# Closing -----------------------------------------------------------------------------------


def close(turn: Turn, connection: Connection, code: int, message: str) -> None:
    """Close from this side: the event first, then the close with the same code (facts 1.10)."""
    turn.refuse(connection.id, message, code)
    _forget(turn, connection)


def close_requested(turn: Turn, happened: CloseRequested) -> None:
    """This side wants it closed."""
    connection = turn.state.connections.get(happened.connection)
    if connection is not None:
        close(turn, connection, happened.code, happened.message)


def closed(turn: Turn, happened: ConnectionClosed) -> None:
    """The transport is gone; what the connection held is given up."""
    connection = turn.state.connections.get(happened.connection)
    if connection is not None:
        _forget(turn, connection)


def _forget(turn: Turn, connection: Connection) -> None:
    state, app = turn.state, connection.app
    connection.liveness = "closed"
    for name in tuple(connection.channels):
        channels.leave(turn, connection, name)
    users.sign_out(turn, connection)
    del app.connections[connection.id]
    del state.connections[connection.id]
    del state.sockets[connection.socket_id]
    for timer in (_IDLE, _PONG, AUTHORIZE):
        state.timers.cancel((timer, connection.id))
