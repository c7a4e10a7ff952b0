"""Waiting for what clients on other threads, or on the other side of a socket, bring about."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any

from pusher_mock.core import readers
from pusher_mock.engine import FrameReceived, SendFrame
from pusher_mock.network.conditions import is_count
from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .expect import Wanted, assert_triggered, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core
    from pusher_mock.engine import PublishedEvent

    from .wanted import Name

__all__ = ["connected", "delivered", "happened", "subscribed", "triggered", "wait_until"]

_SHOWN = 5


def wait_until(
    core: Core, reached: Callable[[], object], what: str = "", timeout: float = 5.0
) -> None:
    """Wait until something is the case; see ``PusherMock.wait_until``."""
    __tracebackhide__ = True
    if not core.wait_for(lambda: bool(reached()), timeout):
        name = what or getattr(reached, "__name__", "what was waited for")
        raise ExpectationFailed(f"waited {timeout:g} s for {name}, in vain\n{happened(core)}")


def connected(core: Core, count: int) -> tuple[Callable[[], bool], str]:
    """Whether so many connections are open, and how to say it."""
    if not is_count(count, 1):
        raise UsageError(f"wait_until_connected() takes a number from 1, not {count!r}")
    return lambda: len(core.engine.state.connections) >= count, f"{count} open connections"


def subscribed(core: Core, channel: str, count: int) -> tuple[Callable[[], bool], str]:
    """Whether a channel has so many subscriptions, and how to say it."""
    if not is_count(count, 0):
        raise UsageError(f"wait_until_subscribed() takes a number from 0, not {count!r}")

    def number() -> int:
        found = [app.channels.get(channel) for app in core.engine.state.apps.values()]
        return sum(len(one.connections) for one in found if one is not None)

    if not count:
        return lambda: not number(), f"nobody to be subscribed to {channel}"
    return lambda: number() >= count, f"{count} subscriptions to {channel}"


def delivered(core: Core) -> tuple[Callable[[], bool], str]:
    """Whether every intercepted client has caught up, and how to say it."""
    caller = get_ident()

    def caught_up() -> bool:
        return all(reader.at_rest(caller) for reader in readers.of(core))

    return caught_up, "every intercepted client to have read and handled what it was sent"


def triggered(
    core: Core, channel: Name, event: Name, data: Any, times: int, timeout: float
) -> PublishedEvent:
    """Wait for an event; see ``PusherMock.wait_until_triggered``."""
    __tracebackhide__ = True
    if not is_count(times, 1):
        raise UsageError(f"wait_until_triggered() takes times from 1, not {times!r}")
    wanted = Wanted(channel, event, data)

    def fitting() -> list[PublishedEvent]:
        return [one for one in core.journal.published() if wanted.fits(one)]

    core.wait_for(lambda: len(fitting()) >= times, timeout)
    found = fitting()
    # Without enough of them this fails, and says what there is instead.
    return found[-1] if len(found) >= times else assert_triggered(core.journal, wanted, times)


def happened(core: Core) -> str:
    """The last things that clients asked for, and how they were refused."""
    with core.lock:
        entries = list(core.journal)
    lines = []
    for entry in entries:
        for effect in entry.effects:
            if isinstance(effect, SendFrame) and effect.frame.event == "pusher:error":
                why = f" ({effect.note})" if effect.note else ""
                lines.append(f"{effect.connection} was refused: {effect.frame.data}{why}")
        if isinstance(entry.input, FrameReceived):
            lines.append(f"{entry.input.connection} sent {shorten(str(entry.input.text))}")
    connections = core.engine.state.connections
    there = "\n".join(
        f"  {one.id}: {', '.join(one.channels) or 'no channels'}" for one in connections.values()
    )
    heard = "\n".join(f"  {line}" for line in lines[-_SHOWN:])
    return f"connected and subscribed:\n{there or '  nobody'}\nlast heard:\n{heard or '  nothing'}"
