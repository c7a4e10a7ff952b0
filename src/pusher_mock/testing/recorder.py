"""A subscriber that records what it is given: payload, time and place in the order."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pusher_mock.core import DEFAULT_APP, current
from pusher_mock.network.meters import is_event
from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .application import application_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.core import Core
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.mock import PusherMock

__all__ = ["RecordedMessage", "Recorder", "recording_subscriber"]

_ESTABLISHED: Final = "pusher:connection_established"
_SIGNED: Final = ("private-", "presence-")
_COUNTS: WeakKeyDictionary[Core, count[int]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """What a recorder was given, and when.

    Attributes:
        payload: the data decoded from JSON, or the text itself when it is not JSON; of a broker's
            message its payload.
        raw: the text as it was on the wire; empty when the recorder was given no text.
        event: the event's name, where the recorder knows it.
        channel: the channel's name, or a broker's topic, where the recorder knows it.
        at: the mock's clock, in milliseconds.
        sequence: which of the messages it is, from 0, that the recorders of this mock were given
            together.
    """

    payload: Any
    raw: str
    event: str
    channel: str
    at: float
    sequence: int


class Recorder:
    """Records what it is given; made by ``recording_subscriber()``.

    Iterating over it gives the messages. It is a witness: whenever its connection is there again,
    it subscribes again, signed anew, as pusher-js does and pysher does not. What was published
    while it was away, it has missed.

    Attributes:
        messages: what it was given, oldest first.
        client: the double that it listens with; ``None`` for one that is only a handler.
        connections: the ids of the connections that its client has had, oldest first.
    """

    def __init__(self, mock: PusherMock | None = None) -> None:
        self.messages: list[RecordedMessage] = []
        self.client: MockPusherClient | None = None
        self.connections: list[str] = []
        self._mock = mock
        # Reentrant: a subscription may bring a cached event, whose callback may subscribe.
        self._lock = RLock()
        self._subscribed: dict[str, str] = {}  # by channel, on which connection

    @classmethod
    def listening(
        cls, mock: PusherMock, channels: tuple[str, ...], app: Any, options: dict[str, Any]
    ) -> Recorder:
        """Connect a client of its own, and subscribe it."""
        if app is None and mock.core.engine.state.template is DEFAULT_APP:
            # As the fixtures do: what the application publishes is what there is to record. Where
            # a test gives apps of its own, it is about these.
            credentials = application_credentials()
            credentials.pop("app_id", None)
            options = {**credentials, **options}
        recorder = cls(mock)
        recorder.client = client = mock.client(app, **options)
        client.connection.bind(_ESTABLISHED, recorder._connected)
        client.connect()
        recorder.subscribe(*channels)
        return recorder

    def _connected(self, _: object) -> None:
        client = self._listener()
        again = bool(self.connections)
        self.connections.append(self.connection_id)
        failed: list[Exception] = []
        with self._lock:
            for name in self._missing(client, again):
                try:
                    self._ask(client, name)
                except Exception as error:  # an authorization that fails, for one
                    failed.append(error)
        if failed:
            raise failed[0]  # the mock keeps it in its errors

    def _missing(self, client: MockPusherClient, again: bool) -> list[str]:
        """Its channels that are not subscribed on this connection."""
        by_itself = again and client.connection.reconnect_handler == client._reconnect_handler
        return [
            name
            for name, channel in client.channels.items()
            if isinstance(channel.event_callbacks, _Everything)
            and self._subscribed.get(name) != self.connection_id
            # With auto_sub=True pysher has, but without a signature (facts 5.2.23).
            and not (by_itself and not name.startswith(_SIGNED))
        ]

    def subscribe(self, *channels: str) -> None:
        """Record these channels, too, from now on or as soon as there is a connection.

        Args:
            *channels: their names.

        Raises:
            UsageError: the recorder is only a handler, or that is no name.
        """
        client = self._listener()
        for name in channels:
            if not isinstance(name, str):
                raise UsageError(f"a recorder takes the names of channels one by one, not {name!r}")
            with self._lock:
                self._listen(client, name, _Everything(self, name))
                if client.connection.state == "connected" or not client.connection.is_alive():
                    self._ask(client, name)

    def _listen(self, client: MockPusherClient, name: str, callbacks: _Everything) -> None:
        from pusher_mock.doubles.client import MockChannel

        channel = client.channels[name] = MockChannel(name, client.connection)
        channel.event_callbacks = callbacks

    def _ask(self, client: MockPusherClient, name: str) -> None:
        # What is bound stays, and is there before the answer: a cached event comes with it.
        callbacks = client.channels[name].event_callbacks
        client.subscribe(name).event_callbacks = callbacks
        self._subscribed[name] = self.connection_id

    def _listener(self) -> MockPusherClient:
        if self.client is None:
            raise UsageError(
                "this recorder is only a handler and has no connection: use "
                "mock.recording_subscriber('task-7'), or bind its handler"
            )
        return self.client

    # What it was given -------------------------------------------------------------------------

    def handler(self, message: Any = None, *, event: str = "", channel: str = "") -> None:
        """Record a message; for ``bind()``, ``subscribe()`` of a broker, and observers of a mock.

        Args:
            message: a text, as pysher's callbacks get it; a broker's message; what an observer of
                a mock is told; or anything else, which is the payload.
            event: the event's name, which a callback is not told: ``bind(name, handler,
                event=name)``.
            channel: the channel's name, likewise.
        """
        core = self._core
        payload, raw = message, ""
        if isinstance(message, str):
            payload, raw = _decoded(message), message
        elif hasattr(message, "raw") and hasattr(message, "data"):
            payload, raw = message.data, message.raw
            event, channel = event or message.event, channel or message.channel
        elif hasattr(message, "payload") and hasattr(message, "topic"):
            payload, channel = message.payload, channel or message.topic
        number = next(_COUNTS.setdefault(core, count()))
        at = core.clock.now()
        self.messages.append(RecordedMessage(payload, raw, event, channel, at, number))

    @property
    def payloads(self) -> list[Any]:
        """What the messages carried, oldest first."""
        return [one.payload for one in self.messages]

    def count(self) -> int:
        """How many messages it was given."""
        return len(self.messages)

    def clear(self) -> None:
        """Forget them."""
        self.messages.clear()

    def __iter__(self) -> Iterator[RecordedMessage]:
        return iter(list(self.messages))

    def wait_for(self, number: int, timeout: float = 5.0) -> list[RecordedMessage]:
        """Wait until it was given so many messages, since it was made or cleared.

        Args:
            number: how many at least.
            timeout: seconds of real time, and of the mock's where its clock jumps.

        Returns:
            The messages.

        Raises:
            ExpectationFailed: there were fewer; the text shows what happened last.
        """
        __tracebackhide__ = True
        core = self._core
        if not core.wait_for(lambda: len(self.messages) >= number, timeout):
            from .timeline import timeline

            text = f"waited {timeout:g} s for {number} messages, and {len(self.messages)} came"
            raise ExpectationFailed("\n".join([text, *timeline(core.journal)]))
        return list(self.messages)

    # Whose it is -------------------------------------------------------------------------------

    @property
    def _core(self) -> Core:
        return current() if self._mock is None else self._mock.core

    @property
    def connection_id(self) -> str:
        """The readable id of its connection, ``mock-connection-1``.

        Raises:
            UsageError: the recorder is only a handler.
        """
        return self._listener().connection.connection_id

    @property
    def socket_id(self) -> str:
        """The connection's id at Pusher.

        Raises:
            UsageError: the recorder is only a handler.
        """
        return str(self._listener().connection.socket_id)

    def __repr__(self) -> str:
        where = f" on {self.connection_id}" if self.client is not None else ""
        return f"<Recorder messages={len(self.messages)}{where}>"


class _Everything(defaultdict[str, list[Any]]):
    """The callbacks of a channel, as pysher keeps them; every event has the recorder's besides."""

    def __init__(self, recorder: Recorder, channel: str) -> None:
        super().__init__(list)
        self._recorder = recorder
        self._channel = channel

    def get(self, event: str, default: Any = None) -> Any:
        bound = super().get(event, default)
        if not is_event(event):
            return bound
        recording = (self._recorder.handler, (), {"event": event, "channel": self._channel})
        return [recording, *(bound or ())]


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def recording_subscriber(mock: PusherMock | None = None) -> Recorder:
    """A handler that records what it is called with; see ``PusherMock.recording_subscriber``.

    Args:
        mock: whose clock it reads; the current one's by default.

    Returns:
        A recorder. Give its ``handler`` to ``channel.bind()``, to ``subscribe()`` of a broker, or
        to ``mock.on_delivered()`` and the like.
    """
    return Recorder(mock)
