"""The stream of what happens: who may follow it, what is in it, when it ends."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from socket import gethostname
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from pusher.http import GET, Request
from pusher.pusher_client import PusherClient

from pusher_mock import App, PusherMock
from pusher_mock.protocol.signatures import sign
from pusher_mock.server.tail import PATH, Tails

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.anyio

HOST = (b"host", b"127.0.0.1:6001")
SHOP = App("42", "shop-key", "hunter2")
BLOG = App("43", "blog-key", "hunter3")
PATIENCE = 10.0


def query(app: App = SHOP, path: str = PATH, **changes: str) -> str:
    """A query signed by the SDK itself, then changed."""
    client = PusherClient("1", app.key, app.secret or "", host="127.0.0.1")
    given = {**Request(client, GET, path, {}).query_params, **changes}
    return "&".join(f"{name}={value}" for name, value in given.items() if value)


class Follower:
    """A client of the stream, on the other side of ASGI."""

    def __init__(self, tails: Tails, **scope: Any) -> None:
        self.tails = tails
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": query().encode(),
            "headers": [HOST],
            "server": ("127.0.0.1", 6001),
            **scope,
        }
        self.sent, self._said = anyio.create_memory_object_stream[Any](1_000)
        self._gone = anyio.Event()
        self._asked = False
        self.reads = anyio.Event()
        self.reads.set()
        self.status = 0
        self.hello: dict[str, Any] = {}
        self.over = anyio.Event()

    async def run(self) -> None:
        await self.tails(self.scope, self._receive, self._send)
        self.over.set()
        self.sent.close()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            await self.sent.send(message)

    async def next(self) -> str:
        """The next piece of the body."""
        with anyio.fail_after(PATIENCE):
            message = await self._said.receive()
        return str(message["body"], "utf-8")

    async def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.next()).splitlines()]

    def leave(self) -> None:
        self._gone.set()

    async def ended(self) -> None:
        with anyio.fail_after(PATIENCE):
            await self.over.wait()
        self._said.close()


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(apps=[SHOP, BLOG], strict=True)


@asynccontextmanager
async def following(tails: Tails, **scope: Any) -> AsyncIterator[Follower]:
    """A follower that has been told that it is one, and leaves at the end."""
    follower = Follower(tails, **scope)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follower.run)
        [follower.hello] = await follower.records()
        yield follower
        follower.leave()
        await follower.ended()


def silent(mock: PusherMock) -> bool:
    return mock.core._listeners == ()


async def test_what_happens(mock: PusherMock):
    async with following(Tails(mock.core)) as follower:
        assert (follower.hello["kind"], follower.hello["app"]) == ("tail", "42")
        assert follower.hello["time"] == pytest.approx(time.time(), abs=60)
        assert follower.status == 200
        assert follower.headers[b"content-type"] == b"application/x-ndjson"
        assert follower.headers[b"cache-control"] == b"no-store"
        mock.server("shop-key").trigger("a", "b", {"text": "é"})
        [event] = await follower.records()
        assert (event["kind"], event["data"]) == ("published", '{"text": "é"}')
        # What other apps do is nobody else's business.
        mock.server("blog-key").trigger("a", "b", {})
        mock.server("shop-key").trigger(["c", "d"], "b", {})
        assert [one["channel"] for one in await follower.records()] == ["c", "d"]
    assert silent(mock)


async def test_several_at_once(mock: PusherMock):
    tails = Tails(mock.core)
    async with (
        following(tails) as first,
        following(tails, query_string=query(BLOG).encode()) as second,
    ):
        assert (first.hello["app"], second.hello["app"]) == ("42", "43")
        mock.server("blog-key").trigger("a", "b", {})
        assert [one["app"] for one in await second.records()] == ["43"]
        first.leave()
        await first.ended()
        assert not silent(mock)
        mock.server("blog-key").trigger("a", "c", {})
        assert [one["event"] for one in await second.records()] == ["c"]
    assert silent(mock)


async def test_from_another_thread(mock: PusherMock):
    async with following(Tails(mock.core)) as follower:
        for number in range(3):
            trigger = mock.server("shop-key").trigger
            await anyio.to_thread.run_sync(lambda: trigger("a", f"e{number}", {}))  # noqa: B023
            assert [one["event"] for one in await follower.records()] == [f"e{number}"]


async def test_one_that_is_slow(mock: PusherMock):
    async with following(Tails(mock.core, size=3)) as follower:
        for number in range(10):
            mock.server("shop-key").trigger("a", f"e{number}", {})
        lost, *kept = await follower.records()
        assert lost == {"kind": "lost", "app": "42", "count": 7}
        assert [one["event"] for one in kept] == ["e7", "e8", "e9"]
        mock.server("shop-key").trigger("a", "e10", {})
        assert [one["event"] for one in await follower.records()] == ["e10"]


async def test_one_that_reads_nothing(mock: PusherMock):
    async with following(Tails(mock.core, size=2)) as follower:
        follower.reads = anyio.Event()
        mock.server("shop-key").trigger("a", "first", {})
        await anyio.wait_all_tasks_blocked()
        for number in range(50):
            mock.server("shop-key").trigger("a", f"e{number}", {})
        await anyio.wait_all_tasks_blocked()
        follower.reads.set()
        assert [one["event"] for one in await follower.records()] == ["first"]
        assert [one.get("count") for one in await follower.records()] == [48, None, None]


async def test_silence(mock: PusherMock):
    async with following(Tails(mock.core, heartbeat=0.01)) as follower:
        assert await follower.next() == "\n"


async def test_the_end(mock: PusherMock):
    tails = Tails(mock.core)
    async with following(tails) as first, following(tails) as second:
        mock.server("shop-key").trigger("a", "last", {})
        await anyio.to_thread.run_sync(tails.end)
        for one in (first, second):
            assert '"last"' in await one.next()
            await one.ended()
    tails.end()
    assert silent(mock)


async def test_the_app_is_mounted(mock: PusherMock):
    path = f"/mock{PATH}"
    scope = {"path": path, "raw_path": path.encode(), "root_path": "/mock"}
    async with following(Tails(mock.core), **scope) as follower:
        assert follower.hello["kind"] == "tail"


# Who may not ----------------------------------------------------------------------------------


async def refusal(mock: PusherMock, **scope: Any) -> tuple[int, str]:
    follower = Follower(Tails(mock.core), **scope)
    await follower.run()
    text = await follower.next()
    await follower.ended()
    assert follower.headers[b"content-type"].startswith(b"text/plain")
    assert silent(mock)
    return follower.status, text


@pytest.mark.parametrize(
    "header",
    [(b"origin", b"http://127.0.0.1:6001"), (b"origin", b"null"), (b"sec-fetch-site", b"none")],
)
async def test_browsers(header: tuple[bytes, bytes], mock: PusherMock):
    status, text = await refusal(mock, headers=[HOST, header])
    assert status == 403
    assert text.startswith("Not for browsers")


@pytest.mark.parametrize(
    "headers",
    [
        [(b"host", b"attacker.example:6001")],
        [(b"host", b"192.168.1.6:6001")],
        [HOST, (b"host", b"attacker.example")],
        [],
    ],
)
async def test_other_hosts(headers: list[tuple[bytes, bytes]], mock: PusherMock):
    status, text = await refusal(mock, headers=headers)
    assert status == 403
    assert text.startswith("The request is for another host")


@pytest.mark.parametrize(
    ("host", "server"),
    [
        ("localhost:6001", ("127.0.0.1", 6001)),
        ("[::1]:6001", ("::1", 6001)),
        ("192.168.1.5:6001", ("192.168.1.5", 6001)),
        (f"{gethostname().upper()}:6001", ("192.168.1.5", 6001)),
        ("localhost", None),
        ("localhost", ("/run/mock.sock", None)),
    ],
)
async def test_hosts_of_this_machine(host: str, server: Any, mock: PusherMock):
    headers = [(b"host", host.encode())]
    async with following(Tails(mock.core), headers=headers, server=server) as follower:
        assert follower.status == 200


@pytest.mark.parametrize(
    ("string", "status", "text"),
    [
        (lambda: "", 401, "Authentication key required"),
        (lambda: query(auth_key=""), 401, "Authentication key required"),
        (lambda: query(App("42", "nobody", "x")), 400, "Unknown auth_key"),
        (lambda: query(auth_signature="0" * 64), 401, "Invalid signature"),
        (lambda: query(App("42", "shop-key", "hunter3")), 401, "Invalid signature"),
        (lambda: query(path="/apps/42/channels"), 401, "Invalid signature"),
        (lambda: query(auth_timestamp="1"), 401, "Timestamp expired"),
    ],
)
async def test_no_good_signature(
    string: Callable[[], str],
    status: int,
    text: str,
    mock: PusherMock,
    caplog: pytest.LogCaptureFixture,
):
    found, said = await refusal(mock, query_string=string().encode())
    assert found == status
    assert said.startswith(text)
    assert text in caplog.text
    assert "hunter2" not in caplog.text + said


async def test_only_get(mock: PusherMock):
    assert await refusal(mock, method="POST") == (405, "405 METHOD NOT ALLOWED\n")


async def test_signed_by_hand(mock: PusherMock):
    rest = f"auth_key=shop-key&auth_timestamp={int(time.time())}&auth_version=1.0"
    signature = sign("hunter2", f"GET\n{PATH}\n{rest}")
    string = f"{rest}&auth_signature={signature}"
    async with following(Tails(mock.core), query_string=string.encode()) as follower:
        assert follower.status == 200


async def test_too_many(mock: PusherMock):
    tails = Tails(mock.core, most=1)
    async with following(tails):
        second = Follower(tails)
        await second.run()
        said = await second.next()
        assert (second.status, said) == (503, "There are 1 tails already; end one of them\n")
        await second.ended()
    async with following(tails):
        pass
