"""The engine: one look-up from input to rule, and the timers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.protocol import codes, limits, texts
from pusher_mock.protocol.errors import UsageError

from . import channels, connections, http_api, webhooks
from .effects import CloseConnection, Effect
from .inputs import (
    CloseRequested,
    ConnectionClosed,
    ConnectionOpened,
    CredentialsSeen,
    FrameReceived,
    HttpRequested,
    Input,
    PongReceived,
    TimerFired,
)
from .state import State
from .turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .apps import App

__all__ = ["Engine"]


def _credentials_seen(turn: Turn, happened: CredentialsSeen) -> None:
    turn.state.learn(happened.app_id, happened.key, happened.secret)


_TIMERS: Final[dict[str, Callable[..., None]]] = {
    "idle": connections.idle_passed,
    "pong": connections.pong_passed,
    "authorize": connections.authorization_timed_out,
    "subscription-count": channels.count_delay_passed,
    "webhook-leave": webhooks.leave_delay_passed,
    "webhook-batch": webhooks.send_batch,
}


def _timer_fired(turn: Turn, happened: TimerFired) -> None:
    # One rule may set another timer that is due at once; each fires at most once a turn.
    for _ in range(len(turn.state.timers)):
        key = turn.state.timers.pop_due(turn.at)
        if key is None:
            break
        _TIMERS[key[0]](turn, *key[1:])


_RULES: Final[dict[type, Callable[[Turn, Any], None]]] = {
    ConnectionOpened: connections.opened,
    FrameReceived: connections.received,
    PongReceived: connections.pong_received,
    ConnectionClosed: connections.closed,
    CloseRequested: connections.close_requested,
    HttpRequested: http_api.requested,
    CredentialsSeen: _credentials_seen,
    TimerFired: _timer_fired,
}


class Engine:
    """Pusher's rules over one state. Sans-IO: time and identity come in, effects go out.

    Not thread-safe: whoever holds it serialises the calls (the core does, with a lock).

    Args:
        apps: the registered apps.
        history: messages kept per channel; 0 keeps none.
        open_registry: whether unknown keys become apps when first seen.
        template: an app whose switches such apps get.

    Raises:
        UsageError: the history is negative, or two apps share an id or a key.
    """

    def __init__(
        self,
        apps: Iterable[App],
        *,
        history: int = limits.DEFAULT_HISTORY,
        open_registry: bool = False,
        template: App | None = None,
    ) -> None:
        registered = tuple(apps)
        if history < 0:
            raise UsageError(f"history takes a number of messages from 0, not {history}")
        if not registered:
            raise UsageError("a mock needs at least one app")
        ids = [app.id for app in registered]
        keys = [app.key for app in registered] + [one.key for app in registered for one in app.keys]
        for what, names in (("id", ids), ("key", keys)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise UsageError(f"apps share the {what} {', '.join(twice)}; give each its own")
        self.state = State(registered, history, open_registry, template or registered[0])

    def handle(self, happened: Input, *, at: float, wall: float) -> list[Effect]:
        """Apply one input.

        Args:
            happened: the input.
            at: the mock's clock, in milliseconds; never goes back.
            wall: the application's clock, in seconds since the epoch.

        Returns:
            The effects, in the order in which they are to be carried out.

        Raises:
            UsageError: what happened is no input, or an opened connection has an id or a socket
                id that another one has. Whatever a peer sends never raises.
        """
        rule = _RULES.get(type(happened))
        if rule is None:
            raise UsageError(f"the engine takes the inputs of engine.inputs, not {happened!r}")
        if at >= self.state.day_ends:
            self.state.new_day(at)
        turn = Turn(self.state, at, wall)
        rule(turn, happened)
        return turn.effects

    @property
    def next_due(self) -> float | None:
        """When a ``TimerFired`` is wanted, in milliseconds of ``at``, or ``None``."""
        return self.state.timers.next_due

    def reset(self) -> list[Effect]:
        """Close every connection and forget everything but the apps and their switches."""
        effects: list[Effect] = [
            CloseConnection(one, codes.NORMAL_CLOSURE, texts.RESET)
            for one in self.state.connections
        ]
        self.state.clear()
        return effects

    def __repr__(self) -> str:
        state = self.state
        occupied = sum(len(app.channels) for app in state.apps.values())
        return (
            f"<Engine apps={len(state.apps)} connections={len(state.connections)} "
            f"channels={occupied}>"
        )
