"""Webhooks: which are due, when, and signed over exactly the bytes that go out (facts 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pusher_mock.protocol import limits
from pusher_mock.protocol.frames import dumps
from pusher_mock.protocol.signatures import sign

from .effects import DeliverWebhook

if TYPE_CHECKING:
    from .state import AppState
    from .turn import Turn

__all__ = ["emit", "joined", "leave_delay_passed", "left", "send_batch"]

# The occupancy of a channel, or of a user on a presence channel. A leave is announced only after
# a delay, and a return within it cancels both announcements (facts 3.2).
_ABSENT, _PRESENT, _LEAVING = "absent", "present", "leaving"
_OCCUPANCY = {
    (_ABSENT, "joined"): ("announce arrival", _PRESENT),
    (_PRESENT, "left"): ("start delay", _LEAVING),
    (_LEAVING, "joined"): ("cancel delay", _PRESENT),
    (_LEAVING, "delay passed"): ("announce departure", _ABSENT),
}
_TIMER = "webhook-leave"
_BATCH_TIMER = "webhook-batch"


def joined(turn: Turn, app: AppState, channel: str, user_id: str | None = None) -> None:
    """The first connection subscribed to the channel, or of the user (facts 3.2)."""
    _move(turn, app, (channel,) if user_id is None else (channel, user_id), "joined")


def left(turn: Turn, app: AppState, channel: str, user_id: str | None = None) -> None:
    """The last connection left the channel, or the last of the user."""
    _move(turn, app, (channel,) if user_id is None else (channel, user_id), "left")


def leave_delay_passed(turn: Turn, app_id: str, *subject: str) -> None:
    """Timer: nobody came back in time."""
    _move(turn, turn.state.apps[app_id], subject, "delay passed")


def _move(turn: Turn, app: AppState, subject: tuple[str, ...], what: str) -> None:
    if not app.config.webhooks:
        return
    action, after = _OCCUPANCY[app.occupancy.get(subject, _ABSENT), what]
    if after == _ABSENT:
        del app.occupancy[subject]
    else:
        app.occupancy[subject] = after
    timer = (_TIMER, app.config.id, *subject)
    if action == "start delay":
        turn.state.timers.set(timer, turn.at + limits.WEBHOOK_LEAVE_DELAY)
    elif action == "cancel delay":
        turn.state.timers.cancel(timer)
    else:
        emit(turn, app, _event(subject, arrival=action == "announce arrival"))


def _event(subject: tuple[str, ...], *, arrival: bool) -> dict[str, Any]:
    if len(subject) == 1:
        name = "channel_occupied" if arrival else "channel_vacated"
        return {"name": name, "channel": subject[0]}
    name = "member_added" if arrival else "member_removed"
    return {"name": name, "channel": subject[0], "user_id": subject[1]}


def emit(turn: Turn, app: AppState, event: dict[str, Any]) -> None:
    """Send one webhook event to every URL that wants its kind, at once or with the next batch."""
    for index, hook in enumerate(app.config.webhooks):
        if event["name"] not in hook.events:
            continue
        if not app.config.webhook_batching:
            _deliver(turn, app, hook.url, [event])
            continue
        batch = app.webhook_batches.setdefault(index, [])
        batch.append(event)
        timer = (_BATCH_TIMER, app.config.id, str(index))
        if len(batch) >= limits.WEBHOOK_BATCH_EVENTS:
            turn.state.timers.cancel(timer)
            send_batch(turn, app.config.id, str(index))
        elif len(batch) == 1:
            turn.state.timers.set(timer, turn.at + limits.WEBHOOK_BATCH_WINDOW)


def send_batch(turn: Turn, app_id: str, index: str) -> None:
    """Timer: the batch window of one URL is over."""
    app = turn.state.apps[app_id]
    events = app.webhook_batches.pop(int(index))
    _deliver(turn, app, app.config.webhooks[int(index)].url, events)


def _deliver(turn: Turn, app: AppState, url: str, events: list[dict[str, Any]]) -> None:
    app.messages += 1  # facts 2.5: each webhook call counts
    # Compact JSON in this key order: applications verify re-serialised bodies (facts 3.1.3).
    body = dumps({"time_ms": int(turn.wall * 1000), "events": events}).encode()
    # facts 3.1.2: the oldest active key signs; a key without a known secret cannot.
    key, secret = next(
        ((key, secret) for key, secret in app.secrets.items() if secret is not None),
        (app.config.key, ""),
    )
    turn.effects.append(DeliverWebhook(app.config.id, url, key, sign(secret, body), body))
