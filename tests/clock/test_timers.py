"""Everything in a mock that takes time, each with nothing but its clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pusher.errors import PusherForbidden
from tests.core.bench import PATIENCE, TARGET
from tests.server.targets import URL, Target, hook

from pusher_mock import App, ManualClock, PusherMock, Webhook
from pusher_mock.engine import CloseConnection, Ping
from pusher_mock.protocol.frames import Frame
from pusher_mock.server.webhooks import WebhookSender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock.core import Core, Outbox


@dataclass(frozen=True)
class Setting:
    """Something that is going to happen.

    Attributes:
        mock: to which.
        happened: whether it has.
        waits: whether somebody waits for it.
    """

    mock: PusherMock
    happened: Callable[[], object]
    waits: bool = True

    @property
    def clock(self) -> ManualClock:
        return self.mock.clock


def mock_of(**options: Any) -> PusherMock:
    return PusherMock(apps=[App("1", "mock-pusher-key", "mock-pusher-secret", **options)])


def raw(core: Core) -> tuple[Outbox, list[Any]]:
    """A connection that answers nothing, and what it is sent."""
    items: list[Any] = []
    return core.open(TARGET, items.append), items


def subscribe(core: Core, box: Outbox, channel: str) -> None:
    message = {"event": "pusher:subscribe", "data": {"channel": channel}}
    core.send(box, json.dumps(message))


# The service ------------------------------------------------------------------------------------


def service_pings() -> Setting:
    mock = PusherMock()
    _, items = raw(mock.core)
    return Setting(mock, lambda: any(isinstance(item, Ping) for item in items), waits=False)


def nobody_answers_its_ping() -> Setting:
    mock = PusherMock()
    _, items = raw(mock.core)
    mock.clock.advance(60_000)

    def closed() -> list[int]:
        return [item.code for item in items if isinstance(item, CloseConnection)]

    return Setting(mock, lambda: closed() == [4201], waits=False)


def nobody_authorizes() -> Setting:
    mock = mock_of(authorized_connections=True)
    _, items = raw(mock.core)

    def closed() -> list[int]:
        return [item.code for item in items if isinstance(item, CloseConnection)]

    return Setting(mock, lambda: closed() == [4009])


def counts_on_a_large_channel() -> Setting:
    mock = mock_of(subscription_count=True)
    box, items = raw(mock.core)
    subscribe(mock.core, box, "c")
    for _ in range(101):
        other, _ = raw(mock.core)
        subscribe(mock.core, other, "c")

    def counts() -> list[int]:
        names = "pusher_internal:subscription_count"
        found = [item for item in items if isinstance(item, Frame) and item.event == names]
        return [json.loads(str(frame.data))["subscription_count"] for frame in found]

    return Setting(mock, lambda: counts()[-1] == 102)


def a_channel_is_vacated() -> Setting:
    mock = mock_of(webhooks=(Webhook(URL, frozenset({"channel_vacated"})),))
    box, _ = raw(mock.core)
    subscribe(mock.core, box, "c")
    mock.core.send(box, '{"event":"pusher:unsubscribe","data":{"channel":"c"}}')
    return Setting(mock, mock.webhooks)


def webhooks_in_a_batch() -> Setting:
    mock = mock_of(webhooks=(Webhook(URL),), webhook_batching=True)
    box, _ = raw(mock.core)
    subscribe(mock.core, box, "c")
    return Setting(mock, mock.webhooks)


def a_cached_event() -> Setting:
    mock = PusherMock()
    server = mock.server()
    server.trigger("cache-c", "e", {})
    return Setting(
        mock, lambda: server.channel_info("cache-c", ["cache"])["cache"] is None, waits=False
    )


def client_events_in_a_second() -> Setting:
    mock = PusherMock()
    speaker, listener = mock.client(connect=True), mock.client(connect=True)
    heard: list[str] = []
    listener.subscribe("private-c").bind("client-e", heard.append)
    channel = speaker.subscribe("private-c")
    for _ in range(10):
        channel.trigger("client-e", {})
    assert len(heard) == 10

    def another() -> bool:
        channel.trigger("client-e", {})
        return len(heard) > 10

    return Setting(mock, another, waits=False)


def the_quota_of_a_day() -> Setting:
    mock = mock_of(daily_messages=1)
    server = mock.server()
    server.trigger("c", "e", {})

    def answers() -> bool:
        try:
            server.trigger("c", "e", {})
        except PusherForbidden:
            return False
        return True

    return Setting(mock, answers, waits=False)


# The doubles ------------------------------------------------------------------------------------


def pysher_pings() -> Setting:
    mock = PusherMock()
    mock.client(connect=True)

    def pings() -> int:
        return sum("pusher:ping" in str(getattr(one.input, "text", "")) for one in mock.journal)

    return Setting(mock, lambda: pings() == 2, waits=False)  # one when it is opened


def pysher_reconnects() -> Setting:
    mock = PusherMock()
    client = mock.client(connect=True)
    mock.network.disconnect_now(client)
    assert client.connection.state == "unavailable"
    return Setting(mock, lambda: client.connection.state == "connected")


# The weather ------------------------------------------------------------------------------------


def heard(mock: PusherMock) -> list[Any]:
    events: list[Any] = []
    mock.client(connect=True).subscribe("c").bind("e", events.append)
    return events


def latency() -> Setting:
    mock = PusherMock()
    events = heard(mock)
    mock.network.conditions(latency=50)
    mock.server().trigger("c", "e", {})
    return Setting(mock, lambda: events)


def polling() -> Setting:
    mock = PusherMock()
    events = heard(mock)
    mock.network.conditions(poll_interval=100)
    mock.server().trigger("c", "e", {})
    return Setting(mock, lambda: events)


def refusals_for_a_time() -> Setting:
    mock = PusherMock()
    mock.network.refuse_connections(700)
    return Setting(mock, lambda: mock.network.calm)


SETTINGS: dict[Callable[[], Setting], float] = {
    service_pings: 60_000,
    nobody_answers_its_ping: 15_000,
    nobody_authorizes: 30_000,
    counts_on_a_large_channel: 5_000,
    a_channel_is_vacated: 3_000,
    webhooks_in_a_batch: 250,
    a_cached_event: 1_800_000,
    client_events_in_a_second: 1_000,
    the_quota_of_a_day: 86_400_000,
    pysher_pings: 120_000,
    pysher_reconnects: 10_000,
    latency: 50,
    polling: 100,
    refusals_for_a_time: 700,
}

each = pytest.mark.parametrize(
    ("build", "ms"), SETTINGS.items(), ids=[build.__name__ for build in SETTINGS]
)


@each
def test_it_happens_when_the_clock_says_so(build: Callable[[], Setting], ms: float):
    setting = build()
    setting.clock.advance(ms - 1)
    assert not setting.happened()
    setting.clock.advance(1)
    assert setting.happened()


@each
def test_it_happens_at_one_stroke(build: Callable[[], Setting], ms: float):
    setting = build()
    setting.clock.jump(ms)
    assert setting.happened()


@each
def test_the_clock_is_idle_unless_somebody_waits(build: Callable[[], Setting], ms: float):
    setting = build()
    assert setting.clock.idle is not setting.waits
    if setting.waits:
        assert setting.clock.run_until_idle() == ms
        assert setting.happened()
    else:
        assert setting.clock.run_until_idle() == setting.clock.tick() == 0
        assert not setting.happened()


# Webhooks over the network: posted by threads, timed by the clock --------------------------------


@pytest.fixture
def sender() -> Iterator[WebhookSender]:
    sender = WebhookSender(ManualClock(), transport=Target(500, 503))
    yield sender
    sender.close()


def test_a_webhook_is_tried_again(sender: WebhookSender):
    clock: Any = sender._clock
    sender.send(hook())
    for wait in (1_000, 2_000):
        assert sender.wait_until_idle(PATIENCE)
        assert not clock.idle
        assert clock.run_until_idle() == wait
    assert sender.wait_until_idle(PATIENCE)
    assert [attempt.at for attempt in sender.deliveries[0].attempts] == [0, 1_000, 3_000]
    assert clock.idle


# Idle --------------------------------------------------------------------------------------------


def test_a_mock_at_rest_is_idle_for_hours():
    mock = PusherMock()
    clients = [mock.client(connect=True) for _ in range(3)]
    mock.clock.advance(2 * 3_600_000)
    assert mock.clock.idle
    assert mock.clock.tick() == mock.clock.tick_all() == 0
    assert {client.connection.state for client in clients} == {"connected"}


def test_what_nobody_waits_for_any_more():
    mock = mock_of(webhooks=(Webhook(URL, frozenset({"channel_vacated"})),))
    box, _ = raw(mock.core)
    subscribe(mock.core, box, "c")
    mock.core.send(box, '{"event":"pusher:unsubscribe","data":{"channel":"c"}}')
    assert not mock.clock.idle
    subscribe(mock.core, box, "c")
    assert mock.clock.idle
    assert mock.clock.run_until_idle() == 0


@each
def test_a_reset_leaves_nothing_to_wait_for(build: Callable[[], Setting], ms: float):
    setting = build()
    setting.mock.reset()
    assert setting.clock.idle
    assert [timer for timer in setting.clock.waiting if not timer.background] == []


def test_weather_that_cuts_connections_now_and_then_is_nobodys_work():
    mock = PusherMock()
    clients = [mock.client(connect=True) for _ in range(5)]
    before = {client.connection.connection_id for client in clients}
    mock.network.conditions(disconnect_rate=1.0)
    assert mock.clock.idle
    assert mock.clock.run_until_idle() == 0
    mock.clock.advance(60_000)
    assert not before & {box.connection for box in mock.core.connections}
