"""A factory, and beside it what it made at import; a model that publishes when it is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import TestCase
from tests.shapes.s04_factory_and_singleton.models import Delivery
from tests.shapes.s04_factory_and_singleton.services.pusher import PusherClient, get_pusher_client
from tests.shapes.shape import Shape

from pusher_mock import PusherMock

SHAPE = Shape(
    4,
    "factory, and beside it the client that it made at import; `Model.save()` publishes",
    framework="Django",
    doors=("sdk",),
    shows="saving, a command and a class's fixtures publish into the mock; so does a new client",
)

CHANGED = "delivery-changed"


@pytest.fixture
def delivery(mock: PusherMock, db: None) -> Delivery:
    """What tests begin with; it is published before the test runs."""
    found: Delivery = Delivery.objects.create(address="1 Low Street")
    return found


def test_a_fixture_publishes(mock: Any, page: Any, delivery: Delivery):
    driver = page(settings.PUSHER_KEY)
    driver.subscribe("deliveries")
    mock.assert_triggered("deliveries", CHANGED, {"id": delivery.pk, "status": "new"}, times=1)
    delivery.status = "done"
    delivery.save()
    assert driver.heard("deliveries") == [(CHANGED, {"id": delivery.pk, "status": "done"})]


@pytest.mark.django_db
def test_a_command_publishes(mock: Any):
    call_command("seed_deliveries")
    assert len(mock.published("deliveries", CHANGED)) == 3


@pytest.mark.django_db
def test_what_is_loaded_raw_is_not_saved(mock: Any):
    """Django's `loaddata` does not call `save()` of the model."""
    call_command("loaddata", "deliveries", verbosity=0)
    assert Delivery.objects.get().pk == 41
    mock.assert_not_triggered()


@pytest.mark.parametrize("client", [PusherClient, None], ids=["singleton", "factory"])
def test_both_clients(client: Any, mock: Any):
    (client or get_pusher_client()).trigger("deliveries", CHANGED, {"id": 1})
    mock.assert_triggered("deliveries", CHANGED, {"id": 1}, times=1)


class Class(TestCase):
    """Rows that are made once for a class, before any of its tests."""

    caught: PusherMock

    @classmethod
    def setUpTestData(cls) -> None:
        with PusherMock() as cls.caught, cls.caught.intercept(*SHAPE.doors):
            call_command("seed_deliveries")

    def test_rows_of_the_class_were_published(self) -> None:
        assert Delivery.objects.count() == 3
        self.caught.assert_triggered("deliveries", CHANGED, times=3)


@pytest.mark.django_db
def test_other_doors_do_not_catch_it(others: Any):
    with others():
        Delivery(address="nowhere").save()
