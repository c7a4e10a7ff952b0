"""Counts and observers, and what a reset leaves of them."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import MockPusherClient, PusherMock
from pusher_mock.network import DeliveryNote

from .bench import conserved, listen, publish


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(seed=1)


# Counts ----------------------------------------------------------------------------------------


def test_by_channel_and_event(mock: PusherMock):
    one, _ = listen(mock, "a", "b"), listen(mock, "a")
    mock.network.conditions(latency=10, channel="b")
    mock.network.conditions(drop_rate=1, connection=one.client, channel="a")
    server = mock.server()
    server.trigger(["a", "b", "nobody"], "x", "0")
    server.trigger("a", "y", "0")
    metrics = mock.metrics()
    assert (metrics.published, metrics.offered) == (4, 5)
    assert (metrics.delivered, metrics.dropped, metrics.pending) == (2, 2, 1)
    a, b = metrics.by_channel["a"], metrics.by_channel["b"]
    assert (a.published, a.offered, a.delivered, a.dropped) == (2, 4, 2, 2)
    assert (b.published, b.offered, b.pending, b.depth) == (1, 1, 1, 1)
    assert metrics.by_channel["nobody"].published == 1
    assert metrics.by_event["y"].reasons == {"loss": 1}
    assert metrics.by_event["x"].published == 3
    assert conserved(mock)
    assert "by_channel" not in repr(metrics)
    with pytest.raises(AttributeError):
        metrics.published = 5  # type: ignore[misc]


def test_without_the_excluded_connection(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.server().trigger("a", "x", "0", one.socket_id)
    assert (one.got, other.got) == ([], ["0"])
    assert mock.metrics().offered == 1


@pytest.mark.parametrize("calm", [True, False])
def test_the_services_own_frames_do_not_count(mock: PusherMock, calm: bool):
    if not calm:
        mock.network.conditions(latency=1)
    client = mock.client(connect=True, user_data={"user_id": "1"})
    client.subscribe("presence-a")
    mock.client(connect=True, user_data={"user_id": "2"}).subscribe("presence-a")
    mock.clock.run_until_idle()
    metrics = mock.metrics()
    assert (metrics.published, metrics.offered) == (0, 0)


def test_very_many_names(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pusher_mock.protocol.limits.MAX_NAMES", 2)
    for channel in "abcd":
        publish(mock, 1, channel)
    metrics = mock.metrics()
    assert metrics.published == 4
    assert metrics.by_channel["…"].published == 2


# Observers -------------------------------------------------------------------------------------


def test_observers(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    seen: list[tuple[str, Any]] = []
    ends = [
        mock.on_published(lambda event: seen.append(("published", event.data))),
        mock.on_delivered(lambda note: seen.append(("delivered", note))),
        mock.on_dropped(lambda note: seen.append(("dropped", note))),
    ]
    mock.network.conditions(drop_rate=1, connection=other.client)
    mock.network.conditions(latency=5, connection=one.client)
    mock.server().trigger("a", "x", {"n": 1})
    mock.clock.advance(5)
    assert seen == [
        ("published", {"n": 1}),
        ("dropped", DeliveryNote("a", "x", '{"n": 1}', 0, other.name, "loss")),
        ("delivered", DeliveryNote("a", "x", '{"n": 1}', 5, one.name)),
    ]
    assert seen[1][1].data == {"n": 1}
    for end in ends:
        end()
        end()
    mock.network.clear()
    assert mock.network.calm
    publish(mock)
    assert len(seen) == 3


def test_data_that_is_no_json():
    assert DeliveryNote("a", "x", "no json", 0, "mock-connection-1").data == "no json"


def test_observers_are_told_after_the_callbacks_and_may_do_what_they_like(mock: PusherMock):
    one = listen(mock)
    log: list[str] = []
    one.client.channels["a"].bind("x", lambda data: log.append(f"callback {data}"))

    def again(note: DeliveryNote) -> None:
        log.append(f"observer {note.raw}")
        assert mock.core.lock.acquire(blocking=False)
        mock.core.lock.release()
        if note.raw == "0":
            mock.server().trigger("a", "x", "1")

    mock.on_delivered(again)
    publish(mock)
    assert log == ["callback 0", "observer 0", "callback 1", "observer 1"]


@pytest.mark.parametrize("what", ["on_published", "on_delivered"])
def test_an_observer_that_raises(mock: PusherMock, what: str):
    one = listen(mock)

    def fail(note: Any) -> None:
        raise ValueError("no")

    getattr(mock, what)(fail)
    publish(mock)
    assert one.got == ["0"]
    [error] = mock.errors
    assert (error.channel, error.event) == ("a", "x")
    assert error.connection == ("a publisher" if what == "on_published" else one.name)


def test_observers_of_what_is_dropped_later(mock: PusherMock):
    one = listen(mock)
    seen: list[str] = []
    mock.on_dropped(lambda note: seen.append(note.reason))
    mock.network.conditions(latency=10)
    publish(mock)
    mock.network.disconnect_now(one.client)
    assert seen == ["closed"]


# Reset and close -------------------------------------------------------------------------------


def test_reset(mock: PusherMock):
    one = listen(mock)
    network = mock.network
    network.conditions(latency=50)
    network.fault("a", action="duplicate")
    network.fail_publishes(times=1, status="timeout")
    network.fail_authorizations()
    network.refuse_connections(1_000)
    network.partition([one.name])
    network.disconnect_after(9)
    with pytest.raises(Exception, match="timeout"):
        publish(mock)
    mock.state.trigger("a", "x", 0)
    mock.reset()
    assert str(network) == "latency=50"
    assert mock.metrics().published == mock.metrics().retried == 0
    assert repr(network) == "<Network latency=50 pending=0>"
    again = listen(mock)
    assert again.name == "mock-connection-1"
    publish(mock)
    assert mock.metrics().retried == 0
    mock.clock.advance(2_000)
    assert one.got == []
    assert again.got == ["0"]
    assert "no more" not in mock.journal.dumps()


def test_reset_of_a_silent_and_of_a_paused_one(mock: PusherMock):
    one, other = listen(mock), listen(mock)
    mock.network.half_open(one.client)
    mock.network.pause(other.client)
    publish(mock, 2)
    mock.reset()
    assert mock.network.calm
    mock.clock.run_until_idle()
    assert other.got == []


def test_the_same_after_a_reset(mock: PusherMock):
    """Conditions stay, and chance begins again."""

    def life() -> list[float]:
        begun = mock.clock.now()
        one = listen(mock)
        publish(mock, 20)
        mock.clock.run_until_idle()
        return [round(at - begun, 3) for at in one.times]

    mock.network.use("lossy")
    first = life()
    mock.reset()
    assert life() == first


def test_close(mock: PusherMock):
    one = listen(mock)
    mock.network.conditions(latency=50)
    publish(mock, 3)
    mock.close()
    metrics = mock.metrics()
    assert (metrics.offered, metrics.dropped, metrics.pending) == (3, 3, 0)
    mock.clock.advance(50)
    assert one.got == []
    mock.core.arrive(50)


def test_a_mock_that_is_not_the_current_one_any_more():
    seen: list[str] = []
    with PusherMock(network="latency=50") as mock:
        mock.on_dropped(lambda note: seen.append(note.reason))
        client = MockPusherClient("mock-pusher-key")  # attached to whichever is current
        client.connect()
        client.subscribe("a")
        publish(mock, 2)
    assert seen == ["closed", "closed"]
    assert mock.metrics().pending == 0
    assert conserved(mock)
