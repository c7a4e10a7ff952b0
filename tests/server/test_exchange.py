"""One POST: exactly these bytes, one limit of time for all of it, and the status alone."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme
from tests.core.bench import PATIENCE, in_thread

from pusher_mock.server import exchange
from pusher_mock.server.exchange import Poster

from .targets import SIGNATURE, URL, Target, accepting, hook, listening, silent, trickle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pusher_mock.engine import DeliverWebhook

Outcome = tuple[int | None, str]

HEADERS = [
    (b"Host", b"shop.example"),
    (b"Content-Type", b"application/json"),
    (b"X-Pusher-Key", b"mock-pusher-key"),
    (b"X-Pusher-Signature", SIGNATURE.encode()),
    (b"Content-Length", b"2"),
]


def post(webhook: DeliverWebhook, timeout: float = 4.0) -> Outcome:
    """Post over the network; a test that would hang fails instead."""
    outcome: Outcome = in_thread(lambda: Poster(None, timeout).post(webhook))
    return outcome


# Any transport ---------------------------------------------------------------------------------


def test_exactly_these_bytes_and_headers():
    # facts 3.1.1, 3.1.7: no charset, and no user agent
    target, body = Target(), b"\xc3\xa9"
    assert Poster(target, 4.0).post(hook(body)) == (200, "")
    [request] = target.got
    assert (request.method, str(request.url), request.content) == ("POST", URL, body)
    assert request.headers.raw == HEADERS


def test_nothing_of_an_answer_comes_into_the_next_request():
    target = Target(httpx.Response(200, headers={"Set-Cookie": "a=b"}))
    poster = Poster(target, 4.0)
    assert [poster.post(hook()), poster.post(hook())] == [(200, ""), (200, "")]
    assert [request.headers.raw for request in target.got] == [HEADERS, HEADERS]


def test_a_redirect_is_not_followed():
    target = Target(httpx.Response(302, headers={"Location": "https://elsewhere.example/"}))
    assert Poster(target, 4.0).post(hook()) == (302, "")
    assert len(target.got) == 1


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (httpx.ConnectError("refused"), "ConnectError: refused"),
        (httpx.ReadTimeout("timed out"), "ReadTimeout: timed out"),
        (TimeoutError("timed out"), "no answer within 4 s"),
        (AssertionError("of a view"), "AssertionError: of a view"),
    ],
)
def test_no_answer(error: Exception, text: str):
    assert Poster(Target(error), 4.0).post(hook()) == (None, text)


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(3.9, (200, "")), (4.0, (None, "no answer within 4 s"))]
)
def test_an_answer_that_takes_its_time(
    monkeypatch: pytest.MonkeyPatch, seconds: float, outcome: Outcome
):
    now = [0.0]
    monkeypatch.setattr(exchange, "monotonic", lambda: now[0])

    def slow() -> int:
        now[0] += seconds
        return 200

    assert Poster(Target(slow), 4.0).post(hook()) == outcome


@pytest.mark.parametrize(
    ("url", "error"),
    [("shop.example/hook", "UnsupportedProtocol: "), ("http://shop.example:x/", "InvalidURL: ")],
)
def test_a_url_that_is_none(url: str, error: str):
    status, text = post(hook(url=url))
    assert status is None
    assert text.startswith(error)


# The network -----------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_a_server_hears_no_broken_pipe_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with listening() as server:
        for _ in range(20):
            assert post(hook(url=f"http://127.0.0.1:{server.server_port}/")) == (200, "")
    assert server.errors == []
    assert len(server.got) == 20


@pytest.mark.enable_socket
def test_a_user_name_in_the_url():
    with listening() as server:
        assert post(hook(url=f"http://ada:x@127.0.0.1:{server.server_port}/")) == (200, "")
    assert ("Authorization", "Basic YWRhOng=") in server.got[0][1]


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("scheme", "serve", "body"),
    [
        ("http", silent, b"{}"),
        ("http", silent, bytes(2**24)),  # more than the system takes off a sender's hands
        ("http", trickle(b"HTTP/1.1 200 OK\r\nX-Slow: "), b"{}"),
        ("http", trickle(b"HTTP/1.1 100 Continue\r\n\r\n" * 3), b"{}"),
        ("https", silent, b"{}"),
    ],
    ids=["silent", "does not read", "trickles", "continues", "shakes no hands"],
)
def test_one_limit_of_time_for_all(
    scheme: str, serve: Callable[[socket.socket, Any], None], body: bytes
):
    with accepting(serve) as port:
        outcome = post(hook(body, f"{scheme}://127.0.0.1:{port}/"), timeout=0.3)
    assert outcome == (None, "no answer within 0.3 s")


@pytest.mark.enable_socket
def test_the_status_counts_though_the_rest_never_comes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "LINGER_SECONDS", 0.1)
    answer = trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with accepting(answer) as port:
        webhook = hook(url=f"http://127.0.0.1:{port}/")
        assert post(webhook, timeout=10 * PATIENCE) == (200, "")


@pytest.mark.enable_socket
@pytest.mark.parametrize("trusted", [True, False])
def test_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if trusted:
        authority.cert_pem.write_to_path(os.fspath(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", os.fspath(tmp_path / "ca.pem"))
    with listening(tls=context) as server:
        status, error = post(hook(url=f"https://127.0.0.1:{server.server_port}/"))
    assert (status, error.partition(":")[0]) == (
        (200, "") if trusted else (None, "SSLCertVerificationError")
    )


# Addresses -------------------------------------------------------------------------------------


def resolve(monkeypatch: pytest.MonkeyPatch, name: str, *hosts: str) -> None:
    """Let a name have these addresses."""
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **options: Any) -> Any:
        if host != name:
            return real(host, *args, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in hosts]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.enable_socket
def test_the_second_address_when_the_first_refuses(monkeypatch: pytest.MonkeyPatch):
    connect = socket.create_connection

    def first_is_dead(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[0] == "192.0.2.1":
            raise ConnectionRefusedError
        return connect(address, timeout)

    monkeypatch.setattr(socket, "create_connection", first_is_dead)
    resolve(monkeypatch, "shop.example", "192.0.2.1", "127.0.0.1")
    with listening() as server:
        assert post(hook(url=f"http://shop.example:{server.server_port}/")) == (200, "")


def test_all_addresses_share_the_limit(monkeypatch: pytest.MonkeyPatch):
    limits: list[float] = []
    now = [0.0]

    def black_hole(address: tuple[str, int], timeout: float) -> socket.socket:
        limits.append(timeout)
        now[0] += 3.0
        raise TimeoutError

    monkeypatch.setattr(exchange, "monotonic", lambda: now[0])
    monkeypatch.setattr(socket, "create_connection", black_hole)
    resolve(monkeypatch, "shop.example", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    assert post(hook()) == (None, "no answer within 4 s")
    assert limits == [4.0, 1.0]


def test_no_address(monkeypatch: pytest.MonkeyPatch):
    resolve(monkeypatch, "shop.example")
    assert post(hook()) == (None, "OSError: no address for shop.example")
