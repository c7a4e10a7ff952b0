"""A mixin for ``unittest.TestCase`` and Django's test cases."""

from __future__ import annotations

import functools
import inspect
import unittest
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pusher_mock.mock import PusherMock
from pusher_mock.protocol.errors import UsageError
from pusher_mock.testing.made import forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["PusherMockMixin"]


class PusherMockMixin:
    """A fresh current mock for every test, as ``self.pusher_mock``.

    Put it before the test case: ``class TaskTests(PusherMockMixin, TestCase)``. What is published
    while the class is set up (``setUpClass``, ``setUpTestData``, fixtures) goes to a mock of the
    class. A test that fails says what was published to its mock, and under which seed and weather.

    ``PUSHER_MOCK_SEED`` in the environment (a number, or ``random``) is the seed of every mock;
    ``PUSHER_MOCK_NETWORK`` is the network of those whose options name none.

    Attributes:
        pusher_mock: the mock of the running test.
        class_pusher_mock: the mock of the class, current outside of its tests.
        pusher_mock_options: keyword arguments of ``PusherMock``.
        pusher_mock_callback_errors: whether an exception that a subscriber's callback raised
            fails the test.
        pusher_mock_intercept: ``True``, or names of doors, to catch every call of Pusher; see
            ``pusher_mock.intercepted``.
        pusher_mock_scope: ``"test"``, or ``"class"`` to let every test use the mock of the class.
    """

    pusher_mock: PusherMock
    class_pusher_mock: ClassVar[PusherMock]
    pusher_mock_options: ClassVar[dict[str, Any]] = {}
    pusher_mock_callback_errors: ClassVar[bool] = True
    pusher_mock_intercept: ClassVar[Any] = False
    pusher_mock_scope: ClassVar[Literal["test", "class"]] = "test"

    if TYPE_CHECKING:  # what the test case behind it has
        _testMethodName: str
        addCleanup: Callable[..., None]
        addClassCleanup: ClassVar[Callable[..., None]]
    else:  # a type checker would believe that every name is there

        def __getattr__(self, name: str) -> Any:
            """Explain a mock that is not there.

            Raises:
                AttributeError: always.
            """
            if name in {"pusher_mock", "class_pusher_mock"}:
                method = "setUp" if name == "pusher_mock" else "setUpClass"
                raise AttributeError(
                    f"{type(self).__name__} has no {name}: its {method}() has to call "
                    f"super().{method}() first"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a class in which the mixin would never run.

        Raises:
            TypeError: it comes after the test case.
        """
        super().__init_subclass__(**kwargs)
        order = cls.__mro__
        if unittest.TestCase in order and order.index(unittest.TestCase) < order.index(
            PusherMockMixin
        ):
            raise TypeError(
                f"class {cls.__name__}: PusherMockMixin comes before the test case, as in "
                f"class {cls.__name__}(PusherMockMixin, TestCase)"
            )

    @classmethod
    def setUpClass(cls) -> None:
        """Have a mock before the test case's own set-up publishes anything."""
        if cls.pusher_mock_scope not in ("test", "class"):
            raise UsageError(
                f"{cls.__name__}.pusher_mock_scope is 'test' or 'class', "
                f"not {cls.pusher_mock_scope!r}"
            )
        cls.class_pusher_mock = mock = cls._make_mock()
        mock.activate()
        # Cleanups run last first: the mock is gone before its errors are raised.
        if cls.pusher_mock_callback_errors:
            cls.addClassCleanup(mock.raise_errors)
        cls.addClassCleanup(mock.close)
        cls.addClassCleanup(mock.deactivate)
        cls._catch(cls.addClassCleanup)
        parent: Any = super()
        parent.setUpClass()

    def setUp(self) -> None:
        """Make the mock the current one before the test case's own set-up."""
        if self.pusher_mock_scope == "class":
            self.pusher_mock = mock = self.class_pusher_mock
        else:
            self.pusher_mock = mock = self._make_mock()
            mock.activate()
        if self.pusher_mock_callback_errors:
            self.addCleanup(mock.raise_errors)
        if self.pusher_mock_scope != "class":
            self.addCleanup(mock.close)
            self.addCleanup(mock.deactivate)
            self._catch(self.addCleanup)
        parent: Any = super()
        parent.setUp()

    @classmethod
    def _catch(cls, add_cleanup: Callable[..., None]) -> None:
        """Begin to intercept, if that is wanted, and see to its end."""
        if cls.pusher_mock_intercept is not False:
            from pusher_mock.intercept.interception import from_option

            caught = from_option(cls.pusher_mock_intercept)
            if caught is not None:
                add_cleanup(caught.start().stop)

    def run(self, result: Any = None) -> Any:
        """Run the test; a failure of its method says what happened on the mock."""
        name = self._testMethodName
        method = getattr(self, name)
        before = vars(self).get(name)
        setattr(self, name, self._with_notes(method))
        parent: Any = super()
        try:
            return parent.run(result)
        finally:
            if before is None:
                delattr(self, name)
            else:  # Django, or pytest, has put one there
                setattr(self, name, before)

    def subTest(self, msg: Any = ..., **params: Any) -> AbstractContextManager[None]:
        """A failure of a part of the test says what happened on the mock, too."""
        given = {} if msg is ... else {"msg": msg}
        parent: Any = super()
        return self._part(parent.subTest(**given, **params))

    @contextmanager
    def _part(self, part: AbstractContextManager[None]) -> Iterator[None]:
        with part:
            try:
                yield
            except Exception as error:
                self._add_note(error)
                raise

    @classmethod
    def _make_mock(cls) -> PusherMock:
        from pusher_mock.testing.repeating import from_environment

        try:
            mock = PusherMock(**from_environment(cls.pusher_mock_options))
        except TypeError as error:
            raise UsageError(f"{cls.__name__}.pusher_mock_options: {error}") from None
        forget(mock)  # the note says what happened on it
        return mock

    def _with_notes(self, method: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(method):

            @functools.wraps(method)
            async def run_async() -> Any:
                try:
                    return await method()
                except Exception as error:
                    self._add_note(error)
                    raise

            return run_async

        @functools.wraps(method)
        def run() -> Any:
            try:
                return method()
            except Exception as error:
                self._add_note(error)
                raise

        return run

    def _add_note(self, error: Exception) -> None:
        if isinstance(error, unittest.SkipTest) or "pusher_mock" not in vars(self):
            return
        from pusher_mock.testing.colours import paint, wanted
        from pusher_mock.testing.report import report

        text = report(self.pusher_mock)
        if text is not None:
            error.add_note(f"pusher-mock: events of this test\n{paint(text) if wanted() else text}")
