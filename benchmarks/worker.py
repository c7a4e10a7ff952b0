"""One measurement in a process of its own; prints its figures as JSON.

`python -m benchmarks.worker speed|fresh|memory`
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MEASUREMENTS"]

DATA = {"messageId": "msg-123"}
CHANNEL, EVENT = "task-1", "new-message"
ROUNDS = 15


def _time(call: Callable[[], object], times: int) -> float:
    """Microseconds for one call, averaged over many."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - start) / times * 1e6


def _subscribed(clients: int) -> Callable[[], object]:
    """A publisher's trigger() that reaches this many client doubles with a callback each."""
    from pusher_mock import PusherMock

    mock = PusherMock()
    server = mock.server()
    for _ in range(clients):
        client = mock.client(connect=True)
        client.subscribe(CHANNEL).bind(EVENT, _callback)
    return lambda: server.trigger(CHANNEL, EVENT, DATA)


def _callback(data: object) -> None:
    """What an application does with an event is not measured."""


def speed() -> dict[str, float]:
    """Trigger to callback, against the SDK building and signing the same request."""
    import pusher

    sdk = pusher.Pusher("1", "key", "secret", ssl=False)

    def build() -> object:
        return sdk._pusher_client.trigger.make_request(CHANNEL, EVENT, DATA)

    cases = {"build": build, "one": _subscribed(1), "ten": _subscribed(10)}
    cases["hundred"] = _subscribed(100)
    times = {"build": 2000, "one": 1500, "ten": 1000, "hundred": 300}
    rounds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):  # interleaved, so that a slow moment hits all alike
        for name, call in cases.items():
            rounds[name].append(_time(call, times[name]))
    return {name: statistics.median(found) for name, found in rounds.items()}


def fresh() -> dict[str, float]:
    """What the `pusher_mock` fixture does around a test, and the same with doubles in it."""
    from pusher_mock import PusherMock

    def bare() -> None:
        mock = PusherMock()
        mock.activate()
        mock.deactivate()
        mock.close()
        mock.raise_errors()

    def used() -> None:
        mock = PusherMock()
        mock.activate()
        mock.server()
        mock.client(connect=True)
        mock.deactivate()
        mock.close()
        mock.raise_errors()

    bare()
    used()
    return {
        "bare": statistics.median([_time(bare, 200) for _ in range(ROUNDS)]),
        "used": statistics.median([_time(used, 100) for _ in range(ROUNDS)]),
    }


def _grown(make: Callable[[int], object], count: int) -> float:
    """Bytes for each of many; what they hold is kept alive until measured."""
    kept: list[Any] = [make(-1)]  # whatever is made once is not counted
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept.extend(make(number) for number in range(count))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return grown / count


def memory() -> dict[str, float]:
    """Bytes for each engine connection, client double and full history."""
    import pysher

    from pusher_mock import App, PusherMock
    from pusher_mock.engine import ConnectionOpened, Engine, FrameReceived

    engine = Engine([App("1", "key", "secret")])

    def connection(number: int) -> None:
        name = f"c{number}"
        engine.handle(
            ConnectionOpened(name, f"1.{number + 2}", "/app/key?protocol=7"), at=0, wall=0
        )
        for channel in ("shared-a", "shared-b", f"own-{number}"):
            frame = {"event": "pusher:subscribe", "data": {"channel": channel}}
            engine.handle(FrameReceived(name, json.dumps(frame)), at=0, wall=0)

    # A journal of one: how much of the past is kept is not the size of a client.
    mock = PusherMock(journal=1)
    store = PusherMock(journal=1)

    def history(number: int) -> None:
        for message in range(100):
            text = f"{number:06d}{message:06d}".ljust(150, "x")
            store.state.trigger(f"channel-{number}", EVENT, text)

    return {
        "connection": _grown(connection, 1000),
        "client": _grown(lambda _: mock.client(connect=True), 300),
        "pysher": _grown(lambda _: pysher.Pusher("key"), 300),
        "history": _grown(history, 30),
    }


MEASUREMENTS: dict[str, Callable[[], dict[str, float]]] = {
    "speed": speed,
    "fresh": fresh,
    "memory": memory,
}

if __name__ == "__main__":
    print(json.dumps(MEASUREMENTS[sys.argv[1]]()))
