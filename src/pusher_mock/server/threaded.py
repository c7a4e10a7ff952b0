"""A server on a thread of its own: beside a test, or inside a development server."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Any, cast

from pusher_mock.core import places
from pusher_mock.protocol.errors import UsageError

from .app import create_app

if TYPE_CHECKING:
    from types import TracebackType

    from pusher_mock.mock import PusherMock

    from .gateway import Gateway
    from .settings import ServerLimits

__all__ = ["ThreadedServer"]

_START = 15.0  # seconds
_STOP = 10.0


class ThreadedServer:
    """A running server of one mock.

    It shares everything with the doubles of the mock in this process: what a double publishes
    reaches a browser, and the other way round. Callbacks of doubles for what came over the wire
    run on a thread of the server's. In a ``with`` block it is stopped at the end.

    Args:
        mock: the mock; the current one otherwise.
        host: the address to listen on. Anything but this machine's own lets others in.
        port: 0 takes any that is free.
        limits: what a client may take.
        certfile: a certificate chain in PEM; with it the server speaks TLS.
        keyfile: its private key, unless the same file has it.
        fast: serve WebSockets past ASGI, which is quicker; ``False`` is for comparing.

    Attributes:
        mock: the mock.
        app: the ASGI application.
        host: as given.
        port: the port it listens on, once started.
    """

    def __init__(
        self,
        mock: PusherMock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: ServerLimits | None = None,
        certfile: str | None = None,
        keyfile: str | None = None,
        fast: bool = True,
    ) -> None:
        self.app = create_app(mock, limits=limits)
        self.mock = self.app.gateway.mock
        self.host = host
        self.port = port
        self._tls = certfile is not None
        self._options: dict[str, Any] = {"ssl_certfile": certfile, "ssl_keyfile": keyfile}
        self._fast = fast
        self._thread: Thread | None = None
        self._server: Any = None
        self._failure: BaseException | None = None

    @property
    def gateway(self) -> Gateway:
        """What its doors share."""
        return self.app.gateway

    @property
    def url(self) -> str:
        """Where the HTTP API is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self._tls else ''}://{host}:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where WebSockets are, without ``/app/KEY``."""
        return "ws" + self.url.removeprefix("http")

    def start(self) -> ThreadedServer:
        """Start it; it answers when this returns.

        Raises:
            UsageError: the port is taken, or it has been started before.
        """
        from .running import UvicornServer, bind, configure

        if self._thread is not None:
            raise UsageError("this server has been started already; make a new one")
        listening = bind(self.host, self.port)
        self.port = cast("int", listening.getsockname()[1])
        places.take(self.port)
        started = Event()
        config = configure(self.app, fast=self._fast, **self._options)
        server = self._server = UvicornServer(config, self.app, started.set)

        def run() -> None:
            try:
                server.run(sockets=[listening])
            except BaseException as error:
                self._failure = error
            finally:
                places.leave(self.port)
                listening.close()
                started.set()

        self._thread = Thread(target=run, name="pusher-mock server", daemon=True)
        self._thread.start()
        if not started.wait(_START) or self._failure is not None or not server.started:
            self.stop()
            raise UsageError(f"the server did not start: {self._failure!r}") from self._failure
        return self

    def stop(self) -> None:
        """Close every connection with 4200 and end; again is fine."""
        thread = self._thread
        if thread is not None:
            self._server.stop()
            thread.join(_STOP)
        self.gateway.close()

    def __enter__(self) -> ThreadedServer:
        return self if self._thread is not None else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<ThreadedServer {self.url}>"
