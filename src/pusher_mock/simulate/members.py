"""Light subscribers: connections without an SDK, thousands of which weigh little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import Ping
from pusher_mock.protocol import defaults
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame, dumps
from pusher_mock.protocol.names import channel_kind
from pusher_mock.protocol.signatures import channel_text, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core, Outbox

    Hear = Callable[["Member", Frame], None]

__all__ = ["ACK", "RECONNECT_MS", "Member"]

#: What applications commonly call the event by which a client says that it has got something.
ACK: Final = "client-ack"

#: As pysher does by default (facts 5.2.1).
RECONNECT_MS: Final = 10_000

_TARGET: Final = f"/app/{defaults.KEY}?protocol=7&client=pusher-mock&version=0"
_INTERNAL: Final = ("pusher:", "pusher_internal:")


class Member:
    """A connection that subscribes to its channels whenever it is opened.

    Args:
        core: the mock's.
        name: its readable id.
        channels: what it subscribes to; signed where the kind of channel wants it.
        hear: given every event that arrives on them.

    Attributes:
        name: the readable id.
        connected: whether it has been greeted and not been cut off since.
        confirmed: the channels whose subscription was confirmed.
        reconnect: how long it waits before it connects again, in milliseconds; ``None`` for ever.
        pongs: called when the service answers a ping of the protocol.
    """

    def __init__(
        self,
        core: Core,
        name: str,
        channels: tuple[str, ...] = (),
        hear: Hear | None = None,
    ) -> None:
        self.name = name
        self.connected = False
        self.confirmed: set[str] = set()
        self.reconnect: float | None = RECONNECT_MS
        self.pongs: Callable[[], None] = _nothing
        self._core = core
        self._channels = channels
        self._hear = hear
        self._box: Outbox | None = None

    @property
    def socket_id(self) -> str:
        """Its Pusher id; empty while it has no connection."""
        return "" if self._box is None else self._box.socket_id

    def connect(self) -> None:
        """Open the connection; when it is refused, try again after a while."""
        try:
            self._core.open(_TARGET, self._receive, name=self.name, before_delivery=self._opened)
        except Unreachable:
            self._lost()

    def send(self, event: str, data: Any, channel: str | None = None) -> None:
        """Send a frame; nobody hears it while there is no connection."""
        frame = {"event": event, "data": data}
        if channel is not None:
            frame["channel"] = channel
        if self._box is not None:
            self._core.send(self._box, dumps(frame))

    def _opened(self, box: Outbox) -> None:
        self._box = box

    def _receive(self, item: object) -> None:
        if isinstance(item, Frame):
            if item.channel is None:
                self._on_connection(item)
            elif not item.event.startswith(_INTERNAL):
                assert self._hear is not None  # who subscribes wants to know
                self._hear(self, item)
            else:
                self.confirmed.add(item.channel)  # public and private channels hear nothing else
        elif isinstance(item, Ping):
            assert self._box is not None
            self._core.pong(self._box)  # as a WebSocket library does by itself
        else:
            self._lost()

    def _on_connection(self, frame: Frame) -> None:
        if frame.event == "pusher:connection_established":
            self.connected = True
            for channel in self._channels:
                self._subscribe(channel)
        elif frame.event == "pusher:pong":
            self.pongs()

    def _subscribe(self, channel: str) -> None:
        data = {"channel": channel}
        if channel_kind(channel).private:
            signature = sign(defaults.SECRET, channel_text(self.socket_id, channel, None))
            data["auth"] = f"{defaults.KEY}:{signature}"
        self.send("pusher:subscribe", data)

    def _lost(self) -> None:
        self._box = None
        self.connected = False
        self.confirmed.clear()
        if self.reconnect is not None and not self._core.closed:
            clock = self._core.clock
            clock.call_at(clock.now() + self.reconnect, self._again)

    def _again(self) -> None:
        if self.reconnect is not None:
            self.connect()

    def __repr__(self) -> str:
        return f"<Member {self.name} {'connected' if self.connected else 'away'}>"


def _nothing() -> None:
    """Nobody wants to know."""
