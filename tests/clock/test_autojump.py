"""A clock that moves on by itself, instead of having somebody wait."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from pusher_mock import ManualClock, PusherMock
from pusher_mock.clock.company import settle

from .bench import Diary, Log

# Ordinary code ----------------------------------------------------------------------------------


def jumping(**options: Any) -> PusherMock:
    return PusherMock(clock=ManualClock(autojump=True), **options)


def listening(mock: PusherMock) -> list[Any]:
    events: list[Any] = []
    mock.client(connect=True).subscribe("c").bind("e", events.append)
    return events


def test_waiting_for_a_delivery_moves_the_clock():
    mock = jumping()
    events = listening(mock)
    mock.network.conditions(latency=50)
    mock.server().trigger("c", "e", {})
    mock.wait_until(lambda: events)
    assert mock.clock.now() == 50


def test_waiting_in_vain_takes_no_longer_than_it_has_to():
    mock = jumping()
    mock.client(connect=True)
    with pytest.raises(AssertionError, match="in vain"):
        mock.wait_until(lambda: False, timeout=3600)
    assert mock.clock.now() == 3_600_000


def test_waiting_for_a_client_that_is_away():
    mock = jumping()
    client = mock.client(connect=True)
    mock.network.disconnect_now(client)
    mock.wait_until_connected(timeout=60)
    assert client.connection.state == "connected"
    assert mock.clock.now() == 10_000


def test_a_publisher_that_a_full_queue_blocks():
    mock = jumping()
    events = listening(mock)
    mock.network.conditions(latency=50, queue=1, overflow="block")
    for number in range(3):
        mock.server().trigger("c", "e", {"n": number})
    assert mock.clock.now() == 100  # each waited until the one before had arrived
    assert len(events) == 2
    mock.clock.run_until_idle()
    assert len(events) == 3


# Tasks ------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_with_autojump_a_sleep_takes_no_time():
    clock = ManualClock(autojump=True)
    log = Log(clock)
    clock.call_at(10, log("timer"))
    await clock.sleep(3_600_000)
    assert log.ran == [("timer", 10)]
    assert clock.now() == 3_600_000
    assert clock.waiting == []


@pytest.mark.anyio
@pytest.mark.parametrize("tasks_at_once", [2, 7])
async def test_with_autojump_tasks_still_go_in_order_of_time(tasks_at_once: int):
    clock = ManualClock(autojump=True)
    diary = Diary(clock)
    async with anyio.create_task_group() as tasks:
        for number in range(1, tasks_at_once + 1):
            tasks.start_soon(diary.work, str(number), *[number] * 10)
    times = [at for _, at in diary.lines]
    assert times == sorted(times)
    assert sorted(diary.lines) == sorted(
        (str(number), float(number * turn))
        for number in range(1, tasks_at_once + 1)
        for turn in range(1, 11)
    )


@pytest.mark.anyio
async def test_with_autojump_whoever_can_run_does_first():
    clock = ManualClock(autojump=True)
    diary = Diary(clock)
    ready = anyio.Event()

    async def busy() -> None:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        diary.write("busy")
        ready.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(busy)
        await clock.sleep(10)
        assert ready.is_set()
        diary.write("slept")
    assert diary.lines == [("busy", 0), ("slept", 10)]


@pytest.mark.anyio
async def test_with_autojump_somebody_else_may_move_it():
    clock = ManualClock(autojump=True)
    diary = Diary(clock)

    async def move() -> None:
        await clock.advance(15)
        diary.write("moved")

    async with anyio.create_task_group() as tasks:
        await settle()
        tasks.start_soon(move)
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(diary.work, "a", 10, 10)
    assert [line for line in diary.lines if line[0] == "a"] == [("a", 10), ("a", 20)]
    assert len(diary.lines) == 3


@pytest.mark.anyio
async def test_with_autojump_the_task_that_moves_it_is_cancelled():
    clock = ManualClock(autojump=True)
    diary = Diary(clock)
    first = anyio.CancelScope()

    async def given_up() -> None:
        with first:
            await clock.sleep(1000)

    async with anyio.create_task_group() as tasks:
        clock.call_at(5, first.cancel)
        tasks.start_soon(given_up)
        await anyio.lowlevel.checkpoint()
        tasks.start_soon(diary.work, "a", 10, 10)
    assert diary.lines == [("a", 10), ("a", 20)]
    assert clock.waiting == []


@pytest.mark.anyio
async def test_with_autojump_a_delivery_wakes_a_task_on_the_way():
    mock = PusherMock(clock=ManualClock(autojump=True))
    mock.network.conditions(latency=50)
    async with mock.async_client() as client:
        channel = await client.subscribe("c")
        heard: list[tuple[Any, float]] = []

        async def listen() -> None:
            for _ in range(2):
                event = await channel.next()
                heard.append((event.data, mock.clock.now()))
                await mock.clock.sleep(5)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            mock.server().trigger("c", "e", 1)
            await mock.clock.sleep(20)
            mock.server().trigger("c", "e", 2)
            await mock.clock.sleep(100)
        assert heard == [(1, 50), (2, 70)]


@pytest.mark.anyio
async def test_with_autojump_each_listener_goes_on_when_it_has_its_event():
    mock = PusherMock(clock=ManualClock(autojump=True))
    diary = Diary(mock.clock)
    latencies = {"x": 30, "y": 20, "z": 10, "v": 40, "w": 25}
    async with mock.async_client() as client:
        channels = {name: await client.subscribe(name) for name in latencies}

        async def listen(name: str) -> None:
            await channels[name].next()
            diary.write(name)

        for name, latency in latencies.items():
            mock.network.conditions(latency=latency, channel=name)
            mock.server().trigger(name, "e", 1)
        async with anyio.create_task_group() as tasks:
            for name in latencies:
                tasks.start_soon(listen, name)
            tasks.start_soon(diary.work, "sleeper", 15, 3)
    expected = sorted(
        [*latencies.items(), ("sleeper", 15), ("sleeper", 18)], key=lambda one: one[1]
    )
    assert diary.lines == expected
