"""The state store: the document's verbs on a mock, without a client or a publisher."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pusher_mock.core import Core, Outbox, current
from pusher_mock.engine import FrameReceived, HttpRequested, PublishedEvent, Respond, SendFrame
from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import dumps
from pusher_mock.protocol.names import channel_kind
from pusher_mock.protocol.signatures import body_md5, channel_text, sign, signed_query

from .listener import Listener, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine.state import AppState

__all__ = ["StateStore", "pusher_mock_state"]

_TARGET = "/app/{key}?protocol=7&client=pusher-mock&version=0"


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

    # Writing -----------------------------------------------------------------------------------

    def subscribe(self, connection_id: str, channel: str, *, app: str | None = None) -> None:
        """Subscribe a connection to a channel; an unknown connection is opened first.

        Authorization of private and presence channels is signed with the app's secret; on a
        presence channel the member's user id is the connection id.

        Args:
            connection_id: any readable id, or the one of an open client, ``mock-connection-1``.
            channel: the channel's name.
            app: the key of an app; the default app otherwise, or the connection's own.

        Raises:
            UsageError: the service would refuse the subscription; the text says why.
        """
        core = self._core
        box = _box(core, connection_id) or _open(core, connection_id, app)
        with core.lock:
            state = core.engine.state.connections[connection_id].app
        if app is not None and app not in state.secrets:
            raise UsageError(
                f"{connection_id} is a connection of app {state.config.key}, not of {app}; "
                "a connection belongs to one app, so choose another id"
            )
        data: dict[str, Any] = {"channel": channel}
        kind = channel_kind(channel)
        if kind.private:
            member = dumps({"user_id": connection_id}) if kind.presence else None
            key, secret = _credentials(state)
            data["auth"] = f"{key}:{sign(secret, channel_text(box.socket_id, channel, member))}"
            if member is not None:
                data["channel_data"] = member
        frame = dumps({"event": "pusher:subscribe", "data": data})
        for effect in core.submit(FrameReceived(connection_id, frame)):
            if isinstance(effect, SendFrame) and (why := refusal(effect.frame)):
                raise UsageError(f"cannot subscribe {connection_id} to {channel}: {why}")

    def bind(
        self,
        connection_id: str,
        channel: str,
        event: str,
        callback: Callable[[Any], object],
    ) -> None:
        """Call back with the decoded data of every such event that reaches the connection.

        On the connection of a client it runs after the client's own callbacks, on the thread
        that delivers, and until the client reconnects.

        Args:
            connection_id: a connection that is open.
            channel: a channel that it is subscribed to.
            event: the event's name.
            callback: called with the data, decoded from JSON where it is JSON.

        Raises:
            UsageError: the connection is not open, or has no such subscription.
        """
        core = self._core
        with core.lock:
            box = _box(core, connection_id)
            if box is None:
                raise UsageError(
                    f"there is no connection {connection_id}; "
                    f"subscribe({connection_id!r}, {channel!r}) opens it"
                )
            if channel not in core.engine.state.connections[connection_id].channels:
                raise UsageError(
                    f"{connection_id} is not subscribed to {channel}; subscribe it first"
                )
            Listener.on(core, box).bind(channel, event, callback)

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
        core = self._core
        state = _app(core, app)
        key, secret = _credentials(state)
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        content: dict[str, Any] = {"name": event, "channels": [channel], "data": text}
        if socket_id is not None:
            content["socket_id"] = socket_id
        body = dumps(content).encode()
        path = f"/apps/{quote(state.config.id, safe='')}/events"
        pairs = (
            ("auth_key", key),
            ("auth_timestamp", str(int(core.clock.wall()))),
            ("auth_version", limits.AUTH_VERSION),
            ("body_md5", body_md5(body)),
        )
        signature = sign(secret, f"POST\n{path}\n{signed_query(pairs)}")
        answer: Respond = core.request(
            HttpRequested("POST", path, (*pairs, ("auth_signature", signature)), body)
        )
        if answer.status != _OK:
            note = f" ({answer.note})" if answer.note else ""
            raise UsageError(f"{answer.status}: {answer.body.strip()}{note}")

    def reset(self) -> None:
        """Close every connection and forget everything but apps and options."""
        self._core.reset()

    # Reading -----------------------------------------------------------------------------------

    def get_channel_messages(self, channel: str) -> list[PublishedEvent]:
        """The kept history of a channel, oldest first, also when nobody is subscribed any more.

        Args:
            channel: the channel's name, in whichever app.

        Returns:
            The last events, as many as ``PusherMock(history=)`` says.
        """
        with self._core.lock:
            found = [
                event
                for app in self._core.engine.state.apps.values()
                for event in app.history.get(channel, ())
            ]
        return sorted(found, key=lambda event: event.at)

    def get_subscriber_count(self, channel: str) -> int:
        """How many connections are subscribed to a channel.

        Args:
            channel: the channel's name, in whichever app.

        Returns:
            Connections, not users: somebody with two tabs counts twice.
        """
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


def _app(core: Core, key: str | None) -> AppState:
    with core.lock:
        state = core.engine.state
        if key is None:
            return next(iter(state.apps.values()))
        found = state.by_key.get(key)
        if found is None:
            raise UsageError(f"no app has the key {key}; there are {', '.join(state.by_key)}")
        return found


def _credentials(app: AppState) -> tuple[str, str]:
    """A key of the app with its secret."""
    for key, secret in app.secrets.items():
        if secret is not None:
            return key, secret
    raise UsageError(
        f"nobody has shown the secret of {app.config.key} yet: build a publisher with it, or "
        "register the app with PusherMock(apps=[App(id, key, secret)])"
    )


def _box(core: Core, connection_id: str) -> Outbox | None:
    for box in core.connections:
        if box.connection == connection_id:
            return box
    return None


def _open(core: Core, connection_id: str, app: str | None) -> Outbox:
    key = next(iter(_app(core, app).secrets))
    listener = Listener(core)
    box = listener.box = core.open(
        _TARGET.format(key=quote(key, safe="")), listener.receive, name=connection_id
    )
    if _box(core, connection_id) is not box:
        raise UsageError(f"app {key} refused the connection {connection_id}: {listener.refused}")
    return box


#: The state store of the current mock.
pusher_mock_state = StateStore()
