"""The core: one isolated Pusher, its outboxes, and which mock is the current one."""

from __future__ import annotations

from .core import DEFAULT_APP, Core
from .current import activate, current, deactivate, facade_of
from .logs import configure
from .outbox import RETIRED, CallbackError, CallbackFailed, Outbox
from .standby import LetGo

__all__ = [
    "DEFAULT_APP",
    "RETIRED",
    "CallbackError",
    "CallbackFailed",
    "Core",
    "LetGo",
    "Outbox",
    "activate",
    "current",
    "deactivate",
    "facade_of",
]

configure()
