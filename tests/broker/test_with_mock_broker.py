"""A mock broker for the length of a block, a call, a test."""

from __future__ import annotations

import inspect
import unittest

import pytest

from compat.broker import (
    BrokerDisconnected,
    BrokerError,
    BrokerMessage,
    MockBroker,
    MockBrokerConfig,
    create_broker_client,
    with_mock_broker,
)
from pusher_mock import current_mock

CONFIG = MockBrokerConfig(seed=4)


def fails(message: BrokerMessage) -> None:
    raise ValueError(message.payload)


def test_a_block():
    with with_mock_broker(CONFIG) as broker:
        assert type(broker) is MockBroker
        assert broker.config is CONFIG
        assert current_mock() is broker.mock
        create_broker_client("mock").publish("a", 1)
        assert broker.metrics().published == 1
    assert current_mock() is not broker.mock
    with pytest.raises(BrokerDisconnected):
        broker.publish("a", 1)


def test_a_block_raises_what_a_handler_has_raised():
    def use(broker: MockBroker) -> None:
        broker.subscribe("a", fails)
        broker.publish("a", "17")

    def use_and_fail(broker: MockBroker) -> None:
        use(broker)
        raise KeyError

    with pytest.raises(ValueError, match="17"):
        with_mock_broker(None, use)
    with pytest.raises(KeyError):
        with_mock_broker(None, use_and_fail)


def test_a_function():
    def use(broker: MockBroker) -> int:
        assert broker.config.seed == 9
        broker.publish("a", 1)
        return int(broker.metrics().published)

    assert with_mock_broker(MockBrokerConfig(seed=9), use) == 1
    assert with_mock_broker(None, use, seed=9) == 1


@pytest.mark.anyio
async def test_a_coroutine_function():
    async def use(broker: MockBroker) -> int:
        broker.publish("a", 1)
        return int(broker.metrics().published)

    assert await with_mock_broker(CONFIG, use) == 1


@with_mock_broker(latency_ms=10)
def test_as_a_decorator(broker: MockBroker):
    seen: list[BrokerMessage] = []
    broker.subscribe("a", seen.append)
    broker.publish("a", 1)
    assert seen == []
    broker.tick_all()
    assert len(seen) == 1


@pytest.mark.parametrize("number", [1, 2])
@with_mock_broker(CONFIG)
def test_with_other_parameters(number: int, broker: MockBroker):
    broker.publish("a", number)
    assert broker.metrics().published == 1


@with_mock_broker()
def test_without_the_parameter():
    create_broker_client("mock").publish("a", 1)
    current_mock().assert_triggered("a", "broker-message", times=1)


@pytest.mark.anyio
@with_mock_broker()
async def test_a_decorated_coroutine_function(broker: MockBroker):
    assert current_mock() is broker.mock


class TestMethods(unittest.TestCase):
    @with_mock_broker(CONFIG)
    def test_a_method(self, broker: MockBroker) -> None:
        assert current_mock() is broker.mock


def test_what_a_decorated_function_looks_like():
    decorated = with_mock_broker()(test_with_other_parameters.__wrapped__)
    assert decorated.__name__ == "test_with_other_parameters"
    assert list(inspect.signature(decorated).parameters) == ["number"]


def test_a_config_or_fields():
    with pytest.raises(BrokerError, match="not both"), with_mock_broker(CONFIG, seed=1):
        pass
