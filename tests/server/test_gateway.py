"""The gateway: room for connections, the end of mocks and servers, who sends webhooks."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from pusher_mock import App, PusherMock, Webhook
from pusher_mock.core import RETIRED
from pusher_mock.engine import CloseConnection, HttpRequested
from pusher_mock.protocol.frames import Frame
from pusher_mock.server import ServerLimits
from pusher_mock.server.gateway import Gateway
from pusher_mock.server.lines import BOARD

TARGET = "/app/mock-pusher-key?protocol=7&client=x&version=1.0"


class Line:
    def __init__(self) -> None:
        self.board = BOARD
        self.items: list[Any] = []

    def take(self, item: Any) -> None:
        self.items.append(item)

    @property
    def events(self) -> list[str]:
        return [one.event for one in self.items if isinstance(one, Frame)]

    @property
    def code(self) -> int | None:
        last = self.items[-1]
        return last.code if isinstance(last, CloseConnection) else None


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock()


def gateway_of(mock: PusherMock, **limits: Any) -> Gateway:
    return Gateway(mock, ServerLimits(**limits))


def test_no_room(mock: PusherMock, caplog: pytest.LogCaptureFixture):
    gateway = gateway_of(mock, connections=1)
    first, second, third = Line(), Line(), Line()
    box = gateway.accept(TARGET, first)
    assert box is not None
    assert gateway.accept(TARGET, second) is None
    assert second.events == ["pusher:error"]
    assert second.code == 4100
    assert "ServerLimits(connections=) allows more" in caplog.text
    gateway.lost(box)
    gateway.lost(box)
    assert gateway.accept(TARGET, third) is not None
    assert repr(gateway).startswith("<Gateway connections=1 of <PusherMock")
    gateway.close()
    gateway.close()


def test_the_end_of_the_server_sends_everybody_away(mock: PusherMock):
    gateway = gateway_of(mock)
    lines = [Line(), Line()]
    for line in lines:
        gateway.accept(TARGET, line)
    gateway.close()
    for line in lines:
        assert line.events == ["pusher:connection_established", "pusher:error"]
        assert line.code == 4200
    assert not mock.core.engine.state.connections


def test_a_closed_mock_refuses(mock: PusherMock, caplog: pytest.LogCaptureFixture):
    gateway = gateway_of(mock)
    mock.close()
    line = Line()
    assert gateway.accept(TARGET, line) is None
    assert line.items == [RETIRED]
    answer = gateway.request(HttpRequested("GET", "/apps/1/channels", ()))
    assert answer.status == 503
    assert answer.body.startswith("this mock is closed")
    gateway.close()


def test_an_unknown_key_is_refused_though_the_registry_is_open(
    mock: PusherMock, caplog: pytest.LogCaptureFixture
):
    """facts 1.10, 4001; the console names the keys that there are."""
    gateway = gateway_of(mock)
    gateway.open()
    line = Line()
    with caplog.at_level(logging.WARNING, "pusher_mock"):
        gateway.accept(TARGET.replace("mock-pusher-key", "typo"), line)
        gateway.close()  # which waits for the log
    assert line.code == 4001
    assert "keys known here: mock-pusher-key" in caplog.text
    assert list(mock.core.engine.state.by_key) == ["mock-pusher-key"]


def test_what_a_double_has_shown_is_known_on_the_wire(mock: PusherMock):
    gateway = gateway_of(mock)
    mock.server(app_id="7", key="another", secret="s").trigger("c", "e", {})
    line = Line()
    gateway.accept(TARGET.replace("mock-pusher-key", "another"), line)
    assert line.events == ["pusher:connection_established"]
    gateway.close()


def test_the_first_server_of_a_mock_sends_its_webhooks():
    hooks = (Webhook("http://127.0.0.1:9/hook"),)
    mock = PusherMock(apps=[App("1", "k", "s", webhooks=hooks)])
    first, second = gateway_of(mock), gateway_of(mock)
    sent: list[tuple[str, object]] = []
    first.webhooks.send = lambda webhook: sent.append(("first", webhook))  # type: ignore[method-assign]
    second.webhooks.send = lambda webhook: sent.append(("second", webhook))  # type: ignore[method-assign]
    first.open()
    second.open()
    client = mock.client(connect=True)
    client.subscribe("a")
    assert [who for who, _ in sent] == ["first"]
    first.close()
    client.subscribe("b")
    assert [who for who, _ in sent] == ["first", "second"]
    first.open()
    client.subscribe("c")
    second.close()
    assert [who for who, _ in sent] == ["first", "second", "second"]
    first.close()
    client.subscribe("d")
    assert len(sent) == 3
    assert len(mock.webhooks()) == 4


@pytest.mark.parametrize("name", ["connections", "frame", "body", "backlog", "farewell", "headers"])
def test_limits_are_above_nothing(name: str):
    with pytest.raises(Exception, match=rf"ServerLimits\({name}=\) takes a number above 0"):
        ServerLimits(**{name: 0})
