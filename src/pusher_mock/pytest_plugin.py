"""Fixtures: a fresh, current mock per test. Imports nothing but pytest until one is used."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.clock import ManualClock
    from pusher_mock.doubles.client import MockPusherClient
    from pusher_mock.doubles.server import MockPusherServer
    from pusher_mock.mock import PusherMock

__all__ = ["pusher_client", "pusher_clock", "pusher_mock", "pusher_server"]

_MARKER = "pusher_mock"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(callback_errors=True, **options): a fresh current mock for this test, made "
        "with these keyword arguments of PusherMock (seed, clock, history, journal, apps, strict); "
        "callback_errors=False keeps exceptions of subscribers' callbacks from failing it",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a marked test its mock when it does not ask for it, as ``usefixtures`` would.

    An autouse fixture would do the same at 80 µs for every test of every suite.
    """
    marked: Any = item
    names = getattr(item, "fixturenames", None)
    if names is None or _MARKER in names or item.get_closest_marker(_MARKER) is None:
        return
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    # What has a wider scope is made first and must not publish into this test's mock.
    wider = [
        name for name in names if name in definitions and definitions[name][-1].scope != "function"
    ]
    # A new list: the old one is shared by every parameter set of the test, marked or not.
    marked.fixturenames = [*wider, _MARKER, *(name for name in names if name not in wider)]


@pytest.fixture
def pusher_mock(request: pytest.FixtureRequest) -> Iterator[PusherMock]:
    """A fresh mock, current for this test; options come from ``@pytest.mark.pusher_mock(...)``.

    At the end of the test its clients are disconnected, and an exception that a subscriber's
    callback raised, which pysher would have swallowed, fails the test.
    """
    from pusher_mock.mock import PusherMock

    options: dict[str, Any] = {}
    # From the outermost (module) to the innermost (function), so that the nearest wins.
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        if marker.args:
            raise pytest.UsageError(
                f"@pytest.mark.{_MARKER} takes keyword arguments only, such as history=10"
            )
        options.update(marker.kwargs)
    callback_errors = options.pop("callback_errors", True)
    try:
        mock = PusherMock(**options)
    except TypeError as error:
        raise pytest.UsageError(f"@pytest.mark.{_MARKER}: {error}") from None
    with closing(mock), mock:
        yield mock
    if callback_errors:
        mock.raise_errors()


@pytest.fixture
def pusher_server(pusher_mock: PusherMock) -> MockPusherServer:
    """A publisher on this test's mock, with the default app's credentials."""
    return pusher_mock.server()


@pytest.fixture
def pusher_client(pusher_mock: PusherMock) -> MockPusherClient:
    """A connected subscriber on this test's mock, with the default app's credentials."""
    return pusher_mock.client(connect=True)


@pytest.fixture
def pusher_clock(pusher_mock: PusherMock) -> ManualClock:
    """The clock of this test's mock; ``advance(ms)`` moves it."""
    return pusher_mock.clock
