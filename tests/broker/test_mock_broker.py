"""The mock broker: its own clock, weather, faults and counts."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from pusher.errors import PusherError

from compat.broker import (
    BrokerError,
    BrokerFault,
    BrokerMessage,
    MockBrokerConfig,
    create_broker_client,
    create_mock_broker,
)
from pusher_mock import PusherMock, UsageError
from pusher_mock.testing import recording_subscriber

from .heard import Heard

# The two examples of the document ---------------------------------------------------------------


def test_messages_come_in_the_order_they_were_published():
    broker = create_mock_broker(ordering="in-order")
    seen = Heard()
    end = broker.subscribe("ctx.update", seen)
    broker.publish("ctx.update", 1)
    broker.publish("ctx.update", 2)
    assert seen == [1, 2]
    end()
    broker.publish("ctx.update", 3)
    assert seen == [1, 2]


def test_latency_and_loss():
    broker = create_mock_broker(latency_ms=10, drop_rate=0.5)
    recorder = recording_subscriber()
    broker.subscribe("voice.frame", recorder.handler)
    for number in range(10):
        broker.publish("voice.frame", number)
    assert recorder.count() == 0
    broker.tick_all()
    assert 0 < recorder.count() < 10
    metrics = broker.metrics()
    assert metrics.published == 10
    assert metrics.delivered + metrics.dropped == 10
    assert metrics.delivered == recorder.count()


# Time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "latency", [10, (10, 10), {"min": 10, "max": 10}], ids=["number", "pair", "mapping"]
)
def test_latency_by_the_clock(latency: Any):
    with create_mock_broker(latency_ms=latency) as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.publish("a", 1)
        broker.advance(9)
        assert seen == []
        assert broker.metrics().pending == 1
        broker.advance(1)
        assert seen == [1]


def test_a_tick_is_the_next_thing_that_happens():
    with create_mock_broker(latency_ms=10) as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.publish("a", 1)
        broker.advance(5)
        broker.publish("a", 2)
        assert broker.tick() > 0
        assert seen == [1]
        assert broker.mock.clock.now() == 10
        assert broker.tick() > 0
        assert seen == [1, 2]
        assert broker.mock.clock.now() == 15


def test_the_time_of_a_message_is_the_clock_s():
    with create_mock_broker(latency_ms=10) as broker:
        seen: list[BrokerMessage] = []
        broker.subscribe("a", seen.append)
        broker.advance(1234)
        broker.publish("a", 1)
        broker.tick_all()
        assert [message.ts for message in seen] == [1234]


def test_real_time(monkeypatch: pytest.MonkeyPatch):
    with create_mock_broker(use_fake_clock=False) as broker:
        seen: list[BrokerMessage] = []
        broker.subscribe("a", seen.append)
        monkeypatch.setattr("time.time", lambda: 1_700_000_000.5)
        broker.publish("a", 1)
        monkeypatch.undo()
        assert [message.ts for message in seen] == [1_700_000_000_500]
        assert broker.tick() == 0
        for call in (broker.tick_all, lambda: broker.advance(1)):
            with pytest.raises(BrokerError, match="moves a fake clock, and this broker keeps real"):
                call()


@pytest.mark.anyio
async def test_time_can_be_awaited():
    with create_mock_broker(latency_ms=10) as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        for number in range(3):
            broker.publish("a", number)
            broker.advance(1)
        await broker.tick()
        assert seen == [0]
        await broker.advance(1)
        assert seen == [0, 1]
        await broker.tick_all()
        assert seen == [0, 1, 2]


def test_a_timeout_and_a_retry_by_the_fake_clock():
    """A caller that asks again when no answer has come within 100 ms."""
    with create_mock_broker(latency_ms=10) as broker:
        answers = Heard()
        broker.subscribe("answer", answers)
        broker.subscribe("question", lambda message: broker.publish("answer", message.payload))
        broker.fault("answer", times=1)

        def ask(attempt: int) -> None:
            if not answers:
                broker.publish("question", attempt)
                broker.mock.clock.call_at(broker.mock.clock.now() + 100, lambda: ask(attempt + 1))

        ask(1)
        broker.advance(99)
        assert answers == []
        broker.advance(21)
        assert answers == [2]


# Weather ----------------------------------------------------------------------------------------


def run(config: MockBrokerConfig) -> tuple[list[int], str]:
    with create_mock_broker(config) as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        for number in range(30):
            broker.publish("a", number)
        broker.tick_all()
        return list(seen), broker.mock.journal.dumps()


def test_shuffle_is_an_order_of_its_own_and_repeats():
    first, journal = run(MockBrokerConfig(ordering="shuffle", seed=1))
    assert first != sorted(first) == list(range(30))
    assert run(MockBrokerConfig(ordering="shuffle", seed=1)) == (first, journal)
    assert run(MockBrokerConfig(ordering="shuffle", seed=2))[0] != first


def test_each_handler_loses_for_itself():
    with create_mock_broker(drop_rate=0.5) as broker:
        one, other = Heard(), Heard()
        broker.subscribe("a", one)
        broker.subscribe("a", other)
        for number in range(40):
            broker.publish("a", number)
        assert list(one) != list(other)
        metrics = broker.metrics()
        assert metrics.offered == 80
        assert metrics.delivered == len(one) + len(other)


@pytest.mark.parametrize(
    ("overflow", "kept"), [("drop-oldest", [8, 9]), ("drop-newest", [0, 1]), ("block", range(10))]
)
def test_a_full_buffer(overflow: str, kept: Any):
    with create_mock_broker(latency_ms=10, buffer_size=2, overflow=overflow) as broker:
        one, other = Heard(), Heard()
        for seen in (one, other):
            broker.subscribe("a", seen)
        for number in range(10):
            broker.publish("a", number)
        broker.tick_all()
        assert one == other == list(kept)
        metrics = broker.metrics()
        assert metrics.overflowed == 16
        assert metrics.dropped == (0 if overflow == "block" else 16)
        assert metrics.blocked == (16 if overflow == "block" else 0)


def test_a_full_buffer_that_throws():
    with create_mock_broker(latency_ms=10, buffer_size=1, overflow="throw") as broker:
        broker.subscribe("a", print)
        broker.publish("a", 1)
        with pytest.raises(PusherError, match="queue is full"):
            broker.publish("a", 2)


# Faults -----------------------------------------------------------------------------------------


def test_a_fault_by_topic_and_predicate():
    with create_mock_broker() as broker:
        seen = Heard()
        for topic in ("voice.frame", "text"):
            broker.subscribe(topic, seen)
        fault = broker.fault(
            re.compile(r"^voice\."), lambda message: message.payload["n"] == 1, "drop"
        )
        for topic in ("voice.frame", "text"):
            for number in (1, 2):
                broker.publish(topic, {"n": number})
        assert seen == [{"n": 2}, {"n": 1}, {"n": 2}]
        assert fault.hits == 1
        assert broker.metrics().reasons == {"fault": 1}
        fault.end()
        broker.publish("voice.frame", {"n": 1})
        assert len(seen) == 4


def test_a_predicate_is_shown_messages_whatever_they_are():
    with create_mock_broker() as broker:
        shown: list[BrokerMessage] = []
        broker.fault("*", lambda message: shown.append(message))
        broker.advance(7)
        broker.publish("a", 1, headers={"h": "1"})
        broker.publish("a", {"n": 1}, event="plain")
        broker.mock.server().trigger("a", "broker-message", "no envelope")
        assert [(one.topic, one.ts, one.payload) for one in shown] == [
            ("a", 7, 1),
            ("a", 7, {"n": 1}),
            ("a", 7, "no envelope"),
        ]
        assert shown[0].headers == {"h": "1"}


@pytest.mark.parametrize(
    "fault",
    [BrokerFault("a", action="error", times=1), {"match": "a", "action": "error", "times": 1}],
)
def test_a_fault_of_the_config_that_raises(fault: Any):
    with create_mock_broker(faults=(fault,)) as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        with pytest.raises(PusherError):
            broker.publish("a", 1)
        broker.publish("a", 1)
        assert seen == [1]
        assert broker.metrics().retried == 0  # another message: it has another id


def test_faults_that_delay_and_repeat():
    with create_mock_broker(faults=[{"match": "slow", "action": "delay", "delay": 50}]) as broker:
        seen = Heard()
        for topic in ("slow", "twice"):
            broker.subscribe(topic, seen)
        broker.fault("twice", action="duplicate")
        broker.publish("slow", "slow")
        broker.publish("twice", "twice")
        assert seen == ["twice", "twice"]
        broker.advance(50)
        assert seen == ["twice", "twice", "slow"]


def test_a_message_that_comes_corrupted_is_an_error_and_no_message():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        broker.fault(action="corrupt", times=1)
        broker.publish("a", 1)
        assert seen == []
        assert re.match(
            r"broker-message on a carries no envelope \(id, topic, ts, payload\): publish it with",
            str(broker.errors[0].error),
        )


@pytest.mark.parametrize("data", ["text", {}, {"id": 1, "topic": "a", "ts": 1, "payload": 1}])
def test_what_is_no_envelope(data: Any):
    with create_mock_broker() as broker:
        broker.subscribe("a", print)
        broker.mock.server().trigger("a", "broker-message", data)
        broker.mock.server().trigger(
            "a",
            "broker-message",
            {"id": "1", "topic": "a", "ts": 1, "payload": 1, "headers": 7},
        )
        assert len(broker.errors) == 2


# What happened ----------------------------------------------------------------------------------


def test_observers():
    with create_mock_broker() as broker:
        told: list[tuple[str, Any]] = []
        ends = [
            broker.on_published(lambda event: told.append(("published", event.data["payload"]))),
            broker.on_delivered(lambda note: told.append(("delivered", note.data["payload"]))),
            broker.on_dropped(lambda note: told.append((note.reason, note.data["payload"]))),
        ]
        broker.subscribe("a", lambda message: None)
        broker.publish("a", 1)
        with broker.fault():
            broker.publish("a", 2)
        assert told == [("published", 1), ("delivered", 1), ("published", 2), ("fault", 2)]
        for end in ends:
            end()
        broker.publish("a", 3)
        assert len(told) == 4


def test_ids_repeat():
    def ids() -> list[str]:
        with create_mock_broker(seed=5) as broker:
            seen: list[BrokerMessage] = []
            broker.subscribe("a", seen.append)
            for number in range(3):
                broker.publish("a", number)
            return [message.id for message in seen]

    first = ids()
    assert first == ids()
    assert len({uuid.UUID(one) for one in first}) == 3
    assert {uuid.UUID(one).version for one in first} == {4}


def test_what_is_on_the_wire():
    with create_mock_broker() as broker:
        broker.publish("a", {"ä": 1}, headers={"trace": "17"})
        raw = broker.mock.published()[0].raw
        data = json.loads(raw)
        assert list(data) == ["id", "topic", "ts", "payload", "headers"]
        assert raw.endswith(',"topic":"a","ts":0,"payload":{"ä":1},"headers":{"trace":"17"}}')
        broker.publish("a", None)
        assert broker.mock.published()[1].data["payload"] is None
        assert "headers" not in broker.mock.published()[1].data


# Isolation --------------------------------------------------------------------------------------


def test_brokers_know_nothing_of_each_other():
    one, other = create_mock_broker(), create_mock_broker()
    seen = Heard()
    one.subscribe("a", seen)
    other.publish("a", 1)
    assert seen == []
    assert other.metrics().published == 1
    assert one.metrics().published == 0
    one.close()
    other.publish("a", 1)
    with pytest.raises(UsageError, match="closed"):
        one.mock.server().trigger("a", "e", {})
    other.close()
    other.close()


def test_in_a_block_its_mock_is_the_current_one():
    with create_mock_broker() as broker:
        seen = Heard()
        broker.subscribe("a", seen)
        create_broker_client("mock").publish("a", 1)
        assert seen == [1]


def test_it_may_have_a_mock_that_is_there(mock: PusherMock):
    from compat.broker import MockBroker

    other = PusherMock()
    with MockBroker(other) as broker:
        assert broker.mock is other
        broker.publish("a", 1)
    assert len(other.published()) == 1  # still open
    assert mock.published() == []
    with create_broker_client("mock") as current:
        current.publish("a", 1)
    assert len(mock.published()) == 1
