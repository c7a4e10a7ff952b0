"""A session: a connection that one HTTP request after the other takes its messages from."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame, dumps, error_frame
from pusher_mock.server.lines import BOARD
from pusher_mock.server.websocket import TOO_BIG

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pusher_mock.clock import Timer
    from pusher_mock.core import Outbox
    from pusher_mock.server.gateway import Gateway

__all__ = ["CUT", "Session", "Waiting"]

# The frames of 4.2 that carry no message.
_OPEN: Final = "o"  # facts 4.2.1
_ALIVE: Final = "a[]"  # facts 4.2.10
_TAKEN_OVER: Final = f"c{dumps([2010, 'Another connection still open'])}"  # facts 4.2.9
CUT: Final = ""
"""The connection was cut: its requests end, further ones fail, and nothing says why."""
# So many characters make one `a[…]`: a client that stops reading has taken no more than these.
_BATCH: Final = 65_536


class Waiting(Protocol):
    """A request that waits for what its session is given."""

    def wake(self) -> None:
        """There may be something, or the session ends; called by any thread, under locks."""
        ...


class Session:
    """The line of one connection, and what a client's requests have in common.

    Args:
        gateway: opens the connection, and is told of its end.
        key: what the requests are known by.
        tls: whether they are encrypted.

    Attributes:
        board: as a line has it.
        gateway: as given.
        key: as given.
        box: the connection's outbox, once it is open.
        named: whether the client has said what it connects to.
        waiting: the request that takes messages just now.
        delivered: whether a request has taken the close.
        until: when nobody comes any more, in milliseconds of the mock's clock.
        expiry: the timer for it.
    """

    __slots__ = (
        "_beat",
        "_close",
        "_full",
        "_guard",
        "_messages",
        "_opened",
        "_over",
        "_size",
        "_tls",
        "board",
        "box",
        "delivered",
        "expiry",
        "gateway",
        "key",
        "named",
        "until",
        "waiting",
    )

    def __init__(self, gateway: Gateway, key: Hashable, *, tls: bool) -> None:
        self.board = BOARD
        self.gateway = gateway
        self.key = key
        self.box: Outbox | None = None
        self.named = False
        self.waiting: Waiting | None = None
        self.delivered = False
        self.until = 0.0
        self.expiry: Timer | None = None
        self._tls = tls
        self._guard = Lock()
        self._messages: deque[str] = deque()
        self._size = 0
        self._opened = False
        self._full = False
        self._beat = False
        self._close: str | None = None
        self._over = False

    # From the mock -----------------------------------------------------------------------------

    def take(self, item: Any) -> None:
        """Keep it until a request takes it, and wake the one that waits."""
        with self._guard:
            if self._close is not None:
                return
            if item is RETIRED:
                # A mock that is reset or gone is a service that restarts.
                self._keep(error_frame(texts.RECONNECT_NOW, codes.RECONNECT_NOW))
                item = CloseConnection("", codes.RECONNECT_NOW, texts.RECONNECT_NOW)
            if item.__class__ is CloseConnection:
                cut = item.code == codes.ABNORMAL_CLOSURE
                self._close = CUT if cut else f"c{dumps([item.code, item.reason])}"
                if self.box is not None:
                    # Not here, under the core's lock; and perhaps no request ever takes the close.
                    self.gateway.lost_soon(self.box)
            else:
                self._keep(item)
            waiting = self.waiting
        if waiting is not None:
            waiting.wake()

    def _keep(self, frame: Frame) -> None:
        if self._full and frame.event != "pusher:error":
            return
        self._messages.append(frame.text)
        self._size += len(frame.text)
        if self._size > self.gateway.limits.backlog and not self._full:
            self._full = True
            if self.box is not None:
                self.gateway.stalled(self.box)

    @property
    def cut(self) -> bool:
        """Whether there is nothing more to come, and no close either."""
        return self._close == CUT and not self._messages

    @property
    def closing(self) -> bool:
        """Whether the last item has been given to it."""
        return self._close is not None

    # To a request ------------------------------------------------------------------------------

    def serve(self, waiting: Waiting | None) -> None:
        """From now on this request takes messages; the one before it is told so (facts 4.2.9)."""
        with self._guard:
            before, self.waiting = self.waiting, waiting
        if before is not None:
            before.wake()

    def pull(self, waiting: Waiting) -> str | None:
        """The next frame for a request, without what its transport puts around it.

        Returns:
            One of ``o``, ``a[…]`` and ``c[…]``, after which nothing follows; ``CUT``, which is no
            frame; ``None`` when there is nothing yet.
        """
        with self._guard:
            if self.waiting is not waiting:
                return _TAKEN_OVER
            if not self._opened and self._close != CUT:
                self._opened = True  # facts 4.2.2: never again
                return _OPEN
            if self._messages:
                return self._batch()
            if self._beat:
                self._beat = False
                return _ALIVE
            if self._close:
                self.delivered = True
            return self._close

    def _batch(self) -> str:
        self._beat = False  # any line will do
        batch: list[str] = []
        size = 0
        while self._messages and size < _BATCH:
            text = self._messages.popleft()
            size += len(text)
            batch.append(text)
        self._size -= size
        return "a" + dumps(batch)

    # From the client ---------------------------------------------------------------------------

    def open(self, target: str) -> None:
        """Open the connection; a refusal comes as messages and a close (facts 4.2.4).

        Where the network of the mock lets nobody in, it is as if it had been cut at once.

        Args:
            target: path and query: ``/app/KEY?protocol=…``.
        """
        self.named = True
        if self._close is not None:
            return
        try:
            box = self.gateway.accept(target, self, tls=self._tls, native_ping=False)
        except Unreachable as error:
            self.take(CloseConnection("", codes.ABNORMAL_CLOSURE, str(error)))
            return
        with self._guard:
            self.box = box
            gone, full = self._over or self._close is not None, self._full
        if box is not None and gone:
            self.gateway.lost(box)
        elif box is not None and full:
            self.gateway.stalled(box)  # there was nobody to say it of before

    def hear(self, text: str) -> None:
        """The client sent a message."""
        if self.box is None or self._close is not None:
            return  # it has not read the close yet
        if len(text) > self.gateway.limits.frame:
            self.take(CloseConnection("", codes.MESSAGE_TOO_BIG, TOO_BIG))
            self.gateway.lost(self.box)
        else:
            self.gateway.hear(self.box, text)

    def alive(self) -> None:
        """The client is there, whatever it asks for (facts 1.12.2)."""
        if self.box is not None:
            self.gateway.pong(self.box)

    def beat(self) -> None:
        """The client waits for any line at all (facts 4.2.10)."""
        self.alive()
        with self._guard:
            self._beat = True
            waiting = self.waiting
        if waiting is not None:
            waiting.wake()

    # The end -----------------------------------------------------------------------------------

    def finish(self) -> None:
        """The client has gone, or has been told to; again is fine."""
        with self._guard:
            self._over = True
            box = self.box
        if box is not None:
            self.gateway.lost(box)

    def __repr__(self) -> str:
        state = "closing" if self.closing else "open" if self.box is not None else "new"
        return f"<Session {self.key} {state} waiting={len(self._messages)}>"
