"""Pusher Channels on your own machine: doubles of the Python SDKs, for tests and development."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pusher_mock.clock import ManualClock, SystemClock
    from pusher_mock.doubles.client import MockPusherClient, SubscriptionLost
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.doubles.store import pusher_mock_state
    from pusher_mock.engine.apps import App, AppKey, Webhook
    from pusher_mock.engine.effects import PublishedEvent
    from pusher_mock.intercept.interception import Interception, intercepted
    from pusher_mock.intercept.routing import NotIntercepted
    from pusher_mock.mock import PusherMock, current_mock
    from pusher_mock.network import NetworkConditions
    from pusher_mock.protocol.errors import (
        ExpectationFailed,
        NotSupported,
        ProtocolViolation,
        PusherMockError,
        Unreachable,
        UsageError,
    )
    from pusher_mock.testcase import PusherMockMixin

__all__ = [
    "App",
    "AppKey",
    "ExpectationFailed",
    "Interception",
    "ManualClock",
    "MockPusherClient",
    "MockPusherServer",
    "NetworkConditions",
    "NotIntercepted",
    "NotSupported",
    "ProtocolViolation",
    "PublishedEvent",
    "PusherMock",
    "PusherMockError",
    "PusherMockMixin",
    "SubscriptionLost",
    "SystemClock",
    "Unreachable",
    "UsageError",
    "Webhook",
    "current_mock",
    "intercepted",
    "pusher_mock_state",
]

# Imported when first used: each SDK alone costs more than everything else here.
_HOMES = {
    "App": "pusher_mock.engine.apps",
    "AppKey": "pusher_mock.engine.apps",
    "ExpectationFailed": "pusher_mock.protocol.errors",
    "Interception": "pusher_mock.intercept.interception",
    "ManualClock": "pusher_mock.clock",
    "MockPusherClient": "pusher_mock.doubles.client",
    "MockPusherServer": "pusher_mock.doubles.server",
    "NetworkConditions": "pusher_mock.network",
    "NotIntercepted": "pusher_mock.intercept.routing",
    "NotSupported": "pusher_mock.protocol.errors",
    "ProtocolViolation": "pusher_mock.protocol.errors",
    "PublishedEvent": "pusher_mock.engine.effects",
    "PusherMock": "pusher_mock.mock",
    "PusherMockError": "pusher_mock.protocol.errors",
    "PusherMockMixin": "pusher_mock.testcase",
    "SubscriptionLost": "pusher_mock.doubles.client",
    "SystemClock": "pusher_mock.clock",
    "Unreachable": "pusher_mock.protocol.errors",
    "UsageError": "pusher_mock.protocol.errors",
    "Webhook": "pusher_mock.engine.apps",
    "current_mock": "pusher_mock.mock",
    "intercepted": "pusher_mock.intercept.interception",
    "pusher_mock_state": "pusher_mock.doubles.store",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
