"""Assertions on the order in which events reached a connection."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pusher_mock import ExpectationFailed, PusherMock, UsageError
from pusher_mock.testing import Recorder, subset


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
def recorder(mock: PusherMock) -> Recorder:
    recorder = mock.recording_subscriber("task-7", "project-1")
    server = mock.server()
    server.trigger("task-7", "moved", {"to": 1})
    server.trigger("project-1", "renamed", {"name": "a"})
    mock.clock.advance(5)
    server.trigger("task-7", "moved", {"to": 2})
    return recorder


def lines(call: Any) -> list[str]:
    with pytest.raises(ExpectationFailed) as caught:
        call()
    found = str(caught.value).splitlines()
    start = next(n for n, line in enumerate(found) if line.startswith("what happened last"))
    return found[:start]


@pytest.mark.parametrize(
    "wanted",
    [
        ("moved",),
        ("moved", "moved"),
        ("moved", "renamed", "moved"),
        (("task-7", "moved"), ("project-1", "renamed")),
        (("task-7", "moved", {"to": 1}), ("task-7", "moved", subset({"to": 2}))),
        ((..., "renamed"), ("task-7", ...)),
        (..., ..., ...),
        (re.compile("named$"), lambda delivery: delivery.at == 5),
        ((re.compile("^task"), None, re.compile('"to": 2')),),
    ],
)
def test_one_after_the_other(wanted: tuple[Any, ...], mock: PusherMock, recorder: Recorder):
    assert len(mock.expect_sequence(*wanted)) == len(wanted)
    assert len(mock.expect_sequence(*wanted, to=recorder)) == len(wanted)


def test_the_deliveries_are_returned(mock: PusherMock, recorder: Recorder):
    one, two = mock.expect_sequence(("task-7", "moved"), ("task-7", "moved"), to=recorder)
    assert (one.data, two.data, two.at) == ({"to": 1}, {"to": 2}, 5)


def test_exactly(mock: PusherMock, recorder: Recorder):
    mock.expect_sequence("moved", "renamed", "moved", exactly=True)
    assert lines(lambda: mock.expect_sequence("moved", "renamed", to=recorder, exactly=True)) == [
        "expected moved → renamed and nothing else on mock-connection-1, "
        "but there was also moved on task-7 at 5 ms:",
        '  1  at 0 ms: moved on task-7 to mock-connection-1 with {"to": 1}',
        '  2  at 0 ms: renamed on project-1 to mock-connection-1 with {"name": "a"}',
        '  -  at 5 ms: moved on task-7 to mock-connection-1 with {"to": 2}',
    ]


def test_how_far_it_went(mock: PusherMock, recorder: Recorder):
    second = ("task-7", "moved", {"to": 2})
    assert lines(lambda: mock.expect_sequence(second, "renamed")) == [
        'expected moved on task-7 with data {"to": 2} → renamed on mock-connection-1, but renamed '
        "did not come after moved on task-7 at 5 ms; it came at 0 ms: renamed on project-1 to "
        "mock-connection-1, too early:",
        '  -  at 0 ms: moved on task-7 to mock-connection-1 with {"to": 1}',
        '  -  at 0 ms: renamed on project-1 to mock-connection-1 with {"name": "a"}',
        '  1  at 5 ms: moved on task-7 to mock-connection-1 with {"to": 2}',
    ]
    assert "but closed did not come:" in lines(lambda: mock.expect_sequence("closed", "moved"))[0]


def test_several_connections(mock: PusherMock, recorder: Recorder):
    late = mock.recording_subscriber("task-7")
    mock.recording_subscriber("other")
    mock.server().trigger("other", "e", 1)
    mock.expect_sequence("moved", "renamed", "moved")  # who was given none of it does not matter
    mock.server().trigger("task-7", "moved", {"to": 3})
    found = lines(lambda: mock.expect_sequence("moved", "renamed"))
    assert found[0].startswith("expected moved → renamed on mock-connection-2, but renamed did")
    assert found[-1] == "  give to= if this is about another connection"
    mock.expect_sequence("moved", "renamed", to=recorder)
    mock.expect_sequence("moved", to=late, exactly=True)


def test_none_of_it(mock: PusherMock, recorder: Recorder):
    assert lines(lambda: mock.expect_sequence("closed")) == [
        "expected closed, but none of it was delivered."
    ]
    late = mock.recording_subscriber("task-7")
    assert lines(lambda: mock.expect_sequence("moved", to=late)) == [
        "expected moved, but none of it was delivered to mock-connection-2."
    ]
    with mock.network.conditions(latency=10):
        mock.server().trigger("task-7", "moved", {"to": 3}, recorder.socket_id)
    assert lines(lambda: mock.expect_sequence("moved", to=late))[1:] == [
        "under way, and the clock has to move: mock.drain(), or mock.clock.advance(ms):",
        '  moved on task-7 with {"to": 3} to mock-connection-2 is under way, due at 15 ms',
    ]


def test_a_long_list_is_cut(mock: PusherMock):
    mock.recording_subscriber("c")
    for number in range(25):
        mock.server().trigger("c", "e", number)
    found = lines(lambda: mock.expect_sequence("e", "f"))
    assert found[1] == "  … 5 earlier ones"
    assert len(found) == 22


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ((), "expect_sequence() takes what is to come, one after the other"),
        ((("task-7",),), "a step of expect_sequence() is an event's name, (channel, event) or"),
        ((("a", "b", "c", "d"),), "not ('a', 'b', 'c', 'd')"),
    ],
)
def test_what_it_cannot_read(wanted: tuple[Any, ...], text: str, mock: PusherMock):
    with pytest.raises(UsageError, match=re.escape(text)):
        mock.expect_sequence(*wanted)
