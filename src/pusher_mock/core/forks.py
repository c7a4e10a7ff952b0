"""Processes that fork: no lock may stay with a thread that the child does not have."""

from __future__ import annotations

import os
import sys
from threading import RLock, local
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from pusher_mock.clock.machine import monotonic

__all__ = ["INNER", "INNERMOST", "MOCK", "OUTER", "hold"]

#: In which order locks are taken, here as elsewhere: before that of a mock, that of a mock, while
#: it is held, and when no other one follows.
OUTER: Final = 0
MOCK: Final = 1
INNER: Final = 2
INNERMOST: Final = 3
_OURS: Final = 4

_PATIENCE = 1.0  # seconds, for all of them together: a fork must not hang

_Lock = TypeVar("_Lock")


class _Local(local):
    """Per thread that forks: what it has got for that, and what it has not."""

    taken: tuple[Any, ...] = ()
    missed: tuple[Any, ...] = ()


_local = _Local()
_guard = RLock()
_ranks: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def hold(lock: _Lock, rank: int = OUTER) -> _Lock:
    """Have the thread that forks hold a lock meanwhile, so that what it guards is whole.

    Args:
        lock: of ``threading``; remembered for as long as somebody else has it.
        rank: when it is taken: ``OUTER``, ``MOCK``, ``INNER`` or ``INNERMOST``.

    Returns:
        The lock.
    """
    with _guard:
        _ranks[lock] = rank
    return lock


def _before() -> None:
    with _guard:
        ranks = sorted(_ranks.items(), key=lambda item: item[1])
    end = monotonic() + _PATIENCE
    taken: list[Any] = []
    missed: list[Any] = []
    for lock, _ in ranks:
        got = lock.acquire(timeout=max(0.0, end - monotonic()))
        (taken if got else missed).append(lock)
    _local.taken, _local.missed = tuple(taken), tuple(missed)


def _after_in_parent() -> None:
    taken, _local.taken, _local.missed = _local.taken, (), ()
    for lock in reversed(taken):
        lock.release()


def _after_in_child() -> None:
    # Whoever holds these is not here any more.
    for lock in _local.missed:
        lock._at_fork_reinit()
    _after_in_parent()


hold(_guard, _OURS)
if sys.platform != "win32":  # pragma: no branch - there is no fork there
    os.register_at_fork(
        before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
