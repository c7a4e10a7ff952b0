"""The credentials of a mock that nobody configured: readable, and refused by the real service."""

from __future__ import annotations

from typing import Final

__all__ = ["APP_ID", "CLUSTER", "KEY", "NUMERIC_APP_ID", "SECRET"]

APP_ID: Final = "mock-app-id"
KEY: Final = "mock-pusher-key"
SECRET: Final = "mock-pusher-secret"
CLUSTER: Final = "mock-cluster"
NUMERIC_APP_ID: Final = "1"  # the SDK takes nothing but digits, so the app answers to it as well
