"""Subclasses of the SDK that sign at the true time; objects with a client that are pickled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from pusher import Pusher
from pusher.errors import PusherBadAuth
from tests.shapes.s07_subclasses import classes, timeshift, views
from tests.shapes.shape import Shape

from pusher_mock import ManualClock

from .hooks import HOOKED, carry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client

SHAPE = Shape(
    7,
    "subclasses of the SDK's `Request` and `Pusher`, because the application travels in time; an "
    "object with its client is pickled for Celery",
    framework="Django",
    doors=("sdk",),
    shows="its own requests are checked as they are signed; prefix, off-switch and recording keep "
    "working; the webhook view accepts the mock's webhooks",
)

WEEK_S = 7 * 24 * 3600


@pytest.fixture
def in_a_week() -> Iterator[None]:
    timeshift.travel(WEEK_S)
    yield
    timeshift.come_back()


def ordinary() -> Pusher:
    return Pusher(settings.PUSHER_APP_ID, settings.PUSHER_KEY, settings.PUSHER_SECRET)


def test_an_object_with_its_client_goes_through_celery(mock: Any, page: Any):
    watcher = page(settings.PUSHER_KEY)
    watcher.subscribe("dev_scores")
    push = classes.Push("scores", "goal")
    sent = classes.send.apply_async((push, {"by": "ada"}), serializer="pickle")
    assert sent.get() != id(push)  # it was pickled, client and all
    push.send({"by": "ben"})
    assert watcher.heard("dev_scores") == [("goal", {"by": "ada"}), ("goal", {"by": "ben"})]
    mock.assert_triggered("dev_scores", "goal", times=2)


def test_its_off_switch(mock: Any, settings: Any):
    settings.PUSHER_ENABLED = False
    classes.Push("scores", "goal").send({})
    mock.assert_not_triggered()


def test_its_recorder(mock: Any, settings: Any, tmp_path: Path):
    settings.PUSHER_OUTPUT_TO_FILE = str(tmp_path / "pushed")
    classes.Push("scores", "goal").send({"by": "ada"})
    assert json.loads((tmp_path / "pushed").read_text()) == ["dev_scores", "goal", {"by": "ada"}]
    mock.assert_triggered("dev_scores", "goal", {"by": "ada"}, times=1)


@pytest.mark.pusher_mock(clock=ManualClock(wall=timeshift.true_time))
def test_at_another_time_it_signs_as_pusher_wants(mock: Any, in_a_week: None):
    """A mock whose time is the true one, as Pusher's is."""
    classes.Push("scores", "goal").trigger({})
    with pytest.raises(PusherBadAuth, match="Timestamp expired"):
        ordinary().trigger("dev_scores", "goal", {})
    mock.assert_triggered("dev_scores", "goal", times=1)


def test_at_another_time_a_mock_travels_along(mock: Any, in_a_week: None):
    """Most applications want that: what the plain SDK signs is accepted."""
    ordinary().trigger("dev_scores", "goal", {})
    with pytest.raises(PusherBadAuth, match="Timestamp expired"):
        classes.Push("scores", "goal").trigger({})
    mock.assert_triggered("dev_scores", "goal", times=1)


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_its_view_accepts_webhooks(mock: Any, page: Any, client: Client):
    views.occupied.clear()
    watcher = page(settings.PUSHER_KEY)
    watcher.subscribe("dev_scores")
    assert [answer.status_code for answer in carry(mock, client, "/s07/webhook/")] == [200]
    assert views.occupied == {"dev_scores"}
    watcher.close()
    mock.clock.advance(3000)  # Pusher waits whether somebody comes back
    assert [answer.status_code for answer in carry(mock, client, "/s07/webhook/", 1)] == [200]
    assert views.occupied == set()


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_its_view_refuses_others(mock: Any, page: Any, client: Client):
    page(settings.PUSHER_KEY).subscribe("dev_scores")
    (hook,) = mock.webhooks()
    headers = {**dict(hook.headers), "X-Pusher-Signature": "0" * 64}
    answer = client.post(
        "/s07/webhook/", hook.body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 401


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        classes.Push("scores", "goal").trigger({})
