"""Client events: from one subscriber to the others (facts 1.9)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from pusher_mock.protocol import codes, limits, texts
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import ClientFrame, Frame, dumps

from . import webhooks
from .effects import Published, PublishedEvent

if TYPE_CHECKING:
    from .state import Connection
    from .turn import Turn

__all__ = ["relay"]


def relay(turn: Turn, connection: Connection, frame: ClientFrame) -> None:
    """Relay to every other connection on the channel; nothing else of the frame is passed on.

    Raises:
        ProtocolViolation: one of the refusals of facts 1.9, in their order.
    """
    app = connection.app
    if not app.config.client_events:
        raise ProtocolViolation(
            texts.CLIENT_EVENTS_OFF,
            hint="in the mock: PusherMock(apps=[App(…, client_events=True)])",
        )
    name = frame.channel
    if not isinstance(name, str) or not frame.has_data:
        raise ProtocolViolation(texts.CLIENT_EVENT_SHAPE)
    if name not in connection.channels:
        raise ProtocolViolation(texts.CLIENT_NOT_SUBSCRIBED.format(channel=name))
    channel = app.channels[name]
    if not channel.kind.client_events:
        raise ProtocolViolation(texts.CLIENT_EVENT_CHANNEL)
    if len(frame.event) > limits.MAX_EVENT_NAME:
        raise ProtocolViolation(texts.CLIENT_EVENT_NAME.format(limit=limits.MAX_EVENT_NAME))
    # facts 1.2, 8.7: a string stays, anything else travels as the text of its JSON
    data = frame.data if isinstance(frame.data, str) else dumps(frame.data)
    if len(data.encode("utf-8", "surrogatepass")) > limits.MAX_EVENT_DATA:
        raise ProtocolViolation(texts.CLIENT_EVENT_SIZE.format(limit=limits.MAX_EVENT_DATA))
    _check_rate(turn, connection)
    user_id = connection.channels[name]  # facts 1.9: from the subscription, never from the frame
    record = PublishedEvent(
        app.config.id, name, frame.event, data, turn.at, connection.socket_id, user_id, client=True
    )
    app.record(record)
    turn.effects.append(Published(record))
    app.messages += 1 + turn.broadcast(
        channel, Frame(frame.event, data, name, user_id), besides=connection.id
    )
    hook = {
        "name": "client_event",
        "channel": name,
        "event": frame.event,
        "data": data,
        "socket_id": connection.socket_id,
    }
    if user_id is not None:
        hook["user_id"] = user_id
    webhooks.emit(turn, app, hook)


def _check_rate(turn: Turn, connection: Connection) -> None:
    sent = connection.client_events
    if sent is None:
        sent = connection.client_events = deque(maxlen=limits.MAX_CLIENT_EVENTS)
    if len(sent) == limits.MAX_CLIENT_EVENTS and turn.at - sent[0] < limits.CLIENT_EVENT_WINDOW:
        raise ProtocolViolation(
            texts.CLIENT_EVENT_RATE,
            code=codes.CLIENT_EVENT_RATE,
            hint=f"{limits.MAX_CLIENT_EVENTS} a second on each connection; "
            "on a ManualClock a second passes with clock.advance(1000)",
        )
    sent.append(turn.at)
