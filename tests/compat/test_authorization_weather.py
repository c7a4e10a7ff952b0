"""Authorizations that the network of the mock fails, in the ready-made views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from starlette.applications import Starlette
from starlette.testclient import TestClient

from compat import override
from compat.authorization import ChannelRequest
from compat.flask import Pusher
from compat.starlette import pusher_routes
from pusher_mock import PusherMock
from pusher_mock.testing import flask_poster

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("mocks_on")

FORM = {"socket_id": "1.2", "channel_name": "private-a"}
ALLOWED = {"private-a": True, "private-b": True}


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    with PusherMock() as mock:
        yield mock


def asked(*channels: str, batched: bool = False) -> ChannelRequest:
    return ChannelRequest("1.2", channels, batched)


@pytest.mark.parametrize(
    ("how", "status"), [(500, 500), (429, 429), ("refused", 503), ("timeout", 504)]
)
def test_the_status(how: Any, status: int, mock: PusherMock):
    with mock.network.fail_authorizations(how, times=1):
        failed = asked("private-a").answer(ALLOWED)
        again = asked("private-a").answer(ALLOWED)
    assert (failed.status, failed.body) == (
        status,
        {"error": f"the mock's network has failed this ({how})"},
    )
    assert again.status == 200


def test_one_of_a_batch(mock: PusherMock):
    with mock.network.fail_authorizations(channel="private-b"):
        answer = asked("private-a", "private-b", batched=True).answer(ALLOWED)
    assert answer.status == 200
    assert [one["status"] for one in answer.body.values()] == [200, 500]


def test_a_refusal_of_the_views_own_stays(mock: PusherMock):
    with mock.network.fail_authorizations():
        assert asked("news").answer({}).status == 403


def test_server_mode_knows_no_mock(mock: PusherMock):
    with (
        mock.network.fail_authorizations(),
        override(use_mocks=True, mock_url="http://127.0.0.1:6001"),
    ):
        assert asked("private-a").answer(ALLOWED).status == 200


def test_starlette(mock: PusherMock):
    app = Starlette(routes=pusher_routes(authorize=lambda request, channel: True))
    client = TestClient(app)
    with mock.network.fail_authorizations(502, times=1):
        assert client.post("/auth", data=FORM).status_code == 502
        assert client.post("/auth", data=FORM).status_code == 200


def test_flask_and_a_client_that_posts_to_it(mock: PusherMock):
    """The client's double and the view are one authorization: the dice are thrown once."""
    app = Flask(__name__)
    app.config["TESTING"] = True
    Pusher(app, authorize=lambda channel: True)
    browser = app.test_client()
    with mock.network.fail_authorizations(502, times=2):
        assert browser.post("/pusher/auth", data=FORM).status_code == 502
        client = mock.client(
            auth_endpoint="http://localhost/pusher/auth",
            poster=flask_poster(browser),
            connect=True,
        )
        with pytest.raises(AssertionError, match="Failed to get auth token"):
            client.subscribe("private-a")
        client.subscribe("private-a")
    assert mock.state.get_subscriber_count("private-a") == 1
