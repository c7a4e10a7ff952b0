"""What the network layer costs: in good weather, and for each of a million deliveries under way."""

from __future__ import annotations

import logging
import statistics
import time
from random import Random
from typing import TYPE_CHECKING, Any

from pusher_mock import PusherMock
from pusher_mock.clock import ManualClock
from pusher_mock.core import Core
from pusher_mock.mock import PusherMock as _Mock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["million", "perfect"]

DATA = {"messageId": "msg-123"}
CHANNEL, EVENT = "task-1", "new-message"
ROUNDS = 25
_logger = logging.getLogger("pusher_mock")
MILLION = 1_000_000


class _WithoutNetwork(Core):
    """The core as it would be if there was nothing between the engine and the courier."""

    def submit(self, happened: Any) -> list[Any]:
        clock = self.clock
        if clock.next_due <= clock.now():
            clock.run_due()
        with self.lock:
            if self.closed:
                self.check_open()
            effects, touched = self._apply(happened)
        if self._courier.notes or _logger.isEnabledFor(logging.DEBUG):
            self._log(happened, effects)
        if touched:
            self._courier.deliver(touched)
        return effects

    def request(self, happened: Any) -> Any:
        answer = self.submit(happened)[-1]
        if answer.note:
            self.explain(happened, answer)
        return answer

    def _apply(
        self, happened: Any, *, alone: bool = True, caused: Any = None
    ) -> tuple[list[Any], list[Any]]:
        clock, engine = self.clock, self.engine
        at = clock.now()
        effects = engine.handle(happened, at=at, wall=clock.wall())
        self.journal.append(at, happened, effects)
        if caused is not None:
            caused(effects)
        touched = self._courier.enqueue(effects, at, alone=alone)
        for listener in self._listeners:
            listener(at, happened, effects)
        if self._waiting:
            self._changed.notify_all()
        if engine.state.timers.serial != self._armed:
            self._arm()
        return effects, touched


def _heard(mock: PusherMock, clients: int) -> Callable[[], object]:
    server = mock.server()
    for _ in range(clients):
        mock.client(connect=True).subscribe(CHANNEL).bind(EVENT, _callback)
    return lambda: server.trigger(CHANNEL, EVENT, DATA)


def _callback(data: object) -> None:
    """What an application does with an event is not measured."""


def _time(call: Callable[[], object], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def perfect() -> dict[str, float]:
    """Microseconds of trigger to callback without the layer, with it, and in each weather."""
    found = _side_by_side(1000, {"without": (None, 1), "perfect": ("perfect", 1)})
    hundred = {"without, 100": (None, 100), "perfect, 100": ("perfect", 100)}
    found |= _side_by_side(200, hundred)
    return found | _side_by_side(200, {"lossy, 100": ("drop_rate=0.01", 100)})


def _side_by_side(times: int, cases: dict[str, tuple[str | None, int]]) -> dict[str, float]:
    """Interleaved, so that a slow moment hits all alike; few, so that they share the caches."""
    calls = {
        name: _heard(
            _Mock.around(_WithoutNetwork()) if weather is None else PusherMock(network=weather),
            clients,
        )
        for name, (weather, clients) in cases.items()
    }
    rounds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            rounds[name].append(_time(call, times))
    return {name: statistics.median(seen) for name, seen in rounds.items()}


def million() -> dict[str, float]:
    """Microseconds for each of a million timers, and of a million deliveries of events."""
    chance = Random(0).random
    dues = [round(chance() * 3_600_000, 3) for _ in range(MILLION)]
    clock, ran = ManualClock(), [0]

    def run() -> None:
        ran[0] += 1

    start = time.perf_counter()
    for due in dues:
        clock.call_at(due, run)
    queued = time.perf_counter()
    clock.advance(3_600_000)
    done = time.perf_counter()
    assert ran[0] == MILLION
    return {
        "in": (queued - start) / MILLION * 1e6,
        "out": (done - queued) / MILLION * 1e6,
        **_deliveries(),
    }


def _deliveries() -> dict[str, float]:
    """The same through the network: a thousand events to a thousand connections, all late."""
    connections = 1_000
    mock = PusherMock(network="latency=1000..50000 in_order=no", journal=10, history=0)
    got = [0]

    def take(item: object) -> None:
        got[0] += 1

    target = "/app/mock-pusher-key?protocol=7"
    subscribe = f'{{"event":"pusher:subscribe","data":{{"channel":"{CHANNEL}"}}}}'
    for _ in range(connections):
        box = mock.core.open(target, take)
        mock.core.send(box, subscribe)
    server = mock.server()
    got[0] = 0
    start = time.perf_counter()
    for _ in range(MILLION // connections):
        server.trigger(CHANNEL, EVENT, DATA)
    queued = time.perf_counter()
    assert mock.metrics().pending == MILLION
    mock.clock.run_until_idle()
    done = time.perf_counter()
    assert mock.metrics().delivered == MILLION
    return {
        "delivery in": (queued - start) / MILLION * 1e6,
        "delivery out": (done - queued) / MILLION * 1e6,
    }
