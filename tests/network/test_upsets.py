"""What happens to connections: cut, closed, refused, silent."""

from __future__ import annotations

import math
from typing import Any

import pytest
import requests

from pusher_mock import App, NetworkConditions, PusherMock
from pusher_mock.protocol.errors import UsageError

from .bench import conserved, listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# The whole network -----------------------------------------------------------------------------


def test_the_network_is_down(mock: PusherMock):
    one = listen(mock)
    server = mock.server()
    mock.network.disconnect_now()
    assert mock.core.connections == ()
    assert one.state == "unavailable"
    with pytest.raises(requests.exceptions.ConnectionError, match="network down"):
        server.trigger("a", "x", "0")
    with pytest.raises(requests.exceptions.ConnectionError):
        server.channels_info()
    mock.clock.advance(60_000)  # it tries again, every ten seconds
    assert mock.core.connections == ()
    assert one.state in ("unavailable", "failed")
    mock.network.reconnect()
    mock.network.reconnect()
    mock.clock.advance(10_100)
    assert one.state == "connected"
    server.trigger("a", "x", "1")
    assert one.got == ["1"]
    text = mock.journal.dumps()
    assert text.count("network down\n") == text.count("network up\n") == 1


def test_nobody_can_connect(mock: PusherMock):
    with mock.network.disconnect_now():
        one = listen(mock)
        assert one.state == "unavailable"
        assert mock.core.connections == ()
    mock.clock.advance(10_100)
    assert one.state == "connected"
    publish(mock)
    assert one.got == ["0"]


def test_a_line_finds_nobody(mock: PusherMock):
    from pusher_mock.protocol.errors import Unreachable

    with mock.network.refuse_connections(), pytest.raises(Unreachable) as caught:
        mock.core.open_line("/app/mock-pusher-key?protocol=7", line=None)  # type: ignore[arg-type]
    assert caught.value.kind == "refused"


def test_no_close_frame(mock: PusherMock):
    one = listen(mock)
    seen: list[Any] = []
    one.client.connection.bind("pusher:error", seen.append)
    mock.network.disconnect_now(one.client)
    assert seen == []
    assert one.state == "unavailable"
    assert "close " not in mock.journal.dumps()


# One connection --------------------------------------------------------------------------------


