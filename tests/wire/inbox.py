"""What threads tell a test."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

__all__ = ["PATIENCE", "Inbox"]

PATIENCE = 10.0  # seconds, for what takes milliseconds

T = TypeVar("T")


class Inbox(Generic[T]):
    """Takes what any thread puts in, and waits for it.

    Args:
        name: for the text of a failure.
    """

    def __init__(self, name: str = "inbox") -> None:
        self.name = name
        self._items: list[T] = []
        self._taken = 0
        self._changed = Condition()

    def put(self, item: T) -> None:
        """Add one."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    @property
    def items(self) -> list[T]:
        """All there were; a copy."""
        with self._changed:
            return list(self._items)

    def take(self) -> T:
        """Return the next one, which may have yet to come."""
        with self._changed:
            self._wait(self._taken + 1)
            self._taken += 1
            return self._items[self._taken - 1]

    def all_of(self, count: int) -> list[T]:
        """Return all there were, as soon as there are so many."""
        with self._changed:
            self._wait(count)
            return list(self._items)

    def _wait(self, count: int) -> None:
        if not self._changed.wait_for(lambda: len(self._items) >= count, PATIENCE):
            raise AssertionError(
                f"{self.name}: {count} expected within {PATIENCE:g} s, there were "
                f"{len(self._items)}: {self._items}"
            )
