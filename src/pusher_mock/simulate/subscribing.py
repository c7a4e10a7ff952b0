"""Confirmation of a subscription: how long it takes, and whether it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .figures import Ms, Outcome
from .filtering import EventFilter
from .stage import Stage, at_least

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .stage import Progress, Weather

__all__ = ["SubscriptionResult", "subscription"]

_CHANNEL = "private-events"


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscriptionResult(Outcome):
    """How a subscription went.

    Attributes:
        client_id: whose.
        subscription_id: its id.
        events: the names of the events that it is for.
        filters: what it takes of these.
        subscription_time_ms: virtual milliseconds until it was confirmed, or until the client
            gave up.
        confirmed: whether the service's confirmation arrived.
    """

    client_id: str
    subscription_id: str
    events: tuple[str, ...]
    filters: EventFilter
    subscription_time_ms: Ms
    confirmed: bool

    def __str__(self) -> str:
        what = "confirmed" if self.confirmed else "not confirmed"
        return f"Subscription: {what} after {self.subscription_time_ms:g}ms"


def subscription(
    client_id: str = "client-1",
    events: Sequence[str] = ("transaction",),
    filters: EventFilter | None = None,
    *,
    timeout_ms: float = 5000,
    seed: int = 0,
    network: Weather = "latency=10..50 drop_rate=0.01 scope=subscriptions",
    progress: Progress = None,
) -> SubscriptionResult:
    """Subscribe a client to a private channel, and wait for the confirmation.

    Args:
        client_id: the connection's readable id.
        events: the names of the events that it wants.
        filters: what it takes of these; everything by default.
        timeout_ms: after so many virtual milliseconds it gives up.
        seed: of the mock.
        network: the weather; it touches the confirmation if its scope says so.
        progress: told how far it has got, from 0 to 1.

    Returns:
        Whether and when it was confirmed.

    Raises:
        UsageError: a number is too small, or there is no such weather.
    """
    at_least(0, timeout_ms=timeout_ms)
    with Stage(seed, network, progress=progress) as stage:
        member = stage.member(client_id, (_CHANNEL,))
        stage.wait(lambda: bool(member.confirmed), timeout_ms)
        return SubscriptionResult(
            client_id=client_id,
            subscription_id=f"SUB-{client_id}-{stage.mock.core.nonce(4).hex()}",
            events=tuple(events),
            filters=filters or EventFilter(),
            subscription_time_ms=round(stage.clock.now(), 3),
            confirmed=bool(member.confirmed),
            **stage.conclude(),
        )
