"""A transport for libraries on asyncio, or uvloop: what it carries stays in this process."""

from __future__ import annotations

import asyncio
from collections import deque
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, cast

from pusher_mock.core.forks import INNERMOST, hold

from .peer import Peer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .visits import Claim

__all__ = ["PeerTransport", "connect"]


class PeerTransport(asyncio.Transport):
    """The client's end of a connection to a mock.

    Made on the running event loop's thread.

    Args:
        claim: who has taken the connection.
        protocol: the library's.
        **hooks: of the ``Peer``.
    """

    def __init__(self, claim: Claim, protocol: asyncio.BaseProtocol, **hooks: Any) -> None:
        super().__init__({"peername": (claim.host, claim.port), "sockname": ("127.0.0.1", 0)})
        self._claim = claim
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._protocol = cast("asyncio.Protocol", protocol)
        self._items: deque[bytes | None] = deque()
        self._guard = hold(Lock(), INNERMOST)
        self._scheduled = False
        self._paused = False
        self._closing = False
        self._peer = Peer(claim, self, **hooks)

    # What the mock does ------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """See ``Client``."""
        self._add(data)

    def end(self) -> None:
        """See ``Client``."""
        self._add(None)

    def at_rest(self, caller: int) -> bool:
        """See ``Client``."""
        return self._closing or caller == self._thread or not (self._items or self._scheduled)

    def _add(self, item: bytes | None) -> None:
        with self._guard:
            if self._closing:
                return
            self._items.append(item)
            if self._scheduled:
                return
            self._scheduled = True
        self._schedule()

    def _schedule(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._hand_over)
        except RuntimeError:  # the loop has ended, and the client with it
            self._items.clear()

    def _hand_over(self) -> None:
        while not (self._paused or self._closing):
            with self._guard:
                if not self._items:
                    self._scheduled = False
                    return
                item = self._items.popleft()
            try:
                if item is not None:
                    self._protocol.data_received(item)
                elif not self._protocol.eof_received():
                    self.close()
            except BaseException:  # the loop reports it
                self.close()
                raise
        with self._guard:
            self._scheduled = False

    # What the library does ---------------------------------------------------------------------

    def write(self, data: Any) -> None:
        """Send bytes; the mock has dealt with them when this returns.

        Raises:
            UsageError: the mock is closed.
        """
        if not self._closing:
            self._peer.receive(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        """Likewise."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """It can."""
        return True

    def write_eof(self) -> None:
        """Send no more, which ends the connection."""
        self._peer.lost()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._closing

    def close(self) -> None:
        """End; again is fine."""
        with self._guard:
            if self._closing:
                return
            self._closing = True
            self._items.clear()
        self._peer.lost()
        self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Likewise."""
        self.close()

    def pause_reading(self) -> None:
        """Hand nothing over for a while."""
        self._paused = True

    def resume_reading(self) -> None:
        """Go on."""
        self._paused = False
        with self._guard:
            if self._scheduled or not self._items:
                return
            self._scheduled = True
        self._schedule()

    def is_reading(self) -> bool:
        """Whether something would be handed over."""
        return not (self._paused or self._closing)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand over to another one."""
        self._protocol = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who it is handed over to."""
        return self._protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits to be written."""

    def get_write_buffer_size(self) -> int:
        """Nothing waits to be written."""
        return 0

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Nothing waits to be written."""
        return 0, 0

    def __repr__(self) -> str:
        state = " closed" if self._closing else ""
        return f"<PeerTransport to {self._claim.host}:{self._claim.port}{state}>"


def connect(claim: Claim, protocol: asyncio.BaseProtocol, **hooks: Any) -> PeerTransport:
    """Connect a protocol of a library to the mock that has taken its connection.

    Args:
        claim: who has taken it.
        protocol: the library's.
        **hooks: of the ``Peer``.

    Returns:
        The transport, which the protocol has been told of.
    """
    transport = PeerTransport(claim, protocol, **hooks)
    protocol.connection_made(transport)
    return transport
