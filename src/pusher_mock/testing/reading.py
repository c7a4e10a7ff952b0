"""What has reached subscribers since somebody looked last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .deliveries import Deliveries
from .expect import check_complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core

    from .deliveries import Delivery

__all__ = ["Reader", "reader_of"]


class Reader:
    """Follows a journal, and knows how far it has been asked.

    Callers hold the core's lock.

    Attributes:
        log: what the journal has said so far.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.log = Deliveries()
        self._next = 0
        self._last: object = None
        self._read: dict[Any, int] = {}
        self._seen: dict[Any, set[int]] = {}

    def follow(self, core: Core) -> None:
        """Read on.

        Raises:
            UsageError: something has dropped out of the journal before it was read.
        """
        journal = core.journal
        entries = list(journal)
        first = journal.evicted
        last = self._next - 1
        if last >= first + len(entries) or (
            first <= last and entries[last - first].input is not self._last
        ):
            self._begin()  # the mock was reset
        if first > self._next:
            check_complete(journal)
        for entry in entries[self._next - first :]:
            self.log.take(entry)
            self._last = entry.input
        self._next = first + len(entries)

    def take(self, key: Any, fits: Callable[[Delivery], bool], *, once: bool) -> Delivery | None:
        """The next delivery that fits and was not taken under this key; those before it are read.

        Args:
            key: who asks.
            fits: which will do.
            once: whether each event is taken only when it arrives for the first time.
        """
        seen = self._seen.setdefault(key, set())
        arrived = self.log.arrived
        for position in range(self._read.get(key, 0), len(arrived)):
            found = arrived[position]
            self._read[key] = position + 1
            if once and found.order in seen:
                continue
            seen.add(found.order)
            if fits(found):
                return found
        return None


_READERS: WeakKeyDictionary[Core, Reader] = WeakKeyDictionary()


def reader_of(core: Core) -> Reader:
    """The reader of a mock, which lasts as long as it does."""
    return _READERS.setdefault(core, Reader())
