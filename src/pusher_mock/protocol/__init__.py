"""Words of Pusher Channels: names, frames, signatures, limits, codes, errors. Pure."""

from __future__ import annotations

from .errors import (
    ExpectationFailed,
    NotSupported,
    ProtocolViolation,
    PusherMockError,
    UsageError,
)

__all__ = [
    "ExpectationFailed",
    "NotSupported",
    "ProtocolViolation",
    "PusherMockError",
    "UsageError",
]
