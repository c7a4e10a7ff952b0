"""Memory and processor time of connections and pending events: measured, not estimated."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.network import NetworkConditions

from . import charts
from .figures import Bytes, Megabytes, Outcome, Percent
from .stage import Stage, at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .stage import Progress, Weather

__all__ = ["MemoryResult", "memory"]

_CHANNEL = "inbox"
_EVENT = "message"
_MEGABYTE: Final = 1_000_000
_MINUTE_SECONDS: Final = 60
_MOST_PENDING: Final = 100
_AWAY: Final = NetworkConditions(latency=60_000, queue=_MOST_PENDING, overflow="drop-oldest")


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryResult(Outcome):
    """What connections and events weigh. Everything is measured, whatever a name says.

    Attributes:
        connection_count: clients that were connected.
        estimated_memory_mb: what they and the pending events take together, in megabytes.
        memory_per_connection: megabytes for a connected and subscribed client double, with its
            share of core and engine.
        bytes_per_connection: the same in bytes.
        pending_events_total: events that were under way to all of them at once.
        memory_per_event: megabytes for one pending event of one connection.
        bytes_per_event: the same in bytes.
        estimated_cpu_usage: how much of one core it takes to publish and deliver all events
            within a minute, in percent.
    """

    connection_count: int
    estimated_memory_mb: Megabytes = field(compare=False)
    memory_per_connection: Megabytes = field(compare=False)
    bytes_per_connection: Bytes = field(compare=False)
    pending_events_total: int
    memory_per_event: Megabytes = field(compare=False)
    bytes_per_event: Bytes = field(compare=False)
    estimated_cpu_usage: Percent = field(compare=False)

    def __str__(self) -> str:
        return (
            f"Memory: {self.bytes_per_connection / 1000:.1f} kB per connection, "
            f"{self.bytes_per_event:.0f} B per pending event"
        )


def memory(
    connections: int = 100,
    events_per_connection: int = 50,
    *,
    seed: int = 0,
    network: Weather = "perfect",
    progress: Progress = None,
) -> MemoryResult:
    """Connect clients, let events be under way to all of them, and measure what that takes.

    Python's allocator counts the bytes (``tracemalloc``), the operating system the processor
    time. Up to 100 events wait for each connection; further ones drop the oldest.

    Args:
        connections: doubles of pysher's client, each subscribed to one channel.
        events_per_connection: events published to all of them.
        seed: of the mock.
        network: the weather in which processor time is measured.
        progress: told how far it has got, from 0 to 1.

    Returns:
        The sizes.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(1, connections=connections)
    at_least(0, events_per_connection=events_per_connection)
    with Stage(seed, network, progress=progress) as stage:
        seconds = _worked(stage, connections, events_per_connection)
        stage.told(1, 2)
        own, waiting, pending = _weighed(seed, connections, events_per_connection)
        each, event = own / connections, waiting / pending if pending else 0.0
        return MemoryResult(
            connection_count=connections,
            estimated_memory_mb=(own + waiting) / _MEGABYTE,
            memory_per_connection=each / _MEGABYTE,
            bytes_per_connection=round(each),
            pending_events_total=pending,
            memory_per_event=event / _MEGABYTE,
            bytes_per_event=round(event),
            estimated_cpu_usage=round(100 * seconds / _MINUTE_SECONDS, 3),
            charts=(
                charts.bars("Memory", {"connections": own, "pending events": waiting}, "B"),
                charts.bars("Of each", {"connection": each, "pending event": event}, "B"),
            ),
            **stage.conclude(),
        )


def _worked(stage: Stage, connections: int, events: int) -> float:
    """Seconds of processor time for publishing and delivering."""
    with stage.calm():
        kept = list(_clients(stage, connections))
    began = process_time()
    for number in range(events):
        stage.publish(_CHANNEL, _EVENT, {"number": number})
    stage.settle()
    seconds = process_time() - began
    del kept
    return seconds


def _weighed(seed: int, connections: int, events: int) -> tuple[float, float, int]:
    """Bytes of the connections, bytes of what is under way to them, and how much that is."""
    with Stage(seed, _AWAY) as stage:
        for client in _clients(stage, 1):  # what is made once is not counted
            client.disconnect()
        with _tracing():
            empty = _traced()
            kept = list(_clients(stage, connections))
            connected = _traced()
            for number in range(events):
                stage.publish(_CHANNEL, _EVENT, {"number": number})
            full = _traced()
        pending = stage.mock.metrics().pending
        del kept
        return float(connected - empty), float(full - connected), pending


@contextmanager
def _tracing() -> Iterator[None]:
    """Have allocations counted, unless somebody has them counted already."""
    already = tracemalloc.is_tracing()
    if not already:
        tracemalloc.start()
    try:
        yield
    finally:
        if not already:
            tracemalloc.stop()


def _clients(stage: Stage, count: int) -> Iterator[Any]:
    for _ in range(count):
        client = stage.client(connect=True)
        client.subscribe(_CHANNEL).bind(_EVENT, _heard)
        yield client


def _heard(data: str) -> None:
    """What an application does with an event is not measured."""


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
