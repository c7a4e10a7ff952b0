"""Texts that were seen on the real service are kept to the letter (facts 1.10, 2.3 and others)."""

from __future__ import annotations

import string

import pytest

from pusher_mock.protocol import texts

# Every text that the facts grade W, D or S, or whose wording they recommend.
SEEN = {
    # facts 1.10
    "NO_SUCH_APP": ("App key {key} not in this cluster. Did you forget to specify the cluster?"),
    "OVER_CONNECTION_QUOTA": "Account over quota",
    "PATH_NOT_FOUND": "Path not found",
    "PROTOCOL_UNSUPPORTED": "Unsupported protocol version",
    "AUTH_TIMEOUT": "Connection not authorized within timeout",
    "PONG_NOT_RECEIVED": "Pong reply not received",
    # I:pusher-community/pusher-websocket-ruby#1
    "TLS_REQUIRED": "App is encrypted (SSL only)",
    # facts 1.4
    "PRESENCE_DATA": "{channel} is a presence channel and subscription must include channel_data",
    "INVALID_KEY": "Invalid key in subscription auth data: '{key}'",
    "INVALID_SIGNATURE": (
        "Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got {given}"
    ),
    "AUTH_FORMAT": "Invalid format: auth must have the format key:signature",
    "DUPLICATE_SUBSCRIPTION": "Existing subscription to channel {channel}",
    "MISSING_CHANNEL": "Missing parameter: data.channel",
    # I:pusher/pusher-http-php#32
    "USER_INFO_NOT_HASH": (
        "user_info supplied to presence subscription is invalid"
        " - if supplied it must be a type of hash"
    ),
    # facts 1.8
    "NOT_SUBSCRIBED": "No current subscription to channel {channel}, or subscription in progress",
    "UNSUPPORTED_EVENT": "Unsupported event received on socket: {event}",
    "EXPECTED_HASH": "Expected parameter data to be a hash",
    # facts 1.9
    "CLIENT_EVENTS_OFF": (
        "To send client events, you must enable this feature in the Settings page of your"
        " dashboard."
    ),
    "CLIENT_NOT_SUBSCRIBED": (
        "Cannot broadcast client event (connection not subscribed to channel {channel})"
    ),
    "CLIENT_EVENT_CHANNEL": (
        "Client event rejected - only supported on private and presence channels"
    ),
    "CLIENT_EVENT_SHAPE": "Invalid client event (must contain channel and data)",
    "CLIENT_EVENT_RATE": "The rate limit for sending client events exceeded the quota.",
    # facts 1.13.4
    "MISSING_USER": "Missing parameter: data.user",
    # facts 2.3
    "EXPECTED_NAME": "Expected name parameter to be a string",
    "EXPECTED_CHANNEL": "Expected at least one channel",
    "UNKNOWN_KEY": "Unknown auth_key",
    "EXTRANEOUS": "The following query string parameters are extraneous: {names}",
    "USER_COUNT_NEEDS_PREFIX": (
        "user_count may only be requested for presence channels - please supply"
        " filter_by_prefix beginning with presence-"
    ),
    "USER_COUNT_NEEDS_PRESENCE": (
        "Cannot retrieve the user count unless the channel is a presence channel"
    ),
    "TOKEN_FOREIGN": "Token validated, but invalid for app {app_id}",
    "TIMESTAMP_EXPIRED": (
        "Timestamp expired: Given timestamp ({given}) not within {window}s of server time ({now})"
    ),
    "WRONG_SIGNATURE": (
        "Invalid signature: you should have sent HmacSHA256Hex({signed}, your_secret_key),"
        " but you sent {given}"
    ),
    "AUTH_KEY_REQUIRED": "Authentication key required",
    "VERSION_REQUIRED": "Version required",
    "VERSION_NOT_SUPPORTED": "Version not supported",
    "TIMESTAMP_REQUIRED": "Timestamp required",
    "OVER_MESSAGE_QUOTA": "API call failed since (daily) message quota exceeded",
    "NOT_FOUND": "404 NOT FOUND",
    "METHOD_NOT_ALLOWED": "405 METHOD NOT ALLOWED",
    # I:pusher/pusher-http-ruby#142
    "RESERVED_NAME": "The 'pusher' namespace is reserved for internal usage",
    # facts 2.3; the tail: I:ProcessMaker/processmaker#2857
    "DATA_TOO_LARGE": (
        "The data content of this event exceeds the allowed maximum ({limit} bytes). See"
        " https://pusher.com/docs/channels/server_api/http-api#publishing-events for more info"
    ),
}


@pytest.mark.parametrize(("name", "text"), SEEN.items())
def test_texts_seen_on_the_service(name: str, text: str):
    assert getattr(texts, name) == text


@pytest.mark.parametrize("name", texts.__all__)
def test_every_text_is_one_line_with_named_fields(name: str):
    text = getattr(texts, name)
    assert text
    assert "\n" not in text
    for _, field, _, _ in string.Formatter().parse(text):
        assert field is None or field.isidentifier()
