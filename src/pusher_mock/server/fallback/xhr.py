"""The transports xhr_streaming and xhr_polling (facts 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import respond
from .receiving import LINES, poll, stream
from .sending import messages_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from starlette.types import Receive, Scope, Send

    from .registry import Sessions

__all__ = ["Xhr"]

_NO_CONTENT = 204


class Xhr:
    """The requests to ``…/app/KEY/SERVER/SESSION/``.

    Args:
        sessions: where the sessions are.
        limit: bytes of a request.
    """

    def __init__(self, sessions: Sessions, limit: int) -> None:
        self._sessions = sessions
        self._limit = limit

    async def streaming(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/xhr_streaming``."""
        await stream(self._sessions, _key(scope), LINES, scope, receive, send, _target(scope))

    async def polling(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/xhr``."""
        await poll(self._sessions, _key(scope), LINES, scope, receive, send, _target(scope))

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST …/xhr_send``."""
        session = self._sessions.find(_key(scope))
        found = await messages_of(session, receive, send, self._limit)
        if found is None:
            return
        session, messages = found
        for message in messages:
            session.hear(message)
        if not messages:
            session.beat()
        await respond(send, b"", status=_NO_CONTENT)


def _key(scope: Scope) -> Hashable:
    given = scope["path_params"]
    return given["app"], given["server"], given["session"]


def _target(scope: Scope) -> str:
    """What a WebSocket to the same app would ask for; `t` and `n` do no harm (facts 1.1.4)."""
    return f"/app/{scope['path_params']['app']}?{scope['query_string'].decode('latin-1')}"
