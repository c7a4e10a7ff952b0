"""Running servers for real clients, and fixtures that several folders of tests use."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pusher
import pytest

from pusher_mock import App, PusherMock
from pusher_mock.clock import SystemClock
from pusher_mock.protocol.defaults import KEY, NUMERIC_APP_ID, SECRET
from pusher_mock.server import ThreadedServer

from .cable import Cable
from .inbox import PATIENCE
from .origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.clock import Clock

__all__ = ["Serving", "an_app", "serving"]

_LOGGERS = ("uvicorn", "asyncio", "pusher_mock", "compat")
_ERROR = 40


def an_app(**switches: Any) -> App:
    """Return the app that every client here is set up for, with client events."""
    options = {"client_events": True, **switches}
    return App(id=NUMERIC_APP_ID, key=KEY, secret=SECRET, **options)


class Serving:
    """Starts servers, and what belongs to them; all of it ends with the test.

    Args:
        fast: whether WebSockets go past ASGI.
    """

    def __init__(self, fast: bool) -> None:
        self.fast = fast
        self._stack = ExitStack()

    def start(
        self,
        *,
        mock: PusherMock | None = None,
        clock: Clock | None = None,
        port: int = 0,
        limits: Any = None,
        certfile: str | None = None,
        **switches: Any,
    ) -> ThreadedServer:
        """Start a server.

        Args:
            mock: whose; a new one otherwise, in real time unless there is a clock.
            clock: of the new one.
            port: where to listen.
            limits: as ``ThreadedServer`` takes them.
            certfile: likewise.
            **switches: of the new one's app.
        """
        if mock is None:
            mock = PusherMock(clock=clock or SystemClock(), apps=[an_app(**switches)], strict=True)
            self._stack.callback(mock.raise_errors)
        server = ThreadedServer(
            mock, port=port, limits=limits, certfile=certfile, fast=self.fast
        ).start()
        self._stack.callback(server.stop)
        return server

    def publisher(self, server: ThreadedServer, **options: Any) -> pusher.Pusher:
        """Return the real SDK, pointed at a server."""
        credentials = {"app_id": NUMERIC_APP_ID, "key": KEY, "secret": SECRET}
        place = {"host": server.host, "port": server.port, "ssl": False}
        sdk = pusher.Pusher(**{**credentials, **place, **options})
        for client in (sdk._pusher_client, sdk._authentication_client):
            session = getattr(client.http, "session", None)
            if session is not None:
                self._stack.callback(session.close)
        return sdk

    def cable(self, server: ThreadedServer) -> Cable:
        """Lay a cable to a server, which a test may cut."""
        return self._stack.enter_context(Cable(server.host, server.port))

    def origin(self, server: ThreadedServer | None = None) -> Origin:
        """Start an application's web server.

        Args:
            server: its Pusher, if that is there already.
        """
        origin = self._stack.enter_context(Origin())
        return origin.use(server) if server else origin

    def close(self) -> None:
        """End everything, the last first."""
        self._stack.close()


@pytest.fixture(params=["fast", "plain"])
def serving(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Serving]:
    """What starts servers, once for each way of serving WebSockets."""
    before = set(threading.enumerate())
    servers = Serving(fast=request.param == "fast")
    yield servers
    servers.close()
    left = {one for one in threading.enumerate() if one.name.startswith("pusher-mock")} - before
    for thread in left:
        thread.join(PATIENCE)  # the last of it may be about to end
    assert not [one for one in left if one.is_alive()], "threads of a server that was stopped"
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    said = [one for one in records if one.name.partition(".")[0] in _LOGGERS]
    assert not [one.getMessage() for one in said if one.levelno >= _ERROR]
