"""A package that is named as the SDK is; a client for each call, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.conf import settings
from django.test import override_settings
from pusher import Pusher
from tests.shapes.s06_package_named_pusher.events import post_created
from tests.shapes.s06_package_named_pusher.pusher import base
from tests.shapes.shape import Shape

if TYPE_CHECKING:
    from django.test import Client

SHAPE = Shape(
    6,
    "package named `pusher`; a client for each call, or none where nothing is set",
    framework="Django",
    doors=("sdk",),
    shows="events arrive, also with changed settings; without any nothing is sent, as it wants",
)

EVENT = ("message_posted", {"posts": [{"text": "well done"}]})


def listen(page: Any, client: Client, user: int) -> Any:
    pupil = page(settings.PUSHER_KEY)
    channel = f"private-user_{user}"
    form = {"channel_name": channel, "socket_id": pupil.socket_id, "user": str(user)}
    pupil.subscribe(channel, client.post("/s06/pusher/auth", form).json())
    return pupil


def test_an_event_arrives(mock: Any, page: Any, client: Client):
    pupil = listen(page, client, 3)
    assert post_created(3, "well done")
    assert pupil.heard("private-user_3") == [EVENT]
    mock.assert_triggered("private-user_3", *EVENT, times=1)


def test_other_settings_are_another_app(mock: Any, page: Any, client: Client):
    other = {"PUSHER_APPID": "66", "PUSHER_KEY": "66666666666666666666"}
    with override_settings(**other, PUSHER_SECRET="b6b6b6b6b6b6b6b6b6b6"):
        there = listen(page, client, 3)
        post_created(3, "well done")
    here = listen(page, client, 3)
    assert (len(there.heard("private-user_3")), len(here.heard("private-user_3"))) == (1, 0)


@override_settings(PUSHER_APPID=None, PUSHER_KEY=None, PUSHER_SECRET=None)
def test_with_nothing_set_nothing_is_sent(mock: Any, client: Client):
    assert not post_created(3, "well done")
    mock.assert_not_triggered()
    assert b'data-pusher-key=""' in client.get("/s06/").content
    form = {"channel_name": "private-user_3", "socket_id": "1.2", "user": "3"}
    assert client.post("/s06/pusher/auth", form).status_code == 403


def test_its_own_patch_is_above_the_mock(mock: Any):
    with patch("pusher.Pusher") as pusher:
        post_created(3, "well done")
    pusher.return_value.trigger.assert_called_once()
    mock.assert_not_triggered()


def test_the_page_has_the_key(client: Client):
    assert f'data-pusher-key="{settings.PUSHER_KEY}"' in client.get("/s06/").content.decode()


def test_the_name_is_the_sdks_all_the_same():
    assert vars(base)["pusher"].Pusher is Pusher
    assert base.__name__.endswith("s06_package_named_pusher.pusher.base")


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        post_created(3, "well done")
