"""The socket in memory, as a library that blocks uses one."""

from __future__ import annotations

import errno
import gc
import os
import selectors
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pusher_mock import ExpectationFailed, PusherMock
from pusher_mock.core import readers
from pusher_mock.intercept import visits
from pusher_mock.intercept.peer_socket import PeerSocket, _hang_up, _is_busy
from pusher_mock.intercept.visits import Claim

from .calls import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = (
    f"GET /app/{KEY}?protocol=7 HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """No interception has these connections, so any that is left can go."""
    yield
    visits.release()


def made(mock: PusherMock, *, lingers: bool = False) -> PeerSocket:
    return PeerSocket(Claim(mock.core, "websocket", "ws.pusherapp.com", 80, False), lingers=lingers)


@pytest.fixture
def opened(mock: PusherMock) -> Iterator[PeerSocket]:
    with made(mock) as sock:
        sock.sendall(HEAD)
        yield sock


def drain(sock: PeerSocket) -> bytes:
    return sock.recv(sock.pending())


def is_readable(sock: PeerSocket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def test_what_it_is(opened: PeerSocket):
    assert (opened.family, opened.type, opened.proto) == (socket.AF_INET, socket.SOCK_STREAM, 0)
    assert opened.getpeername() == ("ws.pusherapp.com", 80)
    assert opened.getsockname()[0] == "127.0.0.1"
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
    assert repr(opened) == "<PeerSocket to ws.pusherapp.com:80>"
    opened.close()
    assert repr(opened) == "<PeerSocket to ws.pusherapp.com:80 closed>"


def test_receiving(opened: PeerSocket):
    assert opened.recv(4, socket.MSG_PEEK) == b"HTTP"
    buffer = bytearray(8)
    assert opened.recv_into(buffer) == 8
    assert buffer == b"HTTP/1.1"
    assert opened.recv_into(buffer, 4) == 4
    assert buffer[:4] == b" 101"
    drain(opened)
    opened.setblocking(False)
    assert opened.gettimeout() == 0
    with pytest.raises(BlockingIOError):
        opened.recv(1)
    opened.settimeout(0.01)
    with pytest.raises(TimeoutError, match="timed out"):
        opened.recv(1)
    opened.setblocking(True)
    assert opened.gettimeout() is None


def test_a_thread_that_waits_is_woken(opened: PeerSocket, mock: PusherMock):
    drain(opened)
    heard: list[bytes] = []

    def read() -> None:
        while data := opened.recv(4096):
            heard.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    mock.wait_until(lambda: opened._waiting)
    opened.send(b"\x89\x80\0\0\0\0")
    mock.wait_until_delivered()
    assert heard == [b"\x8a\x00"]
    opened.shutdown(socket.SHUT_RD)
    reader.join(5)
    assert not reader.is_alive()
    assert mock.core.connections
    opened.shutdown(socket.SHUT_WR)
    assert not mock.core.connections


def test_selectors(opened: PeerSocket, mock: PusherMock):
    assert is_readable(opened)
    drain(opened)
    assert not is_readable(opened)
    opened.send(b"\x89\x80\0\0\0\0")
    opened.send(b"\x89\x80\0\0\0\0")
    assert is_readable(opened)
    opened.recv(1)
    assert is_readable(opened)
    drain(opened)
    assert not is_readable(opened)
    opened.shutdown(socket.SHUT_RDWR)
    assert is_readable(opened)
    assert opened.recv(1) == b""
    assert is_readable(opened)


def test_selectors_that_take_only_sockets(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pusher_mock.intercept.peer_socket._ONLY_SOCKETS", True)
    with made(mock) as sock:
        sock.send(HEAD)
        number = sock.fileno()
        assert is_readable(sock)
        drain(sock)
        assert not is_readable(sock)
    assert not is_open(number)


def test_a_closed_one(opened: PeerSocket, mock: PusherMock):
    opened.close()
    opened.close()
    assert opened.fileno() == -1
    for use in (
        lambda: opened.recv(1),
        lambda: opened.send(b""),
        lambda: opened.shutdown(socket.SHUT_RDWR),
    ):
        with pytest.raises(OSError, match="descriptor") as caught:
            use()
        assert caught.value.errno == errno.EBADF
    assert not mock.core.connections


def test_its_descriptor_goes_with_it(mock: PusherMock):
    sock = made(mock)
    number = sock.fileno()
    assert sock.fileno() == number
    threading.Thread(target=sock.close).start()
    mock.wait_until(lambda: not is_open(number))


@pytest.mark.parametrize("how", ["put_out", "collected"])
def test_its_descriptor_stays_while_another_thread_may_wait_for_it(how: str, mock: PusherMock):
    sock = made(mock, lingers=True)
    number = sock.fileno()
    closer = threading.Thread(target=sock.close)
    closer.start()
    closer.join()
    assert is_open(number)
    if how == "put_out":
        sock.put_out()
    del sock, closer
    gc.collect()
    assert not is_open(number)


def test_its_descriptor_does_not_stay_when_that_thread_closes_it(mock: PusherMock):
    sock = made(mock, lingers=True)
    number = sock.fileno()
    sock.close()
    assert not is_open(number)
    sock.put_out()
    made(mock).put_out()


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def test_nothing_after_the_end(mock: PusherMock):
    with made(mock) as sock:
        sock.send(b"NONSENSE\r\n\r\n")
        assert b"400" in drain(sock)
        sock.put(b"late")
        sock.send(b"late")
        assert sock.recv(9) == b""


# Waiting until it was read ------------------------------------------------------------------------


def test_what_only_the_caller_could_read_is_not_waited_for(opened: PeerSocket, mock: PusherMock):
    with pytest.raises(ExpectationFailed, match="every intercepted client to have read"):
        mock.wait_until_delivered(timeout=0.01)  # nobody has read anything yet
    opened.recv(1)
    mock.wait_until_delivered()
    assert len(readers.of(mock.core)) == 1
    opened.close()
    mock.wait_until_delivered()


def test_a_callback_that_does_not_return(opened: PeerSocket, mock: PusherMock):
    held = threading.Event()
    reader = threading.Thread(target=lambda: (drain(opened), held.wait(5)))
    reader.start()
    mock.wait_until(lambda: not opened.pending())
    with pytest.raises(ExpectationFailed):
        mock.wait_until_delivered(timeout=0.05)
    held.set()
    reader.join()
    mock.wait_until_delivered()  # its reader has ended


def test_a_selector_of_somebody_else_is_no_rest():
    ready, ended = threading.Event(), threading.Event()
    lamp = os.pipe()

    def wait() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(lamp[0], selectors.EVENT_READ)
            ready.set()
            selector.select(5)
        ended.wait(5)

    thread = threading.Thread(target=wait)
    thread.start()
    ready.wait(5)
    assert thread.ident is not None
    assert _is_busy(thread.ident)
    os.write(lamp[1], b"!")
    ended.set()
    thread.join()
    assert not _is_busy(thread.ident)
    for end in lamp:
        os.close(end)


def test_one_that_is_dropped(mock: PusherMock):
    ends = made(mock)._peer
    gc.collect()
    assert ends is not None
    mock.wait_until(lambda: "over" in repr(ends))
    faint = ends._client
    faint.put(b"x")
    faint.end()
    assert faint.at_rest(0)
    _hang_up(ends)  # again is fine
