"""A small driver for engine tests: clients, signed requests, a clock, and what came of it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    App,
    Broadcast,
    CloseConnection,
    ConnectionClosed,
    ConnectionOpened,
    DeliverWebhook,
    Effect,
    Engine,
    FrameReceived,
    HttpRequested,
    Input,
    Ping,
    PongReceived,
    Published,
    PublishedEvent,
    Respond,
    SendFrame,
    TimerFired,
    Webhook,
)
from pusher_mock.protocol.signatures import sign, signed_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# facts 7
KEY = "278d425bdf160c739803"
SECRET = "7ad3773142a6692b25b8"
APP_ID = "3"
WALL = 1_353_088_179.0
HOOK_URL = "https://app.test/hooks"

Frame = dict[str, Any]


def app(**switches: Any) -> App:
    """The app of facts 7 with some switches set."""
    return App(APP_ID, KEY, SECRET, **switches)


def hooked(**switches: Any) -> App:
    """The same with one URL that gets every webhook."""
    return app(webhooks=(Webhook(HOOK_URL),), **switches)


def error(message: str, code: int | None = None) -> Frame:
    """A ``pusher:error`` as it is on the wire: object data, no channel (facts 1.2)."""
    return {"event": "pusher:error", "data": {"code": code, "message": message}}


def event(name: str, channel: str, data: object, **more: Any) -> Frame:
    """A frame of a channel; data that is no string is the text of its JSON (facts 1.2)."""
    return {"event": name, "channel": channel, "data": text(data), **more}


def succeeded(channel: str, data: object = "{}") -> Frame:
    """``subscription_succeeded`` (facts 1.5)."""
    return event("pusher_internal:subscription_succeeded", channel, data)


def roster(**members: object) -> object:
    """What ``subscription_succeeded`` of a presence channel holds (facts 1.5.1)."""
    return {"presence": {"count": len(members), "ids": list(members), "hash": members}}


def watchlist(**status: list[str]) -> Frame:
    """A frame of the connection that tells who came or went (facts 1.13.10)."""
    events = [{"name": name, "user_ids": ids} for name, ids in status.items()]
    return {"event": "pusher_internal:watchlist_events", "data": text({"events": events})}


def text(data: object) -> str:
    """Compact JSON, or the string itself."""
    return data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))


class Client:
    """One connection of a pusher; ``take()`` returns the frames that came since."""

    def __init__(self, pusher: Pusher, name: str, socket_id: str) -> None:
        self.pusher = pusher
        self.name = name
        self.socket_id = socket_id

    def send(self, event: str, data: object = None, **more: Any) -> list[Effect]:
        return self.raw(json.dumps({"event": event, "data": data, **more}))

    def raw(self, message: str | bytes) -> list[Effect]:
        return self.pusher.handle(FrameReceived(self.name, message))

    def subscribe(
        self,
        channel: str,
        member: object = None,
        *,
        key: str = KEY,
        secret: str = SECRET,
        signed: str | None = None,
        **more: Any,
    ) -> list[Frame]:
        """Subscribe, correctly signed unless told otherwise; returns the frames that came."""
        data: dict[str, Any] = {"channel": channel, **more}
        if member is not None:
            data["channel_data"] = text(member)
        if channel.startswith(("private-", "presence-")) and "auth" not in data:
            to_sign = f"{self.socket_id}:{channel}"
            if member is not None:
                to_sign += f":{data['channel_data']}"
            data["auth"] = f"{key}:{sign(secret, to_sign if signed is None else signed)}"
        self.send("pusher:subscribe", data)
        return self.take()

    def join(self, channel: str, user_id: object, user_info: object = None) -> list[Frame]:
        """Subscribe to a presence channel as a user."""
        member = {"user_id": user_id}
        if user_info is not None:
            member["user_info"] = user_info
        return self.subscribe(channel, member)

    def unsubscribe(self, channel: str) -> list[Frame]:
        self.send("pusher:unsubscribe", {"channel": channel})
        return self.take()

    def sign_in(self, user_id: object, *, signed: str | None = None, **more: Any) -> list[Frame]:
        """Sign in with a correct signature unless told otherwise."""
        user_data = json.dumps({"id": user_id, **more})
        to_sign = f"{self.socket_id}::user::{user_data}" if signed is None else signed
        self.send(
            "pusher:signin", {"auth": f"{KEY}:{sign(SECRET, to_sign)}", "user_data": user_data}
        )
        return self.take()

    def close(self) -> None:
        self.pusher.handle(ConnectionClosed(self.name))

    def pong(self) -> None:
        self.pusher.handle(PongReceived(self.name))

    def take(self) -> list[Frame]:
        """The frames since the last call."""
        frames = self.pusher.frames.get(self.name, [])
        self.pusher.frames[self.name] = []
        return frames

    @property
    def note(self) -> str:
        """What the application's author was told with the last frame."""
        return self.pusher.notes[self.name]

    def closed(self) -> tuple[int, str] | None:
        """Code and reason, or ``None`` while the service leaves it open."""
        return self.pusher.closes.get(self.name)


