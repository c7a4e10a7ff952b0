"""What happens to a mock, as records that a developer reads: for ``pusher-mock tail``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    CloseConnection,
    ConnectionClosed,
    ConnectionOpened,
    DeliverWebhook,
    FrameReceived,
    Published,
    SendFrame,
)
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.names import parse_handshake

if TYPE_CHECKING:
    from pusher_mock.core import Core
    from pusher_mock.engine import Effect, Input, PublishedEvent

__all__ = ["Happenings", "Record"]

Record = dict[str, Any]

_SUBSCRIBED = "pusher_internal:subscription_succeeded"
_UNSUBSCRIBE = "pusher:unsubscribe"
_ERROR = "pusher:error"
_USER = re.compile("//[^/@]*@")


class Happenings:
    """Tells what the inputs of one core mean.

    A record has ``kind``, ``at`` (milliseconds of the mock's clock), ``time`` (seconds since the
    epoch), ``app`` (the id) and what the kind needs:

    - ``published``: ``channel``, ``event``, ``data`` (the text on the wire), ``socket_id``,
      ``user_id``, ``client``;
    - ``opened``: ``socket_id``, ``client``, ``version``, ``protocol``; ``refused``: ``code``,
      ``reason``; ``closed``: ``socket_id``, ``code``, ``reason``, both ``None`` when the client
      went;
    - ``subscribed``, ``unsubscribed``: ``channel``, ``socket_id``, ``user_id``;
    - ``error``: ``socket_id``, ``code``, ``reason``, when a client is told that it did wrong;
    - ``webhook``: ``url`` (without what may be secret in it), ``events``.

    Everything is called under the core's lock.

    Args:
        core: the core.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        # connection -> id of its app, socket id: a connection that has closed is nowhere else
        self._open = {
            one.id: (one.app.config.id, one.socket_id)
            for one in core.engine.state.connections.values()
        }

    def tell(self, at: float, happened: Input, effects: list[Effect]) -> list[Record]:
        """The records of one input; most have none."""
        told: list[Record] = []
        if isinstance(happened, ConnectionOpened):
            told += self._opened(happened)
        elif isinstance(happened, ConnectionClosed):
            told += self._closed(happened.connection, None, None)
        elif isinstance(happened, FrameReceived):
            told += self._unsubscribed(happened, effects)
        for effect in effects:
            if isinstance(effect, Published):
                told.append(_published(effect.event))
            elif isinstance(effect, SendFrame):
                told += self._sent(effect)
            elif isinstance(effect, CloseConnection):
                if told and told[-1]["kind"] == "error":
                    told.pop()  # it goes before the close and says the same (facts 1.10)
                told += self._closed(effect.connection, effect.code, effect.reason)
                if isinstance(happened, ConnectionOpened):
                    told += self._refused(happened, effect)
            elif isinstance(effect, DeliverWebhook):
                told.append(_webhook(effect))
        if not told:
            return told
        stamp = {"at": round(at, 3), "time": round(self._core.clock.wall(), 3)}
        return [{"kind": one.pop("kind"), **stamp, **one} for one in told]

    def _opened(self, happened: ConnectionOpened) -> list[Record]:
        # After a reset of the mock names begin again, and nobody has told of the ends.
        self._open.pop(happened.connection, None)
        connection = self._core.engine.state.connections.get(happened.connection)
        if connection is None:
            return []
        app = connection.app.config.id
        self._open[connection.id] = (app, connection.socket_id)
        asked = parse_handshake(happened.target)
        return [
            {
                "kind": "opened",
                "app": app,
                "socket_id": connection.socket_id,
                "client": asked.client,
                "version": asked.version,
                "protocol": asked.protocol,
            }
        ]

    def _refused(self, happened: ConnectionOpened, effect: CloseConnection) -> list[Record]:
        try:
            key = parse_handshake(happened.target).key
        except ProtocolViolation:
            return []  # it named no app, so it is nobody's
        app = self._core.engine.state.by_key.get(key)
        if app is None:
            return []
        why = {"code": effect.code, "reason": effect.reason}
        return [{"kind": "refused", "app": app.config.id, **why}]

    def _closed(self, connection: str, code: int | None, reason: str | None) -> list[Record]:
        known = self._open.pop(connection, None)
        if known is None:
            return []  # told already, or never let in
        app, socket_id = known
        return [
            {"kind": "closed", "app": app, "socket_id": socket_id, "code": code, "reason": reason}
        ]

    def _sent(self, effect: SendFrame) -> list[Record]:
        frame = effect.frame
        if frame.event not in (_SUBSCRIBED, _ERROR) or effect.connection not in self._open:
            return []
        app, socket_id = self._open[effect.connection]
        if frame.event == _SUBSCRIBED:
            connection = self._core.engine.state.connections[effect.connection]
            member = connection.channels[frame.channel or ""]
            return [_subscription("subscribed", app, frame.channel, socket_id, member)]
        assert isinstance(frame.data, dict)
        why = {"code": frame.data["code"], "reason": frame.data["message"]}
        return [{"kind": "error", "app": app, "socket_id": socket_id, **why}]

    def _unsubscribed(self, happened: FrameReceived, effects: list[Effect]) -> list[Record]:
        """The service says nothing to it (facts 1.8.4), so what was asked has to be read."""
        text = happened.text
        known = self._open.get(happened.connection)
        if known is None or isinstance(text, bytes) or _UNSUBSCRIBE not in text:
            return []
        if any(isinstance(one, SendFrame) and one.frame.event == _ERROR for one in effects):
            return []
        asked = json.loads(text)  # the engine has read it, and had nothing against it
        if asked["event"] != _UNSUBSCRIBE:
            return []
        return [_subscription("unsubscribed", known[0], asked["data"]["channel"], known[1], None)]


def _published(event: PublishedEvent) -> Record:
    return {
        "kind": "published",
        "app": event.app,
        "channel": event.channel,
        "event": event.event,
        "data": event.raw,
        "socket_id": event.socket_id,
        "user_id": event.user_id,
        "client": event.client,
    }


def _subscription(
    kind: str, app: str, channel: str | None, socket_id: str, user_id: str | None
) -> Record:
    record = {"kind": kind, "app": app, "channel": channel, "socket_id": socket_id}
    return record if user_id is None else {**record, "user_id": user_id}


def _webhook(effect: DeliverWebhook) -> Record:
    """Without signature; a user name or a query of the URL may be a secret of the target's."""
    url = _USER.sub("//", effect.url.partition("?")[0], count=1)
    events = json.loads(effect.body)["events"]
    return {"kind": "webhook", "app": effect.app, "url": url, "events": events}
