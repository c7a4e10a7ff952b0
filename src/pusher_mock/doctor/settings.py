"""What a variable is for, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["is_kin", "is_pushers", "kind_of"]

# The first that fits counts, so the longer words come first.
_WORDS: Final = (
    (re.compile(r"\AUSE_MOCKS\Z"), "use_mocks"),
    (re.compile(r"ENCRYPTION.*KEY"), "encryption_master_key_base64"),
    (re.compile(r"APP_?ID\Z|(?:\A|_)ID\Z"), "app_id"),
    (re.compile(r"SECRET"), "secret"),
    (re.compile(r"(?:\A|_)(?:APP_?)?KEY\Z|APPKEY\Z"), "key"),
    (re.compile(r"CLUSTER"), "cluster"),
    (re.compile(r"(?:\A|_)WS_?HOST\Z"), "ws_host"),
    (re.compile(r"(?:\A|_)WSS?_?PORT\Z"), "ws_port"),
    (re.compile(r"HOST(?:NAME)?\Z"), "host"),
    (re.compile(r"PORT\Z"), "port"),
    (re.compile(r"(?:\A|_)(?:SSL|TLS|SECURE|SCHEME|USE_?TLS|FORCE_?TLS)\Z"), "ssl"),
    (re.compile(r"TIMEOUT"), "timeout"),
    (re.compile(r"AUTH_?(?:ENDPOINT|URL)\Z"), "auth_endpoint"),
    (re.compile(r"BACKEND"), "backend"),
    (re.compile(r"MOCK_URL\Z"), "mock_url"),
    (re.compile(r"URL\Z"), "url"),
)
_KIN: Final = re.compile(r"(?:\A|_)(?:WSS?|WEBSOCKETS?|SOKETI|REVERB|REALTIME|CHANNELS?)_")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_pushers(name: str) -> bool:
    """Whether a variable's name says that it is Pusher's."""
    lower = name.lower()
    return "pusher" in lower or lower == "use_mocks"


def is_kin(name: str) -> bool:
    """Whether a name may be Pusher's where Pusher is spoken of: ``WEBSOCKET_APP_KEY``."""
    return bool(_KIN.search(name.upper()))


def kind_of(name: str, spellings: Mapping[str, Sequence[str]] | None = None) -> str | None:
    """What a variable is for.

    Args:
        name: such as ``PUSHER_APP_KEY`` or ``pusherAppKey``.
        spellings: names that are known, by kind; they go before words in the name.

    Returns:
        A parameter of the SDK, or ``None``.
    """
    for kind, names in (spellings or {}).items():
        if name in names:
            return kind
    upper = _CAMEL.sub("_", name).upper().replace("-", "_")
    for pattern, kind in _WORDS:
        if pattern.search(upper):
            return kind
    return None
