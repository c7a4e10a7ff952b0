"""The world of the machine: a mock, plain connections, and counts of its own."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import requests
from pusher.errors import PusherError

from pusher_mock import ManualClock, PusherMock
from pusher_mock.engine import CloseConnection, Ping
from pusher_mock.network.records import Lost, Weathered
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.frames import Frame

if TYPE_CHECKING:
    from pusher_mock.core import Outbox

__all__ = ["CHANNELS", "CLIENT_EVENT", "EVENT", "MOST_CORRUPTED", "PRIVATE", "Peer", "World"]

EVENT = "x"
CLIENT_EVENT = "client-x"
PRIVATE = "private-c"
CHANNELS = ("a", "b", PRIVATE)
#: How many faults may take half of the data; something is left.
MOST_CORRUPTED = 2
_TARGET = "/app/mock-pusher-key?protocol=7"


class Peer:
    """A client that answers pings and notes the events it is given.

    Attributes:
        got: channel and number of each event of a publisher, in order.
        of_clients: how many events of clients it was given.
        channels: those it is subscribed to.
        closed: whether it was told that its connection is closed.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.got: list[tuple[str, int]] = []
        self.of_clients = 0
        self.channels: set[str] = set()
        self.closed = False
        self.early: list[Ping] = []
        self.box: Outbox | None = None
        self.box = world.core.open(_TARGET, self.take)
        for _ in self.early:
            world.core.pong(self.box)

    def take(self, item: Any) -> None:
        if isinstance(item, Ping):
            if self.box is None:
                self.early.append(item)
            else:
                self.world.core.pong(self.box)
        elif isinstance(item, CloseConnection):
            assert not self.closed
            self.closed = True
        elif isinstance(item, Frame) and item.event in (EVENT, CLIENT_EVENT):
            assert not self.closed, "an event behind the close"
            if item.event == CLIENT_EVENT:
                self.of_clients += 1
            else:  # of one that was corrupted the first half is left, however often
                self.got.append((str(item.channel), int(str(item.data)[:6])))

    @property
    def name(self) -> str:
        """Its connection's id."""
        assert self.box is not None
        return self.box.connection

    @property
    def open(self) -> bool:
        """Whether the service thinks that it is connected."""
        return self.box in self.world.core.connections

    @property
    def heard(self) -> bool:
        """Whether the service hears what it says."""
        lane = self.world.mock.network._lanes.get(self.name)
        return self.open and (lane is None or not lane.silent)


