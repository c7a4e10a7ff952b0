"""Pusher's rules, sans-IO: ``Engine.handle(input)`` returns effects."""

from __future__ import annotations

from .apps import WEBHOOK_EVENTS, App, AppKey, Webhook
from .effects import (
    Broadcast,
    CloseConnection,
    DeliverWebhook,
    Effect,
    Ping,
    Published,
    PublishedEvent,
    Respond,
    SendFrame,
)
from .engine import Engine
from .inputs import (
    CloseRequested,
    ConnectionClosed,
    ConnectionOpened,
    CredentialsSeen,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    TimerFired,
)

__all__ = [
    "WEBHOOK_EVENTS",
    "App",
    "AppKey",
    "Broadcast",
    "CloseConnection",
    "CloseRequested",
    "ConnectionClosed",
    "ConnectionOpened",
    "CredentialsSeen",
    "DeliverWebhook",
    "Effect",
    "Engine",
    "FrameReceived",
    "HttpRequested",
    "Input",
    "Ping",
    "PongReceived",
    "Published",
    "PublishedEvent",
    "Respond",
    "SendFrame",
    "TimerFired",
    "Webhook",
]
