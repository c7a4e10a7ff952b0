"""A small bench for the core: connections with plain sinks, and a publisher."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from pusher_mock import PusherMock
from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core, Outbox

__all__ = ["PATIENCE", "TARGET", "Bench", "Client", "in_thread", "lock_is_free"]

TARGET = "/app/mock-pusher-key?protocol=7"
PATIENCE = 20.0  # seconds after which a test gives up waiting for a thread


def in_thread(call: Callable[[], Any]) -> Any:
    """Call in a thread of its own, wait for it, and return or raise what it did."""
    done: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            done.append((call(), None))
        except BaseException as error:
            done.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for somebody"
    value, error = done[0]
    if error is not None:
        raise error
    return value


def lock_is_free(core: Core) -> bool:
    """Whether another thread could take the core's lock now."""

    def take() -> bool:
        if not core.lock.acquire(timeout=0.5):
            return False
        core.lock.release()
        return True

    return bool(in_thread(take))


class Client:
    """Takes frames of channels, notes their data, and calls what the test hooks in.

    Attributes:
        got: the data, in order.
        items: everything that is no frame of a channel.
        on: what is called with the data of a frame.
    """

    def __init__(self, bench: Bench, name: str, log: list[tuple[str, str]]) -> None:
        self.name = name
        self.got: list[str] = []
        self.items: list[Any] = []
        self.on: Callable[[str], object] = lambda data: None
        self._log = log
        self.box: Outbox = bench.core.open(TARGET, self.take, name=name)

    def take(self, item: Any) -> None:
        if isinstance(item, Frame) and item.channel is not None and "_internal" not in item.event:
            data = str(item.data)
            self.got.append(data)
            self._log.append((self.name, data))
            self.on(data)
        else:
            self.items.append(item)


class Bench:
    """A mock with plain connections.

    Attributes:
        log: who got what, over all connections.
    """

    def __init__(self, **options: Any) -> None:
        self.mock = PusherMock(**options)
        self.core = self.mock.core
        self.log: list[tuple[str, str]] = []

    def client(self, name: str, *channels: str) -> Client:
        """Open a connection and subscribe it."""
        client = Client(self, name, self.log)
        for channel in channels:
            self.subscribe(client, channel)
        return client

    def subscribe(self, client: Client, channel: str) -> None:
        """Send a subscription."""
        frame = {"event": "pusher:subscribe", "data": {"channel": channel}}
        self.core.send(client.box, json.dumps(frame))

    def publish(self, data: str, channel: str = "a") -> None:
        """Publish an event over the HTTP API."""
        self.mock.state.trigger(channel, "x", data)
