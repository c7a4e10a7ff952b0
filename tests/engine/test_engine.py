"""The engine as a whole: what it is built from, time, reset, isolation."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock.engine import (
    App,
    AppKey,
    CloseConnection,
    ConnectionOpened,
    Engine,
    TimerFired,
)
from pusher_mock.protocol import UsageError

from .harness import KEY, SECRET, Pusher, app, error, event, hooked, succeeded

OTHER = App("4", "other", SECRET)


# Building ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("apps", "options", "text"),
    [
        ([], {}, "a mock needs at least one app"),
        ([app()], {"history": -1}, "history takes a number of messages from 0, not -1"),
        ([app(), App("3", "k", "s")], {}, "apps share the id 3; give each its own"),
        ([app(), App("4", KEY, "s")], {}, f"apps share the key {KEY}; give each its own"),
        ([app(keys=(AppKey("other", "s"),)), OTHER], {}, "apps share the key other"),
        ([app(keys=(AppKey(KEY, "s"),))], {}, f"apps share the key {KEY}"),
    ],
)
def test_what_no_engine_is_built_from(apps: list[App], options: dict[str, Any], text: str):
    with pytest.raises(UsageError, match=text):
        Engine(apps, **options)


def test_the_template_is_what_new_apps_are_like():
    template = App("x", "x", "x", client_events=True)
    pusher = Pusher(app(), open_registry=True, template=template)
    client = pusher.connect(target="/app/new?protocol=7")
    assert pusher.engine.state.by_key["new"].config.client_events
    client.send("client-e", 1, channel="private-c")
    assert "not subscribed" in client.take()[0]["data"]["message"]


def test_without_a_template_the_first_app_is_the_model():
    pusher = Pusher(app(client_events=True), OTHER, open_registry=True)
    pusher.connect(target="/app/new?protocol=7")
    assert pusher.engine.state.by_key["new"].config.client_events


def test_what_is_no_input_is_refused():
    with pytest.raises(UsageError, match=r"the engine takes the inputs of .*, not 'x'"):
        Engine([app()]).handle("x", at=0.0, wall=0.0)  # type: ignore[arg-type]


def test_repr():
    pusher = Pusher(app(), OTHER)
    pusher.connect().subscribe("c")
    assert repr(pusher.engine) == "<Engine apps=2 connections=1 channels=1>"


# Time ----------------------------------------------------------------------------------------


def test_nothing_is_due_in_an_engine_without_connections():
    assert Engine([app()]).next_due is None


def test_the_next_timer_is_told():
    pusher = Pusher(hooked(authorized_connections=True))
    told = []
    client = pusher.connect()
    told.append(pusher.engine.next_due)  # facts 1.13.13
    client.sign_in("1")
    told.append(pusher.engine.next_due)  # facts 1.12.3
    client.subscribe("c")
    client.close()
    told.append(pusher.engine.next_due)  # facts 3.2
    pusher.advance(3_000)
    told.append(pusher.engine.next_due)
    assert told == [30_000, 60_000, 3_000, None]


def test_a_timer_that_fires_early_does_nothing():
    pusher = Pusher()
    pusher.connect()
    assert pusher.handle(TimerFired()) == []
    assert pusher.engine.next_due == 60_000


def test_everything_that_is_due_fires_in_one_turn():
    pusher = Pusher()
    clients = [pusher.connect() for _ in range(3)]
    pusher.at = 60_000
    pusher.handle(TimerFired())
    assert pusher.pings == [client.name for client in clients]
    # A rule may set another timer; it waits for its own time even if the clock jumps.
    pusher.at = 500_000
    pusher.handle(TimerFired())
    assert [client.closed() for client in clients] == [(4201, "Pong reply not received")] * 3
    assert pusher.engine.next_due is None


def test_a_jump_of_the_clock_pings_before_it_closes():
    pusher = Pusher()
    client = pusher.connect()
    pusher.at = 500_000
    pusher.handle(TimerFired())
    assert (pusher.pings, client.closed()) == ([client.name], None)
    assert pusher.engine.next_due == 515_000


# Reset ---------------------------------------------------------------------------------------


def test_reset_closes_every_connection_and_forgets():
    # design "reset()"
    switches = {"watchlist": True, "subscription_count": True, "webhook_batching": True}
    pusher = Pusher(hooked(**switches), OTHER, open_registry=True)
    first, second = pusher.connect(), pusher.connect(target="/app/other?protocol=7")
    first.sign_in("1", watchlist=["2"])
    first.join("presence-cache-c", "1")
    first.subscribe("cache-c")
    pusher.publish("cache-c", "e", "d")
    assert pusher.engine.reset() == [
        CloseConnection(first.name, 1000, "The mock was reset"),
        CloseConnection(second.name, 1000, "The mock was reset"),
    ]
    state = pusher.engine.state
    assert pusher.engine.next_due is None
    assert state.connections == state.sockets == {}
    for one in state.apps.values():
        forgotten: list[Any] = [one.channels, one.history, one.cache, one.cache_missed]
        forgotten += [one.users, one.watchers, one.occupancy, one.webhook_batches, one.messages]
        assert not any(forgotten)


def test_after_a_reset_it_begins_anew():
    pusher = Pusher(hooked(), open_registry=True)
    pusher.advance(200_000_000)
    client = pusher.connect(target="/app/learnt?protocol=7")
    client.subscribe("cache-c")
    pusher.engine.reset()
    pusher.at = 0.0  # the mock's clock may begin anew too
    # Apps stay, and so do the names of connections that are free again.
    pusher.handle(ConnectionOpened(client.name, client.socket_id, "/app/learnt?protocol=7"))
    client.take()
    assert client.subscribe("cache-c") == [
        succeeded("cache-c"),
        event("pusher:cache_miss", "cache-c", "{}"),
    ]
    names = [one["name"] for [one] in pusher.events()]
    assert names == ["channel_occupied", "cache_miss"] * 2


def test_a_reset_of_an_empty_engine_closes_nothing():
    assert Engine([app()]).reset() == []


# Isolation -----------------------------------------------------------------------------------


def test_apps_share_nothing():
    pusher = Pusher(app(client_events=True), OTHER)
    mine, theirs = pusher.connect(), pusher.connect(target="/app/other?protocol=7")
    mine.join("presence-c", "1")
    frames = theirs.subscribe("presence-c", {"user_id": "2"}, key="other")
    assert frames == [
        succeeded("presence-c", '{"presence":{"count":1,"ids":["2"],"hash":{"2":null}}}')
    ]
    assert mine.take() == []
    theirs.send("client-e", 1, channel="presence-c")
    [off] = theirs.take()
    assert off["data"]["message"].startswith("To send client events, you must enable")
    # A key of another app authorizes nothing here.
    assert mine.subscribe("private-c", key="other") == [
        error("Invalid key in subscription auth data: 'other'")
    ]


def test_engines_share_nothing():
    one, another = Pusher(), Pusher()
    client = one.connect()
    client.subscribe("c")
    another.publish("c", "e", "d")
    assert client.take() == []
    assert another.engine.state.connections == {}


def test_the_same_inputs_have_the_same_effects():
    def run() -> list[Any]:
        pusher = Pusher(hooked(client_events=True, subscription_count=True, watchlist=True))
        effects: list[Any] = []
        clients = [pusher.connect() for _ in range(4)]
        for number, client in enumerate(clients):
            client.sign_in(f"u{number % 2}", watchlist=["u0", "u1", "u2"])
            effects += client.send("pusher:subscribe", {"channel": "cache-c"})
            client.join("presence-c", f"u{number % 3}")
        pusher.publish("cache-c", "e", "d")
        effects += clients[0].send("client-e", 1, channel="presence-c")
        clients[1].close()
        pusher.advance(100_000)
        return [effects, pusher.frames, pusher.webhooks, pusher.published]

    assert run() == run()
