"""What every broker client does, whatever is behind it."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import pusher
import pysher
import pytest

from compat.broker import (
    BrokerClient,
    BrokerDisconnected,
    BrokerMessage,
    InvalidMessage,
    InvalidTopic,
    MockBroker,
    PusherBroker,
)
from pusher_mock import MockPusherServer

if TYPE_CHECKING:
    from .conftest import Bench


def payloads(seen: list[BrokerMessage]) -> list[Any]:
    return [message.payload for message in seen]


def test_it_is_what_it_says(bench: Bench):
    assert isinstance(bench.client, BrokerClient)
    assert isinstance(bench.client, MockBroker) is (bench.kind in ("own", "current"))
    assert isinstance(bench.client, PusherBroker)
    server = bench.client._publisher()
    real = bench.kind in ("intercepted", "server")
    assert type(server) is (pusher.Pusher if real else MockPusherServer)
    client = bench.client._subscriber()
    assert (type(client) is pysher.Pusher) is real


def test_messages_come_in_order_with_their_envelope(bench: Bench):
    seen: list[BrokerMessage] = []
    bench.client.subscribe("ctx.update", seen.append)
    bench.there("ctx.update")
    bench.client.publish("ctx.update", {"n": 1}, headers={"trace": "17"})
    bench.client.publish("ctx.update", "two")
    bench.heard(seen, 2)
    bench.settle()
    assert payloads(seen) == [{"n": 1}, "two"]
    assert [message.topic for message in seen] == ["ctx.update"] * 2
    assert [message.headers for message in seen] == [{"trace": "17"}, {}]
    assert len({uuid.UUID(message.id) for message in seen}) == 2
    if bench.kind in ("intercepted", "server"):
        assert abs(seen[0].ts - time.time() * 1000) < 60_000
    else:
        assert seen[0].ts == 0


def test_unsubscribing_ends_delivery(bench: Bench):
    seen: list[BrokerMessage] = []
    other: list[BrokerMessage] = []
    end = bench.client.subscribe("a", seen.append)
    bench.client.subscribe("a", other.append)
    bench.there("a", 2)
    bench.client.publish("a", 1)
    bench.heard(seen, 1)
    bench.heard(other, 1)
    end()
    end()
    bench.client.publish("a", 2)
    bench.heard(other, 2)
    bench.client.unsubscribe("a", other.append)
    bench.client.unsubscribe("a", other.append)
    bench.mock.wait_until_subscribed("a", 0)
    bench.client.publish("a", 3)
    bench.settle()
    assert payloads(seen) == [1]
    assert payloads(other) == [1, 2]


def test_unsubscribing_one_topic_or_handler_leaves_the_others(bench: Bench):
    seen: list[BrokerMessage] = []
    for topic in ("a", "b"):
        bench.client.subscribe(topic, seen.append)
        bench.there(topic)
    bench.client.unsubscribe("a", seen.append)
    bench.client.unsubscribe("b", print)
    bench.mock.wait_until_subscribed("a", 0)
    bench.client.publish("a", "a")
    bench.client.publish("b", "b")
    bench.heard(seen, 1)
    bench.settle()
    assert payloads(seen) == ["b"]


def test_plain_events(bench: Bench):
    seen: list[BrokerMessage] = []
    bench.client.subscribe("task-7", seen.append, event="new-message")
    bench.there("task-7")
    bench.client.publish("task-7", "an envelope")
    bench.client.publish("task-7", {"messageId": "17"}, event="new-message")
    bench.client.publish("task-7", "as it is", event="new-message")
    bench.heard(seen, 2)
    bench.settle()
    assert payloads(seen) == [{"messageId": "17"}, "as it is"]
    assert seen[0].id != seen[1].id
    assert [message.topic for message in seen] == ["task-7", "task-7"]
    event = bench.mock.published("task-7", "new-message")[0]
    assert event.raw == '{"messageId":"17"}'


def test_two_kinds_of_events_on_one_topic(bench: Bench):
    seen: list[Any] = []
    bench.client.subscribe("a", lambda message: seen.append(("message", message.payload)))
    bench.there("a")
    bench.client.subscribe("a", lambda message: seen.append(("x", message.payload)), event="x")
    bench.client.subscribe("a", lambda message: seen.append(("too", message.payload)), event="x")
    bench.there("a", 3)
    bench.client.publish("a", 1)
    bench.client.publish("a", 2, event="x")
    bench.heard(seen, 3)
    assert sorted(seen) == [("message", 1), ("too", 2), ("x", 2)]


def test_what_a_handler_raises_disturbs_nobody(bench: Bench, caplog: pytest.LogCaptureFixture):
    seen: list[BrokerMessage] = []

    def fails(message: BrokerMessage) -> None:
        raise RuntimeError(f"no {message.payload}, please")

    bench.client.subscribe("a", fails)
    bench.client.subscribe("a", seen.append)
    bench.there("a", 2)
    for number in (1, 2):
        bench.client.publish("a", number)
    bench.heard(seen, 2)
    bench.settle()
    assert payloads(seen) == [1, 2]
    errors = [str(one.error) for one in bench.mock.errors]
    if bench.kind in ("intercepted", "server"):
        assert errors == []
        raised = [one for one in caplog.records if one.name == "compat.broker"]
        assert [one.getMessage() for one in raised] == [
            "the handler of broker-message on a raised"
        ] * 2
        assert raised[0].exc_info is not None
        assert str(raised[0].exc_info[1]) == "no 1, please"
    else:
        assert errors == ["no 1, please", "no 2, please"]
        assert bench.mock.errors[0].channel == "a"
        bench.mock.errors.clear()


def test_a_handler_may_use_the_client(bench: Bench):
    seen: list[Any] = []

    def answer(message: BrokerMessage) -> None:
        bench.client.publish("answers", message.payload * 2)
        end()

    bench.client.subscribe("answers", lambda message: seen.append(message.payload))
    end = bench.client.subscribe("questions", answer)
    bench.there("answers")
    bench.there("questions")
    bench.client.publish("questions", 21)
    bench.heard(seen, 1)
    bench.mock.wait_until_subscribed("questions", 0)
    assert seen == [42]


def test_private_topics_are_signed(bench: Bench):
    seen: list[BrokerMessage] = []
    bench.client.subscribe("private-a", seen.append)
    bench.there("private-a")
    bench.client.publish("private-a", 1)
    bench.heard(seen, 1)
    assert payloads(seen) == [1]


def test_a_message_that_is_too_large(bench: Bench):
    with pytest.raises(Exception, match=r"10240|413|exceed") as caught:
        bench.client.publish("a", "x" * 10_240)
    assert "publish an id, and let subscribers fetch the rest" in caught.value.__notes__[-1]
    with pytest.raises(ValueError, match="Too much data") as told:
        bench.client.publish("a", "x" * 40_000)
    assert "Pusher takes 10240" in told.value.__notes__[-1]


def test_what_is_no_topic(bench: Bench):
    wrong: list[Any] = ["", "a b", "a/b", "a:b", "ä", "a\n", "x" * 201, None, 7]
    for topic in wrong:
        with pytest.raises(InvalidTopic, match=r"is no topic: .* 1 to 200 of the characters"):
            bench.client.publish(topic, 1)
        with pytest.raises(ValueError, match="is no topic"):
            bench.client.subscribe(topic, print)


def test_what_cannot_be_sent(bench: Bench):
    with pytest.raises(InvalidMessage, match=r"does not fit into JSON: .*object"):
        bench.client.publish("a", object())
    with pytest.raises(InvalidMessage, match="does not fit into JSON"):
        bench.client.publish("a", float("nan"))
    with pytest.raises(InvalidMessage, match="headers are texts by texts"):
        bench.client.publish("a", 1, headers={"a": 1})  # type: ignore[dict-item]
    with pytest.raises(InvalidMessage, match="headers travel in the envelope, and x is a plain"):
        bench.client.publish("a", 1, headers={"a": "1"}, event="x")
    for event in ("pusher:x", "client-x"):
        with pytest.raises(InvalidMessage, match="is no name for an event of a publisher"):
            bench.client.publish("a", 1, event=event)
    with pytest.raises(InvalidMessage, match="has a name of 1 to 200 characters"):
        bench.client.publish("a", 1, event="")
    with pytest.raises(InvalidMessage, match="has a name of 1 to 200 characters, not ''"):
        bench.client.subscribe("a", print, event="")
    assert bench.mock.published() == []


def test_what_cannot_be_listened_to(bench: Bench):
    async def handler(message: BrokerMessage) -> None: ...

    with pytest.raises(InvalidMessage, match="called and not awaited"):
        bench.client.subscribe("a", handler)
    with pytest.raises(InvalidTopic, match="pysher cannot decrypt"):
        bench.client.subscribe("private-encrypted-a", print)
    with pytest.raises(InvalidTopic, match=r"use get_pusher_client\(user_data="):
        bench.client.subscribe("presence-a", print)
    bench.client.publish("presence-a", 1)  # by one who is not there
    heard: list[BrokerMessage] = []
    bench.client.subscribe("a", heard.append)
    bench.there("a")
    bench.client.publish("a", 1)
    bench.heard(heard, 1)


def test_a_dead_network(bench: Bench):
    if bench.kind == "server":
        return  # a server of this process has no network that could die
    with (
        bench.mock.network.disconnect_now(),
        pytest.raises(BrokerDisconnected, match="Pusher cannot be reached: "),
    ):
        bench.client.publish("a", 1)
    bench.client.publish("a", 2)
    assert [event.data["payload"] for event in bench.mock.published("a")] == [2]


def test_once_closed(bench: Bench):
    seen: list[BrokerMessage] = []
    end = bench.client.subscribe("a", seen.append)
    bench.there("a")
    with bench.client as same:
        assert same is bench.client
        assert "closed" not in repr(same)
    bench.client.close()
    end()
    for call in (
        lambda: bench.client.publish("a", 1),
        lambda: bench.client.subscribe("a", seen.append),
    ):
        with pytest.raises(BrokerDisconnected, match="closed; create another one"):
            call()
    assert repr(bench.client).endswith("subscriptions=0 closed>")
    assert seen == []


def test_closing_inside_a_handler(bench: Bench):
    seen: list[Any] = []

    def handler(message: BrokerMessage) -> None:
        seen.append(message.payload)
        bench.client.close()

    bench.client.subscribe("a", handler)
    bench.there("a")
    bench.client.publish("a", 1)
    bench.heard(seen, 1)
    bench.settle()
    assert seen == [1]


def test_queues_are_calls_that_say_they_do_nothing(bench: Bench, caplog: pytest.LogCaptureFixture):
    client = bench.client
    assert isinstance(client, PusherBroker)
    for _ in range(2):
        client.declare("jobs", durable=True)
        client.consume("jobs", print)()
        client.ack(17)
        client.nack(17, requeue=False)
        client.purge("jobs")
    said = [one.getMessage() for one in caplog.records if one.name == "compat.broker"]
    assert said == [
        f"{call}() does nothing: Pusher has no queues; use subscribe()"
        for call in ("declare", "consume", "ack", "nack", "purge")
    ]
