"""A cable between a client and a server, which a test can cut."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["Cable"]

_CHUNK = 65_536
_PATIENCE = 5.0  # seconds


class Cable:
    """Relays TCP connections to a server. Clients use its port in place of the server's.

    Args:
        host: where the server listens.
        port: likewise.

    Attributes:
        port: where clients connect.
        connections: how many there have been.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._guard = Lock()
        self._ends: set[socket.socket] = set()
        self._threads: list[Thread] = []
        self._going = Event()
        self._down = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0

    def cut(self) -> None:
        """End every connection at once, without a farewell; new ones are possible."""
        with self._guard:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def down(self) -> None:
        """End every connection, and any that is tried, until it is ``up()``."""
        self._down = True
        self.cut()

    def up(self) -> None:
        """Work again."""
        self._down = False

    def hold(self) -> None:
        """Have new connections wait for ``go_on()``."""
        self._going.clear()

    def go_on(self) -> None:
        """Let new connections through, and those that wait."""
        self._going.set()

    def __enter__(self) -> Cable:
        self.go_on()
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.go_on()
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._threads[0].join(_PATIENCE)
        self._listening.close()
        self.cut()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = Thread(target=run, args=args, name="cable", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self._going.wait()
            try:
                far = socket.create_connection(self._target, _PATIENCE)
            except OSError:
                near.close()  # nobody listens: the client hears as much
                continue
            far.settimeout(None)
            with self._guard:
                if self._down:
                    near.close()
                    far.close()
                    continue
                self.connections += 1
                self._ends |= {near, far}
            # Each end is read by one thread and closed by it.
            self._start(self._relay, near, far)
            self._start(self._relay, far, near)

    def _relay(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(_CHUNK):
                target.sendall(data)
        except OSError:
            pass
        with self._guard:
            with suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
            self._ends.discard(source)
            source.close()
