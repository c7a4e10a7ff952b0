"""Hearing that a page has closed a WebSocket, or is gone."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["on_close"]

_TELLS = (1, 65)


def on_close(route: Any, closed: Callable[[int | None, str | None], object]) -> None:
    """Have a function called with code and reason, both ``None`` when the page is gone.

    Before 1.65 the second case fails inside Playwright: its driver leaves code and reason out, and
    they are looked up all the same. The events behind ``on_close()`` are private; where they
    are not found, it is as the public method has it.
    """
    channel = getattr(getattr(route, "_impl_obj", None), "_channel", None)
    if _version() >= _TELLS or not hasattr(channel, "remove_all_listeners"):
        route.on_close(closed)
        return

    def hear(event: dict[str, Any]) -> None:
        closed(event.get("code"), event.get("reason"))

    assert channel is not None
    channel.remove_all_listeners("closePage")
    channel.remove_all_listeners("closeServer")  # there is none
    channel.on("closePage", hear)


def _version() -> tuple[int, ...]:
    return tuple(int(part) for part in version("playwright").split(".")[:2])
