"""Assertions on what was published, and what they say when they fail."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import ANY

import pytest

from pusher_mock import App, ExpectationFailed, PusherMock, UsageError, Webhook
from pusher_mock.testing.expect import Wanted


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def failure(call: Any) -> str:
    with pytest.raises(ExpectationFailed) as caught:
        call()
    return str(caught.value)


# published --------------------------------------------------------------------------------------


def test_published_in_order_and_by_filter(mock: PusherMock):
    server = mock.server()
    server.trigger(["a", "b"], "e", 1)
    server.trigger("a", "f", 2)
    assert [(one.channel, one.event, one.data) for one in mock.published()] == [
        ("a", "e", 1),
        ("b", "e", 1),
        ("a", "f", 2),
    ]
    assert [one.data for one in mock.published("a")] == [1, 2]
    assert [one.channel for one in mock.published(event="e")] == ["a", "b"]
    assert mock.published("b", "f") == []


def test_published_includes_client_events(mock: PusherMock):
    client = mock.client(connect=True)
    client.subscribe("private-c").trigger("client-typing", {"on": True})
    (event,) = mock.published("private-c")
    assert event.client
    assert event.socket_id == client.connection.socket_id
    mock.assert_triggered("private-c", "client-typing", {"on": True})


def test_refused_events_were_not_published(mock: PusherMock):
    with pytest.raises(Exception, match="reserved"):
        mock.server().trigger("c", "pusher:x", {})
    assert mock.published() == []


# assert_triggered -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
        ({"t": (1, 2), 3: None}, {"t": (1, 2), 3: None}),
        ({"t": (1, 2)}, {"t": [1, 2]}),
        ("text", "text"),
        ('{"a": 1}', {"a": 1}),
        ({"a": 1}, '{"a": 1}'),
        ("5", 5),
        ("5", "5"),
        (None, None),
        ({"id": 7, "x": "y"}, {"id": ANY, "x": "y"}),
        ({"id": 7}, ANY),
        ({"id": 7}, ...),
    ],
)
def test_what_counts_as_the_same_data(sent: Any, wanted: Any, mock: PusherMock):
    mock.server().trigger("c", "e", sent)
    assert mock.assert_triggered("c", "e", wanted).channel == "c"
    with pytest.raises(ExpectationFailed):
        mock.assert_not_triggered("c", "e", wanted)


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [({"a": 1}, {"a": 2}), ({"a": 1}, {}), ("5", "6"), ("x", {"x": object()}), ({}, None)],
)
def test_what_does_not(sent: Any, wanted: Any, mock: PusherMock):
    mock.server().trigger("c", "e", sent)
    mock.assert_not_triggered("c", "e", wanted)
    assert "data is" in failure(lambda: mock.assert_triggered("c", "e", wanted))


def test_the_last_that_fits_is_returned(mock: PusherMock):
    server = mock.server()
    for number in (1, 2, 1):
        server.trigger("c", "e", {"n": number})
        mock.clock.advance(10)
    assert mock.assert_triggered("c", "e").at == 20
    assert mock.assert_triggered("c", "e", {"n": 2}).at == 10
    assert mock.assert_triggered("c", "e", {"n": 1}, times=2).at == 20


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (1, "expected e on c to be triggered once, but it was triggered 2 times."),
        (3, "expected e on c to be triggered 3 times, but it was triggered 2 times."),
    ],
)
def test_times(times: int, text: str, mock: PusherMock):
    for _ in range(2):
        mock.server().trigger("c", "e", 1)
    assert failure(lambda: mock.assert_triggered("c", "e", times=times)).startswith(text)
    mock.assert_triggered("c", "e", times=2)


@pytest.mark.parametrize("times", [0, -1])
def test_times_is_not_for_never(times: int, mock: PusherMock):
    with pytest.raises(UsageError, match=r"from 1, not -?\d; use assert_not_triggered\(\)"):
        mock.assert_triggered("c", "e", times=times)


def test_the_excluded_connection(mock: PusherMock):
    mock.server().trigger("c", "e", 1, "1.1")
    mock.assert_triggered("c", "e", socket_id="1.1")
    text = failure(lambda: mock.assert_triggered("c", "e", socket_id="2.2"))
    assert "expected e on c excluding 2.2 to be triggered at least once, but it was not" in text
    assert "at 0 ms: e on c with 1 excluding 1.1" in text
    assert "socket_id is '1.1', not '2.2'" in text


# What a failure shows ---------------------------------------------------------------------------


def test_the_nearest_misses_first(mock: PusherMock):
    server = mock.server()
    server.trigger("task-8", "new-message", {"messageId": "1"})
    mock.clock.advance(1500)
    server.trigger("task-7", "new-message", {"messageId": "2"})
    server.trigger("workspace-x", "title", {})
    client = mock.client(connect=True)
    client.subscribe("private-task-7").trigger("client-new-message", {})
    text = failure(
        lambda: mock.assert_triggered("task-7", "new-message", {"messageId": "1"})
    ).splitlines()
    assert text == [
        'expected new-message on task-7 with data {"messageId": "1"} to be triggered at least '
        "once, but it was not.",
        "4 published; the nearest:",
        '  at 1500 ms: new-message on task-7 with {"messageId": "2"}',
        '    data is {"messageId": "2"}, not {"messageId": "1"}',
        "      data.messageId: '2' ≠ '1'",
        '  at 0 ms: new-message on task-8 with {"messageId": "1"}',
        "    channel is 'task-8', not 'task-7'",
        "  at 1500 ms by a client: client-new-message on private-task-7 with {}",
        "    channel is 'private-task-7', not 'task-7'",
        "    event is 'client-new-message', not 'new-message'",
        '    data is {}, not {"messageId": "1"}',
        "  at 1500 ms: title on workspace-x with {}",
        "    channel is 'workspace-x', not 'task-7'",
        "    event is 'title', not 'new-message'",
        '    data is {}, not {"messageId": "1"}',
    ]


def test_five_of_many_and_long_data_is_cut(mock: PusherMock):
    for number in range(9):
        mock.server().trigger("c", "e", "x" * (300 + number))
    text = failure(lambda: mock.assert_triggered("c", "f", "y" * 400))
    assert "9 published; the nearest:" in text
    assert text.count("at 0 ms: e on c with") == 5
    assert f"{'x' * 200}… (308 characters)" in text  # the latest among equals
    assert f'"{"y" * 199}… (402 characters)' in text


def test_times_move_the_clock_is_told_exactly(mock: PusherMock):
    mock.clock.advance(12_345_678.5)
    mock.server().trigger("c", "e", 1)
    assert "at 12345678.5 ms" in failure(lambda: mock.assert_triggered("c", "f"))


def test_nothing_was_published(mock: PusherMock):
    text = failure(lambda: mock.assert_triggered("c", "e"))
    assert "Nothing was published to this mock. Is the code under test using another one?" in text
    assert "see current_mock()" in text


def test_data_that_cannot_be_shown_as_json(mock: PusherMock):
    mock.server().trigger("c", "e", 1)
    assert "not {'a': <ANY>}" in failure(lambda: mock.assert_triggered("c", "e", {"a": ANY}))


def test_encrypted_data_is_explained():
    mock = PusherMock()
    server = mock.server(encryption_master_key_base64="A" * 43 + "=")
    server.trigger("private-encrypted-c", "e", {"a": 1})
    mock.assert_triggered("private-encrypted-c", "e")
    text = failure(lambda: mock.assert_triggered("private-encrypted-c", "e", {"a": 1}))
    assert "data is encrypted: assert on the channel and event, and read it with" in text


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (Wanted(), "any event"),
        (Wanted("c"), "any event on c"),
        (Wanted(event="e", data=[1]), "e with data [1]"),
    ],
)
def test_what_was_wanted_in_words(wanted: Wanted, text: str):
    assert str(wanted) == text


# assert_not_triggered ---------------------------------------------------------------------------


def test_not_triggered(mock: PusherMock):
    mock.assert_not_triggered()
    mock.server().trigger("c", "e", {"n": 1})
    mock.assert_not_triggered("d")
    mock.assert_not_triggered("c", "f")
    mock.assert_not_triggered("c", "e", {"n": 2})
    assert failure(mock.assert_not_triggered) == (
        'expected any event not to be triggered, but it was, once:\n  at 0 ms: e on c with {"n": 1}'
    )
    for _ in range(6):
        mock.server().trigger("c", "e", {"n": 1})
    text = failure(lambda: mock.assert_not_triggered("c", "e"))
    assert text.startswith("expected e on c not to be triggered, but it was, 7 times:\n")
    assert text.endswith("\n  … and 2 more")


# A journal that is too small --------------------------------------------------------------------


def evicted() -> PusherMock:
    mock = PusherMock(journal=3)
    for number in range(5):
        mock.server().trigger("c", "e", number)
    return mock


def test_answers_that_need_what_has_dropped_out():
    mock = evicted()
    for call in (
        mock.published,
        mock.webhooks,
        mock.assert_not_triggered,
        lambda: mock.assert_not_triggered("d"),
        lambda: mock.assert_triggered("d", "e"),
        lambda: mock.assert_triggered("c", "e", times=3),
        lambda: mock.assert_triggered("c", "e", times=9),
    ):
        if call == mock.assert_not_triggered:
            assert "3 times" in failure(call)  # the answer is known all the same
            continue
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value).startswith(
            "the journal keeps 3 inputs and 3 older ones have dropped out: "
            "use PusherMock(journal=1000)"
        )


def test_answers_that_do_not():
    mock = evicted()
    assert mock.assert_triggered("c", "e").data == 4
    assert mock.assert_triggered("c", "e", 3).data == 3
    assert "once, but it was triggered 3 times" in failure(
        lambda: mock.assert_triggered("c", "e", times=1)
    )
    mock.reset()
    assert mock.published() == []


def test_the_size_to_set_is_large_enough():
    mock = PusherMock(journal=1)
    for _ in range(1500):
        mock.server().trigger("c", "e", 1)
    with pytest.raises(UsageError, match=r"journal=2000\)"):
        mock.published()


# Webhooks ---------------------------------------------------------------------------------------


def test_webhooks():
    mock = PusherMock(apps=[App("1", "k", "s", webhooks=(Webhook("http://app.test/hook"),))])
    assert mock.webhooks() == []
    mock.state.subscribe("one", "c")
    (webhook,) = mock.webhooks()
    assert webhook.url == "http://app.test/hook"
    assert b'"channel_occupied"' in webhook.body


# Django -----------------------------------------------------------------------------------------


def django(monkeypatch: pytest.MonkeyPatch, waiting: list[int], configured: bool = True) -> None:
    """Stand in for a Django with callbacks waiting in its transactions."""

    def connections(initialized_only: bool) -> list[SimpleNamespace]:
        if not configured:
            raise RuntimeError("Requested setting DATABASES, but settings are not configured.")
        assert initialized_only  # no connection is made for this
        return [SimpleNamespace(run_on_commit=[None] * number) for number in waiting]

    db = SimpleNamespace(connections=SimpleNamespace(all=connections))
    conf = SimpleNamespace(settings=SimpleNamespace(configured=configured))
    monkeypatch.setitem(sys.modules, "django.db", db)
    monkeypatch.setitem(sys.modules, "django.conf", conf)


@pytest.mark.parametrize(
    ("waiting", "text"),
    [
        ([1], "1 transaction.on_commit callback is waiting: a TestCase never commits"),
        ([1, 2], "3 transaction.on_commit callbacks are waiting: a TestCase never commits"),
    ],
)
def test_callbacks_that_wait_for_a_commit(
    waiting: list[int], text: str, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    django(monkeypatch, waiting)
    found = failure(lambda: mock.assert_triggered("c", "e"))
    assert text in found
    assert "self.captureOnCommitCallbacks(execute=True)" in found


@pytest.mark.parametrize(("waiting", "configured"), [([], True), ([0, 0], True), ([3], False)])
def test_no_hint_without_callbacks_or_settings(
    waiting: list[int], configured: bool, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    # Django may be loaded and never configured: a failing assertion must stay one.
    django(monkeypatch, waiting, configured)
    assert "on_commit" not in failure(lambda: mock.assert_triggered("c", "e"))


def test_no_hint_without_django(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "django.db", None)
    assert "on_commit" not in failure(lambda: mock.assert_triggered("c", "e"))
