"""The state store: the document's verbs, its structure, and its unit test."""

from __future__ import annotations

import json
from threading import Thread
from typing import Any
from unittest.mock import Mock

import pytest

from pusher_mock import (
    App,
    MockPusherClient,
    MockPusherServer,
    PusherMock,
    UsageError,
    pusher_mock_state,
)


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


# The document's own test ------------------------------------------------------------------------


@pytest.mark.usefixtures("pusher_mock")
def test_should_deliver_messages_to_subscribers():
    pusher_mock_state.reset()
    server = MockPusherServer(
        app_id="test-app", key="test-key", secret="test-secret", cluster="test-cluster", ssl=True
    )
    client = MockPusherClient("test-key", cluster="test-cluster")
    client.connect()
    channel = client.subscribe("test-channel")

    callback = Mock()
    channel.bind("test-event", callback)

    # Trigger event
    server.trigger("test-channel", "test-event", {"message": "hello"})

    # Callback has been executed; pysher hands on the raw text, pusher-js decodes it
    callback.assert_called_once_with('{"message": "hello"}')
    assert json.loads(callback.call_args.args[0]) == {"message": "hello"}


def test_the_documents_state_structure(mock: PusherMock):
    state = mock.state
    for connection in ("mock-connection-1", "mock-connection-2"):
        state.subscribe(connection, "task-123")
    for number in range(45):
        state.trigger("task-123", "new-message" if number % 2 == 0 else "task-title-update", number)
    assert state.get_state() == {
        "channels": [
            {
                "name": "task-123",
                "subscriberCount": 2,
                "messageCount": 45,
                "events": ["new-message", "task-title-update"],
            }
        ],
        "subscriptions": [
            {"connectionId": "mock-connection-1", "channelCount": 1, "channels": ["task-123"]},
            {"connectionId": "mock-connection-2", "channelCount": 1, "channels": ["task-123"]},
        ],
    }
    assert json.loads(json.dumps(state.get_state())) == state.get_state()


# subscribe --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channel",
    [
        "public",
        "private-x",
        "presence-x",
        "private-encrypted-x",
        "cache-x",
        "private-cache-x",
        "presence-cache-x",
        "private-encrypted-cache-x",
    ],
)
def test_every_kind_of_channel(channel: str, mock: PusherMock):
    heard: list[Any] = []
    mock.state.subscribe("one", channel)
    mock.state.bind("one", channel, "e", heard.append)
    mock.state.trigger(channel, "e", {"n": 1})
    assert heard == [{"n": 1}]
    assert mock.state.get_subscriber_count(channel) == 1


def test_the_connection_id_is_the_member(mock: PusherMock):
    mock.state.subscribe("ada", "presence-x")
    mock.state.subscribe("ben", "presence-x")
    assert mock.server().users_info("presence-x") == {"users": [{"id": "ada"}, {"id": "ben"}]}


def test_a_connection_of_a_client_can_be_subscribed(mock: PusherMock):
    client = mock.client(connect=True)
    mock.state.subscribe("mock-connection-1", "c")
    assert mock.state.get_subscriber_count("c") == 1
    client.disconnect()
    assert mock.state.get_subscriber_count("c") == 0


def test_ids_of_clients_step_aside(mock: PusherMock):
    mock.state.subscribe("mock-connection-2", "c")
    for _ in range(2):
        mock.client(connect=True)
    ids = [one["connectionId"] for one in mock.state.get_state()["subscriptions"]]
    assert len(ids) == len(set(ids)) == 3


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("c", "cannot subscribe one to c: Existing subscription to channel c"),
        ("a b", "cannot subscribe one to a b: Invalid channel name: a b"),
        ("#server-to-user-1", "the connection is not signed in as that user"),
    ],
)
def test_what_the_service_would_refuse(channel: str, text: str, mock: PusherMock):
    mock.state.subscribe("one", "c")
    with pytest.raises(UsageError) as caught:
        mock.state.subscribe("one", channel)
    assert text in str(caught.value)


def test_a_refused_connection(mock: PusherMock):
    full = PusherMock(apps=[App("1", "k", "s", max_connections=1)])
    full.state.subscribe("one", "c")
    with pytest.raises(UsageError, match="app k refused the connection two: Account over quota"):
        full.state.subscribe("two", "c")


# trigger ----------------------------------------------------------------------------------------


def test_a_trigger_is_published(mock: PusherMock):
    mock.state.trigger("c", "e", {"n": "ł"})
    (event,) = mock.published("c", "e")
    assert event.raw == '{"n": "ł"}'
    assert event.app == "mock-app-id"


