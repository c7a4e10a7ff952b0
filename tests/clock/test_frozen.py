"""Clocks beside time-machine and freezegun: they follow, and nothing hangs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import time_machine
from freezegun import freeze_time
from pusher.errors import PusherBadAuth

from pusher_mock import App, ExpectationFailed, ManualClock, PusherMock, SystemClock, Webhook
from pusher_mock.clock.machine import monotonic, monotonic_source

from .bench import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Frozen = Callable[[float], AbstractContextManager[Callable[[float], None]]]

Y2030 = 1_893_456_000.0
HOUR = 3600.0


@contextmanager
def travelling(to: float) -> Iterator[Callable[[float], None]]:
    with time_machine.travel(to, tick=False) as traveller:
        yield traveller.shift


@contextmanager
def freezing(at: float) -> Iterator[Callable[[float], None]]:
    with freeze_time(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))) as frozen:
        yield lambda seconds: ignore(frozen.tick(timedelta(seconds=seconds)))


@pytest.fixture(params=[travelling, freezing], ids=["time-machine", "freezegun"])
def frozen(request: pytest.FixtureRequest) -> Frozen:
    """Stops ``time.time()`` at a number of seconds; gives what shifts it by some."""
    stop: Frozen = request.param
    return stop


APP = App(
    id="1",
    key="k",
    secret="s",
    webhooks=(
        Webhook("https://app.test/hook", frozenset({"channel_occupied", "channel_vacated"})),
    ),
)


def hooks(mock: PusherMock) -> list[tuple[str, int]]:
    """The kinds of the webhooks so far, with their times."""
    bodies = [json.loads(webhook.body) for webhook in mock.webhooks()]
    return [(body["events"][0]["name"], body["time_ms"]) for body in bodies]


# The wall ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ManualClock, SystemClock])
def test_a_publisher_that_travels_with_the_mock(frozen: Frozen, kind: Any):
    mock = PusherMock(clock=kind())
    server = mock.server()
    server.trigger("c", "e", 1)
    with frozen(Y2030) as shift:
        assert mock.clock.wall() == time.time() == Y2030
        server.trigger("c", "e", 2)
        shift(HOUR)
        server.trigger("c", "e", 3)
        assert mock.clock.wall() == Y2030 + HOUR
    server.trigger("c", "e", 4)
    assert [event.data for event in mock.journal.published()] == [1, 2, 3, 4]


def test_virtual_hours_make_no_signature_old(frozen: Frozen):
    mock = PusherMock()
    with frozen(Y2030):
        mock.server().trigger("c", "e", 1)
        mock.clock.advance(HOUR * 1000)
        mock.server().trigger("c", "e", 2)
        assert mock.clock.wall() == Y2030
    assert [event.at for event in mock.journal.published()] == [0, HOUR * 1000]


def test_webhooks_say_the_frozen_time(frozen: Frozen):
    mock = PusherMock(apps=[APP])
    with frozen(Y2030) as shift:
        client = mock.client(connect=True)
        client.subscribe("c")
        shift(60)
        client.unsubscribe("c")
        mock.clock.advance(3000)
        assert hooks(mock) == [
            ("channel_occupied", Y2030 * 1000),
            ("channel_vacated", (Y2030 + 60) * 1000),
        ]
        [_, vacated] = mock.webhooks()
        body = vacated.body.decode()
        server = mock.server(app_id="1", key="k", secret="s")
        assert server.validate_webhook(vacated.key, vacated.signature, body) is not None
        shift(301)
        assert server.validate_webhook(vacated.key, vacated.signature, body) is None


def test_a_wall_of_ones_own_does_not_travel(frozen: Frozen):
    """For applications that sign at the true time, whatever they read elsewhere."""
    mock = PusherMock(clock=ManualClock(wall=lambda: Y2030))
    with frozen(Y2030):
        mock.server().trigger("c", "e", 1)
    with frozen(Y2030 - 2 * HOUR), pytest.raises(PusherBadAuth, match="Timestamp expired"):
        mock.server().trigger("c", "e", 1)


# Real time --------------------------------------------------------------------------------------


class Real:
    """Where freezegun does not look: it replaces the attributes of modules."""

    monotonic = staticmethod(monotonic_source())


def goes_on(read: Callable[[], float]) -> bool:
    """Whether a clock moves by itself; looked at for a moment at most."""
    begun, end = read(), Real.monotonic() + 0.05
    while Real.monotonic() < end:
        if read() > begun:
            return True
    return False


def test_a_system_clock_goes_on(frozen: Frozen):
    before = SystemClock()
    with frozen(Y2030):
        inside = SystemClock()
        assert goes_on(before.now)
        assert goes_on(inside.now)
        assert 0 <= inside.now() <= before.now() < 60_000
    assert goes_on(inside.now)
    assert 0 <= inside.now() <= before.now() < 60_000


def test_the_machines_time_is_not_frozen(frozen: Frozen):
    with frozen(Y2030):
        assert monotonic_source() is Real.monotonic
        assert goes_on(monotonic)


def test_freezegun_stops_the_one_of_the_library():
    """What all this is for."""
    with freeze_time("2030-01-01"):
        assert time.monotonic() == Y2030
        assert not goes_on(time.monotonic)


@pytest.mark.parametrize("kind", [ManualClock, SystemClock])
def test_waiting_ends(frozen: Frozen, kind: Any):
    mock = PusherMock(clock=kind())
    with frozen(Y2030), pytest.raises(ExpectationFailed, match=r"waited 0.02 s for .*, in vain"):
        mock.wait_until(lambda: False, timeout=0.02)


def test_importing_it_while_time_is_frozen():
    code = """if True:
        from freezegun import freeze_time

        with freeze_time("2030-01-01"):
            from pusher_mock import ExpectationFailed, PusherMock, SystemClock

            clock = SystemClock()
            mock = PusherMock(clock=clock)
            mock.server().trigger("c", "e", {})
            try:
                mock.wait_until(lambda: False, timeout=0.02)
            except ExpectationFailed:
                assert clock.now() >= 20
        assert 20 <= clock.now() < 60_000
        """
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.anyio
async def test_tasks_go_on_with_the_mocks_time(frozen: Frozen):
    clock = ManualClock()
    woken: list[float] = []

    async def sleeper() -> None:
        await clock.sleep(10)
        woken.append(clock.now())

    with frozen(Y2030):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sleeper)
            await clock.advance(20)
            assert woken == [10]


# A clock that follows ---------------------------------------------------------------------------


def test_it_stands_still_unless_told_to_follow(frozen: Frozen):
    mock = PusherMock()
    with frozen(Y2030) as shift:
        shift(HOUR)
        mock.server().trigger("c", "e", {})
        assert mock.clock.now() == 0


def test_it_follows_whenever_it_is_asked(frozen: Frozen):
    with frozen(Y2030) as shift:
        clock = ManualClock(follow_wall=True)
        assert clock.now() == 0
        shift(1.5)
        assert clock.now() == 1500
        clock.advance(500)
        assert clock.now() == 2000
        shift(1)
        clock.advance(500)
        assert clock.now() == 3500
        shift(1)
        clock.jump(500)
        assert clock.now() == 5000


def test_what_comes_due_runs_at_the_next_input(frozen: Frozen):
    with frozen(Y2030) as shift:
        mock = PusherMock(apps=[APP], clock=ManualClock(follow_wall=True))
        client = mock.client(connect=True)
        client.subscribe("c")
        client.unsubscribe("c")
        shift(2.9)
        mock.server(app_id="1", key="k", secret="s").trigger("other", "e", {})
        assert [kind for kind, _ in hooks(mock)] == ["channel_occupied"]
        shift(0.1)
        mock.server(app_id="1", key="k", secret="s").trigger("other", "e", {})
        assert hooks(mock)[1:] == [("channel_vacated", (Y2030 + 3) * 1000)]


def test_late_deliveries_arrive_when_the_wall_has_moved(frozen: Frozen):
    with frozen(Y2030) as shift:
        mock = PusherMock(clock=ManualClock(follow_wall=True), network="polling")
        heard: list[Any] = []
        mock.client(connect=True).subscribe("c").bind("e", heard.append)
        mock.server().trigger("c", "e", {"n": 1})
        assert heard == []
        shift(1)
        mock.clock.run_due()
        assert heard == ['{"n": 1}']


def test_a_wall_that_goes_back_is_followed_from_there(frozen: Frozen):
    with frozen(Y2030) as shift:
        clock = ManualClock(follow_wall=True)
        shift(5)
        assert clock.now() == 5000
        shift(-HOUR)
        assert clock.now() == 5000
        shift(1)
        assert clock.now() == 6000


def test_ticks_begin_where_the_wall_has_gone(frozen: Frozen):
    with frozen(Y2030) as shift:
        clock = ManualClock(follow_wall=True, autojump=True)
        ran: list[float] = []
        clock.call_at(1000, lambda: ran.append(clock.now()))
        clock.call_at(9000, lambda: ran.append(clock.now()))
        shift(5)
        assert clock.run_until_idle() == 4000
        assert ran == [5000, 9000]
        assert repr(clock) == "<ManualClock now=9000ms>"
