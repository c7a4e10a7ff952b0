"""The board: what is joined into one write, and in which order everything arrives."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection, Ping
from pusher_mock.protocol.frames import Frame, error_frame
from pusher_mock.server.fast.board import LoopBoard
from pusher_mock.server.fast.frames import CLOSE, PING, TEXT, control_frame, parse

if TYPE_CHECKING:
    from collections.abc import Callable


class Loop:
    """Remembers what it is to call, as an event loop does until its next turn."""

    def __init__(self) -> None:
        self.soon: list[Callable[[], None]] = []
        self.from_elsewhere = 0
        self.ended = False

    def call_soon(self, job: Callable[[], None]) -> None:
        self.soon.append(job)

    def call_soon_threadsafe(self, job: Callable[[], None]) -> None:
        if self.ended:
            raise RuntimeError("Event loop is closed")
        self.from_elsewhere += 1
        self.soon.append(job)

    def turn(self) -> None:
        jobs, self.soon = self.soon, []
        for job in jobs:
            job()


class Line:
    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.waiting: list[bytes] | None = None
        self.stalled = False
        self.last_words = b""
        self.last: bytes | None = None

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def write_last(self, data: bytes) -> None:
        assert self.last is None
        self.last = data

    def got(self) -> list[str]:
        return frames(b"".join(self.writes))


def frames(data: bytes) -> list[str]:
    """The texts of our own frames: masked with nothing they can be parsed as a client's."""
    found, at = [], 0
    while at < len(data):
        size = data[at + 1]
        head = 2
        if size == 126:
            size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
        masked = bytes([data[at], data[at + 1] | 0x80]) + data[at + 2 : at + head] + bytes(4)
        frame = parse(masked + data[at + head : at + head + size], 0, 1 << 20)
        assert frame is not None
        assert frame.opcode in (TEXT, CLOSE, PING)
        found.append(frame.payload.decode("utf-8", "replace"))
        at += head + size
    return found


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def board(loop: Loop) -> Any:
    return LoopBoard(loop)  # type: ignore[arg-type]


def event(text: str) -> Frame:
    return Frame("e", text, "c")


def texts(*names: str) -> list[str]:
    return [event(name).text for name in names]


def test_a_turn_is_one_write_for_each(loop: Loop, board: Any):
    lines = tuple(Line() for _ in range(3))
    for name in "abc":
        board.fan_out(event(name), lines)
    assert len(loop.soon) == 1
    assert not any(line.writes for line in lines)
    loop.turn()
    for line in lines:
        assert line.got() == texts("a", "b", "c")
    # One joined buffer, the same object for all of them.
    assert len({id(line.writes[0]) for line in lines}) == 1
    assert all(len(line.writes) == 1 for line in lines)


def test_different_audiences_are_joined_per_connection(loop: Loop, board: Any):
    one, two = Line(), Line()
    board.fan_out(event("a"), (one, two))
    board.fan_out(event("b"), (two,))
    board.put(one, event("c"))
    board.fan_out(event("d"), (one, two))
    loop.turn()
    assert one.got() == texts("a", "c", "d")
    assert two.got() == texts("a", "b", "d")
    assert len(one.writes) == len(two.writes) == 1
    assert one.waiting is two.waiting is None


def test_one_thing_for_one(loop: Loop, board: Any):
    line = Line()
    board.put(line, event("a"))
    board.put(line, event("b"))
    loop.turn()
    board.put(line, Ping("x"))
    loop.turn()
    assert line.got() == [*texts("a", "b"), ""]
    assert line.writes[-1] == control_frame(PING)


def test_a_close_comes_last(loop: Loop, board: Any):
    line, other = Line(), Line()
    board.fan_out(event("a"), (line, other))
    board.put(line, error_frame("bye", 4001))
    board.put(line, CloseConnection("x", 4001, "bye"))
    board.fan_out(event("b"), (other,))
    loop.turn()
    assert line.got() == [*texts("a"), error_frame("bye", 4001).text]
    assert line.last is not None
    assert line.last[2:4] == (4001).to_bytes(2, "big")
    assert other.got() == texts("a", "b")


def test_a_mock_that_lets_go_is_a_service_that_restarts(loop: Loop, board: Any):
    line = Line()
    board.put(line, RETIRED)
    loop.turn()
    assert line.writes == []
    assert line.last is not None
    assert frames(line.last)[0] == error_frame("Please reconnect immediately", 4200).text


def test_who_does_not_read_is_told_with_the_close(loop: Loop, board: Any):
    line = Line()
    line.stalled = True
    board.put(line, error_frame("slow", 4100))
    loop.turn()
    assert line.writes == []
    assert frames(line.last_words) == [error_frame("slow", 4100).text]


def test_from_another_thread(loop: Loop, board: Any):
    line = Line()
    thread = Thread(target=lambda: board.put(line, event("a")))
    thread.start()
    thread.join()
    assert loop.from_elsewhere == 1
    loop.turn()
    assert line.got() == texts("a")


def test_a_loop_that_has_ended_forgets(loop: Loop, board: Any):
    loop.ended = True
    thread = Thread(target=lambda: board.put(Line(), event("a")))
    thread.start()
    thread.join()
    assert not loop.soon
    board.flush()  # nothing is left


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.booleans()) | st.none(),
        max_size=30,
    )
)
def test_everybody_gets_everything_in_order(steps: list[tuple[int, bool] | None]):
    """Whatever is joined: per connection it is what was given, in that order."""
    loop = Loop()
    board: Any = LoopBoard(loop)  # type: ignore[arg-type]
    lines = [Line() for _ in range(4)]
    audiences = [
        tuple(lines),
        tuple(lines[:2]),
        tuple(lines[2:]),
        tuple(reversed(lines)),
        (lines[1],),
    ]
    expected: dict[int, list[str]] = {number: [] for number in range(4)}
    for number, step in enumerate(steps):
        if step is None:
            loop.turn()
            continue
        audience, single = audiences[step[0]], step[1]
        frame = event(str(number))
        if single:
            board.put(audience[0], frame)
            audience = audience[:1]
        else:
            board.fan_out(frame, audience)
        for line in audience:
            expected[lines.index(line)].append(frame.text)
    loop.turn()
    assert {number: line.got() for number, line in enumerate(lines)} == expected
