"""Pages that reach the mock through Playwright, in bad weather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.intercept.playwright import install

from .site import BUILDS, hears, opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from pusher_mock import PusherMock


def test_a_page_is_cut_off_and_comes_back(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS):
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        with mock.network.conditions(latency=1_000):
            mock.server().trigger("room", "e", "late")
        mock.clock.advance(1_000)
        hears(page, 'e "late"')
        page.evaluate(
            """pusher.connection.bind("state_change", (change) => {
                window.seen = [...(window.seen || []), change.current];
            })"""
        )
        (connection,) = mock.core.connections
        mock.network.disconnect_now(connection.connection)
        mock.wait_until_subscribed("room", 1)
        mock.server().trigger("room", "e", "again")
        hears(page, 'e "late"', "error 1006", 'e "again"')
        assert page.evaluate("window.seen") == ["connecting", "connected"]


def test_a_page_finds_nobody(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS), mock.network.refuse_connections():
        page = opened(context, state="")
        hears(page, "error 1006")
        assert page.evaluate("pusher.connection.state") == "connecting"
        assert not mock.core.connections
