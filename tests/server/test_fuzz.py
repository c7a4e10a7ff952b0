"""Whatever a client says, on both paths: nothing raises, nothing hangs, others are served."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.raw import Raw

from pusher_mock import App, PusherMock, SystemClock
from pusher_mock.server import ServerLimits, ThreadedServer
from pusher_mock.server.fast.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket

FRAME_LIMIT = 1_000  # bytes

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
CHANNELS = st.sampled_from(
    ["c", "private-c", "presence-c", "private-encrypted-c", "cache-c", "#server-to-user-1", "a b"]
) | st.text(max_size=10)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "channel": CHANNELS | ANYTHING,
        "auth": st.sampled_from(["mock-pusher-key:0", ":", "x"]) | ANYTHING,
        "channel_data": st.sampled_from(['{"user_id":"1"}', "{", "[]"]) | ANYTHING,
        "user_data": st.sampled_from(['{"id":"1"}', "{", "[]"]) | ANYTHING,
    },
)
EVENTS = st.sampled_from(
    [
        "pusher:subscribe",
        "pusher:unsubscribe",
        "pusher:signin",
        "pusher:ping",
        "pusher:pong",
        "client-x",
        "pusher_internal:subscription_succeeded",
    ]
) | st.text(max_size=10)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={"event": EVENTS | ANYTHING, "data": DATA | ANYTHING, "channel": CHANNELS | ANYTHING},
)
TEXTS = MESSAGES.map(lambda one: json.dumps(one).encode()) | ANYTHING.map(
    lambda one: json.dumps(one).encode()
)
# What is longer than a frame may be ends the connection, which is not what is asked here.
WITHIN_LIMITS = TEXTS.filter(lambda text: len(text) <= FRAME_LIMIT)
FRAMES = st.builds(
    Raw.frame,
    st.sampled_from([TEXT, TEXT, TEXT, BINARY, CONTINUATION, PING, PONG, CLOSE]),
    TEXTS | st.binary(max_size=150),
    fin=st.sampled_from([True, True, True, False]),
)
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module", params=["fast", "asgi"])
def server(request: pytest.FixtureRequest) -> Iterator[ThreadedServer]:
    app = App(
        "1",
        "mock-pusher-key",
        "mock-pusher-secret",
        client_events=True,
        subscription_count=True,
        watchlist=True,
    )
    mock = PusherMock(clock=SystemClock(), apps=[app], journal=50)
    limits = ServerLimits(frame=FRAME_LIMIT, farewell=0.2)
    with ThreadedServer(mock, limits=limits, fast=request.param == "fast") as running:
        yield running
    mock.close()


def serves(server: ThreadedServer) -> None:
    """Another client is served as if nothing had been."""
    with Raw(server.port) as client:
        client.upgrade()
        assert client.event()["event"] == "pusher:connection_established"
        client.say("pusher:ping", {})
        assert client.event()["event"] == "pusher:pong"


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as an error; that text is no UTF-8 uvicorn itself says with a traceback."""
    return [
        one.getMessage()
        for one in caplog.records
        if one.levelno >= logging.ERROR and not one.getMessage().startswith("Invalid UTF-8")
    ]


@FUZZ
@given(st.lists(WITHIN_LIMITS, max_size=8))
def test_messages(server: ThreadedServer, caplog: pytest.LogCaptureFixture, texts: list[bytes]):
    with Raw(server.port) as client:
        client.upgrade()
        for text in texts:
            client.send(client.frame(TEXT, text))
        client.say("pusher:ping", {"the": "end"})
        # Each is answered in its turn, by something; the last one by this.
        names: list[Any] = []
        while names[-1:] != ["pusher:pong"] or names.count("pusher:pong") < 1 + pings(texts):
            names.append(client.event()["event"])
    serves(server)
    assert errors(caplog) == []


def pings(texts: list[bytes]) -> int:
    """How many of the messages ask for a pong."""
    found = [json.loads(text) for text in texts]
    return sum(isinstance(one, dict) and one.get("event") == "pusher:ping" for one in found)


@FUZZ
@given(st.lists(FRAMES, max_size=6))
def test_frames(server: ThreadedServer, caplog: pytest.LogCaptureFixture, frames: list[bytes]):
    with Raw(server.port) as client:
        client.upgrade()
        for frame in frames:
            try:
                client.send(frame)
            except OSError:  # it has been closed
                break
    serves(server)
    assert errors(caplog) == []


@FUZZ
@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([Raw.handshake(), b"\r\n\r\n"]), max_size=4)
)
def test_bytes(server: ThreadedServer, caplog: pytest.LogCaptureFixture, pieces: list[bytes]):
    with Raw(server.port) as client:
        for piece in pieces:
            try:
                client.send(piece)
            except OSError:
                break
    serves(server)
    assert errors(caplog) == []
