"""The double with pysher's thread: what the other sides do not show."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import PATIENCE, in_thread

from pusher_mock import MockPusherClient, PusherMock, SystemClock
from pusher_mock.doubles.threaded import ThreadedMemoryConnection
from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

ESTABLISHED = "pusher:connection_established"


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    before = set(threading.enumerate())
    mock = PusherMock()
    yield mock
    mock.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def connected(mock: PusherMock, **options: Any) -> MockPusherClient:
    client, ready = mock.client(threaded=True, **options), threading.Event()
    client.connection.bind("pusher:pong", lambda data: ready.set())
    client.connect()
    assert ready.wait(PATIENCE)
    return client


def test_connect_returns_at_once(mock: PusherMock):
    client, go, seen = mock.client(threaded=True), threading.Event(), threading.Event()

    def established(data: Any) -> None:
        assert go.wait(PATIENCE)
        assert threading.current_thread() is client.connection
        seen.set()

    client.connection.bind(ESTABLISHED, established)
    client.connect()
    assert client.connection.is_alive()
    assert not seen.is_set()
    go.set()
    assert seen.wait(PATIENCE)
    assert isinstance(client.connection, ThreadedMemoryConnection)
    client.disconnect()
    assert mock.errors == []


def test_it_is_bound_to_the_mock_that_was_current_at_connect(mock: PusherMock):
    other = PusherMock()
    client = MockPusherClient("mock-pusher-key", secret="mock-pusher-secret", threaded=True)
    open_, go = mock.core.open, threading.Event()

    def late(*args: Any, **options: Any) -> Any:
        assert go.wait(PATIENCE)
        return open_(*args, **options)

    setattr(mock.core, "open", late)  # noqa: B010
    with mock:
        client.connect()
        with other:
            assert client.mock is mock
            go.set()
            client.connection.bind("x", print)
    client.connection.join(PATIENCE)
    assert client.connection.state == "disconnected"
    assert other.core.connections == mock.core.connections == ()


def test_a_closed_mock(mock: PusherMock):
    mock.close()
    client = mock.client(threaded=True)
    with pytest.raises(UsageError, match="this mock is closed"):
        client.connect()
    assert not client.connection.is_alive()
    assert client.connection.state == "initialized"


@pytest.mark.parametrize("end", ["close", "reset", "disconnect"])
@pytest.mark.parametrize("when", ["before", "opening", "opened"])
def test_it_ends_before_it_has_connected(mock: PusherMock, end: str, when: str):
    client = mock.client(threaded=True)
    finish = client.disconnect if end == "disconnect" else getattr(mock, end)
    open_, socket = mock.core.open, client.connection.open_transport
    done: list[threading.Thread] = []

    def end_it() -> None:
        # disconnect() waits for the thread that this runs on, so nobody may wait for it.
        thread = threading.Thread(target=finish)
        done.append(thread)
        if end == "disconnect":
            called = threading.Event()
            join = client.connection.join

            def joining(timeout: float | None = None) -> None:
                called.set()
                join(timeout)

            setattr(client.connection, "join", joining)  # noqa: B010
            thread.start()
            assert called.wait(PATIENCE)
        else:
            thread.start()
            thread.join(PATIENCE)

    def late_transport() -> bool:
        if when == "before":
            end_it()
        return socket()

    def late_open(*args: Any, **options: Any) -> Any:
        if when == "opening":
            end_it()
        box = open_(*args, **options)
        if when == "opened":
            end_it()
        return box

    setattr(client.connection, "open_transport", late_transport)  # noqa: B010
    setattr(mock.core, "open", late_open)  # noqa: B010
    client.connect()
    client.connection.join(PATIENCE)
    assert not client.connection.is_alive()
    assert client.connection.state == "disconnected"
    for thread in done:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert mock.core.connections == ()


def test_disconnecting_while_the_service_closes(mock: PusherMock):
    client = connected(mock)
    stand_by, threads = mock.core.stand_by, []

    def late(*args: Any, **options: Any) -> None:
        called = threading.Event()
        stand_down = mock.core.stand_down

        def noticed(who: object) -> bool:
            called.set()
            return stand_down(who)

        setattr(mock.core, "stand_down", noticed)  # noqa: B010
        threads.append(threading.Thread(target=client.disconnect))
        threads[0].start()
        assert called.wait(PATIENCE)
        stand_by(*args, **options)

    setattr(mock.core, "stand_by", late)  # noqa: B010
    client.connection.reconnect(10)
    client.connection.join(PATIENCE)
    assert not client.connection.is_alive()
    threads[0].join(PATIENCE)
    assert client.connection.state == "disconnected"


@pytest.mark.parametrize("end", ["close", "reset", "disconnect"])
def test_what_waits_is_not_called_back_any_more(mock: PusherMock, end: str):
    seen: list[Any] = []
    client = connected(mock)
    inside, go = threading.Event(), threading.Event()

    def slow(data: str) -> None:
        seen.append(data)
        inside.set()
        assert go.wait(PATIENCE)

    client.subscribe("a").bind("x", slow)
    server = mock.server()
    for data in "123":
        server.trigger("a", "x", data)
    assert inside.wait(PATIENCE)
    if end == "disconnect":
        client.connection.socket.close()  # type: ignore[union-attr]
    else:
        getattr(mock, end)()
    go.set()
    if end == "disconnect":
        client.disconnect()
    client.connection.join(PATIENCE)
    assert seen == ["1"]


def test_reconnecting_at_once_without_an_input(mock: PusherMock):
    client, again = connected(mock), threading.Event()
    client.connection.bind(ESTABLISHED, lambda data: again.set())
    client.connection.reconnect(0)
    assert again.wait(PATIENCE)
    assert client.connection.state == "connected"


def test_waiting_for_the_mocks_time(mock: PusherMock):
    client, again, waits = connected(mock), threading.Event(), threading.Event()
    call_at = mock.clock.call_at

    def noticed(due: float, callback: Any, **options: Any) -> Any:
        timer = call_at(due, callback, **options)
        if due == 5_000:
            waits.set()
        return timer

    setattr(mock.clock, "call_at", noticed)  # noqa: B010
    client.connection.bind(ESTABLISHED, lambda data: again.set())
    client.connection.reconnect(5)
    assert waits.wait(PATIENCE)
    mock.clock.advance(4_999)
    assert client.connection.state == "unavailable"
    mock.clock.advance(1)
    assert again.wait(PATIENCE)


def test_real_time():
    mock = PusherMock(clock=SystemClock())
    client, again, rang = connected(mock), threading.Event(), threading.Event()
    mock.clock.call_at(mock.clock.now() + 5, rang.set)
    assert rang.wait(PATIENCE)  # this thread keeps the mock's timers going
    client.connection.bind(ESTABLISHED, lambda data: again.set())
    client.connection.reconnect(0.005)
    assert again.wait(PATIENCE)
    again.clear()
    client.connection.reconnect(0)
    assert again.wait(PATIENCE)
    client.connection.reconnect(3600)
    client.disconnect()
    assert client.connection.state == "disconnected"
    mock.close()


def test_a_callback_that_triggers_and_joins(mock: PusherMock):
    one, two = connected(mock), connected(mock)
    server, seen, over = mock.server(), [], threading.Event()

    def first(data: str) -> None:
        seen.append(data)
        if data == "1":
            in_thread(lambda: server.trigger("a", "x", "2"))
        else:
            over.set()

    one.subscribe("a").bind("x", first)
    two.subscribe("a").bind("x", lambda data: None)
    server.trigger("a", "x", "1")
    assert over.wait(PATIENCE)
    assert seen == ["1", "2"]


def test_an_error_in_a_callback(mock: PusherMock):
    client, seen = connected(mock), threading.Event()
    error = ValueError("no")

    def fail(data: str) -> None:
        raise error

    channel = client.subscribe("a")
    channel.bind("x", fail)
    channel.bind("y", lambda data: seen.set())
    server = mock.server()
    server.trigger("a", "x", "1")
    server.trigger("a", "y", "1")
    assert seen.wait(PATIENCE)
    assert client.connection.state == "failed"
    assert mock.errors == [("mock-connection-1", "a", "x", error)]


def test_the_mock_is_closed_while_a_ping_is_answered(mock: PusherMock):
    client = connected(mock)
    pong = mock.core.pong
    over = threading.Event()

    def late(box: Any) -> None:
        mock.close()
        pong(box)
        over.set()

    setattr(mock.core, "pong", late)  # noqa: B010
    mock.clock.advance(60_000)
    assert over.wait(PATIENCE)
    client.connection.join(PATIENCE)
    assert client.connection.state == "disconnected"
