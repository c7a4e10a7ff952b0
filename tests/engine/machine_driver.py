"""Drives an engine and the model side by side, and lets time pass for both."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from pusher_mock.engine import (
    App,
    AppKey,
    ConnectionOpened,
    Engine,
    FrameReceived,
    PongReceived,
    TimerFired,
    Webhook,
)
from pusher_mock.protocol import limits

from .machine_inputs import HOOKS, frame
from .machine_ledger import Client, Numbers, Switches
from .machine_observe import Seen, see
from .machine_state import check_state, compare_state
from .model import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine import Effect, Input

__all__ = ["WALL", "Driver", "apps"]

WALL = 1_700_000_000.0  # the application's clock when the mock's is 0, in seconds

# A part of a millisecond that is new in each step, so that the engine's times are no round
# numbers. Exact as a float. In half of the runs time stands still instead, as a manual clock does.
_TICK = 2.0**-20

_SMALL = Numbers(members=2, watchlist=2, busy=2, channels=4, batch=3, hooks=3)
_PATCHED = {
    "MAX_PRESENCE_MEMBERS": "members",
    "MAX_WATCHLIST": "watchlist",
    "SUBSCRIPTION_COUNT_THROTTLE_ABOVE": "busy",
    "MAX_CHANNELS_PER_EVENT": "channels",
    "MAX_BATCH_EVENTS": "batch",
    "WEBHOOK_BATCH_EVENTS": "hooks",
}


@st.composite
def apps(draw: st.DrawFn) -> tuple[Switches, Switches]:
    """Two apps: a lively one, and one that may refuse things."""

    def hooks(name: str) -> tuple[tuple[str, frozenset[str]], ...]:
        some = frozenset(("channel_occupied", "member_removed", "subscription_count"))
        return draw(
            st.sampled_from(
                (
                    ((f"https://hooks.test/{name}", HOOKS),),
                    (),
                    ((f"https://hooks.test/{name}", HOOKS), (f"https://hooks.test/{name}2", some)),
                )
            )
        )

    yes = st.booleans()
    first = Switches(
        "1",
        {"key-a": "secret-a", "key-a2": "secret-a2"},
        client_events=True,
        counts=draw(yes),
        watchlist=draw(st.sampled_from((True, True, False))),
        ttl=draw(st.sampled_from((20_000, 1_800_000))),
        hooks=hooks("a"),
        batching=draw(yes),
    )
    second = Switches(
        "2",
        {"key-b": "secret-b"},
        client_events=draw(yes),
        counts=draw(yes),
        watchlist=draw(yes),
        authorized=draw(st.sampled_from((True, True, False))),
        enabled=draw(st.sampled_from((True, True, True, False))),
        tls=draw(yes),
        room=draw(st.sampled_from((None, 2))),
        hooks=hooks("b"),
    )
    return first, second


def _build(app: Switches) -> App:
    (key, secret), *more = app.keys.items()
    later = (AppKey("retired", "secret-old", active=False),) if more else ()
    return App(
        id=app.id,
        key=key,
        secret=secret,
        keys=(*(AppKey(*one) for one in more), *later),
        client_events=app.client_events,
        subscription_count=app.counts,
        watchlist=app.watchlist,
        authorized_connections=app.authorized,
        enabled=app.enabled,
        tls_only=app.tls,
        max_connections=app.room,
        cache_ttl=app.ttl,
        webhooks=tuple(Webhook(url, names) for url, names in app.hooks),
        webhook_batching=app.batching,
    )


class Driver(RuleBasedStateMachine):
    """The steps that rules are made of."""

    engine: Engine
    model: Model

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.steps = 0
        self.opened = 0
        self.present: dict[str, bool] = {}  # id -> whether pings are native
        self.ghosts: list[str] = []
        self.mute: set[str] = set()
        self.undo = ExitStack()

    @initialize(
        both=apps(),
        small=st.booleans(),
        history=st.sampled_from((100, 2, 0)),
        still=st.booleans(),
    )
    def begin(
        self, both: tuple[Switches, Switches], small: bool, history: int, still: bool
    ) -> None:
        self.tick = 0.0 if still else _TICK
        numbers = _SMALL if small else Numbers()
        for name, field in _PATCHED.items():
            self.undo.enter_context(mock.patch.object(limits, name, getattr(numbers, field)))
        self.model = Model(list(both), numbers, history)
        self.engine = Engine([_build(app) for app in both], history=history)
        for key in ("key-a", "key-a", "key-a2", "key-b"):
            self._open(key, mute=key == "key-a2")

    def teardown(self) -> None:
        self.undo.close()

    @invariant()
    def state_is_sound(self) -> None:
        if hasattr(self, "engine"):
            check_state(self.engine, set(self.present))
            compare_state(self.engine, self.model)

    # One input ---------------------------------------------------------------------------------

    @property
    def wall(self) -> float:
        return WALL + self.at / 1_000

    def _do(
        self, happened: Input | None, predict: Callable[..., Any], *args: Any, **more: Any
    ) -> None:
        """Let something happen in both, a moment after what was before; ``None`` is a reset."""
        self.steps += 1
        self._pass_to(max(self.at, int(self.at) + self.steps * self.tick))
        self._both(happened, lambda: predict(*args, **more))

    def _both(self, happened: Input | None, predict: Callable[[], Any]) -> Seen:
        self.model.begin(self.at)
        predict()
        before = set(self.present)
        effects = self._handle(happened)
        if isinstance(happened, ConnectionOpened):
            self.present[happened.connection] = happened.native_ping
        seen = see(effects, self.present, self.model.worlds, self.wall)
        self.ghosts += sorted(before - set(self.present))
        for what in ("sent", "pinged", "posted", "published", "answer"):
            expected, got = getattr(self.model, what), getattr(seen, what)
            assert expected == got, f"{what} after {happened}:\n{expected}\n{got}"
        return seen

    def _handle(self, happened: Input | None) -> list[Effect]:
        if happened is None:
            return self.engine.reset()
        return self.engine.handle(happened, at=self.at, wall=self.wall)

    # Time --------------------------------------------------------------------------------------

    def _pass_to(self, until: float) -> None:
        """Let time pass, with every timer fired when it is due and pings answered."""
        for _ in range(100_000):
            due, predicted = self.engine.next_due, self.model.next_due
            assert predicted is None or (due is not None and due <= predicted), (due, predicted)
            if due is None or due > until:
                break
            assert due >= self.at, "a timer that was due is still there"
            self.at = due
            seen = self._both(TimerFired(), self.model.fire)
            for one in sorted(seen.pinged & set(self.present) - self.mute):
                self._answer(one)
        else:
            raise AssertionError("timers without end")
        self.at = max(self.at, until)

    def _answer(self, one: str) -> None:
        happened: Input = PongReceived(one)
        if not self.present[one]:
            happened = FrameReceived(one, frame("pusher:pong", ""))  # as pysher (facts 1.12.5)
        self._both(happened, lambda: self.model.pong(one))

    # Connections -------------------------------------------------------------------------------

    def _open(
        self, key: str, *, tls: bool = True, native: bool = True, bad: str = "", mute: bool = False
    ) -> None:
        self.opened += 1
        me, socket = f"mock-connection-{self.opened}", f"{self.opened}.{self.opened * 7}"
        target = {
            "path": f"//app/{key}?protocol=7",
            "missing": f"/app/{key}?client=js",
            "protocol": f"/app/{key}?protocol=3",
            "version": f"/app/{key}?protocol=7&version=<>",
        }.get(bad, f"/app/{key}?version=1.0.7&client=Pysher&protocol=6&flash=false")
        # Two that fall silent at once: which is found first is not established.
        if mute and self.tick:
            self.mute.add(me)
        happened = ConnectionOpened(me, socket, target, tls=tls, native_ping=native)
        self._do(happened, self.model.open, me, socket, key, tls=tls, bad=bad)

    def _pick(self, number: int) -> Client:
        clients = list(self.model.clients.values())
        return clients[number % len(clients)]

    def _say(
        self,
        client: Client,
        text: str | bytes,
        predict: Callable[..., Any],
        *args: Any,
        **more: Any,
    ) -> None:
        self._do(FrameReceived(client.id, text), self._if_open, client, predict, *args, **more)

    def _if_open(
        self, client: Client, predict: Callable[..., Any], *args: Any, **more: Any
    ) -> None:
        # The moment before may have been the client's last.
        if client.id in self.model.clients:
            predict(client.id, *args, **more)
