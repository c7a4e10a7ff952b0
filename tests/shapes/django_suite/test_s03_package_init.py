"""A client that is built when anything of the package is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from tests.shapes.s03_package_init.api.activity import announce
from tests.shapes.shape import Shape

if TYPE_CHECKING:
    from django.test import Client

SHAPE = Shape(
    3,
    "client built in a package's `__init__`, with a JSON encoder and settings of other names",
    framework="Django",
    doors=("sdk",),
    shows="dates and decimals arrive as its encoder writes them; the auth view lets in users who "
    "are logged in",
)


@pytest.mark.django_db
def test_a_user_hears_of_it(mock: Any, page: Any, client: Client):
    user = User.objects.create_user("ada")
    client.force_login(user)
    ada = page(settings.PUSHER_APP_KEY)
    form = {"channel_name": "presence-ada", "socket_id": ada.socket_id}
    answer = client.post("/s03/auth/pusher/", form)
    here = ada.subscribe("presence-ada", answer.json())["presence"]
    assert here["hash"] == {str(user.pk): {"username": "ada"}}
    announce("ada", "won", "12.50")
    data = {"what": "won", "price": "12.50", "at": "2014-05-01T00:00:00Z"}
    assert ada.heard("presence-ada") == [("activity", data)]
    mock.assert_triggered("presence-ada", "activity", data, times=1)


@pytest.mark.django_db
def test_others_are_not_let_in(mock: Any, page: Any, client: Client):
    form = {"channel_name": "presence-ada", "socket_id": page(settings.PUSHER_APP_KEY).socket_id}
    assert client.post("/s03/auth/pusher/", form).status_code == 403


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        announce("ada", "won", "1")
