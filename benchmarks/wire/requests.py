"""HTTP requests made and signed beforehand, so that the load client needs no cryptography.

The file holds each request after its length (32 bits, little-endian). Request number i carries the
sequence number i as `seq=00000042` and goes to channel `bench-{i % channels}`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["APP_ID", "KEY", "SECRET", "signed", "write"]

APP_ID = "1"
KEY = "mock-pusher-key"
SECRET = "mock-pusher-secret"
COUNT = 20_000  # more than are ever in flight: the load client goes round and round
PADDING = 50  # makes a frame of about 150 bytes, as published messages have


def _dumps(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _data(number: int, padding: int) -> str:
    """What the publisher sends: JSON in a string, as every Pusher library sends it."""
    return _dumps({"id": f"seq={number:08}", "text": "x" * padding})


def signed(method: str, path: str, body: bytes = b"", **query: str) -> str:
    """The path with the query that Pusher's HTTP API wants, signed now."""
    query |= {
        "auth_key": KEY,
        "auth_timestamp": str(int(time.time())),
        "auth_version": "1.0",
    }
    if body:
        query["body_md5"] = hashlib.md5(body).hexdigest()
    line = "&".join(f"{name}={query[name]}" for name in sorted(query))
    text = f"{method}\n{path}\n{line}".encode()
    query["auth_signature"] = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
    return f"{path}?{urlencode(sorted(query.items()), safe=',')}"


def _post(target: str, body: bytes) -> bytes:
    head = (
        f"POST {target} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Content-Type: application/json\r\n"
        "X-Pusher-Library: bench 1\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _pusher(number: int, channel: str, padding: int) -> bytes:
    event = {"name": "updated", "channels": [channel], "data": _data(number, padding)}
    body = _dumps(event).encode()
    return _post(signed("POST", f"/apps/{APP_ID}/events", body), body)


def _plain(number: int, channel: str, padding: int) -> bytes:
    """For the references: the frame itself is the body, and nobody signs."""
    event = {"event": "updated", "channel": channel, "data": _data(number, padding)}
    return _post("/publish", _dumps(event).encode())


def _all(pusher: bool, channels: int, count: int, padding: int) -> Iterator[bytes]:
    build = _pusher if pusher else _plain
    for number in range(count - count % channels):
        yield build(number, f"bench-{number % channels}", padding)


def write(
    to: Path, *, pusher: bool, channels: int = 1, count: int = COUNT, padding: int = PADDING
) -> Path:
    """Write the request file; good for ten minutes, the time that a signature is valid."""
    requests = _all(pusher, channels, count, padding)
    to.write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in requests))
    return to
