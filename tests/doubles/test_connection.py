"""What is the double's own: errors, closes from several sides at once, and its additions."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import PATIENCE, in_thread
from websocket import WebSocketConnectionClosedException

from pusher_mock import PusherMock
from pusher_mock.core import RETIRED
from pusher_mock.engine import Ping, SendFrame
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from .sides import Double, Side


def test_connect_returns_connected(double: Double):
    seen: list[Any] = []
    client = double.client()
    client.connection.bind("pusher:connection_established", seen.append)
    client.connect()
    assert client.connection.state == "connected"
    assert json.loads(seen[0]) == {
        "socket_id": client.connection.socket_id,
        "activity_timeout": 120,
    }
    assert client.connection.connection_id == "mock-connection-1"
    assert client.connection.box is double.core.connections[0]
    assert client.connection.socket.keep_running


def test_there_is_no_mock_before_connecting(double: Double):
    client = double.client()
    assert client.connection.connection_id == ""
    assert client.connection.box is None
    with pytest.raises(UsageError, match=r"call connect\(\) first"):
        client.connection.core  # noqa: B018 - it raises
    assert client.mock is double.mock


def test_the_socket(double: Double):
    client = double.connected()
    socket = client.connection.socket
    assert socket.sock is socket
    assert socket.box is client.connection.box
    socket.send('{"event":"pusher:ping"}')
    client.disconnect()
    assert (socket.sock, socket.box, socket.connected, socket.keep_running) == (
        None,
        None,
        False,
        False,
    )
    with pytest.raises(
        WebSocketConnectionClosedException, match=r"^Connection is already closed\.$"
    ):
        socket.send("{}")
    socket.close()
    socket.close(timeout=3)


def test_a_message_that_is_binary(double: Double):
    client = double.connected()
    client.connection.socket.send(b"\x00")
    assert client.connection.state == "unavailable"  # 1003 without an event (facts 8.4)


# Closes from several sides ---------------------------------------------------------------------


def test_a_callback_that_disconnects_another(double: Double):
    seen: list[Any] = []
    one, two = double.connected(), double.connected()
    one.subscribe("a").bind("x", lambda data: two.disconnect())
    two.subscribe("a").bind("x", seen.append)
    double.server.trigger("a", "x", "1")
    assert seen == []  # what was under way to it is lost
    assert two.connection.state == "disconnected"
    assert two.channels == {}
    assert double.mock.errors == []


def test_a_callback_that_closes_the_mock(double: Double):
    client = double.connected()

    def end(data: Any) -> None:
        double.mock.close()
        assert client.connection.state == "disconnected"
        raise ValueError

    client.subscribe("a").bind("x", end)
    double.server.trigger("a", "x", "1")
    assert client.connection.state == "disconnected"
    assert len(double.mock.errors) == 1


def test_a_callback_that_resets_the_mock(double: Double):
    seen: list[Any] = []
    client, other = double.connected(), double.connected()

    def end(data: Any) -> None:
        seen.append(data)
        double.mock.reset()

    client.subscribe("a").bind("x", end)
    other.subscribe("a").bind("x", lambda data: seen.append("after the reset"))
    double.server.trigger("a", "x", "1")
    double.server.trigger("a", "x", "2")
    assert seen == ["1"]
    assert client.connection.state == "disconnected"
    again = double.connected()
    assert again.connection.connection_id == "mock-connection-1"


def test_both_sides_close(double: Double):
    client, waits = double.connected(), []
    stand_by = double.core.stand_by

    def noticed(*args: Any, **options: Any) -> None:
        waits.append(args)
        stand_by(*args, **options)

    setattr(double.core, "stand_by", noticed)  # noqa: B010
    box = double.box(client)

    def closed(data: Any) -> None:
        client.connection.reconnect(10)  # and the service's close comes behind it

    client.connection.bind("pusher:error", closed)
    double.close(client, 4100, event=True)
    assert len(waits) == 1
    client.connection.closed_from_other_side(RETIRED)
    client.connection.receive(Ping(box.connection))
    assert client.connection.state == "unavailable"
    double.advance(10)
    assert len(double.core.connections) == 1
    assert len(waits) == 1


def test_what_a_message_causes_when_the_connection_has_just_ended(double: Double):
    client = double.connected()
    frame = Frame("pusher_internal:subscription_succeeded", "{}", "a")
    effects = [SendFrame(client.connection.connection_id, frame)]
    double.close(client, 1000, event=False)
    client.connection.caused(effects)
    client.connection.receive(frame)  # nobody waits for it any more
    assert client.connection.state == "unavailable"


def test_two_threads_close_one_socket(double: Double):
    client = double.connected()
    socket, taken = client.connection.socket, []
    barrier = threading.Barrier(8)

    def detach() -> None:
        barrier.wait(PATIENCE)
        taken.append(socket.detach())

    threads = [threading.Thread(target=detach) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sum(box is not None for box in taken) == 1


def test_disconnected_by_another_thread_while_the_service_closes(double: Double):
    client = double.connected()
    stand_by = double.core.stand_by

    def late(*args: Any, **options: Any) -> None:
        in_thread(client.disconnect)  # between the look and the wait
        stand_by(*args, **options)

    setattr(double.core, "stand_by", late)  # noqa: B010
    double.close(client, 1000, event=False)
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    double.advance(30)
    assert double.core.connections == ()


@pytest.mark.parametrize("end", ["disconnect", "close"])
def test_ended_by_another_thread_while_it_reconnects(double: Double, end: str):
    client = double.connected()
    double.close(client, 1000, event=False)
    open_ = double.core.open

    def late(*args: Any, **options: Any) -> Any:
        in_thread(client.disconnect if end == "disconnect" else double.mock.close)
        return open_(*args, **options)

    setattr(double.core, "open", late)  # noqa: B010
    double.mock.clock.advance(10_000)
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert double.core.connections == ()
    double.mock.clock.advance(60_000)
    assert client.connection.state == "disconnected"


def test_an_error_of_our_own_while_opening(double: Double):
    client = double.client()

    def refuse(*args: Any, **options: Any) -> None:
        raise UsageError("no")

    setattr(double.core, "open", refuse)  # noqa: B010
    with pytest.raises(UsageError, match=r"^no$"):
        client.connect()


def test_let_go_of_while_it_is_about_to_wait(double: Double):
    client = double.connected()
    stand_by = double.core.stand_by

    def late(*args: Any, **options: Any) -> None:
        stand_by(*args, **options)
        double.mock.reset()

    setattr(double.core, "stand_by", late)  # noqa: B010
    double.close(client, 1000, event=False)
    assert client.connection.state == "disconnected"
    assert double.mock.clock.waiting == []


def test_the_timer_rings_though_somebody_else_ended_the_wait(double: Double):
    client = double.connected()
    double.close(client, 1000, event=False)
    assert double.core.stand_down(client.connection)
    double.advance(10)
    assert client.connection.state == "disconnected"
    assert double.core.connections == ()


def test_disconnecting_twice_in_a_callback(double: Double):
    seen: list[Any] = []
    client = double.connected()

    def leave(data: Any) -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="cannot join current thread"):
                client.disconnect()
        seen.append(client.connection.is_alive())

    client.subscribe("a").bind("x", leave)
    double.server.trigger("a", "x", "1")
    assert seen == [True]
    assert not client.connection.is_alive()


def test_joining(double: Double):
    client = double.connected()
    client.connection.join()
    client.connection.join(timeout=1)


def test_a_client_that_subscribes_and_publishes_in_turn(double: Double):
    """A callback subscribes another channel of its own client, and publishes there."""
    seen: list[Any] = []
    client = double.connected()

    def first(data: Any) -> None:
        client.subscribe("b").bind("x", lambda data: seen.append(("b", data)))
        double.server.trigger("b", "x", "2")
        seen.append(("a", data))

    client.subscribe("a").bind("x", first)
    double.server.trigger("a", "x", "1")
    assert seen == [("a", "1"), ("b", "2")]


def test_a_callback_that_leaves_its_channel(side: Side):
    seen: list[Any] = []
    client = side.connected()
    channel = client.subscribe("a")

    def leave(data: Any) -> None:
        seen.append(data)
        client.unsubscribe("a")

    channel.bind("x", leave)
    channel.bind("x", seen.append)
    side.settle()
    for data in "12":
        side.server.trigger("a", "x", data)
        side.settle()
    assert seen == ["1", "1"]


def test_two_mocks(double: Double):
    seen: list[Any] = []
    other = PusherMock()
    client = other.client(connect=True)
    client.subscribe("a").bind("x", seen.append)

    def forward(data: Any) -> None:
        other.server().trigger("a", "x", data)
        assert seen == [data]  # another mock's deliveries are its own

    own = double.connected()
    own.subscribe("a").bind("x", forward)
    double.server.trigger("a", "x", "1")
    double.mock.raise_errors()
    assert seen == ["1"]


def test_another_thread_publishes_while_a_new_client_is_called_back(double: Double):
    client, seen = double.client(), []

    def inside(data: Any) -> None:
        in_thread(lambda: double.server.trigger("a", "x", "1"))
        seen.append("inside")

    def established(data: Any) -> None:
        channel = client.subscribe("a")
        channel.bind("pusher_internal:subscription_succeeded", inside)
        channel.bind("x", seen.append)

    client.connection.bind("pusher:connection_established", established)
    client.connect()
    assert seen == ["inside", "1"]
