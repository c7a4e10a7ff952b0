"""What a mock tells a test: assertions, what happened, and waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .delivery_witness import DeliveryWitness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import CallbackError, Core
    from pusher_mock.engine import DeliverWebhook, PublishedEvent

    from .wanted import Name

__all__ = ["Witness"]


class Witness(DeliveryWitness):
    """The part of ``PusherMock`` that a test asks. What it needs is imported when asked."""

    core: Core

    @property
    def errors(self) -> list[CallbackError]:
        """What callbacks raised; pysher would have hidden it."""
        return self.core.errors

    def published(
        self, channel: Name | None = None, event: Name | None = None
    ) -> list[PublishedEvent]:
        """The events published so far, oldest first, those of clients included.

        Args:
            channel: only this channel's.
            event: only with this name.

        Returns:
            One entry for each channel that an event was published on.

        Raises:
            UsageError: some have dropped out of the journal; the text names the size to set.
        """
        from pusher_mock.testing.expect import published

        return published(self.core.journal, channel, event)

    def assert_triggered(
        self,
        channel: Name,
        event: Name,
        data: Any = ...,
        *,
        times: int | None = None,
        socket_id: str | None = None,
    ) -> PublishedEvent:
        """Assert that an event was published, and return the last one that fits.

        Args:
            channel: the channel's name, or a compiled regular expression for it.
            event: the event's name, likewise.
            data: what its data is, decoded, or its very text; ``...`` for anything. In its place,
                or inside of it, may stand ``ANY``, a compiled regular expression, a class, a
                function that says whether a value will do, and ``pusher_mock.testing.subset()``.
            times: exactly how often, from 1; ``None`` for at least once.
            socket_id: the connection that was excluded.

        Returns:
            The last event that fits.

        Raises:
            ExpectationFailed: it was not; the text shows the nearest misses.
            UsageError: the journal no longer holds what the answer depends on, or ``times`` is
                below 1.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.expect import Wanted, assert_triggered

        return assert_triggered(self.core.journal, Wanted(channel, event, data, socket_id), times)

    def assert_not_triggered(
        self, channel: Name | None = None, event: Name | None = None, data: Any = ...
    ) -> None:
        """Assert that no such event was published; without arguments, none at all.

        Args:
            channel: only this channel's.
            event: only with this name.
            data: only with this data, as for ``assert_triggered``; ``...`` for any.

        Raises:
            ExpectationFailed: one was; the text shows which.
            UsageError: the journal no longer holds what the answer depends on.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.expect import Wanted, assert_not_triggered

        assert_not_triggered(self.core.journal, Wanted(channel, event, data))

    def webhooks(self) -> list[DeliverWebhook]:
        """The webhooks due so far, oldest first, each with URL, headers and signed body.

        Raises:
            UsageError: some have dropped out of the journal; the text names the size to set.
        """
        from pusher_mock.testing.expect import webhooks

        return webhooks(self.core.journal)

    def raise_errors(self) -> None:
        """Raise what a callback raised, if anything, and forget it.

        Raises:
            Exception: the very error of the first callback, with a note of where it came from;
                an ``ExceptionGroup`` when there are several.
        """
        from pusher_mock.testing.errors import raise_errors

        raise_errors(self.core.errors)

    def wait_until(
        self, reached: Callable[[], object], timeout: float = 5.0, what: str = ""
    ) -> None:
        """Wait until something is the case, for clients that run on threads of their own.

        Args:
            reached: asked at once and after whatever happens to this mock, under its lock; it
                may read the mock, and must not wait.
            timeout: seconds of real time.
            what: it, in words, for the failure text.

        Raises:
            ExpectationFailed: it did not come to pass; the text shows what happened last.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import wait_until

        wait_until(self.core, reached, what, timeout)

    def wait_until_connected(self, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until at least that many connections are open.

        Args:
            count: how many.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: there were fewer; the text shows what happened last.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import connected, wait_until

        wait_until(self.core, *connected(self.core, count), timeout)

    def wait_until_subscribed(self, channel: str, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until a channel has at least that many subscriptions.

        Args:
            channel: its name, in any app.
            count: how many; 0 waits until there are none.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: there were fewer, or for 0 still some; the text shows what happened
                last, refusals included.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import subscribed, wait_until

        wait_until(self.core, *subscribed(self.core, channel, count), timeout)

    def wait_until_delivered(self, timeout: float = 5.0) -> None:
        """Wait until intercepted clients have read what they were sent, and acted on it.

        For the real pysher and for code that runs on websocket-client in a thread of its own, this
        is when every callback for what was sent so far has returned, what these callbacks brought
        about included: each connection has nothing left to read, and its thread is back where it
        waits. A client of websockets or aiohttp has been given everything by then, but the tasks
        that take it from there may still have to run. Left out are connections that only the
        calling thread could read, those of the doubles, whose callbacks have run anyway, and those
        of clients on the other side of a real socket.

        Args:
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: somebody has not; a callback that does not return, for one.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import delivered, wait_until

        wait_until(self.core, *delivered(self.core), timeout)

    def wait_until_triggered(
        self, channel: Name, event: Name, data: Any = ..., *, times: int = 1, timeout: float = 5.0
    ) -> PublishedEvent:
        """Wait until an event has been published, and return the last one that fits.

        Args:
            channel: the channel's name, or a compiled regular expression for it.
            event: the event's name, likewise.
            data: what its data is, as for ``assert_triggered``; ``...`` for anything.
            times: how often at least, since the mock was made or reset.
            timeout: seconds of real time.

        Raises:
            ExpectationFailed: it was not; the text shows the nearest misses.
        """
        __tracebackhide__ = True
        from pusher_mock.testing.waits import triggered

        return triggered(self.core, channel, event, data, times, timeout)
