"""What one Pusher knows: apps, connections, channels, members, history, cache."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import limits
from pusher_mock.protocol.names import channel_kind

from .apps import App, AppKey
from .timers import Timers

if TYPE_CHECKING:
    from .effects import PublishedEvent

__all__ = ["AppState", "CachedEvent", "Channel", "Connection", "Member", "State"]

_NEVER: Final = float("-inf")


class Connection:
    """An open connection. ``liveness`` is the state of the keep-alive table."""

    __slots__ = (
        "app",
        "channels",
        "client_events",
        "heard_at",
        "id",
        "liveness",
        "native_ping",
        "socket_id",
        "user_id",
        "user_info",
        "watchlist",
    )

    def __init__(
        self, name: str, socket_id: str, app: AppState, at: float, native_ping: bool = True
    ) -> None:
        self.id = name
        self.socket_id = socket_id
        self.app = app
        self.heard_at = at
        self.native_ping = native_ping
        self.liveness = "alive"
        # channel name -> the member's user id on presence channels, else None
        self.channels: dict[str, str | None] = {}
        self.user_id: str | None = None
        self.user_info: Any = None
        self.watchlist: tuple[str, ...] = ()
        # times of the client events within the window; made with the first one
        self.client_events: deque[float] | None = None

    def __repr__(self) -> str:
        user = f" user={self.user_id}" if self.user_id is not None else ""
        return (
            f"<Connection {self.id} socket_id={self.socket_id} channels={len(self.channels)}{user}>"
        )


class Member:
    """A user on a presence channel, over all of the user's connections there (facts 1.6)."""

    __slots__ = ("connections", "info")

    def __init__(self, info: Any) -> None:
        self.info = info
        self.connections: set[str] = set()


