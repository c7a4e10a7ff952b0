"""The SDK itself beside the double: the same call must end alike, up to the network."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pusher import Pusher

from pusher_mock import MockPusherServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher.client import Client
    from pusher.http import Request

__all__ = ["MASTER_KEY", "MASTER_KEY_BASE64", "Outcome", "both", "outcome", "real"]

MASTER_KEY = b"0123456789abcdef0123456789abcdef"
MASTER_KEY_BASE64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

Outcome = tuple[str, str, list[str]]


class Recorder:
    """A back end that returns the request which it should send."""

    def __init__(self, client: Client, **options: Any) -> None:
        self.client = client

    def send_request(self, request: Request) -> Any:
        return request


def real(*args: Any, **kwargs: Any) -> Pusher:
    """Return the SDK's own publisher, which ends where the network would begin."""
    return Pusher(*args, **{"backend": Recorder, **kwargs})


def outcome(call: Callable[[], Any]) -> Outcome:
    """Return how a call ended: the exception's type and text, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:
            kind, text = type(error).__name__, str(error)
        else:
            kind = text = ""
    return kind, text, [f"{one.category.__name__}: {one.message}" for one in caught]


def both(call: Callable[[Callable[..., Pusher]], Any]) -> Outcome:
    """Do the same with the real class and with the double; they must end alike."""
    ours = outcome(lambda: call(MockPusherServer))
    assert ours == outcome(lambda: call(real))
    return ours
