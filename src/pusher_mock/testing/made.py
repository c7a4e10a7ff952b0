"""Mocks that tests make by themselves: for the report of the one that fails."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from pusher_mock.mock import PusherMock

__all__ = ["begin", "forget", "made_since", "remember"]

_numbers = count(1)
_made: WeakValueDictionary[int, PusherMock] = WeakValueDictionary()


def remember(mock: PusherMock) -> None:
    """Have a mock found for as long as somebody else keeps it."""
    _made[next(_numbers)] = mock


def forget(mock: PusherMock) -> None:
    """It is nobody's own: what has made it tells of it by itself."""
    for number in _latest():
        if _made.get(number) is mock:
            del _made[number]
            return


def begin() -> int:
    """What ``made_since`` takes for the mocks that are made from now on."""
    return next(_numbers)


def made_since(began: int) -> list[PusherMock]:
    """The mocks that have been made since, the latest first; not those that are gone."""
    found = [_made.get(number) for number in _latest() if number > began]
    return [mock for mock in found if mock is not None]


def _latest() -> list[int]:
    # Sorted from a copy that is made at once: other threads make mocks meanwhile.
    return sorted(list(_made.data), reverse=True)  # type: ignore[attr-defined]  # noqa: C414
