"""The same door with Playwright's async API, and beside an application's own server."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from playwright.async_api import async_playwright
from playwright.async_api import expect as expect_async

from pusher_mock import NotIntercepted, PusherMock
from pusher_mock.intercept.playwright import AsyncDoor, install

from .conftest import launch_options
from .site import BUILDS, URL, answer, hears, page_of, sdk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from playwright.async_api import Browser, BrowserContext, Page
    from playwright.sync_api import BrowserContext as SyncContext

PATIENCE_S = 60


def run(test: Callable[[Browser], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine on a thread: in this one Playwright keeps the loop of its sync API."""
    raised: list[BaseException] = []

    async def main() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options())
            await test(browser)
            await browser.close()

    def body() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    for error in raised:
        raise error


@asynccontextmanager
async def profile_of(browser: Browser, page: str) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context()
    await context.route(f"{URL}**", lambda route: answer(route, page))
    yield context
    await context.close()


async def opened(context: BrowserContext, state: str = "connected") -> Page:
    page = await context.new_page()
    await page.goto(URL)
    await expect_async(page.locator("#state")).to_have_text(state)
    return page


async def heard(page: Page, *lines: str) -> None:
    await expect_async(page.locator("#heard li")).to_have_text(lines)


def test_channels(mock: PusherMock):
    async def test(browser: Browser) -> None:
        async with (
            profile_of(browser, page_of("room", "private-room")) as context,
            await install(context, mock, script=BUILDS) as door,  # begun twice, which is fine
        ):
            page = await opened(context)
            await asyncio.to_thread(mock.wait_until_subscribed, "private-room", 1)
            mock.server().trigger(["room", "private-room"], "here", 1)
            await asyncio.to_thread(mock.server().trigger, "room", "there", 2)
            await heard(page, "here 1", "here 1", "there 2")
            assert repr(door).startswith("<AsyncDoor connections=1 ")
            await page.evaluate("pusher.disconnect()")
            await asyncio.to_thread(mock.wait_until_subscribed, "room", 0)
            await expect_async(page.locator("#state")).to_have_text("disconnected")

    run(test)


def test_refusals(mock: PusherMock):
    async def test(browser: Browser) -> None:
        async with profile_of(browser, page_of("room", key="nobodys")) as context:
            door = await install(context, mock, script=BUILDS)
            page = await opened(context, "disconnected")
            await heard(page, "error 4001")
            await page.evaluate("fetch('https://api-mt1.pusher.com/').catch(() => 0)")
            with pytest.raises(NotIntercepted, match="a page has no secret"):
                await door.stop()
            await door.stop()  # again is fine
            door = install(context, mock, script=BUILDS)
            with pytest.raises(ZeroDivisionError):
                await fail_inside(door, page)
            assert door.escaped  # it would have hidden the test's own error

    run(test)


async def fail_inside(door: AsyncDoor, page: Page) -> None:
    async with door:
        await page.evaluate("fetch('https://api-mt1.pusher.com/').catch(() => 0)")
        raise ZeroDivisionError


def test_a_context_that_has_gone_first(mock: PusherMock):
    async def test(browser: Browser) -> None:
        async with profile_of(browser, page_of("room")) as context:
            door = await install(context, mock, script=BUILDS)
            await opened(context)
        await door.stop()
        assert not mock.core.connections

    run(test)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def live_server() -> Iterator[str]:
    """An application on a thread of its own: its page, its endpoint, and a view that publishes."""
    client = sdk()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body, kind = page_of("room").encode(), "text/html"
        if environ["REQUEST_METHOD"] == "POST":
            client.trigger("room", "saved", {"by": threading.current_thread().name})
            body, kind = json.dumps({"saved": True}).encode(), "application/json"
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, name="views")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.enable_socket
@pytest.mark.parametrize("named", [True, False])
def test_a_live_server(mock: PusherMock, profile: Callable[..., SyncContext], named: bool):
    context = profile()
    with (
        live_server() as url,
        mock.intercept("sdk"),
        # Without a mock it is the one that the views' calls reach.
        install(context, mock if named else None, script=BUILDS),
    ):
        page = context.new_page()
        page.goto(url)
        mock.wait_until_subscribed("room", 1)
        assert page.evaluate("fetch('/', {method: 'POST'}).then(said => said.json())")
        hears(page, 'saved {"by":"views"}')
    mock.assert_triggered("room", "saved", {"by": "views"}, times=1)
