"""`BrokerClient`: what code needs that publishes and listens, whoever is behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from compat.broker.messages import BROKER_EVENT, BrokerMessage

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["BrokerClient", "Handler"]

Handler = Callable[[BrokerMessage], object]
"""What a subscriber is: called with each message; what it returns does not matter."""


@runtime_checkable
class BrokerClient(Protocol):
    """Publishes messages on topics and subscribes to them.

    A topic is a channel of Pusher. Messages come at most once, in order, to whoever is subscribed
    when they are published. In a ``with`` block a client is closed at the end.
    """

    def publish(
        self,
        topic: str,
        payload: Any,
        *,
        headers: Mapping[str, str] | None = None,
        event: str = BROKER_EVENT,
    ) -> None:
        """Publish a message.

        Args:
            topic: The name of a channel.
            payload: Anything that JSON holds. With the rest of the envelope up to 10 kB.
            headers: Texts that travel beside it.
            event: Another name makes it a plain event, as `pusher_server.trigger` sends it: the
                payload is its data, and there is no envelope.

        Raises:
            InvalidTopic: The topic is none.
            InvalidMessage: The payload, a header or the event's name cannot be sent.
            BrokerDisconnected: Pusher cannot be reached, or the client is closed.
            PusherError: Pusher refuses, as the SDK says it.
        """
        ...

    def subscribe(
        self, topic: str, handler: Handler, *, event: str = BROKER_EVENT
    ) -> Callable[[], None]:
        """Have a handler called with the messages of a topic.

        Args:
            topic: The name of a channel.
            handler: Called with a `BrokerMessage`. What it raises disturbs nobody else.
            event: Another name listens to plain events: each comes as the payload of a message
                that is made here, with an id and a time of its own.

        Returns:
            What ends this subscription; again is fine.

        Raises:
            InvalidTopic: The topic is none, or is encrypted.
            InvalidMessage: The event's name is none.
            BrokerDisconnected: Pusher cannot be reached, or the client is closed.
        """
        ...

    def unsubscribe(self, topic: str, handler: Handler) -> None:
        """End every subscription of a handler to a topic; none is fine.

        Args:
            topic: The topic.
            handler: The handler.
        """
        ...

    def close(self) -> None:
        """End every subscription and refuse further use; again is fine."""
        ...

    def __enter__(self) -> Self:
        """Return the client itself."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        ...
