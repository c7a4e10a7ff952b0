"""What an app is: its keys and the switches of its dashboard (facts 1.9.1, 1.8, 1.13, 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import UsageError

__all__ = ["WEBHOOK_EVENTS", "App", "AppKey", "Webhook"]

# facts 3.2
WEBHOOK_EVENTS: Final = frozenset(
    {
        "channel_occupied",
        "channel_vacated",
        "member_added",
        "member_removed",
        "client_event",
        "cache_miss",
        "subscription_count",
    }
)


@dataclass(frozen=True, slots=True)
class AppKey:
    """One key and its secret ("token"); an app may have several (facts 2.4.8).

    Attributes:
        key: the public part.
        secret: ``None`` for a key that a client connected with before any publisher showed its
            secret.
        active: an inactive key is unknown to the service.
    """

    key: str
    secret: str | None = field(repr=False)
    active: bool = True


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL and the kinds of event it is called for (facts 3.1.6).

    Attributes:
        url: where to.
        events: the kinds, all of them by default: ``channel_occupied``, ``channel_vacated``,
            ``member_added``, ``member_removed``, ``client_event``, ``cache_miss``,
            ``subscription_count``.
    """

    url: str
    events: frozenset[str] = WEBHOOK_EVENTS

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", frozenset(self.events))
        unknown = sorted(self.events - WEBHOOK_EVENTS)
        if unknown:
            raise UsageError(
                f"unknown webhook events {', '.join(unknown)}; "
                f"there are {', '.join(sorted(WEBHOOK_EVENTS))}"
            )


@dataclass(frozen=True, slots=True)
class App:
    """One Pusher app. Every switch has the service's default.

    Attributes:
        id: the app id of HTTP paths, digits on the service.
        key: the first, and so the oldest, key; it signs webhooks (facts 3.1.2).
        secret: the secret of ``key``.
        aliases: further ids that this app answers to.
        keys: further keys with their own secrets.
        client_events: relay client events (facts 1.9.1).
        subscription_count: send ``pusher_internal:subscription_count`` (facts 1.8.1).
        watchlist: send watchlist events (facts 1.13.6).
        authorized_connections: close connections that do not authorize in time (facts 1.13.13).
        authorization_timeout: that time, in milliseconds.
        enabled: a disabled app refuses connections with 4003 and requests with 403.
        tls_only: refuse plain connections with 4000.
        max_connections: refuse further connections with 4004; ``None`` for no limit.
        daily_messages: refuse requests with 403 when that many messages were counted in 24
            hours (facts 2.5); ``None`` for no limit.
        cache_ttl: how long a cached event lives, in milliseconds (facts 1.7.4).
        webhooks: where webhooks go.
        webhook_batching: send several webhook events in one request (facts 3.1.4).
    """

    id: str
    key: str
    secret: str | None
    aliases: tuple[str, ...] = ()
    keys: tuple[AppKey, ...] = ()
    client_events: bool = False
    subscription_count: bool = False
    watchlist: bool = False
    authorized_connections: bool = False
    authorization_timeout: int = limits.AUTHORIZATION_TIMEOUT
    enabled: bool = True
    tls_only: bool = False
    max_connections: int | None = None
    daily_messages: int | None = None
    cache_ttl: int = limits.CACHE_TTL
    webhooks: tuple[Webhook, ...] = field(default=())
    webhook_batching: bool = False

    def __post_init__(self) -> None:
        for name in ("aliases", "keys", "webhooks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("id", "key"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value:
                raise UsageError(f"App({name}=) takes a non-empty string, not {value!r}")
        for name in ("authorization_timeout", "cache_ttl"):
            if getattr(self, name) <= 0:
                raise UsageError(f"App({name}=) takes milliseconds above 0")
        for name in ("max_connections", "daily_messages"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise UsageError(f"App({name}=) takes a number from 0 or None for no limit")

    def __repr__(self) -> str:
        # The secret stays out of logs and failure texts.
        return f"<App {self.id} key={self.key}>"
