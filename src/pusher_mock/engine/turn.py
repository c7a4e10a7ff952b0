"""One turn of the engine: the time it happens at, the state it changes, the effects it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.protocol import limits
from pusher_mock.protocol.frames import Frame, error_frame

from .effects import Broadcast, CloseConnection, Effect, SendFrame
from .timers import AUTHORIZE

if TYPE_CHECKING:
    from .state import Channel, Connection, State

__all__ = ["Turn"]


class Turn:
    """Handed to every rule; rules read ``at`` and ``wall`` and append to ``effects``.

    Attributes:
        at: the mock's clock, in milliseconds; timers and windows go by it.
        wall: the application's clock, in seconds since the epoch; signed timestamps and
            ``time_ms`` go by it.
    """

    __slots__ = ("at", "effects", "state", "wall")

    def __init__(self, state: State, at: float, wall: float) -> None:
        self.state = state
        self.at = at
        self.wall = wall
        self.effects: list[Effect] = []

    def send(self, connection: Connection, frame: Frame, note: str = "") -> None:
        """Send a frame to one connection."""
        self.effects.append(SendFrame(connection.id, frame, note))

    def error(self, connection: str, message: str, code: int | None = None, note: str = "") -> None:
        """Send ``pusher:error``; the connection stays open (facts 1.4.11, 1.10)."""
        self.effects.append(SendFrame(connection, error_frame(message, code), note))

    def refuse(self, connection: str, message: str, code: int, note: str = "") -> None:
        """Send ``pusher:error``, then close with the same code and reason (facts 1.10)."""
        self.error(connection, message, code, note)
        reason = message.encode("utf-8", "replace")[: limits.MAX_CLOSE_REASON]
        self.effects.append(CloseConnection(connection, code, reason.decode("utf-8", "ignore")))

    def authorized(self, connection: Connection) -> None:
        """It signed in or joined a channel that needs authorization (facts 1.13.13)."""
        self.state.timers.cancel((AUTHORIZE, connection.id))

    def broadcast(self, channel: Channel, frame: Frame, besides: str | None = None) -> int:
        """Send a frame to a channel's subscribers, without one of them; returns how many."""
        recipients = channel.recipients(besides)
        if recipients:
            self.effects.append(Broadcast(frame, recipients))
        return len(recipients)
