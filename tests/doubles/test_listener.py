"""Callbacks that the state store binds."""

from __future__ import annotations

from threading import Event
from typing import Any
from unittest.mock import Mock

import pytest

from pusher_mock import PusherMock, UsageError
from pusher_mock.doubles.listener import Listener


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        ({"a": [1]}, {"a": [1]}),
        ("text", "text"),
        ("5", 5),
        ("NaN", "NaN"),
        (None, None),
        ("{broken", "{broken"),
    ],
)
def test_callbacks_get_decoded_data(data: Any, heard: Any, mock: PusherMock):
    got: list[Any] = []
    mock.state.subscribe("one", "c")
    mock.state.bind("one", "c", "e", got.append)
    mock.state.trigger("c", "e", data)
    assert got == [heard]


def test_callbacks_run_in_the_order_they_were_bound(mock: PusherMock):
    got: list[str] = []
    mock.state.subscribe("one", "c")
    mock.state.bind("one", "c", "e", lambda data: got.append("first"))
    mock.state.bind("one", "c", "e", lambda data: got.append("second"))
    mock.state.bind("one", "c", "other", lambda data: got.append("never"))
    mock.state.trigger("c", "e", {})
    mock.state.trigger("d", "e", {})
    assert got == ["first", "second"]


@pytest.mark.parametrize("threaded", [False, True])
def test_a_connection_of_a_client_can_be_bound(threaded: bool, mock: PusherMock):
    client = mock.client(threaded=threaded)
    established = Event()
    client.connection.bind("pusher:connection_established", lambda data: established.set())
    client.connect()
    assert established.wait(5)
    name = client.connection.connection_id
    got: list[Any] = []
    mock.state.subscribe(name, "c")
    mock.state.bind(name, "c", "e", got.append)
    mock.state.bind(name, "c", "e", lambda data: got.append("again"))
    mock.state.trigger("c", "e", {"n": 1})
    assert got == [{"n": 1}, "again"]
    client.disconnect()
    mock.state.trigger("c", "e", {"n": 2})
    assert got == [{"n": 1}, "again"]


def test_a_clients_own_callbacks_come_first(mock: PusherMock):
    client = mock.client(connect=True)
    got: list[Any] = []
    client.subscribe("c").bind("e", lambda raw: got.append(("client", raw)))
    mock.state.bind("mock-connection-1", "c", "e", lambda data: got.append(("store", data)))
    mock.server().trigger("c", "e", {"n": 1})
    assert got == [("client", '{"n": 1}'), ("store", {"n": 1})]


def test_a_bound_client_still_hears_that_the_mock_ends(mock: PusherMock):
    client = mock.client(connect=True)
    client.subscribe("c")
    mock.state.bind("mock-connection-1", "c", "e", Mock())
    mock.close()
    assert client.connection.state == "disconnected"


@pytest.mark.parametrize(
    ("connection", "channel", "text"),
    [
        ("two", "c", r"there is no connection two; subscribe\('two', 'c'\) opens it"),
        ("one", "d", "one is not subscribed to d; subscribe it first"),
    ],
)
def test_binding_needs_a_subscription(connection: str, channel: str, text: str, mock: PusherMock):
    mock.state.subscribe("one", "c")
    with pytest.raises(UsageError, match=text):
        mock.state.bind(connection, channel, "e", Mock())


def test_what_a_callback_raises_is_recorded_and_the_next_runs(mock: PusherMock):
    got: list[Any] = []
    mock.state.subscribe("one", "c")
    mock.state.bind("one", "c", "e", lambda data: 1 / 0)
    mock.state.bind("one", "c", "e", got.append)
    mock.state.trigger("c", "e", 1)
    assert got == [1]
    (error,) = mock.errors
    assert (error.connection, error.channel, error.event) == ("one", "c", "e")
    with pytest.raises(ZeroDivisionError):
        mock.raise_errors()


def test_a_connection_of_the_store_answers_pings(mock: PusherMock):
    # facts 1.12.3: idle, ping, 30 s, closed; nobody else could answer for it
    mock.state.subscribe("one", "c")
    mock.clock.advance(24 * 3600 * 1000)
    assert mock.state.get_subscriber_count("c") == 1
    assert "pong one" in mock.journal.dumps()


def test_the_repr_counts(mock: PusherMock):
    mock.state.subscribe("one", "c")
    mock.state.bind("one", "c", "e", Mock())
    (box,) = mock.core.connections
    assert repr(Listener.on(mock.core, box)) == "<Listener one bindings=1>"
    assert repr(Listener(mock.core)) == "<Listener unopened bindings=0>"
