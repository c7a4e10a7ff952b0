"""What a mock broker may be configured with."""

from __future__ import annotations

import pytest

from compat.broker import (
    BrokerError,
    MockBrokerConfig,
    create_mock_broker,
)
from pusher_mock import UsageError


def test_what_a_config_refuses():
    with pytest.raises(BrokerError, match="ordering is in-order or shuffle, not 'random'"):
        MockBrokerConfig(ordering="random")
    with pytest.raises(BrokerError, match=r"has min and max, not {'min': 1}"):
        MockBrokerConfig(latency_ms={"min": 1})
    with pytest.raises(BrokerError, match="a fault has match, when, action, times and delay"):
        MockBrokerConfig(faults=({"topic": "a"},))
    for wrong in ({"drop_rate": 2}, {"buffer_size": 0}, {"overflow": "explode"}):
        with pytest.raises(UsageError):
            MockBrokerConfig(**wrong)
    with pytest.raises(BrokerError, match="give a MockBrokerConfig or its fields, not both"):
        create_mock_broker(MockBrokerConfig(), seed=1)
    with pytest.raises(BrokerError, match="has no latency; it has latency_ms, drop_rate"):
        create_mock_broker(latency=1)
    with pytest.raises(UsageError, match="action is one of"):
        create_mock_broker(faults=({"action": "explode"},))


def test_perfect_weather_says_nothing():
    assert MockBrokerConfig().conditions() is None
    assert str(MockBrokerConfig(latency_ms=10, buffer_size=3).conditions()) == (
        "latency=10 queue=3 overflow=drop-oldest"
    )
