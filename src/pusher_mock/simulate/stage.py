"""What a simulation plays on: a mock with weather, its virtual clock, and a publisher."""

from __future__ import annotations

import logging
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pusher_mock.clock import ManualClock
from pusher_mock.mock import PusherMock
from pusher_mock.protocol import limits
from pusher_mock.protocol.errors import Unreachable, UsageError
from pusher_mock.protocol.frames import dumps

from .members import Member

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.network import Applied, NetworkConditions, Profile

    from .members import Hear

    Weather = str | NetworkConditions | Profile | None
    Progress = Callable[[float], None] | None

__all__ = ["Stage", "at_least"]

# A simulation looks at what arrives, not into the journal: kept short, it costs no memory.
_JOURNAL = 64

_CHANCES = 1 << 24
_LOGS = ("pysher.connection", "pusher_mock")


class _Expected:
    """A member by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def connection_id(self) -> str:
        return self._name


class Stage:
    """One run of a simulation.

    Args:
        seed: of the mock, from which all chance comes.
        network: the weather.
        history: messages kept per channel.
        progress: told how far the run has got, from 0 to 1.

    Attributes:
        mock: a mock of its own, whichever is current.
        clock: its clock.
        server: a publisher on it.
        refused: calls of the publisher that failed.
    """

    def __init__(
        self,
        seed: int,
        network: Weather,
        *,
        history: int = limits.DEFAULT_HISTORY,
        progress: Progress = None,
    ) -> None:
        self._began = perf_counter()
        self.clock = ManualClock()
        self.mock = PusherMock(
            seed=seed, network=network, clock=self.clock, history=history, journal=_JOURNAL
        )
        self.server = self.mock.server()
        self.refused = 0
        self._seed = seed
        self._network = str(self.mock.network)
        self._progress = progress
        self._sent: dict[str, float] = {}
        self._members: list[Member] = []
        self._muted: Callable[[logging.LogRecord], bool]

    def __enter__(self) -> Stage:
        me = get_ident()
        # What goes wrong here is meant to, and is counted: nobody's log is to be full of it.
        self._muted = lambda record: record.thread != me
        for name in _LOGS:
            logging.getLogger(name).addFilter(self._muted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.mock.close()
        for name in _LOGS:
            logging.getLogger(name).removeFilter(self._muted)

    def client(self, **options: Any) -> MockPusherClient:
        """A double of pysher's client that is not connected yet, and keeps log levels as they are.

        Args:
            **options: as for ``PusherMock.client``.
        """
        return self.mock.client(log_level=0, **options)

    def chance(self) -> float:
        """A number from 0 up to 1, from the mock's own source."""
        return int.from_bytes(self.mock.core.nonce(3)) / _CHANCES

    def between(self, low: float, high: float) -> float:
        """A number of milliseconds between two, from the mock's own source."""
        return round(low + (high - low) * self.chance(), 3)

    def member(self, name: str, channels: tuple[str, ...] = (), hear: Hear | None = None) -> Member:
        """A light subscriber that is connected, unless the weather has refused it.

        Args:
            name: the readable id of its connection.
            channels: what it subscribes to.
            hear: given every event that arrives on them.
        """
        member = Member(self.mock.core, name, channels, hear)
        self._members.append(member)
        member.connect()
        return member

    def calm(self) -> Applied:
        """Calm weather in a ``with`` block, for what is to be there before the weather is."""
        return self.mock.network.use("perfect")

    def calm_for(self, name: str) -> Applied:
        """Calm weather for one member, which need not be there yet."""
        return self.mock.network.use("perfect", connection=_Expected(name))

    # Publishing --------------------------------------------------------------------------------

    def publish(
        self, channel: str, event: str, data: dict[str, Any], *, socket_id: str | None = None
    ) -> str | None:
        """Publish once over the HTTP API.

        Args:
            channel: where.
            event: its name.
            data: has to differ from what was published before, so that it can be told apart.
            socket_id: a connection that does not receive it.

        Returns:
            The data as it is on the wire; ``None`` when the call failed.
        """
        raw = dumps(data)
        self._sent[raw] = self.clock.now()
        return raw if self.call(self.server.trigger, channel, event, raw, socket_id) else None

    def publish_batch(self, batch: list[dict[str, Any]]) -> bool:
        """Publish up to ten events in one call; returns whether it went well."""
        now = self.clock.now()
        for one in batch:
            self._sent[one["data"]] = now
        return self.call(self.server.trigger_batch, batch)

    def call(self, function: Callable[..., object], *arguments: Any) -> bool:
        """Call the HTTP API; returns whether it answered."""
        from pusher.errors import PusherError
        from requests.exceptions import RequestException

        try:
            function(*arguments)
        except (PusherError, RequestException, Unreachable):
            self.refused += 1
            return False
        return True

    def under_way(self, raw: str) -> float:
        """How long an event has been under way, in milliseconds, if it arrives just now."""
        return round(self.clock.now() - self._sent[raw], 3)

    # Time --------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything arrive that is under way; whoever is away by now stays away."""
        for member in self._members:
            member.reconnect = None
        self.clock.run_until_idle()

    def wait(self, reached: Callable[[], bool], deadline: float) -> None:
        """Let time pass until something is the case, or until a time of the clock."""
        clock = self.clock
        while not reached():
            if clock.next_due > deadline:
                clock.advance(max(0.0, deadline - clock.now()))
                return
            # Also to what is in the background: a ping may be what brings it about.
            clock.advance(max(0.0, clock.next_due - clock.now()))

    def told(self, done: float, whole: float) -> None:
        """Tell whoever watches how far the run has got."""
        if self._progress is not None:
            self._progress(min(1.0, done / whole) if whole else 1.0)

    def conclude(self) -> dict[str, Any]:
        """The fields that every result has."""
        self.told(1, 1)
        return {
            "seed": self._seed,
            "network": self._network,
            "simulated_ms": round(self.clock.now(), 3),
            "real_ms": round((perf_counter() - self._began) * 1000, 3),
        }


def at_least(least: float, **numbers: float) -> None:
    """Check parameters of a simulation.

    Raises:
        UsageError: one is smaller.
    """
    for name, number in numbers.items():
        if number < least:
            raise UsageError(f"{name} takes a number from {least:g}, not {number!r}")
