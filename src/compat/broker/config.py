"""`MockBrokerConfig`: what the broker of a test is like. It becomes rules of the mock's network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from compat.broker.errors import BrokerError

if TYPE_CHECKING:
    from re import Pattern

    from compat.broker.messages import BrokerMessage
    from pusher_mock import NetworkConditions

__all__ = ["BrokerFault", "MockBrokerConfig"]

_IN_ORDER: Final = "in-order"
_SHUFFLE: Final = "shuffle"


@dataclass(frozen=True, slots=True)
class BrokerFault:
    """Something that goes wrong for chosen messages.

    Attributes:
        match: Topics: a glob such as ``voice.*``, or a compiled regular expression, searched for.
        when: Asked about each message on them; none fits all.
        action: ``drop``, ``error`` (`publish` raises), ``delay``, ``duplicate``, ``corrupt`` or
            ``close`` (the subscriber's connection).
        times: How often; ``None`` for always, or once if the action is ``close``.
        delay: By how many milliseconds, if the action is ``delay``; 1,000 by default.
    """

    match: str | Pattern[str] = "*"
    when: Callable[[BrokerMessage], object] | None = None
    action: str = "drop"
    times: int | None = None
    delay: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MockBrokerConfig:
    """What a mock broker is like. As it stands: immediate, complete and in order.

    Attributes:
        latency_ms: How long a message is under way, in milliseconds: a number, a pair (low, high),
            a mapping with ``min`` and ``max``, or a distribution of `pusher_mock`.
        drop_rate: The share that is lost, 0 to 1, for each subscriber on its own.
        ordering: ``in-order``, or ``shuffle``: those that are under way together come in any order.
        buffer_size: How many messages may wait for one subscriber; ``None`` for any number.
        overflow: What happens to one more: ``drop-oldest``, ``drop-newest``, ``throw`` (`publish`
            raises) or ``block`` (it waits for room).
        use_fake_clock: Whether time stands still until the test moves it. Otherwise it is real,
            and what has come due is delivered at the next call, or by ``tick()``.
        faults: What goes wrong besides: `BrokerFault`, or a mapping with its fields.
        seed: Of everything that is left to chance. The same seed, the same messages lost.

    Raises:
        BrokerError: ``ordering`` or a fault is none.
        UsageError: A number is out of range.
    """

    latency_ms: Any = None
    drop_rate: float = 0
    ordering: str = _IN_ORDER
    buffer_size: int | None = None
    overflow: str = "drop-oldest"
    use_fake_clock: bool = True
    faults: tuple[BrokerFault | Mapping[str, Any], ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.ordering not in (_IN_ORDER, _SHUFFLE):
            raise BrokerError(f"ordering is {_IN_ORDER} or {_SHUFFLE}, not {self.ordering!r}")
        object.__setattr__(self, "faults", self.rules())
        self.conditions()

    def rules(self) -> tuple[BrokerFault, ...]:
        """The faults, each as a `BrokerFault`."""
        return tuple([_fault(one) for one in self.faults])

    def conditions(self) -> NetworkConditions | None:
        """The same as conditions of a network; ``None`` when there is nothing to say."""
        from pusher_mock import NetworkConditions

        said: dict[str, Any] = {}
        if self.latency_ms is not None:
            said["latency"] = _latency(self.latency_ms)
        if self.drop_rate:
            said["drop_rate"] = self.drop_rate
        if self.ordering == _SHUFFLE:
            said["reorder"] = _SHUFFLE
        if self.buffer_size is not None:
            said["queue"] = self.buffer_size
        checked = NetworkConditions(overflow=self.overflow, **said)
        return checked if said else None


def _fault(given: BrokerFault | Mapping[str, Any]) -> BrokerFault:
    if isinstance(given, BrokerFault):
        return given
    try:
        return BrokerFault(**given)
    except TypeError:
        raise BrokerError(
            f"a fault has match, when, action, times and delay, not {given!r}"
        ) from None


def _latency(given: Any) -> Any:
    if isinstance(given, Mapping):
        try:
            return given["min"], given["max"]
        except KeyError:
            raise BrokerError(f"a range of milliseconds has min and max, not {given!r}") from None
    return given
