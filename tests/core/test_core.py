"""The core: inputs, connections, time, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App
from pusher_mock.core import RETIRED, Core
from pusher_mock.engine import (
    FrameReceived,
    HttpRequested,
    PongReceived,
    TimerFired,
)
from pusher_mock.protocol.errors import UsageError

from .bench import TARGET, Bench, in_thread

if TYPE_CHECKING:
    from pusher_mock.core import Outbox


@pytest.fixture
def core() -> Core:
    return Core()


def waiting(clock: Any) -> list[float]:
    """When the timers of a clock are due that are not over."""
    return [timer.due for timer in clock.waiting]


def ignore(item: object) -> None:
    """A sink."""


# Connections -----------------------------------------------------------------------------------


def test_names_and_socket_ids(core: Core):
    boxes = [core.open(TARGET, ignore) for _ in range(2)]
    boxes.append(core.open(TARGET, ignore, name="mock-connection-4"))
    boxes.append(core.open(TARGET, ignore))
    boxes.append(core.open(TARGET, ignore, name="alice"))
    names = [f"mock-connection-{number}" for number in (1, 2, 4, 5)]
    assert [box.connection for box in boxes] == [*names, "alice"]
    assert len({box.socket_id for box in boxes}) == 5
    assert core.connections == tuple(boxes)
    assert [box.socket_id for box in boxes[:2]] == [
        core.engine.state.connections[name].socket_id for name in names[:2]
    ]


def test_a_name_that_is_taken(core: Core):
    box = core.open(TARGET, ignore, name="alice")
    with pytest.raises(UsageError, match="there is a connection alice already"):
        core.open(TARGET, ignore, name="alice")
    assert core.open(TARGET, ignore).connection == "mock-connection-2"  # no number was used up
    core.hang_up(box, lambda: None)
    assert core.open(TARGET, ignore, name="alice").socket_id != box.socket_id


def test_ids_go_by_the_seed():
    ids = [Core(seed=seed).open(TARGET, ignore).socket_id for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
    nonces = [Core(seed=seed).nonce(24) for seed in (1, 1, 2)]
    assert nonces[0] == nonces[1] != nonces[2]
    assert len(nonces[0]) == 24
    core = Core()
    assert core.nonce(8) != core.nonce(8)


def test_what_a_connection_gets(core: Core):
    items: list[Any] = []
    core.open(TARGET, items.append)
    assert [item.event for item in items] == ["pusher:connection_established"]
    assert items[0].at == 0


def test_a_connection_that_is_refused():
    items: list[Any] = []
    core = Core(strict=True)
    core.open("/app/unknown?protocol=7", items.append)
    assert items[0].data["code"] == items[1].code == 4001
    assert core.connections == ()


def test_tls_and_the_kind_of_ping():
    core = Core(apps=[App("1", "key", "secret", tls_only=True)])
    items: list[Any] = []
    core.open("/app/key?protocol=7", items.append, tls=False)
    assert items[-1].code == 4000
    box = core.open("/app/key?protocol=7", items.append, native_ping=False)
    core.clock.advance(60_000)  # type: ignore[attr-defined]
    assert items[-1].event == "pusher:ping"
    core.hang_up(box, lambda: None)


def test_before_the_first_delivery(core: Core):
    items: list[Any] = []

    def ready(box: Outbox) -> None:
        assert items == []
        core.send(box, '{"event":"pusher:ping","data":""}')
        assert items == []

    core.open(TARGET, items.append, before_delivery=ready)
    assert [item.event for item in items] == ["pusher:connection_established", "pusher:pong"]


def test_an_error_before_the_first_delivery(core: Core):
    items: list[Any] = []

    def broken(box: Outbox) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        core.open(TARGET, items.append, before_delivery=broken)
    [box] = core.connections
    core.post(box, "later")
    assert items[-1] == "later"


@pytest.mark.parametrize("verb", ["close", "reset"])
def test_let_go_of_before_the_client_is_ready(core: Core, verb: str):
    items: list[Any] = []
    ready = False

    def sink(item: Any) -> None:
        items.append((item, ready))

    def get_ready(box: Outbox) -> None:
        nonlocal ready
        in_thread(getattr(core, verb))
        ready = True

    core.open(TARGET, sink, before_delivery=get_ready)
    assert items == [(RETIRED, False), (RETIRED, True)]
    assert core.connections == ()


def test_hanging_up(core: Core):
    items: list[Any] = []
    box, other = core.open(TARGET, items.append), core.open(TARGET, ignore)
    over: list[tuple[Outbox, ...]] = []
    core.hang_up(box, lambda: over.append(core.connections))
    assert over == [(other,)]
    core.hang_up(box, lambda: None)  # again is fine
    core.send(box, "{}")
    core.pong(box)
    core.post(box, "nothing")
    assert len(items) == 1
    assert core.connections == (other,)


def test_others_learn_that_somebody_has_hung_up():
    bench = Bench()
    one = bench.mock.client(user_data={"user_id": "1"}, connect=True)
    two = bench.mock.client(user_data={"user_id": "2"}, connect=True)
    gone: list[str] = []
    one.subscribe("presence-a").bind("pusher_internal:member_removed", gone.append)
    two.subscribe("presence-a")
    two.disconnect()
    assert gone == ['{"user_id":"2"}']


def test_a_closed_connection_is_not_heard_though_another_has_its_name(core: Core):
    old = core.open(TARGET, ignore)
    core.reset()
    new = core.open(TARGET, ignore)
    assert (old.connection, old.socket_id) == (new.connection, new.socket_id)
    core.send(old, json.dumps({"event": "pusher:subscribe", "data": {"channel": "a"}}))
    core.pong(old)
    assert core.engine.state.connections[new.connection].channels == {}
    core.hang_up(old, lambda: None)
    assert core.connections == (new,)


# Inputs ----------------------------------------------------------------------------------------


def test_the_effects_of_an_input_are_returned(core: Core):
    box = core.open(TARGET, ignore)
    effects = core.submit(FrameReceived(box.connection, '{"event":"pusher:ping"}'))
    assert len(effects) == 1
    assert core.submit(PongReceived("unknown")) == []
    assert core.submit(TimerFired()) == []
    assert len(core.journal) == 4


def test_what_is_no_input(core: Core):
    with pytest.raises(UsageError, match=r"takes the inputs of engine\.inputs"):
        core.submit("nonsense")  # type: ignore[arg-type]
    assert core.open(TARGET, ignore).connection == "mock-connection-1"


def test_what_a_message_causes_is_shown_before_it_arrives(core: Core):
    items: list[Any] = []
    box = core.open(TARGET, items.append)
    seen: list[Any] = []

    def caused(effects: list[Any]) -> None:
        assert len(items) == 1
        seen.extend(effects)

    core.send(box, '{"event":"pusher:ping"}', caused)
    assert [effect.frame for effect in seen] == items[1:]


def test_credentials_are_shown_once(core: Core):
    for _ in range(3):
        core.learn("7", "k", "s")
    core.learn(None, "k", "s")
    assert len(core.journal) == 2
    assert core.engine.state.by_key["k"].secrets == {"k": "s"}
    core.reset()
    core.learn("7", "k", "s")
    assert len(core.journal) == 1


def test_a_request_is_answered(core: Core, caplog: pytest.LogCaptureFixture):
    answer = core.request(HttpRequested("GET", "/apps/1/channels", (("auth_key", "no"),)))
    assert answer.status in (400, 401)
    assert caplog.records[-1].name == "pusher_mock"
    assert answer.body.strip() in caplog.text
