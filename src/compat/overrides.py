"""`override`: other settings for the length of a block or a call."""

import contextlib
import functools
from collections.abc import AsyncGenerator, Callable, Generator
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast

from compat.names import SPELLINGS
from compat.state import Layer, drop, push

__all__ = ["override"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class override:
    """Change settings for a while: a context manager, and a decorator for functions.

    ``with override(use_mocks=True): …`` or ``@override(use_mocks=True)``. Overrides nest: an inner
    one keeps what it does not name. Leaving one brings back the same server and client objects as
    before. As a decorator it also fits coroutine functions and generators (pytest fixtures); for a
    class, decorate its methods or enter it in ``setUp``.

    It applies to the whole process, not to one thread or task: a worker thread started by a test
    must meet the same Pusher as the test. Two threads that override at the same time see each
    other's values, the later one's first; whichever leaves takes only its own away.

    A client connected under an override stays connected after it; its owner disconnects it.
    """

    def __init__(self, use_mocks: bool | None = None, **settings: Any) -> None:
        """Name what changes; nothing is read or checked before the first use inside.

        Args:
            use_mocks: Mocks on or off; ``None`` leaves the switch where it is.
            **settings: Fields of `PusherSettings`. They beat the environment and every file;
                ``None`` unsets a field that these would fill.

        Raises:
            TypeError: There is no such field.
        """
        unknown = sorted(settings.keys() - SPELLINGS.keys())
        if unknown:
            raise TypeError(
                f"override() knows no setting {', '.join(unknown)}; "
                f"the settings are {', '.join(SPELLINGS)}"
            )
        self._values = settings if use_mocks is None else {"use_mocks": use_mocks, **settings}
        self._entered: list[Layer] = []

    def __enter__(self) -> Self:
        """Put the values in force."""
        self._entered.append(push(self._values))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take them away again."""
        drop(self._entered.pop())

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Decorate a function; each call enters an override of its own.

        Args:
            function: A function, coroutine function, or generator function of either kind.

        Returns:
            A function of the same kind.

        Raises:
            TypeError: It is a class.
        """
        if isinstance(function, type):
            raise TypeError(
                "override() does not decorate a class: decorate its methods, or enter it in "
                "setUp with self.enterContext(override(...))"
            )
        import inspect  # tests only: not worth its share of every program's start

        # A plain wrapper would have left the override before any of these three has run.
        wrapper: Callable[..., Any]
        if inspect.iscoroutinefunction(function):
            wrapper = self._wrap_coroutine(function)
        elif inspect.isasyncgenfunction(function):
            wrapper = self._wrap_async_generator(function)
        elif inspect.isgeneratorfunction(function):
            wrapper = self._wrap_generator(function)
        else:
            wrapper = self._wrap(function)
        return cast("Callable[_P, _R]", functools.wraps(function)(wrapper))

    def _wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with override(**self._values):
                return function(*args, **kwargs)

        return wrapper

    def _wrap_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            with override(**self._values):
                return await function(*args, **kwargs)

        return wrapper

    def _wrap_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with override(**self._values):
                return (yield from function(*args, **kwargs))

        return wrapper

    def _wrap_async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            with override(**self._values):
                # Closed here: an abandoned one would end after the override.
                async with contextlib.aclosing(function(*args, **kwargs)) as items:
                    async for item in items:
                        yield item

        return wrapper
