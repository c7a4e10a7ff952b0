"""Lanes: what is under way to one connection, and how that connection is doing."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .meters import Tally
    from .rules import Effective

__all__ = ["Delivery", "Lane", "Outcome"]


class Delivery:
    """One frame on its way to one connection.

    Attributes:
        frame: what.
        lane: to whom.
        tally: where an event is counted; ``None`` for a frame of the service's own.
        due: when it arrives, in milliseconds of the clock; of one that is blocked, how long it
            will be under way.
        conditions: what held when it set out.
        overtaken: how many later ones have come before it.
        gone: whether it will not arrive any more, or has.
    """

    __slots__ = ("conditions", "due", "frame", "gone", "lane", "overtaken", "tally")

    def __init__(
        self, frame: Frame, lane: Lane, tally: Tally | None, due: float, conditions: Effective
    ) -> None:
        self.frame = frame
        self.lane = lane
        self.tally = tally
        self.due = due
        self.conditions = conditions
        self.overtaken = 0
        self.gone = False

    def __repr__(self) -> str:
        return f"<Delivery {self.frame.event} to {self.lane.connection} due={self.due:g}ms>"


class Lane:
    """One connection as the network sees it.

    Attributes:
        connection: its readable id.
        socket_id: its Pusher id.
        app: its app's id.
        opened: when it was first seen, in milliseconds of the clock.
        waiting: what is under way to it, in the order it set out.
        blocked: what waits until ``waiting`` has room.
        streams: when the last frame of a channel that is under way arrives.
        shuffled: by channel, what waits to come in random order.
        released: by channel, when the last of those arrives that have been let go.
        paused: what has come while the client does not read; ``None`` when it reads.
        pauses: how often it was told to.
        resumed: how often it was told to read again, whatever had paused it.
        silent: how often it was told to be: nothing gets through, and nobody is told.
        countdown: after how many further events it is cut; ``None`` for never.
        counting: what has said so last.
        free_at: when its line has sent what was given to it, where bandwidth is limited.
        sending_until: when what the client has sent last arrives.
        sending_free_at: as ``free_at``, for what the client sends.
    """

    __slots__ = (
        "app",
        "blocked",
        "connection",
        "countdown",
        "counting",
        "effective",
        "free_at",
        "opened",
        "paused",
        "pauses",
        "released",
        "resumed",
        "sending_free_at",
        "sending_until",
        "serial",
        "shuffled",
        "silent",
        "socket_id",
        "streams",
        "waiting",
    )

    def __init__(self, connection: str, socket_id: str, app: str | None, opened: float) -> None:
        self.connection = connection
        self.socket_id = socket_id
        self.app = app
        self.opened = opened
        self.waiting: dict[Delivery, None] = {}
        self.blocked: deque[Delivery] = deque()
        self.streams: dict[str | None, list[float]] = {}
        self.shuffled: dict[str | None, list[Delivery]] = {}
        self.released: dict[str | None, float] = {}
        self.paused: list[Delivery] | None = None
        self.silent = 0
        self.pauses = 0
        self.resumed = 0
        self.countdown: int | None = None
        self.counting: object = None
        self.free_at = 0.0
        self.sending_free_at = 0.0
        self.sending_until = 0.0
        self.effective: dict[str | None, Effective] = {}
        self.serial = 0  # of the rules that ``effective`` was read from

    @property
    def special(self) -> bool:
        """Whether what goes over it has to be looked at, whatever the weather."""
        return bool(
            self.waiting
            or self.blocked
            or self.silent
            or self.paused is not None
            or self.countdown is not None
        )

    def set_out(self, delivery: Delivery) -> None:
        """It is under way from now on."""
        self.waiting[delivery] = None
        stream = self.streams.setdefault(delivery.frame.channel, [0, 0.0])
        stream[0] += 1
        stream[1] = max(stream[1], delivery.due)

    def end(self, delivery: Delivery) -> None:
        """It is under way no more."""
        delivery.gone = True
        if delivery in self.waiting:
            del self.waiting[delivery]
            channel = delivery.frame.channel
            stream = self.streams[channel]
            stream[0] -= 1
            if not stream[0]:
                del self.streams[channel]

    def __repr__(self) -> str:
        return f"<Lane {self.connection} waiting={len(self.waiting)} blocked={len(self.blocked)}>"


class Outcome:
    """What became of one frame, while it is being decided for one recipient after the other."""

    __slots__ = ("dropped", "duplicated", "later", "now")

    def __init__(self) -> None:
        self.now: list[str] = []
        self.later: list[tuple[str, float]] = []
        self.dropped: list[tuple[str, str]] = []
        self.duplicated: list[str] = []
