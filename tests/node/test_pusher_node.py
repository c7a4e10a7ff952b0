"""The npm package `pusher` 5.3, unmodified, as a second SDK of the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import Webhook

from .clients import connect, sdk_options, user
from .runner import NodeError

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from pusher_mock.server import ThreadedServer

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


class Sdk:
    """The SDK, pointed at a server.

    Args:
        process: where it runs.
        server: the server.
        **options: further ones of its constructor.
    """

    def __init__(self, process: NodeProcess, server: ThreadedServer, **options: Any) -> None:
        self._process = process
        process.call("create", sdk_options(server, **options))

    def request(self, method: str, *args: Any) -> str:
        """Call a method that sends a request; returns the text of the answer."""
        answer = self._process.call("request", method, *args)
        assert answer["status"] == 200
        text: str = answer["text"]
        return text

    def refused(self, method: str, *args: Any) -> tuple[int | None, str]:
        """The same when it fails; returns status and text."""
        with pytest.raises(NodeError) as caught:
            self.request(method, *args)
        assert caught.value.name == "PusherRequestError"
        return caught.value.status, caught.value.body


def test_trigger(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start()
    publisher = Sdk(sdk, server)
    client, other = connect(node, server), connect(node, server)
    for one in (client, other):
        one.join("room")
        one.join("private-room")
    assert publisher.request("trigger", "room", "object", {"n": 1, "text": "grüß😀"}) == "{}"
    assert publisher.request("trigger", ["room", "private-room"], "text", "no JSON {") == "{}"
    without = {"socket_id": client.socket_id}
    assert publisher.request("trigger", "room", "not for one", [1], without) == "{}"
    expected = [["object", {"n": 1, "text": "grüß😀"}], ["text", "no JSON {"]]
    for one, more in ((client, []), (other, [["not for one", [1]]])):
        one.fence()
        assert one.events("room") == expected + more
        assert one.events("private-room") == [["text", "no JSON {"]]


def test_trigger_with_info(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start(subscription_count=True)
    publisher = Sdk(sdk, server)
    client = connect(node, server, user("ann"))
    client.join("presence-room")
    client.join("room")
    info = {"info": "user_count,subscription_count"}
    answer = publisher.request("trigger", ["presence-room", "room"], "e", 1, info)
    assert answer == (
        '{"channels":{"presence-room":{"user_count":1},"room":{"subscription_count":1}}}'
    )


def test_trigger_batch(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start()
    publisher = Sdk(sdk, server)
    client = connect(node, server)
    client.join("one")
    client.join("two")
    batch = [
        {"channel": "one" if number % 2 else "two", "name": "n", "data": {"n": number}}
        for number in range(10)
    ]
    assert publisher.request("triggerBatch", batch) == "{}"
    client.fence()
    assert [one["data"]["n"] for one in client.heard("message", "n")] == list(range(10))
    assert client.events("one") == [["n", {"n": number}] for number in (1, 3, 5, 7, 9)]
    too_many = [*batch, {"channel": "one", "name": "n", "data": 1}]
    assert publisher.refused("triggerBatch", too_many)[0] == 400  # facts 2.5
    client.fence()
    assert len(client.heard("message", "n")) == 10  # all or nothing


def test_an_encrypted_event(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start()
    publisher = Sdk(sdk, server)
    client = connect(node, server)
    client.join("private-encrypted-vault")
    assert publisher.request("trigger", "private-encrypted-vault", "e", {"gold": "ü"}) == "{}"
    assert client.take("private-encrypted-vault", "e") == {"gold": "ü"}
    seen = server.mock.published("private-encrypted-vault")
    assert "gold" not in str(seen)


def test_queries(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start(subscription_count=True)
    publisher = Sdk(sdk, server)
    ann, tab, bob = (connect(node, server, user(name)) for name in ("ann", "ann", "bob"))
    for client in (ann, tab, bob):
        client.join("presence-room")
    ann.join("cache-news")
    publisher.request("trigger", "cache-news", "e", {"n": 1})

    def get(path: str, **params: str) -> str:
        return publisher.request("get", {"path": path, "params": params})

    assert get("/channels") == '{"channels":{"presence-room":{},"cache-news":{}}}'
    assert get("/channels", filter_by_prefix="presence-", info="user_count") == (
        '{"channels":{"presence-room":{"user_count":2}}}'
    )
    assert get("/channels/presence-room", info="user_count") == '{"occupied":true,"user_count":2}'
    assert get("/channels/presence-room/users") == '{"users":[{"id":"ann"},{"id":"bob"}]}'
    cached = get("/channels/cache-news", info="subscription_count,cache")
    assert cached.startswith('{"occupied":true,"subscription_count":1,"cache":{"data":')
    assert get("/channels/nowhere") == '{"occupied":false}'  # facts 2.2.1
    assert get("/channels/strange=@,.;name") == '{"occupied":false}'  # facts 2.2.13


def test_users(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    server = serving.start()
    publisher = Sdk(sdk, server)
    ann, bob = connect(node, server, user("ann")), connect(node, server, user("bob"))
    ann.sign_in()
    bob.sign_in()
    assert publisher.request("sendToUser", "ann", "hello", {"n": 1}) == "{}"
    assert ann.take("user", "hello") == {"n": 1}
    assert publisher.request("terminateUserConnections", "ann") == "{}"
    ann.take("connection", "disconnected")
    bob.fence()
    assert bob.heard("user") == []
    assert bob.state["state"] == "connected"


def test_webhooks(serving: Serving, sdk: NodeProcess, node: NodeProcess):
    origin = serving.origin()
    server = serving.start(webhooks=(Webhook(f"{origin.url}/raw"),))
    Sdk(sdk, server)
    client = connect(node, server, user("ann"))
    client.join("presence-room")
    events = []
    for headers, body in origin.requests.all_of(2):
        checked = sdk.call("webhook", headers, body)
        assert checked["valid"]
        events += checked["events"]
        stranger = {**headers, "x-pusher-signature": "0" * 64}
        assert not sdk.call("webhook", stranger, body)["valid"]
        assert not sdk.call("webhook", headers, body + " ")["valid"]
    assert events == [
        {"name": "channel_occupied", "channel": "presence-room"},
        {"name": "member_added", "channel": "presence-room", "user_id": "ann"},
    ]


def test_errors(serving: Serving, sdk: NodeProcess):
    server = serving.start()
    publisher = Sdk(sdk, server)
    assert publisher.refused("get", {"path": "/nothing"}) == (404, "404 NOT FOUND\n")
    extraneous = "The following query string parameters are extraneous: info\n"
    users = {"path": "/channels/presence-room/users", "params": {"info": "user_count"}}
    assert publisher.refused("get", users) == (400, extraneous)  # facts 2.3
    assert publisher.refused("get", {"path": "/channels/room/users"})[0] == 400
    status, text = publisher.refused("trigger", "room", "e", "x" * 10_241)
    assert status == 413
    assert text.startswith(
        "The data content of this event exceeds the allowed maximum (10240 bytes)."
    )
    assert publisher.request("trigger", "room", "e", "x" * 10_240) == "{}"


def test_credentials_that_are_refused(serving: Serving, sdk: NodeProcess):
    server = serving.start()
    stranger = Sdk(sdk, server, key="nobodys")
    assert stranger.refused("trigger", "room", "e", 1) == (400, "Unknown auth_key\n")
    forger = Sdk(sdk, server, secret="guessed")
    status, text = forger.refused("trigger", "room", "e", 1)
    assert status == 401
    assert text.startswith("Invalid signature: you should have sent HmacSHA256Hex(")
    assert "mock-pusher-secret" not in text
    misplaced = Sdk(sdk, server, appId="2")
    assert misplaced.refused("trigger", "room", "e", 1)[0] == 400  # facts 2.3
    assert server.mock.published() == []