def test_one_is_cut(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.conditions(latency=10)
    publish(mock)
    with mock.network.disconnect_now(one.socket_id):
        mock.clock.advance(10)
    assert (one.got, other.got) == ([], ["0"])
    assert mock.metrics().reasons == {"closed": 1}
    mock.clock.advance(10_000)
    assert one.state == "connected"
    publish(mock)
    mock.clock.advance(10)
    assert one.got == ["0"]
    assert conserved(mock)


def test_one_that_is_cut_already(mock: PusherMock):
    one = listen(mock)
    box = one.client.connection.box
    assert box is not None
    name = one.name
    mock.network.disconnect_now(name)
    mock.core.cut(name)
    mock.core.end_connection(name, 4200, "")
    assert mock.core.connections == ()


@pytest.mark.parametrize("command", ["disconnect_now", "half_open", "pause", "resume"])
def test_one_that_is_not_there(mock: PusherMock, command: str):
    with pytest.raises(UsageError, match=r"'mock-connection-1' names 0 open .* open are: none"):
        getattr(mock.network, command)("mock-connection-1")
    listen(mock), listen(mock)
    with pytest.raises(UsageError, match="names 2 open connections, and it has to be one"):
        mock.network.close(["mock-connection-1", "mock-connection-2"], 4200)


# After so many events --------------------------------------------------------------------------


def test_cut_after_so_many_events(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.disconnect_after(2, one.client)
    publish(mock, 4)
    assert one.got == ["0", "1"]
    assert other.got == ["0", "1", "2", "3"]
    assert one.state == "unavailable"
    assert f"network cut {one.name}" in mock.journal.dumps()
    assert mock.network.calm


@pytest.mark.parametrize("latency", [0, 5])
def test_no_more_than_so_many_even_where_they_come_at_once(mock: PusherMock, latency: float):
    one = listen(mock)
    mock.network.conditions(latency=latency)
    mock.network.disconnect_after(2, one.client)
    batch = [{"channel": "a", "name": "x", "data": str(n)} for n in range(4)]
    mock.server().trigger_batch(batch)
    mock.clock.advance(5)
    assert one.got == ["0", "1"]
    assert mock.metrics().reasons == {"closed": 2}
    assert conserved(mock)


def test_down_after_so_many_events(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.disconnect_after(3)
    publish(mock)
    assert mock.network.down is False
    mock.server().trigger("a", "x", "1")
    assert one.got == ["0", "1"]
    assert other.got == ["0"]  # the third was the last
    assert mock.network.down
    assert mock.core.connections == ()
    with pytest.raises(requests.exceptions.ConnectionError):
        publish(mock)
    mock.network.reconnect()
    mock.clock.advance(10_100)
    publish(mock)
    assert other.got[-1] == "0"
    assert conserved(mock)


def test_not_after_all(mock: PusherMock):
    one = listen(mock)
    with mock.network.disconnect_after(1, one.client), mock.network.disconnect_after(1):
        assert not mock.network.calm
    assert mock.network.calm
    publish(mock, 3)
    assert one.got == ["0", "1", "2"]
    assert one.state == "connected"


def test_from_one(mock: PusherMock):
    with pytest.raises(UsageError, match=r"disconnect_after\(\) takes a number of events from 1"):
        mock.network.disconnect_after(0)


# Closes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [4000, 4001])
def test_a_close_that_tells_it_to_stay_away(mock: PusherMock, code: int):
    one = listen(mock)
    with mock.network.close(one.client, code, "for a reason"):
        pass
    assert f"close-requested mock-connection-1 {code} for a reason" in mock.journal.dumps()
    mock.clock.advance(3_600_000)
    assert mock.core.connections == ()
    assert one.state == "disconnected"


@pytest.mark.parametrize(("code", "pause"), [(4100, 10_000), (4199, 10_000), (4200, 0), (4299, 0)])
def test_a_close_after_which_it_comes_back(mock: PusherMock, code: int, pause: float):
    one = listen(mock)
    mock.network.close(one.client, code)
    if pause:
        mock.clock.advance(pause - 1)
        assert one.state == "unavailable"
        mock.clock.advance(1)
    mock.clock.advance(0)
    assert one.state == "connected"
    publish(mock)
    assert one.got == ["0"]


def test_a_close_comes_behind_what_the_service_has_said(mock: PusherMock):
    client = mock.client(connect=True)
    mock.network.conditions(latency=50, scope=["subscriptions", "events"])
    client.subscribe("a")
    publish(mock)
    mock.network.close(client, 4000)
    lines = [line.split("{")[0].strip() for line in mock.journal.dumps().splitlines()[-4:]]
    assert lines == [
        "send mock-connection-1",
        "deliver mock-connection-1",
        "close mock-connection-1 4000",
        "lose mock-connection-1 (closed)",
    ]
    assert mock.metrics().reasons == {"closed": 1}
    assert mock.metrics().pending == 0


def test_a_service_that_restarts(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    publish(mock)
    mock.network.restart(30_000)
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        publish(mock)
    mock.clock.advance(29_999)
    assert mock.core.connections == ()
    mock.clock.advance(10_000)
    assert one.state == other.state == "connected"
    publish(mock)
    assert one.got == other.got == ["0", "0"]
    assert len(mock.state.get_channel_messages("a")) == 2
    assert mock.network.calm


def test_a_service_that_is_there_again_at_once(mock: PusherMock):
    one = listen(mock)
    mock.network.restart()
    mock.clock.advance(0)
    assert one.state == "connected"
    assert one.name == "mock-connection-2"


def test_a_restart_that_is_taken_back(mock: PusherMock):
    mock.network.restart(30_000).end()
    publish(mock)
    assert mock.network.calm
    mock.clock.advance(30_000)
    assert mock.journal.dumps().count("network") == 1


def test_the_profile_that_restarts():
    mock = PusherMock(network="restart")
    one = listen(mock)
    mock.clock.advance(4_999)
    assert one.name == "mock-connection-1"
    mock.clock.advance(1)
    assert mock.core.connections == ()
    mock.clock.advance(2_200)
    assert one.state == "connected"


@pytest.mark.parametrize("how", ["end", "clear"])
def test_the_profile_that_restarts_is_taken_back(mock: PusherMock, how: str):
    one = listen(mock)
    applied = mock.network.use("restart")
    applied.end() if how == "end" else mock.network.clear()
    mock.clock.advance(10_000)
    assert one.name == "mock-connection-1"


# Refused ---------------------------------------------------------------------------------------


def test_nobody_gets_in_for_a_time(mock: PusherMock):
    inside = listen(mock)
    refused = mock.network.refuse_connections(15_000)
    one = listen(mock)
    assert one.state == "unavailable"
    publish(mock)
    assert inside.got == ["0"]  # who is in stays in
    mock.clock.advance(10_100)
    assert one.state == "unavailable"
    mock.clock.advance(10_100)
    assert one.state == "connected"
    refused.end()
    text = mock.journal.dumps()
    assert text.count("network no more: refuse connections") == 1


def test_refusals_add_up(mock: PusherMock):
    with mock.network.refuse_connections():
        with mock.network.refuse_connections():
            assert mock.network.refusing
        assert mock.network.refusing
    assert not mock.network.refusing


def test_a_share_is_refused():
    mock = PusherMock(network=NetworkConditions(connect_error_rate=0.5))
    clients = [mock.client(connect=True) for _ in range(100)]
    states = [client.connection.state for client in clients]
    assert 30 < states.count("connected") < 70
    mock.clock.advance(200_000)
    assert all(client.connection.state == "connected" for client in clients)


def test_a_client_that_reconnects_at_once_does_not_stop_time(mock: PusherMock):
    one = listen(mock)
    with mock.network.refuse_connections():
        mock.network.close(one.client, 4200)
        mock.clock.advance(5_000)
        assert one.state == "unavailable"
    mock.clock.advance(10_100)
    assert one.state == "connected"


# Silence ---------------------------------------------------------------------------------------


def test_the_service_finds_out(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.half_open(one.client)
    publish(mock)
    assert (one.got, other.got) == ([], ["0"])
    assert mock.metrics().reasons == {"half-open": 1}
    mock.clock.advance(74_999)
    assert len(mock.core.connections) == 2
    mock.clock.advance(1)
    assert [box.connection for box in mock.core.connections] == [other.name]
    assert one.state == "connected"  # nobody has told it


def test_the_client_finds_out(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client)
    mock.clock.advance(600_000)
    assert one.state == "connected"
    assert one.name == "mock-connection-2"
    publish(mock)
    assert one.got == ["0"]


def test_the_line_comes_back_in_time(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client, 30_000)
    mock.clock.advance(30_000)
    publish(mock)
    assert one.got == ["0"]
    mock.clock.advance(600_000)
    assert one.name == "mock-connection-1"


def test_what_a_silent_client_sends_is_not_heard(mock: PusherMock):
    one, other = listen(mock, "private-a"), listen(mock, "private-a")
    with mock.network.half_open(one.client):
        one.send("private-a", "0")
    assert other.got == []
    assert "network lost on the way to the service" in mock.journal.dumps()
    one.send("private-a", "1")
    assert other.got == ["1"]


def test_what_is_under_way_when_the_line_falls_silent(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=10)
    publish(mock)
    mock.network.half_open(one.client)
    mock.clock.advance(10)
    assert one.got == []
    assert mock.metrics().reasons == {"half-open": 1}
    assert conserved(mock)


def test_closed_by_the_service_without_a_word(mock: PusherMock):
    one = listen(mock)
    mock.network.half_open(one.client)
    mock.network.close(one.client, 4200)
    assert mock.core.connections == ()
    assert one.state == "connected"
    one.client.disconnect()
    assert one.state == "disconnected"


def test_hung_up_while_silent(mock: PusherMock):
    one = listen(mock)
    silence = mock.network.half_open(one.client)
    one.client.disconnect()
    silence.end()
    assert mock.network.calm
    assert mock.core.connections == ()


def test_stale_from_the_beginning():
    mock = PusherMock(seed=1, network=NetworkConditions(stale_rate=0.5))
    all_ = [listen(mock) for _ in range(40)]
    publish(mock)
    heard = sum(one.got == ["0"] for one in all_)
    assert 10 < heard < 30
    assert all(one.state == "connected" for one in all_)  # their greeting has come
    assert mock.metrics().offered == heard  # but nobody has heard what they subscribe
    mock.clock.advance(75_000)
    assert len(mock.core.connections) == heard


# Cut at random ---------------------------------------------------------------------------------


def test_cut_at_random():
    mock = PusherMock(seed=2, network=NetworkConditions(disconnect_rate=0.1))
    all_ = [listen(mock) for _ in range(50)]
    mock.clock.advance(11 * 60_000)
    cut = mock.journal.dumps().count("network cut ")
    assert 25 < cut < 75  # 50 a tenth of the minutes, for ten of them
    mock.clock.advance(60_000)
    mock.network.clear()
    mock.clock.advance(60_000)
    assert all(one.state == "connected" for one in all_)


def test_cut_within_the_first_minute():
    mock = PusherMock(network=NetworkConditions(disconnect_rate=1))
    one = listen(mock)
    mock.clock.advance(30_000)
    late = listen(mock)  # for the other half of the minute, half of the rate
    mock.clock.advance(30_000)
    cut = [line for line in mock.journal.dumps().splitlines() if "network cut " in line]
    assert sum("mock-connection-1" in line for line in cut) == 1
    assert one.name != "mock-connection-1"
    assert late.name


@pytest.mark.parametrize("how", ["end", "clear", "other"])
def test_not_cut_once_the_rule_has_ended(mock: PusherMock, how: str):
    one = listen(mock)
    rule = mock.network.conditions(disconnect_rate=1)
    other = mock.network.conditions(disconnect_rate=1, connection="mock-connection-9")
    if how == "clear":
        mock.network.clear()
    else:
        rule.end()
    if how == "end":
        other.end()
    mock.clock.advance(120_000)
    assert one.name == "mock-connection-1"


def test_cut_meanwhile_by_somebody_else(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(disconnect_rate=1, connection=one.name)
    mock.network.disconnect_now(one.client)
    mock.clock.advance(60_000)
    assert mock.journal.dumps().count("network cut") == 1


def test_a_minute_that_is_over_when_the_rule_is(mock: PusherMock):
    """The timer has been taken by the clock already when the rule is taken back."""
    mock.network.conditions(disconnect_rate=1)
    passed = mock.network._minute_passed
    mock.network.clear()
    passed()
    assert mock.network._minute is None


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
