"""The doors behind ``pusher_mock.remote``: what a server's mock holds, and a reset of it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from pusher_mock.core.logs import logger
from pusher_mock.protocol.errors import ProtocolViolation
from pusher_mock.protocol.frames import dumps

from .http_api import respond
from .private import admit
from .targets import parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from pusher_mock.mock import PusherMock

__all__ = ["EVENTS", "RESET", "STATE", "Control"]

STATE = "/pusher-mock/state"
EVENTS = "/pusher-mock/events"
RESET = "/pusher-mock/reset"

_DEFAULT_LIMIT = 100


class Control:
    """An ASGI endpoint for one of the paths above; signed, and closed to browsers.

    Args:
        mock: whose.
        path: which of them.
    """

    def __init__(self, mock: PusherMock, path: str) -> None:
        self._mock = mock
        answers: dict[str, tuple[str, Callable[[str, dict[str, str]], Any]]] = {
            STATE: ("GET", self._state),
            EVENTS: ("GET", self._events),
            RESET: ("POST", self._reset),
        }
        self._method, self._answer = answers[path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            app = admit(self._mock.core, scope, self._method)
            answer = self._answer(app, dict(parameters_of(scope["query_string"])))
        except ProtocolViolation as refusal:
            assert refusal.status is not None
            logger.warning("%s %s: %s", scope["method"], scope["path"], refusal)
            await respond(send, refusal.status, f"{refusal.message}\n".encode(), close=True)
            return
        await respond(send, 200, dumps(answer).encode())

    def _state(self, app: str, asked: dict[str, str]) -> dict[str, Any]:
        """The state store's view, over all apps."""
        found: dict[str, Any] = self._mock.state.get_state()
        return found

    def _events(self, app: str, asked: dict[str, str]) -> list[dict[str, Any]]:
        """The last events of the key's app, newest first."""
        limit = asked.get("limit", str(_DEFAULT_LIMIT))
        if not limit.isdigit() or len(limit) > _DIGITS:
            raise ProtocolViolation("limit takes a number from 0", status=400)
        core = self._mock.core
        with core.lock:
            events = core.journal.published()
            started = core.clock.wall() - core.clock.now() / 1000
        channel = asked.get("channel")
        chosen = (
            event
            for event in reversed(events)
            if event.app == app and channel in (None, event.channel)
        )
        return [
            {
                "channel": event.channel,
                "event": event.event,
                "data": event.raw,
                "time": round(started + event.at / 1000, 3),
                "socket_id": event.socket_id,
                "user_id": event.user_id,
                "client": event.client,
            }
            for event in islice(chosen, int(limit))
        ]

    def _reset(self, app: str, asked: dict[str, str]) -> dict[str, Any]:
        """Forget everything; every client is told to come back (4200)."""
        self._mock.reset()
        return {}


_DIGITS = 9
