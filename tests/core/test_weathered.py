"""A core and its network: what is late or fails, for lines and servers as well."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock, NetworkConditions, PusherMock
from pusher_mock.core import Wire
from pusher_mock.engine import CloseConnection, HttpRequested, Ping
from pusher_mock.network.port import Port
from pusher_mock.network.publishers import Failure
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame

from .bench import PATIENCE, TARGET, Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_QUESTION = HttpRequested("GET", "/apps/mock-app-id/channels", ())


class Board:
    def fan_out(self, frame: Frame, lines: Sequence[Line]) -> None:
        for line in lines:
            line.take(frame)


class Line:
    """A client that reads by itself.

    Attributes:
        items: what it was given.
    """

    board = Board()

    def __init__(self) -> None:
        self.items: list[Any] = []

    def take(self, item: Any) -> None:
        self.items.append(item)

    @property
    def events(self) -> list[str]:
        """The names of the frames."""
        return [item.event for item in self.items if isinstance(item, Frame)]


class Served:
    """A mock behind a server whose other thread works when it is told to."""

    def __init__(self) -> None:
        self.mock = PusherMock()
        self.later: list[Callable[[], object]] = []
        self.wire = Wire(self.mock.core, self.later.append)

    def line(self, *channels: str) -> tuple[Any, Line]:
        line = Line()
        box = self.wire.accept(TARGET, line)
        for channel in channels:
            self.subscribe(box, channel)
        self.elsewhere()
        line.items.clear()
        return box, line

    def subscribe(self, box: Any, channel: str) -> None:
        frame = {"event": "pusher:subscribe", "data": {"channel": channel}}
        self.wire.hear(box, json.dumps(frame))

    def elsewhere(self) -> None:
        while self.later:
            self.later.pop(0)()


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def bench() -> Bench:
    return Bench()


# Connections -----------------------------------------------------------------------------------


def test_who_is_there(bench: Bench):
    one = bench.client("one")
    core = bench.core
    assert core.open_connections() == [("one", one.box.socket_id)]
    assert core.find_connection("one") == (one.box.socket_id, "mock-app-id", 0)
    assert core.find_connection("nobody") == ("", None, 0)
    assert core.find_app("1") == core.find_app("x", "mock-pusher-key") == "mock-app-id"
    assert core.find_app("x") == "x"


def test_the_core_is_what_its_network_asks(bench: Bench):
    port: Port = bench.core
    assert all(hasattr(port, name) for name in vars(Port) if not name.startswith("_"))


def test_whether_anything_gets_through(bench: Bench):
    one = bench.client("one")
    network = bench.mock.network
    assert network.hears("one")
    with network.half_open(one.box):
        assert not network.hears("one")
        assert network.hears("nobody")


def test_a_cut_is_heard_by_the_service_and_by_members(bench: Bench):
    one, other = bench.client("one", "a"), bench.client("other", "a")
    bench.core.cut("one")
    [closed] = [item for item in one.items if isinstance(item, CloseConnection)]
    assert closed.code == 1006
    bench.publish("1")
    assert (one.got, other.got) == ([], ["1"])
    bench.core.cut("one")  # again is fine
    bench.core.end_connection("one", 4200, "")


def test_a_cut_of_a_line(served: Served):
    box, line = served.line("a")
    served.mock.network.disconnect_now(box.connection)
    assert [type(item) for item in line.items] == [CloseConnection]


def test_commands_in_the_journal(bench: Bench):
    entries: list[Any] = []
    end = bench.core.listen(lambda at, happened, effects: entries.append(happened))
    bench.core.inject("said so")
    end()
    assert bench.mock.journal.dumps() == "0 0ms network said so\n"
    assert len(entries) == 1


def test_a_command_wakes_who_waits(bench: Bench):
    core, looked = bench.core, threading.Event()

    def noted() -> bool:
        looked.set()
        return len(bench.mock.journal) > 0

    def command() -> None:
        assert looked.wait(PATIENCE)
        core.inject("now")

    thread = threading.Thread(target=command)
    thread.start()
    assert core.wait_for(noted, PATIENCE)
    thread.join(PATIENCE)


# Late ------------------------------------------------------------------------------------------


def test_nothing_arrives_once_the_mock_is_closed():
    bench = Bench(network=NetworkConditions(latency=10))
    one = bench.client("one", "a")
    bench.publish("1")
    bench.mock.close()
    bench.mock.clock.advance(10)
    assert one.got == []


def test_a_timer_for_what_is_gone():
    bench = Bench(network=NetworkConditions(latency=10))
    one = bench.client("one", "a")
    bench.publish("1")
    bench.mock.reset()
    entries = len(bench.mock.journal)
    bench.mock.clock.advance(10)
    assert one.got == []
    assert len(bench.mock.journal) == entries


def test_lines_get_late_events_too(served: Served):
    _, line = served.line("a")
    served.mock.network.conditions(latency=10)
    served.mock.server().trigger("a", "x", "1")
    assert line.events == []
    served.mock.clock.advance(10)
    assert line.events == ["x"]


def test_what_lines_say_is_late_too(served: Served):
    box, line = served.line()
    served.mock.network.conditions(latency=10, direction="send", scope="subscriptions")
    served.subscribe(box, "a")
    served.elsewhere()
    assert line.events == []
    served.mock.clock.advance(10)
    assert line.events == ["pusher_internal:subscription_succeeded"]
    served.wire.pong(box)  # nobody delays that
    served.wire.lost(box)
    served.wire.hear(box, "{}")  # nobody hears it


def test_late_pings():
    items: list[Any] = []
    mock = PusherMock(network=NetworkConditions(latency=10, scope=frozenset({"connection"})))
    mock.core.open(TARGET, items.append)
    mock.clock.advance(60_009)
    assert [type(item) for item in items] == [Frame]
    mock.clock.advance(1)
    assert isinstance(items[-1], Ping)


# Refused ---------------------------------------------------------------------------------------


def test_doubles_lines_and_sockets_are_refused(served: Served, bench: Bench):
    for mock in (served.mock, bench.mock):
        mock.network.refuse_connections()
    with pytest.raises(Unreachable, match="refuses connections just now"):
        bench.client("one")
    with pytest.raises(Unreachable):
        bench.core.open_line(TARGET, Line())
    with pytest.raises(Unreachable):
        served.wire.accept(TARGET, Line())
    assert bench.core.connections == served.mock.core.connections == ()


def test_in_weather_they_are_let_in(served: Served):
    served.mock.network.conditions(latency=10)
    core = served.mock.core
    line = Line()
    core.open_line(TARGET, line)
    assert line.events == ["pusher:connection_established"]
    assert len(core.connections) == 1


def test_a_line_is_let_in_when_what_was_due_has_happened():
    class Clock(ManualClock):
        def skip(self, ms: float) -> None:
            self._now += ms

    clock = Clock()
    bench = Bench(clock=clock)
    bench.mock.network.refuse_connections(10)
    clock.skip(10)
    bench.core.open_line(TARGET, Line())
    assert len(bench.core.connections) == 1


# Calls of publishers ---------------------------------------------------------------------------


def test_a_server_answers_with_the_failure(served: Served):
    served.mock.network.fail_publishes(502, times=1)
    answer = served.wire.request(_QUESTION)
    assert (answer.status, answer.body) == (502, "The network has failed this call\n")
    assert served.wire.request(_QUESTION).status == 401


@pytest.mark.parametrize("kind", ["timeout", "refused"])
def test_a_server_does_not_answer(served: Served, kind: str):
    served.mock.network.fail_publishes(kind, times=1)
    with pytest.raises(Unreachable) as caught:
        served.wire.request(_QUESTION)
    assert caught.value.kind == kind
    assert f"network no answer: {kind}" in served.mock.journal.dumps()


def test_a_server_carries_it_out_and_the_answer_is_lost(served: Served):
    served.mock.network.fail_publishes(times=1, accepted=True)
    assert served.wire.request(_QUESTION).status == 503
    text = served.mock.journal.dumps()
    assert "respond 401" in text
    assert "network the answer is lost: 503 (accepted)" in text


def test_an_answer_that_is_lost(bench: Bench):
    core = bench.core
    with pytest.raises(Unreachable):
        core.failed(_QUESTION, Failure("timeout", accepted=True))
    assert core.failed(_QUESTION, Failure("answer", 500)).status == 500
    assert bench.mock.journal.dumps().count("http") == 1


def test_who_waits_for_nothing(bench: Bench):
    bench.core.hold_back()
    bench.core.deliver_later([])
