"""Pages that know nothing of the mock reach it through Playwright, without a server or sockets."""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pusher_mock.engine import PongReceived
from pusher_mock.intercept.playwright import install

from .site import BUILDS, PACKAGE, URL, a_mock, hears, opened, page_of, sdk

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext

    from pusher_mock import PusherMock


# What a page gets ---------------------------------------------------------------------------------


def test_a_public_channel(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS) as door:
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        mock.server().trigger("room", "e", {"text": "grüß\u2028😀"})
        thread = threading.Thread(target=lambda: mock.server().trigger("room", "e", "thread"))
        thread.start()
        thread.join()
        hears(page, 'e {"text":"grüß\u2028😀"}', 'e "thread"')
        assert repr(door).startswith("<Door connections=1 of <PusherMock ")
    assert "stopped" in repr(door)
    assert not mock.core.connections


def test_waiting_on_another_thread(mock: PusherMock, profile: Callable[..., BrowserContext]):
    """It must not run Playwright's loop, which is not its own."""
    context = profile(page_of("private-room"))
    heard: list[object] = []

    def wait() -> None:
        heard.append(mock.wait_until_triggered("private-room", "client-hello").data)

    with install(context, mock, script=BUILDS):
        page = opened(context)
        mock.wait_until_subscribed("private-room", 1)
        thread = threading.Thread(target=wait)
        thread.start()
        page.evaluate("pusher.channel('private-room').trigger('client-hello', 1)")
        mock.wait_until(lambda: heard)
        thread.join()
    assert heard == [1]


def test_the_order_of_many(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS):
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        for number in range(200):
            mock.server().trigger("room", "n", number)
        hears(page, *(f"n {number}" for number in range(200)))


