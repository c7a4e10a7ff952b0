"""A server in the main thread, until a signal ends it."""

from __future__ import annotations

import gc
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pusher_mock.server import PusherApp

__all__ = ["serve_until_stopped"]

_YOUNG = 50_000  # objects made before the collector looks at them; 700 by default
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve_until_stopped(
    app: PusherApp,
    host: str,
    port: int,
    ready: Callable[[int], None],
    *,
    certfile: str | None = None,
    keyfile: str | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; every client is then told to come back (4200).

    Args:
        app: what is served.
        host: the address to listen on.
        port: 0 takes any that is free.
        ready: called with the port when it answers.
        certfile: a certificate chain in PEM, for TLS.
        keyfile: its private key, unless the same file has it.

    Raises:
        UsageError: the port is taken.
    """
    from pusher_mock.server.running import UvicornServer, bind, configure

    _allow_many_sockets()
    with _collecting_less_often(), bind(host, port) as listening:
        number = listening.getsockname()[1]
        config = configure(app, ssl_certfile=certfile, ssl_keyfile=keyfile)
        server = UvicornServer(config, app, lambda: ready(number))
        try:
            with _signals(server.stop):
                server.run(sockets=[listening])
        finally:
            app.gateway.close()


def _allow_many_sockets() -> None:
    """Raise the number of open files to what this process may have: 1,024 is a common default."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS says "unlimited" and does not mean it
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def _collecting_less_often() -> Iterator[None]:
    """Ten thousand connections are objects that stay: looking at them again and again is waste."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have signals stop the server, before uvicorn listens to them and after.

    uvicorn raises again, when all is done, the signals that it was sent: they would end the
    process with a traceback or by force.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        stop()

    before = {one: signal.signal(one, handle) for one in _SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
