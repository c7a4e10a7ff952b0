"""Waiting for other threads: at once when it is so, in time when it comes, and why not."""

from __future__ import annotations

import threading

import pytest

from pusher_mock import ExpectationFailed, PusherMock, UsageError


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def test_what_is_so_already(mock: PusherMock):
    mock.client(connect=True).subscribe("c")
    mock.server().trigger("c", "e", {"n": 1})
    mock.wait_until_connected()
    mock.wait_until_subscribed("c")
    mock.wait_until_subscribed("other", 0)
    mock.wait_until(lambda: True)
    assert mock.wait_until_triggered("c", "e", {"n": 1}).data == {"n": 1}


def test_what_another_thread_brings_about(mock: PusherMock):
    go = threading.Event()

    def work() -> None:
        assert go.wait(5)
        for _ in range(2):
            mock.client(connect=True).subscribe("c")
        mock.server().trigger("c", "e", 1)
        mock.server().trigger("c", "e", 2)

    thread = threading.Thread(target=work)
    thread.start()
    go.set()
    mock.wait_until_connected(2)
    mock.wait_until_subscribed("c", 2)
    assert mock.wait_until_triggered("c", "e", times=2).data == 2
    thread.join()


def test_why_nobody_came(mock: PusherMock):
    with pytest.raises(ExpectationFailed) as caught:
        mock.wait_until_connected(timeout=0)
    assert str(caught.value) == (
        "waited 0 s for 1 open connections, in vain\n"
        "connected and subscribed:\n  nobody\nlast heard:\n  nothing"
    )


def test_why_nobody_is_subscribed(mock: PusherMock):
    client = mock.client(connect=True)
    client.subscribe("other")
    client.connection.send_event("pusher:subscribe", {"channel": "private-c", "auth": "x"})
    with pytest.raises(ExpectationFailed) as caught:
        mock.wait_until_subscribed("private-c", timeout=0.01)
    text = str(caught.value)
    assert text.startswith("waited 0.01 s for 1 subscriptions to private-c, in vain\n")
    assert "  mock-connection-1: other\n" in text
    assert 'mock-connection-1 sent {"event": "pusher:subscribe"' in text
    assert "mock-connection-1 was refused: {'code': None" in text
    assert "send what authenticate()" in text


def test_why_somebody_is_still_there(mock: PusherMock):
    mock.client(connect=True).subscribe("c")
    with pytest.raises(ExpectationFailed, match="for nobody to be subscribed to c, in vain"):
        mock.wait_until_subscribed("c", 0, timeout=0)


def test_why_an_event_did_not_come(mock: PusherMock):
    mock.server().trigger("c", "e", 1)
    with pytest.raises(ExpectationFailed, match="event is 'e', not 'f'"):
        mock.wait_until_triggered("c", "f", timeout=0)
    with pytest.raises(ExpectationFailed, match="2 times"):
        mock.wait_until_triggered("c", "e", times=2, timeout=0)


def test_what_was_waited_for_has_a_name(mock: PusherMock):
    def the_moon_is_full() -> bool:
        return False

    with pytest.raises(ExpectationFailed, match="for the_moon_is_full, in vain"):
        mock.wait_until(the_moon_is_full, timeout=0)
    with pytest.raises(ExpectationFailed, match="for a blue moon, in vain"):
        mock.wait_until(lambda: 0, timeout=0, what="a blue moon")


def test_numbers_that_make_no_sense(mock: PusherMock):
    with pytest.raises(UsageError, match="wait_until_connected"):
        mock.wait_until_connected(0)
    with pytest.raises(UsageError, match="wait_until_subscribed"):
        mock.wait_until_subscribed("c", -1)
    with pytest.raises(UsageError, match="wait_until_triggered"):
        mock.wait_until_triggered("c", "e", times=0)
