"""A core as a server uses it: lines get everything at once, doubles by another thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock, PusherMock, UsageError
from pusher_mock.core import RETIRED, Wire
from pusher_mock.engine import CloseConnection, HttpRequested
from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TARGET = "/app/mock-pusher-key?protocol=7&client=x&version=1.0"


class Board:
    """Counts fan-outs, and remembers that they went to the same lines."""

    def __init__(self) -> None:
        self.lines: list[Sequence[Line]] = []

    def fan_out(self, frame: Frame, lines: Sequence[Line]) -> None:
        self.lines.append(lines)
        for line in lines:
            line.take(frame)


class Line:
    def __init__(self, board: Board) -> None:
        self.board = board
        self.items: list[Any] = []

    def take(self, item: Any) -> None:
        self.items.append(item)

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.items if isinstance(one, Frame)]


class Bench:
    def __init__(self) -> None:
        self.mock = PusherMock()
        self.later: list[Callable[[], object]] = []
        self.wire = Wire(self.mock.core, self.later.append)
        self.board = Board()

    def line(self, *channels: str, board: Board | None = None) -> tuple[Any, Line]:
        line = Line(board or self.board)
        box = self.wire.accept(TARGET, line)
        for channel in channels:
            self.wire.hear(box, f'{{"event":"pusher:subscribe","data":{{"channel":"{channel}"}}}}')
        line.items.clear()
        return box, line

    def elsewhere(self) -> None:
        """What the other thread does."""
        while self.later:
            self.later.pop(0)()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_fan_out_is_one_call_with_the_same_lines(bench: Bench):
    lines = [bench.line("c")[1] for _ in range(3)]
    publisher = bench.mock.server()
    publisher.trigger("c", "one", {})
    publisher.trigger("c", "two", {})
    assert [line.events for line in lines] == [["one", "two"]] * 3
    first, second = bench.board.lines
    assert first is second
    assert list(first) == lines


def test_two_servers_of_one_mock(bench: Bench):
    here, there = bench.line("c")[1], bench.line("c", board=Board())[1]
    bench.mock.server().trigger("c", "e", {})
    assert here.events == there.events == ["e"]


def test_lines_and_doubles_on_one_channel(bench: Bench):
    got: list[Any] = []
    line = bench.line("c")[1]
    bench.mock.client(connect=True).subscribe("c").bind("e", got.append)
    other = bench.line("c")[1]
    bench.mock.server().trigger("c", "e", 1)
    assert got == ["1"]
    assert line.events == other.events == ["e"]
    assert [list(lines) for lines in bench.board.lines] == [[line, other]]


def test_doubles_hear_what_comes_over_the_wire_on_another_thread(bench: Bench):
    got: list[Any] = []
    double = bench.mock.client(connect=True)
    double.subscribe("private-c").bind("client-hello", got.append)
    box, line = bench.line()
    text = bench.mock.server().authenticate("private-c", box.socket_id)["auth"]
    bench.wire.hear(
        box,
        f'{{"event":"pusher:subscribe","data":{{"channel":"private-c","auth":"{text}"}}}}',
    )
    bench.wire.hear(box, '{"event":"client-hello","channel":"private-c","data":{"n":1}}')
    assert got == []
    bench.elsewhere()
    assert got == ['{"n":1}']
    # And the other way round, at once.
    double.channels["private-c"].trigger("client-answer", {"n": 2})
    assert line.events[-1] == "client-answer"


def test_what_waits_for_the_other_thread_is_not_overtaken(bench: Bench):
    """A fan-out of this thread finds the queue, though no thread delivers yet."""
    got: list[Any] = []
    for _ in range(2):
        bench.mock.client(connect=True).subscribe("c").bind("n", got.append)
    publish = HttpRequestOf(bench.mock)
    bench.wire.request(publish("1"))
    bench.mock.server().trigger("c", "n", "2")
    assert sorted(got) == ["1", "1", "2", "2"]
    assert got.index("1") < got.index("2")
    bench.elsewhere()
    assert len(got) == 4
    # Once it is done, a fan-out goes round without queues again.
    assert not bench.mock.core._courier._threads


def test_inside_a_callback_it_is_delivered_by_who_calls_back(bench: Bench):
    got: list[Any] = []
    publish = HttpRequestOf(bench.mock)
    double = bench.mock.client(connect=True)

    def again(data: str) -> None:
        got.append(data)
        if data == "1":
            bench.wire.request(publish("2"))
            assert not bench.later

    double.subscribe("c").bind("n", again)
    bench.mock.server().trigger("c", "n", "1")
    assert got == ["1", "2"]


class HttpRequestOf:
    """Signed requests to publish, as the SDK makes them."""

    def __init__(self, mock: PusherMock) -> None:
        self._client = mock.server()

    def __call__(self, data: str) -> HttpRequested:
        request = self._client._pusher_client.trigger.make_request(["c"], "n", data)
        return HttpRequested(
            "POST", request.path, tuple(request.query_params.items()), request.body
        )


def test_refusals_are_explained_elsewhere(bench: Bench, caplog: pytest.LogCaptureFixture):
    box, line = bench.line()
    bench.wire.hear(
        box,
        '{"event":"pusher:subscribe","data":{"channel":"private-c","auth":"mock-pusher-key:0"}}',
    )
    assert line.events == ["pusher:error"]
    assert caplog.text == ""
    bench.elsewhere()
    assert "mock-connection-1" in caplog.text


def test_a_refused_request_is_explained(bench: Bench, caplog: pytest.LogCaptureFixture):
    query = (("auth_key", "nobody"),)
    answer = bench.wire.request(HttpRequested("GET", "/apps/1/channels", query))
    assert (answer.status, answer.body) == (400, "Unknown auth_key\n")
    assert "keys known here: mock-pusher-key" in caplog.text


def test_everything_is_logged_for_who_debugs(bench: Bench, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG, "pusher_mock"):
        bench.line()
        bench.elsewhere()
    assert "ConnectionOpened" in caplog.text


def test_the_end_from_this_side(bench: Bench):
    box, line = bench.line("c")
    bench.wire.end(box, 4200, "Please reconnect immediately")
    assert line.events == ["pusher:error"]
    assert line.items[-1] == CloseConnection(box.connection, 4200, "Please reconnect immediately")
    bench.wire.end(box, 4200, "again")
    bench.wire.hear(box, '{"event":"pusher:ping"}')
    bench.wire.pong(box)
    bench.wire.lost(box)
    assert len(line.items) == 2
    journal = bench.mock.journal.dumps()
    assert "close-requested mock-connection-1 4200 Please reconnect immediately" in journal


def test_a_transport_that_is_gone(bench: Bench):
    box, line = bench.line("c")
    bench.wire.pong(box)
    bench.wire.lost(box)
    bench.wire.lost(box)
    assert not bench.mock.core.connections
    bench.mock.server().trigger("c", "e", {})
    assert line.items == []
    assert bench.mock.journal.dumps().count("closed mock-connection-1") == 1


def test_reset_and_close_let_go_of_lines(bench: Bench):
    _, line = bench.line("c")
    bench.mock.reset()
    assert line.items == [RETIRED]
    _, other = bench.line("c")
    bench.mock.close()
    assert other.items == [RETIRED]
    with pytest.raises(UsageError, match="closed"):
        bench.wire.accept(TARGET, Line(bench.board))
    with pytest.raises(UsageError, match="closed"):
        bench.wire.request(HttpRequested("GET", "/", ()))


def test_timers_that_are_due_are_left_to_the_other_thread(bench: Bench):
    clock = bench.mock.clock
    assert isinstance(clock, ManualClock)
    ran: list[int] = []
    clock.call_at(0, lambda: ran.append(1))
    box, _ = bench.line()
    bench.wire.hear(box, '{"event":"pusher:ping"}')
    assert not ran
    bench.elsewhere()
    assert ran == [1]


def test_who_listens_is_told_of_every_input(bench: Bench):
    heard: list[tuple[float, str, int]] = []
    end = bench.mock.core.listen(
        lambda at, happened, effects: heard.append((at, type(happened).__name__, len(effects)))
    )
    bench.line("c")
    end()
    end()
    bench.line("c")
    assert heard == [(0.0, "ConnectionOpened", 1), (0.0, "FrameReceived", 1)]


def test_an_outbox_of_a_line_weighs_little(bench: Bench):
    box, _ = bench.line()
    other, _ = bench.line()
    assert box.queue is other.queue
    assert repr(box) == "<Outbox mock-connection-1 waiting=0>"
