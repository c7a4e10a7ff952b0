"""What rules append to a turn."""

from __future__ import annotations

import pytest

from pusher_mock.engine import Broadcast, CloseConnection, Engine, SendFrame
from pusher_mock.engine.state import Channel
from pusher_mock.engine.turn import Turn
from pusher_mock.protocol.frames import Frame, error_frame

from .harness import Pusher, app, error


def a_turn() -> Turn:
    return Turn(Engine((app(),)).state, 0.0, 0.0)


def test_a_refusal_is_an_event_and_then_a_close():
    # facts 1.10
    turn = a_turn()
    turn.refuse("c", "Path not found", 4005, "note")
    assert turn.effects == [
        SendFrame("c", error_frame("Path not found", 4005), "note"),
        CloseConnection("c", 4005, "Path not found"),
    ]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 123),
        ("x" + "é" * 62, "x" + "é" * 61),  # a character is not cut in two
        ("\ud800", "?"),
    ],
)
def test_a_reason_fits_into_a_close_frame(message: str, reason: str):
    # RFC 6455, 5.5
    turn = a_turn()
    turn.refuse("c", message, 4001)
    _, close = turn.effects
    assert close == CloseConnection("c", 4001, reason)


def test_the_event_tells_all_of_it():
    client = Pusher().open(f"/app/{'x' * 200}?protocol=7")
    [frame] = client.take()
    text = f"App key {'x' * 200} not in this cluster. Did you forget to specify the cluster?"
    assert frame == error(text, 4001)
    assert client.closed() == (4001, text[:123])


def test_a_broadcast_without_recipients_is_none():
    turn, channel, frame = a_turn(), Channel("c"), Frame("e", "d", "c")
    assert turn.broadcast(channel, frame) == 0
    channel.add("one")
    assert turn.broadcast(channel, frame, besides="one") == 0
    assert turn.effects == []
    assert turn.broadcast(channel, frame, besides="another") == 1
    assert turn.effects == [Broadcast(frame, ("one",))]
