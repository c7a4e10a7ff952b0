"""The current mock: process-wide, because a worker thread of a test must meet the same one."""

from __future__ import annotations

from importlib import import_module
from threading import RLock
from typing import Any

from pusher_mock.clock import SystemClock
from pusher_mock.protocol.errors import UsageError

from .core import Core
from .forks import INNERMOST, hold

__all__ = ["activate", "current", "deactivate", "facade_of", "is_active"]

_guard = hold(RLock(), INNERMOST)
_active: list[Core] = []
_default: list[Core] = []


def current() -> Core:
    """The innermost activated mock, else the process default, which keeps real time."""
    try:
        return _active[-1]
    except IndexError:  # asked for first: another thread may deactivate between two questions
        pass
    with _guard:
        if not _default or _default[0].closed:
            _default[:] = [Core(clock=SystemClock())]
        return _default[0]


def is_active() -> bool:
    """Whether a mock has been activated; the process default does not count."""
    return bool(_active)


def activate(core: Core) -> None:
    """Make a mock the current one until it is deactivated.

    Raises:
        UsageError: it is closed.
    """
    core.check_open()
    with _guard:
        _active.append(core)


def deactivate(core: Core) -> None:
    """Stop being current; doubles that had attached to it as the current one are disconnected.

    Raises:
        UsageError: it is not active.
    """
    with _guard:
        if core not in _active:
            raise UsageError(
                "this mock is not active; activate it first, or use it in a with block"
            )
        # From the end: the innermost activation of the same mock goes first.
        del _active[len(_active) - 1 - _active[::-1].index(core)]
        still_active = core in _active
    if not still_active:
        core.retire_implicit()


def facade_of(core: Core) -> Any:
    """What a user holds of this core: a ``PusherMock``, always the same one."""
    if core.facade is None:
        # Only the process default is made down here; what wraps it lives in the layer above.
        module = import_module("pusher_mock.mock")
        with _guard:
            if core.facade is None:
                core.facade = module.PusherMock.around(core)
    return core.facade
