"""Having an event loop do something, from anywhere and at any time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

from pusher_mock.clock.company import in_task
from pusher_mock.clock.loops import call_soon_from_anywhere

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.anyio
async def test_it_is_called_on_the_loop_whoever_asks():
    call_soon, threads, done = call_soon_from_anywhere(), list[int](), anyio.Event()

    def job() -> None:
        threads.append(threading.get_ident())
        if len(threads) == 2:
            done.set()

    call_soon(job)
    await anyio.to_thread.run_sync(call_soon, job)
    with anyio.fail_after(10):
        await done.wait()
    assert threads == [threading.get_ident()] * 2


def test_a_loop_that_has_ended_is_asked_in_vain(anyio_backend: Any):
    kept: list[Callable[[Callable[[], None]], object]] = []

    async def main() -> None:
        kept.append(call_soon_from_anywhere())
        assert in_task()

    name, options = anyio_backend
    anyio.run(main, backend=name, backend_options=options)
    assert not in_task()
    ran: list[int] = []
    kept[0](lambda: ran.append(1))
    assert ran == []
