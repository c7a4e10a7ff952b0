"""A subscriber that records what it is given."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import App, ExpectationFailed, ManualClock, PusherMock, UsageError
from pusher_mock.doubles.client import SubscriptionLost
from pusher_mock.testing import RecordedMessage, Recorder, recording_subscriber


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def test_everything_on_its_channels(mock: PusherMock):
    recorder = mock.recording_subscriber("c", "private-d")
    mock.server().trigger("c", "e", {"n": 1})
    mock.clock.advance(2.5)
    mock.server().trigger("private-d", "f", "text")
    mock.server().trigger("other", "e", 1)
    assert recorder.messages == [
        RecordedMessage({"n": 1}, '{"n": 1}', "e", "c", 0, 0),
        RecordedMessage("text", "text", "f", "private-d", 2.5, 1),
    ]
    assert recorder.payloads == [{"n": 1}, "text"]
    assert recorder.count() == 2
    assert list(recorder) == recorder.messages
    assert repr(recorder) == "<Recorder messages=2 on mock-connection-1>"
    recorder.clear()
    assert recorder.count() == 0


def test_the_sequence_counts_across_recorders(mock: PusherMock):
    one, two = (mock.recording_subscriber("c") for _ in range(2))
    mock.server().trigger("c", "e", 1)
    mock.server().trigger("c", "e", 2)
    assert [message.sequence for message in one] == [0, 2]
    assert [message.sequence for message in two] == [1, 3]
    other = PusherMock()
    third = other.recording_subscriber("c")
    other.server().trigger("c", "e", 1)
    assert [message.sequence for message in third] == [0]


def test_its_client_is_a_client(mock: PusherMock):
    recorder = mock.recording_subscriber("private-c")
    other = mock.recording_subscriber("private-c")
    client = recorder.client
    assert client is not None
    heard: list[str] = []
    client.channels["private-c"].bind("e", heard.append)
    client.channels["private-c"].bind("pusher_internal:member_added", heard.append)
    mock.server().trigger("private-c", "e", "x")
    assert (heard, recorder.payloads) == (["x"], ["x"])
    client.channels["private-c"].trigger("client-typing", {"on": True})
    assert other.payloads == ["x", {"on": True}]
    assert recorder.socket_id == client.connection.socket_id
    recorder.subscribe("d")
    mock.server().trigger("d", "e", "y")
    assert recorder.payloads == ["x", "y"]
    client.disconnect()
    mock.server().trigger("d", "e", "z")
    assert recorder.count() == 2


def test_an_app_and_options_of_the_client():
    mock = PusherMock(apps=[App("1", "k1", "s1"), App("2", "k2", "s2")])
    recorder = mock.recording_subscriber(
        "presence-c", app="k2", user_data={"user_id": "ann"}, reconnect_interval=1
    )
    mock.server("k2").trigger("presence-c", "e", 1)
    mock.server("k1").trigger("presence-c", "e", 2)
    assert recorder.payloads == [1]


def test_a_cached_event_comes_with_the_answer(mock: PusherMock):
    mock.server().trigger("cache-c", "last", {"n": 1})
    recorder = mock.recording_subscriber("cache-c")
    assert [(one.event, one.payload) for one in recorder] == [("last", {"n": 1})]


def test_the_service_s_own_events_are_left_out(mock: PusherMock):
    recorder = mock.recording_subscriber("presence-c", user_data={"user_id": "a"})
    mock.recording_subscriber("presence-c", user_data={"user_id": "b"})
    assert recorder.count() == 0


def test_on_a_thread_of_its_own(mock: PusherMock):
    recorder = mock.recording_subscriber(threaded=True)
    mock.wait_until(lambda: recorder.connections)
    recorder.subscribe("c")
    mock.wait_until_subscribed("c")
    for number in range(3):
        mock.server().trigger("c", "e", number)
    assert [one.payload for one in recorder.wait_for(3)] == [0, 1, 2]


def test_waiting_moves_a_clock_that_jumps():
    mock = PusherMock(clock=ManualClock(autojump=True), network="latency=10")
    recorder = mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    assert recorder.count() == 0
    (message,) = recorder.wait_for(1)
    assert (message.payload, message.at) == (1, 10)


def test_waiting_in_vain(mock: PusherMock):
    recorder = mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    with pytest.raises(ExpectationFailed) as failed:
        recorder.wait_for(2, timeout=0)
    assert str(failed.value).splitlines()[:2] == [
        "waited 0 s for 2 messages, and 1 came",
        "what happened last:",
    ]


# Connections that break -------------------------------------------------------------------------

ALL = ("c", "private-d", "presence-e")


def trigger_all(mock: PusherMock, data: object) -> None:
    for name in ALL:
        mock.server().trigger(name, "e", data)


@pytest.mark.parametrize("auto_sub", [False, True])
def test_it_subscribes_again_and_signs_anew(mock: PusherMock, auto_sub: bool):
    recorder = mock.recording_subscriber(*ALL, user_data={"user_id": "a"}, auto_sub=auto_sub)
    for number in (1, 2):
        mock.network.disconnect_now(recorder.client)
        trigger_all(mock, "missed")
        mock.clock.advance(10_000)
        trigger_all(mock, number)
    assert recorder.payloads == [1, 1, 1, 2, 2, 2]
    assert recorder.connections == [f"mock-connection-{number}" for number in (1, 2, 3)]
    assert "Existing subscription" not in mock.journal.dumps()
    assert mock.errors == []


def test_what_was_bound_to_its_channels_stays(mock: PusherMock):
    heard: list[str] = []
    recorder = mock.recording_subscriber("c")
    assert recorder.client is not None
    channel = recorder.client.channels["c"]
    channel.bind("e", heard.append)
    mock.network.disconnect_now(recorder.client)
    mock.clock.advance(10_000)
    channel.bind("f", heard.append)
    for event in ("e", "f"):
        mock.server().trigger("c", event, event)
    assert heard == recorder.payloads == ["e", "f"]


def test_what_it_has_left_it_does_not_subscribe_again(mock: PusherMock):
    recorder = mock.recording_subscriber("c", "d")
    assert recorder.client is not None
    recorder.client.subscribe("other")  # the client's own, which is as with pysher
    recorder.client.unsubscribe("c")
    mock.network.disconnect_now(recorder.client)
    mock.clock.advance(10_000)
    for name in ("c", "d", "other"):
        mock.server().trigger(name, "e", name)
    assert recorder.payloads == ["d"]
    assert mock.state.get_subscriber_count("other") == 0


def test_before_there_is_a_connection(mock: PusherMock):
    with mock.network.refuse_connections():
        recorder = mock.recording_subscriber("c")
        recorder.subscribe("private-d", "c")
    assert recorder.connections == []
    mock.clock.advance(10_100)  # it takes a moment to find nobody
    for name in ("c", "private-d"):
        mock.server().trigger(name, "e", name)
    assert recorder.payloads == ["c", "private-d"]
    assert "Existing subscription" not in mock.journal.dumps()


def test_one_that_has_disconnected_hears_nothing_and_says_so(mock: PusherMock):
    recorder = mock.recording_subscriber()
    assert recorder.client is not None
    recorder.client.disconnect()
    with pytest.warns(SubscriptionLost, match="while the connection is disconnected"):
        recorder.subscribe("c")


def test_a_channel_that_is_not_authorized_again_keeps_no_other_from_it(mock: PusherMock):
    recorder = mock.recording_subscriber(*ALL, user_data={"user_id": "a"})
    mock.network.disconnect_now(recorder.client)
    with mock.network.fail_authorizations(channel="private-*"):
        mock.clock.advance(10_000)
    trigger_all(mock, 1)
    assert [one.channel for one in recorder] == ["c", "presence-e"]
    ((_, _, event, _),) = mock.errors
    assert event == "pusher:connection_established"
    recorder.subscribe("private-d")
    mock.server().trigger("private-d", "e", 2)
    assert recorder.payloads == [1, 1, 2]


def test_subscribing_while_its_thread_connects(mock: PusherMock):
    recorder = mock.recording_subscriber("c", "private-d", threaded=True)
    for name in ("c", "private-d"):
        mock.wait_until_subscribed(name)
        mock.server().trigger(name, "e", name)
    assert [one.payload for one in recorder.wait_for(2)] == ["c", "private-d"]
    assert "Existing subscription" not in mock.journal.dumps()


# Only a handler ---------------------------------------------------------------------------------


class Envelope:
    """As a broker's messages are."""

    topic = "ctx.update"
    payload: Any = (1, 2)


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        (('{"n": 1}',), ({"n": 1}, '{"n": 1}', "", "")),
        (("no json",), ("no json", "no json", "", "")),
        (("[" * 9999,), ("[" * 9999, "[" * 9999, "", "")),
        ((Envelope(),), ((1, 2), "", "", "ctx.update")),
        (({"n": 1},), ({"n": 1}, "", "", "")),
        ((), (None, "", "", "")),
    ],
)
def test_what_a_handler_may_be_given(given: tuple[Any, ...], recorded: tuple[Any, ...]):
    mock = PusherMock()
    mock.clock.advance(3)
    recorder = recording_subscriber(mock)
    recorder.handler(*given)
    (message,) = recorder
    assert (message.payload, message.raw, message.event, message.channel) == recorded
    assert (message.at, message.sequence) == (3, 0)
    assert repr(recorder) == "<Recorder messages=1>"


