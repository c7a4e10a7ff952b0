"""Conditions of a network: what may happen to what goes over it. Data, no code path."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

from . import latencies
from .latencies import Latency, Normal, Percentiles, Uniform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["OVERFLOW", "SCOPES", "SHUFFLE", "NetworkConditions", "is_count"]

#: What the weather may touch: events on channels, frames about subscriptions (answers to them,
#: members, counts), and frames of the connection (its greeting, pings, errors).
SCOPES: Final = ("events", "subscriptions", "connection")

#: What happens when more waits for a connection than its queue takes.
OVERFLOW: Final = ("drop-oldest", "drop-newest", "throw", "block")

#: The value of ``reorder`` that lets everything wait for everything.
SHUFFLE: Final = "shuffle"

_RATES: Final = (
    "drop_rate",
    "duplicate_rate",
    "error_rate",
    "auth_error_rate",
    "connect_error_rate",
    "disconnect_rate",
    "stale_rate",
)
_SHORTEST_POLL: Final = 0.001  # a microsecond, in milliseconds
_MILLISECONDS: Final = ("jitter", "poll_interval")


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkConditions:
    """What may happen on a network. A field that is ``None`` says nothing, and another rule may.

    Loss, duplication, delay and order touch what goes from the service to a client, unless the
    rule is for another direction; see ``Network.use``.

    Args:
        latency: how long something is under way, in milliseconds: a number, a pair (low, high),
            ``Uniform``, ``Normal``, ``Percentiles``, or a function from a number in [0, 1).
        jitter: up to so many milliseconds more or less.
        drop_rate: share that is lost, 0 to 1.
        duplicate_rate: share that comes twice, 0 to 1; the copy has a delay of its own.
        reorder: up to how many later events of its channel may overtake an event, on each
            connection; ``"shuffle"`` for any number. Those that wait for each other come at the
            latest a millisecond after the first of them would have come.
        in_order: whether events of one channel come in order on each connection, as they do by
            default; otherwise a shorter delay overtakes a longer one.
        bandwidth: bytes per second to each connection.
        poll_interval: milliseconds between the times at which a connection is given what has come,
            counted from its opening.
        queue: how many events may wait for one connection.
        overflow: what happens to one more: ``drop-oldest``, ``drop-newest``, ``throw`` (the
            publisher gets an error), or ``block`` (it waits until there is room).
        scope: what is touched: ``events``, ``subscriptions``, ``connection``; only events by
            default, because pysher signs with an empty socket id what it subscribes too early.
        error_rate: share of the calls of the HTTP API that are answered with an error.
        error_status: which, 500 to 599; 503 by default.
        auth_error_rate: share of the authorizations of subscriptions that fail.
        connect_error_rate: share of the connections that are refused.
        disconnect_rate: share of the connections that are cut within a minute.
        stale_rate: share of the connections that fall silent as soon as they are open.

    Raises:
        UsageError: a value is out of range.
    """

    latency: Latency | None = None
    jitter: float | None = None
    drop_rate: float | None = None
    duplicate_rate: float | None = None
    reorder: int | str | None = None
    in_order: bool | None = None
    bandwidth: float | None = None
    poll_interval: float | None = None
    queue: int | None = None
    overflow: str | None = None
    scope: Collection[str] | None = None
    error_rate: float | None = None
    error_status: int | None = None
    auth_error_rate: float | None = None
    connect_error_rate: float | None = None
    disconnect_rate: float | None = None
    stale_rate: float | None = None

    def __post_init__(self) -> None:
        for name in _RATES:
            _check_rate(name, getattr(self, name))
        for name in _MILLISECONDS:
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, latencies.milliseconds(value, name))
        if self.latency is not None:
            object.__setattr__(self, "latency", latencies.read(self.latency))
        if self.scope is not None:
            object.__setattr__(self, "scope", _read_scope(self.scope))
        _check_choices(self)

    def said(self) -> dict[str, Any]:
        """The fields that say something, in the order of the parameters."""
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }

    def __or__(self, other: NetworkConditions) -> NetworkConditions:
        """These conditions, and the other's wherever those say something."""
        if not isinstance(other, NetworkConditions):
            return NotImplemented
        return replace(self, **other.said())

    # The fluent form ---------------------------------------------------------------------------

    def with_latency(self, low: Latency, high: float | None = None) -> NetworkConditions:
        """The same, under way so long: one latency, or between two numbers of milliseconds."""
        return replace(self, latency=low if high is None else (low, high))

    def with_jitter(self, ms: float) -> NetworkConditions:
        """The same, with up to so many milliseconds more or less."""
        return replace(self, jitter=ms)

    def losing(self, rate: float) -> NetworkConditions:
        """The same, with this share lost."""
        return replace(self, drop_rate=rate)

    def duplicating(self, rate: float) -> NetworkConditions:
        """The same, with this share coming twice."""
        return replace(self, duplicate_rate=rate)

    def reordering(self, window: int | str = SHUFFLE) -> NetworkConditions:
        """The same, with events overtaken by up to ``window`` later ones."""
        return replace(self, reorder=window)

    def unordered(self) -> NetworkConditions:
        """The same, where a shorter delay overtakes a longer one."""
        return replace(self, in_order=False)

    def with_bandwidth(self, bytes_per_second: float) -> NetworkConditions:
        """The same, with so many bytes per second to each connection."""
        return replace(self, bandwidth=bytes_per_second)

    def polling(self, ms: float) -> NetworkConditions:
        """The same, where clients are given what has come every so many milliseconds."""
        return replace(self, poll_interval=ms)

    def with_queue(self, size: int, overflow: str = OVERFLOW[0]) -> NetworkConditions:
        """The same, with room for so many events per connection."""
        return replace(self, queue=size, overflow=overflow)

    def failing(self, rate: float, status: int = 503) -> NetworkConditions:
        """The same, with this share of the publishers' calls answered with an error."""
        return replace(self, error_rate=rate, error_status=status)

    def touching(self, *scope: str) -> NetworkConditions:
        """The same for ``events``, ``subscriptions``, ``connection``, as named."""
        return replace(self, scope=frozenset(scope))

    # As a text ---------------------------------------------------------------------------------

    def __str__(self) -> str:
        return " ".join(f"{name}={_write(value)}" for name, value in self.said().items())

    @classmethod
    def parse(cls, text: str) -> NetworkConditions:
        """Read what ``str()`` writes: ``latency=10..100 drop_rate=0.01``.

        Args:
            text: names and values of fields, separated by blanks.

        Raises:
            UsageError: a name is unknown, or a value is not one of its kind. Functions cannot be
                read.
        """
        values: dict[str, Any] = {}
        names = [field.name for field in fields(cls)]
        for word in text.split():
            name, equals, value = word.partition("=")
            if not equals or name not in names:
                raise UsageError(
                    f"conditions of a network are written like latency=10..100 drop_rate=0.01, "
                    f"not {word!r}; the names are {', '.join(names)}"
                )
            try:
                values[name] = _read(name, value)
            except ValueError:
                raise UsageError(
                    f"{name}={value} cannot be read; write a number, or for a latency 10..100, "
                    "normal(50,10) or percentiles(50:40,100:900)"
                ) from None
        return cls(**values)


