"""Assertions on what was published, with failures that show the nearest misses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pusher_mock.protocol.errors import ExpectationFailed, UsageError
from pusher_mock.protocol.names import channel_kind

if TYPE_CHECKING:
    from pusher_mock.engine import DeliverWebhook, PublishedEvent
    from pusher_mock.journal import Journal

__all__ = [
    "Wanted",
    "assert_not_triggered",
    "assert_triggered",
    "describe",
    "published",
    "shorten",
    "webhooks",
]

_SHOWN = 5
_LONGEST = 200
_STEP = 1000  # of the journal size that is proposed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an event has to be; ``None`` and ``...`` stand for anything."""

    channel: str | None = None
    event: str | None = None
    data: Any = ...
    socket_id: str | None = None

    def fits(self, found: PublishedEvent) -> bool:
        """Whether an event is what was wanted."""
        return (
            self.channel in (None, found.channel)
            and self.event in (None, found.event)
            and self.socket_id in (None, found.socket_id)
            and (self.data is ... or self._same_data(found))
        )

    def misses(self, found: PublishedEvent) -> list[str]:
        """Say in which respects an event differs; an empty list when it fits."""
        wrong = []
        if self.channel is not None and found.channel != self.channel:
            wrong.append(f"channel is {found.channel!r}, not {self.channel!r}")
        if self.event is not None and found.event != self.event:
            wrong.append(f"event is {found.event!r}, not {self.event!r}")
        if self.data is not ... and not self._same_data(found):
            wrong.append(f"data is {shorten(found.raw)}, not {shorten(_text(self.data))}")
            if channel_kind(found.channel).encrypted:
                wrong.append(
                    "data is encrypted: assert on the channel and event, and read it with "
                    "pusher_mock.testing.decrypt(channel, event.raw, master_key)"
                )
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
            parts.append(f"with data {shorten(_text(self.data))}")
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


def shorten(text: str) -> str:
    """The text, or its beginning and its length when it is long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _check_complete(journal: Journal) -> None:
    """Raise when the journal no longer holds everything.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    if journal.evicted:
        needed = (journal.size + journal.evicted + _STEP - 1) // _STEP * _STEP
        raise UsageError(
            f"the journal keeps {journal.size} inputs and {journal.evicted} older ones have "
            f"dropped out: use PusherMock(journal={needed}), or @pytest.mark.pusher_mock(journal="
            f"{needed}), to assert over all of them"
        )


def published(
    journal: Journal, channel: str | None = None, event: str | None = None
) -> list[PublishedEvent]:
    """The events on a channel, with a name, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    _check_complete(journal)
    wanted = Wanted(channel, event)
    return [one for one in journal.published() if wanted.fits(one)]


def webhooks(journal: Journal) -> list[DeliverWebhook]:
    """The webhooks due, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    _check_complete(journal)
    return journal.webhooks()


def assert_triggered(journal: Journal, wanted: Wanted, times: int | None) -> PublishedEvent:
    """Return the last event that fits.

    Raises:
        ExpectationFailed: none does, or not as many as wanted.
        UsageError: the journal no longer holds what the answer depends on, or ``times`` is below
            1.
    """
    __tracebackhide__ = True  # a failure ends at the line of the test
    if times is not None and times < 1:
        raise UsageError(f"times takes a number from 1, not {times}; use assert_not_triggered()")
    kept = journal.published()
    fitting = [one for one in kept if wanted.fits(one)]
    if times is None and fitting:
        return fitting[-1]  # what has dropped out cannot change this answer
    if times is None or len(fitting) <= times:
        _check_complete(journal)  # nor that there were too many
    if len(fitting) == times:
        return fitting[-1]
    count = "at least once" if times is None else _count(times)
    seen = f"it was triggered {_count(len(fitting))}" if fitting else "it was not"
    raise ExpectationFailed(
        f"expected {wanted} to be triggered {count}, but {seen}.\n{_nearest(kept, wanted)}"
        f"{_waiting_in_transaction()}"
    )


def _count(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def assert_not_triggered(journal: Journal, wanted: Wanted) -> None:
    """Raise if one fits.

    Raises:
        ExpectationFailed: one does.
        UsageError: the journal no longer holds what the answer depends on.
    """
    __tracebackhide__ = True  # a failure ends at the line of the test
    fitting = [one for one in journal.published() if wanted.fits(one)]
    if not fitting:
        _check_complete(journal)
        return
    shown = "\n".join(f"  {describe(one)}" for one in fitting[:_SHOWN])
    more = f"\n  … and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
    raise ExpectationFailed(
        f"expected {wanted} not to be triggered, but it was, {_count(len(fitting))}:\n{shown}{more}"
    )


def describe(event: PublishedEvent) -> str:
    """One line about an event: when, who, what and where."""
    sender = " by a client" if event.client else ""
    excluded = f" excluding {event.socket_id}" if event.socket_id and not event.client else ""
    return (
        f"at {event.at:.15g} ms{sender}: {event.event} on {event.channel} "
        f"with {shorten(event.raw)}{excluded}"
    )


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
        lines.append(f"  {describe(event)}")
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

    db, conf = sys.modules.get("django.db"), sys.modules.get("django.conf")
    if db is None or conf is None or not conf.settings.configured:
        return ""
    waiting = sum(
        len(getattr(connection, "run_on_commit", ()))
        for connection in db.connections.all(initialized_only=True)
    )
    if not waiting:
        return ""
    callbacks = "callback is" if waiting == 1 else "callbacks are"
    return (
        f"\n{waiting} transaction.on_commit {callbacks} waiting: a TestCase never commits; wrap "
        "the code in self.captureOnCommitCallbacks(execute=True), or with pytest-django in "
        "django_capture_on_commit_callbacks(execute=True)."
    )
