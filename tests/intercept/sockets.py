"""What tests of the WebSocket doors have in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .calls import KEY

if TYPE_CHECKING:
    import threading

__all__ = ["PING", "URL", "event_of", "outlast", "subscribe"]

URL = f"wss://ws-eu.pusher.com/app/{KEY}?protocol=7&client=js&version=8.4.0"
PING = json.dumps({"event": "pusher:ping", "data": {}})


def subscribe(channel: str) -> str:
    return json.dumps({"event": "pusher:subscribe", "data": {"channel": channel}})


def event_of(message: Any) -> str:
    event: str = json.loads(message)["event"]
    return event


def outlast(threads: set[threading.Thread]) -> None:
    """Wait until these have ended, some of which may just be starting."""
    for thread in threads:
        thread._started.wait(5)  # type: ignore[attr-defined]
        thread.join(5)
        assert not thread.is_alive()
