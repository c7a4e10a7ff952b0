"""Waiting on the thread of an event loop that runs only while that thread lets it."""

from __future__ import annotations

import threading
from threading import get_ident
from typing import TYPE_CHECKING

import pytest

from pusher_mock import PusherMock
from pusher_mock.core import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Loop:
    """A loop whose only work is to be done when it runs.

    Args:
        work: called when it runs.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.taken: list[float] = []
        self._thread = get_ident()

    def mine(self) -> bool:
        return get_ident() == self._thread

    def take(self, seconds: float) -> None:
        self.taken.append(seconds)
        self.work()


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


@pytest.fixture
def begin() -> Iterator[Callable[[Callable[[], object]], Loop]]:
    loops: list[Loop] = []

    def begin(work: Callable[[], object]) -> Loop:
        loops.append(Loop(work))
        turns.begin(loops[-1])
        return loops[-1]

    yield begin
    for loop in loops:
        turns.end(loop)
    assert turns.here() is None


def test_the_loop_runs_while_its_thread_waits(
    mock: PusherMock, begin: Callable[[Callable[[], object]], Loop]
):
    loop = begin(lambda: mock.server().trigger("c", "e", 1))
    mock.wait_until_triggered("c", "e", 1, times=3)
    assert len(loop.taken) == 3
    assert all(0 < seconds < 1 for seconds in loop.taken)


def test_the_mock_is_not_locked_meanwhile(
    mock: PusherMock, begin: Callable[[Callable[[], object]], Loop]
):
    def work() -> None:
        other = threading.Thread(target=mock.server().trigger, args=("c", "e", 1))
        other.start()
        other.join(10)
        assert not other.is_alive()

    begin(work)
    mock.wait_until_triggered("c", "e", 1)


def test_what_stops_it_stops_the_wait(
    mock: PusherMock, begin: Callable[[Callable[[], object]], Loop]
):
    def interrupt() -> None:
        raise KeyboardInterrupt

    begin(interrupt)
    with pytest.raises(KeyboardInterrupt):
        mock.wait_until_triggered("c", "e")
    mock.server().trigger("c", "e", 1)  # nothing is locked
    mock.wait_until_triggered("c", "e", 1)


def test_other_threads_wait_as_ever(
    mock: PusherMock, begin: Callable[[Callable[[], object]], Loop]
):
    loop = begin(lambda: None)
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            mock.wait_until_triggered("c", "e")
        except BaseException as error:
            raised.append(error)

    other = threading.Thread(target=wait)
    other.start()
    mock.server().trigger("c", "e", 1)
    other.join(10)
    assert not other.is_alive()
    assert not raised
    assert not loop.taken


def test_the_first_that_is_there(begin: Callable[[Callable[[], object]], Loop]):
    first, second = begin(lambda: None), begin(lambda: None)
    assert turns.here() is first
    turns.end(first)
    assert turns.here() is second
