"""The network of a mock: what its weather makes of effects, calls and messages of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    Broadcast,
    CloseConnection,
    ConnectionClosed,
    ConnectionOpened,
    Ping,
    Published,
    Respond,
    SendFrame,
)
from pusher_mock.protocol.frames import Frame, error_frame

from .commands import Commands
from .conditions import SCOPES
from .delivery import HALF_OPEN, PING
from .failing import FULL
from .lanes import Outcome
from .meters import Metrics, is_event
from .profiles import weather
from .records import Delivered, Weathered
from .rules import CALM
from .sending import Sending

if TYPE_CHECKING:
    from pusher_mock.engine import Effect, Input, PublishedEvent

    from .conditions import NetworkConditions
    from .faults import Fault
    from .lanes import Lane
    from .profiles import Profile
    from .rules import Effective

__all__ = ["Network"]

_EVENTS, _SUBSCRIPTIONS, _CONNECTION = SCOPES


class Network(Commands, Sending):
    """What lies between a mock and everybody else.

    Without rules, faults and commands it is calm: everything arrives at once, in order, once.
    Everything that can happen to it is said by ``use()``, ``conditions()``, ``fault()`` and the
    commands, at any time; each returns something that takes it back, at the end of a ``with``
    block or by ``end()``.
    """

    # What the core asks. Its lock is held wherever something changes. ---------------------------

    def shape(
        self, happened: Input, effects: list[Effect], at: float
    ) -> tuple[list[Any], list[Any]]:
        """Decide what becomes of the effects of one input.

        Returns:
            What the journal notes, and what is delivered now.
        """
        noted: list[Any] = []
        handed: list[Any] = []
        event: PublishedEvent | None = None
        faults: list[Fault] = []
        refused = None
        for effect in effects:
            kind = effect.__class__
            noted.append(effect)
            if kind is Published:
                event = effect.event  # type: ignore[union-attr]
                faults, refused = self._published(event)
                handed.append(effect)
                if refused is not None:
                    noted.append(refused)
                    handed.append(refused)
            elif kind is Broadcast:
                assert isinstance(effect, Broadcast)
                about = event if event is not None and is_event(effect.frame.event) else None
                self._fan_out(effect, about, faults, at, noted, handed)
            elif kind is SendFrame or kind is Ping:
                self._send_one(effect, at, noted, handed)
            elif kind is CloseConnection:
                self._close(effect, at, noted, handed)  # type: ignore[arg-type]
            elif kind is Respond and self.traffic.throw:
                self.traffic.throw = False
                noted[-1] = FULL
                handed.append(FULL)
            else:
                handed.append(effect)
        self.traffic.throw = False
        if happened.__class__ is ConnectionClosed:
            self._forget(happened.connection, at)
        elif happened.__class__ is ConnectionOpened:
            self._opened(happened.connection, at)
        lost = self.traffic.take_lost()
        if lost:  # an answer stays the last effect
            position = len(noted) - (1 if noted and noted[-1].__class__ is Respond else 0)
            noted[position:position] = lost
        self._settle()
        return noted, handed

    def _published(self, event: PublishedEvent) -> tuple[list[Fault], SendFrame | None]:
        """The faults that are applied to an event, and what a client is told instead of it."""
        tally = self.meter.tally(event.channel, event.event)
        tally.published += 1
        if "published" in self.traffic.watched:
            self.traffic.news.append(("published", event))
        faults = []
        refused = None
        for fault in self._faults:
            # Publishers have been told before the service saw the call.
            if (fault.action == "error" and not event.client) or not self.fits(fault, event):
                continue
            if not fault.selective:
                fault.hits += 1
            if fault.action == "error":
                sender = self._by_socket(event.socket_id)
                if sender is not None:
                    refused = SendFrame(sender, error_frame("the network failed this event"))
            faults.append(fault)
        return faults, refused

    def _fan_out(
        self,
        effect: Broadcast,
        event: PublishedEvent | None,
        faults: list[Fault],
        at: float,
        noted: list[Any],
        handed: list[Any],
    ) -> None:
        frame, traffic, outcome = effect.frame, self.traffic, Outcome()
        tally = self.meter.tally(event.channel, event.event) if event is not None else None
        scope = _EVENTS if event is not None else _SUBSCRIPTIONS
        extra, copies, groups, loose = 0.0, 1, list[int | None](), False
        if event is not None:
            groups = self._groups_of(event)
            if not event.client:
                publish = self._conditions("publish", event.app, frame.channel, None)
                extra, copies = self._on_the_way(publish)
                loose = not publish.in_order
        selected: set[int] = set()
        special: dict[Fault, Frame] = {}
        for connection in effect.recipients:
            lane = self._lane(connection, at)
            if tally is not None:
                tally.offered += 1
            if lane.silent:
                traffic.drop(frame, lane, tally, at, HALF_OPEN, outcome)
                continue
            if groups and self._parted(groups, lane):
                traffic.drop(frame, lane, tally, at, "partition", outcome)
                continue
            if copies == 0:
                traffic.drop(frame, lane, tally, at, "loss", outcome)
                continue
            conditions = self._for_lane(lane, frame.channel)
            if scope not in conditions.scope:
                if event is None and lane.paused is None:
                    outcome.now.append(connection)
                    continue
                conditions = CALM
            if loose:
                conditions = conditions.loose
            sent, later, number = frame, extra, copies
            if event is not None and faults:
                fate = self._afflict(faults, selected, lane, special, frame)
                if fate is None:
                    traffic.drop(frame, lane, tally, at, "fault", outcome)
                    continue
                sent, more, number = fate
                later, number = later + more, number + copies - 1
            if sent is not frame:
                corrupt = Outcome()
                traffic.offer(sent, lane, conditions, tally, at, later, number, corrupt)
                self._note(sent, corrupt, (), noted, handed)
                continue
            traffic.offer(frame, lane, conditions, tally, at, later, number, outcome)
        self._note(frame, outcome, effect.recipients, noted, handed)

    def _note(
        self,
        frame: Frame,
        outcome: Outcome,
        recipients: tuple[str, ...],
        noted: list[Any],
        handed: list[Any],
    ) -> None:
        now = tuple(outcome.now)
        if now != recipients or outcome.later or outcome.dropped or outcome.duplicated:
            noted.append(
                Weathered(
                    frame,
                    now,
                    tuple(outcome.later),
                    tuple(outcome.dropped),
                    tuple(outcome.duplicated),
                )
            )
        if not now:
            return
        if len(set(now)) == len(now):
            handed.append(Broadcast(frame, now))
            return
        # A connection that is given two copies at once is given them one by one.
        handed.extend(Broadcast(frame, (one,)) for one in now)

    def _afflict(
        self,
        faults: list[Fault],
        selected: set[int],
        lane: Lane,
        special: dict[Fault, Frame],
        frame: Frame,
    ) -> tuple[Frame, float, int] | None:
        """What faults make of a delivery: frame, delay and copies; ``None`` for nothing."""
        sent, extra, copies = frame, 0.0, 1
        for fault in faults:
            if not fault.reaches(lane.connection, lane.socket_id):
                continue
            if fault.selective and id(fault) not in selected:
                selected.add(id(fault))
                fault.hits += 1
            if fault.action in ("drop", "error"):
                return None
            if fault.action == "close":
                self._chores.append(("close", lane.connection, fault.code, fault.reason))
                return None
            if fault.action == "delay":
                extra += fault.delay
            elif fault.action == "duplicate":
                copies += 1
            else:
                sent = special.get(fault) or special.setdefault(fault, _corrupted(sent))
        return sent, extra, copies

    def _on_the_way(self, conditions: Effective) -> tuple[float, int]:
        """How much later a publisher's event takes effect, and how often."""
        traffic, copies = self.traffic, 1
        if conditions.drop_rate and traffic.chance() < conditions.drop_rate:
            return 0.0, 0
        if conditions.duplicate_rate and traffic.chance() < conditions.duplicate_rate:
            copies += 1
        return max(0.0, traffic.delayed(0.0, conditions)), copies

    def _send_one(self, effect: Any, at: float, noted: list[Any], handed: list[Any]) -> None:
        """A frame, or a ping, to one connection."""
        lane = self._lane(effect.connection, at)
        frame = PING if effect.__class__ is Ping else effect.frame
        if lane.silent:
            noted.append(Weathered(frame, dropped=((lane.connection, HALF_OPEN),)))
            return
        conditions = self._for_lane(lane, frame.channel)
        scope = _CONNECTION if frame.channel is None else _SUBSCRIPTIONS
        if scope not in conditions.scope and lane.paused is None:
            handed.append(effect)
            return
        outcome = Outcome()
        if scope not in conditions.scope:
            conditions = CALM
        self.traffic.offer(frame, lane, conditions, None, at, 0.0, 1, outcome)
        if outcome.now == [lane.connection]:
            handed.append(effect)
            return
        handed.extend(effect for _ in outcome.now)
        noted.append(
            Weathered(
                frame,
                tuple(outcome.now),
                tuple(outcome.later),
                tuple(outcome.dropped),
                tuple(outcome.duplicated),
            )
        )

    def _close(
        self, effect: CloseConnection, at: float, noted: list[Any], handed: list[Any]
    ) -> None:
        lane = self._lanes.get(effect.connection)
        if lane is None:
            handed.append(effect)
            return
        if lane.silent:
            self.vanished.append(effect.connection)
            noted.append(Weathered(PING, dropped=((lane.connection, HALF_OPEN),)))
        else:
            own = self.traffic.hang_up(lane, at, told=True)
            noted[-1:-1] = [Delivered(frame, (effect.connection,)) for frame in own]
            handed.extend(SendFrame(effect.connection, frame) for frame in own)
            handed.append(effect)
        self._forget(effect.connection, at)

    def _opened(self, connection: str, at: float) -> None:
        if self._port.find_connection(connection)[1] is None:
            return  # it was refused
        lane = self._lane(connection, at)
        rate = self.rate("stale_rate", lane.app, None, (connection, lane.socket_id))
        if rate and self.traffic.chance() < rate:
            lane.silent = 1
        self._may_be_cut(lane, at)

    def _forget(self, connection: str, at: float) -> None:
        self.log.end(connection)
        lane = self._lanes.pop(connection, None)
        if lane is not None:
            self.traffic.hang_up(lane, at)

    # Later -------------------------------------------------------------------------------------

    def collect(self, due: float, at: float) -> tuple[list[Any], list[Any]]:
        """What has come due: as the journal notes it, and as it is delivered."""
        noted, handed = self.traffic.collect(due, at)
        self._settle()
        return noted, handed

    # What a test asks --------------------------------------------------------------------------

    def metrics(self) -> Metrics:
        """What became of events so far; ``mock.metrics()`` is the same."""
        with self._port.lock:
            return self.meter.metrics()

    def begin(self, network: str | NetworkConditions | Profile) -> None:
        """The weather that a mock is made with.

        Raises:
            UsageError: there is none like that.
        """
        self.base = str(weather(network))
        self.use(network)
        self.log.say_base()

    def end(self, at: float) -> None:
        """The mock is closed, and with it every connection. Under the lock."""
        for connection in list(self._lanes):
            self._forget(connection, at)
        self.traffic.take_lost()

    def reset(self) -> None:
        """Forget faults, commands and what is under way; rules stay. Under the lock."""
        self._clear_commands()
        self.log.forget()
        self._lanes.clear()
        self._failed.clear()
        self.traffic.clear()
        self.meter.clear()
        self._settle()

    def __repr__(self) -> str:
        return f"<Network {self} pending={self.traffic.flying}>"


def _corrupted(frame: Frame) -> Frame:
    """The same frame with half of its data, which is what is left of it."""
    data = frame.data if isinstance(frame.data, str) else ""
    return Frame(frame.event, data[: len(data) // 2], frame.channel, frame.user_id)
