"""The engine's timers: data, not threads. The core asks when the next one is due."""

from __future__ import annotations

import heapq
from typing import Final

__all__ = ["AUTHORIZE", "TimerKey", "Timers"]

TimerKey = tuple[str, ...]

# The connection's time to authorize (facts 1.13.13): set in one rule, cancelled in two others.
AUTHORIZE: Final = "authorize"

# What goes on for as long as a connection is open, and nobody waits for.
_HOUSEKEEPING: Final = frozenset({"idle", "pong"})

_SPARE: Final = 16  # dead entries that are never worth a rebuild


class Timers:
    """Named points in time; setting a name again moves it, and equal times fire in order set.

    Attributes:
        serial: changes whenever a timer is set, and so whenever the next one may be earlier, and
            when there is no work left.
        work: how many are set besides the pings of connections.
    """

    __slots__ = ("_due", "_heap", "serial", "work")

    def __init__(self) -> None:
        self._due: dict[TimerKey, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, TimerKey]] = []
        self.serial = 0
        self.work = 0

    def set(self, key: TimerKey, due: float) -> None:
        """Let the timer fire at ``due`` milliseconds."""
        self.serial += 1
        if key not in self._due and key[0] not in _HOUSEKEEPING:
            self.work += 1
        self._due[key] = (due, self.serial)
        heapq.heappush(self._heap, (due, self.serial, key))
        self._compact()

    def cancel(self, key: TimerKey) -> None:
        """Forget the timer; one that is not set is fine."""
        if self._due.pop(key, None) is not None:
            if key[0] not in _HOUSEKEEPING:
                self.work -= 1
                if not self.work:
                    self.serial += 1
            self._compact()

    def _compact(self) -> None:
        # Cancelled and moved entries stay in the heap until popped; rebuild before they outnumber.
        if len(self._heap) > 2 * len(self._due) + _SPARE:
            self._heap = [(due, serial, key) for key, (due, serial) in self._due.items()]
            heapq.heapify(self._heap)

    def __contains__(self, key: TimerKey) -> bool:
        return key in self._due

    def __len__(self) -> int:
        return len(self._due)

    @property
    def next_due(self) -> float | None:
        """When the next timer fires, in milliseconds, or ``None``."""
        heap = self._heap
        while heap:
            due, serial, key = heap[0]
            if self._due.get(key) == (due, serial):
                return due
            heapq.heappop(heap)
        return None

    def pop_due(self, at: float) -> TimerKey | None:
        """Take the first timer that is due at this time, or ``None``."""
        due = self.next_due
        if due is None or due > at:
            return None
        key = heapq.heappop(self._heap)[2]
        del self._due[key]
        if key[0] not in _HOUSEKEEPING:
            self.work -= 1
        return key
