"""Assertions, matchers, recorders, posters and decryption. Imports no test runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.encryption import decrypt

from .posters import Posted, django_poster, flask_poster

if TYPE_CHECKING:
    from .async_channel import AsyncChannel
    from .deliveries import Delivery, Drop
    from .inbox import ReceivedEvent
    from .matchers import subset
    from .recorder import RecordedMessage, Recorder, recording_subscriber
    from .subscriber import AsyncSubscriber

__all__ = [
    "AsyncChannel",
    "AsyncSubscriber",
    "Delivery",
    "Drop",
    "Posted",
    "ReceivedEvent",
    "RecordedMessage",
    "Recorder",
    "decrypt",
    "django_poster",
    "flask_poster",
    "recording_subscriber",
    "subset",
]

_HOMES = {
    "AsyncChannel": "async_channel",
    "AsyncSubscriber": "subscriber",
    "Delivery": "deliveries",
    "Drop": "deliveries",
    "ReceivedEvent": "inbox",
    "RecordedMessage": "recorder",
    "Recorder": "recorder",
    "recording_subscriber": "recorder",
    "subset": "matchers",
}


def __getattr__(name: str) -> Any:
    # PEP 562: tests that do not await need no anyio, and posters need no core.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{home}", __name__), name)
