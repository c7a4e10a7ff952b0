"""The doubles have the signatures of the SDK that is installed, whatever its release."""

from __future__ import annotations

from typing import Any

import pusher
import pysher
import pytest
from pusher import Pusher
from pusher.pusher_client import PusherClient
from pysher.channel import Channel
from pysher.connection import Connection
from tests.versions import needs_users

from pusher_mock import MockPusherClient, MockPusherServer
from pusher_mock.doubles.client import MockChannel
from pusher_mock.doubles.connection import MemoryConnection
from pusher_mock.doubles.threaded import ThreadedMemoryConnection

from .walk import differences

PAIRS = [
    (pusher.Pusher, MockPusherServer),
    (PusherClient, type(MockPusherServer("1", "k", "s")._pusher_client)),
    (
        PusherClient,
        type(
            MockPusherServer(
                "1", "k", "s", encryption_master_key_base64="A" * 43 + "="
            )._pusher_client
        ),
    ),
    (pysher.Pusher, MockPusherClient),
    (Channel, MockChannel),
    (Connection, MemoryConnection),
    (Connection, ThreadedMemoryConnection),
]


@pytest.mark.parametrize(("real", "double"), PAIRS, ids=lambda one: one.__name__)
def test_every_parameter_of_the_real_class_is_unchanged(real: type, double: type):
    assert differences(real, double) == []


@pytest.mark.parametrize(("real", "double"), PAIRS, ids=lambda one: one.__name__)
def test_a_double_is_the_real_class(real: type, double: type):
    assert issubclass(double, real)


# What a new release might do -------------------------------------------------------------------


def release(**members: Any) -> type:
    """Return the SDK's class with some members replaced."""
    return type("Release", (Pusher,), members)


def more_parameters(
    self: Any, channels: Any, event_name: Any, data: Any, socket_id: Any = None, info: Any = None
):
    """A parameter was added."""


def other_default(
    self: Any,
    app_id: Any,
    key: Any,
    secret: Any,
    ssl: bool = True,
    host: Any = None,
    port: Any = None,
    timeout: float = 30,
    **rest: Any,
):
    """A default was changed, and parameters became keywords."""


def other_name(self: Any, channel_name: Any, socket_id: Any, custom_data: Any = None):
    """A parameter was renamed."""


def other_order(self: Any, user_data: Any = None, socket_id: Any = None):
    """Parameters changed places."""


def new_keyword(self: Any, channel: Any, socket_id: Any, custom_data: Any = None, *, ttl: int):
    """A keyword was added."""


def method(self: Any, url: Any, **options: Any):
    """A class method became a method, or a method was added."""


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"trigger": more_parameters},
            "trigger: takes (self, channels, event_name, data, socket_id=None) instead of "
            "(self, channels, event_name, data, socket_id=None, info=None)",
        ),
        (
            {"__init__": other_default},
            "__init__: takes (self, app_id, key, secret, ssl=True, host=None",
        ),
        (
            {"authenticate": other_name},
            "authenticate: takes (self, channel, socket_id, custom_data=None) instead of",
        ),
        pytest.param(
            {"authenticate_user": other_order},
            "authenticate_user: takes (self, socket_id, user_data=None) instead of",
            marks=needs_users,
        ),
        ({"history": method, "_private": method}, "history: missing"),
        ({"authenticate": new_keyword}, "authenticate: ttl is missing or different"),
        ({"from_url": method}, "from_url: a classmethod instead of a method"),
        ({"trigger": property(lambda self: None)}, "trigger: a method instead of a property"),
    ],
)
def test_a_release_that_changes_a_signature_is_noticed(members: dict[str, Any], text: str):
    found = differences(release(**members), MockPusherServer)
    assert found[0].startswith(text)


def more_positions(
    self: Any, channels: Any, event_name: Any, data: Any, socket_id: Any = None, *more: Any
):
    """A positional addition."""


def required_keyword(
    self: Any, channel: Any, socket_id: Any, custom_data: Any = None, *, mode: str
):
    """A required keyword."""


def test_an_addition_must_be_an_optional_keyword():
    members = {"trigger": more_positions, "authenticate": required_keyword}
    careless = type("Careless", (MockPusherServer,), members)
    assert differences(Pusher, careless) == [
        "authenticate: mode is added, and not an optional keyword",
        "trigger: *more is added, and not an optional keyword",
    ]
