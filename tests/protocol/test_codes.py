"""Close codes mean what facts 1.10 says, and their ranges tell clients what to do."""

from __future__ import annotations

import pytest

from pusher_mock.protocol import codes

# facts 1.10
TABLE = {
    "TLS_REQUIRED": 4000,
    "NO_SUCH_APP": 4001,
    "APP_DISABLED": 4003,
    "OVER_CONNECTION_QUOTA": 4004,
    "PATH_NOT_FOUND": 4005,
    "BAD_VERSION": 4006,
    "UNSUPPORTED_PROTOCOL": 4007,
    "PROTOCOL_MISSING": 4008,
    "CONNECTION_UNAUTHORIZED": 4009,
    "OVER_CAPACITY": 4100,
    "RECONNECT_NOW": 4200,
    "PONG_NOT_RECEIVED": 4201,
    "CLIENT_EVENT_RATE": 4301,
    "WATCHLIST_TOO_LONG": 4302,
    "UNSUPPORTED_DATA": 1003,  # facts 8.4
    "NORMAL_CLOSURE": 1000,
    # RFC 6455, section 7.4
    "PROTOCOL_ERROR": 1002,
    "ABNORMAL_CLOSURE": 1006,
    "INVALID_DATA": 1007,
    "MESSAGE_TOO_BIG": 1009,
}


@pytest.mark.parametrize(("name", "code"), TABLE.items())
def test_codes(name: str, code: int):
    assert getattr(codes, name) == code


def test_the_table_is_complete():
    assert set(codes.__all__) == set(TABLE)


def test_there_is_no_4002():
    # facts 1.10
    assert 4002 not in TABLE.values()
