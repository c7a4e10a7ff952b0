"""What a test may ask of a mock broker, and do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compat.broker.errors import BrokerError, InvalidMessage
from compat.broker.messages import BrokerMessage, unpack
from pusher_mock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock import PublishedEvent, PusherMock
    from pusher_mock.core import CallbackError

__all__ = ["Controls"]


class Controls:
    """The part of `MockBroker` that no real broker has. Everything is done by its mock."""

    @property
    def mock(self) -> PusherMock:
        """Where messages go: its assertions, journal, clock and network."""
        raise NotImplementedError

    # Time ---------------------------------------------------------------------------------------

    def tick(self) -> Any:
        """Go on to the next time at which something is due, and let it happen.

        Returns:
            How much happened; 0 when nothing waits. It can be awaited as well.
        """
        clock: Any = self.mock.clock
        return clock.tick() if isinstance(clock, ManualClock) else clock.run_due()

    def tick_all(self) -> Any:
        """Go on until nothing is under way any more.

        Returns:
            How much happened. It can be awaited as well. After `disconnect_now` it does not wait
            for subscribers that try to come back in vain, and after `reconnect` it does.

        Raises:
            BrokerError: The clock is not a fake one.
            UsageError: It never ends: something sets itself again.
        """
        return self._fake_clock("tick_all").tick_all()

    def advance(self, ms: float) -> Any:
        """Let time pass, and happen what comes due on the way.

        Args:
            ms: Milliseconds, 0 or more.

        Returns:
            Something that can be awaited, and need not be.

        Raises:
            BrokerError: The clock is not a fake one.
            UsageError: Time cannot go back.
        """
        return self._fake_clock("advance").advance(ms)

    def _fake_clock(self, verb: str) -> ManualClock:
        clock: Any = self.mock.clock
        if not isinstance(clock, ManualClock):
            raise BrokerError(
                f"{verb}() moves a fake clock, and this broker keeps real time: leave "
                "use_fake_clock on, or run in a test whose mock has a ManualClock"
            )
        return clock

    # What goes wrong ----------------------------------------------------------------------------

    def disconnect_now(self) -> Any:
        """Let the transport die: subscribers hear nothing, `publish` and `subscribe` raise.

        Returns:
            What has an ``end()``, and works in a ``with`` block: the same as `reconnect`.
        """
        return self.mock.network.disconnect_now()

    def disconnect_after(self, messages: int) -> Any:
        """Let it die once so many further messages have been delivered, to all handlers together.

        Args:
            messages: How many, from 1.

        Returns:
            What takes it back by ``end()``.

        Raises:
            UsageError: The number is below 1.
        """
        return self.mock.network.disconnect_after(messages)

    def reconnect(self) -> None:
        """Let it live again: publishing works at once, subscribers come back as pysher does.

        They try every 10 seconds of the clock, from when they were cut. What was published
        meanwhile is lost.
        """
        self.mock.network.reconnect()

    def fault(
        self,
        match: Any = "*",
        when: Callable[[BrokerMessage], object] | None = None,
        action: str = "drop",
        times: int | None = None,
        *,
        delay: float | None = None,
    ) -> Any:
        """Have something go wrong for chosen messages; see `BrokerFault`.

        Args:
            match: Topics: a glob such as ``voice.*``, or a compiled regular expression.
            when: Asked about each message on them.
            action: ``drop``, ``error``, ``delay``, ``duplicate``, ``corrupt`` or ``close``.
            times: How often; ``None`` for always, or once if the action is ``close``.
            delay: Milliseconds of a ``delay``; 1,000 by default.

        Returns:
            What takes it back by ``end()`` or in a ``with`` block, and has its ``hits``.

        Raises:
            UsageError: There is nothing of that kind.
        """
        asked = None if when is None else lambda event: when(_message_of(event))
        return self.mock.network.fault(match, when=asked, action=action, times=times, delay=delay)

    # What happened ------------------------------------------------------------------------------

    def metrics(self) -> Any:
        """What became of messages so far: ``published``, ``delivered``, ``dropped`` and so on."""
        return self.mock.metrics()

    @property
    def errors(self) -> list[CallbackError]:
        """What handlers raised; the same as `mock.errors`."""
        return self.mock.errors

    def on_published(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of every event that is published; returns what ends it.

        Args:
            callback: Called with a `pusher_mock.PublishedEvent`.
        """
        return self.mock.on_published(callback)

    def on_delivered(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of every delivery to a subscriber; returns what ends it.

        Args:
            callback: Called with ``channel``, ``event``, ``raw``, ``data``, ``at`` and
                ``connection``.
        """
        return self.mock.on_delivered(callback)

    def on_dropped(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Be told of everything that a subscriber will not get; returns what ends it.

        Args:
            callback: Called with the same as for `on_delivered`, and the ``reason``.
        """
        return self.mock.on_dropped(callback)


def _message_of(event: PublishedEvent) -> BrokerMessage:
    """The message that an event carries; made around its data when there is none in it."""
    made = "", int(event.at)
    try:
        return unpack(event.channel, event.event, event.raw, made=made)
    except InvalidMessage:
        return BrokerMessage(made[0], event.channel, made[1], event.data)
