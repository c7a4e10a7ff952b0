"""Waiting for the next message, and letting everything arrive that is under way."""

from __future__ import annotations

import gc
import re
import threading
import weakref
from typing import Any

import anyio
import anyio.to_thread
import pytest

from pusher_mock import ExpectationFailed, ManualClock, PusherMock, SystemClock, UsageError


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# await_next_message -----------------------------------------------------------------------------


def test_those_that_are_there_come_one_after_the_other(mock: PusherMock):
    for _ in range(2):
        mock.recording_subscriber("c", "d")
    for number in range(3):
        mock.server().trigger("c", "e", number)
    mock.server().trigger("d", "f", "x")
    assert [mock.await_next_message("c").data for _ in range(2)] == [0, 1]
    assert mock.await_next_message().data == 0  # of any channel, which has a place of its own
    assert mock.await_next_message("c").data == 2
    assert mock.await_next_message("d", "f").data == "x"
    assert mock.await_next_message(re.compile("^d")).data == "x"
    with pytest.raises(ExpectationFailed):
        mock.await_next_message("c", timeout=0)
    mock.server().trigger("c", "e", 3)
    assert mock.await_next_message("c").data == 3


def test_others_are_skipped(mock: PusherMock):
    mock.recording_subscriber("c")
    for event in ("a", "b", "c"):
        mock.server().trigger("c", event, 1)
    assert mock.await_next_message("c", "b").event == "b"
    assert mock.await_next_message("c").event == "c"


def test_of_one_recipient_copies_count(mock: PusherMock):
    one, two = (mock.recording_subscriber("c") for _ in range(2))
    with mock.network.conditions(duplicate_rate=1):
        mock.server().trigger("c", "e", 1)
    for to in (one, [two], "mock-connection-1"):
        assert [mock.await_next_message("c", to=to).copy for _ in range(2)] == [0, 1]
    assert mock.await_next_message("c").copy == 0
    with pytest.raises(ExpectationFailed):
        mock.await_next_message("c", timeout=0)


def test_from_another_thread(mock: PusherMock):
    mock.recording_subscriber("c")
    publisher = threading.Timer(0.01, lambda: mock.server().trigger("c", "e", 1))
    publisher.start()
    assert mock.await_next_message("c").data == 1
    publisher.join()


def test_a_clock_that_jumps():
    mock = PusherMock(clock=ManualClock(autojump=True), network="latency=1000")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert mock.await_next_message("c").at == 1000
    with pytest.raises(ExpectationFailed, match="waited 60 s for an event on c, in vain"):
        mock.await_next_message("c", timeout=60)
    assert mock.clock.now() == 61_000


def test_real_time():
    mock = PusherMock(clock=SystemClock(), network="latency=5")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert mock.await_next_message("c").data == 1


def test_in_vain_says_what_is_under_way(mock: PusherMock):
    mock.recording_subscriber("c")
    with mock.network.conditions(latency=10):
        for number in range(7):
            mock.server().trigger("c", "e", number)
        mock.server().trigger("d", "e", 1)
    with pytest.raises(ExpectationFailed) as failed:
        mock.await_next_message("c", "e", timeout=0)
    found = str(failed.value).splitlines()
    assert found[:3] == [
        "waited 0 s for e on c, in vain",
        "under way, and the clock has to move: mock.drain(), or mock.clock.advance(ms):",
        "  e on c with 0 to mock-connection-1 is under way, due at 10 ms",
    ]
    assert found[7:9] == ["  … and 2 more", "what happened last, after 4 earlier things:"]


def test_after_a_reset_it_begins_anew(mock: PusherMock):
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert mock.await_next_message("c").data == 1
    mock.reset()
    with pytest.raises(ExpectationFailed):
        mock.await_next_message("c", timeout=0)
    mock.recording_subscriber("c")
    for number in (2, 3, 4, 5):
        mock.server().trigger("c", "e", number)
    assert mock.await_next_message("c").data == 2
    mock.reset()
    mock.recording_subscriber("c")
    for number in range(6, 16):  # more than there were, so that numbers alone would not tell
        mock.server().trigger("c", "e", number)
    assert mock.await_next_message("c").data == 6


def test_what_has_dropped_out_is_missed():
    mock = PusherMock(journal=4)
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 0)
    with pytest.raises(UsageError, match=r"use PusherMock\(journal=1000\)"):
        mock.await_next_message("c")
    mock = PusherMock(journal=20)
    mock.recording_subscriber("c")
    for number in range(50):
        mock.server().trigger("c", "e", number)
        assert mock.await_next_message("c").data == number


def test_a_mock_that_was_asked_goes_away():
    mock = PusherMock()
    recorder = mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    mock.await_next_message("c", to=recorder.client)
    core = weakref.ref(mock.core)
    mock.close()
    del mock, recorder
    gc.collect()
    assert core() is None


# async_next_message -----------------------------------------------------------------------------


@pytest.mark.anyio
async def test_other_tasks_go_on(mock: PusherMock):
    mock.recording_subscriber("c")

    async def publish() -> None:
        for number in range(3):
            mock.server().trigger("c", "e", number)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(publish)
        assert [(await mock.async_next_message("c")).data for _ in range(3)] == [0, 1, 2]
    assert mock.core._listeners == ()


