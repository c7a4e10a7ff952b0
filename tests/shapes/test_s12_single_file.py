"""One file, whose state is what webhooks say; it answers with client events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App, Webhook

from .s12_single_file import server
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

SHAPE = Shape(
    12,
    "single file whose state is driven by webhooks of presence and client events; identity from a "
    "header; the server sends `client-` events",
    framework="Flask",
    doors=("sdk",),
    shows="members come and go by webhook; a client event comes back as one of the server's",
)

KEY = "12121212121212121212"
HOOKED = App(
    id="121212",
    key=KEY,
    secret="c3c3c3c3c3c3c3c3c3c3",
    client_events=True,
    webhooks=(Webhook("https://trial.example/pusher/webhooks"),),
)
ROOM = "presence-trial"

pytestmark = pytest.mark.pusher_mock(apps=[HOOKED])


@pytest.fixture
def browser() -> FlaskClient:
    server.online.clear()
    server.waves.clear()
    return server.app.test_client()


@pytest.fixture
def carry(mock: Any, browser: FlaskClient) -> Callable[[], None]:
    """Posts the webhooks that are due since the last time."""
    done: list[Any] = []

    def post() -> None:
        for hook in mock.webhooks()[len(done) :]:
            done.append(hook)
            answer = browser.post("/pusher/webhooks", data=hook.body, headers=dict(hook.headers))
            assert answer.status_code == 200

    return post


def enter(page: Any, browser: FlaskClient, user: str) -> Any:
    one = page(KEY)
    form = {"channel_name": ROOM, "socket_id": one.socket_id}
    answer = browser.post("/pusher/auth", data=form, headers={"X-User-Id": user})
    one.subscribe(ROOM, answer.json)
    return one


def test_members_come_and_go(mock: Any, page: Any, browser: FlaskClient, carry: Any):
    ada, ben = enter(page, browser, "ada"), enter(page, browser, "ben")
    carry()
    assert server.online == {"ada", "ben"}
    ben.close()
    mock.clock.advance(3000)  # Pusher waits whether he comes back
    carry()
    assert server.online == {"ada"}
    assert ada.heard(ROOM) == []


def test_a_client_event_is_answered(mock: Any, page: Any, browser: FlaskClient, carry: Any):
    ada, ben = enter(page, browser, "ada"), enter(page, browser, "ben")
    ada.say("client-waved", {"at": "ben"}, ROOM)
    carry()
    assert server.waves == [{"at": "ben"}]
    counted = ("client-counted", {"waves": 1, "online": ["ada", "ben"]})
    assert ada.heard(ROOM) == [counted]
    assert ben.heard(ROOM) == [("client-waved", {"at": "ben"}), counted]
    mock.assert_triggered(ROOM, *counted, times=1)


def test_nobody_is_let_in_without_a_name(mock: Any, page: Any, browser: FlaskClient):
    form = {"channel_name": ROOM, "socket_id": page(KEY).socket_id}
    assert browser.post("/pusher/auth", data=form).status_code == 403


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        server.handle({"name": "client_event", "channel": ROOM, "data": "{}"})
