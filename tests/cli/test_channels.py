"""``pusher-mock channels``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pusher_mock import PusherMock


@pytest.fixture
def occupied(service: PusherMock) -> PusherMock:
    """Two users in a room, one of them on another channel."""
    service.client(connect=True, user_data={"user_id": "7"}).subscribe("presence-room")
    client = service.client(connect=True, user_data={"user_id": "8"})
    client.subscribe("presence-room")
    client.subscribe("private-cache-rates")
    return service


def test_the_list(run: Any, occupied: PusherMock):
    assert run("channels").output == "presence-room\nprivate-cache-rates\n"
    assert run("channels", "--prefix", "presence-").output == "presence-room\n"
    counted = run("channels", "--prefix", "presence-", "--info", "user_count")
    assert counted.output == "presence-room  user_count 2\n"
    answer = json.loads(run("channels", "--json").output)
    assert set(answer["channels"]) == {"presence-room", "private-cache-rates"}


def test_nobody(run: Any, service: PusherMock):
    result = run("channels")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nobody is subscribed to anything\n"
    assert run("channels", "--json").stdout == '{"channels": {}}\n'


def test_one(run: Any, occupied: PusherMock):
    assert run("channels", "presence-room").output == "occupied true\n"
    shown = run("channels", "presence-room", "--info", "user_count").output
    assert shown.splitlines() == ["occupied true", "user_count 2"]
    occupied.server().trigger("private-cache-rates", "set", {"eur": 1})
    shown = run("channels", "private-cache-rates", "--info", "cache").output
    assert "eur" in shown


def test_users(run: Any, occupied: PusherMock):
    assert run("channels", "presence-room", "--users").output == "7\n8\n"
    answer = json.loads(run("channels", "presence-room", "--users", "--json").output)
    assert answer == {"users": [{"id": "7"}, {"id": "8"}]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--users"], "--users takes a CHANNEL, and no --info"),
        (["presence-a", "--users", "--info", "user_count"], "--users takes a CHANNEL"),
        (["a", "--prefix", "b"], "--prefix lists channels; leave CHANNEL out"),
        (["a b"], "Invalid Channel: a b"),
    ],
)
def test_wrong(words: list[str], said: str, run: Any, service: PusherMock):
    result = run("channels", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_refused(run: Any, service: PusherMock):
    result = run("channels", "a", "--users")
    assert result.exit_code == 1
    assert "(status 400): Users can only be retrieved for presence channels" in result.stderr
