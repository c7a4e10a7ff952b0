"""Lines: connections whose other end is out of this process, and so runs no code of ours.

The courier queues what it delivers to doubles, because their callbacks publish, subscribe and
hang up in the middle of a delivery. A line takes everything at once, under the core's lock: that
is the whole order there is, and a fan-out is one call however many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pusher_mock.protocol.frames import Frame

__all__ = ["Board", "Line"]


class Line(Protocol):
    """Takes what one connection is sent.

    Called with the core's lock held, by any thread: it must not wait, raise, or call the core.
    """

    @property
    def board(self) -> Board:
        """Where the lines of one server come together."""
        ...

    def take(self, item: Any) -> None:
        """Send a frame, a ping, a close, or end on ``RETIRED``; nothing follows the last two."""
        ...


class Board(Protocol):
    """The lines of one server."""

    def fan_out(self, frame: Frame, lines: Sequence[Any]) -> None:
        """Send one frame on several of its lines, under the same rules as ``Line.take``.

        Args:
            frame: what is sent.
            lines: the same object for the same lines, as long as none of them ends.
        """
        ...
