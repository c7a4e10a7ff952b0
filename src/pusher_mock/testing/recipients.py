"""Whom an assertion is about: connections, named in any of the ways that a test has at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.network.where import connections_of
from pusher_mock.protocol.errors import UsageError

from .recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["among", "recipient"]


def recipient(to: Any, sockets: Mapping[str, str], *, complete: bool = True) -> list[str] | None:
    """The connections that are meant.

    Args:
        to: an id (``mock-connection-1``), a socket id, a client, a recorder, or a list of these;
            ``None`` for everybody. A client stands for the connection that it has, or had last; a
            recorder for all that it ever had.
        sockets: the socket id of each connection that was opened.
        complete: whether these are all, so that any other name is a mistake.

    Returns:
        Their ids; ``None`` for everybody.

    Raises:
        UsageError: nobody is called like that, or ``to`` is nothing that names a connection.
    """
    if to is None:
        return None
    test = among(to)
    found = [one for one, socket_id in sockets.items() if test(one, socket_id)]
    if found:
        return found
    if not complete and isinstance(to, str):
        return [to]
    raise UsageError(
        f"to={to!r} names no connection of this mock; those so far: {', '.join(sockets) or 'none'}"
    )


def among(to: Any) -> Callable[[str, str], bool]:
    """A test for a connection, by its id and its socket id, whether or not it is open yet.

    Raises:
        UsageError: ``to`` is nothing that names a connection.
    """
    if isinstance(to, Recorder):
        return lambda connection, socket_id: connection in to.connections
    if isinstance(to, list | tuple | set | frozenset):
        tests = [among(one) for one in to]
        return lambda connection, socket_id: any(test(connection, socket_id) for test in tests)
    try:
        return connections_of(to)
    except UsageError:
        # The real pysher keeps it on its connection.
        socket_id = getattr(getattr(to, "connection", None), "socket_id", None)
        if not isinstance(socket_id, str):
            raise
        return connections_of(socket_id)
