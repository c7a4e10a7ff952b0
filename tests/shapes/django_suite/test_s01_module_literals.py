"""One client with literals in `views.py`, which two endpoints share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.shapes.s01_module_literals import views
from tests.shapes.shape import Shape

SHAPE = Shape(
    1,
    "client with literals in `views.py`, built at import and shared by two auth views",
    framework="Django",
    doors=("sdk",),
    shows="events reach subscribers without the sender; both endpoints' signatures are accepted",
)

KEY = "01010101010101010101"


@pytest.fixture
def browser() -> Client:
    """A browser that has loaded the page, and sends the token as the page's script does."""
    client = Client(enforce_csrf_checks=True)
    client.get("/s01/")
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrftoken"].value
    return client


def sign(browser: Client, kind: str, page: Any, channel: str) -> Any:
    form = {"channel_name": channel, "socket_id": page.socket_id}
    answer = browser.post(f"/s01/auth/{kind}/", form)
    assert answer.status_code == 200
    return answer.json()


def test_a_message_reaches_everybody_but_its_sender(mock: Any, page: Any, browser: Client):
    sender, other = page(KEY), page(KEY)
    for one in (sender, other):
        one.subscribe("private-chat", sign(browser, "private", one, "private-chat"))
    browser.post("/s01/message/", {"text": "hello", "socket": sender.socket_id})
    assert other.heard("private-chat") == [("message", {"text": "hello"})]
    assert sender.heard("private-chat") == []
    for channel in ("private-chat", "presence-room"):
        mock.assert_triggered(channel, "message", {"text": "hello"}, times=1)


def test_everybody_in_the_room_is_somebody_else(mock: Any, page: Any, browser: Client):
    channel, names = "presence-room", []
    for count in (1, 2):
        guest = page(KEY)
        here = guest.subscribe(channel, sign(browser, "presence", guest, channel))["presence"]
        assert here["count"] == count
        assert all(info["name"].startswith("Guest ") for info in here["hash"].values())
        names = here["ids"]
    assert views.pusher.users_info(channel) == {"users": [{"id": name} for name in names]}


def test_the_page_names_the_key(browser: Client):
    html = browser.get("/s01/").content.decode()
    assert f'new Pusher("{KEY}"' in html


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        views.pusher.trigger("private-chat", "message", {})
