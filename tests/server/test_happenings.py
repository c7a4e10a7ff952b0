"""What happens, as records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App, ManualClock, PusherMock, Webhook
from pusher_mock.protocol import codes, texts
from pusher_mock.server.happenings import Happenings

if TYPE_CHECKING:
    from pusher_mock.core import Core, Outbox
    from pusher_mock.engine import Effect, Input

TARGET = "/app/shop-key?protocol=7&client=js&version=8.6.0"
HOOK = Webhook("http://user:hunter2@127.0.0.1/hook?token=hunter3", frozenset({"member_added"}))


class Told:
    """A core, and what is told of it: without the times, which are alike."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.records: list[dict[str, Any]] = []
        happenings = Happenings(core)

        def heard(at: float, happened: Input, effects: list[Effect]) -> None:
            for record in happenings.tell(at, happened, effects):
                assert list(record)[:3] == ["kind", "at", "time"]
                self.records.append(record)

        core.listen(heard)

    def take(self) -> list[dict[str, Any]]:
        """What has been told since."""
        taken = [
            {name: value for name, value in one.items() if name not in ("at", "time")}
            for one in self.records
        ]
        self.records.clear()
        return taken

    def connect(self, target: str = TARGET) -> Outbox:
        return self.core.open(target, lambda item: None)

    def send(self, box: Outbox, event: str, **data: Any) -> None:
        self.core.send(box, json.dumps({"event": event, "data": data}))


@pytest.fixture
def told() -> Told:
    shop = App("42", "shop-key", "s", client_events=True, webhooks=(HOOK,), max_connections=2)
    core = PusherMock(apps=[shop, App("43", "blog-key", "b", enabled=False)], strict=True).core
    return Told(core)


def test_a_connection(told: Told):
    box = told.connect()
    here = {"app": "42", "socket_id": box.socket_id}
    opened = {"kind": "opened", **here, "client": "js", "version": "8.6.0", "protocol": 7}
    assert told.take() == [opened]
    told.send(box, "pusher:subscribe", channel="news")
    told.send(box, "pusher:ping")
    told.send(box, "pusher:unsubscribe", channel="news")
    assert told.take() == [
        {"kind": "subscribed", **here, "channel": "news"},
        {"kind": "unsubscribed", **here, "channel": "news"},
    ]
    told.core.hang_up(box, lambda: None)
    assert told.take() == [{"kind": "closed", **here, "code": None, "reason": None}]


def test_the_times():
    clock = ManualClock()
    told = Told(PusherMock(clock=clock).core)
    clock.advance(1500.25)
    told.connect("/app/mock-pusher-key?protocol=7")
    [record] = told.records
    assert record["at"] == 1500.25
    assert record["time"] == pytest.approx(clock.wall(), abs=60)
    assert record["client"] == record["version"] == ""


def test_who_was_there_before():
    core = PusherMock().core
    box = core.open("/app/mock-pusher-key?protocol=7", lambda item: None)
    told = Told(core)
    core.hang_up(box, lambda: None)
    here = {"app": "mock-app-id", "socket_id": box.socket_id}
    assert told.take() == [{"kind": "closed", **here, "code": None, "reason": None}]


def test_what_a_client_did_wrong(told: Told):
    box = told.connect()
    told.take()
    told.send(box, "pusher:subscribe", channel="private-a", auth="nonsense")
    told.send(box, "pusher:unsubscribe", channel="news")
    told.core.send(box, '{"event": "pusher:unsubscribe"')
    told.core.send(box, '{"event": "client-a", "channel": "a", "data": "pusher:unsubscribe"}')
    here = {"kind": "error", "app": "42", "socket_id": box.socket_id, "code": None}
    assert told.take() == [
        {**here, "reason": texts.AUTH_FORMAT},
        {**here, "reason": texts.NOT_SUBSCRIBED.format(channel="news")},
        {**here, "reason": texts.INVALID_JSON},
        {**here, "reason": texts.CLIENT_NOT_SUBSCRIBED.format(channel="a")},
    ]


def test_data_that_looks_like_a_command(told: Told):
    client = told.core.facade.client("shop-key", connect=True)
    channel = client.subscribe("private-a")
    told.take()
    channel.trigger("client-said", "pusher:unsubscribe")
    assert [one["kind"] for one in told.take()] == ["published"]


def test_closed_from_this_side(told: Told):
    box = told.connect()
    told.take()
    told.core.send(box, b"binary")
    assert told.take() == [
        {
            "kind": "closed",
            "app": "42",
            "socket_id": box.socket_id,
            "code": codes.UNSUPPORTED_DATA,
            "reason": texts.BINARY_FRAME,
        }
    ]
    told.core.send(box, "{}")
    told.core.hang_up(box, lambda: None)
    assert told.take() == []


@pytest.mark.parametrize(
    ("target", "refused"),
    [
        (
            "/app/blog-key?protocol=7",
            [("43", codes.APP_DISABLED, texts.APP_DISABLED)],
        ),
        ("/app/nobody?protocol=7", []),
        ("/app/shop-key", []),
        ("/", []),
    ],
)
def test_refused(target: str, refused: list[tuple[str, int, str]], told: Told):
    told.connect(target)
    assert told.take() == [
        {"kind": "refused", "app": app, "code": code, "reason": reason}
        for app, code, reason in refused
    ]


def test_too_many(told: Told):
    for _ in range(3):
        told.connect()
    records = told.take()
    assert [one["kind"] for one in records] == ["opened", "opened", "refused"]
    assert records[2]["code"] == codes.OVER_CONNECTION_QUOTA


def test_published() -> None:
    mock = PusherMock()
    told = Told(mock.core)
    mock.server().trigger(["a", "b"], "new", {"text": "é"}, socket_id="1.2")
    rest = {"event": "new", "data": '{"text": "é"}', "socket_id": "1.2", "user_id": None}
    assert told.take() == [
        {"kind": "published", "app": "mock-app-id", "channel": one, **rest, "client": False}
        for one in ("a", "b")
    ]


def test_published_by_a_client_and_webhooks(told: Told):
    mock = told.core.facade
    client = mock.client(connect=True, user_data={"user_id": "7"})
    room = client.subscribe("presence-room")
    told_before = told.take()
    assert told_before[1:] == [
        {
            "kind": "subscribed",
            "app": "42",
            "channel": "presence-room",
            "socket_id": client.connection.socket_id,
            "user_id": "7",
        },
        {
            "kind": "webhook",
            "app": "42",
            "url": "http://127.0.0.1/hook",
            "events": [{"name": "member_added", "channel": "presence-room", "user_id": "7"}],
        },
    ]
    room.trigger("client-typing", {"x": 1})
    [event] = told.take()
    assert event["client"] is True
    assert (event["socket_id"], event["user_id"]) == (client.connection.socket_id, "7")


def test_after_a_reset(told: Told):
    told.connect()
    told.core.reset()
    told.take()
    told.connect("/app/blog-key?protocol=7")
    assert [one["kind"] for one in told.take()] == ["refused"]
    box = told.connect()
    assert [one["kind"] for one in told.take()] == ["opened"]
    told.core.hang_up(box, lambda: None)
    assert [one["kind"] for one in told.take()] == ["closed"]
