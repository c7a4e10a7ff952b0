"""A mixin for ``unittest.TestCase`` and Django's test cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pusher_mock.mock import PusherMock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PusherMockMixin"]


class PusherMockMixin:
    """A fresh current mock for every test, as ``self.pusher_mock``.

    Put it before the test case: ``class TaskTests(PusherMockMixin, TestCase)``.

    Attributes:
        pusher_mock: the mock of the running test.
        pusher_mock_options: keyword arguments of ``PusherMock``.
        pusher_mock_callback_errors: whether an exception that a subscriber's callback raised
            fails the test.
    """

    pusher_mock: PusherMock
    pusher_mock_options: ClassVar[dict[str, Any]] = {}
    pusher_mock_callback_errors: ClassVar[bool] = True

    if TYPE_CHECKING:
        addCleanup: Callable[..., None]

    def setUp(self) -> None:
        """Make the mock the current one before the test case's own set-up."""
        self.pusher_mock = mock = PusherMock(**self.pusher_mock_options)
        mock.activate()
        # Cleanups run last first: the mock is gone before its errors are raised.
        if self.pusher_mock_callback_errors:
            self.addCleanup(mock.raise_errors)
        self.addCleanup(mock.close)
        self.addCleanup(mock.deactivate)
        parent: Any = super()
        parent.setUp()
