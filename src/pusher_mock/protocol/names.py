"""Names: channels and their kinds, events, socket ids, users, and the connection URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote

from . import codes, limits, texts
from .errors import ProtocolViolation

__all__ = [
    "CHANNEL_KINDS",
    "CLIENT_PREFIX",
    "INTERNAL_PREFIX",
    "PUBLIC",
    "PUSHER_PREFIX",
    "RESERVED_PREFIX",
    "USER_CHANNEL_PREFIX",
    "ChannelKind",
    "Handshake",
    "channel_kind",
    "is_socket_id",
    "is_user_id",
    "is_valid_channel",
    "parse_handshake",
    "user_channel",
]

PUSHER_PREFIX: Final = "pusher:"
INTERNAL_PREFIX: Final = "pusher_internal:"
RESERVED_PREFIX: Final = "pusher"  # facts 2.2.11; I:pusher/pusher-http-ruby#142
CLIENT_PREFIX: Final = "client-"
USER_CHANNEL_PREFIX: Final = "#server-to-user-"  # facts 1.13.7

# facts 1.3: the alphabet; `\Z`, because `$` would let a trailing newline through
_CHANNEL_RE = re.compile(r"[A-Za-z0-9_\-=@,.;]+\Z")
_SOCKET_ID_RE = re.compile(r"[0-9]+\.[0-9]+\Z")  # facts 1.1.11
_APP_PATH_RE = re.compile(r"/app/([^/]+)\Z")  # facts 1.1.1
# The form of a good version is not established (facts 1.10, 4006). A "+" in a query is a space.
_VERSION_RE = re.compile(r"[0-9A-Za-z._+ \-]*\Z")


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """What the leading text of a channel's name means (facts 1.3).

    Attributes:
        prefix: the leading text; empty for a public channel.
        private: a signed authorization is needed to subscribe.
        presence: the channel has members.
        encrypted: data is opaque to the service.
        cache: the last event is kept and replayed.
        user: the channel belongs to one signed-in user.
    """

    prefix: str
    private: bool = False
    presence: bool = False
    encrypted: bool = False
    cache: bool = False
    user: bool = False

    @property
    def client_events(self) -> bool:
        """Whether the service relays client events on it (facts 1.9.3, 1.9.6)."""
        return self.private

    @property
    def counted(self) -> bool:
        """Whether subscription_count exists for it (facts 1.3)."""
        return not self.presence and not self.user


PUBLIC: Final = ChannelKind("")

# facts 1.3: longest prefix first
CHANNEL_KINDS: Final = (
    ChannelKind("private-encrypted-cache-", private=True, encrypted=True, cache=True),
    ChannelKind("private-encrypted-", private=True, encrypted=True),
    ChannelKind("private-cache-", private=True, cache=True),
    ChannelKind("presence-cache-", private=True, presence=True, cache=True),
    ChannelKind("private-", private=True),
    ChannelKind("presence-", private=True, presence=True),
    ChannelKind("cache-", cache=True),
    ChannelKind(USER_CHANNEL_PREFIX, user=True),
)


@lru_cache(maxsize=1024)
def channel_kind(name: str) -> ChannelKind:
    """Return the kind of a channel by its exact leading text (facts 1.3)."""
    for kind in CHANNEL_KINDS:
        if name.startswith(kind.prefix):
            return kind
    return PUBLIC


@lru_cache(maxsize=1024)
def is_valid_channel(name: str) -> bool:
    """Whether the service accepts this channel name: alphabet and length (facts 1.3)."""
    if len(name) > limits.MAX_CHANNEL_NAME:
        return False
    if name.startswith(USER_CHANNEL_PREFIX):
        name = name[len(USER_CHANNEL_PREFIX) :]
    return _CHANNEL_RE.match(name) is not None


def is_socket_id(text: str) -> bool:
    """Whether the text has the form that every SDK checks, ``123.456`` (facts 1.1.11)."""
    return _SOCKET_ID_RE.match(text) is not None


def is_user_id(text: str) -> bool:
    """Whether the text is a user id as sign-in takes it (facts 1.13.2, 2.5)."""
    return len(text) <= limits.SIGNIN_USER_ID and _CHANNEL_RE.match(text) is not None


def user_channel(user_id: str) -> str:
    """Return the name of the channel that carries events to one user (facts 2.2.9)."""
    return USER_CHANNEL_PREFIX + user_id


# facts 1.1.5: every spelling that is served
_PROTOCOLS: Final = {str(n): n for n in range(limits.MIN_PROTOCOL, limits.MAX_PROTOCOL + 1)}


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a connection URL asks for (facts 1.1)."""

    key: str
    protocol: int
    client: str = ""
    version: str = ""


@lru_cache(maxsize=256)  # every client of one SDK asks for the same
def parse_handshake(target: str) -> Handshake:
    """Read the path and query of a connection request.

    Args:
        target: the request target, ``/app/KEY?protocol=7&client=js&version=8.6.0``. The order
            of the parameters does not matter and unknown ones are ignored (facts 1.1.3, 1.1.4).

    Raises:
        ProtocolViolation: fatal, with 4005, 4006, 4007 or 4008 (facts 1.1.5, 1.1.6, 1.10).
    """
    path, _, query = target.partition("?")
    match = _APP_PATH_RE.match(path)
    if match is None:
        raise ProtocolViolation(
            texts.PATH_NOT_FOUND,
            code=codes.PATH_NOT_FOUND,
            fatal=True,
            hint=f"connect to /app/KEY, not to {path!r}",
        )
    given = dict(parse_qsl(query, keep_blank_values=True))
    protocol = given.get("protocol", "")
    if not protocol:
        raise ProtocolViolation(
            texts.PROTOCOL_MISSING,
            code=codes.PROTOCOL_MISSING,
            fatal=True,
            hint="add protocol=7 to the query of the connection URL",
        )
    number = _PROTOCOLS.get(protocol)
    if number is None:
        raise ProtocolViolation(
            texts.PROTOCOL_UNSUPPORTED, code=codes.UNSUPPORTED_PROTOCOL, fatal=True
        )
    version = given.get("version", "")
    if _VERSION_RE.match(version) is None:
        raise ProtocolViolation(texts.BAD_VERSION, code=codes.BAD_VERSION, fatal=True)
    return Handshake(unquote(match[1]), number, given.get("client", ""), version)
