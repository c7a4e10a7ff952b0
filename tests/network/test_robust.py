"""What a test gives may fail, overlap or come twice, and the counts still hold."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import App, ManualClock, PusherMock, UsageError
from pusher_mock.network import NetworkConditions


def anything(**options: Any) -> PusherMock:
    return PusherMock(**options)


def listen(mock: PusherMock, channel: str = "c") -> tuple[Any, list[str]]:
    client, heard = mock.client(connect=True, reconnect_interval=0), list[str]()
    client.subscribe(channel).bind("e", heard.append)
    return client, heard


def holds(mock: PusherMock) -> None:
    counts = mock.metrics()
    assert counts.offered + counts.duplicated == counts.delivered + counts.dropped + counts.pending


@pytest.mark.parametrize("answer", [ZeroDivisionError(), float("nan"), -1, None, 10**400])
@pytest.mark.parametrize("direction", ["receive", "publish", "send"])
def test_a_latency_that_fails(answer: Any, direction: str):
    mock, calls = PusherMock(), list[float]()

    def latency(chance: float) -> float:
        calls.append(chance)
        if len(calls) < 3:
            return 10
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    heard = [listen(mock, "private-c")[1] for _ in range(4)]
    mock.network.conditions(latency=latency, direction=direction)
    for number in range(4):
        mock.server().trigger("private-c", "e", number)
        holds(mock)
    sender, _ = listen(mock, "private-c")
    for _ in range(3):
        sender.channel("private-c").trigger("client-x", {})
    mock.clock.advance(10)
    holds(mock)
    assert all(len(one) == 4 for one in heard)
    assert mock.errors
    assert {one.event for one in mock.errors} == {"latency"}
    with pytest.raises(BaseException):  # noqa: B017, PT011 - one or several, of either kind
        mock.raise_errors()


@pytest.mark.parametrize("action", ["drop", "error"])
def test_a_predicate_that_fails(action: str):
    mock = PusherMock()
    _, heard = listen(mock, "cache-c")
    mock.network.fault(when=lambda event: 1 / 0, action=action)
    mock.server().trigger("cache-c", "e", 1)
    holds(mock)
    assert heard == ["1"]
    assert len(mock.published()) == 1
    assert [type(one.error) for one in mock.errors] == [ZeroDivisionError]


def test_an_observer_changes_nothing():
    def life(*, watched: bool) -> tuple[str, str]:
        mock = PusherMock()
        if watched:
            mock.on_published(lambda event: None)
        client, _ = listen(mock)
        mock.clock.advance(30)
        mock.network.close(client, 4200)
        state = client.connection.state
        again, _ = listen(mock)
        mock.clock.advance(10)
        with mock.network.conditions(poll_interval=100):
            mock.server().trigger("c", "e", 1)
        mock.network.restart()
        mock.clock.run_until_idle()
        assert again.connection.state == "connected"
        return state, mock.journal.dumps()

    assert life(watched=True) == life(watched=False)
    assert life(watched=True)[0] == "connected"


@pytest.mark.parametrize("end", ["reset", "close"])
def test_who_does_not_know_that_it_is_closed_is_told_at_the_end(end: str):
    mock = PusherMock()
    client, _ = listen(mock)
    mock.network.half_open(client)
    mock.clock.advance(80_000)  # the service has given up
    assert client.connection.state == "connected"
    getattr(mock, end)()
    assert client.connection.state == "disconnected"
    mock.clock.advance(400_000)
    assert not mock.core.connections


def test_implicit_clients_that_do_not_know_end_with_their_mock():
    from pusher_mock import MockPusherClient

    with PusherMock() as mock:
        client = MockPusherClient("mock-pusher-key")
        client.connect()
        mock.network.half_open(client)
        mock.clock.advance(80_000)
    assert client.connection.state == "disconnected"


def test_a_client_that_notices_is_forgotten():
    mock = PusherMock()
    client, _ = listen(mock)
    mock.network.half_open(client)
    mock.clock.advance(80_000)
    client.disconnect()
    assert not mock.core._ghosts


def test_an_app_by_its_alias():
    mock = PusherMock()
    mock.network.conditions(error_rate=1, app="mock-app-id")
    for app_id in ("1", "mock-app-id"):
        with pytest.raises(Exception, match="503"):
            mock.server(app_id=app_id).trigger("c", "e", 1)


def test_refused_for_one_app_only():
    one, two = App("1", "k1", "s1"), App("2", "k2", "s2")
    mock = PusherMock(apps=[one, two])
    mock.network.conditions(connect_error_rate=1, app=one)
    assert mock.client(one, connect=True).connection.state == "unavailable"
    assert mock.client(two, connect=True).connection.state == "connected"


def test_commands_that_overlap():
    mock = PusherMock()
    client, heard = listen(mock)
    server = mock.server()
    with mock.network.half_open(client):
        with mock.network.half_open(client):
            pass
        server.trigger("c", "e", 1)
    assert heard == []
    with mock.network.pause(client):
        with mock.network.pause(client):
            pass
        server.trigger("c", "e", 2)
        assert heard == []
    assert heard == ["2"]
    with mock.network.pause(client), mock.network.pause(client):
        server.trigger("c", "e", 3)
        mock.network.resume(client)
        assert heard == ["2", "3"]
    first = mock.network.disconnect_now()
    mock.network.clear()
    with mock.network.disconnect_now():
        first.end()
        assert mock.network.down
        with mock.network.disconnect_now():
            pass
        assert mock.network.down
    assert not mock.network.down


def test_an_old_countdown_does_not_end_a_new_one():
    mock = PusherMock()
    listen(mock)
    old = mock.network.disconnect_after(1)
    mock.reset()
    listen(mock)
    mock.network.disconnect_after(1)
    old.end()
    mock.server().trigger("c", "e", 1)
    assert mock.network.down


def test_news_come_in_order():
    mock, told = PusherMock(), list[Any]()

    def publishes(event: Any) -> None:
        if event.data == 1:
            mock.server().trigger("c", "e", 2)

    mock.on_published(publishes)
    mock.on_published(lambda event: told.append(event.data))
    mock.server().trigger("c", "e", 1)
    assert told == [1, 2]


def test_an_observer_that_fails_the_test():
    mock, told = PusherMock(), list[Any]()
    mock.on_published(lambda event: pytest.fail("no"))
    mock.on_published(lambda event: told.append(event.data))
    with pytest.raises(pytest.fail.Exception):
        mock.server().trigger("c", "e", 1)
    assert told == [1]


def test_a_callback_that_fails_the_test_postpones_nothing():
    mock = PusherMock()
    client, _ = listen(mock)
    client.channel("c").bind("e", lambda data: pytest.fail("no"))
    other, _ = listen(mock)
    mock.network.disconnect_after(1, other)
    with pytest.raises(pytest.fail.Exception):
        mock.server().trigger("c", "e", 1)
    assert "cut mock-connection-2" in mock.journal.dumps()


def test_refused_connections_leave_nothing_behind():
    mock = PusherMock(strict=True, network="latency=5")
    for number in range(5):
        mock.client(connect=True, key=f"unknown-{number}")
    assert not mock.network._lanes


def test_the_same_observer_twice():
    mock, told = PusherMock(), list[Any]()
    end = mock.on_published(told.append)
    mock.on_published(told.append)
    end()
    mock.server().trigger("c", "e", 1)
    assert len(told) == 1


def test_resumed_by_a_timer():
    clock = ManualClock()
    mock = PusherMock(clock=clock)
    client, heard = listen(mock)
    mock.network.pause(client)
    mock.server().trigger("c", "e", 1)
    clock.call_at(5, lambda: mock.network.resume(client))
    clock.jump(10)
    assert heard == ["1"]


def test_what_a_closed_mock_does():
    clock = ManualClock()
    mock = PusherMock(clock=clock, network="mobile")
    mock.network.clear()
    mock.network.use("restart")
    mock.network.conditions(latency=50, disconnect_rate=0.5)
    lost = list[Any]()
    mock.on_dropped(lost.append)
    listen(mock)
    mock.server().trigger("c", "e", 1)
    mock.close()
    assert [note.reason for note in lost] == ["closed"]
    text = mock.journal.dumps()
    clock.advance(10_000)
    assert mock.journal.dumps() == text
    assert not clock.waiting


@pytest.mark.parametrize(
    "fields",
    [
        {"in_order": "maybe"},
        {"bandwidth": True},
        {"latency": 10**400},
        {"poll_interval": 5e-324},
    ],
)
def test_refused_conditions(fields: dict[str, Any]):
    with pytest.raises(UsageError):
        NetworkConditions(**fields)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda mock: mock.network.conditions("lossy"), "use\\('lossy'\\)"),
        (lambda mock: mock.network.fault(when={"n": 1}), "a function that is given the event"),
        (lambda mock: mock.on_delivered(None), "None cannot be"),
        (lambda mock: anything(seed="random"), "seed takes a whole number"),
        (lambda mock: anything(clock=ManualClock), "clock takes a ManualClock"),
        (lambda mock: anything(clock="autojump"), "clock takes a ManualClock"),
    ],
)
def test_what_is_refused_at_once(call: Any, text: str):
    with pytest.raises(UsageError, match=text):
        call(PusherMock())
