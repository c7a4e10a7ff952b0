"""`PusherBroker`: a broker client over the two SDKs, or over their doubles."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import contextmanager
from inspect import iscoroutinefunction
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from compat.broker.errors import BrokerDisconnected, InvalidMessage
from compat.broker.listening import Listener, Subscription
from compat.broker.messages import (
    BROKER_EVENT,
    BrokerMessage,
    check_event,
    check_member,
    check_topic,
    pack,
    unpack,
)
from compat.broker.queues import Queues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import TracebackType

    import pusher
    import pysher

    from compat.broker.client import Handler

__all__ = ["PusherBroker", "explained"]

_log: Final = logging.getLogger("compat.broker")
_MOST_BYTES: Final = 10_240  # facts 2.2


class PusherBroker(Queues):
    """A `BrokerClient` on `pusher.Pusher` and `pysher.Pusher`.

    Every handler of one client shares one connection, which is opened by the first subscription.
    pysher connects on a thread of its own, so a subscription begins a moment after `subscribe`
    has returned, and handlers run on that thread. After a reconnection everything is subscribed
    again; what was published meanwhile is missed. What a handler raises is logged.
    """

    def __init__(
        self, publisher: Callable[[], pusher.Pusher], subscriber: Callable[[], pysher.Pusher]
    ) -> None:
        """Take what makes the SDK's objects; nothing is made or connected yet.

        Args:
            publisher: Called for each message: what to publish with.
            subscriber: Called for a connection: a client that is not connected yet.
        """
        super().__init__()
        self._publisher = publisher
        self._subscriber = subscriber
        self._lock = Lock()
        self._subscriptions: list[Subscription] = []
        self._shared: Listener | None = None
        self._closed = False

    # Publishing ---------------------------------------------------------------------------------

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
            PusherError: Pusher refuses, as the SDK says it; a note says so when the message is
                larger than Pusher takes.
            ValueError: The SDK refuses, because the message is larger still.
        """
        data = self.prepare(topic, payload, headers, event)
        with explained(topic, data):
            self._publisher().trigger(topic, event, data)

    def prepare(
        self, topic: str, payload: Any, headers: Mapping[str, str] | None, event: str
    ) -> str:
        """The data of the event that `publish` sends; for `AsyncBroker`, which sends it itself.

        Args:
            topic: As for `publish`.
            payload: Likewise.
            headers: Likewise.
            event: Likewise.

        Raises:
            BrokerError: As `publish`.
        """
        self._check_open()
        check_topic(topic)
        check_event(event)
        ident, ts = self._stamp() if event == BROKER_EVENT else ("", 0)
        return pack(BrokerMessage(ident, topic, ts, payload, dict(headers or {})), event)

    # Subscribing --------------------------------------------------------------------------------

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
            InvalidTopic: The topic is none, is encrypted, or is a presence channel, while the
                client of pysher has no ``user_data`` that says who subscribes.
            InvalidMessage: The event's name is none, or the handler is a coroutine function.
            BrokerDisconnected: Pusher, or the endpoint that authorizes, cannot be reached, or the
                client is closed.
            AssertionError: The endpoint that authorizes has refused, as pysher says it.
        """
        self._check_open()
        check_topic(topic, listen=True)
        check_event(event, listen=True)
        if iscoroutinefunction(handler):
            raise InvalidMessage(
                "a handler is called and not awaited: subscribe with a plain function, which may "
                "put the message into a queue of your event loop"
            )
        listener = self._listener()
        check_member(topic, listener.client)
        subscription = Subscription(topic, event, handler, listener)
        with self._lock:
            self._subscriptions.append(subscription)
        try:
            listener.add(subscription)
            listener.open()
        except BaseException as error:
            self._end(subscription)
            if isinstance(error, OSError):  # the endpoint that authorizes, for one
                raise _unreachable(error) from error
            raise
        return lambda: self._end(subscription)

    def unsubscribe(self, topic: str, handler: Handler) -> None:
        """End every subscription of a handler to a topic; none is fine.

        Args:
            topic: The topic.
            handler: The handler.
        """
        for one in list(self._subscriptions):
            # Equal, not identical: `recorder.handler` is a new object each time.
            if one.topic == topic and one.handler == handler:
                self._end(one)

    def close(self) -> None:
        """End every subscription and refuse further use; again is fine."""
        with self._lock:
            self._closed = True
            ended, self._subscriptions = self._subscriptions, []
            shared, self._shared = self._shared, None
        listeners = [shared] if shared is not None else []
        for listener in dict.fromkeys([*(one.listener for one in ended), *listeners]):
            listener.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Say how many listen."""
        closed = " closed" if self._closed else ""
        return f"<{type(self).__name__} subscriptions={len(self._subscriptions)}{closed}>"

    # What the mock does otherwise ---------------------------------------------------------------

    def _stamp(self) -> tuple[str, int]:
        """An id and a time."""
        return str(uuid.uuid4()), int(time.time() * 1000)

    def _failed(self, subscription: Subscription, error: Exception) -> None:
        """A handler has raised."""
        _log.error(
            "the handler of %s on %s raised", subscription.event, subscription.topic, exc_info=error
        )

    def _listener(self) -> Listener:
        """The connection for one more handler."""
        with self._lock:
            if self._shared is None:
                self._shared = Listener(self._subscriber(), self._deliver)
            return self._shared

    def _left(self, listener: Listener) -> None:
        """Nobody listens on a connection any more: it stays open for the next one."""

    # Common -------------------------------------------------------------------------------------

    def _deliver(self, subscription: Subscription, data: object) -> None:
        topic, event = subscription.topic, subscription.event
        try:
            made = None if event == BROKER_EVENT else self._stamp()
            subscription.handler(unpack(topic, event, data, made=made))
        except Exception as error:
            self._failed(subscription, error)

    def _end(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
        if subscription.listener.remove(subscription):
            self._left(subscription.listener)

    def _check_open(self) -> None:
        if self._closed:
            raise BrokerDisconnected("this broker client is closed; create another one")


@contextmanager
def explained(topic: str, data: str) -> Iterator[None]:
    """Turn errors of the network into `BrokerDisconnected`, and say how large a message is.

    Args:
        topic: Where it goes.
        data: The event's data.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or _is_of_httpx(error):
            raise _unreachable(error) from error
        _note_size(error, topic, data)
        raise


def _is_of_httpx(error: Exception) -> bool:
    """Whether httpx, or httpx2, which need not be installed, could not get through."""
    return any(
        kind.__name__ == "TransportError" and kind.__module__.startswith("httpx")
        for kind in type(error).__mro__
    )


def _unreachable(error: Exception) -> BrokerDisconnected:
    return BrokerDisconnected(f"Pusher cannot be reached: {error}")


def _note_size(error: Exception, topic: str, data: str) -> None:
    size = len(data.encode("utf-8", "surrogatepass"))
    if size > _MOST_BYTES:
        error.add_note(
            f"the message on {topic} has {size} bytes, and Pusher takes {_MOST_BYTES}: "
            "publish an id, and let subscribers fetch the rest"
        )
