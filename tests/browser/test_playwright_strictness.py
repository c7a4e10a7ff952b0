"""What pages may not ask of Pusher, and what `install()` needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.node.runner import MODULES

from pusher_mock import NotIntercepted, PusherMock, UsageError
from pusher_mock.intercept.playwright import install

from .site import BUILDS, URL, fetched, opened, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext

CALLS = [
    ("https://api-mt1.pusher.com/apps/1/events", "the HTTP API is for servers"),
    ("https://js.pusher.com/beams/1.0/push-notifications-cdn.js", "no such file (Beams"),
    ("https://js.pusher.com/8.4.0/nothing.js", "no such file"),
    ("https://dashboard.pusher.com/", "no part of Channels"),
    ("https://legacy.pusherapp.com/x?secret=1", "no part of Channels"),
]


@pytest.mark.parametrize(("url", "remedy"), CALLS)
def test_what_is_not_answered(
    mock: PusherMock,
    profile: Callable[..., BrowserContext],
    url: str,
    remedy: str,
    caplog: pytest.LogCaptureFixture,
):
    context = profile()
    door = install(context, mock, script=BUILDS)
    page = opened(context)
    assert not fetched(page, url)
    bare = url.partition("?")[0]
    assert [error.url for error in door.escaped] == [f"GET {bare}"]
    with pytest.raises(NotIntercepted, match=re.escape(remedy)) as caught:
        door.stop()
    text = str(caught.value)
    assert text.startswith(f"a page was about to call GET {bare}: ")
    assert "allow_real=[" in text
    assert text in caplog.text
    assert not door.escaped


def test_several_and_none_beside_another_error(
    mock: PusherMock, profile: Callable[..., BrowserContext]
):
    context = profile()
    door = install(context, mock, script=BUILDS)
    page = opened(context)
    for url, _ in CALLS[:2]:
        fetched(page, url)
    with pytest.raises(ExceptionGroup, match="asked Pusher for 2 things") as caught:
        door.stop()
    assert [type(error) for error in caught.value.exceptions] == [NotIntercepted] * 2
    with pytest.raises(ZeroDivisionError), install(context, mock, script=BUILDS):
        print(fetched(page, CALLS[0][0]), 1 / 0)


def test_not_strict(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    context.route("https://*.pusher.com/apps/**", lambda route: route.fulfill(body="theirs"))
    with install(context, mock, script=BUILDS, strict=False) as door:
        page = opened(context)
        assert fetched(page, CALLS[0][0])
    assert not door.escaped


def test_routes_of_ones_own_come_first(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS):
        context.route("https://js.pusher.com/beams/**", lambda route: route.fulfill(body=""))
        assert fetched(opened(context), CALLS[1][0])


def test_what_is_called_for_real(
    mock: PusherMock,
    profile: Callable[..., BrowserContext],
    caplog: pytest.LogCaptureFixture,
):
    context = profile()
    context.route(
        "https://js.pusher.com/**", lambda route: route.fulfill(path=BUILDS / "pusher.js")
    )
    served: list[str] = []
    context.route_web_socket("wss://ws-mt1.pusher.com/**", lambda ws: served.append(ws.url))
    with install(context, mock, script=False, allow_real="js.pusher.com"):
        opened(context)
        mock.wait_until_subscribed("room", 1)
    assert "a page calls the real https://js.pusher.com/8.4.0/pusher.min.js" in caplog.text
    assert not served


def test_hosts_of_ones_own(mock: PusherMock, profile: Callable[..., BrowserContext]):
    options = ", wsHost: 'localhost', wssPort: 6001"
    context = profile(page_of("room", options=options))
    context.route("https://localhost:7002/", lambda route: route.fulfill(body="no Pusher"))
    hosts = ["localhost:6001", "*.push.test", "[::1]:7001"]
    with install(context, mock, script=BUILDS, hosts=hosts) as door:
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        assert fetched(page, "https://localhost:7002/")
        urls = ["https://localhost:6001/x", "https://a.push.test/x", "https://[::1]:7001/x"]
        for url in urls:
            assert not fetched(page, url)
            with pytest.raises(NotIntercepted, match=re.escape(url)):
                door.raise_escaped()


def test_transports_that_stand_in_for_websockets(
    mock: PusherMock, profile: Callable[..., BrowserContext]
):
    context = profile(page_of("room", options=", enabledTransports: ['xhr_polling']"))
    door = install(context, mock, script=BUILDS)
    page = context.new_page()
    with page.expect_event("requestfailed", lambda one: "sockjs-mt1" in one.url):
        page.goto(URL)
    with pytest.raises(NotIntercepted, match="leave 'ws' among enabledTransports") as caught:
        door.stop()
    address = "https://sockjs-mt1.pusher.com/pusher/app/page-key/"
    assert caught.value.url.startswith(f"POST {address}")


def test_such_transports_beside_websockets_are_no_matter(
    mock: PusherMock, profile: Callable[..., BrowserContext]
):
    context = profile()
    with install(context, mock, script=BUILDS):
        page = opened(context)
        for path in ("app/page-key/1/abcdefgh/xhr?protocol=7", "info"):
            assert not fetched(page, f"https://sockjs-mt1.pusher.com/pusher/{path}")


# What install() refuses ---------------------------------------------------------------------------


def test_where_pusher_js_is(
    mock: PusherMock,
    browser: Browser,
    profile: Callable[..., BrowserContext],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
):
    context = profile()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"npm install pusher-js.*script="):
        install(context, mock)
    with pytest.raises(UsageError, match=r"no pusher\.min\.js in script="):
        install(context, mock, script=tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    with install(context, mock):
        opened(context)
        mock.wait_until_subscribed("room", 1)


def test_pages_that_bring_their_own(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    door = install(context, mock, script=False)
    context.new_page().goto(URL)
    with pytest.raises(NotIntercepted, match="script=False"):
        door.stop()


def test_what_is_no_context(mock: PusherMock, browser: Browser):
    with pytest.raises(UsageError, match="takes a BrowserContext or a Page"):
        install(browser, mock)  # type: ignore[call-overload]
    context = browser.new_context()
    with pytest.raises(UsageError, match="not on this machine"):
        install(context, mock, script=BUILDS, forward_to="http://soketi.test:6001")
    context.close()
