"""A life in every kind of weather, without any SDK; ``python -m tests.network.scenario`` prints it.

Nothing but the standard library and this package, so that any Python can run it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pusher_mock.clock import ManualClock
from pusher_mock.core import DEFAULT_APP, Core
from pusher_mock.engine import HttpRequested, Ping
from pusher_mock.network import PROFILES, Network, NetworkConditions, Normal, Percentiles
from pusher_mock.protocol.errors import Unreachable
from pusher_mock.protocol.signatures import sign, signed_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock.core import Outbox

__all__ = ["live"]

_KEY, _SECRET = DEFAULT_APP.key, DEFAULT_APP.secret or ""
_WALL = 1_353_088_179.0
_COUNTS = (
    "published",
    "offered",
    "delivered",
    "dropped",
    "duplicated",
    "retried",
    "overflowed",
    "blocked",
    "depth",
    "reasons",
)


class Life:
    """A core and who is connected to it."""

    def __init__(self, seed: int) -> None:
        self.clock = ManualClock(wall=lambda: _WALL)
        self.core = Core(seed=seed, clock=self.clock, history=10)
        self.network: Network = self.core.network
        self.boxes: list[Outbox] = []
        self._sent = 0

    def connect(self, *channels: str) -> Outbox | None:
        """Open a connection that answers pings, and subscribe it."""
        mine: list[Outbox] = []

        def take(item: Any) -> None:
            if isinstance(item, Ping):
                self.core.pong(mine[0])

        try:
            mine.append(self.core.open(f"/app/{_KEY}?protocol=7", take))
        except Unreachable:
            return None
        self.boxes.append(mine[0])
        for channel in channels:
            self.subscribe(mine[0], channel)
        return mine[0]

    def subscribe(self, box: Outbox, channel: str) -> None:
        data: dict[str, str] = {"channel": channel}
        signed = f"{box.socket_id}:{channel}"
        if channel.startswith("presence-"):
            data["channel_data"] = json.dumps({"user_id": box.connection})
            signed += f":{data['channel_data']}"
        if channel.startswith(("private-", "presence-")):
            if self.network.authorization_failure(channel, None, box.socket_id) is not None:
                return
            data["auth"] = f"{_KEY}:{sign(_SECRET, signed)}"
        self.core.send(box, json.dumps({"event": "pusher:subscribe", "data": data}))

    def say(self, box: Outbox, channel: str) -> None:
        """Send a client event."""
        self._sent += 1
        frame = {"event": "client-x", "channel": channel, "data": str(self._sent)}
        self.core.send(box, json.dumps(frame))

    def publish(self, number: int = 4, channel: str = "private-a") -> None:
        for _ in range(number):
            self._sent += 1
            body = {"name": "x", "channels": [channel], "data": f"{self._sent}"}
            self.call("/events", json.dumps(body).encode())

    def call(self, path: str, body: bytes) -> None:
        path = f"/apps/{DEFAULT_APP.id}{path}"
        query = [
            ("auth_key", _KEY),
            ("auth_timestamp", str(int(_WALL))),
            ("auth_version", "1.0"),
            ("body_md5", hashlib.md5(body).hexdigest()),
        ]
        text = f"POST\n{path}\n{signed_query(query)}"
        pairs = (*query, ("auth_signature", sign(_SECRET, text)))
        with contextlib.suppress(Unreachable):
            self.core.request(HttpRequested("POST", path, pairs, body))

    def settle(self) -> None:
        with contextlib.suppress(Unreachable):
            self.clock.run_until_idle()


def live(seed: int) -> str:
    """The journal of a life, and its counts."""
    life = Life(seed)
    parts = []
    for chapter in _CHAPTERS:
        for one in chapter(life):
            parts.append(f"=== {chapter.__name__.strip('_')}: {one}\n{_short(life)}")
            metrics = asdict(life.network.metrics())
            parts.append(f"--- { {name: metrics[name] for name in _COUNTS if metrics[name]} }\n")
            life.network.clear()
            life.core.reset()
            life.boxes.clear()
    return "".join(parts)


def _short(life: Life) -> str:
    """The journal without what is the same everywhere: this is to be read by people, too."""
    text = life.core.journal.dumps()
    text = re.sub(r"(?m)^    (respond 200|published|client-published) .*\n", "", text)
    text = re.sub(
        r'\{"event":"(client-)?x","channel":"private-a","data":("[^"]*")\}', r"\1\2", text
    )
    text = re.sub(r'\{"event":"pusher:connection_established",.*', "established", text)
    text = re.sub(
        r'\{"event": "pusher:subscribe", "data": \{"channel": "([\w-]+)".*', r"join \1", text
    )
    text = text.replace(f"/app/{_KEY}?protocol=7", "")
    text = re.sub(r"POST /apps/\S+/events .*", "POST", text)
    return text.replace("mock-connection-", "#").replace("pusher_internal:subscription_", "")


def _conditions(life: Life) -> Iterator[str]:
    for conditions in (
        NetworkConditions(latency=5, jitter=2),
        NetworkConditions(latency=(10, 100), in_order=False),
        NetworkConditions(latency=Normal(50, 10), duplicate_rate=0.5),
        NetworkConditions(latency=Percentiles({50: 40, 95: 120, 100: 900})),
        NetworkConditions(latency=lambda u: 8 * u, drop_rate=0.3),
        NetworkConditions(reorder=1, latency=(0, 3)),
        NetworkConditions(reorder="shuffle"),
        NetworkConditions(bandwidth=2_000),
        NetworkConditions(poll_interval=30),
        NetworkConditions(latency=5, scope=frozenset({"subscriptions", "connection"})),
        NetworkConditions(error_rate=0.5, error_status=502, auth_error_rate=0.5),
        NetworkConditions(connect_error_rate=0.4, stale_rate=0.4),
    ):
        with life.network.use(conditions):
            for _ in range(2):
                life.connect("private-a")
            life.publish()
            life.settle()
        yield str(conditions)


def _queues(life: Life) -> Iterator[str]:
    for overflow in ("drop-oldest", "drop-newest", "throw", "block"):
        life.connect("private-a")
        life.network.conditions(latency=10, queue=2, overflow=overflow)
        life.publish()
        life.settle()
        yield overflow


def _ways(life: Life) -> Iterator[str]:
    for direction in ("send", "publish"):
        one, _ = life.connect("private-a"), life.connect("private-a")
        assert one is not None
        life.network.conditions(
            latency=(1, 9), jitter=1, drop_rate=0.2, duplicate_rate=0.3, direction=direction
        )
        for _ in range(4):
            life.say(one, "private-a")
        life.publish()
        life.settle()
        yield direction


def _faults(life: Life) -> Iterator[str]:
    for action in ("drop", "error", "delay", "duplicate", "corrupt", "close"):
        one, _ = life.connect("private-a"), life.connect("private-a")
        assert one is not None
        delay = 20 if action == "delay" else None
        to = None if action == "error" else one.connection
        life.network.fault("private-*", action=action, times=1, delay=delay, to=to)
        life.network.fault("private-*", event="client-*", action=action, times=1, delay=delay)
        life.say(one, "private-a")
        life.publish(2)
        life.settle()
        yield action


def _upsets(life: Life) -> Iterator[str]:
    for upset in _UPSETS:
        one, other = life.connect("private-a", "presence-b"), life.connect("private-a")
        assert one is not None
        assert other is not None
        life.network.conditions(latency=5)
        life.publish(1)
        upset(life, one)
        life.publish(2)
        life.say(other, "private-a")
        life.connect("presence-b")
        life.clock.advance(80_000)
        yield upset.__name__.strip("_")


def _pause(life: Life, box: Outbox) -> None:
    life.network.pause(box)
    life.publish(1)
    life.clock.advance(10)
    life.network.resume(box)


def _cut(life: Life, box: Outbox) -> None:
    life.network.disconnect_now(box)


def _cut_after(life: Life, box: Outbox) -> None:
    life.network.disconnect_after(2, box)


def _down_after(life: Life, box: Outbox) -> None:
    life.network.disconnect_after(2)


def _down(life: Life, box: Outbox) -> None:
    with life.network.disconnect_now():
        life.publish(1)
        life.connect("private-a")


def _close(life: Life, box: Outbox) -> None:
    life.network.close(box, 4100, "maintenance")


def _half_open(life: Life, box: Outbox) -> None:
    life.network.half_open(box)


def _half_open_for_a_time(life: Life, box: Outbox) -> None:
    life.network.half_open(box, 3)


def _refuse(life: Life, box: Outbox) -> None:
    life.network.refuse_connections(50)


def _restart(life: Life, box: Outbox) -> None:
    life.network.restart(50)


def _part(life: Life, box: Outbox) -> None:
    life.network.partition([box.connection], publisher=0)


def _lose_answers(life: Life, box: Outbox) -> None:
    life.network.fail_publishes("timeout", times=1, accepted=True)


def _refuse_calls(life: Life, box: Outbox) -> None:
    life.network.fail_publishes("refused", times=1)


def _refuse_authorizations(life: Life, box: Outbox) -> None:
    life.network.fail_authorizations("timeout", channel="presence-*")


_UPSETS: tuple[Callable[[Life, Outbox], None], ...] = (
    _pause,
    _cut,
    _cut_after,
    _down_after,
    _down,
    _close,
    _half_open,
    _half_open_for_a_time,
    _refuse,
    _restart,
    _part,
    _lose_answers,
    _refuse_calls,
    _refuse_authorizations,
)


def _profiles(life: Life) -> Iterator[str]:
    for name in PROFILES:
        life.network.use(name)
        for _ in range(3):
            life.connect("private-a")
        for _ in range(2):
            life.publish(2)
            life.clock.advance(20_000)
        yield name


_CHAPTERS = (_conditions, _queues, _ways, _faults, _upsets, _profiles)


if __name__ == "__main__":
    sys.stdout.write(live(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
