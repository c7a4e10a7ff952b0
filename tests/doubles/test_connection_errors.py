"""What callbacks raise: recorded where pysher hides it, or surfacing at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.core.bench import in_thread

if TYPE_CHECKING:
    from .sides import Double


def test_errors_are_kept_and_raised_again(double: Double):
    client, one, two = double.connected(), ValueError("one"), KeyError("two")

    def fail(data: Any, error: Exception) -> None:
        raise error

    client.subscribe("a").bind("x", fail, one)
    client.connection.bind("y", fail, two)
    double.server.trigger("a", "x", "1")
    double.say(client, "y", "")
    name = client.connection.connection_id
    assert double.mock.errors == [(name, "a", "x", one), (name, None, "y", two)]
    with pytest.raises(BaseExceptionGroup) as caught:
        double.mock.raise_errors()
    assert caught.value.exceptions == (one, two)
    assert double.mock.errors == []
    double.mock.raise_errors()


def test_an_assertion_in_a_callback(double: Double):
    seen: list[Any] = []
    client, other = double.connected(), double.connected()

    def check(data: Any) -> None:
        assert data == "2"

    client.subscribe("a").bind("x", check)
    other.subscribe("a").bind("x", seen.append)
    double.server.trigger("a", "x", "1")
    assert seen == ["1"]  # others get it
    assert client.connection.state == "failed"
    with pytest.raises(AssertionError):
        double.mock.raise_errors()


@pytest.mark.parametrize("kind", ["channel", "connection"])
def test_what_is_no_exception_surfaces(double: Double, kind: str):
    seen: list[Any] = []
    client, other = double.connected(), double.connected()

    def fail(data: Any) -> None:
        pytest.fail("at once")

    channel = client.subscribe("a")
    other.subscribe("a").bind("x", seen.append)
    (channel if kind == "channel" else client.connection).bind("x", fail)

    def say() -> None:
        if kind == "channel":
            double.server.trigger("a", "x", "1")
        else:
            double.say(client, "x", "1")

    with pytest.raises(pytest.fail.Exception, match="at once"):
        say()
    assert seen == ["1"] * (kind == "channel")
    assert double.mock.errors == []
    assert client.connection.state == "connected"


def test_what_is_no_exception_surfaces_from_the_clock(double: Double):
    client = double.connected()

    def fail(data: Any) -> None:
        pytest.fail("at once")

    client.connection.bind("pusher:pong", fail)
    with pytest.raises(pytest.fail.Exception):
        double.mock.clock.advance(200_000)
    assert double.mock.clock.now() == 120_000
    client.connection.unbind("pusher:pong", fail)
    double.mock.clock.advance(80_000)
    assert client.connection.state == "connected"


def test_an_error_after_another_thread_has_disconnected(double: Double):
    client = double.connected()

    def fail(data: Any) -> None:
        in_thread(client.disconnect)
        raise ValueError

    client.subscribe("a").bind("x", fail)
    double.server.trigger("a", "x", "1")
    assert client.connection.state == "disconnected"
    assert not client.connection.is_alive()
    double.advance(30)
    assert double.core.connections == ()


def test_a_callback_that_is_bound_with_a_method_of_the_connection(double: Double):
    client = double.connected()
    client.connection.bind("bye", lambda data: client.connection.disconnect())
    double.say(client, "bye", "")
    [error] = double.mock.errors
    assert str(error.error) == "cannot join current thread"
