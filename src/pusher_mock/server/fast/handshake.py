"""The opening handshake of a WebSocket, read off the raw head of a request (RFC 6455, 4.2)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Final, NamedTuple

from .frames import accept_key

__all__ = ["Handshake", "is_upgrade", "read_handshake", "unavailable"]

_UPGRADE: Final = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n", re.IGNORECASE)
_KEY: Final = re.compile(rb"\r\nsec-websocket-key:[ \t]*([^\r\n \t]*)[ \t]*\r\n", re.IGNORECASE)
_VERSION: Final = re.compile(rb"\r\nsec-websocket-version:[ \t]*13[ \t]*\r\n", re.IGNORECASE)
_CONNECTION: Final = re.compile(rb"\r\nconnection:[^\r\n]*\bupgrade\b[^\r\n]*\r\n", re.IGNORECASE)
_NONCE: Final = 16  # bytes of the decoded key (RFC 6455, 4.1)

_BAD: Final = (
    b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\n%bcontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b"
)


class Handshake(NamedTuple):
    """What to answer.

    Attributes:
        response: the bytes to send.
        target: path and query, or ``None`` when the request was refused.
    """

    response: bytes
    target: str | None


def is_upgrade(head: bytes) -> bool:
    """Whether a request, up to its empty line, asks for a WebSocket."""
    return head.startswith(b"GET ") and _UPGRADE.search(head) is not None


def read_handshake(head: bytes) -> Handshake:
    """Read a request for which ``is_upgrade`` holds, its empty line included."""
    line = head[: head.index(b"\r\n")].split(b" ")
    if len(line) != len((b"GET", b"target", b"HTTP/1.1")) or line[2] != b"HTTP/1.1":
        return _refuse(b"400 Bad Request", b"", b"The request line is malformed\n")
    if _CONNECTION.search(head) is None:
        return _refuse(b"400 Bad Request", b"", b"Connection: Upgrade is missing\n")
    if _VERSION.search(head) is None:
        return _refuse(
            b"426 Upgrade Required",
            b"sec-websocket-version: 13\r\n",
            b"Sec-WebSocket-Version must be 13\n",
        )
    found = _KEY.search(head)
    key = found[1] if found is not None else b""
    try:
        nonce = b64decode(key, validate=True)
    except binascii.Error:
        nonce = b""
    if len(nonce) != _NONCE:
        return _refuse(b"400 Bad Request", b"", b"Sec-WebSocket-Key must be 16 bytes of base64\n")
    response = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key) + b"\r\n\r\n"
    )
    return Handshake(response, line[1].decode("latin-1"))


def unavailable(why: str) -> bytes:
    """The answer to a handshake where nobody can connect: clients try again later."""
    return _refuse(b"503 Service Unavailable", b"", f"{why}\n".encode()).response


def _refuse(status: bytes, headers: bytes, body: bytes) -> Handshake:
    return Handshake(_BAD % (status, headers, len(body), body), None)
