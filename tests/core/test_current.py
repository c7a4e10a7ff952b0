"""Which mock is the current one, and whose clients end with it."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock, MockPusherClient, MockPusherServer, PusherMock, SystemClock
from pusher_mock.core import Core, activate, current, deactivate, facade_of
from pusher_mock.core.current import _active, _default
from pusher_mock.mock import current_mock
from pusher_mock.protocol.errors import UsageError

from .bench import PATIENCE, in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET = "mock-pusher-key", "mock-pusher-secret"


@pytest.fixture(autouse=True)
def nobody_is_current() -> Iterator[None]:
    """A process default of the test's own."""
    before = _active.copy(), _default.copy()
    _active.clear()
    _default.clear()
    yield
    for core in _default:
        core.close()
    _active[:], _default[:] = before


def implicit(**options: Any) -> MockPusherClient:
    client = MockPusherClient(KEY, secret=SECRET, **options)
    client.connect()
    return client


def test_the_process_default():
    core = current()
    assert core is current()
    assert isinstance(core.clock, SystemClock)
    assert isinstance(PusherMock().clock, ManualClock)
    core.close()
    assert current() is not core


def test_nested():
    default, (one, two) = current(), (Core(), Core())
    activate(one)
    activate(two)
    activate(one)
    assert current() is one
    deactivate(one)
    assert current() is two
    deactivate(one)  # not the innermost
    assert current() is two
    deactivate(two)
    assert current() is default
    with pytest.raises(UsageError, match="this mock is not active"):
        deactivate(two)


def test_a_closed_mock_cannot_become_current():
    core = Core()
    core.close()
    with pytest.raises(UsageError, match="this mock is closed"):
        activate(core)
    assert current() is not core


def test_a_mock_that_is_closed_while_current():
    with PusherMock() as mock:
        client = implicit()
        mock.close()
        assert client.connection.state == "disconnected"
        with pytest.raises(UsageError, match="this mock is closed"):
            MockPusherServer("1", KEY, SECRET).trigger("a", "x", "1")
        with pytest.raises(UsageError, match="this mock is closed"):
            implicit()


def test_every_thread_meets_the_same_one():
    with PusherMock() as mock:
        assert in_thread(current) is mock.core


def test_the_facade_is_one():
    core = Core()
    assert facade_of(core) is facade_of(core)
    assert facade_of(core).core is core
    mock = PusherMock()
    assert facade_of(mock.core) is mock
    assert current_mock().core is current()


def test_threads_get_one_facade(monkeypatch: pytest.MonkeyPatch):
    core, barrier, made = Core(), threading.Barrier(8), []
    around = PusherMock.around

    def slow(core: Core) -> PusherMock:
        made.append(around(core))
        return made[-1]

    monkeypatch.setattr(PusherMock, "around", staticmethod(slow))
    got: list[Any] = []

    def ask() -> None:
        barrier.wait(PATIENCE)
        got.append(facade_of(core))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(got) == 8
    assert len({id(one) for one in got}) == len(made) == 1


def test_a_facade_that_another_thread_makes_meanwhile(monkeypatch: pytest.MonkeyPatch):
    core, made = Core(), []

    def importing(name: str) -> Any:
        made.append(PusherMock.around(core))
        core.facade = made[0]
        return import_module(name)

    monkeypatch.setattr(import_module("pusher_mock.core.current"), "import_module", importing)
    assert facade_of(core) is made[0]


def test_deactivated_by_another_thread_between_two_questions(monkeypatch: pytest.MonkeyPatch):
    class Vanishing(list[Core]):
        def __getitem__(self, index: Any) -> Any:
            self.clear()  # as another thread may, once it was seen to hold something
            return super().__getitem__(index)

    default = current()
    monkeypatch.setattr(import_module("pusher_mock.core.current"), "_active", Vanishing([Core()]))
    assert current() is default


# Clients ---------------------------------------------------------------------------------------


