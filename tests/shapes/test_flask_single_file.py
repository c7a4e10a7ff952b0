"""The one-file Flask application, tested as its author would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from compat import get_pusher_client
from pusher_mock import App, PusherMock, Webhook
from pusher_mock.testing import flask_poster

from . import flask_single_file as chat

if TYPE_CHECKING:
    from collections.abc import Callable

    import pysher
    from flask import Flask
    from flask.testing import FlaskClient

HOOKED = App(
    id="mock-app-id",
    key="mock-pusher-key",
    secret="mock-pusher-secret",
    webhooks=(Webhook("https://team.example/pusher/webhook"),),
)

pytestmark = [pytest.mark.usefixtures("use_mocks"), pytest.mark.pusher_mock(apps=[HOOKED])]


@pytest.fixture
def app() -> Flask:
    chat.messages.clear()
    return chat.create_app({"TESTING": True, "SECRET_KEY": "tests"})


@pytest.fixture
def browse(app: Flask) -> Callable[[str], tuple[FlaskClient, pysher.Pusher]]:
    """A browser in which somebody is logged in, and the connection of its page."""

    def open_page(name: str) -> tuple[FlaskClient, pysher.Pusher]:
        browser = app.test_client()
        browser.post("/login", data={"name": name})
        member = {"user_id": name, "user_info": {"name": chat.PEOPLE[name]}}
        page = get_pusher_client(
            connect=True,
            auth_endpoint="/pusher/auth",
            user_data=member,
            poster=flask_poster(browser),
        )
        return browser, page

    return open_page


def test_a_message_reaches_the_others(browse: Any, pusher_mock: PusherMock):
    heard: dict[str, list[Any]] = {"ada": [], "ben": []}
    (ada, page), (_, other) = browse("ada"), browse("ben")
    for name, client in (("ada", page), ("ben", other)):
        client.subscribe(chat.ROOM).bind("message", heard[name].append)
    ada.post("/messages", data={"text": "hello", "socket_id": page.connection.socket_id})
    assert heard == {"ada": [], "ben": ['{"number": 1}']}
    assert b"<b>ada</b> hello" in ada.get("/").data


def test_only_the_one_who_is_mentioned_hears_of_it(browse: Any, pusher_mock: PusherMock):
    (ada, page), (_, other) = browse("ada"), browse("ben")
    heard: list[str] = []
    other.subscribe("private-ben").bind("mentioned", heard.append)
    ada.post("/messages", data={"text": "look, @ben"})
    assert heard == ['{"by": "ada"}']
    with pytest.raises(AssertionError, match="Failed to get auth token"):
        page.subscribe("private-ben")


def test_nobody_enters_without_logging_in(app: Flask):
    answer = app.test_client().post(
        "/pusher/auth", data={"socket_id": "1.2", "channel_name": chat.ROOM}
    )
    assert (answer.status_code, answer.json) == (403, {"error": "log in first"})


def test_who_left(browse: Any, app: Flask, pusher_mock: PusherMock):
    (_, page), (_, other) = browse("ada"), browse("ben")
    heard: list[Any] = []
    page.subscribe(chat.ROOM).bind("left", lambda data: heard.append(json.loads(data)))
    other.subscribe(chat.ROOM)
    other.disconnect()
    pusher_mock.clock.advance(3000)  # Pusher waits whether he comes back
    for hook in pusher_mock.webhooks():
        answer = app.test_client().post(
            "/pusher/webhook", data=hook.body, headers=dict(hook.headers)
        )
        assert answer.status_code == 200
    assert heard == [{"name": "Ben Okafor"}]


def test_what_the_page_is_given(app: Flask):
    html = app.test_client().get("/").get_data(as_text=True)
    config = json.loads(html.partition('type="application/json">')[2].partition("<")[0])
    assert config["key"] == "mock-pusher-key"
    assert config["channelAuthorization"]["endpoint"] == "/pusher/auth"
    assert "mock-pusher-secret" not in html
    assert "Mocks are on" in html


def test_the_page_connects_to_pusher_alone(browse: Any, pusher_settings: Any):
    browser, _ = browse("ada")
    script = "new Pusher(key, options)"
    assert script not in browser.get("/").get_data(as_text=True)
    pusher_settings(use_mocks=False, app_id="1", key="real-key", secret="s", cluster="eu")
    html = browser.get("/").get_data(as_text=True)
    assert script in html
    assert "real-key" in html
    assert 'pusher.subscribe("private-ada")' in html


@pytest.mark.parametrize(("data", "status"), [({"text": " "}, 400), ({}, 400)])
def test_what_cannot_be_posted(data: dict[str, str], status: int, browse: Any):
    browser, _ = browse("ada")
    assert browser.post("/messages", data=data).status_code == status
    assert browser.post("/login", data={"name": "eve"}).status_code == 400


def test_it_wants_a_secret_key_in_production():
    with pytest.raises(RuntimeError, match="set FLASK_SECRET_KEY"):
        chat.create_app()
