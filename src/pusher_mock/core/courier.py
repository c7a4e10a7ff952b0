"""The courier: effects into outboxes under the lock, outboxes emptied outside it.

Inputs are handled at once, deliveries queue: what a callback publishes is answered
immediately and delivered after what is being delivered already. Every connection has an outbox
that one thread at a time empties in order; nobody waits for another thread.
"""

from __future__ import annotations

from collections import deque
from operator import length_hint
from threading import RLock, get_ident, local
from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    Broadcast,
    CloseConnection,
    DeliverWebhook,
    Effect,
    Ping,
    Published,
    Respond,
    SendFrame,
)

from .forks import MOCK, hold
from .outbox import HUNG_UP, Outbox
from .rounds import Round, hand_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.protocol.frames import Frame

__all__ = ["Courier"]

# Fan-outs whose outboxes are remembered; more than a mock has channels in use at a time.
_MAX_ROUTES = 64


class _Local(local):
    """Per thread: the broadcasts that its outermost delivery still has to empty."""

    work: deque[list[Outbox]] | None = None


def _ignore(item: object) -> None:
    """The sink of a connection that has ended."""


class Courier:
    """Delivers effects.

    Callers of everything but ``deliver`` and ``deliver_now`` hold ``lock``, under which no
    application code runs.

    Attributes:
        notes: connection, data and explanation of refusals that are to be logged once the lock
            is released: a handler of the application's logging is application code.
        webhooks: who sends webhooks; the first is given those that are due, under the lock, and
            must not wait.
    """

    def __init__(self) -> None:
        self.lock = hold(RLock(), MOCK)
        self.notes: deque[tuple[str, object, str]] = deque()
        self.webhooks: list[Callable[[DeliverWebhook], None]] = []
        self._outboxes: dict[str, Outbox] = {}
        self._local = _Local()
        self._held = 0
        self._routes: dict[tuple[str, ...], Round] = {}
        # Threads that deliver, or are about to. While there are none, every queue is empty.
        self._threads: set[int] = set()
        self._round: Round | None = None
        self._tickets = 0

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

    def discard(self, box: Outbox) -> Callable[[Any], None]:
        """Let nothing that waits arrive any more; returns the sink that it had."""
        if box.line is not None:
            return box.line.take
        box.subscriber = None
        sink, box.sink = box.sink, _ignore
        if box.held:
            self._held -= len(box.held)
            box.held.clear()
        return sink

    def after_callback(self, box: Outbox, then: Callable[[], None]) -> None:
        """Call ``then`` when this thread's callback for this discarded outbox is over."""
        self._break_up()
        box.sink = lambda item: then() if item is HUNG_UP else None
        box.queue.append(HUNG_UP)

    @property
    def delivering(self) -> bool:
        """Whether the calling thread is inside a delivery."""
        return self._local.work is not None

    def delivering_here(self, box: Outbox) -> bool:
        """Whether the calling thread is inside a delivery to this connection."""
        if not box.free:
            return box.owner == get_ident()
        going = self._round
        if going is None or going.thread != get_ident():
            return False
        begun = len(going.boxes) - length_hint(going.rest)
        return begun > 0 and going.boxes[begun - 1] is box

    # Queueing ----------------------------------------------------------------------------------

    def enqueue(self, effects: list[Effect], at: float, *, alone: bool = True) -> list[Outbox]:
        """Put what is to be delivered into the outboxes; returns them, once for each item.

        Args:
            effects: those of one input.
            at: when that was, in milliseconds.
            alone: whether ``deliver`` is called next, with just what this returns.
        """
        touched: list[Outbox] = []
        hold = self._local.work is not None
        begun: Round | None = None
        item: Frame | Ping | CloseConnection
        for effect in effects:
            kind = type(effect)
            if kind is Published or kind is Respond:
                continue
            if isinstance(effect, Broadcast):
                item = effect.frame
                item.at = at
                route = self._route(effect.recipients)
                for board, lines in route.lines:
                    board.fan_out(item, lines)
                boxes = route.boxes
                if not boxes:
                    continue
                # Nobody delivers, so every queue is empty, also of what this input has sent before.
                if alone and not (hold or self._threads or self._held):
                    me = get_ident()
                    route.begin(item, me)
                    self._threads.add(me)
                    self._round = begun = route
                    continue
            elif isinstance(effect, SendFrame):
                item = effect.frame
                item.at = at
                boxes = [self._outboxes[effect.connection]]
                if effect.note:
                    self.notes.append((effect.connection, item.data, effect.note))
            elif isinstance(effect, Ping):
                item = effect
                boxes = [self._outboxes[effect.connection]]
            elif isinstance(effect, CloseConnection):
                item = effect
                boxes = [self.take(effect.connection)]
            else:
                if isinstance(effect, DeliverWebhook) and self.webhooks:
                    self.webhooks[0](effect)
                continue
            if boxes[0].line is not None:
                boxes[0].line.take(item)
                continue
            if hold:
                self._hold(boxes, item)
            else:
                self._queue(boxes, item)
            if begun is not None:
                touched += begun.boxes  # there is more, so it is no round any longer
                begun = None
            touched += boxes
        return touched if begun is None else begun.boxes

    def _route(self, recipients: tuple[str, ...]) -> Round:
        route = self._routes.get(recipients)
        if route is None:
            if len(self._routes) >= _MAX_ROUTES:
                self._routes.clear()
            route = Round([self._outboxes[one] for one in recipients])
            self._routes[recipients] = route
        return route

    def _hold(self, boxes: list[Outbox], item: object) -> None:
        self._held += len(boxes)
        for box in boxes:
            if box.held is None:
                box.held = deque()
            box.held.append(item)

    def _queue(self, boxes: list[Outbox], item: object) -> None:
        self._threads.add(get_ident())
        self._break_up()
        for box in boxes:
            if box.held:
                self._release_all(box)  # per-connection order comes first
            box.queue.append(item)

    def _release(self, box: Outbox) -> None:
        """Let the oldest held item be delivered."""
        if box.held:
            box.queue.append(box.held.popleft())
            self._held -= 1

    def _release_all(self, box: Outbox) -> None:
        if box.held:
            box.queue.extend(box.held)
            self._held -= len(box.held)
            box.held.clear()

    def _break_up(self) -> None:
        if self._round is not None:
            self._round.break_up()
            self._round = None

    # Delivering --------------------------------------------------------------------------------

    def leave_to_another(self, touched: list[Outbox]) -> Callable[[], None] | None:
        """Have what was just queued delivered by another thread.

        Args:
            touched: what ``enqueue`` returned, called with ``alone=False``.

        Returns:
            What that thread is to call, once; ``None`` when it is delivered here after all,
            because this thread is inside a delivery.
        """
        me = get_ident()
        if self._local.work is not None:
            self._local.work.append(touched)
            return None
        # Until it is called somebody is "about to deliver", though no thread yet.
        self._tickets += 1
        ticket = -self._tickets
        self._threads.add(ticket)
        self._threads.discard(me)

        def deliver() -> None:
            with self.lock:
                self._threads.add(get_ident())
                self._threads.discard(ticket)
            self.deliver(touched)

        return deliver

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
            going = self._round
            if going is not None and going.boxes is touched:
                raised = self._go_round(going)
            else:
                raised = self._empty(touched)
            while work:
                # Published inside a callback: its turn comes now that the one before has gone
                # round.
                boxes = work.popleft()
                with self.lock:
                    for box in boxes:
                        self._release(box)
                error = self._empty(boxes)
                raised = error if raised is None else raised
            # Not when interrupted: then something may be left in a queue, and no round may pass.
            self._threads.discard(get_ident())
        finally:
            mine.work = None
        if raised is not None:
            raise raised

    def _go_round(self, going: Round) -> BaseException | None:
        raised = going.go()
        with self.lock:
            if self._round is going:
                self._round = None
                return raised
            at, left = going.at, going.left
        if at is not None:
            at.owner = 0
            at.free.append(True)
            left = [at, *left]
        later = self._empty(left)
        return later if raised is None else raised

    def _empty(self, boxes: list[Outbox]) -> BaseException | None:
        """Deliver what is queued, each outbox by one thread at a time."""
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
                        hand_over(box, queue.popleft())
                except BaseException as error:
                    raised = error if raised is None else raised
                finally:
                    box.owner = 0
                    box.free.append(True)
        return raised

    def post(self, box: Outbox, item: object) -> None:
        """Deliver an item of the client's own in its turn."""
        with self.lock:
            if self._local.work is not None:
                self._hold([box], item)
            else:
                self._queue([box], item)
        self.deliver([box])

    def deliver_now(self, box: Outbox) -> None:
        """Empty one outbox even inside another delivery: nothing on it can be out of order."""
        with self.lock:
            self._release_all(box)
            self._threads.add(get_ident())
        if self._local.work is None:
            self.deliver([box])
            return
        raised = self._empty([box])
        if raised is not None:
            raise raised
