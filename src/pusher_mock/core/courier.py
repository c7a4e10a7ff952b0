"""The courier: effects into outboxes under the lock, outboxes emptied outside it.

Inputs are handled at once, deliveries queue: what a callback publishes is answered
immediately and delivered after what is being delivered already. Every connection has an outbox
that one thread at a time empties in order; nobody waits for another thread.
"""

from __future__ import annotations

from collections import deque
from threading import RLock, get_ident, local
from typing import TYPE_CHECKING

from pusher_mock.engine import Broadcast, CloseConnection, Effect, Ping, SendFrame
from pusher_mock.protocol.frames import Frame

from .logs import logger
from .outbox import CallbackFailed, Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Courier"]

# Fan-outs whose outboxes are remembered; more than a mock has channels in use at a time.
_MAX_ROUTES = 64


class _Local(local):
    """Per thread: the broadcasts that its outermost delivery still has to empty."""

    work: deque[list[Outbox]] | None = None


def _ignore(item: object) -> None:
    """The sink of a connection that its client has closed."""


class Courier:
    """Delivers effects.

    Callers of ``enqueue``, ``add``, ``take`` and ``discard`` hold ``lock``, under which no
    application code runs.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self._outboxes: dict[str, Outbox] = {}
        self._local = _Local()
        self._held = 0
        # recipients -> their outboxes, and what appends to each one's queue
        self._routes: dict[
            tuple[str, ...],
            tuple[list[Outbox], list[Callable[[Frame | Ping | CloseConnection], None]]],
        ] = {}

    # Who is there ------------------------------------------------------------------------------

    def __contains__(self, connection: str) -> bool:
        return connection in self._outboxes

    def __len__(self) -> int:
        return len(self._outboxes)

    def get(self, connection: str) -> Outbox | None:
        """The outbox of an open connection."""
        return self._outboxes.get(connection)

    def all(self) -> tuple[Outbox, ...]:
        """Every outbox, in the order the connections were opened."""
        return tuple(self._outboxes.values())

    def add(self, box: Outbox) -> None:
        """Deliver to this connection from now on."""
        self._outboxes[box.connection] = box

    def take(self, connection: str) -> Outbox:
        """Deliver nothing further to this connection; what is queued still goes out."""
        self._routes.clear()
        return self._outboxes.pop(connection)

    def discard(self, box: Outbox, *, keep_sink: bool = False) -> None:
        """Drop what waits, and let nothing that another thread is about to deliver arrive."""
        box.queue.clear()
        self._held -= len(box.held)
        box.held.clear()
        box.subscriber = None
        if not keep_sink:
            box.sink = _ignore

    # Queueing ----------------------------------------------------------------------------------

    def enqueue(self, effects: list[Effect], at: float) -> list[Outbox]:
        """Put what is to be delivered into the outboxes; returns them, once for each item."""
        touched: list[Outbox] = []
        hold = self._local.work is not None
        item: Frame | Ping | CloseConnection
        for effect in effects:
            if type(effect) is Broadcast:
                item = effect.frame
                item.at = at
                boxes, appends = self._route(effect.recipients)
                if not hold and not self._held:
                    for append in appends:
                        append(item)
                    touched += boxes
                    continue
            elif type(effect) is SendFrame:
                item = effect.frame
                item.at = at
                boxes = [self._outboxes[effect.connection]]
                if effect.note:
                    logger.warning("%s: %s (%s)", effect.connection, item.data, effect.note)
            elif type(effect) is Ping:
                item = effect
                boxes = [self._outboxes[effect.connection]]
            elif type(effect) is CloseConnection:
                item = effect
                boxes = [self.take(effect.connection)]
            else:
                continue
            for box in boxes:
                if hold:
                    box.held.append(item)
                    self._held += 1
                else:
                    if box.held:
                        self._release(box, len(box.held))  # per-connection order comes first
                    box.queue.append(item)
            touched += boxes
        return touched

    def _route(
        self, recipients: tuple[str, ...]
    ) -> tuple[list[Outbox], list[Callable[[Frame | Ping | CloseConnection], None]]]:
        route = self._routes.get(recipients)
        if route is None:
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            boxes = [self._outboxes[one] for one in recipients]
            route = self._routes[recipients] = boxes, [box.queue.append for box in boxes]
        return route

    def _release(self, box: Outbox, count: int) -> None:
        """Let the oldest held items be delivered."""
        box.queue.extend(box.held[:count])
        released = len(box.held[:count])
        del box.held[:count]
        self._held -= released

    # Delivering --------------------------------------------------------------------------------

    def deliver(self, touched: list[Outbox]) -> None:
        """Empty the outboxes; a delivery inside a delivery waits for the outer one to go on.

        Raises:
            BaseException: what a callback raised that is no ``Exception`` (``pytest.fail`` and
                the like), once everything else has been delivered.
        """
        mine = self._local
        if mine.work is not None:
            mine.work.append(touched)
            return
        work = mine.work = deque()
        try:
            raised = self._empty(touched)
            while work:
                # Published inside a callback: its turn comes when the one before has gone round.
                boxes = work.popleft()
                with self.lock:
                    for box in boxes:
                        self._release(box, 1)
                later = self._empty(boxes)
                raised = raised or later
        finally:
            mine.work = None
        if raised is not None:
            raise raised

    def _empty(self, boxes: list[Outbox]) -> BaseException | None:
        """Deliver what is queued, each outbox by one thread at a time.

        The dispatch to callbacks stands here and not in a method: this loop is what a fan-out
        costs, and a call for each recipient would be a tenth of it.
        """
        me = get_ident()
        raised: BaseException | None = None
        for box in boxes:
            queue = box.queue
            # Another thread may add after the inner loop and find no token: look again.
            while queue:
                try:
                    box.free.pop()
                except IndexError:
                    break  # another thread, or an outer delivery of this one, empties it
                box.owner = me
                try:
                    while queue:
                        item = queue.popleft()
                        if item.__class__ is Frame:
                            box.last = item
                            subscriber = box.subscriber
                            if (
                                subscriber is not None
                                and (channel := subscriber.channels.get(item.channel)) is not None
                            ):
                                bound = channel.event_callbacks.get(item.event)
                                if bound:
                                    data = item.data
                                    try:
                                        for callback, args, kwargs in bound:
                                            if args or kwargs:
                                                callback(data, *args, **kwargs)
                                            else:
                                                callback(data)
                                    except Exception as error:
                                        box.sink(CallbackFailed(item, error))
                                    continue
                        box.sink(item)
                except BaseException as error:
                    raised = raised or error
                finally:
                    box.free.append(True)
        return raised

    def post(self, box: Outbox, item: object) -> None:
        """Deliver an item of the client's own in its turn."""
        with self.lock:
            if self._local.work is not None:
                box.held.append(item)
                self._held += 1
            else:
                self._release(box, len(box.held))
                box.queue.append(item)
        self.deliver([box])

    def deliver_now(self, box: Outbox) -> None:
        """Empty one outbox even inside another delivery: nothing on it can be out of order."""
        with self.lock:
            self._release(box, len(box.held))
        mine = self._local
        outer, mine.work = mine.work, None
        try:
            self.deliver([box])
        finally:
            mine.work = outer
