"""The fate of each frame: at once, later on the clock, twice, never, out of order."""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import Broadcast, Ping
from pusher_mock.protocol.frames import Frame

from .conditions import SHUFFLE
from .lanes import Delivery, Lane, Outcome
from .records import BY_CHANCE, Delivered, Lost
from .timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Clock, Timer
    from pusher_mock.engine import Effect

    from .meters import Tally
    from .rules import Effective

__all__ = ["CLOSED", "HALF_OPEN", "PING", "QUEUE_FULL", "Traffic"]

#: How long events wait for each other that are to come in random order, in milliseconds.
MINGLE: Final = 1.0

#: Stands for a ping of the transport, which is no frame.
PING: Final = Frame("(ping)", "")

# Why something did not arrive, where more than one place says it.
CLOSED: Final = "closed"
HALF_OPEN: Final = "half-open"
QUEUE_FULL: Final = "queue full"


class Traffic(Timing):
    """What is under way. Callers hold the core's lock.

    Args:
        clock: says when it arrives.
        arrive: called when something does, without the lock, with the time it was due.

    Attributes:
        throw: whether a queue was full whose publisher is to be told.
        backlog: how many deliveries wait until a full queue has room.
    """

    def __init__(self, clock: Clock, arrive: Callable[[float], None]) -> None:
        super().__init__()
        self.throw = False
        self.backlog = 0
        self._clock = clock
        self._arrive = arrive
        self._lost: list[Lost] = []
        # The times once each, as a heap, and what is to be looked at then.
        self._times: list[float] = []
        self._due: dict[float, list[Delivery | Lane]] = {}
        self._alarms: dict[float, Timer] = {}

    @property
    def next_due(self) -> float:
        """When the next delivery is due, in milliseconds; infinity when nothing is under way."""
        return self._times[0] if self._times else inf

    # Setting out -------------------------------------------------------------------------------

    def offer(
        self,
        frame: Frame,
        lane: Lane,
        conditions: Effective,
        tally: Tally | None,
        at: float,
        extra: float,
        copies: int,
        outcome: Outcome,
    ) -> None:
        """Decide what becomes of a frame for one recipient.

        Args:
            frame: what.
            lane: for whom.
            conditions: under which.
            tally: where an event is counted; ``None`` for a frame of the service's own.
            at: the mock's clock.
            extra: how much later it comes, in milliseconds.
            copies: how many there are already, 1 or 2.
            outcome: takes the result.
        """
        chance = self.chance
        if conditions.drop_rate and chance() < conditions.drop_rate:
            self.drop(frame, lane, tally, at, "loss", outcome)
            return
        if conditions.duplicate_rate and chance() < conditions.duplicate_rate:
            copies += 1
        for number in range(copies):
            if number:
                outcome.duplicated.append(lane.connection)
                if tally is not None:
                    tally.duplicated += 1
            self._send(frame, lane, conditions, tally, at, extra, outcome)

    def drop(
        self,
        frame: Frame,
        lane: Lane,
        tally: Tally | None,
        at: float,
        reason: str,
        outcome: Outcome,
    ) -> None:
        """It will not arrive."""
        outcome.dropped.append((lane.connection, reason))
        self.count_drop(frame, lane, tally, at, reason)

    def _send(
        self,
        frame: Frame,
        lane: Lane,
        conditions: Effective,
        tally: Tally | None,
        at: float,
        extra: float,
        outcome: Outcome,
    ) -> None:
        if tally is not None and self.over(lane):
            self.drop(frame, lane, tally, at, CLOSED, outcome)
            return
        due = self.due_time(frame, lane, conditions, at, extra)
        if conditions.reorder:
            self._mingle(Delivery(frame, lane, tally, due, conditions), at, outcome)
            return
        stream = lane.streams.get(frame.channel)
        own = due  # of one that is blocked, the order counts when it sets out
        if stream is not None and conditions.in_order and due < stream[1]:
            due = stream[1]
        waits = conditions.in_order and (stream is not None or lane.blocked)
        if due <= at and not waits and lane.paused is None:
            outcome.now.append(lane.connection)
            self.count_delivery(frame, lane, tally, at)
            return
        delivery = Delivery(frame, lane, tally, own, conditions)
        if self._find_room(delivery, at, outcome):
            delivery.due = due
            self._set_out(delivery)
            self.wake(due, delivery)
            outcome.later.append((lane.connection, due))

    def _find_room(self, delivery: Delivery, at: float, outcome: Outcome) -> bool:
        """Whether it may set out now; else it is blocked or lost, and counted."""
        lane, conditions, tally = delivery.lane, delivery.conditions, delivery.tally
        room = inf if conditions.queue is None else conditions.queue
        if tally is None or (len(lane.waiting) < room and not lane.blocked):
            return True
        tally.overflowed += 1
        # Nothing passes those that are blocked already, whatever the rules have become since.
        oldest_goes = conditions.overflow == "drop-oldest"
        if conditions.overflow == "block" or (lane.blocked and (oldest_goes or room == inf)):
            tally.blocked += 1
            delivery.due = max(0.0, delivery.due - at)
            lane.blocked.append(delivery)
            self.backlog += 1
            self.count_pending(delivery)
            outcome.later.append((lane.connection, inf))
            return False
        if oldest_goes:
            # More than one where the queue has become smaller.
            spare = len(lane.waiting) + 1 - int(room)
            oldest = [one for one in lane.waiting if one.tally is not None][:spare]
            for one in oldest:
                self.abandon(one, at, QUEUE_FULL)
            if oldest:
                return True
        if conditions.overflow == "throw":
            self.throw = True
        self.drop(delivery.frame, lane, tally, at, QUEUE_FULL, outcome)
        return False

    def _set_out(self, delivery: Delivery) -> None:
        """It is under way, and counted."""
        delivery.lane.set_out(delivery)
        self.count_pending(delivery)

    def wake(self, due: float, what: Delivery | Lane) -> None:
        """Have it looked at then."""
        bucket = self._due.get(due)
        if bucket is None:
            self._due[due] = [what]
            heappush(self._times, due)
            self._alarms[due] = self._clock.call_at(due, lambda: self._arrive(due))
        else:
            bucket.append(what)

    # In random order ---------------------------------------------------------------------------

    def _mingle(self, delivery: Delivery, at: float, outcome: Outcome) -> None:
        """Let it wait for others of its channel, or let one of them go."""
        lane, channel = delivery.lane, delivery.frame.channel
        if not self._find_room(delivery, at, outcome):
            return
        until = round(delivery.due + MINGLE, 3)
        waiting = lane.shuffled.get(channel)
        if waiting is None:
            waiting = lane.shuffled[channel] = []
            self.wake(until, lane)
        self._set_out(delivery)
        waiting.append(delivery)
        outcome.later.append((lane.connection, BY_CHANCE))
        waiting[:] = [one for one in waiting if not one.gone]
        window = delivery.conditions.reorder
        if window != SHUFFLE and len(waiting) > int(window):
            self._release(self._pick(waiting), at)

    def _pick(self, waiting: list[Delivery]) -> Delivery:
        """Take one of those that wait for each other; none is overtaken more often than it may."""
        window, index = waiting[0].conditions.reorder, 0
        if window == SHUFFLE or waiting[0].overtaken < int(window):
            index = int(self.chance() * len(waiting))
        for other in waiting[:index]:
            other.overtaken += 1
        return waiting.pop(index)

    def _release(self, delivery: Delivery, at: float) -> None:
        """It arrives when it would have, but not before those that were let go before it."""
        lane, channel = delivery.lane, delivery.frame.channel
        delivery.due = max(delivery.due, at, lane.released.get(channel, 0.0))
        lane.released[channel] = delivery.due
        self.wake(delivery.due, delivery)

    def _shuffle(self, lane: Lane, at: float) -> None:
        """Let go those whose time to wait for each other is over."""
        for channel in list(lane.shuffled):
            waiting = [one for one in lane.shuffled[channel] if not one.gone]
            if waiting and (until := round(waiting[0].due + MINGLE, 3)) > at:
                # Another channel's time is over, or that of one that has been let go before.
                lane.shuffled[channel] = waiting
                self.wake(until, lane)
                continue
            del lane.shuffled[channel]
            while waiting:
                self._release(self._pick(waiting), at)

    # Arriving ----------------------------------------------------------------------------------

    def collect(self, due: float, at: float) -> tuple[list[Any], list[Effect]]:
        """What has come due: as the journal notes it, and as it is to be handed over.

        Everything that has, in order of time: another thread may be about to ask for the rest,
        and what is overdue may let go of what is as well.

        Args:
            due: the time that it was due.
            at: the mock's clock, which may be later.
        """
        handed: list[tuple[Frame, list[str]]] = []
        limit = max(due, at)
        while self._times and self._times[0] <= limit:
            due = self._times[0]
            bucket = self._due[due]
            position = 0
            while position < len(bucket):  # what is let go for this very time joins at the end
                what = bucket[position]
                position += 1
                if isinstance(what, Lane):
                    self._shuffle(what, due)
                elif not what.gone:
                    self._land(what, at, handed)
            del self._due[heappop(self._times)]
            self._alarms.pop(due).cancel()  # for it is not always the clock that has called
        noted: list[Any] = []
        effects: list[Effect] = []
        for frame, connections in handed:
            if frame is PING:
                effects.extend(Ping(one) for one in connections)
            else:
                # A frame knows when it was delivered last, and others have had this one before.
                effects.append(Broadcast(frame.again(), tuple(connections)))
            noted.append(Delivered(frame, tuple(connections)))
        return [*noted, *self.take_lost()], effects

    def _land(self, delivery: Delivery, at: float, handed: list[tuple[Frame, list[str]]]) -> None:
        lane = delivery.lane
        if lane.silent:
            self.abandon(delivery, at, HALF_OPEN)
        elif delivery.tally is not None and self.over(lane):
            self.abandon(delivery, at, CLOSED)
        elif lane.paused is not None:
            lane.paused.append(delivery)
            return
        else:
            lane.end(delivery)
            self.flying -= 1
            if delivery.tally is not None:
                delivery.tally.pending -= 1
            self.count_delivery(delivery.frame, lane, delivery.tally, at)
            if not handed or handed[-1][0] is not delivery.frame:
                handed.append((delivery.frame, []))
            handed[-1][1].append(lane.connection)
        self._unblock(lane, at)

    def _unblock(self, lane: Lane, at: float) -> None:
        """There is room for one that has waited for it."""
        while lane.blocked:
            first = lane.blocked[0]
            room = first.conditions.queue
            if room is not None and len(lane.waiting) >= room:
                return
            lane.blocked.popleft()
            self.backlog -= 1
            stream = lane.streams.get(first.frame.channel)
            first.due = round(at + first.due, 3)
            if stream is not None and first.conditions.in_order:
                first.due = max(first.due, stream[1])
            lane.set_out(first)
            self.wake(first.due, first)

    # Ending ------------------------------------------------------------------------------------

    def resume(self, lane: Lane, at: float) -> None:
        """The client reads again."""
        waiting, lane.paused = lane.paused or [], None
        for delivery in waiting:
            self.wake(at, delivery)

    def abandon(self, delivery: Delivery, at: float, reason: str) -> None:
        """What is under way will not arrive."""
        lane, tally = delivery.lane, delivery.tally
        lane.end(delivery)
        self.flying -= 1
        if tally is not None:
            tally.pending -= 1
            self.count_drop(delivery.frame, lane, tally, at, reason)
        self._lost.append(Lost(delivery.frame, (lane.connection,), reason))

    def hang_up(self, lane: Lane, at: float, *, told: bool = False) -> list[Frame]:
        """A connection ends, and with it what is under way.

        Args:
            lane: which.
            at: the mock's clock.
            told: whether the client is told by a close frame, which comes behind the others of
                the service's own.

        Returns:
            Those frames, where the client is told.
        """
        own: list[Frame] = []
        for delivery in [*lane.waiting, *lane.blocked]:
            if told and delivery.tally is None and delivery.frame is not PING:
                lane.end(delivery)
                self.flying -= 1
                own.append(delivery.frame)
            else:
                self.abandon(delivery, at, CLOSED)
        self.backlog -= len(lane.blocked)
        lane.blocked.clear()
        lane.shuffled.clear()
        lane.paused = None
        return own

    def take_lost(self) -> list[Lost]:
        """What was lost on the way since this was called last."""
        lost, self._lost = self._lost, []
        return lost

    def clear(self) -> None:
        """Forget what is under way."""
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        self._due.clear()
        self._times.clear()
        self._lost.clear()
        self.news.clear()
        self.trouble.clear()
        self.cut.clear()
        self.flying = self.backlog = 0
