"""The rules of the machine: whatever can happen on a network."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from pusher_mock import NetworkConditions
from pusher_mock.network import PROFILES, Normal, Percentiles
from pusher_mock.network.conditions import OVERFLOW, SCOPES
from pusher_mock.network.faults import ACTIONS

from .machine_world import CHANNELS, CLIENT_EVENT, EVENT, MOST_CORRUPTED, PRIVATE, Peer, World

__all__ = ["NetworkMachine"]

_MOST_PEERS, _FEWEST_PEERS = 5, 3
_BEGINNINGS = (
    "",
    "duplicate_rate=0.3",
    "latency=0..20",
    "latency=10 queue=2 overflow=block",
    "latency=10 queue=2 overflow=throw",
    "latency=10 queue=2 overflow=drop-oldest",
    "latency=40 duplicate_rate=0.3",
)
_peers = st.integers(0, _MOST_PEERS - 1)
_rates = st.sampled_from([0.3, 0.6, 0.3, 1, 0])
_seldom = st.sampled_from([0, 0.1, 0.5])
_channels = st.sampled_from(CHANNELS)
_latencies: st.SearchStrategy[Any] = st.sampled_from(
    [5, 40, (0, 20), Normal(20, 10), Percentiles({50: 5, 100: 80}), 0]
)
_fields: dict[str, st.SearchStrategy[Any]] = {
    "latency": _latencies,
    "jitter": st.sampled_from([0, 3]),
    "drop_rate": _rates,
    "duplicate_rate": _rates,
    "bandwidth": st.sampled_from([5_000, 500]),
    "poll_interval": st.sampled_from([30, 0]),
    "queue": st.integers(1, 3),
    "overflow": st.sampled_from(OVERFLOW),
    "scope": st.sets(st.sampled_from(SCOPES), min_size=1).map(frozenset),
    "error_rate": _seldom,
    "auth_error_rate": _seldom,
    "connect_error_rate": _seldom,
    "disconnect_rate": _seldom,
    "stale_rate": _seldom,
}
_unordered: dict[str, st.SearchStrategy[Any]] = {
    "reorder": st.sampled_from([0, 1, 2, "shuffle"]),
    "in_order": st.booleans(),
}
#: What a rule may say about the way of publishers and clients.
_other_way = ("latency", "jitter", "drop_rate", "duplicate_rate", "in_order")
#: What cannot be said of a channel, and of a connection.
_not_of_channels = ("connect_error_rate", "disconnect_rate", "stale_rate")
_not_of_connections = ("connect_error_rate", "error_rate", "error_status")


def _conditions(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=4, unique=True)
    return names.flatmap(lambda all_: st.fixed_dictionaries({name: fields[name] for name in all_}))


class NetworkMachine(RuleBasedStateMachine):
    """A mock in any weather; after every step everything is accounted for."""

    world: World

    @initialize(
        seed=st.integers(0, 99),
        ordered=st.booleans(),
        autojump=st.sampled_from([0, 0, 0, 1]),
        weather=st.sampled_from(_BEGINNINGS),
    )
    def begin(self, seed: int, ordered: bool, autojump: int, weather: str) -> None:
        self.applied: list[Any] = []
        self.world = World(seed=seed, ordered=ordered, autojump=bool(autojump))
        if weather:
            self.applied.append(self.world.mock.network.use(weather))
        self.traffic()

    def traffic(self) -> None:
        """Somebody is there, and something is under way, whatever a rule is about."""
        world = self.world
        for _ in range(_FEWEST_PEERS - len(world.peers)):
            if world.connect():
                for channel in CHANNELS:
                    world.subscribe(world.peers[-1], channel)
        world.publish(["a"], None)
        world.publish([PRIVATE, "a"], None)

    def peer(self, number: int) -> Peer | None:
        """One of those that are connected."""
        peers = [peer for peer in self.world.peers if peer.open]
        return peers[number % len(peers)] if peers else None

    # Clients and publishers --------------------------------------------------------------------

    @precondition(lambda self: len(self.world.peers) < _MOST_PEERS)
    @rule(channels=st.sets(_channels))
    def connect(self, channels: set[str]) -> None:
        if self.world.connect():
            for channel in sorted(channels):
                self.world.subscribe(self.world.peers[-1], channel)

    @rule(number=_peers, channel=_channels)
    def subscribe(self, number: int, channel: str) -> None:
        if (peer := self.peer(number)) is not None and channel not in peer.channels:
            self.world.subscribe(peer, channel)

    @rule(number=_peers, channel=_channels)
    def unsubscribe(self, number: int, channel: str) -> None:
        if (peer := self.peer(number)) is not None:
            self.world.unsubscribe(peer, channel)

    @rule(
        channels=st.lists(_channels, min_size=1, unique=True),
        excluded=st.none() | _peers,
        times=st.sampled_from([1, 1, 3]),
    )
    def publish(self, channels: list[str], excluded: int | None, times: int) -> None:
        for _ in range(times):
            left_out = None if excluded is None else self.peer(excluded)
            self.world.publish(channels, left_out)

    @rule(number=_peers)
    def send(self, number: int) -> None:
        if (peer := self.peer(number)) is not None:
            self.world.send(peer)

    @rule(number=_peers)
    def hang_up(self, number: int) -> None:
        if (peer := self.peer(number)) is not None:
            self.world.hang_up(peer)

    # Time --------------------------------------------------------------------------------------

    @rule(ms=st.sampled_from([0, 0.5, 1, 5, 20, 100, 1_000, 61_000]))
    def advance(self, ms: float) -> None:
        self.world.mock.clock.advance(ms)

    @rule(ms=st.sampled_from([10, 500]))
    def jump(self, ms: float) -> None:
        self.world.mock.clock.jump(ms)
        self.world.settle()

    @rule()
    def tick(self) -> None:
        self.world.mock.clock.tick()

    # Rules and faults --------------------------------------------------------------------------

    @rule(
        data=st.data(),
        channel=st.none() | _channels,
        number=st.none() | _peers,
        direction=st.sampled_from(["receive", "receive", "receive", "publish", "send"]),
    )
    def use(
        self, data: st.DataObject, channel: str | None, number: int | None, direction: str
    ) -> None:
        fields = dict(_fields) if self.world.ordered else {**_fields, **_unordered}
        if direction != "receive":
            own = _other_way if direction == "publish" else (*_other_way, "bandwidth")
            fields = {name: fields[name] for name in own if name in fields}
        peer = None if number is None or direction == "publish" else self.peer(number)
        for absent in (
            *(_not_of_channels if channel is not None else ()),
            *(_not_of_connections if peer is not None else ()),
        ):
            fields.pop(absent, None)
        said = data.draw(_conditions(fields))
        self.applied.append(
            self.world.mock.network.use(
                NetworkConditions(**said),
                channel=channel,
                connection=None if peer is None else peer.box,
                direction=direction,
            )
        )
        self.traffic()

    @precondition(lambda self: not self.world.ordered)
    @rule(name=st.sampled_from(["polling", "lossy", "mobile", "restart", "perfect"]))
    def profile(self, name: str) -> None:
        self.applied.append(self.world.mock.network.use(PROFILES[name]))
        self.traffic()

    @rule(
        match=st.sampled_from(["*", *CHANNELS]),
        event=st.sampled_from(["*", EVENT, CLIENT_EVENT]),
        action=st.sampled_from(ACTIONS),
        times=st.sampled_from([None, 1, 2]),
        number=st.none() | _peers,
    )
    def fault(
        self, match: str, event: str, action: str, times: int | None, number: int | None
    ) -> None:
        peer = None if number is None else self.peer(number)
        to = None if peer is None or action == "error" else peer.box
        if str(self.world.mock.network).count("fault corrupt") >= MOST_CORRUPTED:
            action = "drop"
        delay = 15 if action == "delay" else None
        self.applied.append(
            self.world.mock.network.fault(
                match, event=event, action=action, times=times, to=to, delay=delay
            )
        )
        self.traffic()

    @precondition(lambda self: self.applied)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        self.applied.pop(data.draw(st.integers(0, len(self.applied) - 1))).end()
        self.traffic()

    # Upsets ------------------------------------------------------------------------------------

    @rule(
        number=_peers,
        what=st.sampled_from(
            ["pause", "pause", "resume", "half_open", "half_open for a time", "cut", "after"]
        ),
    )
    def upset(self, number: int, what: str) -> None:
        if (peer := self.peer(number)) is None:
            return
        network, name = self.world.mock.network, peer.name
        if what == "resume":
            network.resume(name)
        elif what == "cut":
            network.disconnect_now(name)
        elif what == "after":
            self.applied.append(network.disconnect_after(2, name))
        elif what == "pause":
            self.applied.append(network.pause(name))
        else:
            self.applied.append(network.half_open(name, None if what == "half_open" else 30))
        self.traffic()

    @rule(number=_peers, code=st.sampled_from([4000, 4100, 4200]))
    def close(self, number: int, code: int) -> None:
        if (peer := self.peer(number)) is not None:
            self.world.mock.network.close(peer.name, code)

    @rule(numbers=st.lists(_peers, max_size=3), publisher=st.sampled_from([None, 0, 1]))
    def partition(self, numbers: list[int], publisher: int | None) -> None:
        groups: list[list[str]] = [[], []]
        for position, number in enumerate(numbers):
            if (peer := self.peer(number)) is not None:
                groups[position % 2].append(peer.name)
        self.applied.append(self.world.mock.network.partition(*groups, publisher=publisher))
        self.traffic()

    @rule(
        status=st.sampled_from([503, "timeout", "refused"]),
        times=st.sampled_from([None, 1]),
        accepted=st.booleans(),
    )
    def fail_publishes(self, status: Any, times: int | None, accepted: bool) -> None:
        accepted = accepted and status != "refused"
        self.applied.append(
            self.world.mock.network.fail_publishes(status, times=times, accepted=accepted)
        )

    @rule(what=st.sampled_from(["up", "clear", "after", "refuse", "restart", "reset", "down"]))
    def everybody(self, what: str) -> None:
        network = self.world.mock.network
        if what == "refuse":
            self.applied.append(network.refuse_connections(40))
        elif what == "restart":
            self.applied.append(network.restart(40))
        elif what == "down":
            self.applied.append(network.disconnect_now())
        elif what == "up":
            network.reconnect()
        elif what == "after":
            self.applied.append(network.disconnect_after(3))
            self.traffic()
        elif what == "clear":
            network.clear()
        else:
            self.world.reset()

    # What always holds -------------------------------------------------------------------------

    @invariant()
    def everything_is_accounted_for(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        network, clock = self.world.mock.network, self.world.mock.clock
        network.clear()
        self.world.settle()
        clock.run_until_idle(36_000_000)
        self.world.check()
        found = self.world.mock.metrics()
        assert found.pending == 0, "something is under way for ever"
        self.world.mock.raise_errors()
        self.world.mock.close()
