"""The third side: the double with a thread, settled when its loop has nothing left to do."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

from pusher_mock.doubles import client as client_module
from pusher_mock.doubles.threaded import ThreadedMemoryConnection

from .sides import PATIENCE, Double, Real, _Loop

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


__all__ = ["SIDES", "Threaded"]


class _Mark:
    """Put behind everything that is under way."""


class _Wake(Event):
    def __init__(self, loop: _Loop) -> None:
        super().__init__()
        self.loop = loop

    def set(self) -> None:
        self.loop.set(idle=False)
        super().set()


class _Tracked(ThreadedMemoryConnection):
    def prepare(self, client: Any, core: Any) -> None:
        super().prepare(client, core)
        self.loop = _Loop()
        self._wake = _Wake(self.loop)

    def run(self) -> None:
        try:
            super().run()
        finally:
            self.loop.end()

    def _next(self, inbox: Any) -> Any:
        while isinstance(item := super()._next(inbox), _Mark):
            self.loop.set(idle=True)
        return item

    def settle(self) -> None:
        # Twice: what comes in front of the first mark may put something behind it.
        for _ in range(2):
            if not self._waits():
                self._pass_mark()
        if self.loop.ended:
            self.join(PATIENCE)

    def _waits(self) -> bool:
        """Whether it waits for the time of its next attempt."""
        timers: Any = self.core.clock
        return any(timer.callback == self._wake.set for timer in timers.waiting)

    def _pass_mark(self) -> None:
        loop = self.loop
        loop.set(idle=False)
        for _ in range(int(PATIENCE / 0.02)):
            self._inbox.put(_Mark())  # again: a new connection has a new queue
            with loop.changed:
                if loop.changed.wait_for(lambda: loop.idle or loop.ended, 0.02):
                    return
            if self._waits():
                return
        raise AssertionError("it hangs")


class Threaded(Double):
    """The double in pysher's thread shape."""

    name = "threaded"
    runs_threads = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch, poster: Callable[..., Any]) -> None:
        super().__init__(monkeypatch, poster)
        monkeypatch.setattr(client_module, "ThreadedMemoryConnection", _Tracked)

    def make(self, options: dict[str, Any]) -> Any:
        return super().make({"threaded": True, **options})

    def settle(self) -> None:
        for client in self.clients:
            if client.connection.ident is not None:
                client.connection.settle()

    def end(self) -> None:
        super().end()
        for client in self.clients:
            if client.connection.ident is not None:
                client.connection.join(PATIENCE)
                assert not client.connection.is_alive()


SIDES = {side.name: side for side in (Real, Double, Threaded)}
