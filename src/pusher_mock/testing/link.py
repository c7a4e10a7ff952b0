"""The connection of an asynchronous subscriber: frames to the mock, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection, ConnectionOpened, Ping, SendFrame
from pusher_mock.protocol.errors import ProtocolViolation, UsageError
from pusher_mock.protocol.frames import Frame, dumps

from .inbox import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pusher_mock.core import Core, Outbox
    from pusher_mock.engine import Effect

__all__ = ["Link"]

_TARGET = "/app/{key}?protocol=7&client=pusher-mock&version=0"
_ERROR = "pusher:error"


class Link:
    """An open connection on a mock; made on the event loop that awaits what it brings.

    Args:
        core: the mock.
        key: the app's.
        tls: whether the connection counts as encrypted.
        hear: given each frame, on the thread of whoever caused it.

    Attributes:
        bell: rung after each frame, and when the connection ends.
        closed: whether this side has closed it.

    Raises:
        ProtocolViolation: the service refuses it.
        UsageError: the mock is closed.
    """

    box: Outbox

    def __init__(self, core: Core, key: str, *, tls: bool, hear: Callable[[Frame], None]) -> None:
        self.bell = Bell()
        self.closed = False
        self._core = core
        self._hear = hear
        self._end: object = None
        target = _TARGET.format(key=quote(key, safe=""))
        core.open(target, self._receive, tls=tls, before_delivery=self._opened)
        self._check_opening()

    def _opened(self, box: Outbox) -> None:
        self.box = box

    def send(self, event: str, data: Any, channel: str | None = None) -> None:
        """Send a frame.

        Raises:
            ProtocolViolation: it is refused, or the service has closed the connection.
            UsageError: this side has, or the mock is gone.
        """
        self.check()
        refusals: list[ProtocolViolation] = []

        def caused(effects: list[Effect]) -> None:
            refusals.extend(_refusals(effects, self.box.connection))

        frame = {"event": event, "data": data}
        if channel is not None:
            frame["channel"] = channel
        self._core.send(self.box, dumps(frame), caused)
        if refusals:
            raise refusals[0]

    def close(self) -> None:
        """Close it; again is fine."""
        self.closed = True
        if self._end is None:
            self._core.hang_up(self.box, self.bell.ring)

    def check(self) -> None:
        """Refuse to go on once the connection has ended.

        Raises:
            ProtocolViolation: the service has closed it.
            UsageError: this side has, or the mock is gone.
        """
        end = self._end
        if self.closed:
            raise UsageError("the subscriber is closed; make another one with mock.async_client()")
        if isinstance(end, CloseConnection):
            raise ProtocolViolation(end.reason, code=end.code, fatal=True)
        if end is not None:
            raise UsageError(
                "the mock was reset or closed while the subscriber was connected; "
                "make another one with mock.async_client()"
            )

    def _receive(self, item: object) -> None:
        """Take what the mock sends, on any thread."""
        if isinstance(item, Ping):
            self._core.pong(self.box)  # as a WebSocket library does by itself (facts 1.12.2)
            return
        if isinstance(item, Frame):
            self._hear(item)
        else:
            assert isinstance(item, CloseConnection) or item is RETIRED
            self._end = item
        self.bell.ring()

    def _check_opening(self) -> None:
        """Raise why it was not taken, with the reason that the service keeps to itself."""
        if self._end is None:
            return
        with self._core.lock:
            entries = list(self._core.journal)
        refusals = [
            refusal
            for entry in entries
            if isinstance(entry.input, ConnectionOpened)
            and entry.input.socket_id == self.box.socket_id
            for refusal in _refusals(entry.effects, self.box.connection)
        ]
        if refusals:
            raise refusals[0]
        self.check()  # the journal may have lost it


def _refusals(effects: Iterable[Effect], connection: str) -> list[ProtocolViolation]:
    """What the service refuses a connection with."""
    effects = [one for one in effects if getattr(one, "connection", None) == connection]
    fatal = any(isinstance(one, CloseConnection) for one in effects)
    return [
        ProtocolViolation(
            one.frame.data["message"], code=one.frame.data["code"], fatal=fatal, hint=one.note
        )
        for one in effects
        if isinstance(one, SendFrame)
        and one.frame.event == _ERROR
        and isinstance(one.frame.data, dict)
    ]
