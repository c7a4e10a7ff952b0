"""The same weather in memory and over the wire has the same consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import ManualClock, PusherMock

from .client import Client
from .services import Closed, Service, Unreached, running

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 5
# Where the application runs on a server that is not ours, it cannot hang up on a publisher.
OURS = ("memory", "fast")
CUT, INTERNAL_ERROR = 1006, 1011


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(kind, marks=[] if kind == "memory" else [pytest.mark.enable_socket])
        for kind in ("memory", "fast", "asgi", "hypercorn")
    ],
)
def started(request: pytest.FixtureRequest) -> Iterator[tuple[str, Service]]:
    with running(request.param, clock=ManualClock(), seed=SEED, counts=False) as service:
        yield request.param, service


@pytest.fixture
def kind(started: tuple[str, Service]) -> str:
    return started[0]


@pytest.fixture
def service(started: tuple[str, Service]) -> Iterator[Service]:
    yield started[1]
    assert started[1].mock is not None
    started[1].mock.network.clear()
    started[1].start_over()


@pytest.fixture
def mock(service: Service) -> PusherMock:
    assert service.mock is not None
    return service.mock


def numbers(client: Client, count: int) -> list[str]:
    """The data of so many events, with nothing behind them."""
    found = [client.event("e", "c")["data"] for _ in range(count)]
    client.nothing_more()
    return found


def publish(service: Service, *numbers: int) -> None:
    for number in numbers:
        body = {"name": "e", "channels": ["c"], "data": str(number)}
        assert service.call("POST", "/events", body) == (200, "{}")


def joined(service: Service) -> Client:
    client = Client(service)
    client.subscribe("c")
    return client


def is_cut(client: Client) -> bool:
    """Whether it ends without a close; over ASGI there is one of the transport's own."""
    found = client.peer.receive()
    assert isinstance(found, Closed)
    return found.code in (CUT, INTERNAL_ERROR)


def in_memory(**weather: Any) -> list[str]:
    """What a double hears of twenty events."""
    mock = PusherMock(seed=SEED)
    heard: list[str] = []
    mock.client(connect=True).subscribe("c").bind("e", heard.append)
    with mock.network.conditions(**weather):
        for number in range(20):
            mock.server().trigger("c", "e", str(number))
    return heard


# Events ----------------------------------------------------------------------------------------


def test_latency(service: Service, mock: PusherMock):
    client = joined(service)
    with mock.network.conditions(latency=100):
        publish(service, 1, 2)
    publish(service, 3)  # in order, so it waits for the others
    client.nothing_more()
    mock.clock.advance(99)
    client.nothing_more()
    mock.clock.advance(1)
    assert numbers(client, 3) == ["1", "2", "3"]


def test_loss_by_the_seed(service: Service, mock: PusherMock):
    client = joined(service)
    expected = in_memory(drop_rate=0.5)
    assert 0 < len(expected) < 20
    with mock.network.conditions(drop_rate=0.5):
        publish(service, *range(20))
    assert numbers(client, len(expected)) == expected
    assert mock.metrics().reasons == {"loss": 20 - len(expected)}


def test_duplicates(service: Service, mock: PusherMock):
    client = joined(service)
    with mock.network.conditions(duplicate_rate=1):
        publish(service, 1, 2)
    assert numbers(client, 4) == ["1", "1", "2", "2"]


def test_a_slow_way_to_the_service(service: Service, mock: PusherMock):
    with mock.network.conditions(direction="send", latency=30, scope={"subscriptions"}):
        client = Client(service)
        client.say("pusher:subscribe", {"channel": "c"})
        # The clock of the service has gone on in other tests: not to the last bit.
        mock.wait_until(lambda: mock.clock.next_due == pytest.approx(mock.clock.now() + 30))
        mock.clock.advance(29)
        assert mock.state.get_subscriber_count("c") == 0
        mock.clock.advance(1.001)
        client.event("pusher_internal:subscription_succeeded", "c")


def test_a_client_that_reads_later(service: Service, mock: PusherMock):
    client, other = joined(service), joined(service)
    with mock.network.pause(client.socket_id):
        publish(service, 1, 2)
        assert numbers(other, 2) == ["1", "2"]
    assert [client.event("e", "c")["data"] for _ in range(2)] == ["1", "2"]


# Connections -----------------------------------------------------------------------------------


