"""The state store: the document's verbs on a mock, without a client or a publisher."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pusher_mock.core import Core, Outbox, current
from pusher_mock.engine import FrameReceived, HttpRequested, PublishedEvent, Respond, SendFrame
from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import Frame, dumps, loads
from pusher_mock.protocol.names import channel_kind
from pusher_mock.protocol.signatures import body_md5, channel_text, sign, signed_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine.state import AppState

__all__ = ["StateStore", "pusher_mock_state"]

_TARGET = "/app/{key}?protocol=7&client=pusher-mock&version=0"


def decoded(raw: Any) -> Any:
    """Decode data from JSON as pusher-js does: a string that is not JSON stays what it is."""
    if not isinstance(raw, str):
        return raw
    try:
        return loads(raw)
    except ValueError:
        return raw


class _Subscriber:
    """A connection that the store opened itself, with its callbacks by channel and event."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self.bindings: dict[tuple[str, str], list[Callable[[Any], object]]] = {}

    def receive(self, item: object) -> None:
        """Call what is bound; an error is recorded and the next callback runs."""
        if not isinstance(item, Frame) or item.channel is None:
            return
        for callback in tuple(self.bindings.get((item.channel, item.event), ())):
            try:
                callback(decoded(item.data))
            except Exception as error:
                self._store.record(item, error)


