"""Errors of callbacks: hidden by the SDK, raised by the mock at the end."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock import PusherMock
from pusher_mock.core import CallbackError
from pusher_mock.testing.errors import raise_errors


def recorded(*errors: BaseException, connection: str = "mock-connection-1") -> list[CallbackError]:
    return [CallbackError(connection, "c", "e", error) for error in errors]


def test_nothing_to_raise():
    raise_errors([])


def test_one_error_is_raised_itself_with_a_note_and_forgotten():
    error = ValueError("x")
    errors = recorded(error)
    with pytest.raises(ValueError, match="x") as caught:
        raise_errors(errors)
    assert caught.value is error
    assert error.__notes__ == [
        "raised by the callback for e of channel c on mock-connection-1; "
        "pysher would have hidden it"
    ]
    assert errors == []
    raise_errors(errors)


def test_an_event_of_the_connection_has_no_channel():
    error = ValueError("x")
    with pytest.raises(ValueError, match="x"):
        raise_errors([CallbackError("one", None, "pusher:error", error)])
    assert error.__notes__[0].startswith("raised by the callback for pusher:error on one;")


def test_a_function_of_the_test_that_the_network_calls():
    mock = PusherMock()
    mock.client(connect=True).subscribe("c")
    mock.network.fault("c", when=lambda event: event.data["absent"])
    mock.server().trigger("c", "e", {})
    with pytest.raises(KeyError) as raised:
        raise_errors(mock.errors)
    assert raised.value.__notes__ == ["raised by the function that the network was given for when"]


def test_several_are_a_group():
    with pytest.raises(ExceptionGroup, match="callbacks raised") as caught:
        raise_errors(recorded(ValueError("a"), KeyError("b")))
    assert [type(one) for one in caught.value.exceptions] == [ValueError, KeyError]


def test_the_same_object_counts_once():
    error = ValueError("x")
    with pytest.raises(ValueError, match="x"):
        raise_errors(recorded(error, error) + recorded(error, connection="two"))
    assert len(error.__notes__) == 2


def test_errors_that_are_equal_and_not_the_same_are_kept():
    class Equal(Exception):
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = Exception.__hash__

    with pytest.raises(ExceptionGroup) as caught:
        raise_errors(recorded(Equal(), Equal()))
    assert len(caught.value.exceptions) == 2


def test_a_failing_assert_in_a_callback():
    mock = PusherMock()
    client = mock.client(connect=True)

    def check(data: Any) -> None:
        assert data == "expected"

    client.subscribe("c").bind("e", check)
    mock.server().trigger("c", "e", "other")  # goes on, as with the SDK
    assert [one.event for one in mock.errors] == ["e"]
    with pytest.raises(AssertionError) as caught:
        mock.raise_errors()
    assert "callback for e of channel c on mock-connection-1" in caught.value.__notes__[0]
    mock.raise_errors()
