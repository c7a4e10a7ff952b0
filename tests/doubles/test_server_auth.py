"""``authenticate``, ``authenticate_user`` and ``validate_webhook``: the SDK's own (facts 5.1)."""

from __future__ import annotations

import datetime
import json
import time
from base64 import b64encode
from typing import Any

import pytest
from tests.versions import needs_users

from pusher_mock import App, MockPusherServer, PusherMock, Webhook
from pusher_mock.protocol.encryption import shared_secret
from pusher_mock.protocol.signatures import sign

from .real import MASTER_KEY, MASTER_KEY_BASE64, both, real

HOOKED = App("1", "k", "s", webhooks=(Webhook("http://app.test/hook"),))


class Encoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime.date) else super().default(o)


# authenticate -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "data"),
    [
        ("private-c", None),
        (b"private-c", None),
        ("private-c", {}),
        ("private-c", ""),
        ("presence-c", {"user_id": "1", "user_info": {"name": "zażółć"}}),
        ("presence-c", '{"user_id": "1"}'),
        ("public", None),
        ("private-c", {"user_id": 1}),
    ],
)
def test_a_token_is_the_sdks(channel: Any, data: Any):
    ours = MockPusherServer("1", "k", "s").authenticate(channel, "1.1", data)
    assert ours == real("1", "k", "s").authenticate(channel, "1.1", data)
    name = channel.decode() if isinstance(channel, bytes) else channel
    text = f"1.1:{name}" + (f":{json.dumps(data)}" if data else "")
    assert ours["auth"] == f"k:{sign('s', text)}"
    assert list(ours) == (["auth", "channel_data"] if data else ["auth"])


def test_an_encrypted_channel_gets_its_secret_as_bytes():
    server = MockPusherServer("1", "k", "s", encryption_master_key_base64=MASTER_KEY_BASE64)
    answer = server.authenticate("private-encrypted-c", "1.1", {"a": 1})
    assert list(answer) == ["auth", "shared_secret", "channel_data"]
    assert answer["shared_secret"] == b64encode(shared_secret("private-encrypted-c", MASTER_KEY))
    with pytest.raises(TypeError, match="bytes is not JSON serializable"):
        json.dumps(answer)


@pytest.mark.parametrize(
    ("channel", "socket_id", "data", "kind", "text"),
    [
        ("a b", "x", None, "ValueError", "Invalid Channel: a b"),
        (5, "x", None, "TypeError", "channel should be a string instead it is a <class 'int'>"),
        pytest.param(
            "#server-to-user-1",
            "x",
            None,
            "ValueError",
            "Channel should be a valid channel, got: #server-to-user-1",
            marks=needs_users,
        ),
        ("private-c", "x", object(), "ValueError", "Invalid socket ID: x"),
        ("private-c", 1, None, "TypeError", "socket_id should be a string instead it is a <class"),
        ("presence-c", "1.1", object(), "TypeError", "Object of type object is not JSON"),
        ("private-encrypted-c", "1.1", None, "ValueError", "No master key was provided for use"),
    ],
)
def test_what_cannot_be_authenticated(
    channel: Any, socket_id: Any, data: Any, kind: str, text: str
):
    found = both(lambda make: make("1", "k", "s").authenticate(channel, socket_id, data))
    assert found[0] == kind
    assert found[1].startswith(text)


def test_the_json_encoder_writes_the_member():
    server = MockPusherServer("1", "k", "s", json_encoder=Encoder)
    day = datetime.date(2026, 1, 2)
    answer = server.authenticate("presence-c", "1.1", {"user_id": "1", "user_info": {"since": day}})
    assert json.loads(answer["channel_data"])["user_info"] == {"since": "2026-01-02"}


@needs_users
def test_the_json_encoder_writes_the_user():
    server = MockPusherServer("1", "k", "s", json_encoder=Encoder)
    day = datetime.date(2026, 1, 2)
    answer = server.authenticate_user("1.1", {"id": "1", "since": day})
    assert json.loads(answer["user_data"]) == {"id": "1", "since": "2026-01-02"}


def test_a_mock_accepts_what_it_authenticated_before_anything_else(pusher_mock: PusherMock):
    # the endpoint is the first to show the secret, and the client shows none
    server = MockPusherServer("7", "other-key", "other-secret")
    client = pusher_mock.client(key="other-key", secret="", connect=True)
    token = server.authenticate("private-c", client.connection.socket_id)["auth"]
    heard: list[str] = []
    client.subscribe("private-c", token).bind("e", heard.append)
    server.trigger("private-c", "e", "x")
    assert heard == ["x"]


