"""The texts a peer is told, each with its line in the facts.

Texts seen on the real service are kept to the letter. Where the facts say "not established",
the words are the project's own; the comment says so.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "APP_DISABLED",
    "ATTRIBUTE_NOT_HERE",
    "AUTH_FORMAT",
    "AUTH_KEY_REQUIRED",
    "AUTH_TIMEOUT",
    "BAD_BODY",
    "BAD_CHANNEL_NAME",
    "BAD_VERSION",
    "BINARY_FRAME",
    "BODY_MD5",
    "BODY_TOO_LARGE",
    "CLIENT_EVENTS_OFF",
    "CLIENT_EVENT_CHANNEL",
    "CLIENT_EVENT_NAME",
    "CLIENT_EVENT_RATE",
    "CLIENT_EVENT_SHAPE",
    "CLIENT_EVENT_SIZE",
    "CLIENT_NOT_SUBSCRIBED",
    "DATA_NOT_STRING",
    "DATA_TOO_LARGE",
    "DUPLICATE_SUBSCRIPTION",
    "EXPECTED_CHANNEL",
    "EXPECTED_HASH",
    "EXPECTED_NAME",
    "EXTRANEOUS",
    "FOREIGN_USER_CHANNEL",
    "HEAD_TOO_LARGE",
    "INVALID_JSON",
    "INVALID_KEY",
    "INVALID_SIGNATURE",
    "METHOD_NOT_ALLOWED",
    "MISSING_CHANNEL",
    "MISSING_EVENT",
    "MISSING_USER",
    "NOT_FOR_PAGES",
    "NOT_FOUND",
    "NOT_SUBSCRIBED",
    "NO_SUCH_APP",
    "OVER_CAPACITY",
    "OVER_CONNECTION_QUOTA",
    "OVER_MESSAGE_QUOTA",
    "PATH_NOT_FOUND",
    "PONG_NOT_RECEIVED",
    "PRESENCE_DATA",
    "PRESENCE_FULL",
    "PROTOCOL_MISSING",
    "PROTOCOL_UNSUPPORTED",
    "RECONNECT_NOW",
    "RESERVED_NAME",
    "RESET",
    "SIGNED_IN_AS_ANOTHER",
    "SLOW_READER",
    "TERMINATED",
    "TIMESTAMP_EXPIRED",
    "TIMESTAMP_REQUIRED",
    "TLS_REQUIRED",
    "TOKEN_FOREIGN",
    "TOO_MANY_CHANNELS",
    "TOO_MANY_EVENTS",
    "TOO_MANY_SUBSCRIPTIONS",
    "UNKNOWN_ATTRIBUTE",
    "UNKNOWN_KEY",
    "UNSUPPORTED_EVENT",
    "USERS_NEEDS_PRESENCE",
    "USER_COUNT_NEEDS_PREFIX",
    "USER_COUNT_NEEDS_PRESENCE",
    "USER_ID_INVALID",
    "USER_INFO_NOT_HASH",
    "USER_OBJECT_INVALID",
    "VERSION_NOT_SUPPORTED",
    "VERSION_REQUIRED",
    "WATCHLIST_TOO_LONG",
    "WRONG_SIGNATURE",
]

# Connections: before the handshake is done -------------------------------------------------
NO_SUCH_APP: Final = (
    "App key {key} not in this cluster. Did you forget to specify the cluster?"  # facts 1.10
)
PATH_NOT_FOUND: Final = "Path not found"  # facts 1.1.6
PROTOCOL_MISSING: Final = "No protocol version was given"  # own words; facts 8.1
PROTOCOL_UNSUPPORTED: Final = "Unsupported protocol version"  # facts 1.10
BAD_VERSION: Final = "Invalid version string format"  # own words; facts 8.1
APP_DISABLED: Final = "Application disabled"  # own words; facts 8.1
OVER_CONNECTION_QUOTA: Final = "Account over quota"  # facts 1.10
OVER_CAPACITY: Final = "Over capacity"  # own words; facts 8.1
TLS_REQUIRED: Final = "App is encrypted (SSL only)"  # facts 1.10

# Connections: while open -------------------------------------------------------------------
PONG_NOT_RECEIVED: Final = "Pong reply not received"  # facts 1.10
RECONNECT_NOW: Final = "Please reconnect immediately"  # facts 1.10
SLOW_READER: Final = "Messages are not read fast enough"  # the mock's own
AUTH_TIMEOUT: Final = "Connection not authorized within timeout"  # facts 1.10
RESET: Final = "The mock was reset"  # the mock's own; no service does this
TERMINATED: Final = "Connection terminated by the application"  # own words; facts 8.1
INVALID_JSON: Final = "Invalid message: not a JSON object"  # own words; facts 8.4
MISSING_EVENT: Final = "Invalid message: event must be a string"  # own words; facts 8.4
BINARY_FRAME: Final = "Binary messages are not supported"  # own words; facts 8.4
UNSUPPORTED_EVENT: Final = "Unsupported event received on socket: {event}"  # facts 1.8.6
EXPECTED_HASH: Final = "Expected parameter data to be a hash"  # facts 1.8.7
MISSING_CHANNEL: Final = "Missing parameter: data.channel"  # facts 1.4.13
MISSING_USER: Final = "Missing parameter: data.user"  # facts 1.13.4
DUPLICATE_SUBSCRIPTION: Final = "Existing subscription to channel {channel}"  # facts 1.4.12
TOO_MANY_SUBSCRIPTIONS: Final = "Too many subscriptions (over {limit})"  # the mock's own
NOT_SUBSCRIBED: Final = (  # facts 1.8.5
    "No current subscription to channel {channel}, or subscription in progress"
)
BAD_CHANNEL_NAME: Final = "Invalid channel name: {channel}"  # own words; facts 8.5
FOREIGN_USER_CHANNEL: Final = (  # own words; facts 8.5
    "Cannot subscribe to {channel}: the connection is not signed in as that user"
)
AUTH_FORMAT: Final = "Invalid format: auth must have the format key:signature"  # facts 1.4.10
INVALID_KEY: Final = "Invalid key in subscription auth data: '{key}'"  # facts 1.4.8
INVALID_SIGNATURE: Final = (  # facts 1.4.9
    "Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got {given}"
)
PRESENCE_DATA: Final = (  # facts 1.4.6
    "{channel} is a presence channel and subscription must include channel_data"
)
PRESENCE_FULL: Final = "Presence channel {channel} is full"  # own words; facts 8.3
USER_ID_INVALID: Final = "Invalid user id: {reason}"  # own words; facts 8.3
USER_INFO_NOT_HASH: Final = (  # facts 1.6.9
    "user_info supplied to presence subscription is invalid - if supplied it must be a type of hash"
)
USER_OBJECT_INVALID: Final = "Invalid user data: {reason}"  # own words; facts 8.3
SIGNED_IN_AS_ANOTHER: Final = (  # own words; facts 1.13.3
    "Connection already signed in with a different user id"
)
WATCHLIST_TOO_LONG: Final = (  # own words; facts 1.13.5
    "Watchlist limit exceeded: only the first {limit} user ids were accepted: {accepted}"
)
CLIENT_EVENTS_OFF: Final = (  # facts 1.9.1
    "To send client events, you must enable this feature in the Settings page of your dashboard."
)
CLIENT_NOT_SUBSCRIBED: Final = (  # facts 1.9.2
    "Cannot broadcast client event (connection not subscribed to channel {channel})"
)
CLIENT_EVENT_CHANNEL: Final = (  # facts 1.9.3
    "Client event rejected - only supported on private and presence channels"
)
CLIENT_EVENT_SHAPE: Final = (  # facts 1.9.4
    "Invalid client event (must contain channel and data)"
)
CLIENT_EVENT_RATE: Final = (  # facts 1.9.7
    "The rate limit for sending client events exceeded the quota."
)
CLIENT_EVENT_SIZE: Final = (  # own words; facts 8.2
    "Client event rejected - data exceeds the allowed maximum ({limit} bytes)"
)
CLIENT_EVENT_NAME: Final = (  # own words; facts 8.2
    "Client event rejected - event name exceeds the allowed maximum ({limit} characters)"
)

# HTTP: facts 2.3; every body ends with a newline, added where the response is built ----------
NOT_FOUND: Final = "404 NOT FOUND"
METHOD_NOT_ALLOWED: Final = "405 METHOD NOT ALLOWED"  # facts 8.14
EXPECTED_NAME: Final = "Expected name parameter to be a string"
EXPECTED_CHANNEL: Final = "Expected at least one channel"
UNKNOWN_KEY: Final = "Unknown auth_key"
EXTRANEOUS: Final = "The following query string parameters are extraneous: {names}"
USER_COUNT_NEEDS_PREFIX: Final = (
    "user_count may only be requested for presence channels - "
    "please supply filter_by_prefix beginning with presence-"
)
USER_COUNT_NEEDS_PRESENCE: Final = (
    "Cannot retrieve the user count unless the channel is a presence channel"
)
TOKEN_FOREIGN: Final = "Token validated, but invalid for app {app_id}"
TIMESTAMP_EXPIRED: Final = (
    "Timestamp expired: Given timestamp ({given}) not within {window}s of server time ({now})"
)
WRONG_SIGNATURE: Final = (
    "Invalid signature: you should have sent HmacSHA256Hex({signed}, your_secret_key)"
    ", but you sent {given}"
)
AUTH_KEY_REQUIRED: Final = "Authentication key required"
VERSION_REQUIRED: Final = "Version required"
VERSION_NOT_SUPPORTED: Final = "Version not supported"
TIMESTAMP_REQUIRED: Final = "Timestamp required"
OVER_MESSAGE_QUOTA: Final = "API call failed since (daily) message quota exceeded"
DATA_TOO_LARGE: Final = (
    "The data content of this event exceeds the allowed maximum ({limit} bytes). "
    # facts 2.3
    "See https://pusher.com/docs/channels/server_api/http-api#publishing-events for more info"
)
RESERVED_NAME: Final = (  # facts 2.2.14
    "The 'pusher' namespace is reserved for internal usage"
)
# The rest of the HTTP texts are not established (facts 2.3, 8.14): own words.
BODY_MD5: Final = "Invalid body_md5: expected {expected}, but got {given}"
NOT_FOR_PAGES: Final = (  # the mock's own
    "Not for web pages: applications publish, from this machine or to the server's own name"
)
HEAD_TOO_LARGE: Final = "The head of the request is too long"
BODY_TOO_LARGE: Final = "Request body exceeds the allowed maximum ({limit} bytes)"
BAD_BODY: Final = "Invalid body: {reason}"
DATA_NOT_STRING: Final = "Expected data parameter to be a string"
TOO_MANY_CHANNELS: Final = "Cannot publish to more than {limit} channels in one request"
TOO_MANY_EVENTS: Final = "Cannot publish more than {limit} events in one batch"
UNKNOWN_ATTRIBUTE: Final = "Cannot retrieve {attribute} here; the info parameter takes {allowed}"
ATTRIBUTE_NOT_HERE: Final = "Cannot retrieve {attribute} for the channel {channel}"
USERS_NEEDS_PRESENCE: Final = "Users can only be retrieved for presence channels"
