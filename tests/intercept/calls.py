"""Requests to the HTTP API as applications make them by hand with httpx."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from pusher_mock.protocol.signatures import body_md5, sign, signed_query

__all__ = ["APP", "EVENT", "HOST", "KEY", "SECRET", "body_of", "get", "publish", "signed"]

KEY, SECRET, APP = "mock-pusher-key", "mock-pusher-secret", "mock-app-id"
HOST = "https://api-eu.pusher.com"
EVENT = {"name": "e", "channels": ["c"], "data": '{"n":1}'}


def signed(
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: str = KEY,
    secret: str = SECRET,
    **query: str,
) -> str:
    """Return path and query of a signed request, as an application makes them by hand."""
    pairs = [("auth_key", key), ("auth_timestamp", str(int(time.time()))), ("auth_version", "1.0")]
    if body:
        pairs.append(("body_md5", body_md5(body)))
    pairs += query.items()
    text = f"{method}\n{path}\n{signed_query(pairs)}"
    return f"{path}?{urlencode([*pairs, ('auth_signature', sign(secret, text))])}"


def body_of(value: Any) -> bytes:
    return json.dumps(value).encode()


def publish(
    client: httpx.Client | None = None, host: str = HOST, event: Any = EVENT, **options: str
) -> httpx.Response:
    body = body_of(event)
    url = host + signed("POST", f"/apps/{options.pop('app', APP)}/events", body, **options)
    headers = {"Content-Type": "application/json"}
    send = (client or httpx).post
    return send(url, content=body, headers=headers)


def get(path: str, host: str = HOST, **query: str) -> httpx.Response:
    return httpx.get(host + signed("GET", path, b"", **query))
