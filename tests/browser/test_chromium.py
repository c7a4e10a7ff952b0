"""pusher-js 8.6 in Chromium, unmodified: two windows are two users of one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.wire.origin import MASTER_KEY

from pusher_mock.server.certificates import self_signed

from .windows import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.serving import Serving

    from .windows import Window

pytestmark = pytest.mark.enable_socket


def test_public_and_private_channels(serving: Serving, window: Callable[..., Window]):
    server = serving.start()
    origin = serving.origin(server)
    publisher = serving.publisher(server)
    clients = [window(origin).connect(server) for _ in range(2)]
    for client in clients:
        assert client.join("room") == {}
        assert client.join("private-room") == {}
        client.subscribe("private-forbidden")
        refusal = client.take("private-forbidden", "pusher:subscription_error")
        assert (refusal["type"], refusal["status"]) == ("AuthError", 403)
    publisher.trigger(["room", "private-room"], "e", {"text": "grüß\u2028😀"})
    for number in range(50):
        publisher.trigger("room", "n", number)
    not_to = clients[0].socket_id
    publisher.trigger("room", "for the other", 1, socket_id=not_to)
    text = ["e", {"text": "grüß\u2028😀"}]
    expected = [text, *(["n", number] for number in range(50))]
    for client, more in zip(clients, ([], [["for the other", 1]]), strict=True):
        client.fence()
        assert client.events("room") == expected + more
        assert client.events("private-room") == [text]
        assert client.state["transport"] == "ws"
        assert client.errors() == []


def test_presence_and_client_events(serving: Serving, window: Callable[..., Window]):
    server = serving.start()
    origin = serving.origin(server)
    ann_window, bob_window = window(origin, "ann"), window(origin, "bob")
    ann, bob = ann_window.connect(server), bob_window.connect(server)
    assert ann.join("presence-room")["count"] == 1
    both = {"ann": {"name": "Ann"}, "bob": {"name": "Bob"}}
    assert bob.join("presence-room")["members"] == both
    assert ann.take("presence-room", "pusher:member_added")["id"] == "bob"
    ann.do("bind", "presence-room", "client-typing")
    bob.trigger("presence-room", "client-typing", {"on": True})
    assert ann.do("bound", "presence-room", "client-typing") == [{"on": True}, {"user_id": "bob"}]
    bob.fence()
    assert bob.events("presence-room") == []
    for client, name in ((ann, "ann"), (bob, "bob")):
        me = {"id": name, "info": {"name": name.title()}}
        assert client.members("presence-room") == {"count": 2, "me": me, "members": both}
    bob_window.page.close()  # as a user does
    assert ann.take("presence-room", "pusher:member_removed")["id"] == "bob"
    assert ann.members("presence-room")["count"] == 1


def test_users(serving: Serving, window: Callable[..., Window]):
    server = serving.start(watchlist=True)
    origin = serving.origin(server)
    origin.watchlist = ["bob"]
    publisher = serving.publisher(server)
    ann = window(origin, "ann").connect(server)
    ann.sign_in()
    assert ann.take("watchlist", "offline")["user_ids"] == ["bob"]
    bob = window(origin, "bob").connect(server)
    bob.sign_in()
    assert ann.take("watchlist", "online")["user_ids"] == ["bob"]
    publisher.send_to_user("ann", "hello", {"n": 1})
    assert ann.take("user", "hello") == {"n": 1}
    bob.fence()
    assert bob.heard("user") == []


def test_encrypted_channels(serving: Serving, window: Callable[..., Window]):
    server = serving.start()
    origin = serving.origin(server)
    publisher = serving.publisher(server, encryption_master_key_base64=MASTER_KEY)
    client = window(origin, build=ENCRYPTED).connect(server)
    client.join("private-encrypted-vault")
    publisher.trigger("private-encrypted-vault", "e", {"gold": "grüß"})
    assert client.take("private-encrypted-vault", "e") == {"gold": "grüß"}


@pytest.mark.parametrize("how", ["farewell", "cable"])
def test_reconnect(serving: Serving, window: Callable[..., Window], how: str):
    server = serving.start()
    origin = serving.origin(server)
    publisher = serving.publisher(server)
    cable = serving.cable(server)
    ann = window(origin, "ann").connect(server, port=cable.port)
    ann.join("private-room")
    ann.join("presence-room")
    before = ann.socket_id
    if how == "cable":
        cable.cut()
    else:
        server.gateway.farewell()
    assert ann.connected() != before
    ann.take("private-room", "pusher:subscription_succeeded")
    ann.take("presence-room", "pusher:subscription_succeeded")
    publisher.trigger("private-room", "again", 1)
    ann.fence()
    assert ann.events("private-room") == [["again", 1]]
    assert ann.members("presence-room")["count"] == 1


def test_an_unknown_key(serving: Serving, window: Callable[..., Window]):
    server = serving.start()
    client = window(serving.origin(server)).connect(server, key="nobodys", wait=False)
    client.take("connection", "disconnected")
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"]["code"] == 4001


def test_an_app_for_tls_only(serving: Serving, window: Callable[..., Window]):
    with self_signed() as certificate:
        plain = serving.start(tls_only=True)
        secure = serving.start(mock=plain.mock, certfile=certificate.certfile)
    client = window(serving.origin(plain)).connect(plain, wssPort=secure.port)
    # facts 1.10: it was told 4000, and came back with TLS
    (error,) = client.heard("connection", "error")
    assert error["error"]["data"]["code"] == 4000
    assert client.state["tls"]
    assert client.join("private-room") == {}
