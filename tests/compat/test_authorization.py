"""The rules that every framework's views share (facts 2.7)."""

import base64
import json

import pytest
from tests.versions import needs_users

from compat import get_pusher_server, override
from compat.authorization import (
    Answer,
    BadRequest,
    ChannelRequest,
    Refusal,
    read_channel_request,
    read_webhook,
    sign_user,
)
from pusher_mock import PusherMock

pytestmark = pytest.mark.usefixtures("mocks_on")


def asked(*channels: str, batched: bool = False) -> ChannelRequest:
    return ChannelRequest("1.2", channels, batched)


def test_reading_one_channel_and_a_batch():
    one = read_channel_request({"socket_id": "1.2", "channel_name": "private-a"})
    assert one == asked("private-a")
    form = {"socket_id": "1.2", "channel_name[1]": "private-b", "channel_name[0]": "private-a"}
    assert read_channel_request(form) == asked("private-a", "private-b", batched=True)
    assert read_channel_request({"socket_id": "1.2", "channel_name[]": "private-a"}).batched


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({}, "socket_id is missing"),
        ({"socket_id": "1.2.3"}, "socket_id is malformed"),
        ({"socket_id": "1.2\n"}, "socket_id is malformed"),
        ({"socket_id": "\u0661.\u0662"}, "socket_id is malformed"),  # digits, but not ASCII
        ({"socket_id": "1.2"}, "channel_name is missing"),
        ({"socket_id": "1.2", "channel_name": ""}, "channel_name is missing"),
        ({"socket_id": "1.2", "channel_name[a]": "private-a"}, "channel_name is missing"),
    ],
)
def test_forms_that_cannot_be_understood(form: dict[str, str], text: str):
    with pytest.raises(BadRequest, match=text):
        read_channel_request(form)


def test_only_channels_that_can_be_signed_are_asked_about():
    request = asked("private-a", "news", "presence-b", "private-a b", "cache-c", batched=True)
    assert request.signable == ("private-a", "presence-b")
    answer = request.answer({"news": True, "cache-c": True})
    assert [one["status"] for one in answer.body.values()] == [403] * 5
    assert answer.status == 200


@pytest.mark.parametrize(
    ("permission", "error"),
    [
        (False, "not allowed to subscribe to private-a"),
        (None, "not allowed to subscribe to private-a"),
        (Refusal("come back later"), "come back later"),
    ],
)
def test_refusals(permission: object, error: str):
    answer = asked("private-a").answer({"private-a": permission})  # type: ignore[dict-item]
    assert answer == Answer(403, {"error": error})


def test_what_is_not_answered_for_is_refused():
    assert asked("private-a").answer({}).status == 403


def test_member_data_is_signed_on_private_channels_too():
    answer = asked("private-a").answer({"private-a": {"user_info": {"name": "Ada"}}})
    member = {"user_info": {"name": "Ada"}}
    assert answer.body == get_pusher_server().authenticate("private-a", "1.2", member)
    answer = asked("private-a").answer({"private-a": {"user_id": 7}})
    assert json.loads(answer.body["channel_data"]) == {"user_id": "7"}


@pytest.mark.parametrize("permission", [0, "", [], {}, set()])
def test_whatever_is_false_refuses(permission: object):
    for channel in ("private-a", "presence-a"):
        assert asked(channel).answer({channel: permission}).status == 403  # type: ignore[dict-item]


async def never_awaited() -> bool:
    return False


@pytest.mark.parametrize("permission", [1, "yes", ["ada"], object(), Answer(302, {})])
def test_whatever_else_counts_as_true_is_an_error(permission: object):
    """It may have meant no: a redirect to the login page, a coroutine that nobody awaited."""
    with pytest.raises(TypeError, match=r"has to return True, False, None or the member"):
        asked("private-a").answer({"private-a": permission})  # type: ignore[dict-item]


def test_a_coroutine_is_no_permission():
    coroutine = never_awaited()
    with pytest.raises(TypeError, match="has to return True, False, None or the member"):
        asked("private-a").answer({"private-a": coroutine})  # type: ignore[dict-item]
    coroutine.close()


@pytest.mark.parametrize("permission", [True, {"user_id": ""}, {"user_info": {}}])
def test_a_presence_channel_needs_a_member(permission: object):
    with pytest.raises(ValueError, match="the permission hook has to return the member"):
        asked("presence-a").answer({"presence-a": permission})  # type: ignore[dict-item]


def test_the_shared_secret_is_text():
    with override(encryption_master_key_base64=base64.b64encode(bytes(32)).decode()):
        answer = asked("private-encrypted-a").answer({"private-encrypted-a": True})
        assert isinstance(json.loads(json.dumps(answer.body))["shared_secret"], str)


def test_what_was_signed_is_what_the_mock_accepts(pusher_mock: PusherMock):
    client = pusher_mock.client(connect=True, secret=None, auth_endpoint="http://test/auth")
    socket_id = str(client.connection.socket_id)
    request = ChannelRequest(socket_id, ("private-a", "presence-b"), batched=True)
    answer = request.answer({"private-a": True, "presence-b": {"user_id": 7}})
    client.subscribe("private-a", auth=answer.body["private-a"]["data"]["auth"])
    assert pusher_mock.state.get_subscriber_count("private-a") == 1


@needs_users
def test_signing_in():
    assert sign_user({"socket_id": "1.2"}, None).status == 403
    answer = sign_user({"socket_id": "1.2"}, {"id": 7})
    assert answer == Answer(200, get_pusher_server().authenticate_user("1.2", {"id": "7"}))
    with pytest.raises(TypeError, match="has to return a mapping with an id, or None"):
        sign_user({"socket_id": "1.2"}, "ada")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs an id"):
        sign_user({"socket_id": "1.2"}, {"id": None})
    with pytest.raises(BadRequest):
        sign_user({}, {"id": "7"})


def test_webhooks_are_read_under_any_spelling_of_the_headers():
    import hashlib
    import hmac
    import time

    body = json.dumps({"time_ms": int(time.time() * 1000), "events": []}).encode()
    signature = hmac.new(b"mock-pusher-secret", body, hashlib.sha256).hexdigest()
    headers = {"x-pusher-KEY": "mock-pusher-key", "X-PUSHER-signature": signature}
    payload = read_webhook(headers, body)
    assert payload is not None
    assert payload["events"] == []
    assert read_webhook(headers, body + b" ") is None
    assert read_webhook({}, body) is None
    assert read_webhook(headers, b"\xff") is None
