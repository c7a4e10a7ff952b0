"""Filters and confirmation of subscriptions."""

from __future__ import annotations

import pytest

from pusher_mock import UsageError
from pusher_mock.simulate import EventFilter, Subscription, filters, subscription

LARGE = Subscription("large", ("transaction",), EventFilter(min_amount=200))
SMALL = Subscription("small", ("transaction",), EventFilter(max_amount=200))
DONE = Subscription("done", ("transaction", "refund"), EventFilter(status="completed"))
EVEN = Subscription("even", ("transaction",), EventFilter(where=lambda data: data["id"] % 2 == 0))
NEWS = Subscription("news", ("notification",))


def test_an_event_is_matched_where_it_arrives():
    event = {"id": 7, "amount": 250, "status": "completed"}
    result = filters([LARGE, SMALL, DONE, EVEN, NEWS], data=event)
    assert result.matched_subscriptions == ("large", "done")
    assert result.filtered_out_count == 3
    assert dict(result.reasons) == {
        "amount too large": 1,
        "another event": 1,
        "predicate": 1,
    }
    assert str(result) == "Filters: 2 matched, 3 filtered out"
    assert result.matching_time_ms >= 0
    assert result.delivery_time_ms == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"amount": 199}, "amount too small"),
        ({"amount": 200, "status": "pending"}, "another status"),
        ({"amount": 301}, "amount too large"),
        ({"amount": 300, "status": "completed"}, ""),
        ({}, ""),  # what an event does not have cannot be wrong
        ("text", ""),
    ],
)
def test_one_filter(data: object, why: str):
    one = EventFilter(min_amount=200, max_amount=300, status="completed")
    assert one.refusal(data) == why


def test_zero_is_an_amount():
    assert EventFilter(max_amount=0).refusal({"amount": 1}) == "amount too large"


def test_what_does_not_arrive_is_not_matched():
    result = filters([LARGE, NEWS], network="drop_rate=1")
    assert (result.matched_subscriptions, result.filtered_out_count) == ((), 0)
    assert result.undelivered_count == 2


def test_a_copy_is_matched_once():
    result = filters([LARGE], network="duplicate_rate=1 latency=10")
    assert result.matched_subscriptions == ("large",)
    assert result.delivery_time_ms == 10


def test_a_population_by_chance():
    result = filters(60, seed=2)
    assert result == filters(60, seed=2)
    assert 0 < len(result.matched_subscriptions) < 60
    assert len(result.matched_subscriptions) + result.filtered_out_count == 60
    with pytest.raises(UsageError, match="subscriptions takes a number from 1"):
        filters(0)


def test_an_id_given_twice():
    with pytest.raises(UsageError, match="large"):
        filters([LARGE, LARGE])


def test_a_filter_reads_well():
    assert str(EventFilter(min_amount=5, status="open")) == "min_amount=5 status=open"


def test_a_subscription_is_confirmed():
    result = subscription("client-7", ["transaction"], EventFilter(min_amount=5))
    assert result.confirmed
    assert 10 <= result.subscription_time_ms <= 50
    assert result.subscription_id.startswith("SUB-client-7-")
    assert result.events == ("transaction",)
    assert result.filters == EventFilter(min_amount=5)
    assert str(result).startswith("Subscription: confirmed after ")


def test_a_confirmation_that_is_lost():
    result = subscription(network="drop_rate=1 scope=subscriptions", timeout_ms=300)
    assert (result.confirmed, result.subscription_time_ms) == (False, 300)
    assert str(result) == "Subscription: not confirmed after 300ms"


def test_a_confirmation_that_nothing_touches():
    assert subscription(network="drop_rate=1").confirmed  # of events
