"""Conditions: what they take, how they are put together, and their text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock import NetworkConditions
from pusher_mock.network import Normal, Percentiles, Uniform
from pusher_mock.network.conditions import OVERFLOW, SCOPES
from pusher_mock.protocol.errors import UsageError

_RATES = (
    "drop_rate",
    "duplicate_rate",
    "error_rate",
    "auth_error_rate",
    "connect_error_rate",
    "disconnect_rate",
    "stale_rate",
)


@pytest.mark.parametrize("name", _RATES)
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.1", True])
def test_a_rate_that_is_none(name: str, value: Any):
    with pytest.raises(UsageError, match=rf"^{name} takes a share from 0 to 1"):
        NetworkConditions(**{name: value})


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("jitter", -1, "jitter takes milliseconds from 0, not -1"),
        ("poll_interval", float("inf"), "poll_interval takes milliseconds from 0"),
        ("latency", "10", "latency takes milliseconds from 0, not '10'"),
        ("latency", (1, 2, 3), "latency takes milliseconds from 0"),
        ("latency", (2, 1), r"a range of latencies goes up: \(1, 2\)"),
        ("latency", True, "latency takes milliseconds from 0, not True"),
        ("reorder", -1, "reorder takes a number of events from 0, or 'shuffle', not -1"),
        ("reorder", "all", "reorder takes a number of events from 0, or 'shuffle', not 'all'"),
        ("reorder", True, "reorder takes"),
        ("queue", 0, "queue takes a number of events from 1, not 0"),
        ("overflow", "wait", "overflow is one of drop-oldest, drop-newest, throw, block"),
        ("bandwidth", 0, "bandwidth takes bytes per second above 0, not 0"),
        ("bandwidth", float("inf"), "bandwidth takes bytes per second above 0, not inf"),
        ("error_status", 404, "error_status takes a status from 500 to 599, not 404"),
        ("error_status", 600, "error_status takes a status from 500 to 599, not 600"),
        ("scope", "everything", "scope takes some of events, subscriptions, connection"),
        ("scope", [], "scope takes some of"),
    ],
)
def test_values_out_of_range(field: str, value: Any, text: str):
    with pytest.raises(UsageError, match=text):
        NetworkConditions(**{field: value})


def test_what_is_said():
    assert NetworkConditions().said() == {}
    said = NetworkConditions(drop_rate=0, latency=5, in_order=False).said()
    assert said == {"latency": 5.0, "drop_rate": 0, "in_order": False}
    assert NetworkConditions(scope="events").scope == frozenset({"events"})
    assert NetworkConditions(latency=[1, 2]).latency == Uniform(1, 2)


def test_put_together():
    one = NetworkConditions(latency=5, drop_rate=0.5)
    other = NetworkConditions(drop_rate=0, queue=2)
    assert one | other == NetworkConditions(latency=5, drop_rate=0, queue=2)
    assert other | one == NetworkConditions(latency=5, drop_rate=0.5, queue=2)
    assert one | NetworkConditions() == one
    with pytest.raises(TypeError):
        one | 5  # type: ignore[operator]


def test_the_fluent_form():
    fluent = (
        NetworkConditions()
        .with_latency(10, 100)
        .with_jitter(3)
        .losing(0.1)
        .duplicating(0.2)
        .reordering()
        .unordered()
        .with_bandwidth(1_000)
        .polling(50)
        .with_queue(4, "block")
        .failing(0.3, 500)
        .touching("events", "connection")
    )
    assert fluent == NetworkConditions(
        latency=(10, 100),
        jitter=3,
        drop_rate=0.1,
        duplicate_rate=0.2,
        reorder="shuffle",
        in_order=False,
        bandwidth=1_000,
        poll_interval=50,
        queue=4,
        overflow="block",
        scope={"events", "connection"},
        error_rate=0.3,
        error_status=500,
    )
    assert str(fluent) == (
        "latency=10..100 jitter=3 drop_rate=0.1 duplicate_rate=0.2 reorder=shuffle in_order=no "
        "bandwidth=1000 poll_interval=50 queue=4 overflow=block scope=events,connection "
        "error_rate=0.3 error_status=500"
    )
    assert fluent.with_latency(7).reordering(2).with_queue(1).failing(1) == fluent | (
        NetworkConditions(
            latency=7, reorder=2, queue=1, overflow="drop-oldest", error_rate=1, error_status=503
        )
    )


def test_a_function_has_a_name_in_the_text():
    def slow(u: float) -> float:
        return 100 * u

    assert str(NetworkConditions(latency=slow)) == "latency=<slow>"
    assert str(NetworkConditions(latency=_Drawn())) == "latency=<_Drawn>"


class _Drawn:
    def __call__(self, u: float) -> float:
        return u


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("latency=10..100", Uniform(10, 100)),
        ("latency=12.5", 12.5),
        ("latency=normal(50,10)", Normal(50, 10)),
        ("latency=percentiles(0:0,50:40,100:900)", Percentiles({50: 40, 100: 900})),
    ],
)
def test_latencies_as_text(text: str, value: Any):
    read = NetworkConditions.parse(text)
    assert read.latency == value
    assert str(read) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("latency", "conditions of a network are written like latency=10..100 drop_rate=0.01"),
        ("colour=red", "not 'colour=red'; the names are latency, jitter, drop_rate"),
        ("latency=soon", "latency=soon cannot be read; write a number"),
        ("latency=poisson(3)", "cannot be read"),
        ("latency=normal(3)", "cannot be read"),
        ("latency=<slow>", "cannot be read"),
        ("in_order=maybe", "in_order=maybe cannot be read"),
        ("queue=1.5", "queue=1.5 cannot be read"),
        ("drop_rate=2", "drop_rate takes a share from 0 to 1"),
        ("scope=all", "scope takes some of"),
    ],
)
def test_texts_that_say_nothing(text: str, why: str):
    with pytest.raises(UsageError, match=why):
        NetworkConditions.parse(text)


_ms = st.integers(0, 10_000_000).map(lambda n: n / 1_000)
_rate = st.floats(0, 1).map(lambda rate: float(f"{rate:.15g}"))
_latency = st.one_of(
    _ms,
    st.tuples(_ms, _ms).map(lambda pair: Uniform(*sorted(pair))),
    st.builds(Normal, _ms, _ms),
    st.lists(_ms, min_size=1, max_size=4).map(
        lambda all_: Percentiles(
            dict(zip((100.0, 99.0, 50.0, 1.5), sorted(all_, reverse=True), strict=False))
        )
    ),
)
_scope = st.sets(st.sampled_from(SCOPES), min_size=1).map(frozenset)
_conditions = st.builds(
    NetworkConditions,
    **{
        name: st.none() | values
        for name, values in {
            **dict.fromkeys(_RATES, _rate),
            "latency": _latency,
            "jitter": _ms,
            "poll_interval": _ms,
            "reorder": st.integers(0, 99) | st.just("shuffle"),
            "in_order": st.booleans(),
            "bandwidth": st.integers(1, 10**9).map(float),
            "queue": st.integers(1, 99),
            "overflow": st.sampled_from(OVERFLOW),
            "scope": _scope,
            "error_status": st.integers(500, 599),
        }.items()
    },
)


@given(_conditions)
def test_the_text_can_be_read_back(conditions: NetworkConditions):
    text = str(conditions)
    assert NetworkConditions.parse(text) == conditions
    assert str(NetworkConditions.parse(text)) == text


@given(_conditions, _conditions, _conditions)
def test_putting_together_is_associative(
    a: NetworkConditions, b: NetworkConditions, c: NetworkConditions
):
    assert (a | b) | c == a | (b | c)
    assert (a | b).said() == {**a.said(), **b.said()}
