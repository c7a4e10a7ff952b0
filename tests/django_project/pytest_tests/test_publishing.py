"""Transactions, fixtures, live servers and coroutines."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from articles.models import Article
from django.conf import settings
from django.core.management import call_command
from django.test import AsyncClient, Client

from compat import get_pusher_client, override
from pusher_mock import PusherMock
from pusher_mock.protocol.errors import ExpectationFailed

pytestmark = pytest.mark.usefixtures("use_mocks")

Capture = Callable[..., AbstractContextManager[Any]]


def test_an_event_that_waits_for_the_commit(
    db: None, client: Client, pusher_mock: PusherMock, django_capture_on_commit_callbacks: Capture
):
    client.post("/articles", {"title": "one"})
    pusher_mock.assert_triggered("articles", "saved")
    with pytest.raises(ExpectationFailed, match=r"1 transaction\.on_commit callback is waiting"):
        pusher_mock.assert_triggered("articles", "announced")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/articles", {"title": "two"})
    pusher_mock.assert_triggered("articles", "announced", {"title": "two"}, times=1)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits(client: Client, pusher_mock: PusherMock):
    client.post("/articles", {"title": "one"})
    pusher_mock.assert_triggered("articles", "announced", {"title": "one"})


def test_a_model_that_publishes_from_save(db: None, pusher_mock: PusherMock):
    article = Article.objects.create(title="one")
    article.title = "two"
    article.save()
    titles = [event.data["title"] for event in pusher_mock.published("articles", "saved")]
    assert titles == ["one", "two"]


def test_loading_a_fixture(db: None, pusher_mock: PusherMock):
    call_command("loaddata", "two_rows", verbosity=0)
    # Django loads rows without their `save()`, but not without the signals.
    pusher_mock.assert_not_triggered("articles")
    pusher_mock.assert_triggered("remarks", "loaded", {"text": "From a fixture"}, times=1)


def test_a_live_server_shares_the_tests_mock(live_server: Any, pusher_mock: PusherMock):
    heard: list[str] = []
    client = get_pusher_client(connect=True)
    client.subscribe("articles").bind("announced", heard.append)
    body = urlencode({"title": "over HTTP"}).encode()
    with urlopen(f"{live_server.url}/articles/open", body) as answer:
        assert answer.status == 201
    assert heard == ['{"title": "over HTTP"}']
    pusher_mock.assert_triggered("articles", "saved", times=1)


@pytest.mark.django_db(transaction=True)
async def test_an_async_view(pusher_mock: PusherMock):
    heard: list[str] = []
    get_pusher_client(connect=True).subscribe("articles").bind("announced", heard.append)
    answer = await AsyncClient().post("/articles/async", {"title": "later"})
    assert answer.status_code == 201
    assert heard == ['{"title": "later"}']
    pusher_mock.assert_triggered("articles", "saved", times=1)


async def test_a_view_that_awaits(pusher_mock: PusherMock):
    app = {"key": settings.PUSHER_KEY, "secret": settings.PUSHER_SECRET}
    async with pusher_mock.async_client(**app) as client:
        channel = await client.subscribe("articles")
        answer = await AsyncClient().post("/articles/awaited", {"title": "later"})
        assert answer.status_code == 201
        assert (await channel.next()).data == {"title": "later"}


def test_a_view_that_awaits_under_wsgi(client: Client, pusher_mock: PusherMock):
    for _ in range(2):  # each call has an event loop of its own
        assert client.post("/articles/awaited", {"title": "later"}).status_code == 201
    pusher_mock.assert_triggered("articles", "announced", {"title": "later"}, times=2)


def test_the_real_back_end_on_loops_that_come_and_go(client: Client, pusher_mock: PusherMock):
    with override(use_mocks=False), pusher_mock.intercept("httpx"):
        pusher_mock.core.learn("1234", "key-of-settings", "secret-of-settings")
        for _ in range(3):
            assert client.post("/articles/awaited", {"title": "x"}).status_code == 201
    pusher_mock.assert_triggered("articles", "announced", times=3)
