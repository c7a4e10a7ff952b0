"""The state store when there is more than one app."""

from __future__ import annotations

import pytest

from pusher_mock import App, AppKey, MockPusherServer, PusherMock, UsageError

TWO_APPS = (App("1", "k1", "s1"), App("2", "k2", "s2"))


def test_writes_go_to_one_app_and_reads_span_all():
    mock = PusherMock(apps=TWO_APPS)
    state = mock.state
    state.subscribe("one", "c")
    state.subscribe("two", "c", app="k2")
    state.subscribe("two", "private-d", app="k2")
    state.subscribe("two", "e")  # the connection's own app
    heard: list[str] = []
    state.bind("one", "c", "e", lambda data: heard.append("one"))
    state.bind("two", "c", "e", lambda data: heard.append("two"))
    state.trigger("c", "e", 1)
    assert heard == ["one"]
    mock.clock.advance(1)
    state.trigger("c", "f", 2, app="k2")
    mock.clock.advance(1)
    state.trigger("c", "e", 3)
    assert heard == ["one", "one"]
    assert state.get_subscriber_count("c") == 2
    assert [(one.app, one.data) for one in state.get_channel_messages("c")] == [
        ("1", 1),
        ("2", 2),
        ("1", 3),
    ]
    assert state.get_state() == {
        "channels": [
            {"name": "c", "subscriberCount": 2, "messageCount": 3, "events": ["e", "f"]},
            {"name": "private-d", "subscriberCount": 1, "messageCount": 0, "events": []},
            {"name": "e", "subscriberCount": 1, "messageCount": 0, "events": []},
        ],
        "subscriptions": [
            {"connectionId": "one", "channelCount": 1, "channels": ["c"]},
            {"connectionId": "two", "channelCount": 3, "channels": ["c", "private-d", "e"]},
        ],
    }


def test_an_app_that_is_not_there():
    mock = PusherMock(apps=TWO_APPS)
    for call in (
        lambda: mock.state.trigger("c", "e", "", app="k3"),
        lambda: mock.state.subscribe("one", "c", app="k3"),
    ):
        with pytest.raises(UsageError, match="no app has the key k3; there are k1, k2"):
            call()


def test_a_connection_belongs_to_one_app():
    mock = PusherMock(apps=TWO_APPS)
    mock.state.subscribe("one", "c", app="k2")
    with pytest.raises(UsageError, match="one is a connection of app k2, not of k1"):
        mock.state.subscribe("one", "d", app="k1")


def test_an_app_whose_secret_nobody_has_shown():
    mock = PusherMock()
    client = mock.client(key="new-key", secret="", connect=True)
    client.subscribe("c")
    for call in (
        lambda: mock.state.trigger("c", "e", "", app="new-key"),
        lambda: mock.state.subscribe("mock-connection-1", "private-d"),
    ):
        with pytest.raises(UsageError, match="nobody has shown the secret of new-key yet"):
            call()
    MockPusherServer("1", "new-key", "s", mock=mock).trigger("c", "e", "")
    mock.state.trigger("c", "e", "", app="new-key")
    assert len(mock.state.get_channel_messages("c")) == 2


def test_any_active_key_will_do():
    app = App("my/app ł", "k/1", None, keys=(AppKey("k2", "s2"), AppKey("k3", "s3", active=False)))
    mock = PusherMock(apps=[app])
    mock.state.subscribe("one", "private-c")
    mock.state.trigger("private-c", "e", 1, app="k2")
    assert mock.state.get_channel_messages("private-c")[0].app == "my/app ł"
    with pytest.raises(UsageError, match="no app has the key k3"):
        mock.state.trigger("c", "e", 1, app="k3")
