"""The tasks beside the calling one, under asyncio and trio: whether they can run, letting them."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["in_task", "others_can_run", "settle"]

# Tasks that wake each other for ever are not waited for for ever.
_MOST_TURNS: Final = 10_000
# A result goes from a task to who awaits it through callbacks of futures, one a turn of the loop;
# what has been written to a socket is noticed in the next one.
_QUIET_TURNS: Final = 4


class _Queue:
    """The tasks of one event loop that let others run first."""

    def __init__(self) -> None:
        self.tasks: dict[Any, Callable[[], bool]] = {}
        self.served = 0

    def first(self) -> Any:
        """Whose turn it is: of one that has been brought what it waits for, or the oldest."""
        return next((task for task, over in self.tasks.items() if over()), next(iter(self.tasks)))


_queues: WeakKeyDictionary[Any, _Queue] = WeakKeyDictionary()


def in_task() -> bool:
    """Whether the calling thread is inside a task of asyncio or trio."""
    if asyncio._get_running_loop() is not None:
        return asyncio.current_task() is not None
    trio: Any = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_task())


def others_can_run() -> bool:
    """Inside a task, whether others of its event loop have something to do right now."""
    if asyncio._get_running_loop() is not None:
        return _asyncio_tasks_can_run()
    return _trio_tasks_can_run()


def _asyncio_tasks_can_run() -> bool:
    me, queue = asyncio.current_task(), _queues.get(asyncio.get_running_loop())
    waiting = queue.tasks if queue is not None else ()
    return any(
        _can_run(task) for task in asyncio.all_tasks() if task is not me and task not in waiting
    )


def _can_run(task: asyncio.Task[Any]) -> bool:
    waiter = getattr(task, "_fut_waiter", None)
    return waiter is None or waiter.done()


def _trio_tasks_can_run() -> bool:
    import trio

    me, root = trio.lowlevel.current_task(), trio.lowlevel.current_root_task()
    assert root is not None
    # Its statistics leave out those whose turn comes in the present round.
    tasks = [root]
    while tasks:
        task = tasks.pop()
        if task is not me and getattr(task, "_abort_func", me) is None:
            return True
        for nursery in task.child_nurseries:
            tasks.extend(nursery.child_tasks)
    return False


def _never() -> bool:
    return False


async def settle(over: Callable[[], bool] = _never) -> None:
    """Let every other task of this event loop run until it waits for something.

    What it may wait for is a clock, an event, a real time-out, a socket or another thread. Of
    several tasks that call this, one after the other goes on, and the next one lets run first
    what the one before has brought about.

    Args:
        over: whether the calling task has what it waits for, so that it goes on before those that
            would move a clock.

    Raises:
        UsageError: they go on and on.
    """
    loop = asyncio._get_running_loop()
    if loop is not None:
        await _take_turn(loop, asyncio.current_task(), over, partial(_until_quiet, loop))
        return
    import trio

    token, task = trio.lowlevel.current_trio_token(), trio.lowlevel.current_task()
    await _take_turn(token, task, over, _until_quiet_on_trio)


async def _take_turn(
    loop: Any,
    me: Any,
    over: Callable[[], bool],
    until_quiet: Callable[[_Queue], Awaitable[None]],
) -> None:
    queue = _queues.setdefault(loop, _Queue())
    queue.tasks[me] = over
    try:
        served = -1
        while served != queue.served or queue.first() is not me:
            served = queue.served
            await until_quiet(queue)
        queue.served += 1
    finally:
        del queue.tasks[me]


async def _until_quiet_on_trio(queue: _Queue) -> None:
    import trio.testing

    await trio.testing.wait_all_tasks_blocked()


async def _until_quiet(loop: asyncio.AbstractEventLoop, queue: _Queue) -> None:
    # uvloop keeps to itself what is ready.
    ready: Any = getattr(loop, "_ready", None)
    quiet = 0
    for _ in range(_MOST_TURNS):
        await asyncio.sleep(0)
        # Those that wait for quiet are ready, too: each once, except for this one.
        busy = _asyncio_tasks_can_run() if ready is None else len(ready) >= len(queue.tasks)
        quiet = 0 if busy else quiet + 1
        if quiet == _QUIET_TURNS:
            return
    raise UsageError(
        "tasks keep running instead of waiting for something: one of them loops over sleep(0)"
    )
