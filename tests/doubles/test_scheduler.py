"""pysher's timers, facts 5.2.24 and 5.2.25, on pysher itself and on the doubles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock
from pusher_mock.doubles.scheduler import ClockScheduler
from pusher_mock.engine import FrameReceived
from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from .sides import Side


def pings(side: Side) -> list[int]:
    """When pings came, in seconds of the mock's clock."""
    return [
        round(one.at / 1000)
        for one in side.mock.journal
        if isinstance(one.input, FrameReceived) and "pusher:ping" in str(one.input.text)
    ]


def test_a_ping_every_120_idle_seconds(side: Side):
    client = side.connected()
    side.advance(500)
    assert pings(side) == [0, 120, 240, 360, 480]
    assert client.connection.state == "connected"
    assert [box.connection for box in side.core.connections] == ["mock-connection-1"]


def test_any_frame_starts_the_wait_again(side: Side):
    client = side.connected()
    client.subscribe("a")
    side.advance(100)
    side.server.trigger("a", "unbound", "1")
    side.settle()
    side.advance(100)
    assert pings(side) == [0]
    side.advance(20)
    assert pings(side) == [0, 220]
    side.say(client, "x", "", "unknown")
    side.advance(119)
    assert pings(side) == [0, 220]
    side.advance(1)
    assert pings(side) == [0, 220, 340]


def test_silence(side: Side):
    client = side.connected()
    side.silence(client)
    side.advance(120)
    assert pings(side) == [0, 120]
    side.advance(30)
    # The first pong of all is still there, so this check passes.
    assert client.connection.state == "connected"
    assert client.connection.pong_received is False
    side.advance(154)
    assert client.connection.state == "connected"
    assert pings(side) == [0, 120]  # none without an answer
    side.advance(1)  # 305
    assert client.connection.state == "unavailable"
    side.advance(10)
    assert client.connection.state == "connected"
    assert pings(side) == [0, 120, 315]


def test_the_second_check_finds_silence(side: Side):
    client = side.connected()
    client.connection.pong_received = False  # as after a check that has passed
    side.silence(client)
    side.advance(149)
    assert client.connection.state == "connected"
    side.advance(1)
    assert client.connection.state == "unavailable"
    side.advance(10)
    assert client.connection.state == "connected"


def test_a_frame_cancels_the_pong_check(side: Side):
    client = side.connected()
    client.connection.pong_received = False
    hear_again = side.silence(client)
    side.advance(130)
    hear_again()
    side.say(client, "x", "")  # no pong, but a sign of life
    side.advance(30)
    assert client.connection.state == "connected"
    side.advance(90)
    assert pings(side) == [0, 120, 250]


def test_a_ping_of_the_service(side: Side):
    client = side.connected()  # 5.2.25
    side.advance(100)
    side.say(client, "pusher:ping", "")
    assert side.texts("mock-connection-1")[-1] == '{"event": "pusher:pong", "data": ""}'
    side.advance(119)
    assert pings(side) == [0]
    side.advance(1)
    assert pings(side) == [0, 220]


def test_the_services_ping_of_the_transport_is_answered(side: Side):
    client = side.connected()  # 1.12.2
    side.advance(75)
    inputs = [type(one.input).__name__ for one in side.mock.journal]
    assert inputs.count("PongReceived") == 1
    assert client.connection.state == "connected"
    side.advance(600)
    assert client.connection.state == "connected"
    assert [box.connection for box in side.core.connections] == ["mock-connection-1"]


def test_nothing_is_left_after_the_close(side: Side):
    client = side.connected()
    assert len(client.connection.timeout_scheduler.queue) == 2
    side.close(client, 4001, event=True)
    assert list(client.connection.timeout_scheduler.queue) == []
    side.advance(400)
    assert client.connection.state == "disconnected"


def test_the_machine_was_asleep(double: Side):
    client = double.connected()
    double.mock.clock.jump(3_600_000)
    assert client.connection.state == "connected"
    assert [box.connection for box in double.core.connections] == ["mock-connection-1"]
    double.advance(500)
    assert client.connection.state == "connected"


# Alone ------------------------------------------------------------------------------------------


class Scheduler(ClockScheduler):
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.last: Frame | None = None
        self.ran: list[tuple[str, float]] = []
        super().__init__(self.clock, lambda: self.last, self.check)

    def check(self) -> None:
        self.ran.append(("check", self.clock.now()))

    def ping(self) -> None:
        self.ran.append(("ping", self.clock.now()))

    def hear(self) -> None:
        self.last = Frame("x", "")
        self.last.at = self.clock.now()


def test_cancel():
    scheduler = Scheduler()
    entry = scheduler.enter(10, 1, scheduler.ping)
    assert scheduler.queue == [entry]
    scheduler.cancel(entry)
    with pytest.raises(ValueError, match="not in list"):
        scheduler.cancel(entry)
    scheduler.clock.advance(60_000)
    assert scheduler.ran == []
    assert scheduler.queue == []
    assert scheduler.is_alive()


def test_cancelled_while_it_is_looked_at():
    scheduler = Scheduler()
    entry: Any = scheduler.enter(10, 1, scheduler.ping)
    scheduler._entries.remove(entry)  # as another thread would, just before
    scheduler.clock.advance(60_000)
    assert scheduler.ran == []


def test_a_frame_long_ago_sets_it_again():
    scheduler = Scheduler()
    scheduler.enter(10, 1, scheduler.ping)
    scheduler.clock.advance(10_000)
    assert scheduler.ran == [("ping", 10_000)]
    scheduler.clock.advance(3_000)
    scheduler.hear()
    scheduler.clock.advance(60_000)
    assert scheduler.ran == [("ping", 10_000), ("ping", 23_000)]


def test_a_jump_counts_as_one_silence():
    scheduler = Scheduler()
    scheduler.enter(10, 1, scheduler.ping)
    scheduler.enter(3, 3, scheduler.check)
    scheduler.clock.jump(100_000)
    assert scheduler.ran == [("check", 100_000), ("ping", 100_000)]
