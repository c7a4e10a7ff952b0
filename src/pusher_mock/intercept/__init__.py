"""Catching calls of code that does not ask for a double. Import the one you need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .interception import Interception, intercepted
    from .routing import NotIntercepted

__all__ = ["Interception", "NotIntercepted", "intercepted"]

_HOMES = {
    "Interception": "interception",
    "intercepted": "interception",
    "NotIntercepted": "routing",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{home}", __name__), name)
