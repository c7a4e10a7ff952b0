"""Waiting for what reaches subscribers next, and letting everything that is under way arrive."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .delivered import before_the_time
from .deliveries import Delivery, read
from .reading import reader_of
from .recipients import among
from .timeline import timeline
from .wanted import WantedDelivery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from pusher_mock.core import Core

__all__ = ["Messages", "async_next_message", "drain", "next_message"]

_SHOWN: Final = 5
_HOUR: Final = 3_600_000.0  # milliseconds of a clock that is moved
_GLANCE: Final = 0.25  # seconds


class Messages(list[Delivery]):
    """Deliveries; may be awaited, which lets tasks go on, and waits for what they publish."""

    draining: _Draining | None = None

    def __await__(self) -> Generator[Any, Any, Messages]:
        from pusher_mock.clock.tasks import settle

        yield from settle().__await__()
        draining = self.draining
        if draining is None or not draining.pending() or not hasattr(draining.clock, "tick"):
            return self
        further = yield from _drain_awaited(draining).__await__()
        return further


# The next message ---------------------------------------------------------------------------------


def _looking(core: Core, wanted: WantedDelivery, to: Any) -> Callable[[], Delivery | None]:
    """What returns the next message once it is there, and marks it as read."""
    key = (wanted.channel, _key(to))
    test = None if to is None else among(to)

    def look() -> Delivery | None:
        with core.lock:
            reader = reader_of(core)
            reader.follow(core)
            sockets = reader.log.sockets

            def fits(one: Delivery) -> bool:
                return (
                    test is None or test(one.connection, sockets.get(one.connection, ""))
                ) and wanted.fits_but_for_whom(one)

            return reader.take(key, fits, once=to is None)

    return look


def _key(to: Any) -> Any:
    """Whom a reader is for. By number: a client in there would keep its mock alive."""
    if isinstance(to, list | tuple | set | frozenset):
        return tuple(_key(one) for one in to)
    return to if to is None or isinstance(to, str) else id(to)


def next_message(core: Core, wanted: WantedDelivery, to: Any, timeout: float) -> Delivery:
    """Wait for the next message; see ``PusherMock.await_next_message``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    look = _looking(core, wanted, to)
    found: list[Delivery] = []

    def reached() -> bool:
        one = look()
        if one is not None:
            found.append(one)
        return one is not None

    if not core.wait_for(reached, timeout):
        raise _in_vain(core, wanted, timeout)
    return found[0]


async def async_next_message(
    core: Core, wanted: WantedDelivery, to: Any, seconds: float
) -> Delivery:
    """Await the next message; see ``PusherMock.async_next_message``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    from .inbox import Bell

    look = _looking(core, wanted, to)
    bell = Bell()
    end = core.listen(lambda at, happened, effects: bell.ring())
    try:
        found = await _waiting(core, bell, look, seconds)
    finally:
        end()
    if found is None:
        raise _in_vain(core, wanted, seconds)
    return found


async def _waiting(
    core: Core, bell: Any, look: Callable[[], Delivery | None], seconds: float
) -> Delivery | None:
    """Look whenever something happens; where real time passes, run what is due on the way."""
    clock: Any = core.clock
    found: Delivery | None
    if hasattr(clock, "advance"):
        found = await bell.wait_for(look, seconds, clock)
        return found
    deadline = monotonic() + seconds
    while True:
        left = max(0.0, deadline - monotonic())
        due = max(0.0, clock.next_due - clock.now()) / 1000
        found = await bell.wait_for(look, min(left, due, _GLANCE))
        if found is not None or not left:
            return found
        clock.run_due()


def _in_vain(core: Core, wanted: WantedDelivery, seconds: float) -> ExpectationFailed:
    what = str(wanted).replace("any event", "an event", 1)
    lines = [f"waited {seconds:g} s for {what}, in vain", *_under_way(core, wanted)]
    return ExpectationFailed("\n".join([*lines, *timeline(core.journal)]))


def _under_way(core: Core, wanted: WantedDelivery) -> list[str]:
    with core.lock:
        flying: Any = read(core.journal).under_way  # deliveries, but for their time
    found = [f"  {one}" for one in flying if wanted.fits_but_for_whom(one)]
    if not found:
        return []
    more = len(found) - _SHOWN
    lines = found[:_SHOWN] + ([f"  … and {more} more"] if more > 0 else [])
    return [f"under way, {before_the_time(core)}:", *lines]


# Everything that is under way ---------------------------------------------------------------------


class _Draining:
    """Lets time pass until nothing is under way on a channel."""

    def __init__(self, core: Core, channel: str | None) -> None:
        self._core = core
        self._channel = channel
        self.clock: Any = core.clock
        self._end = self.clock.now() + _HOUR
        self._before = len(self._arrived())

    def _arrived(self) -> list[Delivery]:
        with self._core.lock:
            reader = reader_of(self._core)
            reader.follow(self._core)
            return reader.log.arrived

    def pending(self) -> bool:
        """Whether anything is under way."""
        metrics = self._core.network.metrics()
        if self._channel is None:
            return metrics.pending > 0
        found = metrics.by_channel.get(self._channel)
        return found is not None and found.pending > 0

    def to_tick(self) -> bool:
        """Whether the clock has to go on.

        Raises:
            UsageError: it would not help.
        """
        if not self.pending():
            return False
        if self.clock.idle:
            raise UsageError(
                "no time delivers what is under way: a paused connection has to resume() first\n"
                + "\n".join(_under_way(self._core, WantedDelivery(self._channel)))
            )
        if self.clock.now() >= self._end:
            raise UsageError(
                "drain() has let an hour of virtual time pass, and something is still under way: "
                "what it delivers makes somebody publish again; use mock.clock.advance(ms)"
            )
        return True

    def messages(self) -> Messages:
        """What has come meanwhile."""
        came = self._arrived()[self._before :]
        messages = Messages(one for one in came if self._channel in (None, one.channel))
        messages.draining = self
        return messages


def drain(core: Core, channel: str | None, timeout: float) -> Messages:
    """Let everything arrive that is under way; see ``PusherMock.drain``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    draining = _Draining(core, channel)
    clock: Any = core.clock
    if not hasattr(clock, "tick"):
        if not core.wait_for(lambda: not draining.pending(), timeout):
            what = "everything" if channel is None else f"everything on {channel}"
            lines = [f"waited {timeout:g} s for {what} to arrive, in vain"]
            lines += _under_way(core, WantedDelivery(channel)) + timeline(core.journal)
            raise ExpectationFailed("\n".join(lines))
        return draining.messages()
    while draining.to_tick():
        ticked = clock.tick()
        if not isinstance(ticked, int):  # other tasks go on meanwhile, so it has to be awaited
            awaited: Any = _drain_awaited(draining, ticked)
            return awaited  # type: ignore[no-any-return]
    return draining.messages()


async def _drain_awaited(draining: _Draining, ticked: Awaitable[int] | None = None) -> Messages:
    if ticked is not None:
        await ticked
    while draining.to_tick():
        await draining.clock.tick()
    return draining.messages()
