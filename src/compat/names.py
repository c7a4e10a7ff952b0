"""The names under which settings are found in the wild, and the values the mock stands on.

Only tables: the switch compares the environment against them at every attribute access, so this
module must not need pydantic.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = [
    "FALSE_WORDS",
    "FRONTEND_PREFIX",
    "LABELS",
    "MOCK_DEFAULTS",
    "MOCK_URL_FORM",
    "NUMERIC_APP_ID",
    "REQUIRED",
    "SCHEME",
    "SCHEMES",
    "SPELLINGS",
    "TRUE_WORDS",
    "URL",
    "URL_FORM",
    "VARIABLES",
]

SCHEME: Final = "PUSHER_SCHEME"
"""The spelling of ``ssl`` that is no boolean but one of `SCHEMES`."""

SCHEMES: Final[Mapping[str, bool]] = MappingProxyType({"https": True, "http": False})
"""Values of `SCHEME`, and schemes of `URL`, and whether they mean TLS."""

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "use_mocks": ("USE_MOCKS",),
        "use_mocks_without_debug": ("USE_MOCKS_WITHOUT_DEBUG",),
        "app_id": ("PUSHER_APP_ID", "PUSHER_APPID"),
        "key": ("PUSHER_KEY", "PUSHER_APP_KEY", "NEXT_PUBLIC_PUSHER_KEY"),
        "secret": ("PUSHER_SECRET", "PUSHER_APP_SECRET"),
        "cluster": ("PUSHER_CLUSTER", "PUSHER_APP_CLUSTER", "NEXT_PUBLIC_PUSHER_CLUSTER"),
        "host": ("PUSHER_HOST",),
        "port": ("PUSHER_PORT",),
        "ssl": ("PUSHER_SSL", SCHEME),
        "timeout": ("PUSHER_TIMEOUT",),
        "encryption_master_key_base64": ("PUSHER_ENCRYPTION_MASTER_KEY_BASE64",),
        "auth_endpoint": ("PUSHER_AUTH_ENDPOINT",),
        "ws_host": ("PUSHER_WS_HOST",),
        "ws_port": ("PUSHER_WS_PORT",),
        "mock_url": ("PUSHER_MOCK_URL",),
        "mock_allowed_host": ("PUSHER_MOCK_ALLOWED_HOST",),
    }
)
"""Field of `compat.settings.PusherSettings` to its variables, the preferred one first.

Source: facts/sdk-integration 3.3 item 5, seeds/pusher-mock.md "Environment Variables".
"""

URL: Final = "PUSHER_URL"
"""The variable that holds everything at once (the SDK's ``Pusher.from_env``)."""

URL_FORM: Final = "http(s)://KEY:SECRET@HOST[:PORT]/apps/APP_ID"
"""What `URL` must look like; the port is our addition (facts 5.1, ``from_url``)."""

MOCK_URL_FORM: Final = "http(s)://HOST[:PORT]"
"""What ``PUSHER_MOCK_URL`` must look like."""

VARIABLES: Final[tuple[str, ...]] = (
    *(name for spellings in SPELLINGS.values() for name in spellings),
    URL,
)
"""Every environment variable that can change what the switch hands out."""

FRONTEND_PREFIX: Final = "NEXT_PUBLIC_"
"""Variables meant for the browser bundle. The server reads them last, wherever they stand."""

REQUIRED: Final[tuple[str, ...]] = ("app_id", "key", "secret")
"""Fields without which the real SDK cannot be built."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {"app_id": "app id", "key": "key", "secret": "secret"}
)
"""The words for `REQUIRED` in an error text."""

MOCK_DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "app_id": "mock-app-id",
        "key": "mock-pusher-key",
        "secret": "mock-pusher-secret",
        "cluster": "mock-cluster",
    }
)
"""What stands in for a missing value while mocks are on (seeds/pusher-mock.md)."""

NUMERIC_APP_ID: Final = "1"
"""What the mock's default app answers to as well: the SDKs take nothing but digits (facts 5.1)."""

TRUE_WORDS: Final = frozenset({"1", "true", "yes", "on"})
"""Accepted spellings of true, in any case."""

FALSE_WORDS: Final = frozenset({"0", "false", "no", "off"})
"""Accepted spellings of false, in any case."""
