"""A mock broker whose transport dies, at once or after so many messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compat.broker import (
    BrokerDisconnected,
    create_mock_broker,
)
from pusher_mock import UsageError

from .heard import Heard

if TYPE_CHECKING:
    from collections.abc import Callable


def check_dead(publish: Callable[[], object], subscribe: Callable[[], object]) -> None:
    for call in (publish, subscribe):
        with pytest.raises(BrokerDisconnected, match="Pusher cannot be reached"):
            call()


def test_disconnected_now():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.disconnect_now()
        check_dead(lambda: broker.publish("a", 1), lambda: broker.subscribe("a", seen))
        assert isinstance(broker.mock.published(), list)
        broker.reconnect()
        broker.publish("a", 2)
        assert seen == []  # as pysher does, it comes back after 10 seconds
        broker.advance(10_000)
        broker.publish("a", 3)
        assert seen == [3]
        other = Heard()
        broker.subscribe("a", other)
        broker.publish("a", 4)
        assert seen == [3, 4]
        assert other == [4]


def test_going_on_until_nothing_is_under_way_while_it_is_dead():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.disconnect_now()
        assert broker.tick_all() == 1  # the first attempt in vain
        assert broker.mock.clock.now() == 10_000
        assert broker.tick_all() == broker.tick() == 0
        broker.reconnect()
        assert broker.tick_all() == 1  # there is hope again
        assert broker.mock.clock.now() == 20_100  # an attempt in vain takes 100 ms
        broker.publish("a", 1)
        assert seen == [1]


def test_disconnected_for_a_block():
    with create_mock_broker() as broker:
        with broker.disconnect_now():
            check_dead(lambda: broker.publish("a", 1), lambda: broker.subscribe("a", print))
        broker.publish("a", 1)
        assert broker.metrics().published == 1


def test_disconnected_after_some_messages():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.disconnect_after(2)
        for number in (1, 2):
            broker.publish("a", number)
        check_dead(lambda: broker.publish("a", 3), lambda: broker.subscribe("a", seen))
        assert seen == [1, 2]
        with pytest.raises(UsageError):
            broker.disconnect_after(0)


def test_a_connection_that_the_service_closes_comes_back():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("private-a", seen)
        broker.fault(action="close")
        broker.publish("private-a", 1)
        broker.advance(1)
        broker.publish("private-a", 2)
        assert seen == [2]
