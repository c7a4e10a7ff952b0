"""What a mock tells a test about deliveries: who got what, in which order, and who did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pusher_mock.core import Core
    from pusher_mock.testing.awaiting import Messages
    from pusher_mock.testing.deliveries import Delivery, Drop
    from pusher_mock.testing.recorder import Recorder
    from pusher_mock.testing.wanted import Name

__all__ = ["DeliveryWitness"]


class DeliveryWitness:
    """The part of ``Witness`` about subscribers. What it needs is imported when asked.

    Channels and events are given by name, or by a compiled regular expression. Whom it is about is
    an id (``mock-connection-1``), a socket id, a client, a recorder, or a list of these.
    """

    core: Core

    def recording_subscriber(
        self, *channels: str, app: Any = None, **client_options: Any
    ) -> Recorder:
        """Connect a client of its own that records whatever its channels are sent.

        Whenever its connection is there again, it subscribes again, signed anew.

        Args:
            *channels: what it subscribes to; further ones by its ``subscribe()``.
            app: whose credentials, as for ``client()``. Without it those of the application, as
                the fixtures have them: the switch's while it hands out mocks, and the mock's first
                app's otherwise.
            **client_options: further parameters of ``client()``.

        Returns:
            The recorder, connected and subscribed.

        Raises:
            UsageError: as ``client()``.
        """
        from pusher_mock.testing.recorder import Recorder

        mock: Any = self
        return Recorder.listening(mock, channels, app, client_options)

    # What has arrived --------------------------------------------------------------------------

    def delivered(
        self, channel: Name | None = None, event: Name | None = None, *, to: Any = None
    ) -> list[Delivery]:
        """What has reached subscribers so far, oldest first, each copy to each of them.

        Args:
            channel: only this channel's.
            event: only with this name.
            to: only to these.

        Raises:
            UsageError: some have dropped out of the journal, or ``to`` names nobody.
        """
        from pusher_mock.testing.delivered import delivered
        from pusher_mock.testing.wanted import WantedDelivery

        return delivered(self.core, WantedDelivery(channel, event), to)

    def dropped(
        self, channel: Name | None = None, event: Name | None = None, *, to: Any = None
    ) -> list[Drop]:
        """What will not reach subscribers, oldest first, and why.

        Args:
            channel: only this channel's.
            event: only with this name.
            to: only what was for these.

        Raises:
            UsageError: some have dropped out of the journal, or ``to`` names nobody.
        """
        from pusher_mock.testing.delivered import dropped
        from pusher_mock.testing.wanted import WantedDelivery

        return dropped(self.core, WantedDelivery(channel, event), to)

    def expect_delivered(
        self,
        channel: Name | None = None,
        event: Name | None = None,
        data: Any = ...,
        *,
        times: int | None = None,
        where: Callable[[Delivery], object] | None = None,
        to: Any = None,
        in_order: bool = False,
    ) -> Delivery:
        """Assert that something has reached subscribers, and return the last delivery that fits.

        Args:
            channel: the channel; ``None`` for any.
            event: the event; ``None`` for any.
            data: what its data is, as for ``assert_triggered``.
            times: exactly how many deliveries, copies included, from 1; ``None`` for at least one.
            where: asked about each that fits so far.
            to: to whom.
            in_order: whether each connection was given them in the order of publishing.

        Returns:
            The last delivery that fits.

        Raises:
            ExpectationFailed: it has not; the text shows what was dropped or is under way, the
                nearest misses, and what happened last.
            UsageError: the journal no longer holds what the answer depends on, ``times`` is below
                1, or ``to`` names nobody.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.delivered import expect_delivered
        from pusher_mock.testing.wanted import WantedDelivery

        wanted = WantedDelivery(channel, event, data, where=where)
        return expect_delivered(self.core, wanted, to, times, in_order)

    def expect_not_delivered(
        self,
        channel: Name | None = None,
        event: Name | None = None,
        data: Any = ...,
        *,
        where: Callable[[Delivery], object] | None = None,
        to: Any = None,
    ) -> None:
        """Assert that nothing like that has reached subscribers so far; see ``expect_delivered``.

        Raises:
            ExpectationFailed: something has; the text shows it, and what happened last.
            UsageError: the journal no longer holds what the answer depends on, or ``to`` names
                nobody.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.delivered import expect_not_delivered
        from pusher_mock.testing.wanted import WantedDelivery

        expect_not_delivered(self.core, WantedDelivery(channel, event, data, where=where), to)

    def expect_sequence(
        self, *wanted: Any, to: Any = None, exactly: bool = False
    ) -> list[Delivery]:
        """Assert that a connection was given these events one after the other.

        Args:
            *wanted: each an event's name, ``(channel, event)``, ``(channel, event, data)``, or a
                function that is asked about a delivery; ``...`` for any.
            to: to whom; else every connection that was given any of them.
            exactly: whether nothing else came before, between or after.

        Returns:
            The deliveries that are the sequence: to the first connection, where it is several.

        Raises:
            ExpectationFailed: it was not; the text shows how far it went.
            UsageError: the journal no longer holds everything, there is nothing that is wanted, or
                ``to`` names nobody.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.sequences import expect_sequence

        return expect_sequence(self.core, wanted, to, exactly)

    # What comes next ---------------------------------------------------------------------------

    def await_next_message(
        self,
        channel: Name | None = None,
        event: Name | None = None,
        *,
        to: Any = None,
        timeout: float = 5.0,
    ) -> Delivery:
        """Wait for the next message on a channel, from other threads or by a clock that jumps.

        The next one is the first that no earlier call for this channel has returned, from the
        beginning of the mock on; so it may be there already. An event that reaches several
        subscribers counts once, unless ``to`` says whom it is about.

        Args:
            channel: the channel; ``None`` for any.
            event: only one with this name; what comes before it is skipped.
            to: only what reaches these, copies included.
            timeout: seconds of real time, and of the mock's where its clock jumps.

        Returns:
            The delivery.

        Raises:
            ExpectationFailed: none came in time; the text shows what is under way, and what
                happened last.
            UsageError: something has dropped out of the journal before it was read.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.awaiting import next_message
        from pusher_mock.testing.wanted import WantedDelivery

        return next_message(self.core, WantedDelivery(channel, event), to, timeout)

    async def async_next_message(
        self,
        channel: Name | None = None,
        event: Name | None = None,
        *,
        to: Any = None,
        timeout: float = 5.0,  # noqa: ASYNC109 - a failure here says what happened
    ) -> Delivery:
        """Await the next message on a channel, as ``await_next_message`` waits for it.

        Under asyncio and trio; other tasks go on meanwhile.

        Raises:
            ExpectationFailed: none came in time.
            UsageError: something has dropped out of the journal before it was read.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.awaiting import async_next_message
        from pusher_mock.testing.wanted import WantedDelivery

        return await async_next_message(self.core, WantedDelivery(channel, event), to, timeout)

    def drain(self, channel: str | None = None, timeout: float = 5.0) -> Messages:
        """Let the clock run until nothing is under way any more.

        It may be awaited, and has to be where tasks sleep on the mock's clock.

        Args:
            channel: only until nothing is under way on this one.
            timeout: seconds to wait where the clock keeps real time.

        Returns:
            What has come meanwhile, on that channel if it is given, each copy to each subscriber.

        Raises:
            ExpectationFailed: something has not come in time, in real time.
            UsageError: no time delivers what is under way, for its connection is paused.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.awaiting import drain

        return drain(self.core, channel, timeout)

    # Everything --------------------------------------------------------------------------------

    def assert_journal(self, wanted: str | Path, update: bool | None = None) -> None:
        """Compare everything that happened with a snapshot.

        Args:
            wanted: the text itself, or the path of the file that keeps it. A file that is missing
                is made, except in CI (``CI`` is set in the environment).
            update: write the file anew instead; by default when ``PUSHER_MOCK_UPDATE`` is 1 in the
                environment.

        Raises:
            ExpectationFailed: they differ; the text shows how.
            UsageError: the journal no longer holds everything, or a text is to be updated.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.snapshots import assert_journal

        assert_journal(self.core, wanted, update)
