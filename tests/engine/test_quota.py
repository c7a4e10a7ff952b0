"""The daily message quota and what counts towards it (facts 2.3, 2.5)."""

from __future__ import annotations

import json

import pytest

from .harness import Pusher, app

PATH = "/apps/3/channels"
DAY = 86_400_000


def test_the_daily_quota_counts_calls_and_deliveries():
    # facts 2.5, 2.3
    pusher = Pusher(app(daily_messages=4))
    client = pusher.connect()
    client.subscribe("c")
    client.send("pusher:ping")
    body = {"name": "e", "channel": "c", "data": "d"}
    assert [pusher.post("events", body).status for _ in range(3)] == [200, 200, 403]


@pytest.mark.parametrize(
    ("method", "path", "content", "counted"),
    [
        ("POST", "events", {"name": "e", "channels": ["a", "b"], "data": "d"}, 1),
        ("POST", "events", {"name": "e", "channel": "c", "data": "d"}, 2),
        (
            "POST",
            "events",
            {"name": "e", "channel": "a", "data": "d", "info": "subscription_count"},
            2,
        ),
        ("POST", "batch_events", {"batch": []}, 1),
        ("POST", "batch_events", {"batch": [{"name": "e", "channel": "c", "data": "d"}] * 3}, 6),
        (
            "POST",
            "batch_events",
            {
                "batch": [
                    {"name": "e", "channel": "a", "data": "d", "info": "user_count"},
                    {"name": "e", "channel": "a", "data": "d"},
                ]
            },
            3,
        ),
        ("GET", "channels", None, 1),
        ("GET", "channels/c", None, 1),
        ("GET", "channels/presence-c/users", None, 1),
        ("POST", "users/1/terminate_connections", {}, 1),
        ("POST", "events", {}, 0),  # refused
    ],
)
def test_what_counts_as_a_message(method: str, path: str, content: object, counted: int):
    # facts 2.5; one client is on c
    pusher = Pusher()
    pusher.connect().subscribe("c")
    body = b"" if content is None else json.dumps(content).encode()
    pusher.request(method, f"/apps/3/{path}", body=body)
    assert pusher.engine.state.apps["3"].messages == counted


def test_client_and_member_events_count():
    # facts 2.5
    pusher = Pusher(app(client_events=True, subscription_count=True))
    clients = [pusher.connect() for _ in range(3)]
    for number, client in enumerate(clients):
        client.join("presence-c", str(number))
    assert pusher.engine.state.apps["3"].messages == 1 + 2
    clients[0].send("client-e", "d", channel="presence-c")
    assert pusher.engine.state.apps["3"].messages == 3 + 1 + 2
    clients[0].close()
    assert pusher.engine.state.apps["3"].messages == 6 + 2


def test_the_quota_starts_again_every_day():
    # facts 2.3
    pusher = Pusher(app(daily_messages=1))
    for at, status in [
        (0, 200),
        (1, 403),
        (DAY - 1, 403),
        (DAY, 200),
        (DAY, 403),
        (2 * DAY, 200),
        (5 * DAY - 1, 200),
    ]:
        pusher.at = at
        assert pusher.request("GET", PATH).status == status


def test_what_is_counted_after_midnight_belongs_to_the_new_day():
    # facts 2.3
    pusher = Pusher(app(daily_messages=2, client_events=True))
    sender, other = pusher.connect(), pusher.connect()
    sender.subscribe("private-c")
    other.subscribe("private-c")
    pusher.at = DAY
    sender.send("client-e", "d", channel="private-c")
    assert pusher.request("GET", PATH).status == 403
