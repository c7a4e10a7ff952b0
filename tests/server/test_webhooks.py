"""Webhooks over the network: what goes out, what is tried again, and who waits for whom."""

from __future__ import annotations

import logging
import threading
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pusher import Pusher
from tests.core.bench import PATIENCE
from tests.servers import free_port
from tests.test_imports import loaded

from pusher_mock import App, ManualClock, PusherMock, Webhook
from pusher_mock.server.webhooks import Attempt, Delivery, WebhookSender

from .targets import SIGNATURE, URL, Gate, Target, hook, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RETRIES = [0, 1, 3, 7, 15, 31, 63, 127, 255, 300]  # seconds; the last when the window ends


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make(clock: ManualClock) -> Iterator[Callable[..., WebhookSender]]:
    made: list[WebhookSender] = []
    before = set(threading.enumerate())

    def sender(*answers: Any, **options: Any) -> WebhookSender:
        options.setdefault("transport", Target(*answers))
        made.append(WebhookSender(clock, **options))
        return made[-1]

    yield sender
    for one in made:
        one.close()
    for thread in set(threading.enumerate()) - before:
        assert not thread.name.startswith("pusher-mock webhooks")


def workers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == f"pusher-mock webhooks {URL}"]


def settle(sender: WebhookSender) -> list[Delivery]:
    """Wait for all that is under way, and return what has become of everything."""
    assert sender.wait_until_idle(PATIENCE)
    return sender.deliveries


def states(sender: WebhookSender) -> list[str]:
    return [delivery.state for delivery in settle(sender)]


# What goes out ---------------------------------------------------------------------------------


def test_it_is_cheap_to_import():
    assert loaded("import pusher_mock.server.webhooks", ("httpx", "httpcore", "pusher")) == []


def test_a_webhook_is_posted(make: Callable[..., WebhookSender]):
    target, body = Target(), b'{"time_ms":1,"events":[{"data":"\xc3\xa9"}]}'
    sender = make(transport=target)
    sender.send(hook(body))
    [delivery] = settle(sender)
    assert delivery == Delivery(hook(body), (Attempt(0.0, 200, ""),), "delivered")
    assert target.bodies == [body]


@pytest.mark.parametrize("status", [199, 200, 204, 299, 300, 304, 401, 404, 410, 500, 503])
def test_2xx_and_nothing_else_is_delivered(make: Callable[..., WebhookSender], status: int):
    sender = make(status)
    sender.send(hook())
    [delivery] = settle(sender)
    assert delivery.attempts == (Attempt(0.0, status, ""),)
    assert delivery.state == ("delivered" if status in (200, 204, 299) else "waiting")


# Again and again -------------------------------------------------------------------------------


