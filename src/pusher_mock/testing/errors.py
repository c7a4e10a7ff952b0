"""Callback errors: the SDK hides them, a test must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.core import NETWORK

if TYPE_CHECKING:
    from pusher_mock.core import CallbackError

__all__ = ["raise_errors"]


def raise_errors(errors: list[CallbackError]) -> None:
    """Raise what was recorded and empty the list.

    Raises:
        Exception: the error itself when there is one, an ``ExceptionGroup`` when there are more.
    """
    recorded = list(errors)
    raised: list[BaseException] = []
    errors.clear()
    for one in recorded:
        where = f" of channel {one.channel}" if one.channel is not None else ""
        text = (
            f"raised by the callback for {one.event}{where} on {one.connection}; "
            "pysher would have hidden it"
        )
        if one.connection == NETWORK:
            text = f"raised by the function that the network was given for {one.event}"
        if text not in getattr(one.error, "__notes__", ()):
            one.error.add_note(text)
        if not any(one.error is other for other in raised):
            raised.append(one.error)
    if len(raised) == 1:
        raise raised[0]
    if raised:
        raise BaseExceptionGroup("callbacks raised", raised)
