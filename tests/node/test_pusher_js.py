"""pusher-js 8.6 under Node, unmodified, against a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.origin import MASTER_KEY

from .clients import connect, user

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


# Events ----------------------------------------------------------------------------------------


def test_public_events_reach_all_but_the_sender_as_they_were_sent(
    serving: Serving, node: NodeProcess
):
    server = serving.start()
    publisher = serving.publisher(server)
    one, two = connect(node, server), connect(node, server)
    assert one.join("room") == {}
    assert two.join("room") == {}
    publisher.trigger("room", "object", {"n": 1, "text": "grüß\u2028😀"})
    publisher.trigger(["room", "elsewhere"], "text", "no JSON {")
    publisher.trigger("room", "null", None)
    publisher.trigger("room", "not for one", [1], socket_id=one.socket_id)
    publisher.trigger("elsewhere", "nor this", 1)
    for client, more in ((one, []), (two, [["not for one", [1]]])):
        client.fence()
        assert client.events("room") == [
            ["object", {"n": 1, "text": "grüß\u2028😀"}],
            ["text", "no JSON {"],
            ["null", None],
            *more,
        ]
        assert client.heard("global", "text") == ["no JSON {"]  # as bind_global() of the client


def test_order_and_number_of_200_events(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    clients = [connect(node, server) for _ in range(3)]
    for client in clients:
        client.join("room")
        client.join("other")
    sent: dict[str, list[Any]] = {"room": [], "other": []}
    for number in range(100):
        channel = "other" if number % 3 else "room"
        publisher.trigger(channel, "n", number)
        sent[channel].append(["n", number])
    for start in range(100, 200, 10):
        numbers = range(start, start + 10)
        publisher.trigger_batch([{"channel": "room", "name": "n", "data": n} for n in numbers])
        sent["room"] += [["n", n] for n in numbers]
    for client in clients:
        client.fence()
        assert client.events("room") == sent["room"]
        assert client.events("other") == sent["other"]
        across = [one["data"] for one in client.heard("message", "n")]
        assert across == list(range(200))


def test_encrypted_events_are_read_by_those_who_were_given_the_key(
    serving: Serving, node: NodeProcess
):
    server = serving.start()
    publisher = serving.publisher(server, encryption_master_key_base64=MASTER_KEY)
    client = connect(node, server)
    client.join("private-encrypted-vault")
    publisher.trigger("private-encrypted-vault", "secret", {"gold": "grüß"})
    publisher.trigger("private-encrypted-vault", "text", "plain")
    client.fence()
    assert client.events("private-encrypted-vault") == [
        ["secret", {"gold": "grüß"}],
        ["text", "plain"],
    ]
    passed = client.heard("message", "secret")
    assert set(passed[0]["data"]) == {"nonce", "ciphertext"}  # facts 2.6


def test_cache_channels(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    for channel in ("cache-news", "private-cache-news"):
        first, second = connect(node, server), connect(node, server)
        first.join(channel)
        first.fence()
        # facts 1.5.5: the success, then what is cached or the miss
        assert first.heard(channel) == [
            ["pusher:subscription_succeeded", {}],
            ["pusher:cache_miss", {}],
        ]
        publisher.trigger(channel, "old", 1)
        publisher.trigger(channel, "last", {"n": 2})
        second.join(channel)
        second.fence()
        assert second.heard(channel) == [
            ["pusher:subscription_succeeded", {}],
            ["last", {"n": 2}],
        ]
        first.fence()
        assert first.events(channel) == [["old", 1], ["last", {"n": 2}]]


# Authorization ---------------------------------------------------------------------------------


def test_private_channels(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    client = connect(node, server)
    assert client.join("private-room") == {}
    publisher.trigger("private-room", "e", [1, 2])
    assert client.take("private-room", "e") == [1, 2]
    assert publisher.channels_info() == {"channels": {"private-room": {}}}


def test_a_wrong_signature_is_told_and_the_connection_stays(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    client = connect(node, server, secret="another secret")
    client.subscribe("private-room")
    client.take("connection", "error")
    ((code, text),) = client.errors()
    assert code is None  # facts 1.4.11
    expected = f"Expected HMAC SHA256 hex digest of {client.socket_id}:private-room, but got"
    assert text.startswith(f"Invalid signature: {expected} ")  # facts 1.4.9
    assert client.join("room") == {}
    publisher.trigger(["room", "private-room"], "e", 1)
    client.fence()
    assert client.state["subscribed"] == ["room"]
    assert client.heard("private-room") == []
    assert client.events("room") == [["e", 1]]


def test_who_is_not_authorized_hears_of_it(serving: Serving, node: NodeProcess):
    server = serving.start()
    client = connect(node, server, user("ann"), refuse="not today")
    client.subscribe("private-room")
    error = client.take("private-room", "pusher:subscription_error")
    assert error == {"type": "AuthError", "error": "not today"}
    client.do("signin")
    assert client.take("user", "pusher:signin_error")["error"] == "not today"


def test_the_endpoints_of_an_application(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server, encryption_master_key_base64=MASTER_KEY)
    origin = serving.origin(server)
    headers = {"user": "ann"}
    client = connect(
        node,
        server,
        secret=None,
        channelAuthorization={"endpoint": f"{origin.url}/pusher/auth", "headers": headers},
        userAuthentication={"endpoint": f"{origin.url}/pusher/user-auth", "headers": headers},
    )
    client.join("private-room")
    client.join("presence-room")
    client.join("private-encrypted-room")
    client.sign_in()
    assert client.members("presence-room")["me"] == {"id": "ann", "info": {"name": "Ann"}}
    publisher.trigger("private-encrypted-room", "e", "hidden")
    assert client.take("private-encrypted-room", "e") == "hidden"
    publisher.send_to_user("ann", "hello", "you")
    assert client.take("user", "hello") == "you"
    client.subscribe("private-forbidden")
    refusal = client.take("private-forbidden", "pusher:subscription_error")
    assert (refusal["type"], refusal["status"]) == ("AuthError", 403)  # facts 2.7


# Presence --------------------------------------------------------------------------------------


def test_presence_of_two_users(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    ann, bob = connect(node, server, user("ann")), connect(node, server, user("bob"))
    assert ann.join("presence-room") == {
        "count": 1,
        "me": {"id": "ann", "info": {"name": "Ann"}},
        "members": {"ann": {"name": "Ann"}},
        "myID": "ann",
    }
    both = {"ann": {"name": "Ann"}, "bob": {"name": "Bob"}}
    assert bob.join("presence-room")["members"] == both
    assert ann.take("presence-room", "pusher:member_added") == {
        "id": "bob",
        "info": {"name": "Bob"},
    }
    for client, name in ((ann, "ann"), (bob, "bob")):
        me = {"id": name, "info": {"name": name.title()}}
        assert client.members("presence-room") == {"count": 2, "me": me, "members": both}
    assert publisher.channel_info("presence-room", ["user_count"])["user_count"] == 2
    assert publisher.users_info("presence-room") == {"users": [{"id": "ann"}, {"id": "bob"}]}
    bob.do("disconnect")
    gone = ann.take("presence-room", "pusher:member_removed")
    assert gone == {"id": "bob", "info": {"name": "Bob"}}
    assert ann.members("presence-room")["members"] == {"ann": {"name": "Ann"}}
    assert [name for name, _ in ann.heard("presence-room")] == [
        "pusher:subscription_succeeded",
        "pusher:member_added",
        "pusher:member_removed",
    ]


def test_a_second_tab_of_a_user_is_no_event(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    ann, bob = connect(node, server, user("ann")), connect(node, server, user("bob"))
    tab = connect(node, server, user("bob"))
    ann.join("presence-room")
    bob.join("presence-room")
    assert tab.join("presence-room")["count"] == 2  # facts 1.5.1
    tab.do("unsubscribe", "presence-room")
    tab.fence()
    bob.do("unsubscribe", "presence-room")
    bob.fence()
    ann.fence()
    changes = [one for one in ann.heard("presence-room") if "member" in one[0]]
    info = {"id": "bob", "info": {"name": "Bob"}}
    assert changes == [["pusher:member_added", info], ["pusher:member_removed", info]]
    assert publisher.users_info("presence-room") == {"users": [{"id": "ann"}]}


# Client events ---------------------------------------------------------------------------------


def test_client_events(serving: Serving, node: NodeProcess):
    server = serving.start()
    ann, bob = connect(node, server, user("ann")), connect(node, server, user("bob"))
    for client in (ann, bob):
        for channel in ("private-room", "presence-room"):
            client.join(channel)
            client.do("bind", channel, "client-typing")
    for channel in ("private-room", "presence-room"):
        assert ann.trigger(channel, "client-typing", {"on": True})
    assert bob.do("bound", "private-room", "client-typing") == [{"on": True}, {}]
    # facts 1.9: who it was, on presence channels only
    who = {"user_id": "ann"}
    assert bob.do("bound", "presence-room", "client-typing") == [{"on": True}, who]
    bob.trigger("private-room", "client-text", "just text")
    assert ann.take("private-room", "client-text") == "just text"
    for client in (ann, bob):
        client.fence()
        assert client.errors() == []
    assert ann.events("private-room") == [["client-text", "just text"]]
    assert ann.events("presence-room") == []
    assert bob.events("private-room") == [["client-typing", {"on": True}]]


def test_client_events_that_are_refused(serving: Serving, node: NodeProcess):
    server = serving.start()
    ann, bob = connect(node, server), connect(node, server)
    for client in (ann, bob):
        client.join("room")
        client.join("private-room")
    ann.trigger("room", "client-e", 1)
    ann.do("send", "client-e", 1, "private-other")
    for number in range(12):
        ann.trigger("private-room", "client-n", number)
    ann.fence()
    bob.fence()
    assert bob.events("room") == []
    assert bob.heard("private-room", "client-n") == list(range(10))  # facts 1.9.7
    refused, foreign, *too_many = ann.errors()
    assert refused[0] is None
    assert foreign == (  # facts 1.9.2
        None,
        "Cannot broadcast client event (connection not subscribed to channel private-other)",
    )
    assert [code for code, _ in too_many] == [4301, 4301]
    assert ann.state["state"] == "connected"


def test_client_events_are_off_by_default(serving: Serving, node: NodeProcess):
    server = serving.start(client_events=False)
    ann, bob = connect(node, server), connect(node, server)
    for client in (ann, bob):
        client.join("private-room")
    ann.trigger("private-room", "client-e", 1)
    ann.fence()
    bob.fence()
    assert ann.errors() == [  # facts 1.9.1
        (
            None,
            "To send client events, you must enable this feature in the Settings page of your "
            "dashboard.",
        )
    ]
    assert bob.events("private-room") == []


# Subscriptions ---------------------------------------------------------------------------------


def test_subscription_counts(serving: Serving, node: NodeProcess):
    server = serving.start(subscription_count=True)
    publisher = serving.publisher(server)
    one, two = connect(node, server), connect(node, server)
    one.join("room")
    two.join("room")
    one.fence()
    two.fence()
    assert one.heard("room", "pusher:subscription_count") == [
        {"subscription_count": 1},
        {"subscription_count": 2},
    ]
    assert two.heard("room", "pusher:subscription_count") == [{"subscription_count": 2}]
    assert publisher.channel_info("room", ["subscription_count"])["subscription_count"] == 2
    two.do("unsubscribe", "room")
    two.fence()
    one.fence()
    assert one.heard("room", "pusher:subscription_count")[-1] == {"subscription_count": 1}
    assert one.state["counts"] == {"room": 1}


def test_unsubscribe(serving: Serving, node: NodeProcess):
    server = serving.start()
    publisher = serving.publisher(server)
    client = connect(node, server)
    client.join("room")
    client.do("unsubscribe", "room")
    client.fence()
    publisher.trigger("room", "missed", 1)
    assert publisher.channels_info() == {"channels": {}}
    assert client.join("room") == {}
    publisher.trigger("room", "heard", 2)
    client.fence()
    assert client.events("room") == [["heard", 2]]
    client.subscribe("pending")
    client.do("unsubscribe", "pending")  # facts 1.8.9: follows when the subscription is there
    client.fence()
    client.fence()
    assert publisher.channels_info() == {"channels": {"room": {}}}
    assert client.errors() == []
