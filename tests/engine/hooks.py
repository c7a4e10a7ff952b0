"""Webhook events as they are in the body of a request (facts 3.2)."""

from __future__ import annotations

from typing import Any

from pusher_mock.engine import Webhook

from .harness import HOOK_URL, Pusher, app


def occupied(channel: str) -> dict[str, Any]:
    return {"name": "channel_occupied", "channel": channel}


def vacated(channel: str) -> dict[str, Any]:
    return {"name": "channel_vacated", "channel": channel}


def added(channel: str, user_id: str) -> dict[str, Any]:
    return {"name": "member_added", "channel": channel, "user_id": user_id}


def removed(channel: str, user_id: str) -> dict[str, Any]:
    return {"name": "member_removed", "channel": channel, "user_id": user_id}


def missed(channel: str) -> dict[str, Any]:
    return {"name": "cache_miss", "channel": channel}


def counted(channel: str, number: int) -> dict[str, Any]:
    return {"name": "subscription_count", "channel": channel, "subscription_count": number}


def only(*events: str, **switches: Any) -> Pusher:
    """A pusher whose URL gets these kinds alone."""
    return Pusher(app(webhooks=(Webhook(HOOK_URL, frozenset(events)),), **switches))