class World:
    """A mock in weather, and what should have become of everything.

    Attributes:
        offered: deliveries of events of publishers that were to be made, by who was subscribed.
        duplicated: copies, by the journal.
        dropped: losses, by the journal.
    """

    def __init__(self, *, seed: int, ordered: bool, autojump: bool) -> None:
        self.mock = PusherMock(seed=seed, clock=ManualClock(autojump=autojump), history=20)
        self.core = self.mock.core
        self.server = self.mock.server()
        self.ordered = ordered
        self.peers: list[Peer] = []
        self.gone: list[Peer] = []
        self.number = 0
        self.offered = self.published = self.duplicated = self.dropped = 0
        self.core.listen(self._note)

    def _note(self, at: float, happened: Any, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, Weathered) and effect.frame.event == EVENT:
                self.dropped += len(effect.dropped)
                self.duplicated += len(effect.duplicated)
            elif isinstance(effect, Lost) and effect.frame.event == EVENT:
                self.dropped += len(effect.connections)

    # What is done ------------------------------------------------------------------------------

    def connect(self) -> bool:
        """Whether somebody further is connected now."""
        try:
            self.peers.append(Peer(self))
        except Unreachable:
            return False
        return True

    def say(self, peer: Peer, frame: dict[str, Any]) -> None:
        assert peer.box is not None
        self.core.send(peer.box, json.dumps(frame))

    def subscribe(self, peer: Peer, channel: str) -> None:
        self.let_arrive(peer)
        if peer.heard:
            peer.channels.add(channel)
        assert peer.box is not None
        auth: dict[str, str] = {}
        if channel == PRIVATE:
            with contextlib.suppress(AssertionError):
                auth = self.server.authenticate(channel, peer.box.socket_id)
        self.say(peer, {"event": "pusher:subscribe", "data": {"channel": channel, **auth}})

    def unsubscribe(self, peer: Peer, channel: str) -> None:
        self.let_arrive(peer)
        if peer.heard:
            peer.channels.discard(channel)
        self.say(peer, {"event": "pusher:unsubscribe", "data": {"channel": channel}})

    def publish(self, channels: list[str], excluded: Peer | None) -> None:
        self.settle()
        self.number += 1
        data = f"{self.number:06}" * 2**MOST_CORRUPTED
        there = [peer for peer in self.peers if peer.open and peer is not excluded]
        expected = sum(channel in peer.channels for peer in there for channel in channels)
        socket_id = None
        if excluded is not None and excluded.box is not None:
            socket_id = excluded.box.socket_id
        with contextlib.suppress(PusherError, requests.exceptions.RequestException):
            self.server.trigger(channels, EVENT, data, socket_id)
        history = self.mock.state.get_channel_messages(channels[0])
        if any(one.raw == data for one in history):  # the service has carried it out
            self.offered += expected
            self.published += len(channels)

    def send(self, peer: Peer) -> None:
        self.say(peer, {"event": CLIENT_EVENT, "channel": PRIVATE, "data": "{}"})

    def hang_up(self, peer: Peer) -> None:
        assert peer.box is not None
        self.core.hang_up(peer.box, lambda: None)

    def settle(self) -> None:
        """Let everything happen that is due."""
        self.mock.clock.advance(0)

    def let_arrive(self, peer: Peer) -> None:
        """Let the service hear what it has said: what it says next would come behind that."""
        lane = self.mock.network._lanes.get(peer.name)
        clock = self.mock.clock
        clock.advance(max(0.0, lane.sending_until - clock.now()) if lane is not None else 0)

    def reset(self) -> None:
        self.mock.reset()
        self.peers.clear()
        self.gone.clear()
        self.offered = self.published = self.duplicated = self.dropped = 0

    # What is checked ---------------------------------------------------------------------------

    def pending(self, event: str) -> int:
        lanes = self.mock.network._lanes.values()
        return sum(
            one.frame.event == event for lane in lanes for one in [*lane.waiting, *lane.blocked]
        )

    def check(self) -> None:
        for peer in [peer for peer in self.peers if not peer.open]:
            self.peers.remove(peer)
            self.gone.append(peer)
        all_ = [*self.peers, *self.gone]
        received = sum(len(peer.got) for peer in all_)
        pending = self.pending(EVENT)
        assert self.offered + self.duplicated == received + self.dropped + pending
        metrics = self.mock.metrics()
        found = metrics.by_event.get(EVENT)
        figures = (self.published, self.offered, self.duplicated, received, self.dropped, pending)
        if found is None:
            assert not any(figures)
        else:
            assert figures == (
                found.published,
                found.offered,
                found.duplicated,
                found.delivered,
                found.dropped,
                found.pending,
            )
            assert found.depth >= 0
            assert sum(found.reasons.values()) == found.dropped
        self._check_clients(metrics.by_event.get(CLIENT_EVENT), all_)
        self._check_parts(metrics)
        if self.ordered:
            self._check_order(all_)

    def _check_clients(self, found: Any, all_: list[Peer]) -> None:
        received = sum(peer.of_clients for peer in all_)
        if found is None:
            assert not received
            return
        assert (found.delivered, found.pending) == (received, self.pending(CLIENT_EVENT))
        assert found.offered + found.duplicated == found.delivered + found.dropped + found.pending

    def _check_parts(self, metrics: Any) -> None:
        network = self.mock.network
        for name in ("published", "offered", "delivered", "dropped", "duplicated", "pending"):
            whole = getattr(metrics, name)
            for parts in (metrics.by_channel, metrics.by_event):
                assert whole == sum(getattr(one, name) for one in parts.values())
        lanes = network._lanes.values()
        assert network.traffic.flying == sum(len(one.waiting) + len(one.blocked) for one in lanes)
        assert network.traffic.backlog == sum(len(lane.blocked) for lane in lanes)
        if network.calm:
            assert not network.traffic.flying
        assert not network.busy

    def _check_order(self, all_: list[Peer]) -> None:
        for peer in all_:
            for channel in CHANNELS:
                numbers = [number for one, number in peer.got if one == channel]
                assert numbers == sorted(numbers), (peer.name, channel)
