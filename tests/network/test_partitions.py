"""Connections parted from each other, and connections whose clients do not read."""

from __future__ import annotations

import pytest

from pusher_mock import PusherMock
from pusher_mock.protocol.errors import UsageError

from .bench import Listener, conserved, listen, publish

_CHANNEL = "private-a"


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def everybody(mock: PusherMock) -> list[Listener]:
    return [listen(mock, _CHANNEL) for _ in range(4)]


# Parted ----------------------------------------------------------------------------------------


def test_events_of_clients_stay_in_their_group(mock: PusherMock):
    one, two, three, four = everybody(mock)
    with mock.network.partition([one.client, two.name], [three.socket_id]):
        one.send(_CHANNEL, "of one")
        three.send(_CHANNEL, "of three")
        four.send(_CHANNEL, "of four")
        publish(mock, 1, _CHANNEL)
    assert one.got == ["0"]
    assert two.got == ["of one", "0"]
    assert three.got == four.got == ["0"]  # everybody else is a group of its own
    assert mock.metrics().reasons == {"partition": 8}
    one.send(_CHANNEL, "healed")
    assert four.got[-1] == "healed"
    assert conserved(mock)


def test_publishers_are_on_one_side(mock: PusherMock):
    one, two, three, four = everybody(mock)
    mock.network.partition([one.client], [two.client, three.client], publisher=1)
    publish(mock, 1, _CHANNEL)
    assert [who.got for who in (one, two, three, four)] == [[], ["0"], ["0"], []]


def test_two_partitions(mock: PusherMock):
    one, two, three, four = everybody(mock)
    mock.network.partition([one.client, two.client, three.client])
    mock.network.partition([one.client, two.client, four.client])
    one.send(_CHANNEL, "0")
    assert [who.got for who in (two, three, four)] == [["0"], [], []]


@pytest.mark.parametrize(
    ("groups", "publisher", "why"),
    [
        ([], None, r"partition\(\) takes at least one group of connections"),
        ([["a"]], 1, "publisher is the number of a group below 1"),
        ([["a"]], -1, "publisher is the number of a group below 1"),
    ],
)
def test_no_partition(mock: PusherMock, groups: list[list[str]], publisher: int | None, why: str):
    with pytest.raises(UsageError, match=why):
        mock.network.partition(*groups, publisher=publisher)


# Who does not read -----------------------------------------------------------------------------


def test_what_it_is_sent_waits(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.pause(one.client)
    mock.network.pause(one.client)
    publish(mock, 3)
    mock.clock.advance(1_000)
    assert (one.got, other.got) == ([], ["0", "1", "2"])
    assert mock.metrics().pending == mock.metrics().depth == 3
    mock.network.resume(one.client)
    assert one.got == ["0", "1", "2"]
    assert one.times == [1_000] * 3
    assert mock.network.calm
    mock.network.resume(one.client)
    assert mock.journal.dumps().count("network resume") == 2


def test_in_a_block(mock: PusherMock):
    one = listen(mock)
    with mock.network.pause(one.client):
        publish(mock)
        assert one.got == []
    assert one.got == ["0"]


def test_its_queue_fills(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(queue=2)
    with mock.network.pause(one.client):
        publish(mock, 5)
    assert one.got == ["3", "4"]
    assert mock.metrics().reasons == {"queue full": 3}
    assert conserved(mock)


def test_order_between_what_waits_and_what_comes(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=10)
    server = mock.server()
    server.trigger("a", "x", "under way")
    pause = mock.network.pause(one.client)
    mock.clock.advance(10)
    server.trigger("a", "x", "meanwhile")
    mock.clock.advance(20)
    pause.end()
    server.trigger("a", "x", "afterwards")
    mock.clock.run_until_idle()
    assert one.got == ["under way", "meanwhile", "afterwards"]


def test_it_reads_neither_pings_nor_frames_of_its_channels(mock: PusherMock):
    first = mock.client(connect=True, user_data={"user_id": "1"})
    members: list[str] = []
    first.subscribe("presence-a").bind("pusher_internal:member_added", members.append)
    mock.network.pause(first)
    second = mock.client(connect=True, user_data={"user_id": "2"})
    second.subscribe("presence-a")
    assert members == []
    mock.network.resume(first)
    assert len(members) == 1
    mock.network.pause(first)
    mock.clock.advance(75_000)  # it answers no pings, and is closed
    assert first.connection.connection_id == "mock-connection-3"


def test_closed_while_it_does_not_read(mock: PusherMock):
    one = listen(mock)
    mock.network.pause(one.client)
    publish(mock, 2)
    mock.network.close(one.client, 4000)
    assert one.state == "disconnected"
    assert one.got == []
    assert mock.metrics().reasons == {"closed": 2}
    assert mock.network.calm
    assert conserved(mock)
