"""One HTTP request on the other side of ASGI, for answers that go on while others are asked."""

from __future__ import annotations

import json
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp

    from pusher_mock.server.gateway import Gateway

__all__ = ["PATIENCE", "Call", "ask", "asking", "within"]

PATIENCE = 20.0


class Call:
    """A request, and as much of the answer as has come.

    Attributes:
        status: of the answer; 0 before it begins.
        headers: of the answer.
        text: what of the answer was not read yet.
        reads: unset while the client does not take what it is sent.
        broken: sending fails, as where a server tells that the client is gone.
    """

    def __init__(
        self, method: str, target: str, body: bytes = b"", *, media: str = "", tls: bool = False
    ) -> None:
        path, _, query = target.partition("?")
        self.scope = {
            "type": "http",
            "method": method,
            "scheme": "https" if tls else "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(b"host", b"127.0.0.1:6001"), (b"content-type", media.encode())],
        }
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.reads = anyio.Event()
        self.reads.set()
        self.broken = False
        self._body = [body]
        self._gone = anyio.Event()
        self._over = anyio.Event()
        self._news = anyio.Event()

    async def run(self, app: ASGIApp) -> None:
        """Have it answered."""
        try:
            await app(self.scope, self._receive, self._send)
        finally:
            self._over.set()
            self._news.set()

    async def _receive(self) -> dict[str, Any]:
        if self._body:
            return {"type": "http.request", "body": self._body.pop(), "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        if self.broken:
            raise OSError("the client is gone")
        if message["type"] == "http.response.start":
            assert not self.status
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()
        self._news.set()

    def hang_up(self) -> None:
        """The client goes."""
        self._gone.set()

    async def until(self, end: str) -> str:
        """The answer up to and with this."""
        with anyio.fail_after(PATIENCE):
            while end not in self.text:
                assert not self._over.is_set(), f"it ended; had {self.text!r}"
                self._news = anyio.Event()
                await self._news.wait()
        found, _, self.text = self.text.partition(end)
        return found + end

    async def line(self) -> str:
        """The next line."""
        return (await self.until("\n"))[:-1]

    async def events(self) -> list[dict[str, Any]]:
        """The messages of the next line."""
        line = await self.line()
        assert line[0] == "a", line
        return [json.loads(one) for one in json.loads(line[1:])]

    async def rest(self) -> str:
        """What is left of the answer, once it is complete."""
        with anyio.fail_after(PATIENCE):
            await self._over.wait()
        found, self.text = self.text, ""
        return found


@asynccontextmanager
async def asking(app: ASGIApp, method: str, target: str, **given: Any) -> AsyncIterator[Call]:
    """A request that is being answered; the client hangs up at the end."""
    call = Call(method, target, **given)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call.run, app)
        yield call
        call.reads.set()
        call.hang_up()
        await call.rest()


async def ask(app: ASGIApp, method: str, target: str, **given: Any) -> Call:
    """A request that has been answered."""
    call = Call(method, target, **given)
    with anyio.fail_after(PATIENCE):
        await call.run(app)
    return call


async def within(gateway: Gateway, condition: Callable[[], bool]) -> None:
    """Wait for what the gateway's attendant is about to do."""
    with anyio.fail_after(PATIENCE):
        while not condition():
            done = threading.Event()
            gateway._attendant.do(done.set)
            assert await anyio.to_thread.run_sync(done.wait, PATIENCE)
