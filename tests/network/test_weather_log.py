"""What a network was told: in order, each once, with its time and whether it has ended."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import PusherMock

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock import MockPusherClient
    from pusher_mock.network import Network

ONE = "mock-connection-1"


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def listen(mock: PusherMock) -> MockPusherClient:
    client = mock.client(connect=True)
    client.subscribe("c")
    return client


def test_a_calm_test_has_none(mock: PusherMock):
    listen(mock)
    mock.server().trigger("c", "e", 1)
    mock.network.use("perfect")
    mock.network.clear()
    assert mock.network.log.lines() == []
    assert repr(mock.network.log) == "<WeatherLog 0 held=0>"


def test_the_weather_of_a_block(mock: PusherMock):
    client = listen(mock)
    with mock.network.conditions(drop_rate=0.5):
        mock.clock.advance(12)
    mock.network.disconnect_now(client)
    assert "; ".join(mock.network.log.lines()) == (
        "at 0 ms drop_rate=0.5 (until 12 ms); at 12 ms disconnect_now mock-connection-1"
    )


LASTING: list[tuple[Callable[[Network], Any], str]] = [
    (lambda network: network.use("lossy"), "lossy"),
    (lambda network: network.conditions(latency=5, channel="c"), "[channel=c] latency=5"),
    (lambda network: network.fault("a*", times=2), "fault drop a* times=2"),
    (lambda network: network.disconnect_now(), "disconnect_now"),
    (lambda network: network.disconnect_after(3), "disconnect_after 3"),
    (lambda network: network.disconnect_after(3, ONE), f"disconnect_after 3 {ONE}"),
    (lambda network: network.refuse_connections(), "refuse_connections"),
    (lambda network: network.half_open(ONE), f"half_open {ONE}"),
    (lambda network: network.pause(ONE), f"pause {ONE}"),
    (lambda network: network.restart(100), "restart for 100 ms"),
    (lambda network: network.partition([ONE]), "partition of 1"),
    (lambda network: network.fail_publishes(502), "publish fails 502"),
    (lambda network: network.fail_authorizations(), "authorize fails 500"),
    (lambda network: network.fail_webhooks("timeout"), "webhook fails timeout"),
]


@pytest.mark.parametrize(("command", "text"), LASTING)
def test_what_lasts_and_is_taken_back(
    mock: PusherMock, command: Callable[[Network], Any], text: str
):
    listen(mock)
    mock.clock.advance(5)
    applied = command(mock.network)
    assert mock.network.log.lines() == [f"at 5 ms {text}"]
    mock.clock.advance(2)
    applied.end()
    applied.end()
    assert mock.network.log.lines() == [f"at 5 ms {text} (until 7 ms)"]
    assert repr(mock.network.log) == "<WeatherLog 1 held=0>"


@pytest.mark.parametrize(("command", "text"), LASTING)
def test_what_lasts_and_is_cleared(mock: PusherMock, command: Callable[[Network], Any], text: str):
    listen(mock)
    applied = command(mock.network)
    mock.clock.advance(2)
    mock.network.clear()
    mock.clock.advance(2)
    applied.end()
    assert mock.network.log.lines() == [f"at 0 ms {text} (until 2 ms)"]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (lambda network: network.disconnect_now(ONE), f"disconnect_now {ONE}"),
        (lambda network: network.close(ONE, 4100), f"close {ONE} 4100"),
        (lambda network: network.restart(), "restart"),
    ],
)
def test_what_is_done_at_once(mock: PusherMock, command: Callable[[Network], Any], text: str):
    listen(mock)
    command(mock.network).end()
    mock.network.clear()
    assert mock.network.log.lines() == [f"at 0 ms {text}"]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (lambda network: network.half_open(ONE, 10), f"half_open {ONE} for 10 ms"),
        (lambda network: network.refuse_connections(10), "refuse_connections for 10 ms"),
        (lambda network: network.restart(10), "restart for 10 ms"),
    ],
)
def test_what_ends_with_time(mock: PusherMock, command: Callable[[Network], Any], text: str):
    listen(mock)
    command(mock.network)
    mock.clock.advance(30)
    assert mock.network.log.lines() == [f"at 0 ms {text} (until 10 ms)"]


def test_what_is_used_up(mock: PusherMock):
    network = mock.network
    listen(mock)
    network.fault("c", times=1)
    network.fail_publishes(503, times=1)
    mock.clock.advance(3)
    with pytest.raises(Exception, match="failed this call"):
        mock.server().trigger("c", "e", 1)
    assert network.log.lines() == [
        "at 0 ms fault drop c times=1",
        "at 0 ms publish fails 503 (until 3 ms)",
    ]
    mock.clock.advance(1)
    mock.server().trigger("c", "e", 1)
    assert network.log.lines()[0] == "at 0 ms fault drop c times=1 (until 4 ms)"


def test_what_ends_with_its_connection(mock: PusherMock):
    client = listen(mock)
    mock.network.conditions(latency=5, connection=ONE)
    mock.network.half_open(client)
    mock.network.pause(client)
    assert str(mock.network).endswith(f" + half_open {ONE} + pause {ONE}")
    mock.clock.advance(3)
    client.disconnect()
    assert mock.network.log.lines() == [
        f"at 0 ms [connection={ONE}] latency=5",
        f"at 0 ms half_open {ONE} (until 3 ms)",
        f"at 0 ms pause {ONE} (until 3 ms)",
    ]


def test_a_countdown(mock: PusherMock):
    network = mock.network
    client = listen(mock)
    listen(mock)
    network.disconnect_after(9, client)
    network.disconnect_after(1, client)
    network.disconnect_after(9)
    network.disconnect_after(3)
    assert str(network) == f"disconnect_after 1 {ONE} + disconnect_after 3"
    mock.server().trigger("c", "e", 1)
    mock.server().trigger("c", "e", 2)
    assert network.down
    assert network.log.lines() == [
        f"at 0 ms disconnect_after 9 {ONE} (until 0 ms)",
        f"at 0 ms disconnect_after 1 {ONE} (until 0 ms)",
        "at 0 ms disconnect_after 9 (until 0 ms)",
        "at 0 ms disconnect_after 3 (until 0 ms)",
        "at 0 ms disconnect_now",
    ]
    mock.clock.advance(1)
    network.reconnect()
    assert network.log.lines()[-1] == "at 0 ms disconnect_now (until 1 ms)"
    assert str(network) == "perfect"


def test_pauses_end_together(mock: PusherMock):
    client = listen(mock)
    for _ in range(2):
        mock.network.pause(client)
    assert str(mock.network) == f"pause {ONE}"
    mock.network.half_open(client)
    mock.network.resume(client)
    assert mock.network.log.lines() == [
        *[f"at 0 ms pause {ONE} (until 0 ms)"] * 2,
        f"at 0 ms half_open {ONE}",
    ]


def test_a_profile_that_restarts_is_no_command(mock: PusherMock):
    mock.network.use("restart")
    mock.clock.advance(6_000)
    assert mock.network.log.lines() == ["at 0 ms restart"]


def test_what_the_mock_was_made_with():
    mock = PusherMock(network="lossy")
    assert mock.network.log.lines() == []
    mock.network.use("perfect")
    assert mock.network.log.lines() == ["at 0 ms perfect"]
    mock.clock.advance(4)
    mock.network.clear()
    assert mock.network.log.lines() == [
        "at 0 ms lossy (until 4 ms)",
        "at 0 ms perfect (until 4 ms)",
    ]


def test_a_reset_keeps_the_rules_that_hold():
    mock = PusherMock(network="lossy")
    client = listen(mock)
    network = mock.network
    with network.conditions(latency=1):
        pass
    rule = network.conditions(latency=5)
    network.fault("c")
    network.half_open(client)
    network.disconnect_now()
    mock.reset()
    assert network.log.lines() == ["at 0 ms latency=5"]
    mock.clock.advance(1)
    rule.end()
    assert network.log.lines() == ["at 0 ms latency=5 (until 1 ms)"]
    mock.reset()
    assert network.log.lines() == []
    network.clear()
    assert network.log.lines() == ["at 0 ms lossy (until 1 ms)"]


def test_it_is_bounded(mock: PusherMock):
    network = mock.network
    rules = [network.conditions(latency=number, channel="x" * 200) for number in range(20)]
    lines = network.log.lines()
    assert len(lines) == 9
    assert lines[4] == "… 12 more"
    assert all(len(line) < 120 for line in lines)
    assert lines[0].endswith("xxx…")
    for rule in rules:
        rule.end()
    assert network.log.lines()[-1].endswith("xxx… (until 0 ms)")
    network.clear()
    for _ in range(1_000):
        with network.conditions(latency=1):
            pass
    assert network.log.lines()[4] == "… 1012 more"
    assert repr(network.log) == "<WeatherLog 1020 held=0>"


def test_it_keeps_nothing_that_has_ended(mock: PusherMock):
    network = mock.network
    fault = network.fault("c")
    gone = weakref.ref(fault.fault)
    fault.end()
    del fault
    gc.collect()
    assert gone() is None


def test_one_of_them_for_a_reader(mock: PusherMock):
    said = mock.network.log.say("close", "one")
    assert repr(said) == "<Said at 0 ms close one>"
