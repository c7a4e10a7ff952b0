"""The other end of a connection in memory: bytes in, in whatever pieces, and bytes out."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    Request,
    TextMessage,
)

from pusher_mock import App, PusherMock, UsageError
from pusher_mock.intercept import visits
from pusher_mock.intercept.http_peer import origin_form
from pusher_mock.intercept.peer import Peer
from pusher_mock.intercept.visits import Claim
from pusher_mock.protocol.frames import Frame

from .calls import EVENT, KEY, body_of, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "ws-eu.pusher.com"
TARGET = f"/app/{KEY}?protocol=7&client=js&version=8.4.0"
SUBSCRIBE = json.dumps({"event": "pusher:subscribe", "data": {"channel": "c"}})


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """No interception has these connections, so any that is left can go."""
    yield
    visits.release()


class Ear:
    """A client's end that keeps what it is sent."""

    def __init__(self) -> None:
        self.heard = b""
        self.ended = False

    def put(self, data: bytes) -> None:
        self.heard += data

    def end(self) -> None:
        self.ended = True

    def at_rest(self, caller: int) -> bool:
        return True


class Browser:
    """A WebSocket client that has no socket: wsproto's state machine before a peer."""

    def __init__(self, mock: PusherMock, target: str = TARGET, **hooks: Any) -> None:
        self.ear = Ear()
        self.peer = Peer(Claim(mock.core, "websocket", HOST, 443, True), self.ear, **hooks)
        self.machine = WSConnection(ConnectionType.CLIENT)
        self.opening = self.machine.send(Request(host=HOST, target=target))

    def open(self) -> Browser:
        self.peer.receive(self.opening)
        return self

    def say(self, event: Event | str) -> None:
        self.peer.receive(self.bytes_of(event))

    def bytes_of(self, event: Event | str) -> bytes:
        return self.machine.send(TextMessage(event) if isinstance(event, str) else event)

    def hear(self) -> list[Event]:
        data, self.ear.heard = self.ear.heard, b""
        self.machine.receive_data(data)
        return list(self.machine.events())

    def frames(self) -> list[str]:
        return [json.loads(one.data)["event"] for one in self.hear() if hasattr(one, "data")]


def call(core: Any, request: bytes) -> tuple[h11.Response, bytes, Ear]:
    """Make a call of the HTTP API; return what was answered, and who was."""
    ear = Ear()
    Peer(Claim(core, "aiohttp", "api-eu.pusher.com", 443, True), ear).receive(request)
    return *read(ear.heard), ear


def read(data: bytes, method: bytes = b"GET") -> tuple[h11.Response, bytes]:
    machine = h11.Connection(h11.CLIENT)
    machine.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    machine.send(h11.EndOfMessage())
    machine.receive_data(data)
    response, body = None, b""
    while not isinstance(event := machine.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data
    assert response is not None
    return response, body


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


# WebSockets ---------------------------------------------------------------------------------------


def test_a_connection(mock: PusherMock):
    browser = Browser(mock).open()
    accepted, established = browser.hear()
    assert isinstance(accepted, AcceptConnection)
    assert isinstance(established, TextMessage)
    assert json.loads(established.data)["event"] == "pusher:connection_established"
    browser.say(SUBSCRIBE)
    assert browser.frames() == ["pusher_internal:subscription_succeeded"]
    mock.server().trigger("c", "e", "x" * 9_000)
    (event,) = browser.hear()
    assert isinstance(event, TextMessage)
    assert json.loads(event.data)["data"] == "x" * 9_000
    browser.say(Ping(b"a"))
    assert [one.payload for one in browser.hear() if isinstance(one, Pong)] == [b"a"]
    browser.say(CloseConnection(1000))
    (close,) = browser.hear()
    assert isinstance(close, CloseConnection)
    assert close.code == 1000
    assert browser.ear.ended
    assert not mock.core.connections
    browser.peer.receive(b"after the end")
    browser.peer.lost()
    assert repr(browser.peer) == f"<Peer of {HOST}:443 over>"


def test_messages_in_several_frames_and_one_that_is_not_text(mock: PusherMock):
    browser = Browser(mock).open()
    browser.hear()
    browser.peer.receive(
        browser.bytes_of(TextMessage(SUBSCRIBE[:9], message_finished=False))
        + browser.bytes_of(Ping(b""))
        + browser.bytes_of(TextMessage(SUBSCRIBE[9:]))
    )
    pong, succeeded = browser.hear()
    assert isinstance(pong, Pong)
    assert isinstance(succeeded, TextMessage)
    browser.say(BytesMessage(b"\0"))
    assert [one.code for one in browser.hear() if isinstance(one, CloseConnection)] == [1003]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (b"\x81\x81\0\0\0\0\xff", 1007),  # not UTF-8
        (b"\x80\x81\0\0\0\0x", 1002),  # goes on with what has not begun
        (b"\x81\xff" + (200_000).to_bytes(8, "big"), 1009),
        (
            b"\x01\xfe\xea\x60\0\0\0\0"
            + b"x" * 60_000
            + b"\x80\xfe\xea\x60\0\0\0\0"
            + b"x" * 60_000,
            1009,
        ),
    ],
)
def test_what_breaks_the_protocol(frame: bytes, code: int, mock: PusherMock):
    browser = Browser(mock).open()
    browser.hear()
    browser.peer.receive(frame)
    assert [one.code for one in browser.hear() if isinstance(one, CloseConnection)] == [code]
    assert browser.ear.ended
    assert not mock.core.connections


