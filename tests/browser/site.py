"""An application without a server: a page with a literal key and the script of Pusher's CDN."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pusher
import pytest
from playwright.sync_api import expect
from tests.node.runner import MODULES

from pusher_mock import App, PusherMock
from pusher_mock.core import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = [
    "BUILDS",
    "PACKAGE",
    "URL",
    "a_mock",
    "answer",
    "fetched",
    "hears",
    "mock",
    "opened",
    "page_of",
    "profile",
    "sdk",
]

PACKAGE = MODULES / "pusher-js"
BUILDS = PACKAGE / "dist" / "web"
URL = "https://app.test/"
CDN = "https://js.pusher.com/8.4.0/pusher.min.js"
KEY, SECRET = "page-key", "page-secret"
APP = App(id="1", key=KEY, secret=SECRET, client_events=True)

_PATIENCE_MS = 15_000

_PAGE = """<!doctype html>
<title>Application</title>
<p id="state"></p>
<ul id="heard"></ul>
<script src="%(script)s"></script>
<script>
  const say = (...words) => {
    const line = document.createElement("li");
    line.textContent = words.join(" ");
    heard.append(line);
  };
  const pusher = new Pusher("%(key)s", { cluster: "mt1"%(options)s });
  pusher.connection.bind("state_change", ({ current }) => { state.textContent = current; });
  const codes = new Set(); // the event and the close that follows it tell the same
  pusher.connection.bind("error", ({ data, error }) => {
    const { code } = data ?? error?.data ?? {};
    if (code && !codes.has(code)) say("error", code);
    codes.add(code);
  });
  const hear = (event, data) => {
    if (event === "pusher:member_added" || event === "pusher:member_removed") say(event, data.id);
    else if (event === "pusher:subscription_error") say(event, data.status);
    else if (!event.startsWith("pusher:")) say(event, JSON.stringify(data));
  };
  for (const channel of %(channels)s) pusher.subscribe(channel).bind_global(hear);
</script>
"""


def a_mock(**options: Any) -> PusherMock:
    return PusherMock(apps=[APP], strict=True, **options)


def page_of(*channels: str, key: str = KEY, script: str = CDN, options: str = "") -> str:
    """Return a page that subscribes to some channels and writes down what it hears."""
    return _PAGE % {"channels": list(channels), "key": key, "script": script, "options": options}


def sdk(**options: Any) -> pusher.Pusher:
    """Return the real SDK as the application has it."""
    return pusher.Pusher("1", KEY, SECRET, cluster="mt1", **options)


def answer(route: Any, page: str) -> Any:
    """Answer as the application does: its page, and the endpoint that authorizes ``?user=``."""
    request = route.request
    if urlsplit(request.url).path != "/pusher/auth":
        return route.fulfill(body=page, content_type="text/html")
    (socket_id,), (channel,) = (
        parse_qs(request.post_data)["socket_id"],
        parse_qs(request.post_data)["channel_name"],
    )
    if "forbidden" in channel:
        return route.fulfill(status=403, body="no")
    user = parse_qs(urlsplit(request.headers["referer"]).query).get("user", ["nobody"])[0]
    data = {"user_id": user} if channel.startswith("presence-") else None
    return route.fulfill(json=sdk().authenticate(channel, socket_id, data))


@pytest.fixture
def mock() -> PusherMock:
    """A mock that knows the page's app, and no other."""
    return a_mock()


@pytest.fixture
def profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """What opens profiles in which the application is at `URL`."""
    with ExitStack() as stack:

        def open_one(page: str = "", **options: Any) -> BrowserContext:
            context = browser.new_context(**options)
            stack.callback(context.close)
            context.set_default_timeout(_PATIENCE_MS)
            context.route(f"{URL}**", lambda route: answer(route, page or page_of("room")))
            return context

        yield open_one
    assert not turns.here()


def opened(context: BrowserContext, query: str = "", state: str = "connected") -> Page:
    """Open the application, and wait for the state of its connection."""
    page = context.new_page()
    page.goto(URL + query)
    expect(page.locator("#state")).to_have_text(state, timeout=_PATIENCE_MS)
    return page


def hears(page: Page, *lines: str) -> None:
    """Wait until this is all that a page has heard."""
    expect(page.locator("#heard li")).to_have_text(lines, timeout=_PATIENCE_MS)


def fetched(page: Page, url: str) -> bool:
    """Whether a script of the page gets an answer."""
    script = "url => fetch(url, {mode: 'no-cors'}).then(() => true, () => false)"
    return bool(page.evaluate(script, url))
