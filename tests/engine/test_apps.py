"""What an app is by default, and what it refuses to be."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pusher_mock.engine import WEBHOOK_EVENTS, App, AppKey, Webhook
from pusher_mock.protocol import UsageError

DEFAULTS = {
    "aliases": (),
    "keys": (),
    "client_events": False,  # facts 1.9.1
    "subscription_count": False,  # facts 1.3
    "watchlist": False,  # facts 1.13.6
    "authorized_connections": False,  # facts 1.13.13
    "authorization_timeout": 30_000,  # facts 1.13.13
    "enabled": True,
    "tls_only": False,
    "max_connections": None,
    "daily_messages": None,
    "cache_ttl": 1_800_000,  # facts 1.7.4
    "webhooks": (),
    "webhook_batching": False,  # facts 3.1.4
}


@pytest.mark.parametrize(("switch", "value"), DEFAULTS.items())
def test_every_switch_has_the_default_of_the_service(switch: str, value: object):
    assert getattr(App("1", "k", "s"), switch) == value


def test_sequences_become_tuples():
    lists: dict[str, Any] = {
        "aliases": ["2"],
        "keys": [AppKey("k2", "s2")],
        "webhooks": [Webhook("https://app.test")],
    }
    app = App("1", "k", "s", **lists)
    assert app.aliases == ("2",)
    assert app.keys == (AppKey("k2", "s2"),)
    assert app.webhooks == (Webhook("https://app.test"),)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"id": ""}, "id=.*non-empty string"),
        ({"id": 1}, "id=.*non-empty string"),
        ({"key": ""}, "key=.*non-empty string"),
        ({"key": None}, "key=.*non-empty string"),
        ({"authorization_timeout": 0}, "authorization_timeout=.*milliseconds above 0"),
        ({"cache_ttl": -1}, "cache_ttl=.*milliseconds above 0"),
        ({"max_connections": -1}, "max_connections=.*from 0 or None"),
        ({"daily_messages": -1}, "daily_messages=.*from 0 or None"),
    ],
)
def test_what_is_refused(wrong: dict[str, Any], text: str):
    with pytest.raises(UsageError, match=text):
        App(**({"id": "1", "key": "k", "secret": "s"} | wrong))


def test_the_smallest_that_are_taken():
    app = App(
        *("1", "k", "s"),
        authorization_timeout=1,
        cache_ttl=1,
        max_connections=0,
        daily_messages=0,
    )
    assert (app.cache_ttl, app.max_connections) == (1, 0)


@pytest.mark.parametrize(
    "value",
    [App("1", "k", "s"), AppKey("k", "s"), Webhook("https://app.test")],
    ids=["App", "AppKey", "Webhook"],
)
def test_apps_are_frozen_values(value: App | AppKey | Webhook):
    assert dataclasses.replace(value) == value
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, None)


def test_webhook_events():
    # facts 3.2
    assert {
        "channel_occupied",
        "channel_vacated",
        "member_added",
        "member_removed",
        "client_event",
        "cache_miss",
        "subscription_count",
    } == WEBHOOK_EVENTS
    assert Webhook("https://app.test").events == WEBHOOK_EVENTS
    listed: Any = ["cache_miss"]
    assert Webhook("https://app.test", listed).events == {"cache_miss"}


def test_an_unknown_webhook_event_is_named():
    with pytest.raises(UsageError, match="unknown webhook events a, b; there are cache_miss, "):
        Webhook("https://app.test", frozenset({"b", "a", "cache_miss"}))


def test_a_secret_is_not_shown():
    assert repr(App("1", "k", "top-secret")) == "<App 1 key=k>"
    assert repr(AppKey("k", "top-secret")) == "AppKey(key='k', active=True)"
