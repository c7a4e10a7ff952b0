"""The door of ``pusher-mock tail``: what happens, as it happens, as lines of JSON."""

from __future__ import annotations

from collections import deque
from importlib.metadata import version
from typing import TYPE_CHECKING

import anyio

from pusher_mock.core.logs import logger
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import dumps

from .happenings import Happenings
from .http_api import respond
from .lines import call_soon_from_anywhere
from .private import admit

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from pusher_mock.core import Core
    from pusher_mock.engine import Effect, Input

    from .happenings import Record

__all__ = ["HEARTBEAT", "PATH", "Tails"]

PATH = "/pusher-mock/tail"
"""Where it is: Pusher has nothing below this."""
HEARTBEAT = 15.0
"""Seconds between two lines, at most."""

_HEADERS = [
    (b"content-type", b"application/x-ndjson"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
_BUSY = 503


class _Tail:
    """One that follows: what waits for it, within bounds."""

    __slots__ = ("_call_soon", "_woken", "app", "ended", "event", "lost", "records")

    def __init__(self, app: str, size: int) -> None:
        self.app = app
        self.records: deque[Record] = deque(maxlen=size)
        self.lost = 0
        self.ended = False
        self.event = anyio.Event()
        self._call_soon = call_soon_from_anywhere()
        self._woken = False

    def take(self, record: Record) -> None:
        """Under the core's lock: keep it; the oldest makes room."""
        if len(self.records) == self.records.maxlen:
            self.lost += 1
        self.records.append(record)
        self.wake()

    def wake(self) -> None:
        """Under the core's lock: there is something to look at."""
        if not self._woken:
            self._woken = True
            self._call_soon(lambda: self.event.set())

    def drain(self) -> tuple[int, list[Record]]:
        """Under the core's lock: what waits, and how many have been lost before it."""
        found = (self.lost, list(self.records))
        self.lost = 0
        self.records.clear()
        self._woken = False
        self.event = anyio.Event()
        return found


class Tails:
    """An ASGI endpoint that streams what happens to one app.

    It tells of the app whose key signed the request (see ``admit``). Apart from records (see
    ``Happenings``) there are lines of the kinds ``tail``, the first one, and ``lost``, with the
    ``count`` of records that a slow reader has missed; and empty lines while nothing happens.

    Args:
        core: whose.
        size: records that wait for a slow reader; then the oldest are lost.
        most: readers at a time; more get a 503.
        heartbeat: seconds between two lines, at most.
    """

    def __init__(
        self, core: Core, *, size: int = 1_000, most: int = 32, heartbeat: float = HEARTBEAT
    ) -> None:
        self._core = core
        self._size = size
        self._most = most
        self._heartbeat = heartbeat
        self._tails: dict[_Tail, None] = {}
        self._happenings: Happenings | None = None
        self._deaf: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, for as long as its client listens."""
        try:
            app = self._admit(scope)
        except ProtocolViolation as refusal:
            assert refusal.status is not None
            logger.warning("%s %s: %s", scope["method"], scope["path"], refusal)
            await respond(send, refusal.status, f"{refusal.message}\n".encode(), close=True)
            return
        tail = _Tail(app, self._size)
        self._begin(tail)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._watch, receive, tasks.cancel_scope)
                await self._stream(tail, send)
                tasks.cancel_scope.cancel()
        finally:
            self._finish(tail)

    def end(self) -> None:
        """End all streams, after what waits for them; from any thread, and again is fine."""
        with self._core.lock:
            for tail in self._tails:
                tail.ended = True
                tail.wake()

    # Who may listen ----------------------------------------------------------------------------

    def _admit(self, scope: Scope) -> str:
        """The id of the app to tell of.

        Raises:
            ProtocolViolation: nobody is told.
        """
        app = admit(self._core, scope)
        if len(self._tails) >= self._most:
            raise ProtocolViolation(
                f"There are {self._most} tails already; end one of them", status=_BUSY
            )
        return app

    # Listening ---------------------------------------------------------------------------------

    def _begin(self, tail: _Tail) -> None:
        core = self._core
        with core.lock:
            if self._deaf is None:
                self._happenings = Happenings(core)
                self._deaf = core.listen(self._heard)
            self._tails[tail] = None
            tail.take(
                {
                    "kind": "tail",
                    "at": round(core.clock.now(), 3),
                    "time": round(core.clock.wall(), 3),
                    "app": tail.app,
                    "version": version("pusher-mock"),
                }
            )

    def _finish(self, tail: _Tail) -> None:
        with self._core.lock:
            del self._tails[tail]
            if not self._tails and self._deaf is not None:
                self._deaf()
                self._deaf = self._happenings = None

    def _heard(self, at: float, happened: Input, effects: list[Effect]) -> None:
        assert self._happenings is not None
        for record in self._happenings.tell(at, happened, effects):
            for tail in self._tails:
                if tail.app == record["app"]:
                    tail.take(record)

    # Sending -----------------------------------------------------------------------------------

    async def _stream(self, tail: _Tail, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        while True:
            with self._core.lock:
                lost, records = tail.drain()
                ended = tail.ended
            if lost:
                records.insert(0, {"kind": "lost", "app": tail.app, "count": lost})
            text = "".join([f"{dumps(record)}\n" for record in records])
            if ended:
                await send({"type": "http.response.body", "body": text.encode()})
                return
            if records:
                await send(_part(text))
            with anyio.move_on_after(self._heartbeat) as waiting:
                await tail.event.wait()
            if waiting.cancelled_caught:
                await send(_part("\n"))

    async def _watch(self, receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass  # the body of a GET, if there is one
        scope.cancel()


def _part(text: str) -> dict[str, object]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
