"""pysher's connections: caught wherever they go, and over when nobody catches them any more.

pysher runs on websocket-client, whose door they come through, and reconnects from a thread of its
own. What a mock has let go of must not do that: it would reach the real service.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event, current_thread, local
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from pusher_mock.core import Core

from . import routing
from .routing import NotIntercepted
from .seams import Seam
from .visits import ask, enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable

    from pysher.connection import Connection

    from .peer_socket import PeerSocket
    from .visits import Claim

__all__ = ["SEAMS", "Guest", "here", "whom"]

_DOOR = "websocket"
_ANY = ("sdk", _DOOR)  # by either of them an SDK is caught wherever it connects

_MOMENT = 1.0  # seconds that a thread has to be gone
_GLANCE = 0.05  # for one that sleeps until it is to reconnect: it can only be told


class _Local(local):
    guest: Guest | None = None


_local = _Local()


# Whose threads have not come to connect yet.
_expected: WeakKeyDictionary[Connection, Guest] = WeakKeyDictionary()


def whom(url: str) -> Claim | None:
    """Who takes a connection of pysher's.

    Raises:
        NotIntercepted: as ``find``.
    """
    parts = urlsplit(url)
    for door in _ANY:
        if any(door in rule.doors for rule in routing.active):
            return ask(door, parts, any_host=True)
    return ask(_DOOR, parts)


def here() -> Guest | None:
    """The connection whose thread this is."""
    return _local.guest


class Guest:
    """A connection of pysher, from when it is caught until its thread ends.

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
        self._why: Exception | None = None

    def expect(self, claim: Claim) -> None:
        """Its thread starts, and is to connect."""
        self._claim = claim
        enter(self, claim)
        if isinstance(claim.whom, Core):
            claim.whom.stand_by(self, self.dismiss, implicit=claim.implicit)

    def check(self) -> None:
        """See whether it may connect.

        Raises:
            ConnectionRefusedError: it was let go of meanwhile.
        """
        if self._dismissed:
            raise ConnectionRefusedError("what has caught this connection has let go of it")

    def admit(self, claim: Claim) -> None:
        """It connects, again or for the first time.

        Raises:
            ConnectionRefusedError: it was let go of meanwhile.
        """
        self.check()
        self._stand_down()
        self._claim, self._away = claim, False
        enter(self, claim)
        # The scheduler sleeps for up to half a minute at a time; now it can be woken up.
        self._connection.timeout_scheduler.delayfunc = self._sleep

    def give(self, socket: PeerSocket) -> None:
        """What it has connected with; it no longer waits for the one before."""
        self._put_out()
        self._socket = socket
        if self._dismissed:  # at this very moment
            socket.end()

    def refuse(self, error: NotIntercepted) -> None:
        """It was refused: it does not try again, either."""
        self._why = error
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
        # The thread may come to it when no seam is in place any more.
        vars(connection)["_connect"] = self._stay_away
        if connection.socket is not None:
            # It may sleep, and connect without asking when it wakes up.
            vars(connection.socket)["run_forever"] = _stay
        self._over.set()

    def wait(self) -> None:
        """Give its thread a moment to be gone."""
        thread, socket = self._connection, self._socket
        if socket is not None:
            socket.end()  # it may be about to shake hands
        if thread is not current_thread() and thread.is_alive():
            thread.join(_GLANCE if self._away else _MOMENT)

    def finish(self) -> None:
        """Its thread ends."""
        _expected.pop(self._connection, None)
        leave(self)
        self._stand_down()
        self._over.set()
        self._put_out()

    def _stay_away(self) -> None:
        """What the thread runs that was let go of, or refused, before it came to connect."""
        connection = self._connection
        try:
            self.check()
        except ConnectionRefusedError as error:
            connection._on_error(connection.socket, self._why or error)
        connection.needs_reconnect = False
        self.finish()

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
        guest = _local.guest = _expected.pop(self, None) or Guest(self)
        try:
            original(self)
        finally:
            _local.guest = None
            guest.finish()

    return connect


def _start(original: Callable[..., Any]) -> Callable[..., Any]:
    """What the application's thread does: it is the one that an interception has round it."""

    def start(self: Any) -> None:
        guest = _caught(self)
        try:
            original(self)
        except BaseException:
            if guest is not None:
                guest.finish()
            raise

    return start


def _caught(connection: Any) -> Guest | None:
    from pysher.connection import Connection

    if type(connection)._connect is not Connection._connect:
        return None  # a double, which does not connect
    parts = urlsplit(connection.url)
    rules = routing.active
    if not rules or rules[-1].allow_real.has(parts.hostname or "", parts.port):
        return None  # it is asked for, and said, when it connects
    guest = Guest(connection)
    try:
        claim = whom(connection.url)
    except NotIntercepted as error:
        guest.refuse(error)
        return guest
    if claim is None:
        return None
    _expected[connection] = guest
    guest.expect(claim)
    return guest


SEAMS = (
    Seam("pysher.connection", "Connection._connect", _connect),
    # A thread's own method, which monitoring wraps.
    Seam(
        "pysher.connection",
        "Connection.start",
        _start,
        home="threading",
        name="Thread.start",
        tolerant=True,
    ),
)
