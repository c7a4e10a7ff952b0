"""A socket for libraries that block: what it sends and receives stays in this process."""

from __future__ import annotations

import errno
import os
import socket
import sys
from _thread import start_new_thread
from contextlib import suppress
from functools import partial
from threading import Condition, RLock, Thread, get_ident
from typing import TYPE_CHECKING, Any
from weakref import finalize, ref

from pusher_mock.core.forks import INNERMOST, hold

from .peer import Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .visits import Claim

__all__ = ["PeerSocket"]

# What a thread of these libraries stands in while it waits for something to read.
_WAITING = ("websocket._", "websockets.sync.")
_SELECTORS = "selectors"
# What selectors take there; elsewhere a pipe, for tests may run with sockets disabled.
_ONLY_SOCKETS = sys.platform == "win32"


class _Lamp:
    """A file descriptor that selectors find readable while it is lit.

    Attributes:
        number: the descriptor.
        off: closes it; again is fine.
    """

    def __init__(self) -> None:
        self._lit = False
        if _ONLY_SOCKETS:
            mine, other = socket.socketpair()
            self.number = mine.fileno()
            self._light, self._dim = partial(other.send, b"!"), partial(mine.recv, 1)
            self.off = finalize(self, _close, mine.close, other.close)
        else:
            self.number, number = os.pipe()
            self._light, self._dim = (
                partial(os.write, number, b"!"),
                partial(os.read, self.number, 1),
            )
            self.off = finalize(
                self, _close, partial(os.close, self.number), partial(os.close, number)
            )

    def light(self, on: bool) -> None:
        """Make it readable, or not."""
        if on and not self._lit:
            self._light()
        elif self._lit and not on:
            self._dim()
        self._lit = on


def _close(*ends: Callable[[], object]) -> None:
    for end in ends:
        end()


class _Faint:
    """What the mock has of a socket: the application may drop it without closing it."""

    def __init__(self, opened: PeerSocket) -> None:
        self._opened = ref(opened)

    def put(self, data: bytes) -> None:
        opened = self._opened()
        if opened is not None:
            opened.put(data)

    def end(self) -> None:
        opened = self._opened()
        if opened is not None:
            opened.end()

    def at_rest(self, caller: int) -> bool:
        opened = self._opened()
        return opened is None or opened.at_rest(caller)


def _dropped(peer: Peer) -> None:
    """Anywhere, with any lock held: so it neither waits nor does what takes a lock."""
    with suppress(RuntimeError):  # the interpreter is about to end
        start_new_thread(_hang_up, (peer,))


def _hang_up(peer: Peer) -> None:
    Thread(target=peer.lost, name="PeerSocketDropped", daemon=True).start()


