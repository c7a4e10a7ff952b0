"""What the engine showed in one step, read off the wire, in the words of the model."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from pusher_mock.engine import (
    Broadcast,
    CloseConnection,
    DeliverWebhook,
    Ping,
    Published,
    Respond,
    SendFrame,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pusher_mock.engine import Effect
    from pusher_mock.protocol.frames import Frame

    from .machine_ledger import World

__all__ = ["Seen", "see"]


class Seen:
    """The effects of a step, per connection and per webhook URL; pings apart from the rest."""

    def __init__(self) -> None:
        self.sent: dict[str, list[tuple[Any, ...]]] = {}
        self.pinged: set[str] = set()
        self.posted: dict[str, list[list[dict[str, Any]]]] = {}
        self.published: list[tuple[Any, ...]] = []
        self.answer: tuple[int, Any] | None = None


def _read(frame: Frame) -> tuple[Any, ...]:
    content = json.loads(frame.text)
    assert set(content) <= {"event", "channel", "data", "user_id"}
    event, data = content["event"], content["data"]
    if event == "pusher:error":
        # The one exception to the string rule, and never on a channel (facts 1.2).
        assert isinstance(data, dict)
        assert "channel" not in content
    else:
        assert isinstance(data, str), content
    if event.startswith(("pusher:", "pusher_internal:")) and event != "pusher:error":
        data = json.loads(data)
    if event == "pusher_internal:member_added":
        data.setdefault("user_info", None)  # omitted or null (facts 1.6.5)
    if event == "pusher_internal:subscription_succeeded" and data:
        data["presence"]["ids"].sort()  # the order is not established
    return event, content.get("channel"), data, content.get("user_id")


def _webhook(effect: DeliverWebhook, world: World, wall: float) -> list[dict[str, Any]]:
    key, secret = next(iter(world.app.keys.items()))  # the oldest active key (facts 3.1.2)
    signature = hmac.new(secret.encode(), effect.body, hashlib.sha256).hexdigest()
    assert effect.headers == {
        "Content-Type": "application/json",
        "X-Pusher-Key": key,
        "X-Pusher-Signature": signature,
    }
    content = json.loads(effect.body)
    assert set(content) == {"time_ms", "events"}
    assert isinstance(content["time_ms"], int)
    assert abs(content["time_ms"] - wall * 1_000) <= 1
    events: list[dict[str, Any]] = content["events"]
    return events


def _answer(effect: Respond) -> tuple[int, Any]:
    if effect.status in (200, 202):
        content = json.loads(effect.body)
        assert isinstance(content, dict)
        if "users" in content:
            content["users"].sort(key=lambda user: user["id"])
        return effect.status, content
    # Plain text with a newline at the end (facts 2.1.4).
    assert effect.body.endswith("\n")
    return effect.status, effect.body[:-1]


def see(
    effects: Iterable[Effect],
    present: dict[str, bool],
    worlds: dict[str, World],
    wall: float,
) -> Seen:
    """Read the effects of one input.

    Args:
        effects: what ``handle`` returned.
        present: the open connections, and whether their transport has pings of its own; closed
            ones are taken out. Nobody else may be sent to.
        worlds: the model's apps, for their keys.
        wall: the application's clock, in seconds.
    """
    seen = Seen()

    def tell(one: str, what: tuple[Any, ...]) -> None:
        assert one in present, f"{what} went to {one}, which is not open"
        seen.sent.setdefault(one, []).append(what)

    for effect in effects:
        match effect:
            case SendFrame(connection=one, frame=frame) if frame.event == "pusher:ping":
                assert _read(frame) == ("pusher:ping", None, {}, None)
                assert present[one] is False
                seen.pinged.add(one)
            case SendFrame(connection=one, frame=frame):
                tell(one, _read(frame))
            case Broadcast(frame=frame, recipients=recipients):
                assert recipients, "a broadcast to nobody"
                assert len(set(recipients)) == len(recipients)
                what = _read(frame)
                for one in recipients:
                    tell(one, what)
            case Ping(connection=one):
                assert present[one] is True
                seen.pinged.add(one)
            case CloseConnection(connection=one, code=code, reason=reason):
                tell(one, ("close", code, reason))
                del present[one]
            case Published(event=e):
                content = (e.app, e.channel, e.event, e.raw, e.socket_id, e.user_id, e.client, e.at)
                seen.published.append(content)
            case DeliverWebhook(app=app, url=url):
                events = _webhook(effect, worlds[app], wall)
                assert any(url == one for one, _ in worlds[app].app.hooks)
                seen.posted.setdefault(url, []).append(events)
            case Respond():
                assert seen.answer is None, "two answers to one request"
                seen.answer = _answer(effect)
    return seen
