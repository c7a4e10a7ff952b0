"""Where mocks of this process serve: what goes there is meant to go over the wire."""

from __future__ import annotations

from threading import Lock

from .forks import INNERMOST, hold
from .loopback import is_loopback

__all__ = ["is_served", "leave", "take"]

_guard = hold(Lock(), INNERMOST)
_taken: dict[int, int] = {}  # port -> how many servers have it, on whichever address


def take(port: int) -> None:
    """A server listens here from now on."""
    with _guard:
        _taken[port] = _taken.get(port, 0) + 1


def leave(port: int) -> None:
    """It does so no more."""
    with _guard:
        left = _taken.pop(port, 1) - 1
        if left:
            _taken[port] = left


def is_served(host: str, port: int | None) -> bool:
    """Whether a mock of this process serves there."""
    return port in _taken and is_loopback(host)
