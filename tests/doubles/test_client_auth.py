"""Authorization, facts 5.2.14 to 5.2.17, on pysher itself and on the doubles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pusher_mock.protocol.signatures import channel_text, sign

from .sides import KEY, SECRET

if TYPE_CHECKING:
    from .conftest import Endpoint
    from .sides import Side

SUCCEEDED = "pusher_internal:subscription_succeeded"


def subscriptions(side: Side, client: Any) -> list[dict[str, Any]]:
    return [one["data"] for one in side.sent(client) if one["event"] == "pusher:subscribe"]


def signed(client: Any, channel: str, data: str | None = None) -> str:
    return f"{KEY}:{sign(SECRET, channel_text(client.connection.socket_id, channel, data))}"


@pytest.mark.parametrize("channel", ["private-a", "private-cache-a", "private-encrypted-a"])
@pytest.mark.parametrize("secret", [SECRET, SECRET.encode()])
def test_a_private_channel_with_the_secret(side: Side, channel: str, secret: str | bytes):
    client: Any = side.connected(secret=secret)
    client.subscribe(channel)
    side.settle()
    assert subscriptions(side, client) == [{"channel": channel, "auth": signed(client, channel)}]
    assert side.errors() == []
    assert side.mock.state.get_subscriber_count(channel) == 1


def test_a_presence_channel_with_the_secret(side: Side):
    user = {"user_id": "u-1", "user_info": {"name": "Ä"}}
    client: Any = side.connected(user_data=user)
    client.subscribe("presence-a")
    side.settle()
    text = json.dumps(user)  # 5.2.15: that text is sent and signed
    assert subscriptions(side, client) == [
        {
            "channel": "presence-a",
            "auth": signed(client, "presence-a", text),
            "channel_data": text,
        }
    ]
    assert side.errors() == []


def test_a_presence_channel_without_user_data(side: Side):
    client: Any = side.connected()
    client.subscribe("presence-a")
    side.settle()
    assert subscriptions(side, client)[0]["channel_data"] == "{}"
    assert side.errors()[0]["code"] is None  # no user_id in it


@pytest.mark.parametrize("channel", ["private-a", "presence-a"])
def test_neither_secret_nor_endpoint(side: Side, channel: str):
    client: Any = side.connected(secret="")
    with pytest.raises(NotImplementedError, match=r"^$"):
        client.subscribe(channel)
    assert client.channels == {}
    assert subscriptions(side, client) == []


def test_too_early_the_exception_comes_first(side: Side):
    client = side.client(secret="")
    with pytest.raises(NotImplementedError):
        client.subscribe("private-a")
    assert client.channels == {}


def test_the_signature_of_another_secret(side: Side, caplog: pytest.LogCaptureFixture):
    client: Any = side.connected(secret="other")
    client.subscribe("private-a")
    side.settle()
    assert side.errors()[0]["message"].startswith("Invalid signature: Expected HMAC SHA256")
    assert client.connection.state == "connected"
    assert "private-a" in client.channels
    warnings = [one.getMessage() for one in caplog.records if one.name == "pusher_mock"]
    assert "mock-connection-1" in warnings[-1]
    assert SECRET not in caplog.text


def test_a_given_authorization(side: Side):
    client: Any = side.connected(secret="")
    auth = signed(client, "private-a")
    channel = client.subscribe("private-a", auth=auth)
    side.settle()
    assert subscriptions(side, client) == [{"channel": "private-a", "auth": auth}]
    assert side.errors() == []
    assert channel.auth is None  # which is why a reconnect loses it (5.2.23)


def test_a_given_authorization_for_presence(side: Side):
    client: Any = side.connected(secret="", user_data={"user_id": "u"})
    auth = signed(client, "presence-a", '{"user_id": "u"}')
    client.subscribe("presence-a", auth=auth)  # 5.2.17: without channel_data
    side.settle()
    assert subscriptions(side, client) == [{"channel": "presence-a", "auth": auth}]
    assert "channel_data" in side.errors()[0]["message"] or side.errors()[0]["code"] is None


def test_a_private_channel_with_an_endpoint(side: Side, endpoint: Endpoint):
    endpoint.answer = lambda data: {"auth": signed(client, data["channel_name"])}
    client: Any = side.connected(
        secret="", auth_endpoint="http://app/auth", auth_endpoint_headers={"X": "1"}
    )
    client.subscribe("private-a")
    side.settle()
    data = {"channel_name": "private-a", "socket_id": client.connection.socket_id}
    assert endpoint.asked == [("http://app/auth", {"data": data, "headers": {"X": "1"}})]
    assert side.errors() == []
    assert side.mock.state.get_subscriber_count("private-a") == 1


def test_a_presence_channel_with_an_endpoint(side: Side, endpoint: Endpoint):
    user = {"user_id": "u-1", "user_info": {"name": "A"}}
    endpoint.answer = lambda data: {
        "auth": signed(client, "presence-a", json.dumps(user)),
        "channel_data": json.dumps({"user_id": "another"}),
    }
    client: Any = side.connected(secret="", auth_endpoint="http://app/auth", user_data=user)
    client.subscribe("presence-a")
    side.settle()
    [(_, asked)] = endpoint.asked
    assert asked["data"]["user_data"] == user
    # 5.2.15: in a form, a dictionary degenerates to its keys
    form = requests.Request("POST", "http://app", data={**asked["data"], "socket_id": "1.1"})
    assert form.prepare().body == (
        "channel_name=presence-a&socket_id=1.1&user_data=user_id&user_data=user_info"
    )
    assert subscriptions(side, client)[0]["channel_data"] == json.dumps(user)  # its own
    assert side.errors() == []


def test_an_endpoint_that_signs_other_channel_data(side: Side, endpoint: Endpoint):
    theirs = '{"user_id":"u-1"}'  # the same, without the space
    endpoint.answer = lambda data: {
        "auth": signed(client, "presence-a", theirs),
        "channel_data": theirs,
    }
    client: Any = side.connected(
        secret="", auth_endpoint="http://app/auth", user_data={"user_id": "u-1"}
    )
    client.subscribe("presence-a")
    side.settle()
    assert side.errors()[0]["message"].startswith("Invalid signature")


@pytest.mark.parametrize("status", [403, 500, 201])
@pytest.mark.parametrize("channel", ["private-a", "presence-a"])
def test_an_endpoint_that_refuses(side: Side, endpoint: Endpoint, status: int, channel: str):
    endpoint.status = status
    client: Any = side.connected(secret="", auth_endpoint="http://app/auth")
    with pytest.raises(AssertionError, match=r"^Failed to get auth token from http://app/auth"):
        client.subscribe(channel)  # 5.2.16
    assert client.channels == {}
    assert subscriptions(side, client) == []


def test_the_secret_wins_over_the_endpoint(side: Side, endpoint: Endpoint):
    client: Any = side.connected(auth_endpoint="http://app/auth")
    client.subscribe("private-a")
    client.subscribe("presence-a")
    side.settle()
    assert endpoint.asked == []


def test_an_endpoint_that_answers_nonsense(side: Side, endpoint: Endpoint):
    endpoint.answer = {}
    client: Any = side.connected(secret="", auth_endpoint="http://app/auth")
    with pytest.raises(KeyError, match="auth"):
        client.subscribe("private-a")
    assert client.channels == {}
