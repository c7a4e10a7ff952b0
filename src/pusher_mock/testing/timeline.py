"""What happened on a mock, line by line: what was published, delivered, dropped, and when."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import (
    CloseConnection,
    ConnectionClosed,
    ConnectionOpened,
    FrameReceived,
    Published,
    Respond,
)
from pusher_mock.network.records import BY_CHANCE, Injected

from .deliveries import Deliveries
from .differences import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pusher_mock.journal import Entry, Journal

    from .deliveries import Delivery, Drop, UnderWay

__all__ = ["timeline"]

LINES: Final = 12
_DATA: Final = 40
_SENT: Final = 80
_NAMED: Final = 4
_REFUSED: Final = 400  # facts 2.3: the statuses that refuse


def timeline(journal: Journal, lines: int = LINES) -> list[str]:
    """The last things that happened, oldest first.

    Args:
        journal: whose.
        lines: how many at most.

    Returns:
        Indented lines under a heading; none when nothing has happened.
    """
    told: list[tuple[float, str, str]] = []
    log = Deliveries()
    for entry in journal:
        told.extend((entry.at, *one) for one in _tell(entry, log))
    if not told:
        return []
    shown = told[-lines:]
    more = len(told) - len(shown)
    earlier = f", after {more} earlier things" if more else ""
    width = max(len(f"{at:.15g}") for at, _, _ in shown)
    return [
        f"what happened last{earlier}:",
        *(f"  {at:>{width}.15g} ms  {what:<9}  {text}" for at, what, text in shown),
    ]


def _tell(entry: Entry, log: Deliveries) -> Iterator[tuple[str, str]]:
    happened = entry.input
    if isinstance(happened, ConnectionOpened):
        yield "opened", happened.connection
    elif isinstance(happened, ConnectionClosed):
        yield "closed", happened.connection
    elif isinstance(happened, Injected):
        yield "network", happened.text
    for effect in entry.effects:
        if isinstance(effect, Published):
            event = effect.event
            by = " by a client" if event.client else ""
            yield (
                "published",
                f"{event.event} on {event.channel}{by} with {shorten(event.raw, _DATA)}",
            )
        elif isinstance(effect, Injected) and isinstance(happened, FrameReceived):
            sent = shorten(_text(happened.text), _SENT)
            yield "lost", f"what {happened.connection} sent, on the way to the service: {sent}"
        elif isinstance(effect, Injected):
            yield "network", effect.text
    arrived, dropped, set_out = len(log.arrived), len(log.dropped), len(log.set_out)
    log.take(entry)
    yield from _deliveries(log.arrived[arrived:])
    yield from _drops(log.dropped[dropped:])
    yield from _on_the_way(log.set_out[set_out:])
    for effect in entry.effects:
        if isinstance(effect, CloseConnection):
            yield "closed", f"{effect.connection}: {effect.code} {effect.reason}".rstrip()
        elif isinstance(effect, Respond) and effect.status >= _REFUSED:
            yield "refused", f"HTTP {effect.status} {shorten(effect.body.strip())}"


def _text(sent: str | bytes) -> str:
    return sent if isinstance(sent, str) else repr(sent)


def _deliveries(arrived: Iterable[Delivery]) -> Iterator[tuple[str, str]]:
    for what, copy, connections in _grouped(
        (one.what, one.copy, one.connection) for one in arrived
    ):
        again = " again" if copy else ""
        yield "delivered", f"{what} to {connections}{again}"


def _drops(dropped: Iterable[Drop]) -> Iterator[tuple[str, str]]:
    for what, reason, connections in _grouped(
        (one.what, one.reason, one.connection) for one in dropped
    ):
        yield "dropped", f"{what} for {connections}: {reason}"


def _on_the_way(set_out: Iterable[UnderWay]) -> Iterator[tuple[str, str]]:
    for what, connections in _grouped(
        (
            one.what,
            f"{one.connection} " + _when(one.due),
        )
        for one in set_out
    ):
        yield "under way", f"{what} to {connections}"


def _when(due: float) -> str:
    if due == BY_CHANCE:
        return "in random order"
    return "behind a full queue" if due == inf else f"at {due:.15g} ms"


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows that differ only in their last column, which names a connection, as one."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for *alike, connection in rows:
        groups.setdefault(tuple(alike), []).append(connection)
    for group, connections in groups.items():
        more = len(connections) - _NAMED
        yield (*group, ", ".join(connections[:_NAMED]) + (f" and {more} more" if more > 0 else ""))
