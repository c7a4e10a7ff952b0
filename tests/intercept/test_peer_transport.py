"""The transport in memory, as a library on an event loop uses one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from pusher_mock.intercept import visits
from pusher_mock.intercept.peer_transport import PeerTransport, connect
from pusher_mock.intercept.visits import Claim

from .test_peer_socket import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock import PusherMock

pytestmark = pytest.mark.parametrize("run", [asyncio.run, uvloop.run])


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """No interception has these connections, so any that is left can go."""
    yield
    visits.release()


class Ears(asyncio.Protocol):
    """A protocol that keeps what it is told."""

    def __init__(self, *, stays: bool = False) -> None:
        self.told: list[Any] = []
        self._stays = stays

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.told.append("made")

    def data_received(self, data: bytes) -> None:
        self.told.append(data)

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self._stays

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(f"lost {exc}")


def made(mock: PusherMock, ears: Ears) -> PeerTransport:
    return connect(Claim(mock.core, "aiohttp", "api-eu.pusher.com", 443, True), ears)


async def turn() -> None:
    """Let the loop do what it was told to."""
    for _ in range(4):
        await asyncio.sleep(0)


def test_what_it_is(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        ears = Ears()
        transport = made(mock, ears)
        assert transport.get_extra_info("peername") == ("api-eu.pusher.com", 443)
        assert transport.get_extra_info("socket") is None
        assert transport.get_protocol() is ears
        transport.set_write_buffer_limits(1, 0)
        assert transport.get_write_buffer_size() == 0
        assert transport.get_write_buffer_limits() == (0, 0)
        assert transport.can_write_eof()
        assert transport.is_reading()
        assert repr(transport) == "<PeerTransport to api-eu.pusher.com:443>"
        transport.abort()
        assert not transport.is_reading()
        assert repr(transport) == "<PeerTransport to api-eu.pusher.com:443 closed>"
        await turn()
        assert ears.told == ["made", "lost None"]
        transport.write(b"late")
        transport.close()
        await turn()
        assert len(ears.told) == 2

    run(work())


def test_reading(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        first, second = Ears(), Ears(stays=True)
        transport = made(mock, first)
        transport.pause_reading()
        transport.writelines([HEAD[:7], HEAD[7:]])
        await turn()
        assert first.told == ["made"]
        transport.resume_reading()
        transport.resume_reading()
        transport.set_protocol(second)
        await turn()
        assert second.told[0].startswith(b"HTTP/1.1 101")
        assert b"connection_established" in second.told[1]
        transport.write_eof()
        assert not mock.core.connections
        await turn()
        assert second.told[2:] == ["eof"]
        transport.close()
        await turn()
        assert second.told[3:] == ["lost None"]

    run(work())


def test_the_end_of_an_answer(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        ears = Ears()
        transport = made(mock, ears)
        transport.write(b"GET /apps/1/channels HTTP/1.1\r\nHost: h\r\n\r\n")
        await turn()
        assert b"401" in ears.told[1]
        assert ears.told[-2:] == ["eof", "lost None"]
        transport.put(b"late")

    run(work())


def test_waiting_until_it_has_been_given_everything(run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        transport = made(mock, Ears())
        transport.write(HEAD)
        mock.wait_until_delivered()  # only this thread could hand it over
        assert not transport.at_rest(caller=0)
        await asyncio.to_thread(mock.wait_until_delivered)
        assert transport.at_rest(caller=0)
        transport.close()
        await turn()

    run(work())


def test_paused_by_what_it_reads(run: Callable[[Any], None], mock: PusherMock):
    class Pausing(Ears):
        transport: PeerTransport

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self.transport.pause_reading()

    async def work() -> None:
        ears = Pausing()
        transport = ears.transport = made(mock, ears)
        transport.write(HEAD)
        await turn()
        assert len(ears.told) == 2
        transport.resume_reading()
        await turn()
        assert len(ears.told) == 3
        transport.close()
        await turn()

    run(work())


def test_a_protocol_that_fails(run: Callable[[Any], None], mock: PusherMock):
    class Failing(Ears):
        def data_received(self, data: bytes) -> None:
            raise ZeroDivisionError

    async def work() -> None:
        reported: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: reported.append(context["exception"])
        )
        ears = Failing()
        made(mock, ears).write(HEAD)
        await turn()
        assert [type(one) for one in reported] == [ZeroDivisionError]
        assert ears.told == ["made", "lost None"]
        assert not mock.core.connections

    run(work())
