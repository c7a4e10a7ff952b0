"""`pusher` for Python, unmodified, with both back ends that people use, and a running server."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from pusher.aiohttp import AsyncIOBackend
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus
from pusher.http import POST, Request

from pusher_mock import Webhook
from pusher_mock.protocol.defaults import SECRET

from .inbox import Inbox
from .origin import MASTER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    import pusher

    from .serving import Serving

pytestmark = pytest.mark.enable_socket


class Sdk:
    """The SDK, whose answers come at once whichever back end it has.

    Args:
        sdk: the SDK.
    """

    def __init__(self, sdk: pusher.Pusher) -> None:
        self.sdk = sdk

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.sdk, name)

        def call(*args: Any, **options: Any) -> Any:
            return _answer(method(*args, **options))

        return call

    def terminate(self, user: str) -> Any:
        """Terminate a user's connections; the SDK's own method leaves the app out of the path."""
        client = self.sdk._pusher_client
        path = f"/apps/{client.app_id}/users/{user}/terminate_connections"
        return _answer(client.http.send_request(Request(client, POST, path, {})))


def _answer(found: Any) -> Any:
    return asyncio.run(found) if asyncio.iscoroutine(found) else found


@pytest.fixture(params=["requests", "aiohttp"])
def publisher(request: pytest.FixtureRequest, serving: Serving) -> Callable[..., Sdk]:
    """What makes an SDK for a server."""
    backend = {"backend": AsyncIOBackend} if request.param == "aiohttp" else {}

    def make(*args: Any, **options: Any) -> Sdk:
        return Sdk(serving.publisher(*args, **{**backend, **options}))

    return make


def test_publishing(serving: Serving, publisher: Callable[..., Sdk]):
    server = serving.start()
    sdk = publisher(server)
    heard: Inbox[tuple[str, str]] = Inbox()
    client = server.mock.client(connect=True)
    for channel in ("room", "private-room"):
        client.subscribe(channel).bind("e", lambda data, name=channel: heard.put((name, data)))
    assert sdk.trigger("room", "e", {"n": 1}) == {}
    assert sdk.trigger(["room", "private-room"], "e", "grüß") == {}
    not_to = client.connection.socket_id
    assert sdk.trigger("room", "e", "for others", socket_id=not_to) == {}
    batch = [{"channel": "room", "name": "e", "data": number} for number in range(10)]
    assert sdk.trigger_batch(batch) == {}
    expected = [("room", '{"n": 1}'), ("room", "grüß"), ("private-room", "grüß")]
    expected += [("room", str(number)) for number in range(10)]
    assert heard.all_of(len(expected)) == expected


def test_an_encrypted_event(serving: Serving, publisher: Callable[..., Sdk]):
    server = serving.start()
    sdk = publisher(server, encryption_master_key_base64=MASTER_KEY)
    heard: Inbox[str] = Inbox()
    client = server.mock.client(connect=True)
    client.subscribe("private-encrypted-vault").bind("e", heard.put)
    assert sdk.trigger("private-encrypted-vault", "e", {"gold": "ü"}) == {}
    sent = json.loads(heard.take())
    assert set(sent) == {"nonce", "ciphertext"}  # facts 2.6


def test_queries(serving: Serving, publisher: Callable[..., Sdk]):
    server = serving.start(subscription_count=True)
    sdk = publisher(server)
    for user in ("ann", "ann", "bob"):
        member = server.mock.client(user_data={"user_id": user}, connect=True)
        member.subscribe("presence-room")
    server.mock.client(connect=True).subscribe("cache-news")
    sdk.trigger("cache-news", "e", {"n": 1})
    assert sdk.channels_info() == {"channels": {"presence-room": {}, "cache-news": {}}}
    assert sdk.channels_info("presence-", ["user_count"]) == {
        "channels": {"presence-room": {"user_count": 2}}
    }
    assert sdk.channel_info("presence-room", ["user_count"]) == {"occupied": True, "user_count": 2}
    news = sdk.channel_info("cache-news", ["subscription_count", "cache"])
    assert news["subscription_count"] == 1
    assert news["cache"]["data"] == '{"n": 1}'
    assert sdk.users_info("presence-room") == {"users": [{"id": "ann"}, {"id": "bob"}]}
    for strange in ("a=@,.;b", "presence-a=@,.;b"):  # facts 2.2.13
        assert sdk.channel_info(strange) == {"occupied": False}


def test_users(serving: Serving, publisher: Callable[..., Sdk]):
    server = serving.start()
    sdk = publisher(server)
    heard: Inbox[str] = Inbox()
    client = server.mock.client(connect=True)
    auth = sdk.sdk.authenticate_user(client.connection.socket_id, {"id": "ann"})
    client.connection.send_event("pusher:signin", auth)
    client.subscribe("#server-to-user-ann").bind("hello", heard.put)
    assert sdk.send_to_user("ann", "hello", {"n": 1}) == {}
    assert heard.take() == '{"n": 1}'
    assert server.mock.core.connections
    assert sdk.terminate("ann") == {}
    assert not server.mock.core.connections
    with pytest.raises(PusherBadStatus, match="404 NOT FOUND"):  # facts 5.1: the SDK's mistake
        sdk.terminate_user_connections("ann")


def test_errors(serving: Serving, publisher: Callable[..., Sdk]):
    server = serving.start()
    sdk = publisher(server)
    with pytest.raises(PusherBadRequest, match=r"^Cannot retrieve the user count unless"):
        sdk.channel_info("room", ["user_count"])
    with pytest.raises(PusherBadStatus, match=r"^413: The data content of this event exceeds"):
        sdk.trigger("room", "e", "x" * 10_241)
    with pytest.raises(PusherBadRequest, match=r"^Unknown auth_key\n$"):
        publisher(server, key="nobodys").trigger("room", "e", 1)
    with pytest.raises(PusherBadAuth, match=r"^Invalid signature: you should have sent") as caught:
        publisher(server, secret="guessed").trigger("room", "e", 1)
    assert SECRET not in str(caught.value)
    with pytest.raises(PusherBadRequest):
        publisher(server, app_id="2").trigger("room", "e", 1)
    assert server.mock.published() == []


def test_webhooks(serving: Serving):
    origin = serving.origin()
    url = f"{origin.url}/raw"
    server = serving.start(webhooks=(Webhook(url), Webhook(f"{origin.url}/pusher/webhook")))
    origin.use(server)
    sdk = serving.publisher(server)
    client = server.mock.client(user_data={"user_id": "ann"}, connect=True)
    channel = client.subscribe("presence-room")
    channel.trigger("client-e", {"n": 1})
    expected = [
        {"name": "channel_occupied", "channel": "presence-room"},
        {"name": "member_added", "channel": "presence-room", "user_id": "ann"},
        {
            "name": "client_event",
            "channel": "presence-room",
            "event": "client-e",
            "data": '{"n":1}',
            "socket_id": client.connection.socket_id,
            "user_id": "ann",
        },
    ]
    events = []
    for headers, body in origin.requests.all_of(3):
        signed = (headers["x-pusher-key"], headers["x-pusher-signature"])
        payload = sdk.validate_webhook(*signed, body)
        assert payload is not None
        events += payload["events"]
        assert sdk.validate_webhook(*signed, body + " ") is None
    assert events == expected
    assert origin.webhooks.all_of(3) == expected  # checked by compat, in the application
    assert server.gateway.webhooks.wait_until_idle()
    assert {one.state for one in server.gateway.webhooks.deliveries} == {"delivered"}
