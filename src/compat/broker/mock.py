"""`MockBroker`: a broker client on a mock, and what a test may do to it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from compat.accessor import get_pusher_client, get_pusher_server, get_pusher_settings
from compat.broker.config import MockBrokerConfig
from compat.broker.controls import Controls
from compat.broker.errors import BrokerDisconnected, BrokerError
from compat.broker.listening import Listener
from compat.broker.over_pusher import PusherBroker
from compat.errors import ConfigurationError
from pusher_mock import ManualClock, PusherMock, SystemClock, current_mock

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import pusher
    import pysher

    from compat.broker.listening import Subscription

__all__ = ["MockBroker", "create_mock_broker"]

_UUID_BYTES = 16


class MockBroker(Controls, PusherBroker):
    """A `BrokerClient` whose messages stay in this process, and whose network a test may spoil.

    Every handler has a connection of its own, so that each loses, queues and orders for itself, and
    is counted by itself. Handlers run before `publish` returns unless the network takes its time.
    What a handler raises is kept in `mock.errors`, which the pytest fixture raises at the end of
    the test.

    Attributes:
        config: The conditions that it was made with; those of a mock that is not its own are in
            `mock.network`.
    """

    def __init__(self, mock: PusherMock | None = None) -> None:
        """Take a mock.

        Args:
            mock: Where messages go; ``None`` for the current one, looked up at each call, which
                `compat.pusher_server` publishes to as well.
        """
        super().__init__(self._server, self._client)
        self._mock = mock
        self._made: tuple[PusherMock, pusher.Pusher] | None = None
        self._owned = False
        self.config = MockBrokerConfig()

    @classmethod
    def alone(cls, config: MockBrokerConfig) -> Self:
        """Make one with a mock of its own; `create_mock_broker` is the way to call it.

        Args:
            config: What it is like.
        """
        mock = PusherMock(
            seed=config.seed, clock=ManualClock() if config.use_fake_clock else SystemClock()
        )
        broker = cls(mock)
        broker._owned = True
        broker.config = config
        conditions = config.conditions()
        if conditions is not None:
            mock.network.use(conditions)
        for one in config.rules():
            broker.fault(one.match, one.when, one.action, one.times, delay=one.delay)
        return broker

    @property
    def mock(self) -> PusherMock:
        """Where messages go: its assertions, journal, clock and network."""
        return current_mock() if self._mock is None else self._mock

    # Life cycle ---------------------------------------------------------------------------------

    def close(self) -> None:
        """End every subscription, and its own mock with it; again is fine."""
        super().close()
        self._made = None
        if self._owned:
            self.mock.close()

    def __enter__(self) -> Self:
        """Return the broker; its own mock is the current one until the end of the block."""
        if self._owned:
            self.mock.activate()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._owned:
            self.mock.deactivate()
        self.close()

    # In place of the real SDKs ------------------------------------------------------------------

    def _server(self) -> pusher.Pusher:
        if self._follows_switch():
            return get_pusher_server()
        mock = self.mock
        if self._made is None or self._made[0] is not mock:
            self._made = mock, mock.server()
        return self._made[1]

    def _client(self) -> pysher.Pusher:
        if self._follows_switch():
            return get_pusher_client(daemon=True)  # with an option, so that it is nobody else's
        return self.mock.client()

    def _follows_switch(self) -> bool:
        """Whether the application publishes here as well, so that credentials have to agree."""
        if self._mock is not None:
            return False
        try:
            return get_pusher_settings().in_memory
        except ConfigurationError:
            return False  # there are no credentials to agree with

    def _listener(self) -> Listener:
        network = self.mock.network
        if network.down:
            raise BrokerDisconnected("Pusher cannot be reached: disconnect_now() was called")
        return Listener(self._client(), self._deliver)

    def _left(self, listener: Listener) -> None:
        listener.close()

    def _stamp(self) -> tuple[str, int]:
        mock = self.mock
        clock: object = mock.clock
        ms = clock.now() if isinstance(clock, ManualClock) else mock.clock.wall() * 1000
        return str(uuid.UUID(bytes=mock.core.nonce(_UUID_BYTES), version=4)), int(ms)

    def _failed(self, subscription: Subscription, error: Exception) -> None:
        from pusher_mock.core import CallbackError

        connection: Any = subscription.listener.client.connection
        self.mock.core.record_error(
            CallbackError(connection.connection_id, subscription.topic, subscription.event, error)
        )


def create_mock_broker(config: MockBrokerConfig | None = None, **fields: Any) -> MockBroker:
    """Return a broker client on a mock of its own, which nobody else publishes to.

    In a ``with`` block that mock is the current one, so that code under test which asks
    `create_broker_client()` or `compat.pusher_server` meets it. What a handler raises stays in
    `errors`; `with_mock_broker` raises it.

    Args:
        config: What it is like.
        **fields: Fields of `MockBrokerConfig` instead: ``create_mock_broker(latency_ms=10)``.

    Returns:
        The broker; `close()` it, or use it in a ``with`` block.

    Raises:
        BrokerError: There are both, or there is no such field.
        UsageError: A number is out of range.
    """
    if config is not None and fields:
        raise BrokerError("give a MockBrokerConfig or its fields, not both")
    return MockBroker.alone(config or _config(fields))


def _config(fields: dict[str, Any]) -> MockBrokerConfig:
    unknown = sorted(fields.keys() - set(MockBrokerConfig.__slots__))
    if unknown:
        raise BrokerError(
            f"a MockBrokerConfig has no {', '.join(unknown)}; it has "
            f"{', '.join(MockBrokerConfig.__slots__)}"
        )
    return MockBrokerConfig(**fields)
