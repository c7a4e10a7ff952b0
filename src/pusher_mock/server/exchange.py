"""A POST with one limit of time for all of it. Costly to import: it brings httpx."""

from __future__ import annotations

import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from pusher_mock.clock.machine import monotonic

if TYPE_CHECKING:
    import ssl

    from pusher_mock.engine.effects import DeliverWebhook

__all__ = ["Poster", "TimedTransport"]

# The rest of an answer is taken in for so long, though nobody wants it: development servers
# complain of a broken pipe when the connection ends before they have said all.
LINGER_SECONDS: Final = 0.5


class Poster:
    """Posts webhooks as they are, and asks for the status only.

    Args:
        transport: takes the place of the network; it keeps its own limits of time.
        timeout: seconds for a whole exchange.
    """

    def __init__(self, transport: httpx.BaseTransport | None, timeout: float) -> None:
        self._timeout = timeout
        self._client = httpx.Client(
            transport=TimedTransport() if transport is None else transport,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        )

    def post(self, webhook: DeliverWebhook) -> tuple[int | None, str]:
        """Send it.

        Returns:
            The status that came in time and an empty text, or ``None`` and why there is none.
        """
        headers, deadline = webhook.headers, monotonic() + self._timeout
        try:
            # Not built by the client, which would add headers and the cookies of earlier answers.
            request = httpx.Request("POST", webhook.url, headers=headers, content=webhook.body)
            request.extensions["deadline"] = deadline
            response = self._client.send(request, stream=True)
            answered = response.extensions.get("answered", monotonic())
            response.close()
            if answered < deadline:
                return response.status_code, ""
        except TimeoutError:
            pass
        except Exception as error:  # whatever it is, the caller has others to send
            return None, f"{type(error).__name__}: {error}"
        return None, f"no answer within {self._timeout:g} s"


class TimedTransport(httpx.BaseTransport):
    """A connection for each request; it ends with the request's extension ``deadline``.

    The response has the status alone, and an extension ``answered``: when the head had come.
    Both are readings of ``time.monotonic()``.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            TimeoutError: the deadline has passed.
            OSError, httpcore.ProtocolError: there is no answer.
        """
        exchange = _Exchange(request.extensions["deadline"])
        head: dict[str, Any] = {"method": request.method, "url": str(request.url)}
        with (
            httpcore.ConnectionPool(network_backend=exchange) as pool,
            pool.stream(**head, headers=request.headers.raw, content=request.read()) as response,
        ):
            answered = monotonic()
            exchange.deadline = min(exchange.deadline, answered + LINGER_SECONDS)
            with suppress(OSError, httpcore.ProtocolError):
                deque(response.iter_stream(), maxlen=0)
            return httpx.Response(response.status, extensions={"answered": answered})


class _Exchange(httpcore.NetworkBackend, httpcore.NetworkStream):
    """The connection of one request.

    httpx limits each operation, so that a target which trickles bytes could hold its thread for
    ever; and to close a socket from elsewhere does not wake the thread that reads from it.
    """

    _socket: socket.socket

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def connect_tcp(self, host: str, port: int, *args: Any, **options: Any) -> _Exchange:
        refusal = OSError(f"no address for {host}")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                self._socket = socket.create_connection((str(address[0]), port), self._left())
            except OSError as error:
                refusal = error
            else:
                return self
        raise refusal

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Exchange:
        try:
            self._socket = ssl_context.wrap_socket(self._timed(), server_hostname=server_hostname)
        except BaseException:
            self.close()
            raise
        return self

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._timed().recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        while buffer:
            buffer = buffer[self._timed().send(buffer) :]

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> None:
        """Nothing: the connection speaks HTTP/1.1 and is not used again."""

    def _timed(self) -> socket.socket:
        self._socket.settimeout(self._left())
        return self._socket

    def _left(self) -> float:
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        return left
