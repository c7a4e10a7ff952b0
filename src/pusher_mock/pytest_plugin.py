"""Fixtures: a fresh, current mock per test. Imports nothing but pytest until one is used."""

from __future__ import annotations

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
        f"{_MARKER}(callback_errors=True, **options): keyword arguments of PusherMock for this "
        "test (seed, history, journal, apps, strict); callback_errors=False keeps exceptions of "
        "subscribers' callbacks from failing it",
    )


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
    mock.activate()
    try:
        yield mock
    finally:
        mock.deactivate()
        mock.close()
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
