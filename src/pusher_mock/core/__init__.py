"""The core: one isolated Pusher, its outboxes, and which mock is the current one."""

from __future__ import annotations

from .core import DEFAULT_APP, Core
from .current import activate, current, deactivate, facade_of
from .lines import Board, Line
from .logs import configure
from .outbox import NETWORK, RETIRED, CallbackError, CallbackFailed, Outbox
from .standby import LetGo
from .wire import Wire

__all__ = [
    "DEFAULT_APP",
    "NETWORK",
    "RETIRED",
    "Board",
    "CallbackError",
    "CallbackFailed",
    "Core",
    "LetGo",
    "Line",
    "Outbox",
    "Wire",
    "activate",
    "current",
    "deactivate",
    "facade_of",
]

configure()
