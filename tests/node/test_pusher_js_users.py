"""pusher-js 8.6 under Node: users who sign in, what they are sent, and whom they watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .clients import connect, sdk_options, user

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


def test_sign_in_and_messages_to_a_user(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    ann, tab, bob = (connect(node, server, user(name)) for name in ("ann", "ann", "bob"))
    for client in (ann, tab, bob):
        client.sign_in()
    assert ann.state["user"] == user("ann")
    publisher.send_to_user("ann", "hello", {"n": 1})
    for client, heard in ((ann, [["hello", {"n": 1}]]), (tab, [["hello", {"n": 1}]]), (bob, [])):
        client.fence()
        assert client.heard("user") == heard
        assert client.errors() == []


def test_a_user_who_signed_in_needs_no_channel_data(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    client = connect(node, server, user("ann"), member=False)
    client.sign_in()
    members = client.join("presence-room")  # facts 1.4.5
    assert members["me"] == {"id": "ann", "info": {"name": "Ann"}}
    assert publisher.users_info("presence-room") == {"users": [{"id": "ann"}]}


def test_the_watchlist(serving: Serving, node: NodeProcess):
    server = serving.start(watchlist=True)
    ann = connect(node, server, {**user("ann"), "watchlist": ["bob", "eve"]})
    bob = connect(node, server, user("bob"))
    bob.sign_in()
    ann.sign_in()
    assert ann.take("watchlist", "online") == {"name": "online", "user_ids": ["bob"]}
    assert ann.take("watchlist", "offline") == {"name": "offline", "user_ids": ["eve"]}
    eve = connect(node, server, user("eve"))
    eve.sign_in()
    assert ann.take("watchlist", "online") == {"name": "online", "user_ids": ["eve"]}
    tab = connect(node, server, user("eve"))
    tab.sign_in()
    tab.do("disconnect")
    eve.do("disconnect")
    assert ann.take("watchlist", "offline") == {"name": "offline", "user_ids": ["eve"]}
    ann.fence()
    assert len(ann.heard("watchlist")) == 4
    assert bob.heard("watchlist") == []


def test_terminated_users_do_not_come_back(serving: Serving, node: NodeProcess, sdk: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    sdk.call("create", sdk_options(server))  # the Python SDK forgets the app (facts 5.1)
    ann, bob = connect(node, server, user("ann")), connect(node, server, user("bob"))
    ann.join("presence-room")
    bob.join("presence-room")
    ann.sign_in()
    sdk.call("request", "terminateUserConnections", "ann")
    ann.take("connection", "disconnected")
    assert [code for code, _ in ann.errors()] == [4009]  # facts 1.13.12
    assert bob.take("presence-room", "pusher:member_removed")["id"] == "ann"
    assert bob.state["state"] == "connected"
    assert ann.state["state"] == "disconnected"
    assert publisher.users_info("presence-room") == {"users": [{"id": "bob"}]}
