"""pysher's connections: caught wherever they go, and over when nobody catches them any more.

pysher runs on websocket-client, whose door they come through, and reconnects from a thread of its
own. What a mock has let go of must not do that: it would reach the real service.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event, current_thread, local
from typing import TYPE_CHECKING, Any

from pusher_mock.core import Core

from .seams import Seam
from .visits import enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from pysher.connection import Connection

    from .peer_socket import PeerSocket
    from .visits import Claim

__all__ = ["SEAMS", "Guest", "here"]

_MOMENT = 1.0  # seconds that a thread has to be gone
_GLANCE = 0.05  # for one that sleeps until it is to reconnect: it can only be told


class _Local(local):
    guest: Guest | None = None


_local = _Local()


def here() -> Guest | None:
    """The connection whose thread this is."""
    return _local.guest


class Guest:
    """A connection of pysher that was caught at least once, from then until its thread ends.

    Args:
        connection: pysher's.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._claim: Claim | None = None
        self._away = False
        self._dismissed = False
        self._over = Event()
        self._socket: PeerSocket | None = None

    def admit(self, claim: Claim) -> None:
        """It connects, again or for the first time.

        Raises:
            ConnectionRefusedError: it was let go of meanwhile.
        """
        if self._dismissed:
            raise ConnectionRefusedError("what has caught this connection has let go of it")
        self._stand_down()
        self._claim, self._away = claim, False
        enter(self, claim)
        # The scheduler sleeps for up to half a minute at a time; now it can be woken up.
        self._connection.timeout_scheduler.delayfunc = self._sleep

    def give(self, socket: PeerSocket) -> None:
        """What it has connected with; it no longer waits for the one before."""
        self._put_out()
        self._socket = socket

    def refuse(self) -> None:
        """It was refused: it does not try again, either."""
        self.dismiss()

    def left(self) -> None:
        """Its connection is closed, and it may open another one."""
        claim = self._claim
        self._away = True
        if claim is not None and isinstance(claim.whom, Core) and not self._dismissed:
            claim.whom.stand_by(self, self.dismiss, implicit=claim.implicit)

    def dismiss(self) -> None:
        """Have its thread end without connecting again; again is fine."""
        connection = self._connection
        self._dismissed = True
        connection.disconnect_called = True
        connection.needs_reconnect = False
        if connection.socket is not None:
            # It may sleep, and connect without asking when it wakes up.
            vars(connection.socket)["run_forever"] = _stay
        self._over.set()

    def wait(self) -> None:
        """Give its thread a moment to be gone."""
        thread = self._connection
        if thread is not current_thread():
            thread.join(_GLANCE if self._away else _MOMENT)

    def finish(self) -> None:
        """Its thread ends."""
        leave(self)
        self._stand_down()
        self._over.set()
        self._put_out()

    def _put_out(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.put_out()

    def _stand_down(self) -> None:
        claim = self._claim
        if claim is not None and isinstance(claim.whom, Core):
            claim.whom.stand_down(self)

    def _sleep(self, seconds: float) -> None:
        """What pysher's scheduler sleeps with: the thread ends with the connection."""
        if self._over.wait(seconds):
            scheduler = self._connection.timeout_scheduler
            for event in scheduler.queue:
                with suppress(ValueError):  # the connection's own thread has cancelled it
                    scheduler.cancel(event)

    def __repr__(self) -> str:
        return f"<Guest {self._connection.url} {self._connection.state}>"


def _stay(**options: object) -> bool:
    """What ``run_forever()`` is from the time when it must not connect."""
    return False


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    """What the thread of a connection runs: it, and its reconnects."""

    def connect(self: Any) -> None:
        guest = _local.guest = Guest(self)
        try:
            original(self)
        finally:
            _local.guest = None
            guest.finish()

    return connect


SEAMS = (Seam("pysher.connection", "Connection._connect", _connect),)
