"""The example, its Pusher and its people."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.servers import free_port

from pusher_mock import App, PusherMock, Webhook
from pusher_mock.clock import SystemClock
from pusher_mock.protocol.defaults import KEY, NUMERIC_APP_ID, SECRET

from .chromium import chromium
from .example import get_pusher_js, prepare, running
from .people import PATIENCE_MS, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from pusher_mock.server import ThreadedServer

__all__ = ["browser", "database", "in_memory", "live", "person", "pusher"]


class Site:
    """A running example.

    Attributes:
        url: where it is.
        said: what its process has said.
    """

    def __init__(self, url: str, said: list[str]) -> None:
        self.url = url
        self.said = said


class Pusher:
    """The server that the example publishes to and browsers connect to. It can be restarted.

    Args:
        webhook: where its webhooks go.
    """

    def __init__(self, webhook: str) -> None:
        app = App(id=NUMERIC_APP_ID, key=KEY, secret=SECRET, webhooks=(Webhook(webhook),))
        self.mock = PusherMock(clock=SystemClock(), apps=[app], strict=True)
        self.server: ThreadedServer = self.mock.serve()

        self._runs = True

    def stop(self) -> None:
        """Have it go away; again is fine."""
        self._runs = False
        self.server.stop()

    def start(self) -> None:
        """Have it come back to where it was, if it is away."""
        if not self._runs:
            self.server = self.mock.serve(port=self.server.port)
            self._runs = True


# Playwright keeps an event loop in this thread for as long as it runs, so it ends with this folder:
# coroutine tests of others could not run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A browser."""
    with chromium() as browser:
        expect.set_options(timeout=PATIENCE_MS)
        yield browser


@pytest.fixture(scope="package")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo data."""
    get_pusher_js()
    file = tmp_path_factory.mktemp("example") / "db.sqlite3"
    prepare(file)
    return file


@pytest.fixture(scope="package")
def served(database: Path) -> Iterator[tuple[Site, Pusher]]:
    """The example in server mode, and its Pusher."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pusher = Pusher(f"{url}/pusher/webhook")
    try:
        with running(database, port, pusher.server.url) as said:
            yield Site(url, said), pusher
    finally:
        pusher.stop()
    pusher.mock.raise_errors()


@pytest.fixture
def live(served: tuple[Site, Pusher]) -> Iterator[Site]:
    """The example in server mode, where pages are live."""
    site, pusher = served
    yield site
    # The next test is to find its own pages only; these have been closed.
    pusher.mock.wait_until_subscribed("presence-workspace-acme", 0)


@pytest.fixture
def pusher(served: tuple[Site, Pusher]) -> Iterator[Pusher]:
    """Its Pusher."""
    pusher = served[1]
    yield pusher
    pusher.start()  # whatever a test that failed has left


@pytest.fixture(scope="package")
def in_memory(database: Path) -> Iterator[Site]:
    """The example with its mock in memory, where pages are not live."""
    port = free_port()
    with running(database, port, None) as said:
        yield Site(f"http://127.0.0.1:{port}", said)


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """What logs people in: `person(site, "ada")`. An error in their consoles fails the test."""
    with ExitStack() as leaving:
        people: list[Person] = []

        def log_in(site: Site, name: str, **options: Any) -> Person:
            somebody = Person(browser, site.url, name, **options)
            leaving.callback(somebody.close)
            people.append(somebody)
            return somebody

        yield log_in
        problems = [problem for somebody in people for problem in somebody.unexpected]
    assert not problems
