"""A clock that is awaited: tasks run on the way, each at its time."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from pusher_mock import ManualClock
from pusher_mock.clock.company import settle
from pusher_mock.protocol.errors import UsageError

from .bench import Diary, Log

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

ON_ASYNCIO = pytest.mark.parametrize(
    "anyio_backend",
    [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})],
    ids=["asyncio", "uvloop"],
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def diary(clock: ManualClock) -> Diary:
    return Diary(clock)


def forget(coroutine: object) -> None:
    """Throw it away, which is when Python notices."""
    del coroutine
    gc.collect()


# Awaiting time ----------------------------------------------------------------------------------


async def test_a_task_sleeps_on_it(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10, 10)
        await clock.advance(25)
        assert diary.lines == [("a", 10), ("a", 20)]
        assert clock.now() == 25
        await clock.advance(5)
        assert diary.lines[-1] == ("a", 30)


async def test_several_tasks_run_in_order_of_time(clock: ManualClock, diary: Diary):
    log = Log(clock)
    clock.call_at(15, log("timer"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10, 10)
        tasks.start_soon(diary.work, "b", 7, 7, 7, 7)
        await clock.advance(100)
        assert clock.now() == 100
    expected = [("b", 7), ("a", 10), ("b", 14), ("a", 20), ("b", 21), ("b", 28), ("a", 30)]
    assert diary.lines == expected
    assert log.ran == [("timer", 15)]


async def test_tasks_that_have_just_been_started_count(clock: ManualClock, diary: Diary):
    async def outer() -> None:
        await diary.work("outer", 10)
        async with anyio.create_task_group() as inner:
            inner.start_soon(diary.work, "inner", 5, 5)
            await diary.work("outer", 7)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(outer)
        await clock.advance(20)
        assert diary.lines == [("outer", 10), ("inner", 15), ("outer", 17), ("inner", 20)]


async def test_tasks_that_have_just_been_woken_count(clock: ManualClock, diary: Diary):
    send, receive = anyio.create_memory_object_stream[float](10)

    async def worker() -> None:
        async with receive:
            async for pause in receive:
                await diary.work("done", pause)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker)
        await clock.advance(0)
        async with send:
            send.send_nowait(10)
            send.send_nowait(20)
            await clock.advance(50)
    assert diary.lines == [("done", 10), ("done", 30)]


async def test_what_a_task_sets_in_motion_belongs_to_its_time(clock: ManualClock, diary: Diary):
    """Each task that is woken wakes another one, and that one starts a third."""
    events = [anyio.Event() for _ in range(5)]

    async def relay(number: int) -> None:
        await events[number].wait()
        diary.write(f"relay {number}")
        if number + 1 < len(events):
            events[number + 1].set()
        else:
            async with anyio.create_task_group() as more:
                more.start_soon(diary.work, "last", 1)

    async def first() -> None:
        await clock.sleep(10)
        events[0].set()

    async with anyio.create_task_group() as tasks:
        for number in range(len(events)):
            tasks.start_soon(relay, number)
        tasks.start_soon(first)
        tasks.start_soon(diary.work, "other", 11, 1)
        await clock.advance(100)
    assert diary.lines[:5] == [(f"relay {number}", 10) for number in range(5)]
    assert sorted(diary.lines[5:]) == [("last", 11), ("other", 11), ("other", 12)]


async def test_sleeping_no_time_at_all_lets_others_run(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 0, 0)
        for _ in range(20):  # trio chooses freely among those that can run
            await clock.sleep(0)
        assert diary.lines == [("a", 0), ("a", 0)]
    with pytest.raises(UsageError, match="moves forward"):
        await clock.sleep(-1)
    assert clock.waiting == []


async def test_a_sleeper_that_is_cancelled_leaves_no_timer(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        await clock.advance(5)
        assert len(clock.waiting) == 1
        tasks.cancel_scope.cancel()
    assert clock.waiting == []
    assert clock.idle
    assert clock.tick() == 0  # nobody sleeps any more
    assert diary.lines == []


async def test_a_jump_wakes_whoever_is_overdue_at_its_end(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10)
        await clock.advance(0)
        await clock.jump(100)
        assert diary.lines == [("a", 100)]
        await clock.advance(10)
    assert diary.lines[-1] == ("a", 110)


async def test_without_other_tasks_it_need_not_be_awaited(clock: ManualClock):
    log = Log(clock)
    clock.call_at(10, log("a"))
    clock.advance(10)
    assert log.names == ["a"]
    await clock.advance(10)
    clock.call_at(30, log("b"))
    assert clock.tick() == 1
    assert clock.now() == 30


async def test_an_advance_that_nobody_awaits(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        await clock.advance(0)
        forget(clock.advance(25))  # it has passed, and the task goes on when this one waits
        assert (clock.now(), diary.lines) == (25, [])
        forget(clock.tick())
        assert clock.now() == 25
        await clock.advance(0)
    assert diary.lines == [("a", 25)]


@pytest.mark.parametrize("move", ["tick", "tick_all", "run_until_idle"])
async def test_moves_that_nobody_awaits(clock: ManualClock, diary: Diary, move: str):
    log = Log(clock)
    clock.call_at(10, log("timer"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        forget(getattr(clock, move)())
        assert log.ran == [("timer", 10)]
        await clock.run_until_idle()
    assert [name for name, _ in diary.lines] == ["a"]


async def test_a_callback_cannot_await(clock: ManualClock, diary: Diary):
    log = Log(clock)
    clock.call_at(10, lambda: clock.advance(10))
    clock.call_at(15, log("inside"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 30)
        await clock.advance(12)
        assert (clock.now(), log.ran) == (20, [("inside", 15)])
        await clock.advance(10)
    assert diary.lines == [("a", 30)]


async def test_what_a_timer_raises_comes_out_of_the_await(clock: ManualClock, diary: Diary):
    def broken() -> None:
        raise ValueError

    clock.call_at(5, broken)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        with pytest.raises(ValueError):  # noqa: PT011 - one without a text
            await clock.advance(10)
        assert clock.now() == 5
        await clock.advance(5)
    assert diary.lines == [("a", 10)]


# One timer after the other ----------------------------------------------------------------------


async def test_ticks_that_are_awaited(clock: ManualClock, diary: Diary):
    clock.call_at(5, print, background=True)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10)
        assert await clock.tick() == 2
        assert diary.lines == [("a", 10)]
        assert await clock.tick() == 1
        assert clock.now() == 20
        assert await clock.tick() == 0
    assert await clock.tick() == 0  # nor with nobody there


async def test_until_nobody_sleeps_any_more(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10, 10)
        tasks.start_soon(diary.work, "b", 15)
        assert await clock.tick_all() == 4
        assert clock.now() == 30
        tasks.start_soon(diary.work, "c", 5, 0.5)
        assert await clock.run_until_idle() == 5.5
    assert clock.now() == 35.5
    assert await clock.run_until_idle() == 0
    assert await clock.tick_all() == 0


async def test_a_limit_where_a_task_sleeps_for_ever(clock: ManualClock):
    async def beat() -> None:
        while True:
            await clock.sleep(400)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(beat)
        with pytest.raises(UsageError, match="still wait after 1000 ms"):
            await clock.run_until_idle(1000)
        assert clock.now() == 800
        assert await clock.tick() == 1
        tasks.cancel_scope.cancel()


# Letting others run -----------------------------------------------------------------------------


@ON_ASYNCIO
async def test_tasks_that_never_wait_for_anything(clock: ManualClock):
    async def busy() -> None:
        while True:  # noqa: ASYNC110 - what it should not do
            await asyncio.sleep(0)

    task = asyncio.get_running_loop().create_task(busy())
    with pytest.raises(UsageError, match="tasks keep running instead of waiting"):
        await clock.advance(10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def chains() -> dict[str, Callable[[Any], Any]]:
    """Ways in which a task hears of another one's end."""

    async def in_group(job: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(job)

    async def in_time(job: Any) -> None:
        await asyncio.wait_for(job, 1000)

    async def gathered(job: Any) -> None:
        await asyncio.gather(asyncio.gather(asyncio.gather(job)))

    async def shielded(job: Any) -> None:
        await asyncio.shield(asyncio.gather(asyncio.wait_for(job, 1000)))

    async def waited(job: Any) -> None:
        await asyncio.wait([asyncio.ensure_future(job)])

    return {one.__name__: one for one in (in_group, in_time, gathered, shielded, waited)}


@ON_ASYNCIO
@pytest.mark.parametrize("way", ["in_group", "in_time", "gathered", "shielded", "waited"])
async def test_through_what_asyncio_has_between_tasks(
    clock: ManualClock, diary: Diary, chains: dict[str, Callable[[Any], Any]], way: str
):
    async def worker() -> None:
        for _ in range(3):
            await chains[way](diary.work("job", 10))
            diary.write("heard")

    task = asyncio.get_running_loop().create_task(worker())
    await clock.advance(30)
    assert diary.lines == [(name, at) for at in (10, 20, 30) for name in ("job", "heard")]
    await task


async def test_a_task_that_waits_for_a_thread_counts_as_one_that_waits(
    clock: ManualClock, diary: Diary
):
    release, done = threading.Event(), anyio.Event()

    async def worker() -> None:
        await anyio.to_thread.run_sync(release.wait, 20)
        diary.write("after the thread")
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker)
        tasks.start_soon(diary.work, "a", 10)
        await clock.advance(20)
        assert diary.lines == [("a", 10)]
        release.set()
        await done.wait()
    assert diary.lines[-1] == ("after the thread", 20)


async def test_a_thread_may_move_it(clock: ManualClock, diary: Diary):
    """There it cannot be awaited, and it does not wait for tasks on the way."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10)
        await clock.advance(0)
        await anyio.to_thread.run_sync(clock.advance, 20)
        await settle()
    assert [name for name, _ in diary.lines] == ["a"]
    assert clock.now() == 20


async def test_real_time_and_sockets_are_what_it_waits_for(clock: ManualClock, diary: Diary):
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 60)
        tasks.start_soon(diary.work, "a", 10)
        await clock.advance(10)
        assert diary.lines == [("a", 10)]
        tasks.cancel_scope.cancel()


async def test_two_tasks_move_it_at_once(clock: ManualClock, diary: Diary):
    async def move(ms: float) -> None:
        await clock.advance(ms)
        diary.write(f"moved {ms}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(diary.work, "a", 10, 10)
        tasks.start_soon(move, 15)
        tasks.start_soon(move, 25)
    assert [line for line in diary.lines if line[0] == "a"] == [("a", 10), ("a", 20)]
    assert diary.lines[-1][1] == clock.now() == 25
