"""Requests that send: an array of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol.frames import loads

from .answers import read_body, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Send

    from .session import Session

__all__ = ["messages_of"]

_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404

# Own words where SockJS has only the first half.
_UNKNOWN: Final = "Unknown session: it has ended, or nobody has received from it yet"
_NO_PAYLOAD: Final = "Payload expected: a JSON array of strings"
_BROKEN: Final = "Broken JSON encoding: expected a JSON array of strings"


async def messages_of(
    session: Session | None,
    receive: Receive,
    send: Send,
    limit: int,
    unwrap: Callable[[bytes], bytes] = bytes,
) -> tuple[Session, list[str]] | None:
    """Read the messages that a client sends.

    Args:
        session: to which.
        receive: the request.
        send: the answer.
        limit: bytes of the whole request.
        unwrap: takes the array out of what the transport put around it.

    Returns:
        The session and the messages; ``None`` when there is nothing more to do: it has been
        refused, or the client is gone.
    """
    body = await read_body(receive, send, limit)
    if body is None:
        return None
    if session is None:
        await refuse(send, _NOT_FOUND, _UNKNOWN)  # facts 4.2.12
        return None
    payload = unwrap(body)
    if not payload:
        await refuse(send, _BAD_REQUEST, _NO_PAYLOAD)
        return None
    found = _array(payload)
    if found is None:
        await refuse(send, _BAD_REQUEST, _BROKEN)
        return None
    return session, found


def _array(payload: bytes) -> list[str] | None:
    try:
        found: Any = loads(payload)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        return None
    return found
