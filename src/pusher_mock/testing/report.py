"""What happened on a mock, in a few lines: shown beside a test that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pusher_mock.engine import Respond, SendFrame

from .deliveries import read
from .differences import shorten
from .expect import describe
from .folding import folded
from .repeating import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.mock import PusherMock

__all__ = ["report"]

_SHOWN = 20
"""Lines of each kind, the latest: a test that publishes hundreds is read from its end."""

_PERFECT = "perfect"
_ERRORS = 400  # facts 2.3: the statuses that refuse
_REFUSAL = "pusher:error"  # facts 1.10: the frame that refuses


def report(mock: PusherMock, *, pytest: bool = False, own: bool = False) -> str | None:
    """Describe seed and weather, events, what was lost or refused, who listens, and what raised.

    Args:
        mock: open or closed; of a closed one nobody listens any more.
        pytest: whether options of pytest have it all happen again; else the environment does.
        own: whether the test has made it; its seed alone is no news then.

    Returns:
        Lines without a final newline; ``None`` when nothing was published, refused or raised,
        nobody listens, and the seed and the weather are what they always are.
    """
    journal = mock.journal
    events = [describe(one) for one in journal.published()]
    refused = list(_refused(mock))
    raised = [f"{one.error!r} by {one.origin}" for one in mock.errors]
    listening = [
        f"{one['name']} ({one['subscriberCount']})"
        for one in mock.state.get_state()["channels"]
        if one["subscriberCount"]
    ]
    circumstances = told(mock, pytest=pytest, own=own)
    weather = mock.network.base != _PERFECT or mock.network.log.lines()
    if not (events or refused or raised or listening or weather) and (own or not mock.seed):
        return None
    lines = [circumstances]
    lines.append(f"{len(events)} published:" if events else "nothing was published")
    lines.extend(_latest(events))
    log = read(journal)
    if log.dropped:
        lines.append(f"{len(log.dropped)} dropped:")
        lines.extend(_latest([str(one) for one in log.dropped]))
    if under_way := log.under_way:
        lines.append(f"{len(under_way)} under way:")
        lines.extend(_latest([str(one) for one in under_way]))
    if refused:
        lines.append(f"{len(refused)} refused:")
        lines.extend(_latest(refused))
    if listening:
        lines.append(f"subscribed: {', '.join(listening)}")
    if raised:
        lines.append(f"{len(raised)} raised:")
        lines.extend(_latest(raised))
    if journal.evicted:
        lines.append(f"{journal.evicted} older inputs have dropped out of the journal")
    return "\n".join(lines)


def _latest(lines: list[str]) -> Iterator[str]:
    runs = folded(lines)
    if earlier := sum(count for _, count in runs[:-_SHOWN]):
        yield f"  … {earlier} earlier ones"
    yield from (f"  {line}" for line, _ in runs[-_SHOWN:])


def _refused(mock: PusherMock) -> Iterator[str]:
    for entry in mock.journal:
        for effect in entry.effects:
            if isinstance(effect, Respond) and effect.status >= _ERRORS:
                answer = shorten(effect.body.strip())
                yield f"at {entry.at:.15g} ms: HTTP {effect.status} {answer}"
            elif isinstance(effect, SendFrame) and effect.frame.event == _REFUSAL:
                yield f"at {entry.at:.15g} ms: {effect.connection} {shorten(effect.frame.text)}"