def test_the_mock_closes():
    app = App("1", "k", "s", max_connections=0)
    full = PusherMock(apps=[app], strict=True)
    browser = Browser(full, "/app/k?protocol=7").open()
    _, error, close = browser.hear()
    assert isinstance(error, TextMessage)
    assert isinstance(close, CloseConnection)
    assert close.code == 4004
    assert "closing" in repr(browser.peer)
    browser.peer.receive(masked(SUBSCRIBE))
    assert not browser.ear.ended  # it waits for the client's close
    browser.peer.receive(b"\x88\x80\0\0\0\0")
    assert browser.ear.ended


@pytest.mark.parametrize("how", ["reset", "close"])
def test_the_mock_lets_go(how: str, mock: PusherMock):
    told: list[str] = []
    browser = Browser(
        mock, retired=lambda: told.append("retired"), left=lambda: told.append("left")
    )
    browser.open()
    browser.hear()
    getattr(mock, how)()
    assert [one.code for one in browser.hear() if isinstance(one, CloseConnection)] == [1001]
    assert told == ["retired"]
    browser.peer.take(Frame("late", "{}"))
    assert browser.hear() == []
    browser.peer.lost()
    assert told == ["retired", "left"]


def test_a_closed_mock_says_so(mock: PusherMock):
    mock.close()
    browser = Browser(mock)
    with pytest.raises(UsageError, match="closed"):
        browser.open()
    assert browser.peer not in visits._visitors


def test_pings_and_pongs_on_the_clock(mock: PusherMock):
    browser = Browser(mock).open()
    browser.hear()
    mock.clock.advance(60_000)
    (ping,) = browser.hear()
    assert isinstance(ping, Ping)
    browser.say(Pong(ping.payload))
    mock.clock.advance(15_000)
    assert mock.core.connections
    mock.clock.advance(60_000)
    mock.clock.advance(15_000)
    assert [one.code for one in browser.hear() if isinstance(one, CloseConnection)] == [4201]


def test_a_handshake_that_is_none(mock: PusherMock):
    browser = Browser(mock)
    browser.peer.receive(browser.opening.replace(b"Version: 13", b"Version: 8"))
    assert browser.ear.heard.startswith(b"HTTP/1.1 426")
    assert browser.ear.ended


def test_what_is_sent_while_a_double_handles_it(mock: PusherMock):
    """A callback of a double may write to the same connection, in the middle of a message."""
    browser = Browser(mock).open()
    browser.hear()
    again = SUBSCRIBE.replace('"c"', '"d"')
    channel = mock.client(connect=True).subscribe("private-c")
    channel.bind("client-e", lambda data: browser.say(again))
    token = mock.server().authenticate("private-c", browser_id(browser))["auth"]
    data = {"channel": "private-c", "auth": token}
    browser.say(json.dumps({"event": "pusher:subscribe", "data": data}))
    browser.say(json.dumps({"event": "client-e", "channel": "private-c", "data": "x"}))
    assert mock.core.engine.state.apps["mock-app-id"].channels["d"].connections


def browser_id(browser: Browser) -> str:
    box = browser.peer._box
    assert box is not None
    return box.socket_id


