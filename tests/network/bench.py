"""A small bench for the network: listeners that note what reaches them, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pusher_mock import PusherMock
    from pusher_mock.doubles.client import MockPusherClient

__all__ = ["Listener", "conserved", "listen", "publish"]


class Listener:
    """A client double, connected, that notes the events ``x`` and ``client-x`` of its channels.

    Attributes:
        client: the double.
        got: the data, in order.
        times: when each came, in milliseconds of the mock's clock.
    """

    def __init__(self, mock: PusherMock, *channels: str, **options: Any) -> None:
        self.mock = mock
        self.got: list[str] = []
        self.times: list[float] = []
        self.client: MockPusherClient = mock.client(auto_sub=True, **options)
        self._channels = channels
        self.client.connection.bind("pusher:connection_established", self._established)
        self.client.connect()

    @property
    def name(self) -> str:
        """Its connection's readable id, as it is now."""
        return self.client.connection.connection_id

    @property
    def socket_id(self) -> str:
        """Its connection's Pusher id, as it is now."""
        return str(self.client.connection.socket_id)

    @property
    def state(self) -> str:
        """As pysher has it."""
        return self.client.connection.state

    def subscribe(self, channel: str) -> None:
        """Note the events of this channel, too."""
        made = self.client.subscribe(channel)
        made.bind("x", self._take)
        made.bind("client-x", self._take)

    def send(self, channel: str, data: str) -> None:
        """Send a client event."""
        self.client.channels[channel].trigger("client-x", data)

    def _established(self, data: str) -> None:
        if not self.client.channels:  # later on pysher does it, as it was asked to
            for channel in self._channels:
                self.subscribe(channel)

    def _take(self, data: str) -> None:
        self.got.append(data)
        self.times.append(self.mock.clock.now())


def listen(mock: PusherMock, *channels: str, **options: Any) -> Listener:
    """A listener for these channels; for ``a`` when none is named."""
    return Listener(mock, *(channels or ("a",)), **options)


def publish(mock: PusherMock, number: int = 1, channel: str = "a") -> list[str]:
    """Publish events ``x`` with the data ``0``, ``1`` and so on; returns the data."""
    server = mock.server()
    data = [str(one) for one in range(number)]
    for one in data:
        server.trigger(channel, "x", one)
    return data


def conserved(mock: PusherMock) -> bool:
    """Whether every delivery has become of something."""
    all_ = mock.metrics()
    figures = [all_, *all_.by_channel.values(), *all_.by_event.values()]
    return all(
        one.offered + one.duplicated == one.delivered + one.dropped + one.pending for one in figures
    )