def test_bound_to_a_channel(pusher_mock: PusherMock):
    recorder = recording_subscriber()  # of the current mock
    channel = pusher_mock.client(connect=True).subscribe("c")
    channel.bind("e", recorder.handler, event="e", channel="c")
    pusher_mock.clock.advance(1)
    pusher_mock.server().trigger("c", "e", {"n": 1})
    assert recorder.messages == [RecordedMessage({"n": 1}, '{"n": 1}', "e", "c", 1, 0)]


def test_as_an_observer(mock: PusherMock):
    published, delivered = recording_subscriber(mock), recording_subscriber(mock)
    mock.on_published(published.handler)
    mock.on_delivered(delivered.handler)
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", {"n": 1})
    for recorder in (published, delivered):
        (message,) = recorder
        assert (message.payload, message.event, message.channel) == ({"n": 1}, "e", "c")


def test_channels_come_one_by_one():
    mock = PusherMock()
    names: Any = ["a", "b"]
    with pytest.raises(UsageError, match=r"names of channels one by one, not \['a', 'b'\]"):
        mock.recording_subscriber(names)


@pytest.mark.parametrize("name", ["connection_id", "socket_id"])
def test_it_has_no_connection(name: str):
    recorder = Recorder()
    with pytest.raises(UsageError, match="this recorder is only a handler"):
        getattr(recorder, name)
    with pytest.raises(UsageError, match="or bind its handler"):
        recorder.subscribe("c")