def test_a_connection_can_be_left_out(mock: PusherMock):
    client = mock.client(connect=True)
    heard: list[str] = []
    client.subscribe("c").bind("e", heard.append)
    mock.state.trigger("c", "e", "x", socket_id=client.connection.socket_id)
    mock.state.trigger("c", "e", "y")
    assert heard == ["y"]


@pytest.mark.parametrize(
    ("channel", "event", "data", "text"),
    [
        ("a b", "e", "", "400: Invalid channel name: a b"),
        ("c", "pusher:e", "", "400: The 'pusher' namespace is reserved for internal usage (rename"),
        ("c", "e", "x" * 10_241, "413: The data content of this event exceeds the allowed"),
    ],
)
def test_a_trigger_that_the_service_would_refuse(
    channel: str, event: str, data: Any, text: str, mock: PusherMock
):
    with pytest.raises(UsageError) as caught:
        mock.state.trigger(channel, event, data)
    assert str(caught.value).startswith(text)


def test_a_disabled_app_refuses():
    mock = PusherMock(apps=[App("1", "k", "s", enabled=False)])
    with pytest.raises(UsageError, match=r"\A403: Application disabled\Z"):
        mock.state.trigger("c", "e", "")
    with pytest.raises(UsageError, match="refused the connection one: Application disabled"):
        mock.state.subscribe("one", "c")


# History, cleaning up, reset --------------------------------------------------------------------


@pytest.mark.parametrize(("history", "kept"), [(None, 100), (3, 3), (0, 0), (250, 150)])
def test_history_is_bounded_first_in_first_out(history: int | None, kept: int):
    mock = PusherMock() if history is None else PusherMock(history=history)
    for number in range(150):
        mock.state.trigger("c", "e", number)
    assert [one.data for one in mock.state.get_channel_messages("c")] == list(
        range(150 - kept, 150)
    )
    if kept:
        assert mock.state.get_state()["channels"][0]["messageCount"] == kept
    else:
        assert mock.state.get_state()["channels"] == []


def test_each_channel_has_its_own_history():
    mock = PusherMock(history=1)
    for name in "abba":
        mock.state.trigger(name, "e", name)
    assert [len(mock.state.get_channel_messages(name)) for name in "abc"] == [1, 1, 0]


def test_history_cannot_be_negative():
    with pytest.raises(UsageError, match="history takes a number of messages from 0, not -1"):
        PusherMock(history=-1)


def test_an_empty_channel_is_cleaned_up_and_its_history_stays(mock: PusherMock):
    client = mock.client(connect=True)
    client.subscribe("task-1")
    client.subscribe("silent")
    mock.state.trigger("task-1", "e", 1)
    client.disconnect()
    assert mock.server().channels_info() == {"channels": {}}
    assert mock.state.get_state() == {
        "channels": [{"name": "task-1", "subscriberCount": 0, "messageCount": 1, "events": ["e"]}],
        "subscriptions": [],
    }


def test_reading_what_never_was(mock: PusherMock):
    assert mock.state.get_channel_messages("c") == []
    assert mock.state.get_subscriber_count("c") == 0
    assert mock.state.get_state() == {"channels": [], "subscriptions": []}


def test_reset(mock: PusherMock):
    client = mock.client(connect=True)
    client.subscribe("c")
    mock.state.subscribe("one", "c")
    mock.state.trigger("c", "e", 1)
    mock.state.reset()
    assert mock.state.get_state() == {"channels": [], "subscriptions": []}
    assert client.connection.state == "disconnected"
    assert mock.published() == []
    assert mock.client(connect=True).connection.connection_id == "mock-connection-1"


# The current one --------------------------------------------------------------------------------


def test_the_store_of_the_current_mock():
    with PusherMock() as one:
        pusher_mock_state.trigger("c", "e", 1)
        with PusherMock():
            assert pusher_mock_state.get_channel_messages("c") == []
        assert len(pusher_mock_state.get_channel_messages("c")) == 1
    assert len(one.state.get_channel_messages("c")) == 1


def test_the_repr_counts(mock: PusherMock):
    mock.state.subscribe("one", "c")
    mock.state.trigger("d", "e", 1)
    assert repr(mock.state) == "<StateStore channels=2 subscriptions=1>"


def test_threads(mock: PusherMock):
    heard: list[Any] = []
    mock.state.subscribe("one", "c")
    mock.state.bind("one", "c", "e", heard.append)

    def work(number: int) -> None:
        mock.state.subscribe(f"worker-{number}", "c")
        for one in range(20):
            mock.state.trigger("c", "e", [number, one])
        mock.state.get_state()

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [[number, one] for number in range(8) for one in range(20)]
    assert mock.state.get_subscriber_count("c") == 9