@settings(deadline=None)
@given(st.lists(st.integers(1, 60), max_size=40), st.booleans())
def test_in_arbitrary_pieces(sizes: list[int], together: bool):
    mock = PusherMock()
    browser = Browser(mock)
    # wsproto writes no frames before it was accepted.
    frames = masked(SUBSCRIBE) + masked(SUBSCRIBE.replace('"c"', '"d"') + " " * 300)
    stream = browser.opening + frames + b"\x88\x80\0\0\0\0"
    if together:
        sizes = []
    for size in sizes:
        piece, stream = stream[:size], stream[size:]
        browser.peer.receive(piece)
    browser.peer.receive(stream)
    events = browser.hear()
    texts = [json.loads(one.data)["event"] for one in events if isinstance(one, TextMessage)]
    assert texts == [
        "pusher:connection_established",
        "pusher_internal:subscription_succeeded",
        "pusher_internal:subscription_succeeded",
    ]
    assert isinstance(events[-1], CloseConnection)
    assert browser.ear.ended


def masked(text: str) -> bytes:
    payload = text.encode()
    if len(payload) < 126:
        return bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload
    return b"\x81\xfe" + len(payload).to_bytes(2, "big") + bytes(4) + payload


def test_several_threads_send(mock: PusherMock):
    browser = Browser(mock).open()
    browser.hear()
    messages = [browser.bytes_of(SUBSCRIBE.replace('"c"', f'"c{n}"')) for n in range(40)]
    threads = [threading.Thread(target=browser.peer.receive, args=(one,)) for one in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert browser.frames() == ["pusher_internal:subscription_succeeded"] * 40


# The HTTP API -------------------------------------------------------------------------------------


def test_a_call(mock: PusherMock):
    body = body_of(EVENT)
    path = signed("POST", "/apps/1/events", body)
    response, content, ear = call(mock.core, post(path, body))
    assert (response.status_code, content) == (200, b"{}")
    assert dict(response.headers)[b"connection"] == b"close"
    assert ear.ended
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


@settings(deadline=None)
@given(st.lists(st.integers(1, 90), max_size=12))
def test_a_call_in_arbitrary_pieces(sizes: list[int]):
    mock, ear, body = PusherMock(), Ear(), body_of(EVENT)
    peer = Peer(Claim(mock.core, "aiohttp", "api-eu.pusher.com", 443, True), ear)
    request = post(signed("POST", "/apps/1/events", body), body)
    for size in sizes:
        piece, request = request[:size], request[size:]
        peer.receive(piece)
    peer.receive(request)
    assert read(ear.heard)[1] == b"{}"
    mock.assert_triggered("c", "e", times=1)


def test_a_client_that_waits_before_it_sends_the_body(mock: PusherMock):
    ear, body = Ear(), body_of(EVENT)
    peer = Peer(Claim(mock.core, "aiohttp", "api-eu.pusher.com", 443, True), ear)
    head, _, _ = post(signed("POST", "/apps/1/events", body), body).partition(b"\r\n\r\n")
    peer.receive(head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert ear.heard.startswith(b"HTTP/1.1 100")
    peer.receive(body)
    assert read(ear.heard)[1] == b"{}"


def test_what_is_no_request(mock: PusherMock):
    response, content, ear = call(mock.core, b"NONSENSE\r\n\r\n")
    assert response.status_code == 400
    assert content
    assert ear.ended


def test_a_request_without_a_body_to_its_answer(mock: PusherMock):
    ear = Ear()
    peer = Peer(Claim(mock.core, "aiohttp", "api-eu.pusher.com", 443, True), ear)
    peer.receive(b"HEAD /apps/1/channels HTTP/1.1\r\nHost: h\r\n\r\n")
    response, content = read(ear.heard, b"HEAD")
    assert (response.status_code, content) == (405, b"")
    assert dict(response.headers)[b"allow"] == b"GET"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a?b", "/a?b"),
        ("http://api-eu.pusher.com/a?b", "/a?b"),
        ("http://api-eu.pusher.com", "/"),
    ],
)
def test_targets_as_proxies_are_given_them(target: str, expected: str):
    assert origin_form(target) == expected


def test_no_answer_comes():
    """Whoever has no errors of a library's for it sees the end of the connection."""
    mock = PusherMock()
    ear = Ear()
    peer = Peer(Claim(mock.core, "websocket", HOST, 443, True), ear)
    with mock.network.fail_publishes("refused"):
        peer.receive(post(signed("POST", "/apps/1/events", body_of(EVENT)), body_of(EVENT)))
    assert (ear.heard, ear.ended) == (b"", True)
