"""Real clients of this process that read by themselves: whether they have caught up."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, WeakSet

from .forks import INNERMOST, hold

if TYPE_CHECKING:
    from .core import Core

__all__ = ["Reader", "add", "of"]

_guard = hold(Lock(), INNERMOST)
_readers: WeakKeyDictionary[Core, WeakSet[Reader]] = WeakKeyDictionary()


class Reader(Protocol):
    """The client's end of a connection whose bytes stay in this process."""

    def at_rest(self, caller: int) -> bool:
        """Whether it has read everything and, as far as can be known, acted on it.

        Called with the core's lock held: it must not wait, raise, or call the core.

        Args:
            caller: the id of the thread that asks; what only that one could read is left out.
        """
        ...


def add(core: Core, reader: Reader) -> None:
    """Remember a client's end for as long as the client has it."""
    with _guard:
        _readers.setdefault(core, WeakSet()).add(reader)


def of(core: Core) -> list[Reader]:
    """Those of one mock."""
    with _guard:
        return list(_readers.get(core, ()))
