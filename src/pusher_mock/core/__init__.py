"""The core: one isolated Pusher, its outboxes, and which mock is the current one."""

from __future__ import annotations

from .core import DEFAULT_APP, Core
from .current import activate, current, deactivate, facade_of
from .logs import configure
from .outbox import RETIRED, CallbackError, Outbox

__all__ = [
    "DEFAULT_APP",
    "RETIRED",
    "CallbackError",
    "Core",
    "Outbox",
    "activate",
    "current",
    "deactivate",
    "facade_of",
]

configure()
