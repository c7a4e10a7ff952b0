"""Mocks that a pickled publisher is bound to: they are found again in the same process."""

from __future__ import annotations

import os
from itertools import count
from weakref import WeakKeyDictionary, WeakValueDictionary

from pusher_mock.protocol.errors import UsageError

__all__ = ["find", "remember"]

_numbers = count(1)
_by_number: WeakValueDictionary[int, object] = WeakValueDictionary()
_number_of: WeakKeyDictionary[object, int] = WeakKeyDictionary()


def remember(core: object) -> tuple[int, int]:
    """Have a core found again as long as it lives; returns the arguments of ``find``."""
    number = _number_of.get(core)
    if number is None:
        number = _number_of[core] = next(_numbers)
        _by_number[number] = core
    return os.getpid(), number


def find(process: int, number: int) -> object:
    """Find the core of a publisher that was pickled.

    Raises:
        UsageError: it is in another process, or is gone.
    """
    here = process == os.getpid()
    core = _by_number.get(number) if here else None
    if core is None:
        whose = "a mock that is gone" if here else f"a mock in process {process}"
        raise UsageError(
            f"this publisher was bound with mock= to {whose}: build it without mock=, so that it "
            "follows the current mock, or let both processes use one server (pusher-mock serve, "
            "PUSHER_MOCK_URL)"
        )
    return core
