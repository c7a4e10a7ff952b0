"""The wire: a server that speaks Pusher Channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import PusherApp, create_app
    from .settings import ServerLimits
    from .threaded import ThreadedServer

__all__ = ["PusherApp", "ServerLimits", "ThreadedServer", "create_app"]

_HOMES = {
    "PusherApp": "app",
    "ServerLimits": "settings",
    "ThreadedServer": "threaded",
    "create_app": "app",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{home}"), name)
