"""What tests of the WebSocket doors have in common."""

from __future__ import annotations

import json
from typing import Any

from .calls import KEY

__all__ = ["PING", "URL", "event_of", "subscribe"]

URL = f"wss://ws-eu.pusher.com/app/{KEY}?protocol=7&client=js&version=8.4.0"
PING = json.dumps({"event": "pusher:ping", "data": {}})


def subscribe(channel: str) -> str:
    return json.dumps({"event": "pusher:subscribe", "data": {"channel": channel}})


def event_of(message: Any) -> str:
    event: str = json.loads(message)["event"]
    return event
