"""What an asynchronous subscriber has been sent, and waking whoever awaits it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel

from pusher_mock.clock.loops import call_soon_from_anywhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.clock import Clock

__all__ = ["Bell", "Inbox", "ReceivedEvent"]

_GLANCE = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a subscriber received it.

    Attributes:
        channel: the channel's name.
        event: the event's name.
        data: the data decoded from JSON, or the text itself when it is not JSON.
        raw: the text as it was on the wire.
        user_id: who sent it: set on client events of presence channels only (facts 1.9).
    """

    channel: str
    event: str
    data: Any
    raw: str
    user_id: str | None = None

    def __repr__(self) -> str:
        return f"<event {self.event} on {self.channel} data={self.raw}>"


class Inbox:
    """Events in the order they came, and how far they were read.

    Attributes:
        events: all of them, those that were read included.
    """

    def __init__(self) -> None:
        self.events: list[ReceivedEvent] = []
        self._read = 0

    def put(self, event: ReceivedEvent) -> None:
        """Add an event, from any thread."""
        self.events.append(event)

    def take(self, event: str | None) -> ReceivedEvent | None:
        """The next event with this name, or with any; those before it count as read."""
        while self._read < len(self.events):
            found = self.events[self._read]
            self._read += 1
            if event in (None, found.event):
                return found
        return None


class Bell:
    """Wakes what awaits on the event loop that this was made on."""

    def __init__(self) -> None:
        self._call_soon = call_soon_from_anywhere()
        self._event: anyio.Event | None = None

    def ring(self) -> None:
        """Have everybody look again; from any thread."""
        self._call_soon(self._set)

    def _set(self) -> None:
        if self._event is not None:
            self._event.set()

    def _fresh(self) -> anyio.Event:
        """What the next ring sets: one for all who wait at once."""
        event = self._event
        if event is None or event.is_set():
            event = self._event = anyio.Event()
        return event

    async def _jump(self, look: Callable[[], Any], clock: Clock, until: float) -> Any:
        """Move the clock on, from timer to timer, until there is something or it is time."""
        from pusher_mock.clock.tasks import settle

        while True:
            event = self._fresh()
            found = look()
            if found is not None:
                return found
            # Whoever can run does; then nobody but the clock can bring anything about.
            await settle(event.is_set)
            if event.is_set():
                continue
            if clock.now() >= until:
                return look()
            if until == inf and getattr(clock, "idle", False):
                # Nothing but pings for ever: somebody outside has to do something.
                with anyio.move_on_after(_GLANCE):
                    await event.wait()
            else:
                clock.wait(until)

    async def wait_for(
        self, look: Callable[[], Any], seconds: float, clock: Clock | None = None
    ) -> Any:
        """Look now, and again whenever the bell rings.

        Args:
            look: returns what is awaited, or ``None``; may raise.
            seconds: of real time; infinity waits without a limit.
            clock: the mock's. One that jumps by itself is moved instead of waiting, and the seconds
                are its own.

        Returns:
            What was found, or ``None`` when the time is over.
        """
        # Before anything is taken, for a cancelled task must not take an event with it.
        await anyio.lowlevel.checkpoint()
        if clock is not None and getattr(clock, "autojump", False):
            return await self._jump(look, clock, clock.now() + seconds * 1000)
        with anyio.move_on_after(seconds):
            while True:
                event = self._fresh()
                # From here on a ring is noticed, so what comes after this look is, too.
                found = look()
                if found is not None:
                    return found
                await event.wait()
        return look()
