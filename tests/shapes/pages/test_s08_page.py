"""A page whose template tag writes ``new Pusher('KEY')``, with another pusher-js from the CDN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.shapes.shape import Shape

from pusher_mock.intercept.playwright import install

from .conftest import BUILDS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from pusher_mock import PusherMock

SHAPE = Shape(
    8,
    "template tag that writes `new Pusher('KEY')`, pusher-js from the CDN",
    framework="Django",
    doors=("playwright",),
    shows="its page in Chromium sees that somebody else looks at it, with no DNS",
)

pytestmark = pytest.mark.enable_socket


def test_a_view_shows_in_the_page(service: PusherMock, site: str, context: BrowserContext):
    problems: list[str] = []
    with install(context, service, script=BUILDS):
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{site}/s08/page/4/")
        page.wait_for_function("pusher.connection.state == 'connected' && channel.subscribed")
        assert context.request.get(f"{site}/s08/page/4/").ok  # somebody else looks
        expect(page.locator("#views li")).to_have_text(["view from 127.0.0.1"])
        page.close()
    assert problems == []
    service.assert_triggered("page_4", "view", times=2)


def test_other_doors_do_not_catch_it(service: PusherMock, site: str, context: BrowserContext):
    failed: list[str] = []
    page = context.new_page()
    page.on("requestfailed", lambda request: failed.append(request.url))
    with service.intercept():
        page.goto(f"{site}/s08/page/5/")
    assert failed == ["https://js.pusher.com/7.0/pusher.min.js"]
    assert page.evaluate("typeof Pusher") == "undefined"