@pytest.mark.anyio
async def test_from_a_thread(mock: PusherMock):
    mock.recording_subscriber("c")
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, lambda: mock.server().trigger("c", "e", 1))
        assert (await mock.async_next_message("c", "e")).data == 1


@pytest.mark.anyio
async def test_awaiting_moves_a_clock_that_jumps():
    mock = PusherMock(clock=ManualClock(autojump=True), network="latency=1000")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert (await mock.async_next_message("c")).at == 1000
    with pytest.raises(ExpectationFailed, match="waited 60 s for an event on c, in vain"):
        await mock.async_next_message("c", timeout=60)
    assert mock.clock.now() == 61_000


@pytest.mark.anyio
async def test_awaiting_in_real_time():
    mock = PusherMock(clock=SystemClock(), network="latency=5")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert (await mock.async_next_message("c")).data == 1
    with pytest.raises(ExpectationFailed):
        await mock.async_next_message("c", timeout=0.01)


@pytest.mark.anyio
async def test_the_test_moves_the_clock(mock: PusherMock):
    mock.network.conditions(latency=10)
    mock.recording_subscriber("c")
    came: list[Any] = []

    async def take() -> None:
        came.append(await mock.async_next_message("c"))

    async with anyio.create_task_group() as group:
        group.start_soon(take)
        mock.server().trigger("c", "e", 1)
        await mock.clock.advance(9)
        assert came == []
        await mock.clock.advance(1)
    assert came[0].at == 10


# drain ------------------------------------------------------------------------------------------


def test_everything_arrives(mock: PusherMock):
    recorder = mock.recording_subscriber("c", "d")
    assert mock.drain() == []
    mock.network.conditions(latency=(10, 50))
    mock.network.conditions(latency=500, channel="d")
    for number in range(5):
        mock.server().trigger("c", "e", number)
        mock.server().trigger("d", "e", number)
    assert [one.data for one in mock.drain("c")] == [0, 1, 2, 3, 4]
    assert mock.clock.now() < 51
    assert mock.metrics().pending == 5
    assert {one.channel for one in mock.drain()} == {"d"}
    assert mock.clock.now() == 500
    assert recorder.count() == 10
    assert mock.drain("nobody") == []


def test_what_callbacks_publish_arrives_too(mock: PusherMock):
    mock.network.conditions(latency=10)
    client = mock.client(connect=True)
    server = mock.server()
    client.subscribe("question").bind("e", lambda data: server.trigger("answer", "e", data))
    client.subscribe("answer")
    server.trigger("question", "e", 1)
    assert [(one.channel, one.at) for one in mock.drain()] == [("question", 10), ("answer", 20)]


def test_what_never_ends(mock: PusherMock):
    mock.network.conditions(latency=60_000)
    client = mock.client(connect=True)
    server = mock.server()
    client.subscribe("c").bind("e", lambda data: server.trigger("c", "e", data))
    server.trigger("c", "e", 1)
    with pytest.raises(UsageError, match=r"an hour of virtual time pass.* somebody publish again"):
        mock.drain()


def test_a_connection_that_is_paused(mock: PusherMock):
    recorder = mock.recording_subscriber("c")
    with mock.network.pause(recorder):
        mock.server().trigger("c", "e", 1)
        with pytest.raises(UsageError) as stuck:
            mock.drain("c")
        assert str(stuck.value).splitlines()[0] == (
            "no time delivers what is under way: a paused connection has to resume() first"
        )
        assert "  e on c with 1 to mock-connection-1 is under way, due at 0 ms" in str(stuck.value)
    mock.drain("c")
    assert recorder.payloads == [1]


def test_draining_in_real_time():
    mock = PusherMock(clock=SystemClock(), network="latency=5")
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert [one.data for one in mock.drain("c")] == [1]
    mock.network.conditions(latency=1e6)
    mock.server().trigger("c", "e", 2)
    for channel, what in (("c", "everything on c"), (None, "everything")):
        with pytest.raises(ExpectationFailed, match=f"waited 0 s for {what} to arrive, in vain"):
            mock.drain(channel, timeout=0)


@pytest.mark.anyio
@pytest.mark.parametrize("sleeping", [False, True])
async def test_draining_among_tasks(sleeping: bool, mock: PusherMock):
    mock.network.conditions(latency=10)
    mock.recording_subscriber("c")
    woken: list[float] = []

    async def sleep() -> None:
        if sleeping:
            await mock.clock.sleep(5)
        woken.append(mock.clock.now())

    async with anyio.create_task_group() as group:
        group.start_soon(sleep)
        await anyio.lowlevel.checkpoint()
        mock.server().trigger("c", "e", 1)
        mock.server().trigger("c", "e", 2)
        assert [one.data for one in await mock.drain()] == [1, 2]
        assert len(woken) == 1
    assert woken == ([5] if sleeping else [0])


@pytest.mark.anyio
async def test_draining_what_tasks_are_about_to_publish():
    mock = PusherMock(network="latency=40")
    mock.recording_subscriber("t")
    server = mock.server()

    async def publish() -> None:
        for number in range(3):
            server.trigger("t", "e", number)
            await mock.clock.sleep(10)

    async with anyio.create_task_group() as group:
        group.start_soon(publish)
        assert [one.data for one in await mock.drain("t")] == [0, 1, 2]
