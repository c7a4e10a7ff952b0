"""The sessions of one server: who they are, and when nobody comes for them any more."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from pusher_mock.core import RETIRED
from pusher_mock.core.logs import logger
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol import codes, texts
from pusher_mock.protocol.frames import error_frame

from .session import Session

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pusher_mock.server.gateway import Gateway

    from .session import Waiting

__all__ = ["GRACE_MS", "Sessions"]

# facts 4.2.8: what SockJS waits for the next request, on the mock's clock, because what follows
# (a member who left, a webhook) is for tests to see.
GRACE_MS: Final = 5_000


class Sessions:
    """Finds sessions by what their requests are known by.

    Args:
        gateway: opens and ends their connections.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._clock = gateway.mock.core.clock
        self._sessions: dict[Hashable, Session] = {}
        # Never held when the core is called: whoever holds the core's lock may move the clock.
        self._guard = Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def find(self, key: Hashable) -> Session | None:
        """The session that has this key."""
        return self._sessions.get(key)

    def join(
        self, key: Hashable, waiting: Waiting, *, tls: bool, target: str | None = None
    ) -> Session:
        """Have a request take messages; the first one makes the session (facts 4.2.12).

        Args:
            key: what the session is known by.
            waiting: the request.
            tls: whether it is encrypted.
            target: what a new session connects to, unless the client says so in-band.
        """
        with self._guard:
            session = self._sessions.get(key)
            new = session is None
            if session is None:
                session = Session(self._gateway, key, tls=tls)
                if len(self._sessions) < self._gateway.limits.connections:
                    self._sessions[key] = session
                else:
                    _refuse(session)
            elif session.expiry is not None:
                session.expiry.cancel()
            session.serve(waiting)
        if not new:
            session.alive()
        elif target is not None:
            session.open(target)
        return session

    def leave(self, session: Session, waiting: Waiting) -> None:
        """A request takes no more messages; the client is given time for another (facts 4.2.8)."""
        with self._guard:
            if session.waiting is not waiting:
                return  # another one has taken over
            session.serve(None)
            if session.delivered:
                self._forget(session)
            else:
                session.until = self._clock.now() + GRACE_MS
                session.expiry = self._clock.call_at(session.until, partial(self._expire, session))
                return
        session.finish()

    def _expire(self, session: Session) -> None:
        with self._guard:
            if session.waiting is not None or self._clock.now() < session.until:
                return  # it came at the last moment
            self._forget(session)
        session.finish()

    def _forget(self, session: Session) -> None:
        if self._sessions.get(session.key) is session:
            del self._sessions[session.key]

    def farewell(self) -> None:
        """End the sessions that have no connection yet; the gateway ends those that have."""
        with self._guard:
            unnamed = [one for one in self._sessions.values() if not one.named]
        for session in unnamed:
            session.take(RETIRED)

    def __repr__(self) -> str:
        return f"<Sessions {len(self._sessions)}>"


def _refuse(session: Session) -> None:
    session.take(error_frame(texts.OVER_CAPACITY, codes.OVER_CAPACITY))
    session.take(CloseConnection("", codes.OVER_CAPACITY, texts.OVER_CAPACITY))
    logger.warning(
        "refused an HTTP session: there are %d; ServerLimits(connections=) allows more",
        session.gateway.limits.connections,
    )
