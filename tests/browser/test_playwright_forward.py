"""Pages whose WebSockets go over the wire: led to a local server, or let out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from pusher_mock.intercept.playwright import install

from .site import BUILDS, URL, a_mock, hears, opened, page_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from pusher_mock import PusherMock

pytestmark = pytest.mark.enable_socket

_GREETING = """url => new Promise(done => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => { done(JSON.parse(data).event); socket.close(); };
    socket.onclose = ({ code }) => done(code);
})"""


def greeting(page: Page, origin: str, url: str) -> Any:
    """What a WebSocket of a page there is told first: an event, or a close."""
    page.goto(origin)
    return page.evaluate(_GREETING, url)


def test_a_server(mock: PusherMock, profile: Callable[..., BrowserContext]):
    context, nobody = profile(page_of("private-room")), a_mock()
    with (
        mock.serve() as server,
        install(context, nobody, script=BUILDS, forward_to=server) as door,
    ):
        assert repr(door) == f"<Door connections=0 to {server.url}>"
        ann, bob = opened(context), opened(context)
        mock.wait_until_subscribed("private-room", 2)
        mock.server().trigger("private-room", "e", "grüß")
        ann.evaluate("pusher.channel('private-room').trigger('client-hello', 1)")
        hears(ann, 'e "grüß"')
        hears(bob, 'e "grüß"', "client-hello 1")
        bob.close()
        mock.wait_until_subscribed("private-room", 1)
        mock.wait_until(lambda: len(mock.core.connections) == 1)
        ann.evaluate("pusher.disconnect()")
        expect(ann.locator("#state")).to_have_text("disconnected")
        mock.wait_until(lambda: not mock.core.connections)
        opened(context)
        mock.wait_until_connected(1)
        door.stop()
        mock.wait_until(lambda: not mock.core.connections)
    assert not nobody.journal.published()


def test_what_a_server_refuses_and_when_it_restarts(
    mock: PusherMock, profile: Callable[..., BrowserContext]
):
    known, unknown = profile(page_of("room")), profile(page_of("room", key="nobodys"))
    with (
        mock.serve() as server,
        install(known, script=BUILDS, forward_to=server.url),
        install(unknown, script=BUILDS, forward_to=server.url),
    ):
        hears(opened(unknown, state="disconnected"), "error 4001")
        page = opened(known)
        mock.wait_until_subscribed("room", 1)
        server.gateway.farewell()
        hears(page, "error 4200")
        mock.wait_until_subscribed("room", 1)
        mock.server().trigger("room", "again", 1)
        hears(page, "error 4200", "again 1")
        page.evaluate("pusher.connection.connection.transport.socket.send(new Uint8Array([1]))")
        mock.wait_until(lambda: "1003" in repr(list(mock.journal)))


def test_a_server_that_is_not_there(
    mock: PusherMock, profile: Callable[..., BrowserContext], caplog: pytest.LogCaptureFixture
):
    with mock.serve() as server:
        url = server.url
    page = profile().new_page()
    with install(page, mock, script=BUILDS, forward_to=url):
        address = "wss://ws-mt1.pusher.com/app/page-key?protocol=7"
        assert greeting(page, URL, address) == 1001
    assert f"a page's connection to {url}: " in caplog.text


def test_websockets_that_are_let_out(
    mock: PusherMock, profile: Callable[..., BrowserContext], caplog: pytest.LogCaptureFixture
):
    page = profile().new_page()
    with mock.serve() as server:
        url = f"ws://{server.host}:{server.port}/app/page-key?protocol=7"
        nobody = a_mock()
        # A page of this machine: browsers do not let others connect to it.
        named = [f"{server.host}:{server.port}"]
        with install(page, nobody, script=False, hosts=named, allow_real=server.host):
            assert greeting(page, server.url, url) == "pusher:connection_established"
            assert "a page calls the real ws://" in caplog.text
        with install(page, nobody, script=False, hosts=f"{server.host}:1"):
            assert greeting(page, server.url, url) == "pusher:connection_established"
        with install(page, nobody, script=False, hosts=named, strict=False) as lenient:
            assert greeting(page, server.url, url) == "pusher:connection_established"
            nobody.wait_until(lambda: len(nobody.journal) == 2)  # opened and closed
            lenient.stop()
            assert greeting(page, server.url, url) == "pusher:connection_established"
        assert len(nobody.journal) == 2
