"""`LiveServerTestCase` and a browser: pages, views and the SDK meet on the mock of the test."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.test import LiveServerTestCase, override_settings
from playwright.sync_api import expect
from tests.node.runner import MODULES
from tests.scenarios.chromium import chromium

from pusher_mock import PusherMockMixin
from pusher_mock.intercept.playwright import install

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["ShopTests"]

SCRIPT = MODULES / "pusher-js"


class ShopTests(PusherMockMixin, LiveServerTestCase):
    """The project's server runs on a thread of its own, and publishes from there."""

    pusher_mock_intercept = True
    browser: Browser
    page: Page

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.browser = stack.enter_context(chromium())

    def setUp(self) -> None:
        super().setUp()
        context = self.browser.new_context()
        self.addCleanup(context.close)
        self.addCleanup(install(context, script=SCRIPT).stop)
        self.page = context.new_page()

    def pay(self, order_id: int, name: str) -> None:
        user = User.objects.create(username=name)
        answer: Any = self.page.request.post(
            f"{self.live_server_url}/pay", data={"orderId": order_id, "user": user.pk}
        )
        assert answer.ok, answer.text()

    def test_an_order_is_seen(self) -> None:
        self.page.goto(self.live_server_url)
        expect(self.page.locator("#state")).to_have_text("connected")
        self.pusher_mock.wait_until_subscribed("private-orders")
        self.pay(17, "ada")
        expect(self.page.locator("li")).to_have_text(["Order 17 by ada"])
        self.pusher_mock.assert_triggered(
            "private-orders", "paid", {"orderId": 17, "name": "ada"}, times=1
        )

    @override_settings(DEBUG=True)
    def test_every_test_has_a_mock_of_its_own(self) -> None:
        self.page.goto(self.live_server_url)
        self.pusher_mock.wait_until_subscribed("private-orders")
        assert not self.pusher_mock.published()
        self.pay(18, "ben")
        expect(self.page.locator("li")).to_have_text(["Order 18 by ben"])
