"""Requests that receive: one answer that goes on and on, or one for each batch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import inf
from threading import get_ident
from typing import TYPE_CHECKING, Final

import anyio

from pusher_mock.server.lines import call_soon_from_anywhere

from .answers import FRESH, SCRIPT, refuse
from .session import CUT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from starlette.types import Receive, Scope, Send

    from .registry import Sessions
    from .session import Session

__all__ = [
    "HOLD_SECONDS",
    "LINES",
    "ROTATION_BYTES",
    "ROTATION_SECONDS",
    "Manner",
    "Receiver",
    "poll",
    "stream",
]

# facts 4.2.7; in real time, because this is for the patience of browsers and proxies.
HOLD_SECONDS: Final = 25.0
# facts 4.2.6: when it has read more than these, pusher-js hangs up and comes back. What were sent
# to it meanwhile would be lost, so it waits; for a client that does not do so, not for long.
ROTATION_BYTES: Final = 262_144
ROTATION_SECONDS: Final = 2.0
# More is left to the next poll, so that no answer comes near what is said above.
_POLL_BYTES: Final = 65_536
_HEARTBEAT: Final = "h"
_UNAVAILABLE: Final = 503
_INTERRUPTED: Final = "The network has cut this connection, or lets nobody connect"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a transport writes frames.

    Attributes:
        media: the type of its answers.
        wrap: puts around a frame what the transport needs.
        prelude: comes first.
        several: whether an answer may hold more than one frame.
        most: bytes after which an answer ends; the client asks for the next one.
        rotation: bytes after which the client is going to hang up and ask again.
        extra: further headers.
    """

    media: bytes
    wrap: Callable[[str], bytes]
    prelude: bytes = b""
    several: bool = True
    most: float = inf
    rotation: float = inf
    extra: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of an answer."""
        return [(b"content-type", self.media), *FRESH, *self.extra]


def _line(frame: str) -> bytes:
    return b"%b\n" % frame.encode()


LINES: Final = Manner(SCRIPT, _line, rotation=ROTATION_BYTES)  # facts 4.2, 4.2.13


class Receiver:
    """A request that waits for what its session is given. Made on its event loop.

    Attributes:
        session: the session, once it has joined one.
        ending: set when the session ends, or another request takes over.
    """

    def __init__(self) -> None:
        self.session: Session | None = None
        self.ending = anyio.Event()
        self._changed = anyio.Event()
        self._thread = get_ident()
        self._call_soon = call_soon_from_anywhere()

    def wake(self) -> None:
        """Look again; called by any thread."""
        if self._thread == get_ident():
            self._look()
        else:
            self._call_soon(self._look)

    def _look(self) -> None:
        self._changed.set()
        session = self.session
        if session is not None and (session.closing or session.waiting is not self):
            self.ending.set()

    @property
    def is_cut(self) -> bool:
        """Whether nothing will come."""
        return self.session is not None and self.session.cut

    def at_once(self) -> str | None:
        """The next frame, if there is one."""
        assert self.session is not None
        return self.session.pull(self)

    async def next(self) -> str:
        """The next frame, when there is one."""
        while True:
            self._changed = anyio.Event()
            frame = self.at_once()
            if frame is not None:
                return frame
            await self._changed.wait()

    async def relief(self) -> None:
        """Wait until another request has taken over."""
        assert self.session is not None
        while self.session.waiting is self:
            self._changed = anyio.Event()
            await self._changed.wait()


async def stream(
    sessions: Sessions,
    key: Hashable,
    manner: Manner,
    scope: Scope,
    receive: Receive,
    send: Send,
    target: str | None = None,
) -> None:
    """Answer with every frame as it comes, until the close (facts 4.2.5).

    Args:
        sessions: where the session is.
        key: which one.
        manner: how frames are written.
        scope: the request.
        receive: the request.
        send: the answer.
        target: what a new session connects to.
    """

    async def answer(receiver: Receiver) -> None:
        if receiver.is_cut:
            await refuse(send, _UNAVAILABLE, _INTERRUPTED)
            return
        await send({"type": "http.response.start", "status": 200, "headers": manner.headers})
        data, size = manner.prelude, 0.0
        while size < manner.most:
            frame = await receiver.next()
            if frame == CUT:
                break
            data += manner.wrap(frame)
            size += len(data)
            await send({"type": "http.response.body", "body": data, "more_body": True})
            if frame[0] == "c":
                break
            if size - len(data) <= manner.rotation < size:
                with anyio.move_on_after(ROTATION_SECONDS):
                    await receiver.relief()
            data = b""
        await send({"type": "http.response.body", "body": b""})

    await _attend(sessions, key, answer, scope, receive, target)


async def poll(
    sessions: Sessions,
    key: Hashable,
    manner: Manner,
    scope: Scope,
    receive: Receive,
    send: Send,
    target: str | None = None,
) -> None:
    """Answer with what there is, or with what comes first (facts 4.2.1, 4.2.7).

    Args:
        sessions: where the session is.
        key: which one.
        manner: how frames are written.
        scope: the request.
        receive: the request.
        send: the answer.
        target: what a new session connects to.
    """

    async def answer(receiver: Receiver) -> None:
        frame: str | None = _HEARTBEAT
        with anyio.move_on_after(HOLD_SECONDS):
            frame = await receiver.next()
        if frame == CUT:
            await refuse(send, _UNAVAILABLE, _INTERRUPTED)
            return
        body = b""
        while frame:
            body += manner.wrap(frame)
            # The close goes along: a server that stops may not be there for another poll.
            more = manner.several and frame[0] == "a" and len(body) < _POLL_BYTES
            frame = receiver.at_once() if more else None
        headers = [*manner.headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    await _attend(sessions, key, answer, scope, receive, target)


async def _attend(
    sessions: Sessions,
    key: Hashable,
    answer: Callable[[Receiver], Awaitable[None]],
    scope: Scope,
    receive: Receive,
    target: str | None,
) -> None:
    """Answer, unless the client goes first, or does not read the end of its session in time."""
    receiver = Receiver()
    session = sessions.join(key, receiver, tls=scope.get("scheme") == "https", target=target)
    receiver.session = session
    try:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    continue
                tasks.cancel_scope.cancel()

            async def hurry() -> None:
                if not session.closing:  # as it may have been from the start
                    await receiver.ending.wait()
                await anyio.sleep(session.gateway.limits.farewell)
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            tasks.start_soon(hurry)
            with suppress(OSError):  # ASGI: the client is gone
                await answer(receiver)
            tasks.cancel_scope.cancel()
    finally:
        sessions.leave(session, receiver)
