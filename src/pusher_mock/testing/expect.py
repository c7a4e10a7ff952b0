"""Assertions on what was published, with failures that show the nearest misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.network.conditions import is_count
from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .differences import shorten
from .nearest import nearest
from .wanted import Wanted

if TYPE_CHECKING:
    from pusher_mock.engine import DeliverWebhook, PublishedEvent
    from pusher_mock.journal import Journal

    from .wanted import Name

__all__ = [
    "Wanted",
    "assert_not_triggered",
    "assert_triggered",
    "check_complete",
    "count",
    "describe",
    "published",
    "shorten",
    "webhooks",
]

_SHOWN = 5
_STEP = 1000  # of the journal size that is proposed


def check_complete(journal: Journal) -> None:
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
    journal: Journal, channel: Name | None = None, event: Name | None = None
) -> list[PublishedEvent]:
    """The events on a channel, with a name, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    check_complete(journal)
    wanted = Wanted(channel, event)
    return [one for one in journal.published() if wanted.fits(one)]


def webhooks(journal: Journal) -> list[DeliverWebhook]:
    """The webhooks due, oldest first.

    Raises:
        UsageError: some have dropped out of the journal.
    """
    check_complete(journal)
    return journal.webhooks()


def assert_triggered(journal: Journal, wanted: Wanted, times: int | None) -> PublishedEvent:
    """Return the last event that fits.

    Raises:
        ExpectationFailed: none does, or not as many as wanted.
        UsageError: the journal no longer holds what the answer depends on, or ``times`` is below
            1.
    """
    __tracebackhide__ = True  # a failure ends at the line of the test
    if times is not None and not is_count(times, 1):
        raise UsageError(f"times takes a number from 1, not {times!r}; use assert_not_triggered()")
    kept = journal.published()
    fitting = [one for one in kept if wanted.fits(one)]
    if times is None and fitting:
        return fitting[-1]  # what has dropped out cannot change this answer
    if times is None or len(fitting) <= times:
        check_complete(journal)  # nor that there were too many
    if len(fitting) == times:
        return fitting[-1]
    often = "at least once" if times is None else count(times)
    seen = f"it was triggered {count(len(fitting))}" if fitting else "it was not"
    raise ExpectationFailed(
        f"expected {wanted} to be triggered {often}, but {seen}.\n{_nearest(kept, wanted)}"
        f"{_waiting_in_transaction()}"
    )


def count(number: int) -> str:
    """A number of times in words."""
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
        check_complete(journal)
        return
    shown = "\n".join(f"  {describe(one)}" for one in fitting[:_SHOWN])
    more = f"\n  … and {len(fitting) - _SHOWN} more" if len(fitting) > _SHOWN else ""
    raise ExpectationFailed(
        f"expected {wanted} not to be triggered, but it was, {count(len(fitting))}:\n{shown}{more}"
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
    if not events:
        return (
            "Nothing was published to this mock. Is the code under test using another one? "
            "A publisher without mock= follows the current mock; see current_mock()."
        )
    lines = nearest(wanted, events, wanted.misses, describe)
    return "\n".join([f"{len(events)} published; the nearest:", *lines])


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
