"""Clients that have no connection just now: they wait to reconnect, or their thread starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LetGo", "StandBy"]


class LetGo(Exception):
    """The mock let go of a client before it connected, or the client itself gave up."""


class StandBy:
    """Who is to be told when the mock lets go of its clients. Callers hold the core's lock."""

    def __init__(self) -> None:
        self._waiting: dict[object, tuple[Callable[[], None], bool]] = {}

    def add(self, client: object, retired: Callable[[], None], *, implicit: bool) -> None:
        """Remember a client and what to call."""
        self._waiting[client] = retired, implicit

    def remove(self, client: object) -> bool:
        """Forget a client; returns whether it was there."""
        return self._waiting.pop(client, None) is not None

    def release(self, *, only_implicit: bool = False) -> list[Callable[[], None]]:
        """Forget all of them, or those of the current mock; returns what to call."""
        released = [
            client
            for client, (_, implicit) in self._waiting.items()
            if implicit or not only_implicit
        ]
        return [self._waiting.pop(client)[0] for client in released]

    def __len__(self) -> int:
        return len(self._waiting)
