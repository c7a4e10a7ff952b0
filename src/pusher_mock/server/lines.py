"""The line of a connection on an ordinary ASGI server: a queue, and a task that empties it."""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from threading import get_ident
from typing import TYPE_CHECKING, Any

import anyio

from pusher_mock.clock.loops import call_soon_from_anywhere
from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.frames import Frame, error_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pusher_mock.core import Outbox

    from .gateway import Gateway

__all__ = ["BOARD", "AsgiBoard", "QueueLine", "call_soon_from_anywhere"]


class AsgiBoard:
    """The lines that have nothing to share: each is written to by its own task."""

    def fan_out(self, frame: Frame, lines: Sequence[QueueLine]) -> None:
        """Queue it on each."""
        for line in lines:
            line.take(frame)


BOARD = AsgiBoard()


class QueueLine:
    """What waits for one client, until its task sends it.

    Made on the event loop that the task runs on.

    Args:
        gateway: told when the client does not read.

    Attributes:
        box: the connection's outbox, once it is open.
        closing: whether the last item has been given to it.
        full: whether the client does not read, so that nothing but errors is queued.
        scope: what is cancelled when the client does not take the last item in time.
    """

    __slots__ = (
        "_added",
        "_call_soon",
        "_event",
        "_gateway",
        "_items",
        "_now",
        "_removed",
        "_thread",
        "board",
        "box",
        "closing",
        "full",
        "scope",
    )

    def __init__(self, gateway: Gateway) -> None:
        self.board = BOARD
        self.box: Outbox | None = None
        self.closing = False
        self.full = False
        self.scope: anyio.CancelScope | None = None
        self._gateway = gateway
        self._items: deque[Any] = deque()
        # Two counts, each with one writer: adding is done under the mock's lock, removing is not.
        self._added = 0
        self._removed = 0
        self._event = anyio.Event()
        self._thread = get_ident()
        self._call_soon = call_soon_from_anywhere()
        self._now = _time_of_this_loop()

    def take(self, item: Any) -> None:
        """Queue it and wake the task."""
        if self.closing:
            return
        if item is RETIRED:
            # A mock that is reset or gone is a service that restarts.
            self.take(error_frame(texts.RECONNECT_NOW, codes.RECONNECT_NOW))
            item = CloseConnection("", codes.RECONNECT_NOW, texts.RECONNECT_NOW)
        if item.__class__ is CloseConnection:
            self.closing = True
        elif item.__class__ is Frame:
            if self.full and item.event != "pusher:error":
                return
            self._added += len(item.text)
            if (
                self._added - self._removed > self._gateway.limits.backlog
                and self.box
                and not self.full
            ):
                self.full = True
                self._gateway.stalled(self.box)
        self._items.append(item)
        if self._thread == get_ident():
            self._wake()
        else:
            self._call_soon(self._wake)

    def _wake(self) -> None:
        self._event.set()
        if self.closing and self.scope is not None and self.scope.deadline == inf:
            self.scope.deadline = self._now() + self._gateway.limits.farewell

    async def next(self) -> Any:
        """The next item, when there is one."""
        while not self._items:
            self._event = anyio.Event()
            if not self._items:  # another thread may have been quicker
                await self._event.wait()
        item = self._items.popleft()
        if item.__class__ is Frame:
            self._removed += len(item.text)
        return item


def _time_of_this_loop() -> Callable[[], float]:
    """The clock of deadlines; unlike ``anyio.current_time`` also where no task runs."""
    try:
        return asyncio.get_running_loop().time
    except RuntimeError:
        import trio

        return trio.current_time