# authenticate_user ------------------------------------------------------------------------------


@needs_users
def test_a_user_token_is_the_sdks():
    data = {"id": "1", "user_info": {"name": "a"}, "watchlist": ["2"]}
    ours = MockPusherServer("1", "k", "s").authenticate_user("1.1", data)
    assert ours == real("1", "k", "s").authenticate_user("1.1", data)
    assert ours == {
        "auth": f"k:{sign('s', '1.1::user::' + json.dumps(data))}",
        "user_data": json.dumps(data),
    }


@needs_users
@pytest.mark.parametrize(
    ("socket_id", "data", "kind", "text"),
    [
        ("x", None, "ValueError", "user_data is null"),
        ("x", {}, "ValueError", "user_data has no id field"),
        ("x", {"id": None}, "ValueError", "user_data has no id field"),
        ("x", {"id": ""}, "ValueError", "User id is empty"),
        ("x", {"id": "a b"}, "ValueError", "Invalid user id: 'a b'"),
        ("x", {"id": 1}, "TypeError", "user_id should be a string instead it is a <class 'int'>"),
        ("x", {"id": "1"}, "ValueError", "Invalid socket ID: x"),
    ],
)
def test_who_cannot_be_authenticated(socket_id: Any, data: Any, kind: str, text: str):
    found = both(lambda make: make("1", "k", "s").authenticate_user(socket_id, data))
    assert found[:2] == (kind, text)


@needs_users
def test_a_sign_in_is_accepted(pusher_mock: PusherMock):
    server = MockPusherServer("7", "other-key", "other-secret")
    client = pusher_mock.client(key="other-key", secret="", connect=True)
    welcome: list[str] = []
    client.connection.bind("pusher:signin_success", welcome.append)
    answer = server.authenticate_user(client.connection.socket_id, {"id": "ada"})
    client.connection.send_event("pusher:signin", answer)
    assert json.loads(welcome[0]) == {"user_data": '{"id": "ada"}'}


# validate_webhook -------------------------------------------------------------------------------


def due(mock: PusherMock) -> Any:
    mock.state.subscribe("one", "c")
    (webhook,) = mock.webhooks()
    return webhook


def test_a_webhook_of_the_mock_is_valid():
    mock = PusherMock(apps=[HOOKED])
    webhook = due(mock)
    headers = webhook.headers
    for body in (webhook.body, webhook.body.decode()):
        found = mock.server().validate_webhook(
            headers["X-Pusher-Key"], headers["X-Pusher-Signature"], body
        )
        assert found is not None
        assert found["events"] == [{"name": "channel_occupied", "channel": "c"}]


def test_the_json_decoder_reads_a_webhook():
    class Decoder(json.JSONDecoder):
        def decode(self, s: str, *args: Any) -> Any:
            return {**super().decode(s, *args), "decoded": True}

    mock = PusherMock(apps=[HOOKED])
    webhook = due(mock)
    server = mock.server(json_decoder=Decoder)
    found = server.validate_webhook(webhook.key, webhook.signature, webhook.body)
    assert found is not None
    assert found["decoded"] is True


def body_of(value: Any) -> tuple[str, str]:
    text = json.dumps(value)
    return sign("s", text), text


def test_webhooks_that_are_not():
    mock = PusherMock(apps=[HOOKED])
    webhook = due(mock)
    server = mock.server()
    now = time.time() * 1000
    refused = [
        ("other", webhook.signature, webhook.body),
        ("k", "0" * 64, webhook.body),
        ("k", webhook.signature, webhook.body + b" "),
        ("k", sign("s", "no json"), "no json"),
        ("k", *body_of({"events": []})),
        ("k", *body_of({"time_ms": 0})),
        ("k", *body_of({"time_ms": now - 301_000})),
        ("k", *body_of({"time_ms": now + 301_000})),
    ]
    for key, signature, body in refused:
        assert server.validate_webhook(key, signature, body) is None
    assert server.validate_webhook("k", *body_of({"time_ms": now - 290_000})) is not None


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ((1, "x", "x"), "TypeError"),
        (("k", None, "x"), "TypeError"),
        (("k", "x", {}), "TypeError"),
        (("k", *body_of([])), "AttributeError"),
    ],
)
def test_webhook_arguments_that_are_none(arguments: Any, kind: str):
    assert both(lambda make: make("1", "k", "s").validate_webhook(*arguments))[0] == kind
