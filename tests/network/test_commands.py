"""What a network is told: what makes no sense, what has ended, what is said again."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pusher_mock import App, PusherMock
from pusher_mock.protocol.errors import UsageError

from .bench import listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# What is none ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [999, 5000, "4200", None, True])
def test_a_code_that_is_none(mock: PusherMock, code: Any):
    one = listen(mock)
    told = "a connection is closed with a code from 1000 to 4999"
    with pytest.raises(UsageError, match=told):
        mock.network.close(one.client, code)
    with pytest.raises(UsageError, match=told):
        mock.network.restart(code=code)
    if code is not None:
        with pytest.raises(UsageError, match=told):
            mock.network.fault(action="close", code=code)
    assert one.state == "connected"
    assert mock.network.calm


@pytest.mark.parametrize("ms", [-5, "5", math.inf])
def test_a_time_that_is_none(mock: PusherMock, ms: Any):
    one = listen(mock)
    for command in (
        mock.network.restart,
        mock.network.refuse_connections,
        lambda ms: mock.network.half_open(one.client, ms),
    ):
        with pytest.raises(UsageError, match="takes milliseconds from 0"):
            command(ms)
    assert one.state == "connected"
    assert mock.network.calm


def test_a_number_of_events_that_is_none(mock: PusherMock):
    events: Any = 1.5
    with pytest.raises(UsageError, match=r"disconnect_after\(\) takes a number .* not 1.5"):
        mock.network.disconnect_after(events)


def test_a_connection_that_is_called_nothing(mock: PusherMock):
    one, network = listen(mock), mock.network
    told = "no connection is called 'nobody'. Ids are .* open are: mock-connection-1. Give the"
    with pytest.raises(UsageError, match=told):
        network.conditions(latency=5, connection="nobody")
    with pytest.raises(UsageError, match=told):
        network.partition([one.client], [one.name, "nobody"])
    with pytest.raises(UsageError, match=told):
        network.fault(to={"nobody"})
    assert network.calm
    network.conditions(latency=5, connection=["mock-connection-7", "123.456", one.name])


def test_a_connection_of_another_name(mock: PusherMock):
    mock.state.subscribe("somebody", "c")
    mock.network.conditions(latency=5, connection="somebody")
    assert str(mock.network) == "[connection=somebody] latency=5"


def test_an_app_that_is_none():
    mock = PusherMock(apps=[App(id="1", key="k", secret="s")], strict=True)
    with pytest.raises(UsageError, match="no app of this mock has the id 'nope'"):
        mock.network.conditions(latency=5, app="nope")
    mock.network.conditions(latency=5, app="1")
    PusherMock().network.conditions(latency=5, app="one that may come")


def test_what_has_been_taken_back_is_not_said_again(mock: PusherMock):
    applied = mock.network.conditions(latency=5)
    with applied:
        pass
    with pytest.raises(UsageError, match="latency=5 has been taken back already; say it again"):
        applied.__enter__()


@pytest.mark.parametrize("how", ["reconnect", "end", "clear", "refused"])
def test_who_waits_in_vain_is_waited_for_once_there_is_hope(mock: PusherMock, how: str):
    one, two = listen(mock), listen(mock)
    if how == "refused":
        applied = mock.network.refuse_connections()
        mock.network.disconnect_now(one.client)
        mock.network.disconnect_now(two.client)
    else:
        applied = mock.network.disconnect_now()
    assert mock.clock.run_until_idle() == 10_000
    assert mock.clock.idle
    two.client.disconnect()
    ends = {"reconnect": mock.network.reconnect, "clear": mock.network.clear}
    ends.get(how, applied.end)()
    assert not mock.clock.idle
    mock.clock.tick_all()
    assert one.state == "connected"
    assert mock.clock.idle


def test_a_block_that_begins_when_its_time_is_over(mock: PusherMock):
    applied = mock.network.restart(50)
    mock.clock.advance(60)
    with applied:
        assert listen(mock).state == "connected"
    with pytest.raises(UsageError, match="restart has been taken back already"):
        applied.__enter__()


def test_an_ended_countdown_leaves_the_next_one_alone(mock: PusherMock):
    one = listen(mock)
    first = mock.network.disconnect_after(5, one.client)
    mock.network.disconnect_after(2, one.client)
    first.end()
    publish(mock, 2)
    assert one.state == "unavailable"


def test_an_ended_pause_leaves_the_next_one_alone(mock: PusherMock):
    one = listen(mock)
    first = mock.network.pause(one.client)
    mock.network.resume(one.client)
    second = mock.network.pause(one.client)
    first.end()
    publish(mock)
    assert one.got == []
    second.end()
    assert one.got == ["0"]
