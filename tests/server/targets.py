"""Where webhooks go in tests: into the process, and to servers that behave or do not."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import httpx
from tests.core.bench import PATIENCE

from pusher_mock.engine import DeliverWebhook

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

__all__ = [
    "SIGNATURE",
    "URL",
    "Gate",
    "Listener",
    "Target",
    "accepting",
    "hook",
    "listening",
    "silent",
    "trickle",
]

URL = "https://shop.example/hook"
SIGNATURE = "5190a7e0"


def hook(body: bytes = b"{}", url: str = URL) -> DeliverWebhook:
    return DeliverWebhook("1", url, "mock-pusher-key", SIGNATURE, body)


class Target(httpx.MockTransport):
    """Answers 200, or what it is told to; an exception is raised.

    Attributes:
        got: the requests, in order.
        answers: what comes next, by URL; a function is called and answers with what it returns.
    """

    def __init__(self, *answers: Any) -> None:
        super().__init__(self.answer)
        self.got: list[httpx.Request] = []
        self.answers = list(answers)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer)

    @property
    def bodies(self) -> list[bytes]:
        return [request.content for request in self.got]


class Gate:
    """An answer that comes when the test says so."""

    def __init__(self, answer: int = 200) -> None:
        self.reached, self.go, self._answer = threading.Event(), threading.Event(), answer

    def __call__(self) -> int:
        self.reached.set()
        assert self.go.wait(PATIENCE)
        return self._answer


class Shop(BaseHTTPRequestHandler):
    """A development server: one thread, and the head of an answer before its body."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    server: Listener

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.got.append((self.path, list(self.headers.items()), self.rfile.read(length)))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"fine")

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Listener(HTTPServer):
    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Shop)
        self.got: list[tuple[str, list[tuple[str, str]], bytes]] = []
        self.errors: list[BaseException | None] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.errors.append(sys.exception())


@contextmanager
def listening(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Listener]:
    with Listener(port) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(PATIENCE)
            assert not thread.is_alive()


@contextmanager
def accepting(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """Treat one connection as ``serve`` likes, which ends when the event is set."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def work() -> None:
            with listener.accept()[0] as connection:
                serve(connection, over)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join(PATIENCE)
            assert not thread.is_alive()


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Say nothing and hear nothing."""
    over.wait(PATIENCE)


def trickle(start: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Say this, and go on byte by byte for ever."""

    def serve(connection: socket.socket, over: threading.Event) -> None:
        try:
            connection.sendall(start)
            while not over.wait(0.02):
                connection.sendall(b"x")
        except OSError:
            return  # the other side has had enough

    return serve