def test_a_private_channel(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile(page_of("private-room", "private-forbidden"))
    with install(context, mock, script=PACKAGE):
        page = opened(context)
        mock.wait_until_subscribed("private-room", 1)
        mock.server().trigger("private-room", "e", 1)
        hears(page, "pusher:subscription_error 403", "e 1")


def test_presence_and_client_events(mock: PusherMock, profile: Callable[..., BrowserContext]):
    ann_context, bob_context = (profile(page_of("presence-room")) for _ in range(2))
    with install(ann_context, mock, script=BUILDS), install(bob_context, mock, script=BUILDS):
        ann = opened(ann_context, "?user=ann")
        mock.wait_until_subscribed("presence-room", 1)
        bob = opened(bob_context, "?user=bob")
        hears(ann, "pusher:member_added bob")
        assert sdk_users(mock) == ["ann", "bob"]
        bob.evaluate("pusher.channel('presence-room').trigger('client-typing', {on: true})")
        hears(ann, "pusher:member_added bob", 'client-typing {"on":true}')
        hears(bob)
        bob_context.close()
        mock.wait_until_subscribed("presence-room", 1)
        hears(
            ann, "pusher:member_added bob", 'client-typing {"on":true}', "pusher:member_removed bob"
        )


def sdk_users(mock: PusherMock) -> list[str]:
    return sorted(user["id"] for user in mock.server().users_info("presence-room")["users"])


def test_two_pages_of_one_context_and_a_double(
    mock: PusherMock, profile: Callable[..., BrowserContext]
):
    heard: list[str] = []
    client = mock.client(connect=True)
    context = profile(page_of("private-room"))
    with install(context, mock, script=BUILDS):
        pages = [opened(context) for _ in range(2)]
        client.subscribe("private-room").bind("client-hello", heard.append)
        mock.wait_until_subscribed("private-room", 3)
        pages[0].evaluate("pusher.channel('private-room').trigger('client-hello', 1)")
        hears(pages[1], "client-hello 1")
        mock.wait_until(lambda: heard)
    assert heard == ["1"]


def test_encrypted_build_and_any_version(mock: PusherMock, profile: Callable[..., BrowserContext]):
    script = "https://js.pusher.com/7.0/pusher-with-encryption.min.js"
    context = profile(page_of("room", script=script))
    with install(context, mock, script=BUILDS):
        page = opened(context)
        assert page.evaluate("Pusher.Runtime.TimelineTransport !== undefined")
        mock.wait_until_subscribed("room", 1)


def test_one_page(mock: PusherMock, profile: Callable[..., BrowserContext]):
    page = profile().new_page()
    with install(page, mock, script=BUILDS):
        page.goto(URL)
        mock.wait_until_subscribed("room", 1)


def test_the_current_mock(profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, script=BUILDS) as door:
        assert "the current mock" in repr(door)
        with a_mock() as mock:
            page = opened(context)
            mock.wait_until_subscribed("room", 1)
        # It has left with its mock, for the one that is current now.
        hears(page, "error 4200")
        assert not mock.core.connections


def test_an_applications_server_thread(mock: PusherMock, profile: Callable[..., BrowserContext]):
    """A view on another thread publishes with the real SDK, as under `live_server`."""
    context = profile()
    client = sdk()
    with install(context, mock, script=BUILDS), mock.intercept("sdk"):
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        view = threading.Thread(target=client.trigger, args=("room", "saved", {"id": 7}))
        view.start()
        view.join()
        hears(page, 'saved {"id":7}')


def test_statistics(mock: PusherMock, profile: Callable[..., BrowserContext]):
    said: list[str] = []
    context = profile(page_of("room", options=", enableStats: true"))
    with install(context, mock, script=BUILDS):
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        with page.expect_response(re.compile(r"stats\.pusher\.com")) as answered:
            page.goto(URL)
        assert "Pusher.ScriptReceivers[" in answered.value.text()
        assert page.evaluate("fetch('https://stats.pusher.com/x').then(said => said.json())") == {}
        assert not said


# How connections end ------------------------------------------------------------------------------


def test_an_unknown_key(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile(page_of("room", key="nobodys"))
    with install(context, mock, script=BUILDS):
        page = opened(context, state="disconnected")
        hears(page, "error 4001")
        assert not mock.core.connections


def test_reconnect(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS) as door:
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        mock.reset()
        hears(page, "error 4200")
        expect(page.locator("#state")).to_have_text("connected")
        mock.wait_until_subscribed("room", 1)
        mock.server().trigger("room", "again", 1)
        hears(page, "error 4200", "again 1")
        assert "connections=1 " in repr(door)


@pytest.mark.parametrize("how", ["page", "context", "navigation", "disconnect"])
def test_a_page_that_is_gone(mock: PusherMock, profile: Callable[..., BrowserContext], how: str):
    context = profile()
    context.route("https://other.test/", lambda route: route.fulfill(body="elsewhere"))
    with install(context, mock, script=BUILDS):
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        if how == "page":
            page.close()
        elif how == "context":
            context.close()
        elif how == "navigation":
            page.goto("https://other.test/")
        else:
            page.evaluate("pusher.disconnect()")
            expect(page.locator("#state")).to_have_text("disconnected")
        mock.wait_until_subscribed("room", 0)
        mock.wait_until(lambda: not mock.core.connections)


def test_an_idle_page(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS):
        page = opened(context)
        mock.wait_until_subscribed("room", 1)
        for answers in (1, 2, 3):  # facts 1.12.3: asked every minute, it has 15 s to answer
            mock.clock.advance(65_000)
            mock.wait_until(partial(pongs, mock, answers))
        expect(page.locator("#state")).to_have_text("connected")
        hears(page)


def pongs(mock: PusherMock, count: int) -> bool:
    return sum(isinstance(entry.input, PongReceived) for entry in mock.journal) == count


def test_a_closed_mock(
    mock: PusherMock,
    profile: Callable[..., BrowserContext],
    caplog: pytest.LogCaptureFixture,
):
    context = profile()
    mock.close()
    with install(context, mock, script=BUILDS):
        page = opened(context, state="disconnected")
        hears(page, "error 4003")
    assert "refused a page's connection: this mock is closed" in caplog.text


def test_binary_messages(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    with install(context, mock, script=BUILDS):
        page = opened(context)
        page.evaluate("pusher.connection.connection.transport.socket.send(new Uint8Array([1]))")
        hears(page, "error 1003")


# After the end ------------------------------------------------------------------------------------


def test_a_page_that_is_left_over(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context = profile()
    door = install(context, mock, script=BUILDS)
    door.start()  # again is fine
    page = opened(context)
    mock.wait_until_subscribed("room", 1)
    door.stop()
    door.stop()  # again is fine
    assert not mock.core.connections
    mock.server().trigger("room", "e", 1)
    # It is not let out: its next connection is refused, and it does not try again.
    page.evaluate("pusher.disconnect(); pusher.connect()")
    hears(page, "error 4003")
    expect(page.locator("#state")).to_have_text("disconnected")


def test_one_inside_another(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context, inner = profile(), a_mock()
    with install(context, mock, script=BUILDS):
        with install(context, inner, script=BUILDS):
            first = opened(context)
            inner.wait_until_subscribed("room", 1)
            first.close()
        opened(context).close()
        page = context.new_page()
        with install(page, inner, script=BUILDS):
            page.goto(URL)
            inner.wait_until_subscribed("room", 1)
        page.goto("about:blank")
        page.goto(URL)
        mock.wait_until_subscribed("room", 1)
    assert not inner.core.connections


def test_a_browser_that_has_gone_first(mock: PusherMock, browser: Browser):
    context = browser.new_context()
    door = install(context, mock, script=BUILDS)
    context.close()
    door.stop()
