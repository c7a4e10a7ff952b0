"""What every framework's authorization and webhook views share: read the form, sign, refuse.

A web framework only translates: its request to a form, and an `Answer` to its response.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from compat.accessor import get_pusher_server
from compat.errors import ConfigurationError
from compat.names import SPELLINGS
from compat.state import current

__all__ = [
    "Answer",
    "BadRequest",
    "ChannelRequest",
    "Permission",
    "Refusal",
    "read_channel_request",
    "read_webhook",
    "sign_user",
]

_PRIVATE: Final = "private-"  # facts 1.3
_PRESENCE: Final = "presence-"  # facts 1.3
_ENCRYPTED: Final = "private-encrypted-"  # facts 1.3
_SOCKET_ID: Final = re.compile(r"[0-9]+\.[0-9]+")  # facts 1.1
_CHANNEL: Final = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,200}")  # facts 1.3
_BATCHED: Final = re.compile(r"channel_name\[([0-9]{0,9})\]")

_OK: Final = 200
_BAD_REQUEST: Final = 400
_FORBIDDEN: Final = 403  # facts 2.7: what a refusal is
_NO_ANSWER: Final = {"refused": 503, "timeout": 504}
"""What a view can do that is to be out of reach: it has been reached."""
_MAX_BATCH: Final = 100
"""Channels that one form may ask for. Nobody established a limit; one page holds far fewer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal that says why.

    Attributes:
        reason: For whoever wrote the page; it goes to the browser.
    """

    reason: str


Permission = bool | Mapping[str, Any] | Refusal | None
"""What a permission hook returns: false to refuse, true to allow, or the member's data.

The data is ``{"user_id": "7", "user_info": {...}}``; a presence channel needs it (facts 1.4).
"""


class BadRequest(Exception):
    """The form cannot be understood; the text is for whoever wrote the page."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client, as JSON.

    Attributes:
        status: The HTTP status.
        body: The object to encode.
    """

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """A client asks to subscribe.

    Attributes:
        socket_id: The connection that wants to.
        channels: The channels, without repetition.
        batched: Whether the form was that of `pusher-js-auth`, which wants one answer for each.
    """

    socket_id: str
    channels: tuple[str, ...]
    batched: bool

    @property
    def signable(self) -> tuple[str, ...]:
        """The channels that a permission decides on: the others are refused unasked."""
        return tuple(c for c in self.channels if _why_unsignable(c) is None)

    def answer(self, permissions: Mapping[str, Permission]) -> Answer:
        """Sign what is allowed.

        In memory the network of the mock may fail it: `mock.network.fail_authorizations()` and the
        weather `flaky-auth`. The answer then has that status; where it was to be no answer at all,
        503 or 504.

        Args:
            permissions: For each channel of `signable`; a missing one is refused.

        Returns:
            The answer to all of them (facts 2.7).

        Raises:
            ConfigurationError: An encrypted channel is allowed, and there is no master key.
            TypeError: A permission is none: a response, a coroutine, an object of a database.
            ValueError: A presence channel is allowed without a ``user_id``.
        """
        if not self.batched:
            return self._answer(self.channels[0], permissions)
        body: dict[str, Any] = {}
        for channel in self.channels:
            one = self._answer(channel, permissions)
            body[channel] = (
                {"status": one.status, "data": one.body}
                if one.status == _OK
                else {"status": one.status, **one.body}
            )
        return Answer(_OK, body)

    def _answer(self, channel: str, permissions: Mapping[str, Permission]) -> Answer:
        problem = _why_unsignable(channel)
        if problem is not None:
            return Answer(_FORBIDDEN, {"error": problem})
        failed = _weather(channel, self.socket_id)
        if failed is not None:
            return failed
        permission = permissions.get(channel)
        if isinstance(permission, Refusal):
            return Answer(_FORBIDDEN, {"error": permission.reason})
        # An empty mapping is what `members.get(user, {})` says of a stranger.
        if permission is True or (isinstance(permission, Mapping) and permission):
            return Answer(_OK, _sign(channel, self.socket_id, permission))
        # Anything else that counts as true may have meant no: a redirect to the login page, the
        # coroutine of an `async` hook that nobody awaited.
        if permission:
            raise TypeError(
                "the permission hook has to return True, False, None or the member, and returned "
                f"{permission!r} for {channel}: write bool(...) around it if it means yes or no"
            )
        return Answer(_FORBIDDEN, {"error": f"not allowed to subscribe to {channel}"})


def read_channel_request(form: Mapping[str, Any]) -> ChannelRequest:
    """Read what pusher-js, pysher or the batching plugin `pusher-js-auth` posts.

    Args:
        form: The fields of the form: ``socket_id`` and ``channel_name``, or for a batch
            ``channel_name[0]``, ``channel_name[1]`` and so on.

    Returns:
        The request.

    Raises:
        BadRequest: A field is missing or malformed.
    """
    socket_id = _socket_id(form)
    single = form.get("channel_name")
    if single:
        return ChannelRequest(socket_id, (str(single),), batched=False)
    numbered = sorted(
        (int(match[1] or 0), str(form[name]))
        for name in form
        if (match := _BATCHED.fullmatch(name))
    )
    if not numbered:
        raise BadRequest("channel_name is missing")
    if len(numbered) > _MAX_BATCH:
        raise BadRequest(f"{len(numbered)} channels at once, at most {_MAX_BATCH} are allowed")
    return ChannelRequest(socket_id, tuple(dict.fromkeys(c for _, c in numbered)), batched=True)


def sign_user(form: Mapping[str, Any], user: Mapping[str, Any] | None) -> Answer:
    """Sign a user in on a connection (facts 1.13).

    Args:
        form: The fields of the form: ``socket_id``.
        user: ``{"id": "7", "user_info": {...}, "watchlist": [...]}``; ``None`` for nobody.

    Returns:
        The answer.

    Raises:
        BadRequest: A field is missing or malformed.
        TypeError: The user is no mapping.
        ValueError: The user has no ``id``.
    """
    socket_id = _socket_id(form)
    if user is None:
        return Answer(_FORBIDDEN, {"error": "not signed in"})
    if not isinstance(user, Mapping):
        raise TypeError(
            "the hook that says who signs in has to return a mapping with an id, or None, and "
            f"returned {user!r}"
        )
    if user.get("id") in (None, ""):
        raise ValueError(f"the user's data needs an id, and this has none: {dict(user)!r}")
    data = {**user, "id": str(user["id"])}
    return Answer(_OK, get_pusher_server().authenticate_user(socket_id, data))


def read_webhook(headers: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
    """Check a webhook and decode it (facts 3.1).

    Args:
        headers: The headers of the request, in any case.
        body: The body exactly as it arrived: the signature is over its bytes.

    Returns:
        ``{"time_ms": ..., "events": [...]}``, or ``None`` when key or signature do not fit, or
        when it was made more than five minutes ago or ahead.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return get_pusher_server().validate_webhook(
        lowered.get("x-pusher-key", ""), lowered.get("x-pusher-signature", ""), text
    )


