"""Event loops: having one of them do something, from any thread.

Not imported by the package itself: a mock without coroutines needs no asyncio.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["call_soon_from_anywhere"]


def call_soon_from_anywhere() -> Callable[[Callable[[], None]], object]:
    """What has the running event loop call something soon, from any thread.

    Returns:
        A function; it does nothing when the loop has ended.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _trio_caller()

    def call_soon(job: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(job)
        except RuntimeError:  # it is closed, and with it the connection
            return

    return call_soon


def _trio_caller() -> Callable[[Callable[[], None]], object]:
    import trio

    token = trio.lowlevel.current_trio_token()

    def call_soon(job: Callable[[], None]) -> None:
        try:
            token.run_sync_soon(job)
        except trio.RunFinishedError:
            return

    return call_soon