def test_a_cut(service: Service, mock: PusherMock):
    client, other = joined(service), joined(service)
    mock.network.disconnect_now(client.socket_id)
    assert is_cut(client)
    publish(service, 1)
    assert numbers(other, 1) == ["1"]


def test_a_cut_after_so_many_events(service: Service, mock: PusherMock):
    client = joined(service)
    mock.network.disconnect_after(2, client.socket_id)
    publish(service, 1, 2, 3)
    assert [client.event("e", "c")["data"] for _ in range(2)] == ["1", "2"]
    assert is_cut(client)


def test_nobody_may_connect(service: Service, mock: PusherMock):
    client = joined(service)
    mock.network.refuse_connections(1_000)
    with pytest.raises(Unreached):
        service.connect()
    publish(service, 1)
    assert numbers(client, 1) == ["1"]
    mock.clock.advance(1_000)
    joined(service).nothing_more()


def test_the_network_is_down(service: Service, mock: PusherMock, kind: str):
    client = joined(service)
    with mock.network.disconnect_now():
        assert is_cut(client)
        with pytest.raises(Unreached):
            service.connect()
        if kind in OURS:
            with pytest.raises(Unreached, match="refused"):
                publish(service, 1)
        else:
            assert service.call("GET", "/channels")[0] == 503
    joined(service).nothing_more()


def test_a_restart(service: Service, mock: PusherMock, kind: str):
    client = joined(service)
    mock.network.restart(2_000)
    assert client.error()["code"] == 4200
    closed = client.peer.receive()
    assert isinstance(closed, Closed)
    assert closed.code == 4200
    with pytest.raises(Unreached):
        service.connect()
    if kind in OURS:
        with pytest.raises(Unreached, match="refused"):
            publish(service, 1)
    mock.clock.advance(2_000)
    client = joined(service)
    publish(service, 2)
    assert numbers(client, 1) == ["2"]


def test_half_open(service: Service, mock: PusherMock):
    client, other = joined(service), joined(service)
    with mock.network.half_open(client.socket_id):
        publish(service, 1)
        assert numbers(other, 1) == ["1"]
        client.say("pusher:subscribe", {"channel": "unheard"})
        mock.wait_until(lambda: "lost on the way to the service" in mock.journal.dumps())
        assert mock.metrics().reasons == {"half-open": 1}
    publish(service, 2)
    assert numbers(client, 1) == ["2"]
    assert mock.core.engine.state.connections.keys() == {"mock-connection-1", "mock-connection-2"}


def test_half_open_until_the_service_notices(service: Service, mock: PusherMock):
    client, other = joined(service), joined(service)
    mock.network.half_open(client.socket_id)
    for _ in range(3):
        mock.clock.advance(40_000)
        other.say("pusher:ping", {})
        while other.frame()["event"] != "pusher:pong":  # it is asked, too, where it has no pings
            continue
    assert [one.socket_id for one in mock.core.connections] == [other.socket_id]
    publish(service, 1)
    other.event("e", "c")


# Publishers ------------------------------------------------------------------------------------


def test_publishers_get_errors(service: Service, mock: PusherMock):
    client = joined(service)
    body = {"name": "e", "channels": ["c"], "data": "1"}
    with mock.network.fail_publishes(500, times=1):
        assert service.call("POST", "/events", body)[0] == 500
        assert service.call("POST", "/events", body) == (200, "{}")
    with mock.network.fail_publishes(429, accepted=True):
        assert service.call("POST", "/events", body)[0] == 429
    with mock.network.conditions(error_rate=1, error_status=502):
        assert service.call("GET", "/channels")[0] == 502
    assert numbers(client, 2) == ["1", "1"]
    assert mock.metrics().retried == 1


def test_publishers_get_no_answer(service: Service, mock: PusherMock, kind: str):
    client = joined(service)
    patience, service.patience = service.patience, 0.15
    try:
        with mock.network.fail_publishes("timeout", times=2, accepted=True):
            with pytest.raises(Unreached, match="timeout"):
                publish(service, 1)
            with pytest.raises(Unreached, match="timeout"):
                service.call("GET", "/channels")
    finally:
        service.patience = patience
    with mock.network.fail_publishes("refused", times=2):
        for _ in range(2):
            if kind in OURS:
                with pytest.raises(Unreached, match="refused"):
                    publish(service, 2)
            else:
                assert service.call("GET", "/channels")[0] == 503
    publish(service, 3)
    assert numbers(client, 2) == ["1", "3"]
