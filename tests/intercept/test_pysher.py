"""The real pysher, on the real websocket-client, without a socket."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pysher
import pytest
import responses
import websocket

from pusher_mock import App, NotIntercepted, PusherMock, UsageError, intercepted
from pusher_mock.intercept import pysher as door
from pusher_mock.intercept import visits

from .calls import KEY, SECRET
from .sockets import outlast

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTH = "https://app.test/pusher/auth"


def threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name.startswith("Pysher")}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    others = threads()  # of clients of other tests, over sockets: their schedulers sleep on
    yield
    outlast(threads() - others)
    assert not visits._visitors
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before


def client(key: str = KEY, **options: Any) -> pysher.Pusher:
    return pysher.Pusher(key, **{"cluster": "eu", "log_level": logging.CRITICAL, **options})


def connect(mock: PusherMock, real: pysher.Pusher) -> pysher.Pusher:
    real.connect()
    mock.wait_until(lambda: real.connection.state == "connected")
    return real


# What works ---------------------------------------------------------------------------------------


def test_as_its_readme_says(mock: PusherMock):
    pusher = client()  # built before anything is intercepted
    heard: list[tuple[Any, ...]] = []

    def my_func(*args: Any, **kwargs: Any) -> None:
        heard.append((args, kwargs))

    def connect_handler(data: Any) -> None:
        channel = pusher.subscribe("mychannel")
        channel.bind("myevent", my_func, "more", than="data")

    pusher.connection.bind("pusher:connection_established", connect_handler)
    with mock.intercept("sdk"):
        pusher.connect()
        mock.wait_until_subscribed("mychannel")
        mock.server().trigger("mychannel", "myevent", {"hello": "world"})
        mock.wait_until_delivered()
        assert heard == [(('{"hello": "world"}', "more"), {"than": "data"})]
        pusher.disconnect()
        assert not mock.core.connections
    assert pusher.connection.state == "disconnected"


@pytest.mark.parametrize("doors", [("sdk",), ("websocket",), ()])
@pytest.mark.parametrize("options", [{"secure": False, "port": 80}, {"custom_host": "soketi.test"}])
def test_wherever_it_connects(doors: tuple[str, ...], options: Any, mock: PusherMock):
    real = client(**options)
    with mock.intercept(*doors, strict=False):
        connect(mock, real)
        assert mock.core.connections[0].socket_id == real.connection.socket_id
        mock.wait_until_delivered()
    real.connection.join(5)


def test_a_proxy_of_the_environment(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    with mock.intercept():
        connect(mock, client()).disconnect()


def test_private_and_presence_channels_with_the_secret(mock: PusherMock):
    me, other = (
        client(secret=SECRET, user_data={"user_id": "1"}),
        mock.client(user_data={"user_id": "2"}),
    )
    other.connect()
    typed: list[str] = []
    members: list[str] = []
    private = other.subscribe("private-c")
    private.bind("client-typing", typed.append)
    with mock.intercept():
        connect(mock, me)
        me.subscribe("presence-c").bind("pusher_internal:member_added", members.append)
        mine = me.subscribe("private-c")
        mock.wait_until_subscribed("private-c", 2)
        other.subscribe("presence-c")
        mine.trigger("client-typing", {"who": "me"})
        mock.wait_until_delivered()
    assert typed == ['{"who":"me"}']
    assert [json.loads(one)["user_id"] for one in members] == ["2"]


@responses.activate
def test_a_private_channel_with_an_auth_endpoint(mock: PusherMock):
    def authorize(request: Any) -> tuple[int, dict[str, str], str]:
        asked = dict(pair.split("=") for pair in request.body.split("&"))
        token = mock.server().authenticate(asked["channel_name"], asked["socket_id"])
        return 200, {}, json.dumps(token)

    responses.add_callback(responses.POST, AUTH, callback=authorize)
    heard: list[str] = []
    with mock.intercept("sdk", strict=False):
        me = connect(mock, client(auth_endpoint=AUTH))
        me.subscribe("private-c").bind("e", heard.append)
        mock.wait_until_subscribed("private-c")
        mock.server().trigger("private-c", "e", "text")
        mock.wait_until_delivered()
    assert heard == ["text"]


def test_a_callback_that_publishes(mock: PusherMock):
    heard: list[str] = []
    with mock.intercept():
        me = connect(mock, client())
        channel = me.subscribe("c")
        channel.bind("question", lambda data: mock.server().trigger("c", "answer", data))
        channel.bind("answer", heard.append)
        mock.wait_until_subscribed("c")
        mock.server().trigger("c", "question", "x")
        mock.wait_until_delivered()
        assert heard == ["x"]


# What is refused ----------------------------------------------------------------------------------


def test_a_key_that_a_strict_mock_does_not_know():
    strict = PusherMock(apps=[App("1", "theirs", "secret")], strict=True)
    errors: list[Any] = []
    me = client()
    me.connection.bind("pusher:error", errors.append)
    with strict.intercept():
        me.connect()
        me.connection.join(5)
        assert not me.connection.is_alive()
    assert [error["code"] for error in errors] == [4001]


def test_a_door_that_is_not_named(mock: PusherMock):
    me = client(reconnect_interval=0)
    interception = mock.intercept("httpx").start()
    me.connect()
    me.connection.join(5)
    with pytest.raises(NotIntercepted, match="the door 'websocket' is not among"):
        interception.stop()
    assert me.connection.disconnect_called


def test_it_is_let_through(mock: PusherMock):
    me = client(reconnect_interval=0)
    with mock.intercept("websocket", allow_real="*.pusher.com"):
        me.connect()
        mock.wait_until(lambda: me.connection.state in ("failed", "unavailable"))
        me.connection.disconnect_called = True
        me.connection.join(5)
    assert not mock.core.connections


# How it ends --------------------------------------------------------------------------------------


def test_it_comes_back_when_the_mock_says_so(mock: PusherMock):
    with mock.intercept():
        me = connect(mock, client(auto_sub=True, reconnect_interval=0))
        me.subscribe("c")
        mock.wait_until_subscribed("c")
        first = me.connection.socket_id
        close_all(mock, 4200)
        mock.wait_until(lambda: me.connection.socket_id != first)
        mock.wait_until_subscribed("c")
        mock.wait_until_delivered()
    me.connection.join(5)
    assert not me.connection.is_alive()


def close_all(mock: PusherMock, code: int) -> None:
    from pusher_mock.engine import CloseRequested

    for box in mock.core.connections:
        mock.core.submit(CloseRequested(box.connection, code, "because"))


def test_it_sleeps_when_the_interception_ends(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    """Nothing asks whether it still wants to connect when it wakes up."""
    asleep, awake = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        asleep.set()
        awake.wait(5)

    monkeypatch.setattr("pysher.connection.time.sleep", sleep)
    me = client()
    with mock.intercept():
        connect(mock, me)
        close_all(mock, 4100)
        assert asleep.wait(5)
    assert me.connection.is_alive()
    awake.set()
    me.connection.join(5)
    assert not me.connection.is_alive()
    assert not me.connection.needs_reconnect


@pytest.mark.parametrize("how", ["reset", "close"])
def test_the_mock_lets_go_of_it(how: str, mock: PusherMock):
    with mock.intercept():
        me = connect(mock, client(reconnect_interval=0))
        getattr(mock, how)()
        me.connection.join(5)
        assert not me.connection.is_alive()
    assert me.connection.disconnect_called


def test_the_mock_is_closed_while_it_is_away(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    asleep, awake = threading.Event(), threading.Event()
    monkeypatch.setattr(
        "pysher.connection.time.sleep", lambda seconds: (asleep.set(), awake.wait(5))
    )
    with mock.intercept():
        me = connect(mock, client())
        close_all(mock, 4100)
        assert asleep.wait(5)
        mock.close()
        awake.set()
        me.connection.join(5)
    assert me.connection.disconnect_called


def test_the_current_mock_changes():
    with intercepted():
        me = client()
        with PusherMock() as first:
            connect(first, me)
        me.connection.join(5)
        assert not me.connection.is_alive()
        with PusherMock() as second:
            connect(second, client()).disconnect()


def test_an_interception_inside_another(mock: PusherMock):
    with mock.intercept("sdk"):
        with mock.intercept():
            me = connect(mock, client())
        assert me.connection.is_alive()
        me.subscribe("c")
        mock.wait_until_subscribed("c")
    assert not me.connection.is_alive()


def test_another_mock_is_current_for_a_while():
    with PusherMock() as first, intercepted():
        me = connect(first, client())
        with PusherMock() as second, intercepted():
            connect(second, client()).disconnect()
        assert me.connection.is_alive()
        me.subscribe("c")
        first.wait_until_subscribed("c")
    me.connection.join(5)
    assert not me.connection.is_alive()


def test_one_mock_by_name_inside_another(mock: PusherMock):
    with PusherMock(), intercepted():
        with mock.intercept():
            me = connect(mock, client())
        assert not me.connection.is_alive()


def test_stopped_in_its_own_callback(mock: PusherMock):
    interception = mock.intercept().start()
    me = client()
    me.connection.bind("pusher:connection_established", lambda data: interception.stop())
    me.connect()
    me.connection.join(5)
    assert not me.connection.is_alive()
    with pytest.raises(UsageError, match="not begun"):
        interception.stop()


def test_one_that_was_let_go_of_is_not_admitted_again(mock: PusherMock):
    guest = door.Guest(client().connection)
    guest.dismiss()
    with pytest.raises(ConnectionRefusedError, match="let go"):
        guest.admit(visits.Claim(mock.core, "sdk", "h", 80, False))
    assert repr(guest).startswith("<Guest wss://ws-eu.pusher.com:443/app/")
    assert door.here() is None
    asleep = door.Guest(client().connection)
    scheduler = asleep._connection.timeout_scheduler
    scheduler.enter(60, 1, print)
    asleep._sleep(0)
    assert len(scheduler.queue) == 1
    asleep.dismiss()
    asleep._sleep(60)
    assert not scheduler.queue


# Between the caller's thread and the connection's -------------------------------------------------


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Its thread comes to connect when this is set."""
    go_on, run = threading.Event(), pysher.connection.Connection.run

    def slow(self: Any) -> None:
        go_on.wait(5)
        run(self)

    monkeypatch.setattr(pysher.connection.Connection, "run", slow)
    monkeypatch.setattr(door, "_MOMENT", 0.01)
    return go_on


