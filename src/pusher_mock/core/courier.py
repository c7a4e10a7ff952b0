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

from .logs import logger

if TYPE_CHECKING:
    from pusher_mock.protocol.frames import Frame

    from .outbox import Outbox

__all__ = ["Courier"]


class _Local(local):
    """Per thread: the broadcasts that its outermost delivery still has to empty."""

    work: deque[list[Outbox]] | None = None


class Courier:
    """Delivers effects. Callers of ``enqueue`` hold ``lock``; no application code runs under it."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.outboxes: dict[str, Outbox] = {}
        self._local = _Local()

    def enqueue(self, effects: list[Effect], at: float, touched: list[Outbox]) -> None:
        nested = self._local.work is not None
        outboxes = self.outboxes
        item: Frame | Ping | CloseConnection
        for effect in effects:
            if type(effect) is Broadcast:
                item = effect.frame
                item.at = at
                boxes = [outboxes[one] for one in effect.recipients]
            elif type(effect) is SendFrame:
                item = effect.frame
                item.at = at
                boxes = [outboxes[effect.connection]]
                if effect.note:
                    logger.warning("%s: %s (%s)", effect.connection, item.data, effect.note)
            elif type(effect) is Ping:
                item = effect
                boxes = [outboxes[effect.connection]]
            elif type(effect) is CloseConnection:
                item = effect
                boxes = [outboxes.pop(effect.connection)]
            else:
                continue
            if nested:
                for box in boxes:
                    box.hold(item)
            else:
                for box in boxes:
                    if box.held:
                        box.release_all()  # per-connection order comes first
                    box.queue.append(item)
            touched += boxes

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
        work = mine.work = deque((touched,))
        me = get_ident()
        raised: BaseException | None = None
        first = True
        while work:
            boxes = work.popleft()
            if first:
                first = False
            else:
                with self.lock:
                    for box in boxes:
                        box.release_one()
            for box in boxes:
                queue, gate = box.queue, box.gate
                # Another thread may add after the inner loop and find the gate shut: look again.
                while queue and gate.acquire(False):
                    box.owner = me
                    try:
                        while queue:
                            box.sink(queue.popleft())
                    except BaseException as error:
                        raised = raised or error
                    finally:
                        gate.release()
        mine.work = None
        if raised is not None:
            raise raised

    def deliver_now(self, box: Outbox) -> None:
        """Empty one outbox even inside another delivery: nothing on it can be out of order."""
        with self.lock:
            box.release_all()
        mine = self._local
        outer, mine.work = mine.work, None
        try:
            self.deliver([box])
        finally:
            mine.work = outer
