"""The subscriber that awaits, in bad weather and with a clock that jumps."""

from __future__ import annotations

import threading
from math import inf
from typing import Any

import anyio
import anyio.to_thread
import pytest

from pusher_mock import ManualClock, PusherMock, SystemClock
from pusher_mock.protocol.errors import (
    ExpectationFailed,
    ProtocolViolation,
    Unreachable,
    UsageError,
)

pytestmark = pytest.mark.anyio

HOUR = 3_600.0


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(clock=ManualClock(autojump=True))


async def test_nobody_may_connect(mock: PusherMock):
    with mock.network.disconnect_now(), pytest.raises(Unreachable) as refused:
        await mock.async_client().connect()
    assert refused.value.kind == "refused"


async def test_a_cut(mock: PusherMock):
    async with mock.async_client() as client:
        channel = await client.subscribe("c")
        mock.network.disconnect_after(1, "mock-connection-1")
        mock.server().trigger("c", "e", 1)
        assert (await channel.next("e")).data == 1
        with pytest.raises(ProtocolViolation) as cut:
            await channel.next("e")
    assert cut.value.code == 1006


@pytest.mark.parametrize("signed", [True, False])
async def test_an_authorization_fails(mock: PusherMock, signed: bool):
    options: dict[str, Any] = {} if signed else {"authorizer": mock.server().authenticate}
    async with mock.async_client(**options) as client:
        with (
            mock.network.fail_authorizations(502, channel="private-*"),
            pytest.raises(ProtocolViolation, match="Unable to authorize private-c") as failed,
        ):
            await client.subscribe("private-c")
        assert failed.value.status == 502
        with (
            mock.network.fail_authorizations("timeout", times=1),
            pytest.raises(Unreachable, match="timeout"),
        ):
            await client.subscribe("private-c")
        await client.subscribe("public")
        with mock.network.fail_authorizations(channel="presence-*"):
            assert (await client.subscribe("private-c")).subscribed


# A clock that jumps ------------------------------------------------------------------------------


async def test_what_is_late_is_not_waited_for(mock: PusherMock):
    async with mock.async_client(timeout=HOUR) as client:
        channel = await client.subscribe("c")
        with mock.network.conditions(latency=60_000):
            mock.server().trigger("c", "e", 1)
            assert (await channel.next("e")).data == 1
    assert mock.clock.now() == 60_000


async def test_a_time_limit_is_of_that_clock(mock: PusherMock):
    async with mock.async_client() as client:
        channel = await client.subscribe("c")
        with mock.network.conditions(latency=60_000):
            mock.server().trigger("c", "e", 1)
        with pytest.raises(ExpectationFailed, match="waited 5 s for e on c"):
            await channel.next("e")
        assert mock.clock.now() == 5_000
        with pytest.raises(ExpectationFailed):
            await channel.next(timeout=0)
        assert mock.clock.now() == 5_000
        assert (await channel.next("e", timeout=HOUR)).data == 1


async def test_tasks_have_their_turn_before_it_jumps(mock: PusherMock):
    async with mock.async_client(timeout=HOUR) as client, anyio.create_task_group() as tasks:
        channel = await client.subscribe("c")

        async def publish() -> None:
            await mock.clock.sleep(30_000)
            mock.server().trigger("c", "e", mock.clock.now())

        tasks.start_soon(publish)
        assert (await channel.next("e")).data == 30_000


async def test_without_a_limit(mock: PusherMock):
    """``async for`` waits for ever; while only pings are due, that is for somebody outside."""
    async with mock.async_client() as client:
        channel = await client.subscribe("c")
        heard = []

        async def listen() -> None:
            async for event in channel:
                heard.append(event.data)
                if len(heard) == 2:
                    return

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await anyio.lowlevel.checkpoint()
            mock.server().trigger("c", "e", 1)
            with mock.network.conditions(latency=1_000):
                mock.server().trigger("c", "e", 2)
        assert heard == [1, 2]
        assert mock.clock.now() == 1_000


async def test_somebody_outside():
    """A thread publishes while nothing is due that would bring anything about."""
    waits = threading.Event()

    class Watched(ManualClock):
        @property
        def idle(self) -> bool:
            waits.set()
            return super().idle

    mock = PusherMock(clock=Watched(autojump=True))

    def publish() -> None:
        assert waits.wait(5)
        mock.server().trigger("c", "e", 1)

    async with mock.async_client() as client, anyio.create_task_group() as tasks:
        channel = await client.subscribe("c")
        tasks.start_soon(anyio.to_thread.run_sync, publish)
        assert (await channel.next(timeout=inf)).data == 1
    assert mock.clock.now() == 0


async def test_another_clock_is_waited_for_in_its_own_time():
    mock = PusherMock(clock=SystemClock())
    async with mock.async_client() as client:
        channel = await client.subscribe("c")
        with pytest.raises(ExpectationFailed, match=r"waited 0\.01 s"):
            await channel.next(timeout=0.01)


def test_waiting_without_tasks(mock: PusherMock):
    client = mock.client(connect=True)
    heard: list[str] = []
    client.subscribe("c").bind("e", heard.append)
    with mock.network.conditions(latency=4_000):
        mock.server().trigger("c", "e", 1)
        mock.wait_until(lambda: heard)
    assert mock.clock.now() == 4_000
    with pytest.raises(ExpectationFailed, match="waited 5 s"):
        mock.wait_until(lambda: len(heard) == 2)
    assert mock.clock.now() == 9_000


async def test_a_closed_subscriber(mock: PusherMock):
    client = mock.async_client()
    await client.connect()
    await client.aclose()
    with pytest.raises(UsageError, match="is closed"):
        await client.next()
