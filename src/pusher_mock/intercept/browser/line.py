"""The line to a page: what the mock sends waits for Playwright's event loop."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from pusher_mock.core import RETIRED
from pusher_mock.core.logs import logger
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.errors import Unreachable, UsageError
from pusher_mock.protocol.frames import Frame, error_frame

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Sequence

    from pusher_mock.core import Core, Outbox

__all__ = ["PageLine"]


class _Board:
    """Pages have nothing to share: each WebSocket is sent to by itself."""

    def fan_out(self, frame: Frame, lines: Sequence[PageLine]) -> None:
        """Queue it on each."""
        for line in lines:
            line.take(frame)


class PageLine:
    """One WebSocket of a page, and the line that the core sends on.

    Made, and except for ``take`` called, on Playwright's event loop.

    Args:
        core: the mock.
        route: Playwright's end of it.
        loop: Playwright's event loop.
        close: closes a route with a code and a reason, without being waited for.
    """

    board = _Board()

    def __init__(
        self,
        core: Core,
        route: Any,
        loop: AbstractEventLoop,
        close: Callable[[Any, int, str], None],
    ) -> None:
        self._core = core
        self._route = route
        self._loop = loop
        self._close = close
        self._items: deque[Any] = deque()
        self._scheduled = False
        self._closed = False
        self._box: Outbox | None = None

    def open(self, target: str, *, tls: bool, implicit: bool) -> None:
        """Open the connection; a refusal comes as an event and a close, as all else.

        Where the network refuses it, or cuts it later, the page sees a close with 1006, as it
        would without one.

        Args:
            target: path and query of the URL.
            tls: whether the URL says ``wss``.
            implicit: whether it belongs to the current mock rather than to a named one.
        """
        try:
            self._box = self._core.open_line(target, self, tls=tls, implicit=implicit)
        except Unreachable as error:
            self.take(CloseConnection("", codes.ABNORMAL_CLOSURE, str(error)))
        except UsageError as error:
            self.refuse(str(error))

    def refuse(self, why: str) -> None:
        """Have the page stay away, by a code after which clients do not come back (facts 1.10)."""
        logger.warning("refused a page's connection: %s", why)
        self.take(error_frame(texts.APP_DISABLED, codes.APP_DISABLED))
        self.take(CloseConnection("", codes.APP_DISABLED, texts.APP_DISABLED))

    def take(self, item: Any) -> None:
        """Send a frame, a ping or a close; see ``pusher_mock.core.Line``."""
        self._items.append(item)
        if self._scheduled:
            return
        self._scheduled = True
        try:
            self._loop.call_soon_threadsafe(self._flush)
        except RuntimeError:  # Playwright has ended, and every page with it
            self._items.clear()

    def _flush(self) -> None:
        # Before looking: whoever adds something from here on schedules the next flush.
        self._scheduled = False
        items = self._items
        while items:
            item = items.popleft()
            if self._closed:
                continue
            if item.__class__ is Frame:
                self._route.send(item.text)
            elif item.__class__ is CloseConnection:
                self._end(item.code, item.reason)
            elif item is RETIRED:
                # A mock that is reset or gone is a service that restarts.
                self._route.send(error_frame(texts.RECONNECT_NOW, codes.RECONNECT_NOW).text)
                self._end(codes.RECONNECT_NOW, texts.RECONNECT_NOW)
            else:
                assert self._box is not None
                self._core.pong(self._box)  # a browser answers pings by itself

    def _end(self, code: int, reason: str) -> None:
        self._closed = True
        self._close(self._route, code, reason)

    def hear(self, message: str | bytes) -> None:
        """The page sends a message."""
        if self._box is not None and not self._closed:
            self._core.send(self._box, message)

    def closed(self, code: int | None, reason: str | None) -> None:
        """The page has closed it, or is gone."""
        self.hang_up()
        if not self._closed:
            self._end(code or codes.NORMAL_CLOSURE, reason or "")

    def hang_up(self) -> None:
        """The connection ends for the mock; the page is not told."""
        if self._box is not None:
            self._core.hang_up(self._box, lambda: None)
