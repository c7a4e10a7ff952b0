"""Close codes and the texts that go with them (facts 1.10)."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ABNORMAL_CLOSURE",
    "APP_DISABLED",
    "BAD_VERSION",
    "CLIENT_EVENT_RATE",
    "CONNECTION_UNAUTHORIZED",
    "INVALID_DATA",
    "MESSAGE_TOO_BIG",
    "NORMAL_CLOSURE",
    "NO_SUCH_APP",
    "OVER_CAPACITY",
    "OVER_CONNECTION_QUOTA",
    "PATH_NOT_FOUND",
    "PONG_NOT_RECEIVED",
    "PROTOCOL_ERROR",
    "PROTOCOL_MISSING",
    "RECONNECT_NOW",
    "TLS_REQUIRED",
    "UNSUPPORTED_DATA",
    "UNSUPPORTED_PROTOCOL",
    "WATCHLIST_TOO_LONG",
]

NORMAL_CLOSURE: Final = 1000  # RFC 6455, 7.4.1
PROTOCOL_ERROR: Final = 1002  # RFC 6455, 7.4.1
UNSUPPORTED_DATA: Final = 1003  # facts 8.4: what a binary frame gets
ABNORMAL_CLOSURE: Final = 1006  # RFC 6455, 7.4.1: no close frame came, and none is sent
INVALID_DATA: Final = 1007  # RFC 6455, 7.4.1: text that is not UTF-8
MESSAGE_TOO_BIG: Final = 1009  # RFC 6455, 7.4.1
TLS_REQUIRED: Final = 4000
NO_SUCH_APP: Final = 4001
APP_DISABLED: Final = 4003
OVER_CONNECTION_QUOTA: Final = 4004
PATH_NOT_FOUND: Final = 4005
BAD_VERSION: Final = 4006
UNSUPPORTED_PROTOCOL: Final = 4007
PROTOCOL_MISSING: Final = 4008
CONNECTION_UNAUTHORIZED: Final = 4009
OVER_CAPACITY: Final = 4100
RECONNECT_NOW: Final = 4200
PONG_NOT_RECEIVED: Final = 4201
CLIENT_EVENT_RATE: Final = 4301  # an event, never a close
WATCHLIST_TOO_LONG: Final = 4302  # an event, never a close
