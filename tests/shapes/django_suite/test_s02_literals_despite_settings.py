"""One client with literals, imported by name, although the settings have others."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.test import Client
from tests.shapes.s02_literals_despite_settings.backend.views import chat_handlers
from tests.shapes.shape import Shape

SHAPE = Shape(
    2,
    "client with literals in a module of its own, imported by name, although settings name others",
    framework="Django",
    doors=("sdk",),
    shows="events arrive for the key in the code and in the template; its own tests, which patch "
    "`trigger` by its path, pass",
)

KEY = "02020202020202020202"
MODULE = chat_handlers.__name__


def send(message: str) -> None:
    body = json.dumps({"message": message})
    answer = Client().post("/s02/chat/ben/send/", body, content_type="application/json")
    assert answer.json() == {"status": "sent"}


def test_a_message_arrives(mock: Any, page: Any):
    ben = page(KEY)
    form = {"channel_name": "private-chat-ben", "socket_id": ben.socket_id}
    ben.subscribe("private-chat-ben", Client().post("/s02/pusher/auth/", form).json())
    send("hello")
    assert ben.heard("private-chat-ben") == [("new-message", {"message": "hello"})]
    mock.assert_triggered("private-chat-ben", "new-message", {"message": "hello"}, times=1)
    assert settings.PUSHER_KEY != KEY


def test_a_patch_by_its_path_is_above_the_mock(mock: Any):
    with patch(f"{MODULE}.pusher_client.trigger") as trigger:
        send("hello")
    trigger.assert_called_once()
    mock.assert_not_triggered()


def test_a_signature_for_a_public_channel_is_not_asked_for(mock: Any, page: Any):
    ben = page(KEY)
    form = {"channel_name": "news", "socket_id": ben.socket_id}
    assert ben.subscribe("news", Client().post("/s02/pusher/auth/", form).json()) == {}


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        send("hello")
