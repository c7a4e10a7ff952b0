"""Assertions on what was published, with failures that show the nearest misses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.errors import ExpectationFailed, UsageError

if TYPE_CHECKING:
    from pusher_mock.engine import PublishedEvent
    from pusher_mock.journal import Journal

__all__ = ["Wanted", "assert_not_triggered", "assert_triggered", "published"]

_SHOWN = 5
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an event has to be; ``None`` and ``...`` stand for anything."""

    channel: str | None = None
    event: str | None = None
    data: Any = ...
    socket_id: str | None = None

    def misses(self, found: PublishedEvent) -> list[str]:
        """Say in which respects an event differs; an empty list when it fits."""
        wrong = []
        if self.channel is not None and found.channel != self.channel:
            wrong.append(f"channel is {found.channel!r}, not {self.channel!r}")
        if self.event is not None and found.event != self.event:
            wrong.append(f"event is {found.event!r}, not {self.event!r}")
        if self.data is not ... and not self._same_data(found):
            wrong.append(f"data is {_short(found.raw)}, not {_short(_text(self.data))}")
        if self.socket_id is not None and found.socket_id != self.socket_id:
            wrong.append(f"socket_id is {found.socket_id!r}, not {self.socket_id!r}")
        return wrong

    def _same_data(self, found: PublishedEvent) -> bool:
        if isinstance(self.data, str) and found.raw == self.data:
            return True
        # The data went through JSON: a tuple has become a list, a key a string.
        return bool(found.data == self.data) or found.data == _through_json(self.data)

    def __str__(self) -> str:
        parts = [self.event if self.event is not None else "any event"]
        if self.channel is not None:
            parts.append(f"on {self.channel}")
        if self.data is not ...:
            parts.append(f"with data {_short(_text(self.data))}")
        if self.socket_id is not None:
            parts.append(f"excluding {self.socket_id}")
        return " ".join(parts)


def _through_json(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return value


def _text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _complete(journal: Journal) -> list[PublishedEvent]:
    """All events, or an error when the journal no longer holds all of them."""
    if journal.evicted:
        raise UsageError(
            f"the journal keeps {journal.size} inputs and {journal.evicted} older ones have "
            f"dropped out: use PusherMock(journal={_enough(journal)}) to assert over all of them"
        )
    return journal.published()


def _enough(journal: Journal) -> int:
    needed = journal.size + journal.evicted
    return -(-needed // 1000) * 1000


def published(
    journal: Journal, channel: str | None = None, event: str | None = None
) -> list[PublishedEvent]:
    """The events on a channel, with a name, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    wanted = Wanted(channel, event)
    return [one for one in _complete(journal) if not wanted.misses(one)]


def assert_triggered(journal: Journal, wanted: Wanted, times: int | None) -> PublishedEvent:
    """Return the last event that fits.

    Raises:
        ExpectationFailed: none does, or not as many as wanted.
        UsageError: the journal no longer holds what the answer depends on.
    """
    kept = journal.published()
    fitting = [one for one in kept if not wanted.misses(one)]
    if times is None and fitting:
        return fitting[-1]  # what has dropped out cannot change this answer
    everything = _complete(journal)
    if times is not None and len(fitting) == times and fitting:
        return fitting[-1]
    if times == 0:
        raise UsageError("assert_triggered(times=0) has nothing to return: assert_not_triggered")
    count = "at least once" if times is None else f"{times} times"
    seen = f"it was triggered {len(fitting)} times" if fitting else "it was not"
    raise ExpectationFailed(
        f"expected {wanted} to be triggered {count}, but {seen}.\n{_nearest(everything, wanted)}"
        f"{_waiting_in_transaction()}"
    )


def assert_not_triggered(journal: Journal, wanted: Wanted) -> None:
    """Raise if one fits.

    Raises:
        ExpectationFailed: one does.
        UsageError: the journal no longer holds what the answer depends on.
    """
    fitting = [one for one in journal.published() if not wanted.misses(one)]
    if not fitting:
        _complete(journal)
        return
    shown = "\n".join(f"  {_describe(one)}" for one in fitting[:_SHOWN])
    more = f"\n  … and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
    raise ExpectationFailed(
        f"expected {wanted} not to be triggered, but it was, {len(fitting)} times:\n{shown}{more}"
    )


def _describe(event: PublishedEvent) -> str:
    sender = " by a client" if event.client else ""
    return f"at {event.at:g} ms{sender}: {event.event} on {event.channel} with {_short(event.raw)}"


def _nearest(events: list[PublishedEvent], wanted: Wanted) -> str:
    """Show the events that differ least, the latest first among equals."""
    if not events:
        return (
            "Nothing was published to this mock. Is the code under test using another one? "
            "A publisher without mock= follows the current mock; see current_mock()."
        )
    ranked = sorted(enumerate(events), key=lambda one: (_distance(wanted, one[1]), -one[0]))[
        :_SHOWN
    ]
    lines = [f"{len(events)} published; the nearest:"]
    for _, event in ranked:
        misses = wanted.misses(event)
        lines.append(f"  {_describe(event)}")
        lines.extend(f"    {miss}" for miss in misses)
    return "\n".join(lines)


def _distance(wanted: Wanted, event: PublishedEvent) -> tuple[int, float]:
    from difflib import SequenceMatcher

    alike = sum(
        SequenceMatcher(None, asked, found).ratio()
        for asked, found in ((wanted.channel, event.channel), (wanted.event, event.event))
        if asked is not None
    )
    return len(wanted.misses(event)), -alike


def _waiting_in_transaction() -> str:
    """Django keeps ``on_commit`` callbacks back in a ``TestCase``; say so when some wait."""
    import sys

    db = sys.modules.get("django.db")
    if db is None:
        return ""
    waiting = sum(
        len(getattr(connection, "run_on_commit", ()))
        for connection in db.connections.all(initialized_only=True)
    )
    if not waiting:
        return ""
    return (
        f"\n{waiting} transaction.on_commit callbacks are waiting: a TestCase never commits; "
        "wrap the code in self.captureOnCommitCallbacks(execute=True)."
    )
