"""Timers of a connection: idle ping, pong, time to authorize (facts 1.12, 1.13.13)."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import Pusher, app, error

PING = {"event": "pusher:ping", "data": "{}"}
NO_PONG = "Pong reply not received"
UNAUTHORIZED = "Connection not authorized within timeout"


# Keep-alive ----------------------------------------------------------------------------------


def test_an_idle_connection_is_pinged_by_the_transport():
    # facts 1.12.2, 1.12.3
    pusher = Pusher()
    client = pusher.connect()
    pusher.advance(59_999)
    assert pusher.pings == []
    pusher.advance(1)
    assert pusher.pings == [client.name]
    assert client.take() == []


def test_a_transport_without_pings_gets_an_event():
    # facts 1.12.2
    pusher = Pusher()
    client = pusher.connect(native_ping=False)
    pusher.advance(60_000)
    assert pusher.pings == []
    assert client.take() == [PING]


@pytest.mark.parametrize("native_ping", [True, False])
def test_silence_after_the_ping_closes_with_4201(native_ping: bool):
    # facts 1.12.3, 1.10
    pusher = Pusher()
    client = pusher.connect(native_ping=native_ping)
    pusher.advance(74_999)
    client.take()
    assert client.closed() is None
    pusher.advance(1)
    assert client.take() == [error(NO_PONG, 4201)]
    assert client.closed() == (4201, NO_PONG)
    assert pusher.engine.next_due is None


@pytest.mark.parametrize(
    "sign_of_life",
    ["transport pong", '{"event":"pusher:pong","data":{}}', '{"event":"pusher:ping"}', "rubbish"],
)
def test_any_data_counts_as_alive(sign_of_life: str):
    # facts 1.12.2, 1.12.5
    pusher = Pusher()
    client = pusher.connect()
    for _ in range(3):
        pusher.advance(70_000)
        if sign_of_life == "transport pong":
            client.pong()
        else:
            client.raw(sign_of_life)
    assert client.closed() is None
    assert pusher.engine.next_due == pusher.at + 60_000
    pusher.advance(59_999)
    pings = len(pusher.pings)
    pusher.advance(1)
    assert len(pusher.pings) == pings + 1


def test_being_heard_puts_the_ping_off():
    # facts 1.12.3: idle for 60 s, counted from what was heard last
    pusher = Pusher()
    client = pusher.connect()
    for _ in range(3):
        pusher.advance(40_000)
        client.send("pusher:pong")
    pusher.advance(59_999)
    assert pusher.pings == []
    pusher.advance(1)
    assert pusher.pings == [client.name]
    pusher.advance(15_000)
    assert client.closed() == (4201, NO_PONG)


def test_what_is_sent_to_a_client_does_not_keep_it_alive():
    pusher = Pusher()
    client = pusher.connect()
    client.subscribe("c")
    for _ in range(3):
        pusher.advance(25_000)
        pusher.publish("c", "e", "d")
    assert client.closed() == (4201, NO_PONG)


def test_the_dead_leave_their_channels():
    # facts 1.6.2: dead-connection reaping
    pusher = Pusher()
    dead, alive = pusher.connect(), pusher.connect()
    alive.join("presence-c", "1")
    dead.join("presence-c", "2")
    pusher.advance(50_000)
    alive.take()
    alive.send("pusher:pong")
    pusher.advance(25_000)
    assert alive.take() == [
        {
            "event": "pusher_internal:member_removed",
            "channel": "presence-c",
            "data": '{"user_id":"2"}',
        }
    ]


# Authorized connections ----------------------------------------------------------------------


def test_without_authorization_in_time_the_connection_is_closed():
    # facts 1.13.13, 8.11
    pusher = Pusher(app(authorized_connections=True))
    client = pusher.connect()
    client.subscribe("public")
    client.send("pusher:subscribe", {"channel": "private-c", "auth": "no"})
    pusher.advance(29_999)
    client.take()
    assert client.closed() is None
    pusher.advance(1)
    assert client.take() == [error(UNAUTHORIZED, 4009)]
    assert client.closed() == (4009, UNAUTHORIZED)


def authorize_by_signing_in(client: Any) -> None:
    client.sign_in("1")


def authorize_by_private(client: Any) -> None:
    client.subscribe("private-encrypted-c")


def authorize_by_presence(client: Any) -> None:
    client.join("presence-c", "1")


@pytest.mark.parametrize(
    "authorize", [authorize_by_signing_in, authorize_by_private, authorize_by_presence]
)
def test_signing_in_or_one_authorized_channel_is_enough(authorize: Any):
    # facts 1.13.13
    pusher = Pusher(app(authorized_connections=True, authorization_timeout=5_000))
    client, other = pusher.connect(), pusher.connect()
    pusher.advance(4_999)
    authorize(client)
    pusher.advance(1)
    assert client.closed() is None
    assert other.closed() == (4009, UNAUTHORIZED)


def test_a_subscription_that_is_refused_after_its_signature_authorizes_nothing():
    # facts 1.13.13: it has to *subscribe*
    pusher = Pusher(app(authorized_connections=True))
    client = pusher.connect()
    [refusal] = client.subscribe("presence-c", {"user_id": ""})
    assert refusal["event"] == "pusher:error"
    client.send("pusher:ping")
    pusher.advance(30_000)
    assert client.closed() == (4009, UNAUTHORIZED)


def test_without_the_switch_nobody_has_to_authorize():
    pusher = Pusher()
    client = pusher.connect()
    pusher.advance(40_000)
    assert client.closed() is None
