"""A provider with an off-switch, which publishes only where a webhook has said somebody listens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.shapes.s09_provider.providers import PusherProvider, occupied
from tests.shapes.shape import Shape

from .hooks import HOOKED, carry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

SHAPE = Shape(
    9,
    "provider object with an off-switch; publishes only to channels that a webhook said are "
    "occupied, and verifies webhooks over a body that it has serialised again",
    framework="Django",
    doors=("sdk",),
    shows="webhooks survive being decoded and encoded; its own tests, which patch the class, pass",
)

CHANGE = ("update", {"id": 1})


@pytest.fixture(autouse=True)
def nobody_listens() -> Iterator[None]:
    occupied.clear()
    yield
    occupied.clear()


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_only_who_listens_is_told(mock: Any, page: Any, client: Client, settings: Any):
    PusherProvider().trigger(["items"], *CHANGE)
    mock.assert_not_triggered()
    reader = page(settings.PUSHER_KEY)
    reader.subscribe("items")
    assert [answer.status_code for answer in carry(mock, client, "/s09/webhook/")] == [200]
    PusherProvider().trigger(["items", "others"], *CHANGE)
    assert reader.heard("items") == [CHANGE]
    mock.assert_triggered("items", *CHANGE, times=1)
    mock.assert_not_triggered("others")
    reader.close()
    mock.clock.advance(3000)  # Pusher waits whether somebody comes back
    carry(mock, client, "/s09/webhook/", 1)
    PusherProvider().trigger(["items"], *CHANGE)
    mock.assert_triggered("items", *CHANGE, times=1)


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_client_events_survive_being_decoded_too(
    mock: Any, page: Any, client: Client, settings: Any
):
    """Data that is JSON in JSON, with what an encoder might write otherwise."""
    reader = page(settings.PUSHER_KEY)
    form = PusherProvider().pusher.authenticate("private-x", reader.socket_id)
    reader.subscribe("private-x", form)
    reader.say("client-typed", {"text": "\u00e9\u4e16 <&>", "n": 1.5}, "private-x")
    mock.clock.advance(3000)
    names = [one["name"] for hook in mock.webhooks() for one in json.loads(hook.body)["events"]]
    assert "client_event" in names
    assert {answer.status_code for answer in carry(mock, client, "/s09/webhook/")} == {200}


def test_its_off_switch(mock: Any, settings: Any):
    occupied.add("items")
    settings.DRF_MODEL_PUSHER_DISABLED = True
    PusherProvider().trigger(["items"], *CHANGE)
    mock.assert_not_triggered()


def test_other_doors_do_not_catch_it(others: Any):
    occupied.add("items")
    with others():
        PusherProvider().trigger(["items"], *CHANGE)
