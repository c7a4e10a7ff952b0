"""The opening handshake, read off the raw head of a request."""

from __future__ import annotations

import pytest

from pusher_mock.server.fast.handshake import is_upgrade, read_handshake

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEADERS = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def head(line: str = "GET /app/k?protocol=7 HTTP/1.1", **changes: str | None) -> bytes:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changes.items()}}
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return f"{line}\r\n{text}\r\n".encode()


def test_accepted():
    answer = read_handshake(head())
    assert answer.target == "/app/k?protocol=7"
    lines = answer.response.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 101 Switching Protocols"
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines
    assert answer.response.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "request_head",
    [
        head()
        .lower()
        .replace(KEY.lower().encode(), KEY.encode())
        .replace(b"get /", b"GET /")
        .replace(b"http/1.1", b"HTTP/1.1"),
        head(Connection="keep-alive, Upgrade"),
        head(Upgrade="  WebSocket\t"),
    ],
)
def test_headers_are_written_in_many_ways(request_head: bytes):
    assert is_upgrade(request_head)
    assert read_handshake(request_head).target == "/app/k?protocol=7"


@pytest.mark.parametrize(
    "request_head",
    [
        head(Upgrade=None),
        head(Upgrade="h2c"),
        head("POST /app/k HTTP/1.1"),
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_no_upgrade(request_head: bytes):
    assert not is_upgrade(request_head)


@pytest.mark.parametrize(
    ("request_head", "status", "text"),
    [
        (head("GET /a b HTTP/1.1"), 400, "request line"),
        (head("GET /app/k HTTP/1.0"), 400, "request line"),
        (head(Connection="close"), 400, "Connection: Upgrade"),
        (head(Sec_WebSocket_Key=None), 400, "Sec-WebSocket-Key"),
        (head(Sec_WebSocket_Key="short"), 400, "Sec-WebSocket-Key"),
        (head(Sec_WebSocket_Key="c2hvcnQ="), 400, "Sec-WebSocket-Key"),
        (head(Sec_WebSocket_Version="8"), 426, "Sec-WebSocket-Version must be 13"),
    ],
)
def test_refused(request_head: bytes, status: int, text: str):
    answer = read_handshake(request_head)
    assert answer.target is None
    start, _, body = answer.response.decode().partition("\r\n\r\n")
    assert start.startswith(f"HTTP/1.1 {status} ")
    assert text in body
    assert f"content-length: {len(body)}" in start
    assert "connection: close" in start
    assert (status == 426) == ("sec-websocket-version: 13" in start)
