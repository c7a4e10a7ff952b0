"""A singleton imported once, a fresh mock for every test, and no socket anywhere."""

import socket

import pusher
import pytest
from compat import get_pusher_server, override, pusher_server
from pusher_mock import MockPusherServer, PusherMock
from pytest_socket import SocketBlockedError

from boards.realtime import NEW_MESSAGE


@pytest.mark.parametrize("number", [1, 2])
def test_each_test_sees_its_own_events_only(pusher_mock: PusherMock, number: int) -> None:
    pusher_server.trigger("task-1", NEW_MESSAGE, {"messageId": str(number)})
    assert [event.data for event in pusher_mock.published()] == [{"messageId": str(number)}]


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_sockets_are_blocked() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket()


def test_switch() -> None:
    assert type(get_pusher_server()) is MockPusherServer
    with override(use_mocks=False, app_id="123", key="k", secret="s", cluster="eu"):
        assert type(get_pusher_server()) is pusher.Pusher
