"""What clients send: when it arrives, how often, and in which order."""

from __future__ import annotations

import pytest

from pusher_mock import ExpectationFailed, PusherMock
from pusher_mock.network.sending import _kind

from .bench import Listener, listen

_CHANNEL = "private-a"


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(seed=5)


@pytest.fixture
def one(mock: PusherMock) -> Listener:
    return listen(mock, _CHANNEL)


@pytest.fixture
def sender(mock: PusherMock, one: Listener) -> Listener:
    return listen(mock, _CHANNEL)


def test_latency_and_jitter(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(latency=(10, 50), jitter=5, direction="send")
    for number in range(10):
        sender.send(_CHANNEL, str(number))
    mock.clock.run_until_idle()
    assert [int(data) for data in one.got] == list(range(10))
    assert 0 < one.times[0] < one.times[-1] <= 55


def test_out_of_order(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(latency=(10, 50), in_order=False, direction="send")
    for number in range(10):
        sender.send(_CHANNEL, str(number))
    mock.clock.run_until_idle()
    assert [int(data) for data in one.got] != list(range(10))
    assert sorted(int(data) for data in one.got) == list(range(10))


def test_bandwidth(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(bandwidth=1_000, direction="send")
    for number in range(2):
        sender.send(_CHANNEL, str(number))
    assert one.got == []
    mock.clock.run_until_idle()
    first, second = one.times
    assert 0 < first < 1_000
    assert second == pytest.approx(2 * first, abs=0.01)


def test_loss_and_copies(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(drop_rate=0.3, duplicate_rate=0.3, direction="send")
    for number in range(100):
        sender.send(_CHANNEL, str(number))
        mock.clock.advance(200)  # ten a second are let through
    kinds = {one.got.count(str(number)) for number in range(100)}
    assert kinds == {0, 1, 2}
    assert mock.journal.dumps().count("lost on the way to the service") == 100 - len(set(one.got))
    assert mock.metrics().published == len(one.got)


def test_nothing_overtakes_when_the_rule_has_ended(
    mock: PusherMock, one: Listener, sender: Listener
):
    with mock.network.conditions(latency=100, direction="send"):
        sender.send(_CHANNEL, "0")
    sender.send(_CHANNEL, "1")
    assert one.got == []
    mock.clock.advance(100)
    assert one.got == ["0", "1"]
    sender.send(_CHANNEL, "2")
    assert one.got[2:] == ["2"]
    assert mock.network.calm


def test_what_is_spared_keeps_its_place(mock: PusherMock, one: Listener, sender: Listener):
    """A subscription is not delayed by the weather, but does not pass the event before it."""
    mock.network.conditions(latency=100, direction="send")
    sender.send(_CHANNEL, "0")
    sender.client.subscribe("b")
    assert mock.state.get_subscriber_count("b") == 0
    mock.clock.advance(100)
    assert mock.state.get_subscriber_count("b") == 1
    mock.network.conditions(in_order=False, direction="send")
    sender.send(_CHANNEL, "1")
    sender.client.subscribe("c")
    assert mock.state.get_subscriber_count("c") == 1


def test_a_sender_that_has_gone(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(latency=100, direction="send")
    sender.send(_CHANNEL, "0")
    sender.client.disconnect()
    mock.clock.advance(100)
    assert one.got == []


def test_a_sender_whose_mock_was_reset(mock: PusherMock, one: Listener, sender: Listener):
    mock.network.conditions(latency=100, direction="send")
    sender.send(_CHANNEL, "0")
    box = sender.client.connection.box
    assert box is not None
    mock.reset()
    again = listen(mock, _CHANNEL), listen(mock, _CHANNEL)
    mock.core.send(box, "{}")  # nobody hears it
    mock.clock.advance(100)
    assert again[0].got == again[1].got == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (None, ("connection", None, "")),
        (b"\x00", ("connection", None, "")),
        ("no frame", ("connection", None, "")),
        ('{"event":"pusher:ping","data":{}}', ("connection", None, "")),
        ('{"event":"pusher:subscribe","data":{"channel":"a"}}', ("subscriptions", "a", "")),
        ('{"event":"pusher:subscribe","data":{"channel":5}}', ("connection", None, "")),
        ('{"event":"client-x","channel":"a","data":{"channel":"b"}}', ("events", "a", "client-x")),
    ],
)
def test_what_a_message_is_about(text: str | bytes | None, about: tuple[str, str | None, str]):
    assert _kind(text) == about


def test_what_the_service_never_hears_of(mock: PusherMock, one: Listener, sender: Listener):
    with mock.network.conditions(drop_rate=1, direction="send"):
        sender.send(_CHANNEL, "lost")
        sender.client.subscribe("other")  # is no event
    with mock.network.half_open(sender.client):
        sender.send(_CHANNEL, "lost as well")
    metrics = mock.metrics()
    assert (metrics.unreceived, metrics.published, metrics.offered, metrics.dropped) == (2, 0, 0, 0)
    assert metrics.by_channel[_CHANNEL].unreceived == 2
    with pytest.raises(ExpectationFailed) as failed:
        mock.expect_delivered(_CHANNEL)
    text = str(failed.value)
    assert "2 events of clients were lost on the way to the service, and nothing was pub" in text
    assert "lost       what mock-connection-2 sent, on the way to the service: {" in text
    assert "lost as well" in text
    mock.reset()
    assert mock.metrics().unreceived == 0
