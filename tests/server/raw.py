"""A client down to the bytes, for what no well-behaved client does."""

from __future__ import annotations

import json
import socket
from typing import Any

from pusher_mock.server.fast.frames import CLOSE, TEXT

__all__ = ["Raw"]

PATIENCE_S = 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TARGET = "/app/mock-pusher-key?protocol=7&client=raw&version=1.0"


class Raw:
    """A TCP connection to a server of ours."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE_S)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    # HTTP --------------------------------------------------------------------------------------

    def upgrade(self, target: str = TARGET, **headers: str) -> bytes:
        """Ask for a WebSocket; returns the head of the answer."""
        self.send(self.handshake(target, **headers))
        return self.until(b"\r\n\r\n")

    @staticmethod
    def handshake(target: str = TARGET, **headers: str) -> bytes:
        """The request for a WebSocket."""
        wanted = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": KEY,
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in wanted.items())
        return f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode()

    def answer(self) -> tuple[int, str]:
        """The next answer of the HTTP API: status and body."""
        head = self.until(b"\r\n\r\n").decode().lower()
        size = int(head.partition("content-length:")[2].partition("\r\n")[0])
        return int(head.split(" ")[1]), self.read(size).decode()

    # WebSocket ---------------------------------------------------------------------------------

    @staticmethod
    def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
        """A frame as a client sends it, masked."""
        size = len(payload)
        head = bytes([opcode | (0x80 if fin else 0)])
        if size < 126:
            head += bytes([size | 0x80])
        elif size < 65_536:
            head += bytes([126 | 0x80]) + size.to_bytes(2, "big")
        else:
            head += bytes([127 | 0x80]) + size.to_bytes(8, "big")
        mask = b"\x12\x34\x56\x78"
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        return head + mask + masked

    def say(self, event: str, data: Any) -> None:
        """Send a frame of the protocol."""
        self.send(self.frame(TEXT, json.dumps({"event": event, "data": data}).encode()))

    def next_frame(self) -> tuple[int, bytes]:
        """The next frame of the server, which sends them whole."""
        first, size = self.read(2)
        assert first & 0x80
        assert not size & 0x80  # a server does not mask
        if size == 126:
            size = int.from_bytes(self.read(2), "big")
        elif size == 127:
            size = int.from_bytes(self.read(8), "big")
        return first & 0x0F, self.read(size)

    def event(self) -> dict[str, Any]:
        """The next frame of the protocol."""
        opcode, payload = self.next_frame()
        assert opcode == TEXT, (opcode, payload)
        found: dict[str, Any] = json.loads(payload)
        return found

    def closed(self) -> int:
        """The code of the close, which has to come next."""
        opcode, payload = self.next_frame()
        assert opcode == CLOSE, (opcode, payload)
        return int.from_bytes(payload[:2], "big")

    # Bytes -------------------------------------------------------------------------------------

    def read(self, size: int) -> bytes:
        """So many bytes."""
        while len(self.buffer) < size:
            data = self.socket.recv(65_536)
            assert data, f"the server hung up; had {self.buffer!r}"
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    def until(self, end: bytes) -> bytes:
        """Everything up to and with these bytes."""
        while end not in self.buffer:
            data = self.socket.recv(65_536)
            assert data, f"the server hung up; had {self.buffer!r}"
            self.buffer += data
        return self.read(self.buffer.index(end) + len(end))

    def at_end(self) -> bool:
        """Whether the server has hung up, after everything that was read."""
        assert not self.buffer
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
