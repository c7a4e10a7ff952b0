"""Assertions on what reached subscribers, with failures that say why something did not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.network.conditions import is_count
from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .deliveries import UNNAMED, Deliveries, read
from .differences import shorten
from .expect import check_complete, count, describe
from .folding import folded
from .nearest import nearest
from .recipients import recipient
from .timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pusher_mock.core import Core

    from .deliveries import Delivery, Drop
    from .wanted import WantedDelivery

__all__ = [
    "before_the_time",
    "delivered",
    "dropped",
    "expect_delivered",
    "expect_not_delivered",
    "look",
]

_SHOWN: Final = 5


def look(core: Core, wanted: WantedDelivery, to: Any) -> tuple[Deliveries, WantedDelivery]:
    """Read the journal, and find out whom ``to`` means.

    Raises:
        UsageError: it names nobody.
    """
    with core.lock:
        log = read(core.journal)
    names = recipient(to, log.sockets, complete=not core.journal.evicted)
    if names is None:
        return log, wanted
    return log, replace(wanted, to=frozenset(names).__contains__, whose=", ".join(names))


def delivered(core: Core, wanted: WantedDelivery, to: Any) -> list[Delivery]:
    """The deliveries that fit, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    log, wanted = look(core, wanted, to)
    check_complete(core.journal)
    fitting = [one for one in log.arrived if wanted.fits_delivery(one)]
    _check_named(log, wanted)
    return fitting


def dropped(core: Core, wanted: WantedDelivery, to: Any) -> list[Drop]:
    """Those that will not arrive and fit, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    log, wanted = look(core, wanted, to)
    check_complete(core.journal)
    found: Any = log.dropped  # a delivery but for its fate
    return [one for one in found if wanted.fits_delivery(one)]


def expect_delivered(
    core: Core, wanted: WantedDelivery, to: Any, times: int | None, in_order: bool
) -> Delivery:
    """Return the last delivery that fits; see ``PusherMock.expect_delivered``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    if times is not None and not is_count(times, 1):
        raise UsageError(f"times takes a number from 1, not {times!r}; use expect_not_delivered()")
    log, wanted = look(core, wanted, to)
    fitting = [one for one in log.arrived if wanted.fits_delivery(one)]
    if in_order or times is not None or not fitting:
        if in_order or times is None or len(fitting) <= times:
            check_complete(core.journal)
        _check_named(log, wanted)
    if times not in (None, len(fitting)) or not fitting:
        often = "at least once" if times is None else count(times)
        seen = f"it was delivered {count(len(fitting))}" if fitting else "it was not"
        lines = [f"expected {wanted} to be delivered {often}{_to(wanted)}, but {seen}."]
        raise ExpectationFailed("\n".join([*lines, *_explain(core, log, wanted, fitting)]))
    if in_order:
        _check_order(core, wanted, fitting)
    return fitting[-1]


