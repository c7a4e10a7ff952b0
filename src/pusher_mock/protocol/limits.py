"""Every limit, delay and window of Pusher Channels, each with the line that it comes from.

Times are milliseconds unless the name says seconds; sizes are bytes of UTF-8.
"facts" is ``docs/reference/pusher-facts.md``, by line.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "ACTIVITY_TIMEOUT_SECONDS",
    "AUTHORIZATION_TIMEOUT",
    "AUTH_TIMESTAMP_WINDOW_SECONDS",
    "AUTH_VERSION",
    "CACHE_TTL",
    "CLIENT_EVENT_WINDOW",
    "DAY",
    "DEFAULT_HISTORY",
    "DEFAULT_JOURNAL",
    "IDLE_TIMEOUT",
    "JOURNAL_BODY",
    "JOURNAL_RECIPIENTS",
    "MAX_BATCH_EVENTS",
    "MAX_CHANNELS_PER_EVENT",
    "MAX_CHANNEL_NAME",
    "MAX_CLIENT_EVENTS",
    "MAX_CLOSE_REASON",
    "MAX_EVENT_DATA",
    "MAX_EVENT_NAME",
    "MAX_JSON_DEPTH",
    "MAX_NAMES",
    "MAX_PRESENCE_MEMBERS",
    "MAX_PROTOCOL",
    "MAX_SUBSCRIPTIONS",
    "MAX_USER_ID",
    "MAX_USER_OBJECT",
    "MAX_WATCHLIST",
    "MIN_PROTOCOL",
    "PONG_TIMEOUT",
    "SIGNIN_USER_ID",
    "SUBSCRIPTION_COUNT_INTERVAL",
    "SUBSCRIPTION_COUNT_THROTTLE_ABOVE",
    "WEBHOOK_BATCH_EVENTS",
    "WEBHOOK_BATCH_WINDOW",
    "WEBHOOK_LEAVE_DELAY",
]

MIN_PROTOCOL: Final = 4  # facts 1.1.5
MAX_PROTOCOL: Final = 7  # facts 1.1.5
ACTIVITY_TIMEOUT_SECONDS: Final = 120  # facts 1.1.12
IDLE_TIMEOUT: Final = 60_000  # facts 1.12.3
PONG_TIMEOUT: Final = 15_000  # facts 1.12.3
AUTHORIZATION_TIMEOUT: Final = 30_000  # facts 1.13.13

MAX_CHANNEL_NAME: Final = 164  # facts 1.3, 2.5: the service; SDKs let 200 through
MAX_EVENT_NAME: Final = 200  # facts 2.5
MAX_EVENT_DATA: Final = 10_240  # facts 2.5
MAX_CHANNELS_PER_EVENT: Final = 100  # facts 2.5
MAX_BATCH_EVENTS: Final = 10  # facts 2.5

MAX_PRESENCE_MEMBERS: Final = 100  # facts 1.6.7: distinct users
MAX_USER_OBJECT: Final = 1_024  # facts 1.6.7
MAX_USER_ID: Final = 128  # facts 1.6.7
SIGNIN_USER_ID: Final = 200  # facts 2.5: what the SDKs accept for a sign-in
MAX_WATCHLIST: Final = 100  # facts 1.13.5

MAX_CLIENT_EVENTS: Final = 10  # facts 1.9.7: per connection and window
CLIENT_EVENT_WINDOW: Final = 1_000  # facts 1.9.7

CACHE_TTL: Final = 1_800_000  # facts 1.7.4
SUBSCRIPTION_COUNT_THROTTLE_ABOVE: Final = 100  # facts 1.8.2
SUBSCRIPTION_COUNT_INTERVAL: Final = 5_000  # facts 1.8.2

AUTH_VERSION: Final = "1.0"  # facts 2.4
AUTH_TIMESTAMP_WINDOW_SECONDS: Final = 600  # facts 2.4

WEBHOOK_LEAVE_DELAY: Final = 3_000  # facts 3.2: vacated and removed
WEBHOOK_BATCH_WINDOW: Final = 250  # facts 3.1.4
WEBHOOK_BATCH_EVENTS: Final = 20  # facts 3.1.4

DAY: Final = 86_400_000  # facts 2.3: the daily message quota
MAX_CLOSE_REASON: Final = 123  # RFC 6455, 5.5: bytes of a close frame besides the code
MAX_JSON_DEPTH: Final = 100  # the mock's own: a deeper message is refused as unreadable
DEFAULT_JOURNAL: Final = 5_000  # inputs kept per mock, the mock's own default
MAX_SUBSCRIPTIONS: Final = 10_000  # per connection, the mock's own: what one client may take
JOURNAL_RECIPIENTS: Final = 1_000  # named per fan-out; with churn every fan-out has its own list
JOURNAL_BODY: Final = 20_000  # bytes of a refused request; of a longer one the beginning is kept
MAX_NAMES: Final = 10_000  # channels remembered per app when nobody is on them, the mock's own
DEFAULT_HISTORY: Final = 100  # messages kept per channel, the mock's own default
