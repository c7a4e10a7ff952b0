"""The project's own tests: without a mock, a patch or a network."""

from __future__ import annotations

from django.test import SimpleTestCase

from . import views


class OrderTest(SimpleTestCase):
    def test_an_order_is_taken(self) -> None:
        assert self.client.get("/order?number=7").status_code == 200

    def test_nobody_listens(self) -> None:
        assert views.pusher_client.channels_info() == {"channels": {}}