def reached(me: pysher.Pusher, late: threading.Event) -> list[str]:
    """Let it come to connect; returns where it has tried to."""
    tried: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("websocket._core.connect", lambda url, *args: tried.append(url))
        late.set()
        me.connection.join(5)
    assert not me.connection.is_alive()
    return tried


def test_its_thread_is_late(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0)
    with mock.intercept():
        me.connect()
    assert not reached(me, late)
    assert me.connection.state == "failed"
    assert not me.connection.needs_reconnect


def test_its_thread_is_late_and_only_the_outer_one_lets_it_out(
    mock: PusherMock, late: threading.Event
):
    me = client(reconnect_interval=0)
    with mock.intercept(allow_real="*.pusher.com"), mock.intercept():
        me.connect()
    assert not reached(me, late)


def test_its_thread_is_late_and_the_mock_is_closed(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0)
    with mock.intercept():
        me.connect()
        mock.close()
        assert not reached(me, late)


def test_its_thread_is_late_and_it_was_refused(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0)
    interception = mock.intercept("httpx").start()
    me.connect()
    with pytest.raises(NotIntercepted, match="the door 'websocket' is not among"):
        interception.stop()
    assert not reached(me, late)


def test_it_was_started_before_and_is_refused(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0)
    me.connect()
    interception = mock.intercept("httpx").start()
    late.set()
    me.connection.join(5)
    with pytest.raises(NotIntercepted, match="the door 'websocket' is not among"):
        interception.stop()
    assert not me.connection.needs_reconnect or me.connection.disconnect_called


