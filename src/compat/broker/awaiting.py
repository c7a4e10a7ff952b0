"""`AsyncBroker`: a broker client whose publishing is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from compat.broker.messages import BROKER_EVENT
from compat.broker.over_pusher import explained

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from compat.async_server import AsyncPusher
    from compat.broker.client import Handler
    from compat.broker.over_pusher import PusherBroker

__all__ = ["AsyncBroker"]


class AsyncBroker:
    """A broker client for code that awaits, under asyncio and trio.

    With a mock nothing is waited for: a message has been handled, or is under way on the mock's
    clock, when `publish` returns.

    Attributes:
        client: The client behind it: with a mock the `MockBroker`, with its clock and faults.
    """

    def __init__(
        self, client: PusherBroker, publisher: Callable[[], AsyncPusher] | None = None
    ) -> None:
        """Wrap a client.

        Args:
            client: What subscribes.
            publisher: Called for each message: what to publish with; ``None`` leaves that to the
                client, which must not block then.
        """
        self.client = client
        self._publisher = publisher

    async def publish(
        self,
        topic: str,
        payload: Any,
        *,
        headers: Mapping[str, str] | None = None,
        event: str = BROKER_EVENT,
    ) -> None:
        """Publish a message; see `BrokerClient`.

        Args:
            topic: The name of a channel.
            payload: Anything that JSON holds. With the rest of the envelope up to 10 kB.
            headers: Texts that travel beside it.
            event: Another name makes it a plain event.

        Raises:
            BrokerError: As for `BrokerClient`.
            PusherError: Pusher refuses, as the SDK says it.
        """
        if self._publisher is None:
            self.client.publish(topic, payload, headers=headers, event=event)
            return
        data = self.client.prepare(topic, payload, headers, event)
        with explained(topic, data):
            await self._publisher().trigger(topic, event, data)

    def subscribe(
        self, topic: str, handler: Handler, *, event: str = BROKER_EVENT
    ) -> Callable[[], None]:
        """Have a handler called with the messages of a topic; see `BrokerClient`.

        Args:
            topic: The name of a channel.
            handler: A plain function. With the real SDKs it runs on pysher's thread: hand messages
                to the event loop with ``loop.call_soon_threadsafe``.
            event: Another name listens to plain events.

        Returns:
            What ends this subscription; again is fine.

        Raises:
            BrokerError: As for `BrokerClient`.
        """
        return self.client.subscribe(topic, handler, event=event)

    def unsubscribe(self, topic: str, handler: Handler) -> None:
        """End every subscription of a handler to a topic; none is fine.

        Args:
            topic: The topic.
            handler: The handler.
        """
        self.client.unsubscribe(topic, handler)

    async def close(self) -> None:
        """End every subscription and refuse further use; again is fine."""
        if self._publisher is None:
            self.client.close()
            return
        from anyio import to_thread  # httpx needs it as well

        await to_thread.run_sync(self.client.close)  # pysher waits for its thread

    async def __aenter__(self) -> Self:
        """Return the client itself; a mock of its own is the current one until the end."""
        self.client.__enter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._publisher is None:
            self.client.__exit__(kind, error, traceback)
        else:
            await self.close()

    def __repr__(self) -> str:
        """Say what is behind it."""
        return f"<AsyncBroker {self.client!r}>"
