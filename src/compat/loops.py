"""Clients that belong to one event loop: which one is running, and closing them when it ends."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from weakref import finalize

__all__ = ["Kept", "have_closed", "keep", "running_loop"]

_GOODBYE: Final = 1.0  # seconds for closing connections
_finishing: Final[set[Any]] = set()


class Kept(NamedTuple):
    """The client of one event loop.

    Attributes:
        client: An ``httpx.AsyncClient``.
        keeper: Closes it, at the latest when the loop ends.
        dropped: Has it closed when the back end goes while the loop runs on.
    """

    client: Any
    keeper: AsyncGenerator[None, None]
    dropped: finalize[..., Any]


async def keep(client: Any) -> AsyncGenerator[None, None]:
    """Close a client when the event loop ends.

    Both asyncio and trio finish the asynchronous generators that are left before they end, and
    say so nowhere else.
    """
    import anyio

    try:
        yield
    finally:
        with anyio.move_on_after(_GOODBYE, shield=True):
            await client.aclose()


def have_closed(loop: Any, keeper: AsyncGenerator[None, None]) -> None:
    """Have an event loop close what a back end has left behind; called wherever that went."""
    if hasattr(loop, "call_soon_threadsafe"):
        if not loop.is_closed():
            loop.call_soon_threadsafe(_spawn, loop, keeper)
        return
    import trio

    with suppress(trio.RunFinishedError):
        loop.run_sync_soon(trio.lowlevel.spawn_system_task, _finish, keeper)


def _spawn(loop: Any, keeper: AsyncGenerator[None, None]) -> None:
    task = loop.create_task(_finish(keeper))
    _finishing.add(task)  # asyncio itself would let go of it
    task.add_done_callback(_finishing.discard)


async def _finish(keeper: AsyncGenerator[None, None]) -> None:
    with suppress(RuntimeError):  # the loop ends just now, and is at it
        await keeper.aclose()


def running_loop() -> object:
    """The running event loop: asyncio's, or what stands for a run of trio."""
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio

        return trio.lowlevel.current_trio_token()
