"""One subscription of an asynchronous subscriber."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Self

from pusher_mock.protocol.errors import UsageError

from .inbox import Inbox, ReceivedEvent

if TYPE_CHECKING:
    from .subscriber import AsyncSubscriber

__all__ = ["AsyncChannel"]

_INTERNAL = "pusher_internal:"
_PUBLIC = "pusher:"  # facts 1.5.4: the name that the service's own libraries give


class AsyncChannel:
    """A channel that an ``AsyncSubscriber`` is subscribed to; made by its ``subscribe()``.

    ``async for event in channel`` takes events until the subscription or the connection is ended
    from this side.

    Attributes:
        name: the channel's name.
        members: who is on a presence channel: user id to user info, which may be ``None``.
        subscribed: whether the service has accepted the subscription, and it has not ended.
    """

    def __init__(self, subscriber: AsyncSubscriber, name: str) -> None:
        self.name = name
        self.members: dict[str, Any] = {}
        self.subscribed = False
        self._subscriber = subscriber
        self._inbox = Inbox()
        self._left = False

    @property
    def events(self) -> list[ReceivedEvent]:
        """Every event so far, those that ``next()`` has returned included."""
        return list(self._inbox.events)

    async def next(
        self,
        event: str | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - a failure here says what happened
    ) -> ReceivedEvent:
        """Await the next event.

        Args:
            event: only one with this name; what comes before it is skipped.
            timeout: seconds of real time; the subscriber's by default. 0 takes what is there.

        Returns:
            The event. Members that come and go are events, too: ``pusher:member_added``.

        Raises:
            ExpectationFailed: none came in time; the text shows what happened on the mock.
            ProtocolViolation: the service has closed the connection.
            UsageError: the subscription or the connection has been ended from this side.
        """
        __tracebackhide__ = True
        return await self._subscriber.next_of(self._inbox, event, timeout, self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ReceivedEvent:
        try:
            return await self.next(timeout=inf)
        except UsageError:
            if self._left or self._subscriber.closed:
                raise StopAsyncIteration from None
            raise

    async def trigger(self, event: str, data: Any) -> None:
        """Send a client event; see ``AsyncSubscriber.trigger``."""
        await self._subscriber.trigger(event, data, self)

    async def unsubscribe(self) -> None:
        """Leave the channel; see ``AsyncSubscriber.unsubscribe``."""
        await self._subscriber.unsubscribe(self)

    # What the subscriber calls -----------------------------------------------------------------

    def receive(self, event: str, raw: str, data: Any, user_id: str | None) -> ReceivedEvent | None:
        """Take what the service sent, on any thread; returns the event unless it is internal."""
        if event == f"{_INTERNAL}subscription_succeeded":
            self.members = dict(data["presence"]["hash"] or {}) if "presence" in data else {}
            self.subscribed = True
            return None
        if event == f"{_INTERNAL}member_added":
            self.members[data["user_id"]] = data.get("user_info")
        elif event == f"{_INTERNAL}member_removed":
            self.members.pop(data["user_id"], None)
        if event.startswith(_INTERNAL):
            event = _PUBLIC + event[len(_INTERNAL) :]
        received = ReceivedEvent(self.name, event, data, raw, user_id)
        self._inbox.put(received)
        return received

    def leave(self) -> None:
        """The subscription has ended from this side."""
        self._left = True
        self.subscribed = False

    def check(self) -> None:
        """Refuse to wait for what cannot come.

        Raises:
            UsageError: the subscription has ended.
        """
        if self._left:
            raise UsageError(
                f"the subscription to {self.name} has ended; await subscribe({self.name!r}) again"
            )

    def __repr__(self) -> str:
        left = "" if self.subscribed else " not subscribed"
        return f"<AsyncChannel {self.name} events={len(self._inbox.events)}{left}>"
