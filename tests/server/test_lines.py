"""The line of an ASGI connection: queued in order, bounded, and quiet when its loop has ended."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest
import trio

from pusher_mock import PusherMock
from pusher_mock.engine import CloseConnection
from pusher_mock.protocol.frames import Frame, error_frame
from pusher_mock.server import ServerLimits
from pusher_mock.server.gateway import Gateway
from pusher_mock.server.lines import QueueLine
from pusher_mock.server.websocket import websocket

TARGET = "/app/mock-pusher-key?protocol=7&client=x&version=1.0"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(PusherMock(), ServerLimits(backlog=100, farewell=0.05))


def event(data: str) -> Frame:
    return Frame("e", data, "c")


@pytest.mark.anyio
async def test_in_order_from_any_thread(gateway: Gateway):
    line = QueueLine(gateway)
    line.take(event("1"))
    await anyio.to_thread.run_sync(line.take, event("2"))
    assert [(await line.next()).data, (await line.next()).data] == ["1", "2"]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, line.take, event("3"))
        assert (await line.next()).data == "3"
    assert line._added == line._removed > 0


@pytest.mark.anyio
async def test_nothing_follows_a_close(gateway: Gateway):
    line = QueueLine(gateway)
    line.take(CloseConnection("x", 4001, "bye"))
    line.take(event("late"))
    assert (await line.next()).code == 4001
    assert not line._items


@pytest.mark.anyio
async def test_what_does_not_fit_is_not_queued_but_errors_are(gateway: Gateway):
    line = QueueLine(gateway)
    line.box = gateway.accept(TARGET, line)
    stalled: list[object] = []
    gateway.stalled = stalled.append  # type: ignore[method-assign,assignment]
    for text in ("x" * 200, "y", "z"):
        line.take(event(text))
    line.take(error_frame("slow", 4100))
    assert stalled == [line.box]
    found = [(await line.next()).event for _ in range(len(line._items))]
    assert found == ["pusher:connection_established", "e", "pusher:error"]
    gateway.close()


@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_a_loop_that_has_ended(gateway: Gateway, run: Any):
    lines: list[QueueLine] = []

    async def begin() -> None:
        lines.append(QueueLine(gateway))

    if run is asyncio.run:
        run(begin())
    else:
        run(begin)
    thread = threading.Thread(target=lines[0].take, args=(event("1"),))
    thread.start()
    thread.join()
    assert len(lines[0]._items) == 1


# The door, with a server of one's own ------------------------------------------------------------


class Server:
    """An ASGI server of one connection."""

    def __init__(self, *received: dict[str, Any], sending: Any = None) -> None:
        self.received = [{"type": "websocket.connect"}, *received]
        self.sent: list[dict[str, Any]] = []
        self.sending = sending
        self.more = anyio.Event()

    async def receive(self) -> dict[str, Any]:
        if not self.received:
            await self.more.wait()
        return self.received.pop(0)

    async def send(self, message: Any) -> None:
        if self.sending is not None and message["type"] != "websocket.accept":
            await self.sending(message)
        self.sent.append(message)

    async def run(self, gateway: Gateway, target: str = TARGET) -> None:
        path, _, query = target.partition("?")
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
        }
        await websocket(gateway, scope, self.receive, self.send)


@pytest.mark.anyio
async def test_a_server_that_says_goodbye_first(gateway: Gateway):
    server = Server()
    server.received = [{"type": "websocket.disconnect"}]
    await server.run(gateway)
    assert server.sent == []


@pytest.mark.anyio
async def test_a_client_that_neither_reads_nor_goes_is_let_go(gateway: Gateway):
    """After the farewell; whether it hangs in sending or in receiving."""

    async def forever(message: object) -> None:
        await anyio.sleep_forever()

    with anyio.fail_after(5):
        await Server().run(gateway, TARGET.replace("mock-pusher-key", "nobody"))
        await Server(sending=forever).run(gateway, TARGET.replace("mock-pusher-key", "nobody"))
    assert gateway.connections == 0
    gateway.close()


class ClientDisconnected(Exception):
    """As uvicorn has one."""

    __module__ = "uvicorn.protocols.utils"


@pytest.mark.anyio
@pytest.mark.parametrize("kind", [OSError, RuntimeError, ClientDisconnected])
async def test_servers_differ_in_how_they_say_that_the_client_has_gone(
    gateway: Gateway, kind: type[Exception]
):
    async def gone(message: object) -> None:
        server.received.append({"type": "websocket.disconnect", "code": 1006})
        server.more.set()
        raise kind

    server = Server(sending=gone)
    with anyio.fail_after(5):
        await server.run(gateway)
    assert gateway.connections == 0
    gateway.close()


@pytest.mark.anyio
async def test_what_is_wrong_with_the_server_is_not_hidden(gateway: Gateway):
    async def broken(message: object) -> None:
        raise TypeError("unexpected message")

    with pytest.raises(BaseExceptionGroup) as caught:
        await Server(sending=broken).run(gateway)
    assert caught.group_contains(TypeError, match="unexpected message")
    gateway.close()


@pytest.mark.anyio
async def test_an_empty_message(gateway: Gateway):
    server = Server(
        {"type": "websocket.receive"},
        {"type": "websocket.receive", "text": None, "bytes": None},
        {"type": "websocket.disconnect", "code": 1000},
    )
    with anyio.fail_after(5):
        await server.run(gateway)
    gateway.close()
