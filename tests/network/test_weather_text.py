"""The weather as a text, and what a mock is made with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pusher.errors import PusherError

from pusher_mock import NetworkConditions, PusherMock
from pusher_mock.network import PROFILES, Profile
from pusher_mock.protocol.errors import UsageError

from .bench import listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# As a text -------------------------------------------------------------------------------------


def test_the_weather_as_a_text(mock: PusherMock):
    network = mock.network
    assert str(network) == network.base == "perfect"
    assert repr(network) == "<Network perfect pending=0>"
    one = listen(mock)
    network.use("lossy")
    network.conditions(
        latency=5, app="1", channel=re.compile("^a"), connection=[one.name, one.client]
    )
    network.conditions(latency=5, direction="send")
    network.use("mobile", channel="b")
    network.use(NetworkConditions())
    network.fault("a*", event="x", action="close")
    network.fail_publishes(502)
    network.refuse_connections()
    network.partition([one.name])
    assert str(network).split(" + ") == [
        "lossy",
        f"[app=mock-app-id channel=/^a/ connection={one.name},MockPusherClient] latency=5",
        "[send] latency=5",
        # Nothing that is about whole connections.
        f"[channel=b] {str(PROFILES['mobile'].rules[0][1]).partition(' connect_error_rate')[0]} "
        f"[send channel=b] {PROFILES['mobile'].rules[1][1]}",
        "fault close a* event=x times=1",
        "publish fails 502",
        "refuse connections",
        "partition",
    ]
    network.clear()
    network.disconnect_now()
    assert str(network) == "down"


def test_what_a_mock_is_made_with():
    assert str(PusherMock(network="perfect").network) == "perfect"
    assert PusherMock(network="perfect").network.calm
    assert PusherMock(network=NetworkConditions()).network.calm
    mock = PusherMock(network=NetworkConditions(latency=5))
    assert str(mock.network) == mock.network.base == "latency=5"
    assert str(PusherMock(network=Profile("mine", "about")).network) == "mine"


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("stormy", "there is no network profile 'stormy'; take one of perfect, polling, lossy"),
        ("wind=5", "conditions of a network are written like"),
        (5, "a network is a profile's name, NetworkConditions"),
    ],
)
def test_weather_that_is_none(network: Any, why: str):
    with pytest.raises(UsageError, match=why):
        PusherMock(network=network)


def test_no_weather_is_good_weather(mock: PusherMock):
    assert str(mock.network.use(None)).startswith("<Applied")  # type: ignore[arg-type]
    assert mock.network.calm


def test_fields_that_are_none(mock: PusherMock):
    with pytest.raises(UsageError, match=r"does not know wind; there are latency, "):
        mock.network.conditions(wind=5)


def test_what_was_applied(mock: PusherMock):
    applied = mock.network.conditions(latency=5)
    assert repr(applied) == "<Applied latency=5>"
    applied.end()
    assert repr(applied) == "<Applied latency=5 ended>"


@pytest.mark.parametrize("direction", ["send", "publish", "receive"])
def test_good_weather_one_way_is_no_matter_of_calls_and_connections(
    mock: PusherMock, direction: str
):
    mock.network.conditions(error_rate=1, latency=5)
    with mock.network.use("perfect", direction=direction), pytest.raises(PusherError):
        publish(mock)
    with mock.network.use("perfect"):
        publish(mock)


def test_going_back_and_forth_very_often(mock: PusherMock):
    one = listen(mock)
    for _ in range(200):
        mock.network.use("lossy")
        mock.network.use("perfect")
    assert mock.network.calm
    publish(mock)
    assert one.got == ["0"]
