"""What may become of a publisher's call before the service has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pusher_mock.engine import PublishedEvent
from pusher_mock.protocol.errors import UsageError
from pusher_mock.protocol.frames import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.engine import HttpRequested

__all__ = ["Failure", "app_of", "failure", "peek"]

Kind = Literal["answer", "refused", "timeout"]

_ENDPOINTS: Final = ("/events", "/batch_events")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call fails.

    Attributes:
        kind: ``answer`` with an error, ``refused`` (no connection), ``timeout`` (no answer).
        status: of the answer.
        accepted: whether the service has carried the call out all the same.
        reason: for the text of the answer and the journal.
    """

    kind: Kind
    status: int = 0
    accepted: bool = False
    reason: str = "network"

    def __str__(self) -> str:
        how = str(self.status) if self.kind == "answer" else self.kind
        return f"{how} (accepted)" if self.accepted else how


def failure(status: int | str, *, accepted: bool = False, reason: str = "network") -> Failure:
    """What was asked for: a status, ``timeout`` or ``refused``.

    Raises:
        UsageError: it is none of these, or a refused connection that is to be carried out.
    """
    if status == "timeout":
        return Failure("timeout", accepted=accepted, reason=reason)
    if status == "refused":
        if accepted:
            raise UsageError("a call that finds no connection cannot have been accepted")
        return Failure("refused", reason=reason)
    if isinstance(status, int) and 400 <= status < 600:
        return Failure("answer", status, accepted, reason)
    raise UsageError(f"a call fails with a status from 400, 'timeout' or 'refused', not {status!r}")


def app_of(request: HttpRequested) -> str | None:
    """The app's id in the path of a call."""
    parts = request.path.split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "apps" else None


def peek(request: HttpRequested, at: float, app: str | None = None) -> list[PublishedEvent]:
    """The events that a call would publish if the service takes it; none if it cannot be read.

    Args:
        request: the call.
        at: the mock's clock, in milliseconds.
        app: the app's id, where it is known better than from the path.
    """
    if request.method != "POST" or not request.path.endswith(_ENDPOINTS):
        return []
    try:
        body: Any = loads(request.body)
        return list(_events(app or app_of(request) or "", body, at))
    except (ValueError, TypeError, AttributeError, KeyError):
        return []


def _events(app: str, body: Any, at: float) -> Iterator[PublishedEvent]:
    for one in body.get("batch", [body]):
        channels = one["channels"] if "channels" in one else [one["channel"]]
        for channel in channels:
            yield PublishedEvent(
                app, str(channel), str(one["name"]), str(one["data"]), at, one.get("socket_id")
            )