class PeerSocket:
    """The client's end of a connection to a mock, as far as these libraries use a socket.

    Like a socket it is closed when nobody has it any more, though by a thread, a moment later.

    Sending never waits: the mock has dealt with it when it returns. Receiving does as the timeout
    says. There is no encryption; that one was asked for is known to the mock.

    Args:
        claim: who has taken the connection.
        lingers: whether what ``fileno()`` has given another thread stays open after ``close()``
            until ``put_out()``, or until nobody has this socket: that thread may still wait for it
            in a selector, which would not notice that it was closed.
        **hooks: of the ``Peer``.
    """

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = 0

    def __init__(self, claim: Claim, *, lingers: bool = False, **hooks: Any) -> None:
        self._claim = claim
        self._changed = Condition(hold(RLock(), INNERMOST))
        self._buffer = bytearray()
        self._timeout: float | None = None
        self._ended = False
        self._waiting = 0
        self._reader = 0
        self._lamp: _Lamp | None = None
        self._watcher = 0
        self._lingers = lingers
        self._peer: Peer | None = Peer(claim, _Faint(self), **hooks)
        self._drop = finalize(self, _dropped, self._peer)
        self._drop.atexit = False

    # What the mock does ------------------------------------------------------------------------

    def put(self, data: bytes) -> None:
        """See ``Client``."""
        with self._changed:
            if not self._ended:
                self._buffer += data
                self._show()

    def end(self) -> None:
        """See ``Client``."""
        with self._changed:
            self._ended = True
            self._show()

    def at_rest(self, caller: int) -> bool:
        """See ``Client``."""
        with self._changed:
            if self._peer is None or self._reader == caller:
                return True
            if self._buffer:
                return False
            if self._waiting:
                return not self._ended
            reader = self._reader
        return not _is_busy(reader)

    def _show(self) -> None:
        """Under the lock: wake up whoever waits for something to read."""
        readable = bool(self._buffer) or self._ended
        if self._lamp is not None and self._lamp.off.alive:
            self._lamp.light(readable)
        if readable:
            self._changed.notify_all()

    # Reading and writing -----------------------------------------------------------------------

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive up to so many bytes; none at the end.

        Raises:
            BlockingIOError: there are none yet, and it does not wait.
            TimeoutError: none have come in time.
            OSError: it is closed.
        """
        with self._changed:
            self._check()
            self._reader = get_ident()
            if not self._buffer and not self._ended:
                self._wait()
            data = bytes(self._buffer[:size])
            if not flags & socket.MSG_PEEK:
                del self._buffer[:size]
                self._show()
            return data

    def _wait(self) -> None:
        timeout = self._timeout
        if timeout == 0:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self._waiting += 1
        try:
            if not self._changed.wait_for(lambda: self._buffer or self._ended, timeout):
                raise TimeoutError("timed out")
        finally:
            self._waiting -= 1

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Likewise, into a buffer; returns how many they are."""
        view = memoryview(buffer).cast("B")
        data = self.recv(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def send(self, data: Any, flags: int = 0) -> int:
        """Send all of it; returns its length.

        Raises:
            OSError: it is closed.
            UsageError: the mock is closed.
        """
        with self._changed:
            peer = self._check()
        sent = bytes(data)
        peer.receive(sent)
        return len(sent)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Likewise."""
        self.send(data, flags)

    def pending(self) -> int:
        """The bytes that have come and were not received, as of a TLS connection."""
        with self._changed:
            return len(self._buffer)

    def fileno(self) -> int:
        """What selectors can wait for: readable while there are bytes, and at the end; or -1."""
        with self._changed:
            if self._peer is None:
                return -1
            if self._lamp is None:
                self._lamp = _Lamp()
                self._show()
            self._watcher = get_ident()
            return self._lamp.number

    # Ending ------------------------------------------------------------------------------------

    def shutdown(self, how: int) -> None:
        """Receive no more, or send no more, which ends the connection; or both.

        Raises:
            OSError: it is closed.
        """
        with self._changed:
            peer = self._check()
            if how != socket.SHUT_WR:
                self._ended = True
                self._show()
        if how != socket.SHUT_RD:
            self._drop.detach()
            peer.lost()

    def close(self) -> None:
        """End; again is fine."""
        with self._changed:
            peer, self._peer = self._peer, None
            self._ended = True
            self._show()
            if self._lamp is not None and (not self._lingers or self._watcher == get_ident()):
                self._lamp.off()
        self._drop.detach()
        if peer is not None:
            peer.lost()

    def put_out(self) -> None:
        """Nobody waits for it in a selector any more."""
        with self._changed:
            if self._lamp is not None:
                self._lamp.off()

    def _check(self) -> Peer:
        """Under the lock: the other end, as long as this one is open."""
        if self._peer is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._peer

    # What does nothing here --------------------------------------------------------------------

    def settimeout(self, value: float | None) -> None:
        """Seconds that receiving waits: 0 for not at all, ``None`` for ever."""
        self._timeout = value

    def gettimeout(self) -> float | None:
        """What was set."""
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        """Wait for ever, or not at all."""
        self._timeout = None if flag else 0.0

    def setsockopt(self, *args: Any) -> None:
        """There is nothing to set."""

    def getsockopt(self, *args: Any) -> int:
        """Nothing is set."""
        return 0

    def getpeername(self) -> tuple[str, int]:
        """Host and port that were asked for."""
        return self._claim.host, self._claim.port

    def getsockname(self) -> tuple[str, int]:
        """Not a real address."""
        return "127.0.0.1", 0

    def __enter__(self) -> PeerSocket:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = " closed" if self._peer is None else ""
        return f"<PeerSocket to {self._claim.host}:{self._claim.port}{state}>"


def _is_busy(thread: int) -> bool:
    """Whether a thread does anything but wait in a selector of one of these libraries."""
    frame = sys._current_frames().get(thread)
    if frame is None:
        return False
    waits = False
    while frame is not None and frame.f_globals.get("__name__") == _SELECTORS:
        frame, waits = frame.f_back, True
    name = "" if frame is None else frame.f_globals.get("__name__", "")
    return not (waits and name.startswith(_WAITING))
