"""Webhooks that the network fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import PATIENCE
from tests.server.raw import TARGET
from tests.server.targets import URL, Target, hook

from pusher_mock import App, ManualClock, PusherMock, Webhook
from pusher_mock.engine import CloseConnection
from pusher_mock.server.gateway import Gateway
from pusher_mock.server.webhooks import Attempt, WebhookSender

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    mock = PusherMock()
    yield mock
    mock.close()


def settled(sender: WebhookSender) -> tuple[Attempt, ...]:
    assert sender.wait_until_idle(PATIENCE)
    return sender.deliveries[0].attempts


def test_webhooks_that_fail(mock: PusherMock):
    target = Target()
    clock: ManualClock = mock.clock
    sender = WebhookSender(clock, network=mock.network, transport=target)
    body = b'{"time_ms":1,"events":[{"name":"channel_occupied","channel":"c"}]}'
    with mock.network.fail_webhooks(503, times=1):
        sender.send(hook(body))
        assert settled(sender) == (Attempt(0, 503, ""),)
    with mock.network.fail_webhooks("refused", url="https://shop.*", times=1):
        clock.advance(1_000)
        settled(sender)
    with mock.network.fail_webhooks("timeout", times=1):
        clock.advance(2_000)
        settled(sender)
    assert target.got == []
    with mock.network.fail_webhooks(url="https://others.*"):
        clock.advance(4_000)
        attempts = settled(sender)
    assert attempts == (
        Attempt(0, 503, ""),
        Attempt(1_000, None, "ConnectError: the network has refused this connection"),
        Attempt(3_000, None, "no answer within 4 s"),
        Attempt(7_000, 200, ""),
    )
    assert sender.deliveries[0].state == "delivered"
    assert target.bodies == [body]
    retried = mock.metrics()
    assert retried.retried == retried.by_channel["c"].retried == 3
    assert retried.by_event["channel_occupied"].retried == 3
    sender.close()


def test_webhooks_that_cannot_be_read_are_repeated_uncounted(mock: PusherMock):
    sender = WebhookSender(mock.clock, network=mock.network, transport=Target(500, 200))
    sender.send(hook(b"[]"))
    settled(sender)
    mock.clock.advance(1_000)
    assert len(settled(sender)) == 2
    assert mock.metrics().retried == 0
    sender.close()


def test_the_server_asks_its_mock():
    app = App("1", "k", "s", webhooks=(Webhook(URL),))
    mock = PusherMock(apps=[app])
    gateway = Gateway(mock)
    gateway.open()
    with mock.network.fail_webhooks("refused"):
        mock.client(connect=True).subscribe("c")
        mock.clock.advance(1)
        assert settled(gateway.webhooks)[0].error.startswith("ConnectError")
    gateway.close()
    mock.close()


def test_a_line_that_is_told_in_time():
    """A box that has ended is left to its own end when everybody is sent away."""
    mock = PusherMock()
    gateway = Gateway(mock)
    taken: list[Any] = []

    class Line:
        board: Any = None

        def take(self, item: Any) -> None:
            taken.append(item)

    box = gateway.accept(TARGET, Line())
    assert box is not None
    mock.core.end_connection(box.connection, 4100, "over")
    said = len(taken)
    gateway.farewell()
    assert len(taken) == said
    assert isinstance(taken[-1], CloseConnection)
    gateway.close()
