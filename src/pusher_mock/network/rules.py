"""Rules: conditions, and what they are for; put together for one connection and channel."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

from .conditions import NetworkConditions
from .profiles import DIRECTIONS, RECEIVE
from .where import connections_of, pattern, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["CALM", "Effective", "Rule", "effective"]


class Effective:
    """What holds for one direction, connection and channel: every field has a value.

    Attributes:
        plain: whether events go through as if there was no network.
    """

    __slots__ = (*[field.name for field in fields(NetworkConditions)], "plain")

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


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """Conditions for one direction, and for whom; see ``Network.use``."""

    conditions: NetworkConditions
    direction: str
    app: str | None
    channel: Any
    connection: Any
    fits_channel: Callable[[str], bool] | None
    fits_connection: Callable[[str, str], bool] | None

    @classmethod
    def made(
        cls,
        conditions: NetworkConditions,
        *,
        direction: str | None = None,
        app: Any = None,
        channel: Any = None,
        connection: Any = None,
    ) -> Rule:
        """Check what was given.

        Raises:
            UsageError: it names no direction, channel or connection.
        """
        direction = RECEIVE if direction is None else direction
        if direction not in DIRECTIONS:
            raise UsageError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
        if connection is not None and direction == "publish":
            raise UsageError(
                "a publisher calls over HTTP and has no connection; leave connection= away"
            )
        return cls(
            conditions,
            direction,
            app if app is None or isinstance(app, str) else app.id,
            channel,
            connection,
            None if channel is None else pattern(channel, "channel"),
            None if connection is None else connections_of(connection),
        )

    def __str__(self) -> str:
        where = [
            "" if self.direction == RECEIVE else self.direction,
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
        if rule.direction != direction or (rule.app is not None and rule.app != app):
            continue
        if rule.fits_channel is not None and (channel is None or not rule.fits_channel(channel)):
            continue
        if rule.fits_connection is not None and (
            connection is None or not rule.fits_connection(*connection)
        ):
            continue
        said.update(rule.conditions.said())
    return Effective(said) if said else CALM
