"""What moving a clock returns: it may be awaited, used as the number that it is, or let go."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["SETTLING", "Counting", "Passage", "Passed", "Ran"]


class Settling:
    """What moving the clock returns: it may be awaited, which lets every task go on first."""

    def __await__(self) -> Generator[Any, Any, Any]:
        from .company import settle

        yield from settle().__await__()
        return self._value()

    def _value(self) -> Any:
        return None


class _Number(Settling):
    if TYPE_CHECKING:  # a number like others, which mypy would not have compared with them

        def __eq__(self, other: object) -> bool: ...

    def _value(self) -> Any:
        return self


class Ran(_Number, int):
    """How many timers ran; may be awaited."""


class Passed(_Number, float):
    """How many milliseconds passed; may be awaited."""


SETTLING: Final = Settling()

_UNKNOWN: Final = object()


class Passage(Settling):
    """Time that is to pass while other tasks have something to do.

    Awaited, it passes step by step, and they run on the way. Otherwise it passes at once, as it
    would outside of tasks: when this object is let go, which is at the end of the statement
    unless somebody holds it.

    Args:
        go: lets it pass step by step.
        at_once: lets it pass at once; both return what is to be told of it.
    """

    def __init__(self, go: Callable[[], Awaitable[Any]], at_once: Callable[[], object]) -> None:
        self._go = go
        self._at_once: Callable[[], object] | None = at_once
        self._result: Any = _UNKNOWN

    def __await__(self) -> Generator[Any, Any, Any]:
        if self._at_once is None:
            return (yield from super().__await__())
        self._at_once = None
        self._result = yield from self._go().__await__()
        return self._result

    def _value(self) -> Any:
        at_once, self._at_once = self._at_once, None
        if at_once is not None:
            self._result = at_once()
        if self._result is _UNKNOWN:
            raise UsageError(
                "this time is passing already, or an error has ended it: use what its await returns"
            )
        return self._result

    def __del__(self) -> None:
        if self._at_once is not None:
            self._value()


class Counting(Passage):
    """Time whose passing is told as a number: used as that, it passes at once."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not (hasattr(int, name) or hasattr(float, name)):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._value(), name)


def _on_it(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *others: act(self._value(), *others)


def _on_another(act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: act(other, self._value())


_ONE: Final[tuple[Callable[..., Any], ...]] = (
    *(repr, str, hash, bool, int, float, format, round, abs),
    *(math.trunc, math.floor, math.ceil),
    *(operator.index, operator.neg, operator.pos, operator.invert),
    *(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
)
_REFLECTED: Final[tuple[Callable[..., Any], ...]] = (
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv),
    *(operator.mod, operator.lshift, operator.rshift),
    *(operator.and_, operator.or_, operator.xor),
    *(divmod, pow),
)
for _act in (*_ONE, *_REFLECTED):
    _name = _act.__name__.strip("_")
    setattr(Counting, f"__{_name}__", _on_it(_act))
    if _act in _REFLECTED:
        setattr(Counting, f"__r{_name}__", _on_another(_act))
