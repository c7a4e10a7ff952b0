"""Webhooks: every kind, delays, batches, signatures (facts 3)."""

from __future__ import annotations

import json

import pytest
from pusher import Pusher as Sdk

from pusher_mock.engine import App, AppKey, CredentialsSeen, DeliverWebhook, Webhook
from pusher_mock.protocol.signatures import sign

from .harness import HOOK_URL, KEY, SECRET, WALL, Pusher, app, hooked
from .hooks import added, counted, missed, occupied, only, removed, vacated
from .kinds import CACHE, COUNTED, NAMES, PRESENCE, SIGNED, enter

ON = {"client_events": True, "subscription_count": True}


# The request ---------------------------------------------------------------------------------


def test_the_request():
    # facts 3.1.1, 3.1.2, 3.1.3: compact JSON, milliseconds, signed over the very bytes
    pusher = Pusher(hooked())
    pusher.advance(1_500)
    pusher.connect().subscribe("my-channel")
    body = (
        b'{"time_ms":1353088180500,"events":[{"name":"channel_occupied","channel":"my-channel"}]}'
    )
    assert pusher.webhooks == [DeliverWebhook("3", HOOK_URL, KEY, sign(SECRET, body), body)]
    assert pusher.webhooks[0].headers == {
        "Content-Type": "application/json",
        "X-Pusher-Key": KEY,
        "X-Pusher-Signature": sign(SECRET, body),
    }


def test_the_sdk_accepts_it(monkeypatch: pytest.MonkeyPatch):
    # facts 5.1
    pusher = Pusher(hooked(client_events=True))
    client = pusher.connect()
    client.join("presence-c", "é")
    monkeypatch.setattr("time.time", lambda: WALL)
    sdk = Sdk("3", KEY, SECRET)
    for hook in pusher.webhooks:
        content = sdk.validate_webhook(hook.key, hook.signature, hook.body.decode())
        assert content == json.loads(hook.body)


def test_the_oldest_active_key_signs():
    # facts 3.1.2
    pusher = Pusher(hooked(keys=(AppKey("k2", "s2"),)))
    pusher.connect(target="/app/k2?protocol=7").subscribe("c")
    [hook] = pusher.webhooks
    assert (hook.key, hook.signature) == (KEY, sign(SECRET, hook.body))


def test_a_key_whose_secret_nobody_showed_cannot_sign():
    pusher = Pusher(
        App("3", "unseen", None, keys=(AppKey("k2", "s2"),), webhooks=(Webhook(HOOK_URL),))
    )
    pusher.connect(target="/app/unseen?protocol=7").subscribe("c")
    assert pusher.webhooks[0].key == "k2"


def test_without_any_secret_it_is_signed_with_nothing():
    pusher = Pusher(hooked(), open_registry=True)
    client = pusher.connect(target="/app/unseen?protocol=7")
    client.subscribe("c")
    [hook] = pusher.webhooks
    assert (hook.key, hook.signature) == ("unseen", sign("", hook.body))
    pusher.handle(CredentialsSeen("9", "unseen", "seen now"))
    client.subscribe("d")
    assert pusher.webhooks[1].signature == sign("seen now", pusher.webhooks[1].body)


def test_each_url_gets_its_kinds():
    # facts 3.1.6, 6.2: what is signed is what is sent
    hooks = (
        Webhook("https://a.test", frozenset({"channel_occupied"})),
        Webhook("https://b.test", frozenset({"member_added", "channel_occupied"})),
        Webhook("https://c.test", frozenset({"client_event"})),
    )
    pusher = Pusher(app(webhooks=hooks))
    pusher.connect().join("presence-c", "1")
    sent = [(hook.url, json.loads(hook.body)["events"]) for hook in pusher.webhooks]
    assert sent == [
        ("https://a.test", [occupied("presence-c")]),
        ("https://b.test", [occupied("presence-c")]),
        ("https://b.test", [added("presence-c", "1")]),
    ]
    for hook in pusher.webhooks:
        assert hook.signature == sign(SECRET, hook.body)


def test_without_a_url_nothing_is_sent():
    pusher = Pusher(app(**ON))
    client = pusher.connect()
    client.join("presence-cache-c", "1")
    client.send("client-e", 1, channel="presence-cache-c")
    client.close()
    pusher.advance(10_000)
    assert pusher.webhooks == []