class Channel:
    """An occupied channel; it exists while somebody is subscribed (facts 1.3)."""

    __slots__ = ("_recipients", "connections", "count_sent_at", "kind", "members", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = channel_kind(name)
        self.connections: dict[str, None] = {}
        self.members: dict[str, Member] | None = {} if self.kind.presence else None
        self.count_sent_at = _NEVER
        self._recipients: tuple[str, ...] | None = None

    def add(self, connection: str) -> None:
        """Subscribe a connection."""
        self.connections[connection] = None
        self._recipients = None

    def discard(self, connection: str) -> None:
        """Unsubscribe a connection."""
        del self.connections[connection]
        self._recipients = None

    def recipients(self, besides: str | None = None) -> tuple[str, ...]:
        """The subscribed connections in the order they came, without one of them."""
        all_of_them = self._recipients
        if all_of_them is None:
            all_of_them = self._recipients = tuple(self.connections)
        if besides is None or besides not in self.connections:
            return all_of_them
        return tuple([one for one in all_of_them if one != besides])

    def __repr__(self) -> str:
        members = f" members={len(self.members)}" if self.members is not None else ""
        return f"<Channel {self.name} subscribers={len(self.connections)}{members}>"


class CachedEvent:
    """The last event of a cache channel and when it expires (facts 1.7)."""

    __slots__ = ("data", "event", "expires_at")

    def __init__(self, event: str, data: str, expires_at: float) -> None:
        self.event = event
        self.data = data
        self.expires_at = expires_at


_REMEMBERED_SECRETS = 8


class AppState:
    """Everything that belongs to one app."""

    __slots__ = (
        "cache",
        "cache_missed",
        "channels",
        "config",
        "connections",
        "history",
        "history_size",
        "ids",
        "messages",
        "occupancy",
        "refused",
        "secrets",
        "users",
        "watchers",
        "webhook_batches",
    )

    def __init__(self, config: App, history_size: int) -> None:
        self.config = config
        self.history_size = history_size
        self.ids = {config.id, *config.aliases}
        self.secrets: dict[str, str | None] = {config.key: config.secret}
        self.secrets.update({one.key: one.secret for one in config.keys if one.active})
        # key -> the other secrets shown for it, the latest ones: they explain failed signatures
        self.refused: dict[str, deque[str]] = {}
        self.clear()

    def clear(self) -> None:
        """Forget what happened; keys, ids and switches stay."""
        self.connections: dict[str, Connection] = {}
        self.channels: dict[str, Channel] = {}
        self.history: dict[str, deque[PublishedEvent]] = {}
        self.cache: dict[str, CachedEvent] = {}
        self.cache_missed: set[str] = set()
        self.users: dict[str, dict[str, None]] = {}
        self.watchers: dict[str, dict[str, None]] = {}
        self.occupancy: dict[tuple[str, ...], str] = {}
        self.webhook_batches: dict[int, list[dict[str, Any]]] = {}
        self.messages = 0  # counted since the day began (facts 2.5)

    def learn(self, key: str, secret: str | None, app_id: str | None) -> None:
        """Take what a publisher showed: the first secret of a key counts, every id is an alias."""
        if secret is not None and self.secrets[key] is None:
            self.secrets[key] = secret
            if key == self.config.key:
                self.config = replace(self.config, secret=secret)
        self.refuse(key, secret)
        if app_id:
            self.ids.add(app_id)

    def refuse(self, key: str, secret: str | None) -> None:
        """Remember a secret that is not the key's; the right one and none at all are fine."""
        if secret is not None and secret != self.secrets[key]:
            shown = self.refused.setdefault(key, deque(maxlen=_REMEMBERED_SECRETS))
            if secret not in shown:
                shown.append(secret)

    def record(self, event: PublishedEvent) -> None:
        """Append to the channel's history, which outlives the channel; the oldest drops out."""
        if not self.history_size:
            return
        history = self.history.get(event.channel)
        if history is None:
            if len(self.history) >= limits.MAX_NAMES:
                del self.history[next(iter(self.history))]  # the one that began first
            history = self.history[event.channel] = deque(maxlen=self.history_size)
        history.append(event)

    def __repr__(self) -> str:
        return (
            f"<AppState {self.config.id} connections={len(self.connections)} "
            f"channels={len(self.channels)}>"
        )


class State:
    """The apps of one Pusher and where to find them."""

    __slots__ = (
        "apps",
        "by_key",
        "connections",
        "day_ends",
        "history_size",
        "inactive",
        "open_registry",
        "sockets",
        "template",
        "timers",
    )

    def __init__(
        self, apps: tuple[App, ...], history_size: int, open_registry: bool, template: App
    ) -> None:
        self.history_size = history_size
        self.open_registry = open_registry
        self.template = template
        self.apps: dict[str, AppState] = {}
        self.by_key: dict[str, AppState] = {}
        self.connections: dict[str, Connection] = {}
        self.sockets: dict[str, Connection] = {}
        self.timers = Timers()
        self.day_ends: float = limits.DAY
        self.inactive: set[str] = set()
        for config in apps:
            self.add(config)

    def add(self, config: App) -> AppState:
        """Register an app; the keys are what it is found by."""
        app = AppState(config, self.history_size)
        self.apps[config.id] = app
        for key in app.secrets:
            self.by_key[key] = app
        self.inactive.update(one.key for one in config.keys if not one.active)
        return app

    def learn(self, app_id: str | None, key: str, secret: str | None) -> AppState | None:
        """Find the app of these credentials; an open registry adds what it has not seen.

        Returns:
            The app, or ``None`` when the key is inactive, or unknown to a strict registry.
        """
        app = self.by_key.get(key)
        if not self.open_registry or key in self.inactive:
            if app is not None:
                app.refuse(key, secret)
            return app
        if app is None and not key:
            return None  # no connection and no request can name it
        if app is None:
            unique = app_id or f"app-of-{key}"
            while unique in self.apps:
                unique = f"{unique}-of-{key}"
            app = self.add(
                replace(self.template, id=unique, key=key, secret=secret, aliases=(), keys=())
            )
        app.learn(key, secret, app_id)
        return app

    def clear(self) -> None:
        """Forget what happened in every app; the apps stay."""
        for app in self.apps.values():
            app.clear()
        self.connections.clear()
        self.sockets.clear()
        self.timers = Timers()
        self.day_ends = limits.DAY

    def new_day(self, at: float) -> None:
        """A day of the mock's clock is over: the daily message quotas start again (facts 2.3)."""
        for app in self.apps.values():
            app.messages = 0
        self.day_ends = (at // limits.DAY + 1) * limits.DAY

    def tokens(self) -> tuple[AppKey, ...]:
        """All active keys with their secrets."""
        return tuple(
            AppKey(key, secret) for app in self.apps.values() for key, secret in app.secrets.items()
        )