def test_the_schedule_until_it_is_given_up(
    make: Callable[..., WebhookSender], clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    # facts 3.1.5, 8.9
    target = Target(*[500] * 20)
    sender = make(transport=target)
    clock.advance(50)
    sender.send(hook())
    for seconds, number in zip(RETRIES, range(1, 11), strict=True):
        settle(sender)
        clock.advance(50 + seconds * 1000 - clock.now())
        assert len(settle(sender)[0].attempts) == number
        clock.advance(999)
        assert len(settle(sender)[0].attempts) == number
    [delivery] = sender.deliveries
    assert delivery.state == "given up"
    assert [one.at for one in delivery.attempts] == [50 + seconds * 1000 for seconds in RETRIES]
    assert {request.content for request in target.got} == {b"{}"}
    clock.advance(1_000_000)
    assert settle(sender) == [delivery]

    logs = [(one.levelname, one.message) for one in caplog.records if one.name == "pusher_mock"]
    assert logs == [
        (
            "WARNING",
            f"webhook to {URL} failed: status 500; tried again in 1 s, and until 300 s have passed",
        ),
        ("WARNING", f"webhook to {URL} given up; attempts: 10, the last: status 500"),
    ]


def test_the_window_counts_from_the_first_attempt(
    make: Callable[..., WebhookSender], clock: ManualClock
):
    sender = make(*[500] * 9, give_up_after=3_000)
    sender.send(hook())
    assert states(sender) == ["waiting"]
    clock.advance(1_000)
    assert states(sender) == ["waiting"]  # the last may be when the window ends
    clock.advance(2_000)
    assert states(sender) == ["given up"]


def test_it_succeeds_in_the_end(
    make: Callable[..., WebhookSender], clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    sender = make(503, httpx.ConnectError("refused"), 200)
    sender.send(hook())
    settle(sender)
    clock.advance(1_000)
    settle(sender)
    clock.advance(2_000)
    [delivery] = settle(sender)
    assert delivery.state == "delivered"
    assert delivery.attempts == (
        Attempt(0.0, 503, ""),
        Attempt(1_000.0, None, "ConnectError: refused"),
        Attempt(3_000.0, 200, ""),
    )
    assert len([one for one in caplog.records if one.name == "pusher_mock"]) == 1


def test_logs_keep_secrets(make: Callable[..., WebhookSender], caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "pusher_mock")
    sender = make(500, give_up_after=0)
    sender.send(hook(url="https://ada:lovelace@shop.example/hook"))
    [delivery] = settle(sender)
    sender.close()
    sender.send(delivery.webhook)
    logs = "".join(one.message for one in caplog.records if one.name == "pusher_mock")
    assert "https://shop.example/hook" in logs
    assert "lovelace" not in logs
    assert SIGNATURE not in logs
    assert repr(delivery) == "<Delivery https://shop.example/hook given up attempts=1>"


# Who waits for whom ----------------------------------------------------------------------------


def test_in_the_order_in_which_they_became_due(
    make: Callable[..., WebhookSender], clock: ManualClock
):
    target = Target(500, 500)
    sender = make(transport=target)
    sender.send(hook(b"1"))
    settle(sender)
    clock.advance(100)
    sender.send(hook(b"2"))
    settle(sender)
    sender.send(hook(b"3"))
    assert states(sender) == ["waiting", "waiting", "delivered"]
    gate = Gate()
    target.answers.append(gate)
    sender.send(hook(b"4"))
    assert gate.reached.wait(PATIENCE)
    clock.advance(900)
    sender.send(hook(b"5"))
    clock.advance(100)
    gate.go.set()
    assert states(sender) == ["delivered"] * 5
    assert target.bodies == [b"1", b"2", b"3", b"4", b"1", b"5", b"2"]


def test_a_target_that_hangs_delays_no_other(make: Callable[..., WebhookSender]):
    gate = Gate()
    target = Target(gate)
    sender = make(transport=target)
    sender.send(hook(b"1"))
    assert gate.reached.wait(PATIENCE)
    sender.send(hook(b"2"))  # returns although the worker is busy
    done = threading.Event()
    target.answers.append(lambda: (done.set(), 200)[1])
    sender.send(hook(b"other", "https://other.example/"))
    assert done.wait(PATIENCE)
    assert not sender.wait_until_idle(0)
    assert [one.state for one in sender.deliveries[:2]] == ["waiting", "waiting"]
    assert target.bodies == [b"1", b"other"]
    gate.go.set()
    assert states(sender) == ["delivered"] * 3


def test_a_worker_ends_when_it_has_nothing_to_do(
    make: Callable[..., WebhookSender], clock: ManualClock
):
    gate = Gate(500)
    sender = make(gate)
    assert workers() == []
    sender.send(hook())
    [worker] = workers()
    assert worker.daemon
    gate.go.set()
    settle(sender)
    assert workers() == [worker]  # it waits for the repetition
    clock.advance(1_000)
    worker.join(PATIENCE)
    assert states(sender) == ["delivered"]
    assert workers() == []
    sender.send(hook())
    assert states(sender) == ["delivered", "delivered"]


def test_from_many_threads(make: Callable[..., WebhookSender]):
    sender = make()
    urls = [f"https://{name}.example/" for name in "abc"]

    def burst() -> None:
        for number in range(50):
            sender.send(hook(b"%d" % number, urls[number % 3]))

    threads = [threading.Thread(target=burst) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert states(sender) == ["delivered"] * 200


# The log of deliveries -------------------------------------------------------------------------


def test_deliveries_stay_as_they_were(make: Callable[..., WebhookSender], clock: ManualClock):
    sender = make(500)
    assert sender.deliveries == []
    sender.send(hook())
    before = settle(sender)
    clock.advance(1_000)
    assert states(sender) == ["delivered"]
    assert [(one.state, len(one.attempts)) for one in before] == [("waiting", 1)]
    with pytest.raises(FrozenInstanceError):
        setattr(before[0], "state", "delivered")  # noqa: B010


def test_deliveries_are_bounded(make: Callable[..., WebhookSender], clock: ManualClock):
    target = Target(500)
    sender = make(transport=target, log_size=2)
    for body in (b"1", b"2", b"3"):
        sender.send(hook(body))
    assert [one.webhook.body for one in settle(sender)] == [b"2", b"3"]
    clock.advance(1_000)
    settle(sender)
    assert target.bodies == [b"1", b"2", b"3", b"1"]  # forgotten, not lost


# The end ---------------------------------------------------------------------------------------


def test_close_ends_everything(
    make: Callable[..., WebhookSender], clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, "pusher_mock")
    target = Target(500)
    sender = make(transport=target)
    sender.send(hook(b"1"))
    settle(sender)
    [worker] = workers()
    sender.close()
    assert not worker.is_alive()
    clock.advance(1_000)
    caplog.clear()
    sender.send(hook(b"2"))
    sender.close()
    assert caplog.messages == [f"webhook to {URL} ignored: the sender is closed"]
    assert states(sender) == ["waiting"]
    assert target.bodies == [b"1"]


@pytest.mark.parametrize(("status", "state"), [(200, "delivered"), (500, "waiting")])
def test_close_waits_for_what_is_under_way(
    make: Callable[..., WebhookSender],
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    status: int,
    state: str,
):
    gate = Gate(status)
    target = Target(gate)
    sender = make(transport=target, timeout=PATIENCE)
    sender.send(hook(b"1"))
    sender.send(hook(b"2"))
    assert gate.reached.wait(PATIENCE)
    closing = threading.Thread(target=sender.close)
    closing.start()
    with sender._changed:  # what waits in the queue is dropped at once
        assert sender._changed.wait_for(lambda: sender._closed, PATIENCE)
    assert closing.is_alive()
    gate.go.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert states(sender) == [state, "waiting"]
    assert clock.next_due == float("inf")
    assert target.bodies == [b"1"]
    assert [one for one in caplog.records if one.name == "pusher_mock"] == []


def test_close_does_not_wait_for_ever(make: Callable[..., WebhookSender]):
    gate = Gate()
    sender = make(gate, timeout=0.01)
    sender.send(hook())
    [worker] = workers()
    assert gate.reached.wait(PATIENCE)
    sender.close()
    assert worker.is_alive()
    gate.go.set()
    worker.join(PATIENCE)
    assert not worker.is_alive()


def test_a_target_in_this_process_may_close_it(make: Callable[..., WebhookSender]):
    target = Target()
    sender = make(transport=target)
    target.answers.append(lambda: (sender.close(), 200)[1])
    sender.send(hook())
    assert states(sender) == ["delivered"]


def test_a_timer_that_runs_while_it_is_closed(
    make: Callable[..., WebhookSender], clock: ManualClock
):
    sender = make(500)
    sender.send(hook())
    settle(sender)
    callback = clock.waiting[0].callback  # as a clock has it in hand when it is cancelled
    sender.close()
    assert callback is not None
    callback()
    assert [len(one.attempts) for one in settle(sender)] == [1]


# The network -----------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_the_sdk_validates_what_arrives(make: Callable[..., WebhookSender]):
    with listening() as server:
        url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
        app = App("1", "mock-pusher-key", "mock-pusher-secret", webhooks=(Webhook(url),))
        mock, sender = PusherMock(apps=[app]), make(transport=None)
        mock.client(connect=True).subscribe("room")
        [webhook] = mock.webhooks()
        sender.send(webhook)
        assert states(sender) == ["delivered"]
    [(path, headers, body)] = server.got
    assert (path, body) == ("/hook?x=1", webhook.body)
    assert headers == [
        ("Host", f"127.0.0.1:{server.server_port}"),
        ("Content-Type", "application/json"),
        ("X-Pusher-Key", "mock-pusher-key"),
        ("X-Pusher-Signature", webhook.signature),
        ("Content-Length", str(len(webhook.body))),
    ]
    signed = dict(headers)
    payload = Pusher("1", "mock-pusher-key", "mock-pusher-secret").validate_webhook(
        signed["X-Pusher-Key"], signed["X-Pusher-Signature"], body.decode()
    )
    assert payload is not None
    assert payload["events"] == [{"name": "channel_occupied", "channel": "room"}]


@pytest.mark.enable_socket
def test_down_first_and_up_later(make: Callable[..., WebhookSender], clock: ManualClock):
    port, sender = free_port(), make(transport=None)
    sender.send(hook(url=f"http://127.0.0.1:{port}/"))
    [delivery] = settle(sender)
    assert delivery.attempts[0].error.startswith("ConnectionRefusedError: ")
    with listening(port):
        clock.advance(1_000)
        assert states(sender) == ["delivered"]