def test_its_thread_is_late_but_it_is_forwarded(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0)
    with mock.intercept(forward_to="http://127.0.0.1:9"):
        me.connect()
    assert not reached(me, late)


def test_its_thread_is_late_and_nobody_takes_it(mock: PusherMock, late: threading.Event):
    me = client(reconnect_interval=0, custom_host="elsewhere.test")
    with mock.intercept("httpx"):
        me.connect()
        me.connection.disconnect_called = True
        assert len(reached(me, late)) == 1


def test_it_is_started_twice(mock: PusherMock):
    with mock.intercept():
        me = connect(mock, client())
        with pytest.raises(RuntimeError, match="once"):
            me.connect()
        me.disconnect()
    with pytest.raises(RuntimeError, match="once"):
        me.connect()
    elsewhere = client(custom_host="elsewhere.test")
    elsewhere.connection._started.set()  # type: ignore[attr-defined]
    with mock.intercept("httpx"), pytest.raises(RuntimeError, match="once"):
        elsewhere.connect()


def test_one_that_connects_in_its_own_way(mock: PusherMock):
    class Own(pysher.connection.Connection):
        def _connect(self) -> None:
            self.state = "own"

    own = Own(print, "wss://ws-eu.pusher.com/app/k")
    with mock.intercept():
        own.start()
        own.join(5)
    assert own.state == "own"


def test_doubles_are_not_guests(mock: PusherMock):
    with mock.intercept():
        double = mock.client(threaded=True)
        double.connect()
        assert not visits._visitors
        double.disconnect()


def test_it_is_let_go_of_while_it_connects(mock: PusherMock):
    ended: list[str] = []

    class Socket:
        def end(self) -> None:
            ended.append("end")

        def put_out(self) -> None:
            ended.append("out")

    guest = door.Guest(client().connection)
    guest.give(Socket())  # type: ignore[arg-type]
    guest.wait()
    guest.dismiss()
    guest.give(Socket())  # type: ignore[arg-type]
    guest.finish()
    assert ended == ["end", "out", "end", "out"]


def test_one_that_was_let_go_of_is_not_let_through(
    mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    """Nobody takes it any more, and the seams are still there."""
    guest = door.Guest(client().connection)
    guest.dismiss()
    with mock.intercept("httpx"):
        monkeypatch.setattr(door._local, "guest", guest)
        with pytest.raises(ConnectionRefusedError, match="let go"):
            websocket.create_connection("ws://elsewhere.test/app/k")
