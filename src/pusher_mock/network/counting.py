"""Counting deliveries, and telling who watches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .records import DeliveryNote

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .lanes import Delivery, Lane
    from .meters import Tally

__all__ = ["Counter"]


class Counter:
    """Counts what is under way, delivered and lost. Callers hold the core's lock.

    Attributes:
        flying: how many deliveries are under way.
        news: what observers are to be told: which of them, and what.
        trouble: what functions that a test has given have raised: where, and what.
        watched: which observers there are.
        cut: connections whose countdown is over.
        countdown: after how many further events everybody is cut; ``None`` for never.
    """

    def __init__(self) -> None:
        self.flying = 0
        self.news: list[tuple[str, Any]] = []
        self.trouble: list[tuple[str, Exception]] = []
        self.watched: frozenset[str] = frozenset()
        self.cut: list[str] = []
        self.countdown: int | None = None

    def count_pending(self, delivery: Delivery) -> None:
        self.flying += 1
        tally, lane = delivery.tally, delivery.lane
        if tally is not None:
            tally.pending += 1
            tally.depth = max(tally.depth, len(lane.waiting) + len(lane.blocked))

    def count_delivery(self, frame: Frame, lane: Lane, tally: Tally | None, at: float) -> None:
        """It is handed over."""
        if tally is None:
            return
        tally.delivered += 1
        if "delivered" in self.watched:
            self._tell("delivered", frame, lane, at, "")
        if lane.countdown:
            lane.countdown -= 1
            if lane.countdown == 0:
                self.cut.append(lane.connection)
        if self.countdown:
            self.countdown -= 1

    def over(self, lane: Lane) -> bool:
        """Whether it was given its last event, and is about to be cut."""
        return lane.countdown == 0 or self.countdown == 0

    def count_drop(
        self, frame: Frame, lane: Lane, tally: Tally | None, at: float, reason: str
    ) -> None:
        if tally is None:
            return
        tally.drop(reason)
        if "dropped" in self.watched:
            self._tell("dropped", frame, lane, at, reason)

    def _tell(self, what: str, frame: Frame, lane: Lane, at: float, reason: str) -> None:
        note = DeliveryNote(
            frame.channel or "", frame.event, str(frame.data), at, lane.connection, reason
        )
        self.news.append((what, note))
