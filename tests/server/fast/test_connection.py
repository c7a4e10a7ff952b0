"""WebSocket connections of the fast path, down to the bytes."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.raw import Raw

from pusher_mock import PusherMock, SystemClock
from pusher_mock.server import ServerLimits, ThreadedServer
from pusher_mock.server.fast import http
from pusher_mock.server.fast.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket

PING_FRAME = b'{"event":"pusher:ping","data":{}}'


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadedServer]:
    mock = PusherMock(clock=SystemClock())
    with ThreadedServer(mock, limits=ServerLimits(frame=20_000, farewell=0.2)) as running:
        yield running
    mock.close()


@pytest.fixture
def raw(server: ThreadedServer) -> Iterator[Raw]:
    with Raw(server.port) as client:
        client.upgrade()
        assert client.event()["event"] == "pusher:connection_established"
        yield client


def ponged(raw: Raw) -> None:
    """It is still there."""
    raw.say("pusher:ping", {})
    assert raw.event()["event"] == "pusher:pong"


def test_frames_that_ride_with_the_handshake(server: ThreadedServer):
    with Raw(server.port) as client:
        client.send(client.handshake() + client.frame(TEXT, PING_FRAME))
        assert b" 101 " in client.until(b"\r\n\r\n")
        assert client.event()["event"] == "pusher:connection_established"
        assert client.event()["event"] == "pusher:pong"


def test_byte_by_byte(server: ThreadedServer):
    with Raw(server.port) as client:
        for byte in client.handshake() + client.frame(TEXT, PING_FRAME):
            client.send(bytes([byte]))
        assert b" 101 " in client.until(b"\r\n\r\n")
        assert client.event()["event"] == "pusher:connection_established"
        assert client.event()["event"] == "pusher:pong"


def test_several_frames_at_once(raw: Raw):
    raw.send(raw.frame(TEXT, PING_FRAME) * 3 + raw.frame(TEXT, PING_FRAME)[:7])
    for _ in range(3):
        assert raw.event()["event"] == "pusher:pong"
    raw.send(raw.frame(TEXT, PING_FRAME)[7:])
    assert raw.event()["event"] == "pusher:pong"


def test_fragments_with_a_ping_between_them(raw: Raw):
    """RFC 6455, 5.4."""
    raw.send(raw.frame(TEXT, PING_FRAME[:5], fin=False))
    raw.send(raw.frame(PING, b"between"))
    raw.send(raw.frame(CONTINUATION, PING_FRAME[5:9], fin=False))
    raw.send(raw.frame(CONTINUATION, PING_FRAME[9:]))
    assert raw.next_frame() == (PONG, b"between")
    assert raw.event()["event"] == "pusher:pong"


def test_a_character_cut_in_two_by_fragments(raw: Raw):
    text = json.dumps({"event": "größe", "data": {}}, ensure_ascii=False).encode()
    cut = text.index("ö".encode()) + 1
    raw.send(raw.frame(TEXT, text[:cut], fin=False) + raw.frame(CONTINUATION, text[cut:]))
    assert "größe" in raw.event()["data"]["message"]


def test_a_pong_is_a_sign_of_life(raw: Raw):
    raw.send(raw.frame(PONG, b""))
    ponged(raw)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(CONTINUATION, b"x", True)], 1002),
        ([(TEXT, b"x", False), (TEXT, b"y", True)], 1002),
        ([(TEXT, b"\xff", True)], 1007),
        ([(TEXT, b"\xc3", False), (CONTINUATION, b"x", True)], 1007),
        ([(TEXT, b"x" * 20_001, True)], 1009),
        ([(TEXT, b"x" * 15_000, False), (CONTINUATION, b"x" * 15_000, False)], 1009),
        ([(CLOSE, b"\x00\x01", True)], 1002),
        ([(0x3, b"", True)], 1002),
    ],
)
def test_violations_close_with_a_code_of_the_rfc(
    raw: Raw, server: ThreadedServer, frames: list[tuple[int, bytes, bool]], code: int
):
    for opcode, payload, fin in frames:
        raw.send(raw.frame(opcode, payload, fin=fin))
    assert raw.closed() == code
    raw.send(raw.frame(TEXT, PING_FRAME))  # nobody hears it
    raw.send(raw.frame(CLOSE, b"\x03\xe8"))
    assert raw.at_end()
    server.mock.wait_until(lambda: not server.gateway.connections)


def test_a_binary_message_in_two_frames(raw: Raw):
    """facts 8.4: the engine's answer, as for a whole one."""
    raw.send(raw.frame(BINARY, b"x", fin=False) + raw.frame(CONTINUATION, b"y"))
    assert raw.event()["data"]["code"] == 1003
    assert raw.closed() == 1003


def test_the_client_closes(raw: Raw, server: ThreadedServer):
    raw.send(raw.frame(CLOSE, b"\x0f\xa1bye") + raw.frame(TEXT, PING_FRAME))
    assert raw.closed() == 4001
    assert raw.at_end()
    server.mock.wait_until(lambda: not server.mock.core.connections)


def test_the_client_closes_without_a_code(raw: Raw):
    raw.send(raw.frame(CLOSE, b""))
    assert raw.closed() == 1000
    assert raw.at_end()


def test_a_client_that_does_not_answer_the_close_is_cut_off(server: ThreadedServer):
    with Raw(server.port) as client:
        client.upgrade("/app/nobody?protocol=7&client=raw&version=1.0")
        assert client.event()["data"]["code"] == 4001
        assert client.closed() == 4001
        assert client.at_end()  # after `farewell`


