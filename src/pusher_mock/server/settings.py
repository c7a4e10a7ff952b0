"""What a server allows: sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pusher_mock.protocol.errors import UsageError

__all__ = ["ServerLimits"]


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """How much of this machine a client may take. None of it is Pusher's own.

    Attributes:
        connections: open at a time; further ones are refused with 4100, which lets pusher-js try
            again later (facts 1.10).
        frame: bytes of one message of a client; a longer one ends the connection with 1009.
        body: bytes of one request of the HTTP API; a longer one is answered with 413 unread. Ten
            events of 10 kB, escaped, fit in.
        backlog: bytes that wait for a client which does not read; beyond that its connection is
            ended with 4100.
        farewell: seconds that a client has to take what is still on its way when its connection
            is ended.
        headers: bytes of a request's head.
    """

    connections: int = 20_000
    frame: int = 102_400
    body: int = 1_048_576
    backlog: int = 4_194_304
    farewell: float = 5.0
    headers: int = 16_384

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) <= 0:
                raise UsageError(f"ServerLimits({one.name}=) takes a number above 0")