def _socket_id(form: Mapping[str, Any]) -> str:
    socket_id = str(form.get("socket_id") or "")
    if not socket_id:
        raise BadRequest("socket_id is missing")
    if not _SOCKET_ID.fullmatch(socket_id):
        raise BadRequest("socket_id is malformed: it looks like 123.456")
    return socket_id


def _why_unsignable(channel: str) -> str | None:
    if not _CHANNEL.fullmatch(channel):
        return "not the name of a channel"
    if not channel.startswith((_PRIVATE, _PRESENCE)):
        return f"{channel} is public: subscribe to it without authorization"
    return None


def _weather(channel: str, socket_id: str) -> Answer | None:
    """What the network of the mock answers instead, if mocks are on and it does."""
    settings = current().settings
    if not settings.in_memory:
        return None
    from pusher_mock.core import current as current_core
    from pusher_mock.doubles.outages import authorization_failure

    failure = authorization_failure(current_core(), settings.key, channel, socket_id)
    if failure is None:
        return None
    status = _NO_ANSWER.get(failure.kind, failure.status)
    return Answer(status, {"error": f"the mock's network has failed this ({failure})"})


def _sign(channel: str, socket_id: str, permission: Permission) -> dict[str, Any]:
    member: dict[str, Any] | None = None
    if isinstance(permission, Mapping):
        member = dict(permission)
        if "user_id" in member:
            member["user_id"] = str(member["user_id"])
    if channel.startswith(_PRESENCE) and not (member or {}).get("user_id"):
        raise ValueError(
            f"{channel} is a presence channel: the permission hook has to return the member, such "
            f'as {{"user_id": "7", "user_info": {{"name": "Ada"}}}}, and returned {permission!r}'
        )
    if channel.startswith(_ENCRYPTED) and current().settings.encryption_master_key_base64 is None:
        name = SPELLINGS["encryption_master_key_base64"][0]
        raise ConfigurationError(
            problems=(f"{channel} is encrypted: set {name} to 32 random bytes in base64",),
            use_mocks=current().settings.use_mocks,
        )
    signed = get_pusher_server().authenticate(channel, socket_id, member)
    secret = signed.get("shared_secret")
    if isinstance(secret, bytes):  # as the SDK returns it, and no encoder of JSON takes it
        signed["shared_secret"] = secret.decode()
    return signed
