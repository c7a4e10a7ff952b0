"""One channel name of every kind, and what the table of facts 1.3 says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .harness import event

if TYPE_CHECKING:
    from .harness import Client

# facts 1.3, one name of every kind
NAMES = {
    "public": "public",
    "private": "private-c",
    "presence": "presence-c",
    "private-encrypted": "private-encrypted-c",
    "cache": "cache-c",
    "private-cache": "private-cache-c",
    "presence-cache": "presence-cache-c",
    "private-encrypted-cache": "private-encrypted-cache-c",
    "user": "#server-to-user-u",
}
SIGNED = {name for name in NAMES.values() if name.startswith(("private-", "presence-"))}
PRESENCE = {"presence-c", "presence-cache-c"}
CACHE = {"cache-c", "private-cache-c", "presence-cache-c", "private-encrypted-cache-c"}
COUNTED = set(NAMES.values()) - PRESENCE - {"#server-to-user-u"}


def count(channel: str, number: int) -> dict[str, Any]:
    return event("pusher_internal:subscription_count", channel, {"subscription_count": number})


def miss(channel: str) -> dict[str, Any]:
    return event("pusher:cache_miss", channel, "{}")


def enter(client: Client, name: str, user_id: str = "u") -> list[dict[str, Any]]:
    """Subscribe to a channel of any kind, with what its kind needs."""
    if name.startswith("#"):
        client.sign_in(user_id)
    if name in PRESENCE:
        return client.join(name, user_id)
    return client.subscribe(name)