def expect_not_delivered(core: Core, wanted: WantedDelivery, to: Any) -> None:
    """Raise if a delivery fits; see ``PusherMock.expect_not_delivered``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    log, wanted = look(core, wanted, to)
    fitting = [one for one in log.arrived if wanted.fits_delivery(one)]
    if not fitting:
        check_complete(core.journal)
        _check_named(log, wanted)
        return
    lines = [
        f"expected {wanted} not to be delivered{_to(wanted)}, but it was, {count(len(fitting))}:",
        *_listed(_describe(one) for one in fitting),
        *timeline(core.journal),
    ]
    raise ExpectationFailed("\n".join(lines))


def _to(wanted: WantedDelivery) -> str:
    return f" to {wanted.whose}" if wanted.to is not None else ""


def _check_named(log: Deliveries, wanted: WantedDelivery) -> None:
    """Refuse to say whether somebody was among so many that the journal does not name them all."""
    if wanted.to is None:
        return
    if any(one.connection is UNNAMED and wanted.fits_but_for_whom(one) for one in log.arrived):
        raise UsageError(
            "the journal does not name everybody in an audience this large: ask without to=, or "
            "have a recording_subscriber() record what it is given"
        )


def _check_order(core: Core, wanted: WantedDelivery, fitting: list[Delivery]) -> None:
    __tracebackhide__ = True
    latest: dict[str, Delivery] = {}
    for one in fitting:
        before = latest.setdefault(one.connection, one)
        if one.order < before.order and one.connection is not UNNAMED:
            lines = [
                f"expected {wanted} to be delivered in the order of publishing{_to(wanted)}, "
                f"but {one.connection} was given",
                f"  {_describe(before)}",
                "  and then, although it was published earlier,",
                f"  {_describe(one)}",
            ]
            raise ExpectationFailed("\n".join([*lines, *timeline(core.journal)]))
        latest[one.connection] = one


def _explain(
    core: Core, log: Deliveries, wanted: WantedDelivery, fitting: list[Delivery]
) -> list[str]:
    """Why there were none, or not as many."""
    lines = _listed(_describe(one) for one in fitting)
    lost: Any = log.dropped
    if found := [str(one) for one in lost if wanted.fits_delivery(one)]:
        lines += ["dropped:", *_listed(found)]
    flying: Any = log.under_way
    if found := [str(one) for one in flying if wanted.fits_delivery(one)]:
        lines += [f"under way, {before_the_time(core)}:", *_listed(found)]
    if not lines:
        lines += _nobody(core, log, wanted) or _missed(core, log, wanted)
    return [*lines, *timeline(core.journal)]


def before_the_time(core: Core) -> str:
    """What has to be done for what is under way to arrive."""
    if not hasattr(core.clock, "advance"):
        return "and real time has to pass: wait_until() waits for it"
    return "and the clock has to move: mock.drain(), or mock.clock.advance(ms)"


def _nobody(core: Core, log: Deliveries, wanted: WantedDelivery) -> list[str]:
    """What was published and sent to nobody at all."""
    offered = {(one.channel, one.event, one.raw) for one in log.arrived}
    offered |= {(one.channel, one.event, one.raw) for one in (*log.dropped, *log.set_out)}
    found: Any = [
        one for one in core.journal.published() if (one.channel, one.event, one.raw) not in offered
    ]
    plain = replace(wanted, where=None)
    fitting = [describe(one) for one in found if plain.fits_but_for_whom(one)]
    if not fitting:
        return []
    lines = ["it was published, and nobody else was subscribed:", *_listed(fitting)]
    apps = {one.app for one in found if plain.fits_but_for_whom(one)}
    state = core.engine.state
    for app in state.apps.values():
        channel = app.channels.get(wanted.channel) if isinstance(wanted.channel, str) else None
        if channel is not None and channel.connections and app.config.id not in apps:
            lines.append(
                f"It was published to app {', '.join(sorted(apps))}, and the subscribers are those "
                f"of app {app.config.id}: give both the same key"
            )
    return lines


def _missed(core: Core, log: Deliveries, wanted: WantedDelivery) -> list[str]:
    if log.arrived:
        near = nearest(wanted, log.arrived, wanted.misses_of, _describe)
        return [f"{len(log.arrived)} delivered; the nearest:", *near]
    number = len(core.journal.published())
    lost = core.network.metrics().unreceived
    if not number and lost:
        events = "1 event of a client was" if lost == 1 else f"{lost} events of clients were"
        return [f"{events} lost on the way to the service, and nothing was published."]
    if not number:
        return ["Nothing was published to this mock. Is the code under test using another one?"]
    return [f"{number} published, nothing delivered."]


def _listed(found: Iterable[str]) -> list[str]:
    runs = folded(found)
    lines = [f"  {line}" for line, _ in runs[:_SHOWN]]
    more = sum(count for _, count in runs[_SHOWN:])
    return [*lines, f"  … and {more} more"] if more else lines


def _describe(one: Delivery) -> str:
    return f"{one} with {shorten(one.raw)}"
