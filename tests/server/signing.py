"""Requests signed by hand, as facts 2.4 has it."""

from __future__ import annotations

import hashlib
import hmac
import time
from urllib.parse import urlencode

__all__ = ["signed"]


def signed(
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: str = "mock-pusher-key",
    secret: str = "mock-pusher-secret",
    **more: str,
) -> str:
    """Path and query of a request."""
    query = {
        **more,
        "auth_key": key,
        "auth_timestamp": str(int(time.time())),
        "auth_version": "1.0",
    }
    if body:
        query["body_md5"] = hashlib.md5(body).hexdigest()
    text = f"{method}\n{path}\n" + "&".join(f"{name}={query[name]}" for name in sorted(query))
    query["auth_signature"] = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    return f"{path}?{urlencode(query)}"