def test_leaving_disconnects_the_clients_that_attached_to_it():
    mock = PusherMock()
    explicit = mock.client(connect=True)
    with mock:
        client = implicit()
        client.subscribe("a")
        assert client.mock is mock
        assert len(mock.core.connections) == 2
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    assert explicit.connection.state == "connected"
    assert [box.connection for box in mock.core.connections] == ["mock-connection-1"]
    mock.clock.advance(60_000)
    assert client.connection.state == "disconnected"
    client.disconnect()
    assert client.channels == {}


def test_leaving_one_of_two_blocks():
    mock = PusherMock()
    with mock:
        with mock:
            client = implicit()
        assert client.connection.state == "connected"
    assert client.connection.state == "disconnected"


def test_an_inner_mock_leaves_the_outer_ones_clients():
    with PusherMock():
        outer = implicit()
        with PusherMock() as mock:
            inner = implicit()
            assert inner.mock is mock
        assert inner.connection.state == "disconnected"
        assert outer.connection.state == "connected"


@pytest.mark.parametrize("end", ["leave", "close", "reset"])
@pytest.mark.parametrize("how", ["implicit", "explicit"])
def test_a_client_that_waits_to_reconnect(end: str, how: str):
    mock = PusherMock()
    mock.activate()
    client = implicit() if how == "implicit" else mock.client(connect=True)
    client.connection.reconnect(10)
    assert client.connection.state == "unavailable"
    if end == "leave":
        mock.deactivate()
    else:
        getattr(mock, end)()
    mock.clock.advance(60_000)
    if (end, how) == ("leave", "explicit"):
        assert client.connection.state == "connected"
    else:
        assert client.connection.state == "disconnected"
        assert not client.connection.is_alive()
        assert mock.core.connections == ()


@pytest.mark.parametrize("end", ["leave", "close", "reset"])
def test_a_client_with_a_thread_that_waits_to_reconnect(end: str):
    mock = PusherMock()
    mock.activate()
    client, waits = MockPusherClient(KEY, secret=SECRET, threaded=True), threading.Event()
    connected = threading.Event()
    client.connection.bind("pusher:connection_established", lambda data: connected.set())
    client.connect()
    assert connected.wait(PATIENCE)
    stand_by = mock.core.stand_by

    def noticed(*args: Any, **options: Any) -> None:
        stand_by(*args, **options)
        waits.set()

    setattr(mock.core, "stand_by", noticed)  # noqa: B010
    client.connection.reconnect(10)
    assert waits.wait(PATIENCE)
    if end == "leave":
        mock.deactivate()
    else:
        getattr(mock, end)()
    client.connection.join(PATIENCE)
    assert not client.connection.is_alive()
    assert client.connection.state == "disconnected"
    mock.clock.advance(60_000)
    assert mock.core.connections == ()


def test_a_client_binds_when_it_connects():
    client = MockPusherClient(KEY, secret=SECRET)
    with PusherMock() as mock:
        assert client.mock is mock
        with PusherMock() as inner:
            client.connect()
        assert client.mock is inner
    assert client.connection.state == "disconnected"


def test_a_client_that_a_closed_mock_refused_can_still_connect():
    with PusherMock() as mock:
        client = MockPusherClient(KEY, secret=SECRET)
        mock.close()
        with pytest.raises(UsageError, match="this mock is closed"):
            client.connect()
        assert client.connection.state == "initialized"
    with PusherMock():
        client.connect()
        assert client.connection.state == "connected"


def test_a_client_of_a_closed_mock():
    mock = PusherMock()
    client = mock.client(connect=True)
    channel = client.subscribe("private-a")
    mock.close()
    assert client.connection.state == "disconnected"
    with pytest.warns(UserWarning, match="while the connection is disconnected"):
        client.subscribe("b")
    channel.trigger("client-x", 1)
    client.unsubscribe("b")
    client.disconnect()
    with pytest.raises(UsageError, match="this mock is closed"):
        mock.client(connect=True)


def test_a_publisher_follows_the_running_test():
    server = MockPusherServer("1", KEY, SECRET)
    mocks = [PusherMock(), PusherMock()]
    for mock in mocks:
        with mock:
            server.trigger("a", "x", "1")
            assert server.mock is mock
    assert [len(mock.published()) for mock in mocks] == [1, 1]
