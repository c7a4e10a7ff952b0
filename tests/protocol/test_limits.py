"""Limits, delays and windows are those of the facts."""

from __future__ import annotations

import pytest

from pusher_mock.protocol import limits

TABLE = {
    "MIN_PROTOCOL": 4,  # facts 1.1.5
    "MAX_PROTOCOL": 7,  # facts 1.1.5
    "ACTIVITY_TIMEOUT_SECONDS": 120,  # facts 1.1.12
    "IDLE_TIMEOUT": 60_000,  # facts 1.12.3
    "PONG_TIMEOUT": 15_000,  # facts 1.12.3
    "AUTHORIZATION_TIMEOUT": 30_000,  # facts 1.13.13
    "MAX_CHANNEL_NAME": 164,  # facts 1.3
    "MAX_EVENT_NAME": 200,  # facts 2.5
    "MAX_EVENT_DATA": 10_240,  # facts 2.5
    "MAX_CHANNELS_PER_EVENT": 100,  # facts 2.5
    "MAX_BATCH_EVENTS": 10,  # facts 2.5
    "MAX_PRESENCE_MEMBERS": 100,  # facts 1.6.7
    "MAX_USER_OBJECT": 1_024,  # facts 1.6.7
    "MAX_USER_ID": 128,  # facts 1.6.7
    "SIGNIN_USER_ID": 200,  # facts 2.5
    "MAX_WATCHLIST": 100,  # facts 1.13.5
    "MAX_CLIENT_EVENTS": 10,  # facts 1.9.7
    "CLIENT_EVENT_WINDOW": 1_000,  # facts 1.9.7
    "CACHE_TTL": 1_800_000,  # facts 1.7.4
    "SUBSCRIPTION_COUNT_THROTTLE_ABOVE": 100,  # facts 1.8.2
    "SUBSCRIPTION_COUNT_INTERVAL": 5_000,  # facts 1.8.2
    "AUTH_VERSION": "1.0",  # facts 2.4.1
    "AUTH_TIMESTAMP_WINDOW_SECONDS": 600,  # facts 2.4.5
    "WEBHOOK_LEAVE_DELAY": 3_000,  # facts 3.2
    "WEBHOOK_BATCH_WINDOW": 250,  # facts 3.1.4
    "WEBHOOK_BATCH_EVENTS": 20,  # facts 3.1.4
    "DAY": 86_400_000,
    "MAX_CLOSE_REASON": 123,  # RFC 6455, 5.5
    "MAX_JSON_DEPTH": 100,
    "JOURNAL_RECIPIENTS": 1_000,
    "JOURNAL_BODY": 20_000,
    "MAX_NAMES": 10_000,
    "MAX_SUBSCRIPTIONS": 10_000,
    "DEFAULT_HISTORY": 100,
    "DEFAULT_JOURNAL": 5_000,
}


@pytest.mark.parametrize(("name", "value"), TABLE.items())
def test_limits(name: str, value: object):
    assert getattr(limits, name) == value


def test_the_table_is_complete():
    assert set(limits.__all__) == set(TABLE)
