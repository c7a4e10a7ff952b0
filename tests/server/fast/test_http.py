"""The short cut for requests that publish, and the way round it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.raw import Raw

from pusher_mock import PusherMock, SystemClock
from pusher_mock.server import ServerLimits, ThreadedServer
from pusher_mock.server.fast.http import FastHttp
from pusher_mock.server.http_api import HttpApi

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    mock = PusherMock(clock=SystemClock())
    with ThreadedServer(mock, limits=ServerLimits(body=2_000, headers=2_000)) as running:
        yield running
    mock.close()


@pytest.fixture
def raw(server: ThreadedServer) -> Iterator[Raw]:
    with Raw(server.port) as client:
        yield client


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of requests that went through ASGI."""
    seen: list[str] = []
    answer = HttpApi.__call__

    async def spy(self: HttpApi, scope: dict[str, str], *rest: object) -> None:
        seen.append(scope["method"])
        await answer(self, scope, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(HttpApi, "__call__", spy)
    return seen


def post(
    text: str = "1", *headers: str, path: str = "/apps/1/events", secret: str = "mock-pusher-secret"
) -> tuple[bytes, bytes]:
    """A signed request that publishes: its head and its body."""
    body = json.dumps({"name": "e", "channels": ["c"], "data": text}).encode()
    query = (
        f"auth_key=mock-pusher-key&auth_timestamp={int(time.time())}&auth_version=1.0"
        f"&body_md5={hashlib.md5(body).hexdigest()}"
    )
    signed = f"POST\n{path}\n{query}".encode()
    signature = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    lines = [
        f"POST {path}?{query}&auth_signature={signature} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body


def published(server: ThreadedServer) -> list[str]:
    return [event.raw for event in server.mock.journal.published()]


@pytest.fixture(autouse=True)
def nothing_yet(server: ThreadedServer) -> None:
    server.mock.reset()


def test_one_after_the_other(raw: Raw, server: ThreadedServer, slow: list[str]):
    for number in range(3):
        head, body = post(str(number), "Connection: keep-alive")
        raw.send(head + body)
        assert raw.answer() == (200, "{}")
    assert published(server) == ["0", "1", "2"]
    assert slow == []


def test_the_body_by_itself(raw: Raw, server: ThreadedServer, slow: list[str]):
    """As http.client sends it, and so requests and the SDK."""
    head, body = post()
    for piece in (head, body[:5], body[5:]):
        raw.send(piece)
    assert raw.answer() == (200, "{}")
    assert slow == []


def test_pipelined(raw: Raw, server: ThreadedServer, slow: list[str]):
    requests = [b"".join(post(str(number))) for number in range(4)]
    raw.send(b"".join(requests) + requests[0][:30])
    for _ in range(4):
        assert raw.answer() == (200, "{}")
    raw.send(requests[0][30:])  # its beginning went to the parser
    assert raw.answer() == (200, "{}")
    assert published(server) == ["0", "1", "2", "3", "0"]
    assert slow == ["POST"]


def test_a_refusal(raw: Raw, slow: list[str]):
    raw.send(b"".join(post(secret="wrong")))
    status, text = raw.answer()
    assert (status, slow) == (401, [])
    assert text.startswith("Invalid signature: you should have sent HmacSHA256Hex(")


@pytest.mark.parametrize(
    "header",
    [
        "Connection: close",
        "Expect: 100-continue",
        "no colon",
        "Content-Length: 7",
        "Transfer-Encoding : chunked",
    ],
)
def test_what_uvicorn_had_better_look_at(raw: Raw, slow: list[str], header: str):
    head, body = post("1", header)
    raw.send(head + body)
    raw.until(b"HTTP/1.1 ")
    status = int(raw.read(3))
    assert (status, slow) in ((200, ["POST"]), (400, []), (100, ["POST"]))
    assert (status == 400) == (header[0] in "nT" or header == "Content-Length: 7")


def test_a_request_line_that_is_none(raw: Raw, slow: list[str]):
    head, body = post()
    raw.send(head.replace(b" HTTP/1.1", b" and more HTTP/1.1") + body)
    assert (raw.answer()[0], slow) == (400, [])


def test_a_request_in_between_that_is_no_publishing(raw: Raw, slow: list[str]):
    get = b"GET /apps/1/channels HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    raw.send(b"".join(post()) + get)
    assert raw.answer() == (200, "{}")
    assert raw.answer() == (401, "Authentication key required\n")
    raw.send(b"".join(post()))
    assert raw.answer() == (200, "{}")
    raw.send(get[:10])
    raw.send(get[10:])
    assert raw.answer()[0] == 401
    assert slow == ["GET", "GET"]


def test_chunks(raw: Raw, server: ThreadedServer, slow: list[str]):
    head, body = post()
    head = head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
    raw.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    assert raw.answer() == (200, "{}")
    assert (published(server), slow) == (["1"], ["POST"])


def test_a_huge_body_is_refused_unread(raw: Raw, server: ThreadedServer):
    head, _ = post("x" * 3_000)
    raw.send(head)
    assert raw.answer() == (413, "Request body exceeds the allowed maximum (2000 bytes)\n")
    assert raw.at_end()


def test_a_huge_body_in_chunks(raw: Raw):
    head, body = post("x" * 3_000)
    head = head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
    raw.send(head + b"%x\r\n%b\r\n" % (len(body), body))
    assert raw.answer()[0] == 413


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_head_that_is_too_long(raw: Raw, method: bytes):
    raw.send(method + b" /health HTTP/1.1\r\nX: " + b"x" * 2_500)
    assert raw.answer() == (431, "The head of the request is too long\n")
    assert raw.at_end()


def test_a_head_that_comes_in_pieces(raw: Raw):
    """Each request has a head of its own, and bodies do not count."""
    for _ in range(3):
        for piece in (b"GET /health HTTP/1.1\r\nX: ", b"x" * 1_000, b"\r\nHost: x\r\n\r\n"):
            raw.send(piece)
        assert raw.answer() == (200, '{"status":"ok"}')


@pytest.mark.parametrize(
    "headers",
    [
        ["Origin: http://127.0.0.1"],
        ["Sec-Fetch-Site: cross-site"],
        ["Host: evil.example"],
    ],
)
def test_web_pages_do_not_publish_though_they_know_the_secret(
    raw: Raw, server: ThreadedServer, headers: list[str]
):
    """Nor with a name that leads here (DNS rebinding)."""
    head, body = post("1", *headers)
    if headers[0].startswith("Host"):
        head = head.replace(b"Host: 127.0.0.1\r\n", b"")
    raw.send(head + body)
    status, text = raw.answer()
    assert (status, published(server)) == (403, [])
    assert text.startswith("Not for web pages")
    with Raw(server.port) as other:
        get = f"GET /apps/1/channels HTTP/1.1\r\n{headers[0]}\r\n\r\n"
        other.send(get.encode())
        assert other.answer()[0] == 403


@pytest.mark.parametrize("value", ["a\nTransfer-Encoding: chunked", "a\0b", "a\rb"])
def test_what_parsers_read_differently(raw: Raw, slow: list[str], value: str):
    head, body = post("1", f"X: {value}")
    raw.send(head + body)
    assert (raw.answer()[0], slow) == (400, [])


def test_what_is_no_http(raw: Raw):
    raw.send(b"hello\r\n\r\n")
    assert raw.answer()[0] == 400
    assert raw.at_end()


def test_a_guest_that_says_nothing(server: ThreadedServer):
    with Raw(server.port) as client:
        client.send(b"GE")
    with Raw(server.port) as client:
        client.send(b"".join(post()))
        assert client.answer()[0] == 200


class Loop:
    """An event loop of which only the time is asked, and what it is to do later."""

    def __init__(self) -> None:
        self.now = 10.0
        self.later: list[float] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, job: object) -> str:
        self.later.append(delay)
        return "timer"


class Transport:
    closed = False

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_one_timer_for_all_requests_of_a_connection():
    http: Any = object.__new__(FastHttp)
    http.loop, http.transport = Loop(), Transport()
    http.timeout_keep_alive, http._active_at = 5, 8.0
    http.timeout_keep_alive_handler()
    assert http.loop.later == [3.0]
    assert not http.transport.closed
    http.loop.now = 13.0
    http.timeout_keep_alive_handler()
    assert http.loop.later == [3.0]
    assert http.transport.closed


def test_an_idle_connection_is_closed_in_time(monkeypatch: pytest.MonkeyPatch):
    from pusher_mock.server import running

    configure = running.configure
    monkeypatch.setattr(
        running, "configure", lambda app, **options: configure(app, **options, timeout_keep_alive=1)
    )
    with PusherMock(clock=SystemClock()).serve() as server, Raw(server.port) as client:
        for _ in range(2):  # the second one finds the timer of the first
            client.send(b"".join(post()))
            assert client.answer()[0] == 200
        assert client.at_end()
