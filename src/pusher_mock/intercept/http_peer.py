"""The HTTP API at the other end of a connection in memory: one request, one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11

from .exchange import Answer, answer, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.core import Core

__all__ = ["HttpPeer", "origin_form"]

_NO_CONTENT_OF = b"HEAD"
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


class HttpPeer:
    """Reads one request and answers it; no connection is kept, so that no library pools it.

    Args:
        core: the mock.
        write: sends bytes to the client.
    """

    def __init__(self, core: Core, write: Callable[[bytes], None]) -> None:
        self._core = core
        self._write = write
        self._machine = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None
        self._body = bytearray()

    def receive(self, data: bytes) -> bool:
        """Take what the client sends.

        Returns:
            Whether it was answered, and the connection is over.

        Raises:
            Unreachable: the network of the mock has come between.
            UsageError: the mock is closed.
        """
        machine = self._machine
        try:
            machine.receive_data(data)
            while True:
                event = machine.next_event()
                if isinstance(event, h11.Request):
                    self._request = event
                elif isinstance(event, h11.Data):
                    self._body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    if machine.they_are_waiting_for_100_continue:
                        go_on = h11.InformationalResponse(status_code=100, headers=[])
                        self._send(go_on)
                    return False
        except h11.RemoteProtocolError as error:
            self._respond(Answer(error.error_status_hint, _TEXT, f"{error}\n".encode(), ""))
            return True
        assert self._request is not None  # a message does not end before it has begun
        method = self._request.method.decode("ascii")
        target = origin_form(self._request.target.decode("latin-1"))
        self._respond(answer(self._core, method, target, bytes(self._body)))
        return True

    def _respond(self, said: Answer) -> None:
        headers = {
            **said.headers,
            "Content-Length": str(len(said.body)),
            "Connection": "close",
        }
        self._send(
            h11.Response(
                status_code=said.status,
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                reason=reason(said.status).encode(),
            )
        )
        if self._request is None or self._request.method != _NO_CONTENT_OF:
            self._send(h11.Data(data=said.body))
        self._send(h11.EndOfMessage())

    def _send(self, event: h11.Event) -> None:
        self._write(self._machine.send(event) or b"")


def origin_form(target: str) -> str:
    """Path and query of a target that may be a whole URL, as proxies are given."""
    if target.startswith("/"):
        return target
    _, _, rest = target.partition("://")
    _, slash, path = rest.partition("/")
    return slash + path or "/"
