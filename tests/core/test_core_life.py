"""The core's time, and how it ends."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest

from pusher_mock import App, ManualClock, MockPusherServer, PusherMock, SystemClock
from pusher_mock.core import RETIRED, CallbackError, Core
from pusher_mock.engine import (
    CloseConnection,
    Ping,
    TimerFired,
)
from pusher_mock.protocol.errors import UsageError

from .bench import PATIENCE, TARGET, Bench


@pytest.fixture
def core() -> Core:
    return Core()


def waiting(clock: Any) -> list[float]:
    """When the timers of a clock are due that are not over."""
    return [timer.due for timer in clock.waiting]


def ignore(item: object) -> None:
    """A sink."""


# Time ------------------------------------------------------------------------------------------


def test_the_services_timers_go_by_the_clock(core: Core):
    clock: Any = core.clock
    items: list[Any] = []
    box = core.open(TARGET, items.append)
    clock.advance(59_999)
    assert len(items) == 1
    clock.advance(1)
    [_, ping] = items
    assert isinstance(ping, Ping)
    clock.advance(15_000)
    error, close = items[-2:]
    assert error.data["code"] == close.code == 4201  # nobody has answered
    assert isinstance(close, CloseConnection)
    assert core.connections == ()
    assert box.free == [True]


def test_an_answer_to_the_ping(core: Core):
    clock: Any = core.clock
    items: list[Any] = []
    box = core.open(TARGET, items.append)
    for _ in range(5):
        clock.advance(60_000)
        assert isinstance(items[-1], Ping)
        core.pong(box)
    assert core.connections == (box,)


def test_an_earlier_timer_moves_the_alarm():
    apps = [App("1", "key", "secret", authorized_connections=True, authorization_timeout=500)]
    core = Core(apps=[App("2", "calm", "secret"), *apps])
    clock: Any = core.clock
    core.open("/app/calm?protocol=7", ignore)
    assert waiting(clock) == [60_000]
    box = core.open("/app/key?protocol=7", ignore)
    assert waiting(clock) == [500]
    core.hang_up(box, lambda: None)
    clock.advance(500)  # an alarm for nothing
    assert waiting(clock) == [60_000]
    assert len(core.connections) == 1


def test_what_is_overdue_runs_at_the_next_input():
    class Clock(ManualClock):
        def skip(self, ms: float) -> None:
            self._now += ms  # time passes by itself, as with a SystemClock

    clock = Clock()
    items: list[Any] = []
    core = Core(clock=clock)
    box = core.open(TARGET, items.append)
    clock.skip(60_000)
    core.learn("1", "k", "s")
    assert isinstance(items[-1], Ping)
    clock.skip(5_000)
    core.send(box, '{"event":"pusher:ping"}')
    clock.skip(60_000)
    core.open(TARGET, ignore)
    assert isinstance(items[-1], Ping)


def test_two_mocks_share_a_clock():
    clock = ManualClock()
    mocks = [PusherMock(clock=clock) for _ in range(2)]
    clients = [mock.client(connect=True) for mock in mocks]
    clock.advance(600_000)
    assert [client.connection.state for client in clients] == ["connected"] * 2
    mocks[0].close()
    assert waiting(clock) != []
    mocks[1].close()
    assert waiting(clock) == []


@pytest.mark.parametrize("threaded", [False, True])
@pytest.mark.parametrize("state", ["connected", "unavailable", "disconnected"])
def test_nothing_is_left_on_a_shared_clock(threaded: bool, state: str):
    clock = ManualClock()
    mock = PusherMock(clock=clock)
    client = mock.client(threaded=threaded)
    ready = threading.Event()
    client.connection.bind("pusher:pong", lambda data: ready.set())
    client.connect()
    assert ready.wait(PATIENCE)
    if state == "unavailable":
        client.connection.reconnect(5)
    elif state == "disconnected":
        client.disconnect()
    mock.close()
    if threaded:
        client.connection.join(PATIENCE)
    assert not client.connection.is_alive()
    assert client.connection.state == "disconnected"
    assert waiting(clock) == []


# The end ---------------------------------------------------------------------------------------


def test_reset():
    bench = Bench(seed=3)
    core, clock = bench.core, bench.mock.clock
    client = bench.client("A", "a")
    server = MockPusherServer("77", "another", "secret", mock=bench.mock)
    server.trigger("a", "x", "1")
    bench.publish("1")
    clock.advance(1000)
    core.record_error(CallbackError("c", "a", "x", ValueError("no")))
    before = bench.core.open(TARGET, ignore).socket_id
    bench.mock.reset()
    assert client.items[-1] is RETIRED
    assert core.connections == ()
    assert (len(core.journal), core.errors, waiting(clock)) == (0, [], [])
    assert bench.mock.state.get_channel_messages("a") == []
    assert clock.now() == 1000
    assert "another" in core.engine.state.by_key
    bench.client("A")
    assert bench.core.open(TARGET, ignore).socket_id == before
    clock.advance(60_000)
    server.trigger("a", "x", "1")
    assert bench.log == [("A", "1")]


def test_the_same_after_a_reset():
    mock = PusherMock(seed=5)

    def life() -> str:
        client = mock.client(user_data={"user_id": "1"}, connect=True)
        client.subscribe("presence-a")
        mock.server().trigger("presence-a", "x", "1")
        mock.clock.advance(130_000)
        client.disconnect()
        return "\n".join(line.split("ms ", 1)[-1] for line in mock.journal.dumps().splitlines())

    first = life()
    mock.reset()
    assert life() == first


def test_close(core: Core):
    items: list[Any] = []
    box = core.open(TARGET, items.append)
    core.record_error(CallbackError("c", "a", "x", ValueError("no")))
    core.close()
    assert items[-1] is RETIRED
    core.close()  # again is fine
    assert items.count(RETIRED) == 1
    assert len(core.errors) == len(core.journal) == 1
    for refused in (
        lambda: core.submit(TimerFired()),
        lambda: core.open(TARGET, ignore),
        lambda: core.learn("1", "k", "s"),
        core.check_open,
    ):
        with pytest.raises(UsageError, match="this mock is closed; use the one of the running"):
            refused()
    core.send(box, "{}")
    core.pong(box)
    core.hang_up(box, lambda: None)
    assert core.connections == ()
    assert repr(core) == "<Core connections=0 inputs=1 closed>"


def test_an_alarm_of_a_closed_mock(core: Core):
    core.open(TARGET, ignore)
    core.close()
    core._alarm_rang()  # as when another thread had taken it just before
    assert len(core.journal) == 1


def test_representation(core: Core):
    core.open(TARGET, ignore)
    assert repr(core) == "<Core connections=1 inputs=1>"
    assert repr(RETIRED) == "RETIRED"


def test_standing_by(core: Core):
    told: list[str] = []
    core.stand_by("x", lambda: told.append("x"), implicit=True)
    core.stand_by("y", lambda: told.append("y"), implicit=False)
    assert core.stand_down("x")
    assert not core.stand_down("x")
    core.stand_by("z", lambda: told.append("z"), implicit=True)
    assert len(core._standby) == 2
    core.retire_implicit()
    assert told == ["z"]
    core.reset()
    assert told == ["z", "y"]
    core.close()
    core.stand_by("x", lambda: told.append("x"), implicit=True)
    assert told == ["z", "y", "x"]
    assert not core.stand_down("x")


def test_what_the_others_learn_of_retired_connections():
    mock = PusherMock()
    seen: list[str] = []
    explicit = mock.client(user_data={"user_id": "1"}, connect=True)
    explicit.subscribe("presence-a").bind("pusher_internal:member_removed", seen.append)
    with mock:
        from pusher_mock import MockPusherClient

        for number in "23":
            client = MockPusherClient(
                "mock-pusher-key", secret="mock-pusher-secret", user_data={"user_id": number}
            )
            client.connect()
            client.subscribe("presence-a")
    assert seen == ['{"user_id":"2"}', '{"user_id":"3"}']
    assert explicit.connection.state == "connected"


def test_a_dropped_mock_is_collected():
    mock = PusherMock(clock=SystemClock())
    server, client = mock.server(), mock.client(connect=True)
    client.subscribe("a").bind("x", print)
    other = mock.client(connect=True)
    other.connection.reconnect(5)
    server.channels_info()
    refs = [weakref.ref(one) for one in (mock, mock.core, client, client.connection, other)]
    del mock, server, client, other
    gc.collect()
    assert [ref() for ref in refs] == [None] * len(refs)


def test_a_closed_mock_on_a_shared_clock_is_collected():
    clock = ManualClock()
    mock = PusherMock(clock=clock)
    clients = [mock.client(connect=True) for _ in range(3)]
    clients[1].connection.reconnect(5)
    mock.close()
    refs = [weakref.ref(one) for one in (mock, mock.core, *clients)]
    del mock, clients
    gc.collect()
    assert [ref() for ref in refs] == [None] * len(refs)