# Kinds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES.values())
def test_what_every_kind_of_channel_reports(name: str):
    # facts 3.2, 1.3, 8.16: occupied first, then the member; nothing of users' channels
    pusher = Pusher(hooked(**ON))
    client = pusher.connect()
    enter(client, name, "u")
    expected = [] if name.startswith("#") else [[occupied(name)]]
    if name in PRESENCE:
        expected.append([added(name, "u")])
    if name in CACHE:
        expected.append([missed(name)])
    if name in COUNTED:
        expected.append([counted(name, 1)])
    assert pusher.events() == expected
    if name in SIGNED:
        client.send("client-e", {"a": "é"}, channel=name)
        [[sent]] = pusher.events()
        who = {"user_id": "u"} if name in PRESENCE else {}
        assert sent == {
            "name": "client_event",
            "channel": name,
            "event": "client-e",
            "data": '{"a":"\\u00e9"}',  # a string
            "socket_id": client.socket_id,
            **who,
        }
    client.close()
    assert pusher.events() == ([[counted(name, 0)]] if name in COUNTED else [])
    pusher.advance(3_000)
    expected = [] if name.startswith("#") else [[vacated(name)]]
    if name in PRESENCE:
        expected.insert(0, [removed(name, "u")])
    assert pusher.events() == expected


def test_only_the_first_and_the_last_connection_count():
    # facts 3.2
    pusher = Pusher(hooked())
    first, second = pusher.connect(), pusher.connect()
    first.subscribe("c")
    second.subscribe("c")
    first.close()
    pusher.advance(10_000)
    assert pusher.events() == [[occupied("c")]]
    second.unsubscribe("c")
    pusher.advance(10_000)
    assert pusher.events() == [[vacated("c")]]


def test_further_sockets_of_a_user_are_no_news():
    # facts 3.2
    pusher = only("member_added", "member_removed")
    first, second = pusher.connect(), pusher.connect()
    first.join("presence-c", "1")
    second.join("presence-c", "1")
    first.close()
    pusher.advance(10_000)
    assert pusher.events() == [[added("presence-c", "1")]]
    second.close()
    pusher.advance(10_000)
    assert pusher.events() == [[removed("presence-c", "1")]]


def test_refused_client_events_are_not_reported():
    # facts 3.2: accepted ones
    pusher = only("client_event", client_events=True)
    client = pusher.connect()
    client.send("client-e", 1, channel="private-c")
    assert pusher.events() == []


def test_a_user_id_is_a_string():
    # facts 1.4.7
    pusher = only("member_added")
    pusher.connect().join("presence-c", 10)
    assert pusher.events() == [[added("presence-c", "10")]]


# cache_miss ----------------------------------------------------------------------------------


def test_a_miss_is_reported_once_while_nothing_is_cached():
    # facts 3.2, 1.7.3, 6.3
    pusher = only("cache_miss")
    first = pusher.connect()
    first.subscribe("cache-c")
    pusher.connect().subscribe("cache-c")
    pusher.connect().subscribe("cache-d")
    first.close()
    pusher.advance(60_000)
    pusher.connect().subscribe("cache-c")
    assert pusher.events() == [[missed("cache-c")], [missed("cache-d")]]


def test_an_expired_cache_is_missed_again():
    # facts 1.7.4, 3.2
    pusher = only("cache_miss", cache_ttl=1_000)
    for _ in range(2):
        pusher.connect().subscribe("cache-c")
        pusher.publish("cache-c", "e", "d")
        pusher.connect().subscribe("cache-c")
        pusher.advance(1_000)
    pusher.connect().subscribe("cache-c")
    assert pusher.events() == [[missed("cache-c")]] * 3


# subscription_count --------------------------------------------------------------------------


def test_every_change_is_reported():
    # facts 3.2
    pusher = only("subscription_count", subscription_count=True)
    client = pusher.connect()
    client.subscribe("c")
    pusher.connect().subscribe("c")
    client.close()
    assert pusher.events() == [[counted("c", number)] for number in (1, 2, 1)]


def test_a_large_channel_reports_every_five_seconds():
    # facts 3.2, 1.8.2
    pusher = only("subscription_count", subscription_count=True)
    for _ in range(103):
        pusher.connect().subscribe("c")
    assert pusher.events() == [[counted("c", number)] for number in range(1, 101)]
    pusher.advance(5_000)
    assert pusher.events() == [[counted("c", 103)]]
