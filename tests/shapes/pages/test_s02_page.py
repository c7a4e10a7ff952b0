"""A page with a literal key and cluster, and pusher-js from the CDN."""

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
    2,
    "key and cluster literal in the template, pusher-js from the CDN",
    framework="Django",
    doors=("playwright",),
    shows="its page in Chromium subscribes by its own auth view and hears a message, with no DNS",
)

pytestmark = pytest.mark.enable_socket
CHANNEL = "private-chat-ben"


def test_a_message_shows_in_the_page(service: PusherMock, site: str, context: BrowserContext):
    problems: list[str] = []
    with install(context, service, script=BUILDS):
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{site}/s02/chat/ben/")
        expect(page.locator("#state")).to_have_text("subscribed")
        message = {"message": "hello <b>"}
        assert context.request.post(f"{site}/s02/chat/ben/send/", data=message).ok
        expect(page.locator("#messages li")).to_have_text(["hello <b>"])
        page.close()
    assert problems == []
    service.assert_triggered(CHANNEL, "new-message", {"message": "hello <b>"}, times=1)


def test_other_doors_do_not_catch_it(service: PusherMock, site: str, context: BrowserContext):
    failed: list[str] = []
    page = context.new_page()
    page.on("requestfailed", lambda request: failed.append(request.url))
    with service.intercept():
        page.goto(f"{site}/s02/chat/ben/")
    assert failed == ["https://js.pusher.com/8.4.0/pusher.min.js"]
    assert page.evaluate("typeof Pusher") == "undefined"
