"""Faults: something goes wrong for chosen events, so many times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import codes
from pusher_mock.protocol.errors import UsageError

from .conditions import is_count
from .latencies import milliseconds
from .publishers import failure
from .where import connections_of, pattern, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine import PublishedEvent

__all__ = ["ACTIONS", "Fault", "close_code"]

ACTIONS: Final = ("drop", "error", "delay", "duplicate", "corrupt", "close")

_HIGHEST_CODE: Final = 4999

# What belongs to one of them only.
_OF: Final = {"delay": "delay", "status": "error", "code": "close", "reason": "close"}


class Fault:
    """One fault; made by ``Network.fault``, where the parameters are explained.

    Attributes:
        hits: how many events it has been applied to.
    """

    def __init__(
        self,
        match: Any,
        *,
        event: Any,
        when: Callable[[PublishedEvent], object] | None,
        action: str,
        times: int | None,
        to: Any,
        delay: float | None,
        status: int | str | None,
        code: int | None,
        reason: str | None,
    ) -> None:
        if action not in ACTIONS:
            raise UsageError(f"action is one of {', '.join(ACTIONS)}, not {action!r}")
        if when is not None and not callable(when):
            raise UsageError(f"when= is a function that is given the event, not {when!r}")
        if times is None and action == "close":
            # pusher-js comes back at once after 4200, and would be closed again at once.
            times = 1
        if times is not None and not is_count(times, 1):
            raise UsageError(f"times takes a number from 1, or None for every time, not {times!r}")
        self.action = action
        if action == "error" and to is not None:
            raise UsageError("an error is for who publishes, and so for all; leave to= away")
        _check_use(action, delay=delay, status=status, code=code, reason=reason)
        self.delay = 1_000.0 if delay is None else milliseconds(delay, "delay")
        self.failure = failure(500 if status is None else status, reason="fault")
        self.code = codes.RECONNECT_NOW if code is None else close_code(code)
        self.reason = reason or ""
        self.times = times
        self.hits = 0
        self._match, self._event, self._to = match, event, to
        self._fits_channel = pattern(match, "match")
        self._fits_event = pattern(event, "event")
        self._when = when
        self._for = None if to is None else connections_of(to)

    @property
    def spent(self) -> bool:
        """Whether it has been applied as often as it was to be."""
        return self.times is not None and self.hits >= self.times

    @property
    def selective(self) -> bool:
        """Whether it is for some connections only."""
        return self._for is not None

    def fits(self, event: PublishedEvent) -> bool:
        """Whether it is to be applied to this event."""
        return (
            not self.spent
            and self._fits_channel(event.channel)
            and self._fits_event(event.event)
            and (self._when is None or bool(self._when(event)))
        )

    def reaches(self, connection: str, socket_id: str) -> bool:
        """Whether it is for this connection."""
        return self._for is None or self._for(connection, socket_id)

    def __str__(self) -> str:
        parts = [f"fault {self.action} {shown(self._match)}"]
        if self._event != "*":
            parts.append(f"event={shown(self._event)}")
        if self._when is not None:
            parts.append(f"when={getattr(self._when, '__name__', 'a predicate')}")
        if self._to is not None:
            parts.append(f"to={shown(self._to)}")
        if self.times is not None:
            parts.append(f"times={self.times}")
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"<Fault {str(self).removeprefix('fault ')} hits={self.hits}>"


def _check_use(action: str, **given: Any) -> None:
    for name, value in given.items():
        if value is not None and action != _OF[name]:
            raise UsageError(
                f"{name}={value!r} is for a fault with action={_OF[name]!r}; this one is to "
                f"{action!r}. Make two faults to have both"
            )


def close_code(given: int) -> int:
    """The code of a close (RFC 6455, 7.4).

    Raises:
        UsageError: it is none.
    """
    if not is_count(given, 1000) or given > _HIGHEST_CODE:
        raise UsageError(
            "a connection is closed with a code from 1000 to 4999, and by the service with one "
            f"from 4000 to 4299, not {given!r}"
        )
    return given
