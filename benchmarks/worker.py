"""One measurement in a process of its own; prints its figures as JSON.

`python -m benchmarks.worker speed|fresh|memory|intercept|activate|perfect|million`
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


def _by_hand(client: Any) -> Callable[[], object]:
    """An application that signs and posts a trigger itself."""
    from pusher_mock.protocol.signatures import body_md5, sign

    body = json.dumps({"name": EVENT, "channels": [CHANNEL], "data": json.dumps(DATA)}).encode()

    def post() -> object:
        query = (
            f"auth_key=mock-pusher-key&auth_timestamp={int(time.time())}&auth_version=1.0"
            f"&body_md5={body_md5(body)}"
        )
        signature = sign("mock-pusher-secret", f"POST\n/apps/1/events\n{query}")
        url = f"https://api-eu.pusher.com/apps/1/events?{query}&auth_signature={signature}"
        answer = client.post(url, content=body)
        assert answer.status_code == 200
        return answer.json()

    return post


def intercept() -> dict[str, float]:
    """Calls of code that asks for no double, each with one callback, against what they replace."""
    import httpx
    import pusher
    import respx

    from pusher_mock import PusherMock
    from pusher_mock.intercept.respx import mount

    sdk = pusher.Pusher("1", "mock-pusher-key", "mock-pusher-secret", cluster="eu")
    clients = {name: httpx.Client() for name in ("bare", "respx", "door")}
    posts = {name: _by_hand(client) for name, client in clients.items()}

    def heard(mock: PusherMock) -> PusherMock:
        mock.client(connect=True).subscribe(CHANNEL).bind(EVENT, _callback)
        return mock

    double = heard(PusherMock()).server()
    rounds: dict[str, list[float]] = {}

    def note(name: str, call: Callable[[], object], times: int) -> None:
        rounds.setdefault(name, []).append(_time(call, times))

    caught, routed, door = (heard(PusherMock()) for _ in range(3))
    for _ in range(ROUNDS):
        note("double", lambda: double.trigger(CHANNEL, EVENT, DATA), 1500)
        with caught.intercept("sdk"):
            note("sdk", lambda: sdk.trigger(CHANNEL, EVENT, DATA), 1500)
        # respx keeps every call: a new router for each round, so that none has grown longer.
        with respx.mock() as router:
            router.post(host="api-eu.pusher.com").respond(json={})
            note("bare", posts["bare"], 150)
        with respx.mock() as router:
            mount(router, routed)
            note("respx", posts["respx"], 150)
        with door.intercept("httpx"):
            note("door", posts["door"], 150)
    assert len(caught.state.get_channel_messages(CHANNEL)) == 100
    for client in clients.values():
        client.close()
    return {name: statistics.median(found) for name, found in rounds.items()}


def activate() -> dict[str, float]:
    """Beginning and ending to intercept, with the libraries imported."""
    import aiohttp
    import httpx
    import pusher
    import requests
    import websocket
    import websockets.asyncio.client

    from pusher_mock import PusherMock

    assert all((aiohttp, httpx, pusher, requests, websocket, websockets))
    mock = PusherMock()

    def sdk() -> None:
        with mock.intercept("sdk"):
            pass

    def every() -> None:
        with mock.intercept():
            pass

    for call in (sdk, every):
        call()
    return {
        "sdk": statistics.median(_time(sdk, 500) for _ in range(ROUNDS)),
        "every": statistics.median(_time(every, 500) for _ in range(ROUNDS)),
    }


def perfect() -> dict[str, float]:
    """What the network layer costs when nothing happens on it."""
    from .weather import perfect

    return perfect()


def million() -> dict[str, float]:
    """A million deliveries under way."""
    from .weather import million

    return million()


MEASUREMENTS: dict[str, Callable[[], dict[str, float]]] = {
    "speed": speed,
    "fresh": fresh,
    "memory": memory,
    "intercept": intercept,
    "activate": activate,
    "perfect": perfect,
    "million": million,
}

if __name__ == "__main__":
    print(json.dumps(MEASUREMENTS[sys.argv[1]]()))
