"""One connection of pysher, and who listens on it."""

from __future__ import annotations

import contextlib
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import pysher

__all__ = ["Listener", "Subscription"]

# Seconds. pysher waits for its thread, which may not notice for long that its socket is closed.
_JOIN_S: Final = 0.5


class Subscription:
    """One handler that listens to one event of one topic.

    Attributes:
        topic: The channel.
        event: The event's name.
        handler: Who listens.
        listener: The connection.
    """

    __slots__ = ("event", "handler", "listener", "topic")

    def __init__(
        self, topic: str, event: str, handler: Callable[..., object], listener: Listener
    ) -> None:
        """Keep who listens to what.

        Args:
            topic: The channel.
            event: The event's name.
            handler: Who listens.
            listener: The connection.
        """
        self.topic = topic
        self.event = event
        self.handler = handler
        self.listener = listener


class Listener:
    """A client of pysher's that loses no subscription.

    pysher sends nothing for what is subscribed before the connection is there, and after a
    reconnection it subscribes to nothing by itself (facts 5.2). Here everything is subscribed as
    soon as there is a connection, each time anew, so that private channels are signed for it.

    Attributes:
        client: The client.
    """

    def __init__(
        self, client: pysher.Pusher, deliver: Callable[[Subscription, object], None]
    ) -> None:
        """Take a client that is not connected yet.

        Args:
            client: The client.
            deliver: Called with each event: for whom, and its data.
        """
        self.client = client
        self._deliver = deliver
        # Reentrant: a subscription may bring a cached event, whose handler may subscribe.
        self._lock = RLock()
        self._topics: dict[str, list[Subscription]] = {}
        self._opened = False
        self._closed = False
        client.connection.bind("pusher:connection_established", self._established)

    def open(self) -> None:
        """Connect; again is fine."""
        with self._lock:  # who comes meanwhile tries by itself if this fails
            if self._opened:
                return
            self._opened = True
            try:
                self.client.connect()
            except BaseException:
                self._opened = False
                raise

    def add(self, subscription: Subscription) -> None:
        """Listen, as soon as there is a connection.

        Args:
            subscription: To what, and for whom.
        """
        with self._lock:
            present = self._topics.setdefault(subscription.topic, [])
            present.append(subscription)
            if not self._connected:
                return
            channel = self.client.channels.get(subscription.topic)
            if channel is None:
                self._subscribe(subscription.topic)
            elif all(one.event != subscription.event for one in present[:-1]):
                self._bind(channel, subscription.topic, subscription.event)

    def remove(self, subscription: Subscription) -> bool:
        """Listen no longer.

        Args:
            subscription: What `add` was given; again is fine.

        Returns:
            Whether nobody listens here any more.
        """
        topic = subscription.topic
        with self._lock:
            present = self._topics.get(topic, [])
            if subscription in present:
                present.remove(subscription)
                if not present:
                    del self._topics[topic]
                    if self._connected:
                        self.client.unsubscribe(topic)
            return not self._topics

    def close(self) -> None:
        """Disconnect; again is fine, also inside a handler."""
        with self._lock:
            self._topics.clear()
            self._closed = True
        # Before connect(), and on pysher's own thread, it has done its work when it raises.
        with contextlib.suppress(RuntimeError):
            self.client.disconnect(_JOIN_S)

    @property
    def _connected(self) -> bool:
        return self.client.connection.state == "connected"

    def _established(self, data: object) -> None:
        if self._closed:
            self.close()  # pysher was waiting to reconnect, and does so once more
            return
        with self._lock:
            failed: list[Exception] = []
            for topic in list(self._topics):
                try:
                    self._subscribe(topic)
                except Exception as error:  # an endpoint that does not authorize, for one
                    failed.append(error)
        if failed:
            raise failed[0]  # pysher logs it, and the double keeps it

    def _subscribe(self, topic: str) -> None:
        channel = self.client.subscribe(topic)
        for event in dict.fromkeys(one.event for one in self._topics[topic]):
            self._bind(channel, topic, event)

    def _bind(self, channel: Any, topic: str, event: str) -> None:
        channel.bind(event, self._arrived, topic, event)

    def _arrived(self, data: object, topic: str, event: str) -> None:
        with self._lock:
            present = list(self._topics.get(topic, ()))
        for one in present:
            if one.event == event:
                self._deliver(one, data)
