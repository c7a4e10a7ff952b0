"""Assertions on the order in which events reached a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .delivered import before_the_time, look
from .deliveries import UNNAMED
from .differences import shorten
from .expect import check_complete
from .timeline import timeline
from .wanted import WantedDelivery

if TYPE_CHECKING:
    from pusher_mock.core import Core

    from .deliveries import Deliveries, Delivery

__all__ = ["expect_sequence"]

_SHOWN: Final = 20
_MOST: Final = 3  # channel, event, data


def expect_sequence(core: Core, items: tuple[Any, ...], to: Any, exactly: bool) -> list[Delivery]:
    """Return the deliveries that are the sequence; see ``PusherMock.expect_sequence``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    steps = [_step(item) for item in items]
    if not steps:
        raise UsageError("expect_sequence() takes what is to come, one after the other: 'moved', …")
    log, whose = look(core, WantedDelivery(), to)
    check_complete(core.journal)
    came: dict[str, list[Delivery]] = {}
    for one in log.arrived:
        if one.connection is not UNNAMED and whose.fits_delivery(one):
            came.setdefault(one.connection, []).append(one)
    if to is None:
        # Who was given none of it has to do with something else.
        came = {
            connection: some
            for connection, some in came.items()
            if any(step.fits_delivery(one) for step in steps for one in some)
        }
    if not came:
        heading = f"expected {_sequence(steps)}, but none of it was delivered"
        name = f" to {whose.whose}" if to is not None else ""
        raise ExpectationFailed("\n".join([f"{heading}{name}.", *_under_way(core, log, steps)]))
    for connection, some in came.items():
        found = _follow(steps, some)
        if len(found) < len(steps) or (exactly and len(found) < len(some)):
            lines = _explain(steps, some, found, connection, exactly)
            if to is None and len(came) > 1:
                lines.append("  give to= if this is about another connection")
            raise ExpectationFailed("\n".join([*lines, *_under_way(core, log, steps)]))
    return _follow(steps, came[min(came, key=lambda one: came[one][0].sequence)])


def _step(item: Any) -> WantedDelivery:
    """One thing that is wanted: an event's name, a tuple, or what says whether it will do."""
    if isinstance(item, tuple):
        if not 1 < len(item) <= _MOST:
            raise UsageError(
                f"a step of expect_sequence() is an event's name, (channel, event) or "
                f"(channel, event, data), not {item!r}"
            )
        channel, event = (None if one is ... else one for one in item[:2])
        return WantedDelivery(channel, event, *item[2:])
    if item is ...:
        return WantedDelivery()
    if callable(item) and not isinstance(item, type):
        return WantedDelivery(where=item)
    return WantedDelivery(event=item)


def _follow(steps: list[WantedDelivery], came: list[Delivery]) -> list[Delivery]:
    """As many steps as were found one after the other."""
    found: list[Delivery] = []
    for one in came:
        if len(found) < len(steps) and steps[len(found)].fits_delivery(one):
            found.append(one)
    return found


def _sequence(steps: list[WantedDelivery]) -> str:
    return " → ".join(str(step) for step in steps)


def _explain(
    steps: list[WantedDelivery],
    came: list[Delivery],
    found: list[Delivery],
    connection: str,
    exactly: bool,
) -> list[str]:
    only = " and nothing else" if exactly else ""
    if len(found) < len(steps):
        missing = steps[len(found)]
        after = f" after {_describe(found[-1])}" if found else ""
        fault = f"{missing} did not come{after}"
        early = [one for one in came if missing.fits_delivery(one) and one not in found]
        if early:
            fault += f"; it came {early[-1]}, too early"
    else:
        extra = next(one for one in came if one not in found)
        fault = f"there was also {_describe(extra)}"
    lines = [f"expected {_sequence(steps)}{only} on {connection}, but {fault}:"]
    marks = {one.sequence: number for number, one in enumerate(found, 1)}
    shown = came[-_SHOWN:]
    if len(shown) < len(came):
        lines.append(f"  … {len(came) - len(shown)} earlier ones")
    width = len(str(len(steps)))
    for one in shown:
        number = marks.get(one.sequence)
        mark = "-" if number is None else str(number)
        lines.append(f"  {mark:>{width}}  {one} with {shorten(one.raw)}")
    return lines


def _describe(one: Delivery) -> str:
    return f"{one.event} on {one.channel} at {one.at:.15g} ms"


def _under_way(core: Core, log: Deliveries, steps: list[WantedDelivery]) -> list[str]:
    flying: Any = log.under_way
    found = [str(one) for one in flying if any(step.fits_delivery(one) for step in steps)]
    lines = [f"under way, {before_the_time(core)}:", *(f"  {one}" for one in found[:_SHOWN])]
    return [*(lines if found else []), *timeline(core.journal)]