def _check_rate(name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(f"{name} takes a share from 0 to 1, not {value!r}")


def _read_scope(scope: Iterable[str] | str) -> frozenset[str]:
    given = frozenset([scope] if isinstance(scope, str) else scope)
    if not given or not given <= set(SCOPES):
        raise UsageError(f"scope takes some of {', '.join(SCOPES)}, not {sorted(given)}")
    return given


def _check_choices(conditions: NetworkConditions) -> None:
    if conditions.in_order not in (None, True, False):
        raise UsageError(f"in_order takes True or False, not {conditions.in_order!r}")
    poll = conditions.poll_interval
    if poll is not None and 0 < poll < _SHORTEST_POLL:
        raise UsageError(f"poll_interval takes milliseconds from {_SHORTEST_POLL:g}, not {poll!r}")
    reorder, queue, overflow = conditions.reorder, conditions.queue, conditions.overflow
    if reorder is not None and reorder != SHUFFLE and not is_count(reorder, 0):
        raise UsageError(f"reorder takes a number of events from 0, or 'shuffle', not {reorder!r}")
    if queue is not None and not is_count(queue, 1):
        raise UsageError(f"queue takes a number of events from 1, not {queue!r}")
    if overflow is not None and overflow not in OVERFLOW:
        raise UsageError(f"overflow is one of {', '.join(OVERFLOW)}, not {overflow!r}")
    bandwidth = conditions.bandwidth
    if bandwidth is not None and (
        isinstance(bandwidth, bool) or not (isfinite(bandwidth) and bandwidth > 0)
    ):
        raise UsageError(f"bandwidth takes bytes per second above 0, not {bandwidth!r}")
    status = conditions.error_status
    if status is not None and not (is_count(status, 500) and status < 600):
        raise UsageError(f"error_status takes a status from 500 to 599, not {status!r}")


def is_count(value: Any, least: int) -> bool:
    """Whether it is a whole number from ``least`` on."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _write(value: Any) -> str:
    if isinstance(value, frozenset):
        return ",".join(one for one in SCOPES if one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else latencies.describe(value)


def _read(name: str, value: str) -> Any:
    if name == "latency":
        return _read_latency(value)
    if name == "scope":
        return frozenset(value.split(","))
    if name == "in_order":
        if value not in ("yes", "no"):
            raise ValueError(value)
        return value == "yes"
    if name == "overflow" or value == SHUFFLE:
        return value
    return int(value) if name in ("reorder", "queue", "error_status") else float(value)


def _read_latency(value: str) -> Any:
    low, dots, high = value.partition("..")
    if dots:
        return Uniform(float(low), float(high))
    kind, bracket, inner = value.removesuffix(")").partition("(")
    if not bracket:
        return float(value)
    if kind == "normal":
        mean, _, deviation = inner.partition(",")
        return Normal(float(mean), float(deviation))
    if kind == "percentiles":
        pairs = [one.partition(":") for one in inner.split(",")]
        return Percentiles({float(p): float(ms) for p, _, ms in pairs})
    raise ValueError(value)
