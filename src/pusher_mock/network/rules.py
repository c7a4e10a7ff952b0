"""Rules: conditions, and what they are for; put together for one connection and channel."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

from .conditions import NetworkConditions
from .profiles import DIRECTIONS, RECEIVE
from .where import connections_of, pattern, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .profiles import Profile

__all__ = ["CALM", "Effective", "Rule", "effective"]


class Effective:
    """What holds for one direction, connection and channel: every field has a value.

    Attributes:
        plain: whether events go through as if there was no network.
    """

    __slots__ = (*[field.name for field in fields(NetworkConditions)], "_loose", "plain")

    latency: Any
    jitter: float
    drop_rate: float
    duplicate_rate: float
    reorder: int | str
    in_order: bool
    bandwidth: float
    poll_interval: float
    queue: int | None
    overflow: str
    scope: frozenset[str]
    error_rate: float
    error_status: int
    auth_error_rate: float
    connect_error_rate: float
    disconnect_rate: float
    stale_rate: float
    plain: bool

    def __init__(self, said: dict[str, Any]) -> None:
        for name, value in _DEFAULTS.items():
            setattr(self, name, said.get(name, value))
        self.plain = not any(said.get(name) for name in _SHAPING)
        self._loose: Effective | None = None

    @property
    def loose(self) -> Effective:
        """The same, where events overtake each other on the way."""
        if self._loose is None:
            said = {name: getattr(self, name) for name in _DEFAULTS}
            self._loose = Effective({**said, "in_order": False})
        return self._loose


_DEFAULTS: Final[dict[str, Any]] = {
    "latency": 0.0,
    "jitter": 0.0,
    "drop_rate": 0.0,
    "duplicate_rate": 0.0,
    "reorder": 0,
    "in_order": True,
    "bandwidth": 0.0,
    "poll_interval": 0.0,
    "queue": None,
    "overflow": "drop-oldest",
    "scope": frozenset({"events"}),
    "error_rate": 0.0,
    "error_status": 503,
    "auth_error_rate": 0.0,
    "connect_error_rate": 0.0,
    "disconnect_rate": 0.0,
    "stale_rate": 0.0,
}
#: The fields that decide when, whether and how often something arrives.
_SHAPING: Final = (
    "latency",
    "jitter",
    "drop_rate",
    "duplicate_rate",
    "reorder",
    "bandwidth",
    "poll_interval",
    "queue",
)

CALM: Final = Effective({})

# What can be said of the way from a client, and of that from a publisher. Of the way to a client
# all of it can.
_ON_THE_WAY: Final = ("latency", "jitter", "drop_rate", "duplicate_rate", "in_order")
_SAID_OF: Final = {"send": (*_ON_THE_WAY, "bandwidth", "scope"), "publish": _ON_THE_WAY}
# What is no matter of a way, and of what part of a network it can be said.
_PART: Final = {
    "error_rate": ("channel",),
    "error_status": ("channel",),
    "auth_error_rate": ("channel", "connection"),
    "connect_error_rate": (),
    "disconnect_rate": ("connection",),
    "stale_rate": ("connection",),
}


def _out_of_place(
    conditions: NetworkConditions, direction: str | None, channel: Any, connection: Any
) -> Iterator[tuple[str, str]]:
    """The fields that would have no effect, and why."""
    for name in conditions.said():
        parts = _PART.get(name)
        if parts is None:
            said_of = _SAID_OF.get(direction or RECEIVE)
            if said_of is not None and name not in said_of:
                yield (
                    name,
                    f"{name} is about the way to a client; with direction={direction!r} there are "
                    f"{', '.join(said_of)}",
                )
        elif channel is not None and "channel" not in parts:
            yield name, f"{name} is about whole connections; leave channel= away"
        elif connection is not None and "connection" not in parts:
            yield name, f"{name} cannot be said of a connection; leave connection= away"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Conditions for one direction, and for whom; see ``Network.use``."""

    conditions: NetworkConditions
    direction: str | None
    app: str | None
    channel: Any
    connection: Any
    fits_channel: Callable[[str], bool] | None
    fits_connection: Callable[[str, str], bool] | None
    resets: bool = False

    @property
    def clears(self) -> bool:
        """Whether no rule before it counts at all."""
        everywhere = (self.direction, self.app, self.channel, self.connection)
        return self.resets and everywhere == (None, None, None, None)

    @classmethod
    def made(
        cls,
        conditions: NetworkConditions,
        *,
        direction: str | None = None,
        app: Any = None,
        channel: Any = None,
        connection: Any = None,
        resets: bool = False,
    ) -> Rule:
        """Check what was given.

        Raises:
            UsageError: it names no direction, channel or connection, or the conditions say what
                cannot be said of them.
        """
        if direction is None and not resets:
            direction = RECEIVE
        if direction not in (None, *DIRECTIONS):
            raise UsageError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
        if connection is not None and direction == "publish":
            raise UsageError(
                "a publisher calls over HTTP and has no connection; leave connection= away"
            )
        for _, why in _out_of_place(conditions, direction, channel, connection):
            raise UsageError(why)
        return cls(
            conditions,
            direction,
            app if app is None or isinstance(app, str) else app.id,
            channel,
            connection,
            None if channel is None else pattern(channel, "channel"),
            None if connection is None else connections_of(connection),
            resets,
        )

    @classmethod
    def of_profile(
        cls, profile: Profile, *, direction: str | None, channel: Any, connection: Any, app: Any
    ) -> list[Rule]:
        """What a named profile comes to there; what cannot be said there is left away.

        Raises:
            UsageError: nothing of it can.
        """
        where = {"app": app, "channel": channel, "connection": connection}
        if profile.resets:
            return [cls.made(NetworkConditions(), direction=direction, resets=True, **where)]
        rules = []
        for own, conditions in profile.rules:
            way = direction or own
            if way == "publish" and connection is not None:
                continue  # a publisher has none
            without = {
                name: None for name, _ in _out_of_place(conditions, way, channel, connection)
            }
            left = replace(conditions, **without)
            if left.said():
                rules.append(cls.made(left, direction=way, **where))
        given = [name for name, value in {"direction": direction, **where}.items() if value]
        if given and (profile.restart is not None or not rules):
            raise UsageError(
                f"the profile {profile.name!r} says nothing about part of a network; leave "
                f"{', '.join(f'{name}=' for name in given)} away"
            )
        return rules

    def is_about(self, channel: str | None, connection: tuple[str, str] | None) -> bool:
        """Whether it is for this channel and this connection, as far as it is for some only."""
        if self.fits_channel is not None and (channel is None or not self.fits_channel(channel)):
            return False
        return self.fits_connection is None or (
            connection is not None and self.fits_connection(*connection)
        )

    def __str__(self) -> str:
        where = [
            "" if self.direction in (None, RECEIVE) else str(self.direction),
            "" if self.app is None else f"app={self.app}",
            "" if self.channel is None else f"channel={shown(self.channel)}",
            "" if self.connection is None else f"connection={shown(self.connection)}",
        ]
        named = " ".join(one for one in where if one)
        text = str(self.conditions) or "perfect"
        return f"[{named}] {text}" if named else text


def effective(
    rules: Iterable[Rule],
    direction: str,
    *,
    app: str | None = None,
    channel: str | None = None,
    connection: tuple[str, str] | None = None,
) -> Effective:
    """What the rules come to; a later one wins where it says something.

    Args:
        rules: in the order in which they were made.
        direction: of what.
        app: the app's id.
        channel: the channel's name; ``None`` for what is about no channel.
        connection: its readable id and its socket id; ``None`` for a publisher.
    """
    said: dict[str, Any] = {}
    for rule in rules:
        if rule.direction not in (None, direction) or (rule.app is not None and rule.app != app):
            continue
        if not rule.is_about(channel, connection):
            continue
        if rule.resets:
            said.clear()
        said.update(rule.conditions.said())
    return Effective(said) if said else CALM
