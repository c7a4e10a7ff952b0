"""What the weather does, as the journal holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pusher_mock.protocol import limits

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

__all__ = ["BY_CHANCE", "Arrived", "Delivered", "DeliveryNote", "Injected", "Lost", "Weathered"]

#: Instead of a time: it comes in random order, and which time that will be is not decided yet.
BY_CHANCE: Final = -1.0

_LISTED: Final = limits.JOURNAL_RECIPIENTS


class DeliveryNote(NamedTuple):
    """One event on its way to one connection: what observers are told.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire.
        at: the mock's clock, in milliseconds, when it was delivered or lost.
        connection: whose, ``mock-connection-1``.
        reason: why it was lost; empty when it was delivered.
    """

    channel: str
    event: str
    raw: str
    at: float
    connection: str
    reason: str = ""

    @property
    def data(self) -> Any:
        """The data decoded from JSON, or the string itself when it is not JSON."""
        try:
            return json.loads(self.raw)
        except (ValueError, RecursionError):
            return self.raw


@dataclass(frozen=True, slots=True)
class Weathered:
    """What the weather made of a frame; behind the effect that would have delivered it.

    Attributes:
        frame: the frame, as it was to be sent.
        now: connections that were given it at once.
        later: connections that it is under way to, and when it is due there: infinity while a full
            queue blocks it, ``BY_CHANCE`` where it comes in random order.
        dropped: connections that will not get it, and why.
        duplicated: connections that there is another copy for, in ``now``, ``later`` or
            ``dropped``.
    """

    frame: Frame
    now: tuple[str, ...] = ()
    later: tuple[tuple[str, float], ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    duplicated: tuple[str, ...] = ()

    def journal_line(self) -> str:
        """Its line in ``journal.dumps()``."""
        parts = [
            f"now={_names(self.now)}" if self.now else "",
            f"later={_pairs([(one, _time(due)) for one, due in self.later])}" if self.later else "",
            f"dropped={_pairs(self.dropped)}" if self.dropped else "",
            f"duplicated={_names(self.duplicated)}" if self.duplicated else "",
        ]
        return " ".join(["weather", *(part for part in parts if part)])


@dataclass(frozen=True, slots=True)
class Arrived:
    """Deliveries have come due."""

    def journal_line(self) -> str:
        """Its line in ``journal.dumps()``."""
        return "arrived"


@dataclass(frozen=True, slots=True)
class Injected:
    """Somebody told the network to do something.

    Attributes:
        text: what, in a few words.
    """

    text: str

    def journal_line(self) -> str:
        """Its line in ``journal.dumps()``."""
        return f"network {self.text}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A frame that was under way has reached connections."""

    frame: Frame
    connections: tuple[str, ...]

    def journal_line(self) -> str:
        """Its line in ``journal.dumps()``."""
        return f"deliver {_names(self.connections)} {self.frame.text}"


@dataclass(frozen=True, slots=True)
class Lost:
    """A frame that was under way will not arrive."""

    frame: Frame
    connections: tuple[str, ...]
    reason: str

    def journal_line(self) -> str:
        """Its line in ``journal.dumps()``."""
        return f"lose {_names(self.connections)} ({self.reason}) {self.frame.text}"


def _time(due: float) -> str:
    return "by-chance" if due == BY_CHANCE else f"{due:.15g}ms"


def _names(names: tuple[str, ...]) -> str:
    further = f"+{len(names) - _LISTED}" if len(names) > _LISTED else ""
    return ",".join(names[:_LISTED]) + further


def _pairs(pairs: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> str:
    further = f"+{len(pairs) - _LISTED}" if len(pairs) > _LISTED else ""
    return ",".join(f"{name}:{what}" for name, what in pairs[:_LISTED]) + further
