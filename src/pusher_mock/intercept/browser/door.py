"""A browser context, or a page, whose requests to Pusher are answered: for sync and async API."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pusher_mock.core import turns

from .pages import Pages

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

    from .fiber import Fiber

__all__ = ["AsyncDoor", "Door"]

_SYNC, _ASYNC = "playwright.sync_api", "playwright.async_api"


class Door(Pages):
    """A context or a page of Playwright's sync API, whose requests to Pusher are answered.

    Made by ``pusher_mock.intercept.playwright.install``.
    """

    _fiber: Fiber | None = None

    def start(self) -> None:
        """Begin; ``install()`` has done so, and again is fine."""
        from .fiber import Fiber

        if self._active:
            return
        self._target.route(self._pattern, self._request)
        self._loop = asyncio.get_running_loop()
        self._fiber = Fiber(self._loop)
        self._target.route_web_socket(self._pattern, self._socket)
        turns.begin(self._fiber)
        self._begin()

    def stop(self) -> None:
        """End: open connections end for the mock, and pages do not connect again.

        Raises:
            NotIntercepted: a page has asked Pusher for something that is not answered; an
                ``ExceptionGroup`` when there were several.
        """
        self._stop()
        self.raise_escaped()

    def _stop(self) -> None:
        if self._end():
            assert self._fiber is not None
            turns.end(self._fiber)
            with _gone(_SYNC):
                self._target.unroute(self._pattern, self._request)

    def _close(self, route: Any, code: int, reason: str) -> None:
        assert self._fiber is not None

        def close() -> None:
            with _gone(_SYNC):
                route.close(code=code, reason=reason)

        self._fiber.run(close)

    def __enter__(self) -> Door:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        if error is None:
            self.raise_escaped()


class AsyncDoor(Pages):
    """The same of Playwright's async API: ``async with install(context)``, or ``await`` it."""

    async def start(self) -> AsyncDoor:
        """Begin; again is fine."""
        if self._active:
            return self
        self._loop = asyncio.get_running_loop()
        self._closing: set[asyncio.Task[None]] = set()
        await self._target.route(self._pattern, self._request)
        await self._target.route_web_socket(self._pattern, self._socket)
        self._begin()
        return self

    async def stop(self) -> None:
        """End: open connections end for the mock, and pages do not connect again.

        Raises:
            NotIntercepted: a page has asked Pusher for something that is not answered; an
                ``ExceptionGroup`` when there were several.
        """
        await self._stop()
        self.raise_escaped()

    async def _stop(self) -> None:
        if self._end():
            with _gone(_ASYNC):
                await self._target.unroute(self._pattern, self._request)

    def _close(self, route: Any, code: int, reason: str) -> None:
        async def close() -> None:
            with _gone(_ASYNC):
                await route.close(code=code, reason=reason)

        task = self._loop.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def __await__(self) -> Generator[Any, None, AsyncDoor]:
        return self.start().__await__()

    async def __aenter__(self) -> AsyncDoor:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()
        if error is None:
            self.raise_escaped()


def _gone(api: str) -> suppress:
    """Ignore that a page, or all of Playwright, has been closed before."""
    return suppress(sys.modules[api].Error)
