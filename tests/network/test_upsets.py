"""What happens to connections: cut, closed, refused, silent."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from pusher_mock import NetworkConditions, PusherMock
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
