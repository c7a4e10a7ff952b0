"""The project's own errors: data in attributes, text in ``__str__``; it says what to do."""

from __future__ import annotations

__all__ = [
    "ExpectationFailed",
    "NotSupported",
    "ProtocolViolation",
    "PusherMockError",
    "Unreachable",
    "UsageError",
]


class PusherMockError(Exception):
    """Base of every error that this package raises on its own account."""


class UsageError(PusherMockError):
    """The test, the setting or the call is wrong; the text says how to mend it."""


class NotSupported(PusherMockError):
    """The request is understood and deliberately not offered; the text names the alternative."""


class Unreachable(PusherMockError):
    """The network of a mock has come between two who want to talk; doors raise what theirs is.

    Attributes:
        kind: ``refused`` (no connection) or ``timeout`` (no answer).
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind


class ProtocolViolation(PusherMockError):
    """The peer broke Pusher's rules.

    Attributes:
        message: the text the peer is told, as the service words it.
        code: the value of ``code`` in ``pusher:error``: an integer, or ``None`` where the
            service sends null (facts 1.10).
        status: the HTTP status, or ``None`` when the violation was seen on a connection.
        fatal: ``True`` when the connection is closed with ``code`` after the event.
        hint: what the author of the application is told in the log; never sent to the peer.
        allow: the methods that a path takes, when the status says that this one is not (RFC 9110,
            15.5.6).
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | None = None,
        status: int | None = None,
        fatal: bool = False,
        hint: str = "",
        allow: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.fatal = fatal
        self.hint = hint
        self.allow = allow

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class ExpectationFailed(PusherMockError, AssertionError):
    """An assertion on a mock did not hold; the text shows the nearest misses."""