def test_a_client_that_says_goodbye_and_does_not_read_is_gone_all_the_same():
    """At once for everybody else, and after the farewell for its socket."""
    mock = PusherMock(clock=SystemClock())
    limits = ServerLimits(backlog=50_000_000, farewell=0.2)
    with mock.serve(limits=limits) as server, Raw(server.port, receive_buffer=4_096) as client:
        client.upgrade()
        client.event()
        client.say("pusher:subscribe", {"channel": "news"})
        client.event()
        for _ in range(800):  # more than the sockets take
            mock.server().trigger("news", "n", "x" * 10_000)
        client.send(client.frame(CLOSE, b"\x03\xe8"))
        mock.wait_until_subscribed("news", 0)
        mock.wait_until(lambda: not server.gateway.connections)
        began = time.monotonic()
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("size", [0, 1])
def test_many_small_fragments_hold_nobody_up(raw: Raw, server: ThreadedServer, size: int):
    count = 15_000
    began = time.monotonic()
    raw.send(
        raw.frame(TEXT, b" " * size, fin=False)
        + raw.frame(CONTINUATION, b" " * size, fin=False) * count
        + raw.frame(CONTINUATION, PING_FRAME)
    )
    assert raw.event()["event"] == "pusher:pong"
    assert time.monotonic() - began < 2  # it took 5 s when each one looked at all before it


def test_a_stranger_that_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "_STRANGER", 0.05)
    mock = PusherMock(clock=SystemClock())
    with mock.serve(limits=ServerLimits(connections=2)) as server:
        with Raw(server.port) as silent, Raw(server.port) as slow:
            slow.send(b"GET /app/")
            assert silent.at_end()
            assert slow.at_end()
        # Who is in stays in.
        with Raw(server.port) as client:
            client.upgrade()
            client.event()
            with Raw(server.port) as another:
                assert another.at_end()
            ponged(client)


def test_there_is_room_for_so_many_strangers():
    mock = PusherMock(clock=SystemClock())
    with mock.serve(limits=ServerLimits(connections=2)) as server:
        strangers = [Raw(server.port) for _ in range(3)]
        assert strangers[0].at_end()
        strangers[1].upgrade()
        assert strangers[1].event()["event"] == "pusher:connection_established"
        for one in strangers:
            one.socket.close()


def test_a_client_that_is_gone(server: ThreadedServer):
    with Raw(server.port) as client:
        client.upgrade()
        client.event()
        server.mock.wait_until_connected()
    server.mock.wait_until(lambda: not server.mock.core.connections)


def test_a_handshake_that_is_refused(server: ThreadedServer):
    with Raw(server.port) as client:
        assert b" 426 " in client.upgrade(**{"Sec-WebSocket-Version": "8"})
        client.read(len("Sec-WebSocket-Version must be 13\n"))
        assert client.at_end()


def test_a_reset_mock_is_a_service_that_restarts(raw: Raw, server: ThreadedServer):
    server.mock.reset()
    assert raw.event()["data"] == {"code": 4200, "message": "Please reconnect immediately"}
    assert raw.closed() == 4200


def test_idle_connections_are_pinged_with_frames():
    """facts 1.12.3: after 60 s, and closed with 4201 when 15 s later nothing was heard."""
    with PusherMock().serve() as server, Raw(server.port) as client:
        client.upgrade()
        client.event()
        server.mock.wait_until_connected()
        server.mock.clock.advance(60_000)
        assert client.next_frame() == (PING, b"")
        client.send(client.frame(PONG, b""))
        server.mock.wait_until(lambda: "pong mock-connection-1" in server.mock.journal.dumps())
        server.mock.clock.advance(60_000)
        assert client.next_frame() == (PING, b"")
        server.mock.clock.advance(15_000)
        assert client.event()["data"]["code"] == 4201
        assert client.closed() == 4201


def test_a_client_that_does_not_read_is_ended_and_nobody_else_suffers(
    caplog: pytest.LogCaptureFixture,
):
    """It gets what was under way, an error and a close with 4100; the others get everything.

    facts 2.1.6: nor is the publisher kept waiting.
    """
    limits = ServerLimits(backlog=50_000, farewell=5)
    mock = PusherMock(clock=SystemClock())
    publisher = mock.server()
    data = "x" * 10_000
    with mock.serve(limits=limits) as server, Raw(server.port) as reader:
        with Raw(server.port, receive_buffer=4_096) as stalled:
            for client in (reader, stalled):
                client.upgrade()
                client.event()
                client.say("pusher:subscribe", {"channel": "news"})
                assert client.event()["event"] == "pusher_internal:subscription_succeeded"
            published = 0
            with caplog.at_level(logging.WARNING, "pusher_mock"):
                while mock.state.get_subscriber_count("news") == 2:
                    publisher.trigger("news", "n", data)
                    published += 1
                    assert reader.event()["data"] == data
                    assert published < 2_000, "the stalled reader is never ended"
            publisher.trigger("news", "last", "")
            assert reader.event()["event"] == "last"
            # When it reads again: no gap before the end, and then why.
            received = 0
            while (event := stalled.event())["event"] == "n":
                received += 1
            assert 0 < received <= published
            assert event["data"] == {"code": 4100, "message": "Messages are not read fast enough"}
            assert stalled.closed() == 4100
        assert "does not read: more than 50000 bytes wait for it" in caplog.text


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.binary(max_size=40) | st.just(Raw.frame(TEXT, PING_FRAME)), max_size=6))
def test_any_bytes_leave_the_server_in_service(server: ThreadedServer, pieces: list[bytes]):
    with Raw(server.port) as client:
        client.upgrade()
        for piece in pieces:
            try:
                client.send(piece)
            except OSError:
                break
    with Raw(server.port) as client:
        client.upgrade()
        client.event()
        ponged(client)
