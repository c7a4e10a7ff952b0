"""Who was delivered what, and when; who was not, and why: read from the journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import Broadcast, SendFrame
from pusher_mock.network.meters import is_event
from pusher_mock.network.records import BY_CHANCE, Delivered, Lost, Weathered

from .differences import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pusher_mock.journal import Entry, Journal
    from pusher_mock.protocol.frames import Frame

__all__ = ["UNNAMED", "Deliveries", "Delivery", "Drop", "UnderWay", "read"]

#: Stands for each connection that the journal does not name, of a very large audience.
UNNAMED: Final = "(not named)"

_DATA: Final = 40


@dataclass(frozen=True, slots=True)
class _About:
    """One event, and one connection.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire.
        connection: whose, ``mock-connection-1``.
        at: the mock's clock, in milliseconds.
        order: which of the events that were sent out it is, from 0: they count in the order of
            their publishing.
    """

    channel: str
    event: str
    raw: str
    connection: str
    at: float
    order: int

    @property
    def data(self) -> Any:
        """The data decoded from JSON, or the string itself when it is not JSON."""
        try:
            return json.loads(self.raw)
        except (ValueError, RecursionError):
            return self.raw

    @property
    def what(self) -> str:
        """The event, its channel and the beginning of its data, in words."""
        return f"{self.event} on {self.channel} with {shorten(self.raw, _DATA)}"


@dataclass(frozen=True, slots=True)
class Delivery(_About):
    """An event that has reached a connection.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire.
        connection: whose, ``mock-connection-1``.
        at: the mock's clock when it arrived, in milliseconds.
        order: which of the events that were sent out it is, from 0: they count in the order of
            their publishing.
        sequence: which of the mock's deliveries it is, from 0: they count in the order of their
            arrival.
        copy: 0, or for what came to this connection before, how often.
    """

    sequence: int
    copy: int = 0

    def __str__(self) -> str:
        again = " again" if self.copy else ""
        return f"at {self.at:.15g} ms: {self.event} on {self.channel} to {self.connection}{again}"


@dataclass(frozen=True, slots=True)
class Drop(_About):
    """An event that will not reach a connection.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire.
        connection: whose, ``mock-connection-1``.
        at: the mock's clock when it was lost, in milliseconds.
        order: as of a delivery.
        reason: why: ``loss``, ``fault``, ``queue full``, ``half-open``, ``partition``, ``closed``.
    """

    reason: str

    def __str__(self) -> str:
        where = f"{self.what} for {self.connection}"
        return f"at {self.at:.15g} ms: {where} was dropped: {self.reason}"


@dataclass(frozen=True, slots=True)
class UnderWay(_About):
    """An event that is under way to a connection.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        raw: the data as it is on the wire.
        connection: whose, ``mock-connection-1``.
        at: the mock's clock when it set out, in milliseconds.
        order: as of a delivery.
        due: when it will arrive, in milliseconds; infinity while a full queue blocks it, and −1
            where it comes in random order, for then it is not decided yet.
    """

    due: float

    def __str__(self) -> str:
        where = f"{self.what} to {self.connection}"
        if self.due == BY_CHANCE:
            return f"{where} is under way, in random order"
        if self.due == float("inf"):
            return f"{where} is under way, behind a full queue"
        return f"{where} is under way, due at {self.due:.15g} ms"


class Deliveries:
    """What a journal says about deliveries, of what it still keeps; made by ``read()``.

    Only events on channels are in here, those of clients included, and the cached event that a
    subscription is answered with; no frames about connections and subscriptions.

    Attributes:
        arrived: in order.
        dropped: in order.
        set_out: what was not delivered at once, whatever has become of it since.
        sockets: the socket id of each connection that the journal saw opening.
    """

    def __init__(self) -> None:
        self.arrived: list[Delivery] = []
        self.dropped: list[Drop] = []
        self.set_out: list[UnderWay] = []
        self.sockets: dict[str, str] = {}
        self._orders: dict[int, int] = {}
        self._count = 0
        self._copies: dict[tuple[int, str], int] = {}
        self._flying: dict[tuple[int, str], list[UnderWay]] = {}

    @property
    def under_way(self) -> list[UnderWay]:
        """What has set out and neither arrived nor been lost."""
        found = [one for some in self._flying.values() for one in some]
        return sorted(found, key=lambda one: one.order)

    def take(self, entry: Entry) -> None:
        """Read one more entry."""
        effects, at, position = entry.effects, entry.at, 0
        socket_id = getattr(entry.input, "socket_id", None)
        if socket_id is not None:
            self.sockets[entry.input.connection] = socket_id
        while position < len(effects):
            effect = effects[position]
            position += 1
            kind = effect.__class__
            if kind is Delivered:
                self._came(effect.frame, effect.connections, at, flown=True)
            elif kind is Lost:
                self._lost(effect.frame, [(one, effect.reason) for one in effect.connections], at)
            elif kind is Broadcast or kind is SendFrame:
                fates = list(_fates(effects, position))
                position += len(fates)
                self._sent(effect, fates, at)

    def _sent(self, effect: Any, fates: list[Weathered], at: float) -> None:
        frame = effect.frame
        if frame.channel is None or not is_event(frame.event):
            return
        for one in {id(frame), *(id(fate.frame) for fate in fates)}:
            self._orders[one] = self._count
        self._count += 1
        if not fates:
            if effect.__class__ is SendFrame:
                self._came(frame, (effect.connection,), at)
            else:
                self._came(frame, (*effect.recipients, *[UNNAMED] * effect.omitted), at)
        for fate in fates:
            self._came(fate.frame, fate.now, at)
            for connection, due in fate.later:
                flying = UnderWay(*self._about(fate.frame, connection, at), due)
                self.set_out.append(flying)
                self._flying.setdefault((id(fate.frame), connection), []).append(flying)
            self._lost(fate.frame, fate.dropped, at, flown=False)

    def _came(
        self, frame: Frame, connections: Iterable[str], at: float, *, flown: bool = False
    ) -> None:
        if frame.channel is None or not is_event(frame.event):
            return
        for connection in connections:
            about = self._about(frame, connection, at)
            if flown:
                self._landed(frame, connection)
            copies = 0
            if connection is not UNNAMED and about[-1] >= 0:
                key = (about[-1], connection)
                copies = self._copies.get(key, 0)
                self._copies[key] = copies + 1
            self.arrived.append(Delivery(*about, len(self.arrived), copies))

    def _lost(
        self, frame: Frame, lost: Iterable[tuple[str, str]], at: float, *, flown: bool = True
    ) -> None:
        if frame.channel is None or not is_event(frame.event):
            return
        for connection, reason in lost:
            if flown:
                self._landed(frame, connection)
            self.dropped.append(Drop(*self._about(frame, connection, at), reason))

    def _landed(self, frame: Frame, connection: str) -> None:
        flying = self._flying.get((id(frame), connection))
        if flying:  # what it set out from may have dropped out of the journal
            flying.pop(0)

    def _about(
        self, frame: Frame, connection: str, at: float
    ) -> tuple[str, str, str, str, float, int]:
        order = self._orders.get(id(frame))
        if order is None:  # it set out before the oldest entry that is kept
            order = self._orders[id(frame)] = -1
        return frame.channel or "", frame.event, str(frame.data), connection, at, order


def _fates(effects: list[Any], position: int) -> Iterator[Weathered]:
    """What the weather made of the frame before this position."""
    for effect in effects[position:]:
        if effect.__class__ is not Weathered:
            return
        yield effect


def read(journal: Journal) -> Deliveries:
    """Read what is still kept."""
    found = Deliveries()
    for entry in journal:
        found.take(entry)
    return found
