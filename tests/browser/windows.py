"""Windows of a browser, as places where clients of pusher-js run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.node.clients import Client, connect
from tests.node.runner import FOLDER, MODULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext
    from tests.wire.origin import Origin

    from pusher_mock.server import ThreadedServer

__all__ = ["ENCRYPTED", "PLAIN", "Window"]

PLAIN = "pusher.min.js"
ENCRYPTED = "pusher-with-encryption.min.js"

_BUILDS = MODULES / "pusher-js" / "dist" / "web"
_PATIENCE_MS = 15_000
_START = """async () => {
    const { Recorder } = await import("/recorder.mjs");
    window.recorder = new Recorder(Pusher);
}"""
_CALL = "([command, args]) => window.recorder[command](...args)"


class Window:
    """A page of an application, in a browser profile of its own.

    Args:
        browser: the browser.
        origin: the application's web server.
        user: who has logged in there.
        build: of pusher-js.

    Attributes:
        context: the profile.
        page: the page.
    """

    def __init__(
        self, browser: Browser, origin: Origin, user: str | None = None, *, build: str = PLAIN
    ) -> None:
        origin.files["recorder.mjs"] = FOLDER / "recorder.mjs"
        origin.files[build] = _BUILDS / build
        self._problems: list[str] = []
        self.context: BrowserContext = browser.new_context(ignore_https_errors=True)
        self.context.set_default_timeout(_PATIENCE_MS)
        if user:
            self.context.add_cookies([{"name": "user", "value": user, "url": origin.url}])
        # Where pusher-js would fetch the parts that it loads when needed; nothing else is allowed.
        self.context.route(
            lambda url: not url.startswith(("http://127.0.0.1:", "https://127.0.0.1:")),
            lambda route: route.abort(),
        )
        self.context.route(
            "**://js.pusher.com/*/*",
            lambda route: route.fulfill(path=_BUILDS / route.request.url.rpartition("/")[2]),
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self._problems.append(str(error)))
        self.page.goto(origin.url)
        self.page.add_script_tag(url=f"/{build}")
        self.page.evaluate(_START)

    def call(self, command: str, *args: Any) -> Any:
        """Have the recorder of the page do something."""
        return self.page.evaluate(_CALL, [command, list(args)])

    def connect(self, server: ThreadedServer, **options: Any) -> Client:
        """Start a client; the application's own endpoints authorize it."""
        return connect(self, server, secret=None, **options)

    def close(self) -> None:
        """Close it.

        Raises:
            AssertionError: a script of the page has failed.
        """
        self.context.close()
        assert not self._problems
