"""What catches the calls of an application: every door, and then only those that its test names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pytest_socket import SocketBlockedError

from pusher_mock import NotIntercepted, PusherMock
from pusher_mock.intercept.doors import DOORS

from .page import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["mock", "others", "page"]

# The SDK sends with requests, whose door would take the call when the SDK's own does not.
_BELOW = {"sdk": {"requests"}}


@pytest.fixture(params=["every door", "its own doors"])
def mock(request: pytest.FixtureRequest, pusher_mock: PusherMock) -> Iterator[PusherMock]:
    """The mock that all calls reach."""
    every = request.param == "every door"
    with pusher_mock.intercept(*(() if every else request.module.SHAPE.doors)):
        yield pusher_mock


@pytest.fixture
def page(mock: PusherMock) -> Callable[..., Page]:
    """Opens a page: `page(key)`."""

    def open_one(key: str) -> Page:
        return Page(mock, key)

    return open_one


@pytest.fixture
def others(
    request: pytest.FixtureRequest, pusher_mock: PusherMock
) -> Callable[..., AbstractContextManager[None]]:
    """Runs a block in which all doors are open but those of the shape: its call is refused.

    It takes the names of further doors that are to be left out.

    A host that nobody knows to be Pusher's is not refused, but it is not reached either: here
    sockets are blocked, and looking a host up is a warning.
    """
    doors: set[str] = set(request.module.SHAPE.doors)
    for door in tuple(doors):
        doors |= _BELOW.get(door, set())

    @contextmanager
    def block(*also: str) -> Iterator[None]:
        refused: Any = None
        try:
            with pusher_mock.intercept(*(one for one in DOORS if one not in doors.union(also))):
                yield
        except (NotIntercepted, SocketBlockedError, UserWarning) as error:
            refused = error
        assert refused is not None, "it was caught, or nothing was sent"
        assert pusher_mock.published() == []

    return block
