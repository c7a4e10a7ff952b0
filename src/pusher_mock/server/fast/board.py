"""The board: everything that one event loop has to send, written once per connection and turn.

Deliveries go into one log, in the order in which the core decided them. At the end of the turn of
the event loop the log is worked off: consecutive fan-outs to the same connections are joined into
one buffer that all of them are given, and what is left over is joined per connection. The system
call is nearly all of what a delivery costs, and this way eight frames need one.
"""

from __future__ import annotations

from collections import deque
from threading import get_ident
from typing import TYPE_CHECKING, Any

from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.frames import Frame, error_frame

from .frames import PING, close_frame, control_frame, text_frame

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Sequence

    from .connection import WireConnection

__all__ = ["LoopBoard"]

_PING = control_frame(PING)
_AGAIN = 0.1  # seconds


class LoopBoard:
    """The connections of one server on one event loop.

    Args:
        loop: the loop, running on the thread that makes this.

    Attributes:
        strangers: connections that have not said what they want.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = get_ident()
        # (lines, frame) of a fan-out, or (line, item) of a single delivery
        self._log: deque[tuple[Any, Any]] = deque()
        self._scheduled = False
        # who has connected and not said what for, oldest first, and since when
        self.strangers: dict[Any, float] = {}
        self._sweeping = False

    def welcome(self, stranger: Any, most: int, patience: float) -> None:
        """Wait for what somebody wants, but not for ever.

        Args:
            stranger: has ``shutdown()``; takes itself out of ``strangers``.
            most: how many may wait; the oldest has to go.
            patience: seconds that they have.
        """
        strangers = self.strangers
        if len(strangers) >= most:
            oldest = next(iter(strangers))
            del strangers[oldest]
            oldest.shutdown()
        strangers[stranger] = self._loop.time()
        if not self._sweeping:  # one timer for all
            self._sweeping = True
            self._loop.call_later(patience, self._sweep, patience)

    def _sweep(self, patience: float) -> None:
        now = self._loop.time()
        for stranger, since in list(self.strangers.items()):
            if now - since < patience:
                break
            del self.strangers[stranger]
            stranger.shutdown()
        self._sweeping = bool(self.strangers)
        if self._sweeping:
            first = next(iter(self.strangers.values()))
            self._loop.call_later(max(first + patience - now, _AGAIN), self._sweep, patience)

    def fan_out(self, frame: Frame, lines: Sequence[WireConnection]) -> None:
        """Send one frame on several lines."""
        self._log.append((lines, frame))
        if not self._scheduled:
            self._schedule()

    def put(self, line: WireConnection, item: Any) -> None:
        """Send something on one line."""
        self._log.append((line, item))
        if not self._scheduled:
            self._schedule()

    def _schedule(self) -> None:
        self._scheduled = True
        if get_ident() == self._thread:
            self._loop.call_soon(self.flush)
        else:
            try:
                self._loop.call_soon_threadsafe(self.flush)
            except RuntimeError:  # the loop has ended, and all connections with it
                self._log.clear()

    def flush(self) -> None:
        """Write what is in the log."""
        # Before looking: whoever adds something from here on schedules the next flush.
        self._scheduled = False
        runs, ended = self._read_log()
        if len(runs) == 1:
            lines, parts = runs[0]
            data = parts[0] if len(parts) == 1 else b"".join(parts)
            for line in lines:
                line.write(data)
        else:
            touched: list[WireConnection] = []
            for lines, parts in runs:
                data = parts[0] if len(parts) == 1 else b"".join(parts)
                for line in lines:
                    if line.waiting is None:
                        line.waiting = [data]
                        touched.append(line)
                    else:
                        line.waiting.append(data)
            for line in touched:
                waiting, line.waiting = line.waiting, None
                assert waiting is not None
                line.write(waiting[0] if len(waiting) == 1 else b"".join(waiting))
        for line, last in ended:
            if last is None:
                line.cut()
            else:
                line.write_last(last)

    def _read_log(
        self,
    ) -> tuple[list[tuple[Any, list[bytes]]], list[tuple[WireConnection, bytes | None]]]:
        """Empty the log.

        Returns:
            Connections with what they are sent, in order, consecutive ones for the same
            connections joined; and the connections that end, each with its close, or nothing for
            those that are cut.
        """
        log = self._log
        runs: list[tuple[Any, list[bytes]]] = []
        ended: list[tuple[WireConnection, bytes | None]] = []
        before: Any = None
        while log:
            target, item = log.popleft()
            if target.__class__ is tuple:
                lines, data = target, text_frame(item.text.encode())
            else:
                if item.__class__ is CloseConnection and item.code == codes.ABNORMAL_CLOSURE:
                    ended.append((target, None))
                    continue
                lines, data = (target,), _encode(item)
                if item.__class__ is CloseConnection or item is RETIRED:
                    ended.append((target, data))
                    continue
                if target.stalled and item.__class__ is Frame and item.event == "pusher:error":
                    target.last_words = data
                    continue
            if target is before:
                runs[-1][1].append(data)
            else:
                before = target
                runs.append((lines, [data]))
        return runs, ended


def _encode(item: Any) -> bytes:
    if item.__class__ is Frame:
        return text_frame(item.text.encode())
    if item.__class__ is bytes:
        return item  # as it is: the answer to a handshake
    if item.__class__ is CloseConnection:
        return close_frame(item.code, item.reason)
    if item is RETIRED:
        # A mock that is reset or gone is a service that restarts.
        error = error_frame(texts.RECONNECT_NOW, codes.RECONNECT_NOW)
        return text_frame(error.text.encode()) + close_frame(
            codes.RECONNECT_NOW, texts.RECONNECT_NOW
        )
    return _PING
