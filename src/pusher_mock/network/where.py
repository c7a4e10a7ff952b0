"""What a rule or a fault is for: apps, channels, connections."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pattern", "connections_of", "pattern", "shown"]

Pattern = Any
"""A glob such as ``task-*``, or a compiled regular expression."""


@lru_cache(maxsize=256)
def _glob(text: str) -> re.Pattern[str]:
    return re.compile(translate(text))


def pattern(given: Pattern, what: str) -> Callable[[str], bool]:
    """A test for names.

    Args:
        given: a glob, which has to fit the whole name, or a compiled regular expression, which is
            searched for.
        what: of what, for the error.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(given, str):
        match = _glob(given).match
        return lambda name: match(name) is not None
    if isinstance(given, re.Pattern):
        search = given.search
        return lambda name: search(name) is not None
    raise UsageError(
        f"{what} takes a name, a glob such as 'task-*' or a compiled regular expression, "
        f"not {given!r}"
    )


def connections_of(given: Any) -> Callable[[str, str], bool]:
    """A test for a connection by its readable id and its socket id.

    Args:
        given: either of them; a double or another client, which is asked each time, so that the
            rule stays with it when it reconnects; or several of these in a list, tuple or set.

    Raises:
        UsageError: it is nothing of that kind.
    """
    if isinstance(given, str):
        return lambda connection, socket_id: given in (connection, socket_id)
    if isinstance(given, list | tuple | set | frozenset):
        tests = [connections_of(one) for one in given]
        return lambda connection, socket_id: any(test(connection, socket_id) for test in tests)
    for one in (getattr(given, "connection", None), given):
        for name in ("connection_id", "socket_id"):
            if not isinstance(one, str) and hasattr(type(one), name):
                return _asking(one, name)
    outbox: Any = getattr(given, "connection", None)
    if isinstance(outbox, str):
        return connections_of(outbox)
    raise UsageError(
        f"a connection is named by its id (mock-connection-1), its socket id or its client, "
        f"not by {given!r}"
    )


def _asking(client: Any, name: str) -> Callable[[str, str], bool]:
    def test(connection: str, socket_id: str) -> bool:
        try:
            return getattr(client, name) in (connection, socket_id)
        except UsageError:  # it is not connected yet
            return False

    return test


def shown(given: Any) -> str:
    """How it stands in the text of the weather."""
    if isinstance(given, str):
        return given
    if isinstance(given, re.Pattern):
        return f"/{given.pattern}/"
    if isinstance(given, list | tuple):
        return ",".join(shown(one) for one in given)
    return type(given).__name__
