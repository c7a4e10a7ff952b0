"""A broker client for code that awaits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from compat import override
from compat.broker import (
    AsyncBroker,
    BrokerDisconnected,
    BrokerError,
    BrokerMessage,
    InvalidTopic,
    MockBroker,
    MockBrokerConfig,
    PusherBroker,
    create_async_broker_client,
    create_broker_client,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock import PusherMock

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["mock", "real"])
def broker(
    request: pytest.FixtureRequest, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AsyncBroker]:
    """The mock, or the real SDKs caught."""
    monkeypatch.setenv("PUSHER_APP_ID", "1")
    monkeypatch.setenv("PUSHER_KEY", "mock-pusher-key")
    monkeypatch.setenv("PUSHER_SECRET", "mock-pusher-secret")
    with mock.intercept():
        client = create_async_broker_client(request.param)
        yield client
        client.client.close()


async def test_publishing_is_awaited(broker: AsyncBroker, mock: PusherMock):
    seen: list[BrokerMessage] = []
    end = broker.subscribe("a", seen.append)
    mock.wait_until_subscribed("a")
    await broker.publish("a", {"n": 1}, headers={"trace": "17"})
    mock.wait_until(lambda: seen)
    assert (seen[0].payload, seen[0].headers) == ({"n": 1}, {"trace": "17"})
    end()
    broker.unsubscribe("a", seen.append)
    await broker.publish("a", 2, event="plain")
    mock.assert_triggered("a", "plain", 2, times=1)


async def test_which_client_it_is(broker: AsyncBroker):
    kind = PusherBroker if broker._publisher else MockBroker
    assert type(broker.client) is kind
    assert repr(broker) == f"<AsyncBroker <{kind.__name__} subscriptions=0>>"


async def test_errors_are_those_of_the_client(broker: AsyncBroker):
    with pytest.raises(InvalidTopic):
        await broker.publish("a b", 1)
    with pytest.raises(Exception, match=r"10240|413|exceed") as caught:
        await broker.publish("a", "x" * 10_240)
    assert "publish an id" in caught.value.__notes__[-1]


async def test_a_dead_network(broker: AsyncBroker, mock: PusherMock):
    with (
        mock.network.disconnect_now(),
        pytest.raises(BrokerDisconnected, match="Pusher cannot be reached"),
    ):
        await broker.publish("a", 1)
    await broker.publish("a", 1)


async def test_what_httpx_raises(mock: PusherMock):
    class Broken:
        async def trigger(self, *args: Any) -> Any:
            raise httpx.ConnectTimeout("nobody there")

    broken: Any = Broken()
    broker = AsyncBroker(PusherBroker(mock.server, mock.client), lambda: broken)
    with pytest.raises(BrokerDisconnected, match="Pusher cannot be reached: nobody there"):
        await broker.publish("a", 1)


async def test_it_closes(broker: AsyncBroker):
    async with broker as same:
        assert same is broker
        broker.subscribe("a", print)
    await broker.close()
    with pytest.raises(BrokerDisconnected, match="closed"):
        await broker.publish("a", 1)


async def test_a_mock_of_its_own(mock: PusherMock):
    async with create_async_broker_client("mock", config=MockBrokerConfig(latency_ms=10)) as broker:
        seen: list[BrokerMessage] = []
        broker.subscribe("a", seen.append)
        create_broker_client("mock").publish("a", 1)
        await broker.publish("a", 2)
        assert seen == []
        assert isinstance(broker.client, MockBroker)
        await broker.client.tick_all()
        assert [message.payload for message in seen] == [1, 2]
    assert mock.published() == []


async def test_no_config_for_the_real_one():
    with (
        override(use_mocks=False, app_id="1", key="k", secret="s"),
        pytest.raises(BrokerError, match="config is for the mock"),
    ):
        create_async_broker_client(config=MockBrokerConfig())