class Pusher:
    """An engine with a clock; records every effect where tests look for it."""

    def __init__(self, *apps: App, **options: Any) -> None:
        self.engine = Engine(apps or (app(),), **options)
        self.at = 0.0
        self.frames: dict[str, list[Frame]] = {}
        self.notes: dict[str, str] = {}
        self.closes: dict[str, tuple[int, str]] = {}
        self.pings: list[str] = []
        self.published: list[PublishedEvent] = []
        self.webhooks: list[DeliverWebhook] = []
        self.last: list[Effect] = []
        self._opened = 0

    @property
    def wall(self) -> float:
        """The application's clock runs with the mock's."""
        return WALL + self.at / 1000

    def handle(self, happened: Input) -> list[Effect]:
        """Handle an input, record the effects, check the invariants."""
        self.last = self.engine.handle(happened, at=self.at, wall=self.wall)
        self._record(self.last)
        check_invariants(self.engine)
        return self.last

    def _record(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendFrame(connection, frame, note):
                    self._deliver(connection, json.loads(frame.text))
                    self.notes[connection] = note
                case Broadcast(frame, recipients):
                    for connection in recipients:
                        self._deliver(connection, json.loads(frame.text))
                case CloseConnection(connection, code, reason):
                    self.closes[connection] = (code, reason)
                case Ping(connection):
                    self.pings.append(connection)
                case Published(published):
                    self.published.append(published)
                case DeliverWebhook():
                    self.webhooks.append(effect)
                case Respond():
                    assert effect is effects[-1]

    def _deliver(self, connection: str, frame: Frame) -> None:
        assert connection not in self.closes, f"{connection} is closed and was sent {frame}"
        self.frames.setdefault(connection, []).append(frame)

    def open(
        self, target: str = f"/app/{KEY}?protocol=7", socket_id: str = "", **more: Any
    ) -> Client:
        """Open a connection, which may be refused; its frames are left to be taken."""
        self._opened += 1
        client = Client(self, f"connection-{self._opened}", socket_id or f"1.{self._opened}")
        self.handle(ConnectionOpened(client.name, client.socket_id, target, **more))
        return client

    def connect(self, **more: Any) -> Client:
        """Open a connection and take its first frame."""
        client = self.open(**more)
        [first] = client.take()
        assert first["event"] == "pusher:connection_established"
        return client

    def advance(self, milliseconds: float) -> None:
        """Let time pass; timers fire when they are due."""
        target = self.at + milliseconds
        while (due := self.engine.next_due) is not None and due <= target:
            self.at = max(self.at, due)
            self.handle(TimerFired())
        self.at = target

    def events(self) -> list[list[dict[str, Any]]]:
        """The events of each webhook since the last call, one list a request."""
        bodies = [json.loads(hook.body)["events"] for hook in self.webhooks]
        self.webhooks.clear()
        return bodies

    def request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        key: str = KEY,
        secret: str = SECRET,
        drop: Iterable[str] = (),
        change: dict[str, str] | None = None,
        signed: str | None = None,
    ) -> Respond:
        """Send a request, correctly signed unless told otherwise.

        Args:
            drop: parameters of authentication that are left out.
            change: parameters that get another value, signed like the right one.
            signed: the text that is signed instead of the right one.
        """
        auth = {"auth_key": key, "auth_timestamp": str(int(self.wall)), "auth_version": "1.0"}
        if body:
            auth["body_md5"] = hashlib.md5(body).hexdigest()
        auth |= change or {}
        pairs = [*query, *((name, value) for name, value in auth.items() if name not in drop)]
        if "auth_signature" not in drop and "auth_signature" not in auth:
            right = f"{method}\n{path}\n{signed_query(pairs)}"
            pairs.append(("auth_signature", sign(secret, right if signed is None else signed)))
        [*_, answer] = self.handle(HttpRequested(method, path, tuple(pairs), body))
        assert isinstance(answer, Respond)
        return answer

    def get(self, path: str, app_id: str = APP_ID, **query: str) -> Any:
        """GET below the app's path; returns what the JSON holds."""
        answer = self.request("GET", f"/apps/{app_id}/{path}", tuple(query.items()))
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def post(self, path: str, content: object, app_id: str = APP_ID, **more: Any) -> Respond:
        """POST JSON below the app's path."""
        return self.request("POST", f"/apps/{app_id}/{path}", (), text(content).encode(), **more)

    def publish(self, channel: str, name: str, data: object, **more: Any) -> None:
        """Publish on one channel and expect success."""
        content = {"name": name, "channels": [channel], "data": text(data), **more}
        answer = self.post("events", content)
        assert (answer.status, answer.body) == (200, "{}"), answer


def check_invariants(engine: Engine) -> None:
    """What holds after every input, whatever it was."""
    state = engine.state
    assert state.connections == {
        name: one
        for app_state in state.apps.values()
        for name, one in app_state.connections.items()
    }
    assert state.sockets == {one.socket_id: one for one in state.connections.values()}
    for app_state in state.apps.values():
        for name, channel in app_state.channels.items():
            assert channel.connections, f"{name} is empty and was not forgotten"
            assert channel.recipients() == tuple(channel.connections)
            for one in channel.connections:
                assert name in app_state.connections[one].channels
            if channel.members is not None:
                on_channel = {
                    (app_state.connections[one].channels[name], one) for one in channel.connections
                }
                assert on_channel == {
                    (user, one)
                    for user, member in channel.members.items()
                    for one in member.connections
                }
        for connection in app_state.connections.values():
            assert connection.app is app_state
            for name in connection.channels:
                assert connection.id in app_state.channels[name].connections
        assert app_state.users == _signed_in(app_state.connections.values())
        watching = {
            (user, one.id) for one in app_state.connections.values() for user in one.watchlist
        }
        assert watching == {
            (user, one) for user, all_ in app_state.watchers.items() for one in all_
        }
        assert all(app_state.watchers.values())
        for history in app_state.history.values():
            assert 0 < len(history) <= state.history_size


def _signed_in(connections: Iterable[Any]) -> dict[str, dict[str, None]]:
    users: dict[str, dict[str, None]] = {}
    for connection in connections:
        if connection.user_id is not None:
            users.setdefault(connection.user_id, {})[connection.id] = None
    return users
