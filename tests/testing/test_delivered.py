"""Assertions on what reached subscribers, and what they say when they fail."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from pusher_mock import ExpectationFailed, PusherMock, SystemClock, UsageError
from pusher_mock.testing import subset


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def failure(call: Any) -> str:
    with pytest.raises(ExpectationFailed) as caught:
        call()
    return str(caught.value)


def lines(call: Any) -> list[str]:
    """Those of a failure, without the timeline."""
    found = failure(call).splitlines()
    start = next(n for n, line in enumerate(found) if line.startswith("what happened last"))
    return found[:start]


# expect_delivered -------------------------------------------------------------------------------


def test_the_last_delivery_that_fits(mock: PusherMock):
    one, two = (mock.recording_subscriber("c") for _ in range(2))
    mock.server().trigger("c", "e", {"n": 1})
    mock.clock.advance(3)
    mock.server().trigger("c", "f", {"n": 2}, one.socket_id)
    found = mock.expect_delivered("c", "e")
    assert (found.connection, found.data, found.at) == (two.connection_id, {"n": 1}, 0)
    assert mock.expect_delivered().event == "f"
    assert mock.expect_delivered(event=re.compile("e|f"), times=3).event == "f"
    assert mock.expect_delivered("c", data=subset({"n": 2}), times=1).at == 3
    assert mock.expect_delivered("c", where=lambda one: one.at == 0, times=2).sequence == 1
    assert mock.expect_delivered("c", to=one, times=1, in_order=True).event == "e"


@pytest.mark.parametrize("name", ["id", "socket", "client", "recorder", "list", "pysher"])
def test_whom_it_is_about(name: str, mock: PusherMock):
    recorder = mock.recording_subscriber("c")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    client = recorder.client
    assert client is not None
    real = SimpleNamespace(connection=SimpleNamespace(socket_id=recorder.socket_id))
    to = {
        "id": recorder.connection_id,
        "socket": recorder.socket_id,
        "client": client,
        "recorder": recorder,
        "list": [recorder, "mock-connection-1"],
        "pysher": real,
    }[name]
    assert mock.expect_delivered("c", to=to, times=1).connection == "mock-connection-1"
    assert mock.network.conditions(latency=1, connection=recorder)


@pytest.mark.anyio
async def test_a_subscriber_that_awaits(mock: PusherMock):
    async with mock.async_client() as client:
        await client.subscribe("c")
        mock.server().trigger("c", "e", 1)
        mock.expect_delivered("c", "e", to=client, times=1)


@pytest.mark.parametrize(
    ("to", "text"),
    [
        ("mock-connection-7", "to='mock-connection-7' names no connection of this mock"),
        (7, "a connection is named by its id"),
        ([], r"to=\[\] names no connection of this mock; those so far: mock-connection-1"),
    ],
)
def test_a_name_that_nobody_has(to: Any, text: str, mock: PusherMock):
    mock.recording_subscriber("c")
    for call in (mock.expect_delivered, mock.expect_not_delivered, mock.expect_sequence):
        arguments: Any = ("e",) if call == mock.expect_sequence else ()
        with pytest.raises(UsageError, match=text):
            call(*arguments, to=to)


def test_with_nobody_there(mock: PusherMock):
    with pytest.raises(UsageError, match="those so far: none"):
        mock.expect_delivered(to="mock-connection-1")


def test_a_client_that_reconnected(mock: PusherMock):
    recorder = mock.recording_subscriber("c", auto_sub=True, reconnect_interval=1)
    mock.server().trigger("c", "e", 1)
    mock.network.disconnect_now(recorder)
    mock.clock.advance(1000)
    mock.server().trigger("c", "e", 2)
    assert recorder.connections == ["mock-connection-1", "mock-connection-2"]
    assert recorder.payloads == [1, 2]
    mock.expect_delivered("c", to=recorder, times=2)
    mock.expect_delivered("c", to=recorder.client, times=1)


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (1, "expected e on c to be delivered once, but it was delivered 2 times."),
        (3, "expected e on c to be delivered 3 times, but it was delivered 2 times."),
    ],
)
def test_times(times: int, text: str, mock: PusherMock):
    for _ in range(2):
        mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert lines(lambda: mock.expect_delivered("c", "e", times=times)) == [
        text,
        "  at 0 ms: e on c to mock-connection-1 with 1",
        "  at 0 ms: e on c to mock-connection-2 with 1",
    ]
    with pytest.raises(UsageError, match=r"from 1, not 0; use expect_not_delivered\(\)"):
        mock.expect_delivered("c", "e", times=0)


def test_many_are_cut(mock: PusherMock):
    mock.recording_subscriber("c")
    for number in range(8):
        mock.server().trigger("c", "e", number)
    found = lines(lambda: mock.expect_delivered("c", "e", times=1))
    assert len(found) == 7
    assert found[-1] == "  … and 3 more"


def test_what_is_the_same_is_said_once(mock: PusherMock):
    mock.recording_subscriber("c")
    for number in (1, 1, 1, 2, 1):
        mock.server().trigger("c", "e", number)
    found = lines(lambda: mock.expect_delivered("c", "e", times=1))
    assert found[1:] == [
        "  at 0 ms: e on c to mock-connection-1 with 1 (3 times)",
        "  at 0 ms: e on c to mock-connection-1 with 2",
        "  at 0 ms: e on c to mock-connection-1 with 1",
    ]


def test_the_nearest_misses(mock: PusherMock):
    recorder = mock.recording_subscriber("c", "d")
    other = mock.recording_subscriber("d")
    mock.server().trigger("d", "saved", {"task": {"title": "a", "id": 1}})
    mock.server().trigger("c", "saved", {"task": {"title": "a", "id": 1}}, other.socket_id)
    wanted = {"task": {"title": "b", "id": 1}}
    assert lines(lambda: mock.expect_delivered("c", "saved", wanted, to=recorder)) == [
        'expected saved on c with data {"task": {"title": "b", "id": 1}} to be delivered at least '
        "once to mock-connection-1, but it was not.",
        "3 delivered; the nearest:",
        '  at 0 ms: saved on c to mock-connection-1 with {"task": {"title": "a", "id": 1}}',
        '    data is {"task": {"title": "a", "id": 1}}, not {"task": {"title": "b", "id": 1}}',
        "      data.task.title: 'a' ≠ 'b'",
        '  at 0 ms: saved on d to mock-connection-1 with {"task": {"title": "a", "id": 1}}',
        "    channel is 'd', not 'c'",
        '    data is {"task": {"title": "a", "id": 1}}, not {"task": {"title": "b", "id": 1}}',
        '  at 0 ms: saved on d to mock-connection-2 with {"task": {"title": "a", "id": 1}}',
        "    channel is 'd', not 'c'",
        '    data is {"task": {"title": "a", "id": 1}}, not {"task": {"title": "b", "id": 1}}',
        "    it went to mock-connection-2, not to mock-connection-1",
    ]


def test_what_where_says(mock: PusherMock):
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)

    def later(delivery: Any) -> bool:
        return bool(delivery.at > 5)

    found = lines(lambda: mock.expect_delivered("c", "e", where=later))
    assert found[0] == (
        "expected e on c where later to be delivered at least once, but it was not."
    )
    assert found[-1] == "    later says no"
    found = lines(lambda: mock.expect_delivered("c", "e", where=lambda one: one.data["x"]))
    assert "<lambda> raised TypeError" in found[-1]


def test_what_was_dropped_says_why(mock: PusherMock):
    mock.recording_subscriber("c")
    with mock.network.conditions(drop_rate=1):
        mock.server().trigger("c", "e", 1)
    assert lines(lambda: mock.expect_delivered("c", "e")) == [
        "expected e on c to be delivered at least once, but it was not.",
        "dropped:",
        "  at 0 ms: e on c with 1 for mock-connection-1 was dropped: loss",
    ]


def test_what_is_under_way_says_until_when(mock: PusherMock):
    mock.recording_subscriber("c")
    with mock.network.conditions(latency=64):
        mock.server().trigger("c", "e", 1)
    mock.expect_not_delivered("c", "e")
    assert lines(lambda: mock.expect_delivered("c", "e")) == [
        "expected e on c to be delivered at least once, but it was not.",
        "under way, and the clock has to move: mock.drain(), or mock.clock.advance(ms):",
        "  e on c with 1 to mock-connection-1 is under way, due at 64 ms",
    ]
    mock.clock.advance(64)
    mock.expect_delivered("c", "e", times=1)


def test_on_real_time():
    mock = PusherMock(clock=SystemClock(), network="latency=1e6")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    found = lines(lambda: mock.expect_delivered("c", "e"))
    assert found[1] == "under way, and real time has to pass: wait_until() waits for it:"


def test_nobody_was_subscribed(mock: PusherMock):
    client = mock.recording_subscriber("private-c").client
    assert client is not None
    client.channels["private-c"].trigger("client-typing", 1)
    assert lines(lambda: mock.expect_delivered("private-c"))[1:] == [
        "it was published, and nobody else was subscribed:",
        "  at 0 ms by a client: client-typing on private-c with 1",
    ]
    assert lines(lambda: mock.expect_delivered("d"))[1:] == ["1 published, nothing delivered."]


def test_nothing_was_published(mock: PusherMock):
    assert "Nothing was published to this mock. Is the code under test" in failure(
        mock.expect_delivered
    )


def test_encrypted_data_is_explained(mock: PusherMock):
    mock.recording_subscriber("private-encrypted-c")
    server = mock.server(encryption_master_key_base64="A" * 43 + "=")
    server.trigger("private-encrypted-c", "e", {"a": 1})
    text = failure(lambda: mock.expect_delivered("private-encrypted-c", "e", {"a": 1}))
    assert "data is encrypted: assert on the channel and event" in text


# In order ---------------------------------------------------------------------------------------


def test_in_order(mock: PusherMock):
    mock.recording_subscriber("c")
    with mock.network.conditions(latency=10, in_order=False):
        mock.server().trigger("c", "e", 1)
    with mock.network.conditions(latency=5, in_order=False):
        mock.server().trigger("c", "e", 2)
    mock.server().trigger("d", "e", 3)
    mock.drain()
    mock.expect_delivered("c", times=2)
    mock.expect_delivered("c", data=1, in_order=True)
    assert lines(lambda: mock.expect_delivered("c", in_order=True)) == [
        "expected any event on c to be delivered in the order of publishing, "
        "but mock-connection-1 was given",
        "  at 5 ms: e on c to mock-connection-1 with 2",
        "  and then, although it was published earlier,",
        "  at 10 ms: e on c to mock-connection-1 with 1",
    ]


def test_each_connection_has_its_own_order(mock: PusherMock):
    mock.recording_subscriber("c")
    mock.recording_subscriber("c")
    with mock.network.conditions(latency=10, connection="mock-connection-2"):
        mock.server().trigger("c", "e", 1)
        mock.server().trigger("c", "e", 2)
    mock.drain()
    mock.expect_delivered("c", times=4, in_order=True)


# expect_not_delivered ---------------------------------------------------------------------------


def test_not_delivered(mock: PusherMock):
    mock.expect_not_delivered()
    one, two = (mock.recording_subscriber("c") for _ in range(2))
    mock.server().trigger("c", "e", {"n": 1}, one.socket_id)
    mock.expect_not_delivered("d")
    mock.expect_not_delivered("c", "e", {"n": 2})
    mock.expect_not_delivered("c", to=one)
    mock.expect_not_delivered("c", where=lambda delivery: delivery.at > 0)
    assert lines(lambda: mock.expect_not_delivered("c", data=subset({"n": 1}), to=two)) == [
        'expected any event on c with data subset({"n": 1}) not to be delivered to '
        "mock-connection-2, but it was, once:",
        '  at 0 ms: e on c to mock-connection-2 with {"n": 1}',
    ]


# A journal that is too small --------------------------------------------------------------------


def test_answers_that_need_what_has_dropped_out():
    mock = PusherMock(journal=3)
    mock.recording_subscriber("c")
    for number in range(5):
        mock.server().trigger("c", "e", number)
    assert mock.expect_delivered("c").data == 4
    assert mock.expect_delivered("c", to="mock-connection-1").data == 4
    assert "3 times" in failure(lambda: mock.expect_delivered("c", times=1))
    assert "3 times" in failure(lambda: mock.expect_not_delivered("c"))
    for call in (
        lambda: mock.expect_delivered("d"),
        lambda: mock.expect_delivered("c", times=3),
        lambda: mock.expect_delivered("c", in_order=True),
        lambda: mock.expect_not_delivered("d"),
        lambda: mock.expect_sequence("e"),
    ):
        with pytest.raises(UsageError, match=r"use PusherMock\(journal=1000\)"):
            call()
