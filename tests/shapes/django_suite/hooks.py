"""The application's webhooks, carried to its own view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from pusher_mock import App, Webhook

if TYPE_CHECKING:
    from django.test import Client

    from pusher_mock import PusherMock

__all__ = ["HOOKED", "carry"]

HOOKED = App(
    id=settings.PUSHER_APP_ID,
    key=settings.PUSHER_KEY,
    secret=settings.PUSHER_SECRET,
    client_events=True,
    webhooks=(Webhook("https://app.example/webhook/"),),
)


def carry(mock: PusherMock, client: Client, path: str, done: int = 0) -> list[Any]:
    """Post what is due, from the one with this number on; returns the answers."""
    return [
        client.post(path, hook.body, content_type="application/json", headers=dict(hook.headers))
        for hook in mock.webhooks()[done:]
    ]