class StateStore:
    """Channels, subscriptions and history of a mock, by plain verbs.

    Reads span all apps; writes go to the default app unless ``app`` names another by its key.

    Args:
        core: the mock; ``None`` stands for the current one, looked up at every call.
    """

    def __init__(self, core: Core | None = None) -> None:
        self._given = core

    @property
    def _core(self) -> Core:
        return self._given or current()

    def _app(self, key: str | None) -> AppState:
        state = self._core.engine.state
        if key is None:
            return next(iter(state.apps.values()))
        found = state.by_key.get(key)
        if found is None:
            raise UsageError(f"no app has the key {key}; there are {', '.join(state.by_key)}")
        return found

    # Writing -----------------------------------------------------------------------------------

    def subscribe(self, connection_id: str, channel: str, *, app: str | None = None) -> None:
        """Subscribe a connection to a channel; an unknown connection is opened first.

        Authorization of private and presence channels is signed with the app's secret; on a
        presence channel the member's user id is the connection id.

        Args:
            connection_id: any readable id, or the one of an open client, ``mock-connection-1``.
            channel: the channel's name.
            app: the key of an app; the default app otherwise.

        Raises:
            UsageError: the service would refuse the subscription; the text says why.
        """
        core = self._core
        box = self._box(connection_id) or self._open(connection_id, app)
        state = core.engine.state.connections[connection_id].app
        data: dict[str, Any] = {"channel": channel}
        kind = channel_kind(channel)
        if kind.private:
            member = dumps({"user_id": connection_id}) if kind.presence else None
            key, secret = next(iter(state.secrets.items()))
            text = channel_text(box.socket_id, channel, member)
            data["auth"] = f"{key}:{sign(secret or '', text)}"
            if member is not None:
                data["channel_data"] = member
        frame = dumps({"event": "pusher:subscribe", "data": data})
        for effect in core.submit(FrameReceived(connection_id, frame)):
            if isinstance(effect, SendFrame) and effect.frame.event == "pusher:error":
                raise UsageError(f"cannot subscribe {connection_id}: {effect.frame.data}")

    def _box(self, connection_id: str) -> Outbox | None:
        for box in self._core.connections:
            if box.connection == connection_id:
                return box
        return None

    def _open(self, connection_id: str, app: str | None) -> Outbox:
        key = next(iter(self._app(app).secrets))
        subscriber = _Subscriber(self)
        box = self._core.open(_TARGET.format(key=key), subscriber.receive, name=connection_id)
        if self._box(connection_id) is None:
            raise UsageError(f"app {key} refused the connection {connection_id}; see the log")
        return box

    def bind(
        self,
        connection_id: str,
        channel: str,
        event: str,
        callback: Callable[[Any], object],
    ) -> None:
        """Call back with the decoded data of every such event that reaches the connection.

        Raises:
            UsageError: the connection is not open, or has no such subscription.
        """
        box = self._box(connection_id)
        if box is None:
            raise UsageError(
                f"there is no connection {connection_id}; subscribe({connection_id!r}, …) opens it"
            )
        owner = getattr(box.sink, "__self__", None)
        if isinstance(owner, _Subscriber):
            owner.bindings.setdefault((channel, event), []).append(callback)
            return
        # A client double: bind where its own callbacks are.
        channels = getattr(getattr(owner, "event_handler", None), "__self__", None)
        bound = channels.channel(channel) if channels is not None else None
        if bound is None:
            raise UsageError(f"{connection_id} is not subscribed to {channel}; subscribe it first")
        bound.bind(event, lambda raw: callback(decoded(raw)))

    def trigger(
        self,
        channel: str,
        event: str,
        data: Any,
        *,
        socket_id: str | None = None,
        app: str | None = None,
    ) -> None:
        """Publish an event; callbacks have run when this returns.

        Args:
            channel: the channel's name.
            event: the event's name.
            data: a string as it is, anything else as JSON.
            socket_id: a connection that does not receive it.
            app: the key of an app; the default app otherwise.

        Raises:
            UsageError: the service would refuse it; the text is the service's.
        """
        core, state = self._core, self._app(app)
        key, secret = next(iter(state.secrets.items()))
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        content: dict[str, Any] = {"name": event, "channels": [channel], "data": text}
        if socket_id is not None:
            content["socket_id"] = socket_id
        body = dumps(content).encode()
        path = f"/apps/{state.config.id}/events"
        pairs = (
            ("auth_key", key),
            ("auth_timestamp", str(int(core.clock.wall()))),
            ("auth_version", limits.AUTH_VERSION),
            ("body_md5", body_md5(body)),
        )
        signature = sign(secret or "", f"POST\n{path}\n{signed_query(pairs)}")
        answer: Respond = core.request(
            HttpRequested("POST", path, (*pairs, ("auth_signature", signature)), body)
        )
        if answer.status != _OK:
            raise UsageError(f"{answer.status}: {answer.body.strip()} {answer.note}".rstrip())

    def reset(self) -> None:
        """Close every connection and forget everything but apps and options."""
        self._core.reset()

    def record(self, frame: Frame, error: BaseException) -> None:
        """Keep what a callback of a store's connection raised."""
        from pusher_mock.core import CallbackError

        self._core.record_error(CallbackError("", frame.channel, frame.event, error))

    # Reading -----------------------------------------------------------------------------------

    def get_channel_messages(self, channel: str) -> list[PublishedEvent]:
        """The kept history of a channel, oldest first, also when nobody is subscribed any more."""
        with self._core.lock:
            found = [
                event
                for app in self._core.engine.state.apps.values()
                for event in app.history.get(channel, ())
            ]
        return sorted(found, key=lambda event: event.at)

    def get_subscriber_count(self, channel: str) -> int:
        """How many connections are subscribed to a channel."""
        with self._core.lock:
            return sum(
                len(app.channels[channel].connections)
                for app in self._core.engine.state.apps.values()
                if channel in app.channels
            )

    def get_state(self) -> dict[str, list[dict[str, Any]]]:
        """A snapshot for debugging, in the document's structure and with its keys.

        Returns:
            ``channels``: each occupied channel, and each that has history, with ``name``,
            ``subscriberCount``, ``messageCount`` (in the kept history) and ``events`` (their
            names, in order of first appearance). ``subscriptions``: each open connection with
            ``connectionId``, ``channelCount`` and ``channels``.
        """
        with self._core.lock:
            apps = tuple(self._core.engine.state.apps.values())
            names = dict.fromkeys(name for app in apps for name in (*app.channels, *app.history))
            return {
                "channels": [self._channel(name) for name in names],
                "subscriptions": [
                    {
                        "connectionId": connection.id,
                        "channelCount": len(connection.channels),
                        "channels": list(connection.channels),
                    }
                    for connection in self._core.engine.state.connections.values()
                ],
            }

    def _channel(self, name: str) -> dict[str, Any]:
        messages = self.get_channel_messages(name)
        return {
            "name": name,
            "subscriberCount": self.get_subscriber_count(name),
            "messageCount": len(messages),
            "events": list(dict.fromkeys(message.event for message in messages)),
        }

    def __repr__(self) -> str:
        state = self.get_state()
        return (
            f"<StateStore channels={len(state['channels'])} "
            f"subscriptions={len(state['subscriptions'])}>"
        )


_OK = 200

#: The state store of the current mock.
pusher_mock_state = StateStore()
