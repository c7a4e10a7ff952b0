"""When something arrives: latency, jitter, bandwidth, polls."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

from . import latencies
from .counting import Counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.protocol.frames import Frame

    from .lanes import Lane
    from .rules import Effective

__all__ = ["Timing", "sent", "to_the_microsecond"]


class Timing(Counter):
    """Decides how long something is under way, by the mock's one source of chance.

    Attributes:
        chance: a number in [0, 1): that source.
    """

    def __init__(self) -> None:
        super().__init__()
        self.chance: Callable[[], float]

    def delay(self, latency: Any) -> float:
        """One delay in milliseconds; 0 where the function that was given for it fails."""
        try:
            return latencies.draw(latency, self.chance)
        except Exception as error:  # it is the test's, and half an event must not get lost
            self.trouble.append(("latency", error))
            return 0.0

    def delayed(self, due: float, conditions: Effective) -> float:
        """That time, and latency and jitter later; or earlier, by jitter alone."""
        if conditions.latency:
            due += self.delay(conditions.latency)
        if conditions.jitter:
            due += conditions.jitter * (2 * self.chance() - 1)
        return due

    def due_time(
        self, frame: Frame, lane: Lane, conditions: Effective, at: float, extra: float
    ) -> float:
        """When a frame arrives at a client that was sent it now."""
        due = self.delayed(at + extra, conditions)
        if conditions.bandwidth:
            lane.free_at = sent(frame.text, at, lane.free_at, conditions.bandwidth)
            due += lane.free_at - at
        if conditions.poll_interval:
            # What comes at the very moment of a poll has missed it.
            polls = floor((max(due, at) - lane.opened) / conditions.poll_interval) + 1
            due = lane.opened + polls * conditions.poll_interval
        return to_the_microsecond(due, at)


def sent(text: str | bytes, at: float, free_at: float, bandwidth: float) -> float:
    """When a line has sent a text that was given to it now.

    Args:
        text: what.
        at: now, in milliseconds.
        free_at: when it has sent what was given to it before.
        bandwidth: bytes per second.
    """
    return max(at, free_at) + len(text) * 1000 / bandwidth


def to_the_microsecond(due: float, at: float) -> float:
    """So that machines agree; but what has no delay comes now."""
    return max(at, round(due, 3)) if due > at else at
