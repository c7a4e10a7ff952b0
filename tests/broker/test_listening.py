"""Connections that break, and endpoints that do not authorize."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from compat.broker import (
    BrokerDisconnected,
    BrokerMessage,
    InvalidTopic,
    PusherBroker,
    create_mock_broker,
)
from compat.broker.listening import Listener
from compat.broker.messages import unpack

if TYPE_CHECKING:
    from pusher_mock import PusherMock


class Answer:
    """What an endpoint says."""

    def __init__(self, status_code: int, auth: str = "") -> None:
        self.status_code = status_code
        self._auth = auth

    def json(self) -> Any:
        return {"auth": self._auth}


class Endpoint:
    """Authorizes topics that are not forbidden, unless it cannot be reached."""

    def __init__(self, mock: PusherMock) -> None:
        self._server = mock.server()
        self.error: OSError | None = None

    def __call__(self, url: str, *, data: dict[str, str], headers: Any) -> Answer:
        if self.error is not None:
            raise self.error
        if "forbidden" in data["channel_name"]:
            return Answer(403)
        signed = self._server.authenticate(data["channel_name"], data["socket_id"])
        return Answer(200, signed["auth"])


@pytest.fixture
def endpoint(mock: PusherMock) -> Endpoint:
    return Endpoint(mock)


@pytest.fixture
def broker(mock: PusherMock, endpoint: Endpoint) -> PusherBroker:
    """All handlers on one connection, as with the real SDKs."""
    server = mock.server()
    return PusherBroker(
        lambda: server, lambda: mock.client(auth_endpoint="http://app.test", poster=endpoint)
    )


def test_an_endpoint_that_cannot_be_reached(broker: PusherBroker, endpoint: Endpoint):
    seen: list[BrokerMessage] = []
    broker.subscribe("a", seen.append)
    endpoint.error = ConnectionError("nobody there")
    with pytest.raises(BrokerDisconnected, match="Pusher cannot be reached: nobody there"):
        broker.subscribe("private-b", seen.append)
    endpoint.error = None
    broker.subscribe("private-b", seen.append)
    broker.publish("private-b", 1)
    assert len(seen) == 1
    assert repr(broker) == "<PusherBroker subscriptions=2>"


def test_an_endpoint_that_refuses(broker: PusherBroker):
    broker.subscribe("a", print)
    with pytest.raises(AssertionError, match="Failed to get auth token"):
        broker.subscribe("private-forbidden", print)
    assert repr(broker) == "<PusherBroker subscriptions=1>"


def test_what_is_refused_on_connecting_keeps_nobody_else_from_it(
    broker: PusherBroker, endpoint: Endpoint, mock: PusherMock
):
    seen: list[BrokerMessage] = []
    with mock.network.refuse_connections():
        broker.subscribe("private-forbidden", seen.append)
        broker.subscribe("private-fine", seen.append)
        end = broker.subscribe("private-nobody", seen.append)
        end()
    mock.clock.advance(10_100)  # it takes a moment to find nobody
    broker.publish("private-fine", 1)
    assert len(seen) == 1
    assert [type(one.error) for one in mock.errors] == [AssertionError]
    mock.errors.clear()


def test_everything_is_subscribed_again_and_signed_anew(broker: PusherBroker, mock: PusherMock):
    seen: list[Any] = []
    for topic in ("a", "private-b"):
        broker.subscribe(topic, lambda message: seen.append(message.payload))
    broker.subscribe("a", lambda message: seen.append(("plain", message.payload)), event="plain")
    mock.network.disconnect_now(mock.core.connections[0].connection)
    broker.publish("a", "missed")
    mock.clock.advance(10_000)
    broker.publish("a", 1)
    broker.publish("private-b", 2)
    broker.publish("a", 3, event="plain")
    assert seen == [1, 2, ("plain", 3)]


def test_the_connection_stays_for_the_next_handler(broker: PusherBroker, mock: PusherMock):
    broker.subscribe("a", print)()
    assert len(mock.core.connections) == 1
    broker.subscribe("b", print)
    assert len(mock.core.connections) == 1
    broker.close()
    assert len(mock.core.connections) == 0


def test_a_mock_s_handlers_have_connections_of_their_own():
    with create_mock_broker() as broker:
        ends = [broker.subscribe("a", print) for _ in range(2)]
        assert len(broker.mock.core.connections) == 2
        ends[0]()
        assert len(broker.mock.core.connections) == 1


@pytest.mark.parametrize("user_data", [None, {"name": "Ann"}])
def test_a_presence_topic_where_nobody_says_who_subscribes(
    mock: PusherMock, user_data: dict[str, str] | None
):
    server, seen = mock.server(), []
    broker = PusherBroker(lambda: server, lambda: mock.client(user_data=user_data))
    with pytest.raises(InvalidTopic, match="presence-a is a presence channel"):
        broker.subscribe("presence-a", print)
    assert repr(broker) == "<PusherBroker subscriptions=0>"
    assert mock.core.connections == ()
    broker.subscribe("a", lambda message: seen.append(message.payload))
    broker.publish("a", 1)
    assert seen == [1]


def test_a_presence_topic_with_a_member(mock: PusherMock):
    server, seen = mock.server(), []
    broker = PusherBroker(lambda: server, lambda: mock.client(user_data={"user_id": "ann"}))
    broker.subscribe("presence-a", lambda message: seen.append(message.payload))
    broker.publish("presence-a", 1)
    assert seen == [1]
    assert server.users_info("presence-a") == {"users": [{"id": "ann"}]}


def test_a_connection_that_does_not_open_is_opened_by_the_next(mock: PusherMock):
    server, seen = mock.server(), []
    client: Any = mock.client()
    connect, client.connect = client.connect, lambda: 1 / 0
    broker = PusherBroker(lambda: server, lambda: client)
    with pytest.raises(ZeroDivisionError):
        broker.subscribe("a", print)
    assert repr(broker) == "<PusherBroker subscriptions=0>"
    client.connect = connect
    broker.subscribe("a", lambda message: seen.append(message.payload))
    broker.publish("a", 1)
    assert seen == [1]


def test_who_subscribes_while_a_connection_fails_to_open_opens_it():
    connecting, fail, tries = threading.Event(), threading.Event(), list[str]()

    class Client(WaitingClient):
        def connect(self) -> None:
            tries.append(threading.current_thread().name)
            if len(tries) == 1:
                connecting.set()
                fail.wait(5)
                raise OSError("meant")

    listener = Listener(Client(), lambda *_: None)  # type: ignore[arg-type]

    def open_in_vain() -> None:
        with pytest.raises(OSError, match="meant"):
            listener.open()

    first = threading.Thread(target=open_in_vain, name="first")
    second = threading.Thread(target=listener.open, name="second")
    first.start()
    assert connecting.wait(5)
    second.start()
    fail.set()
    for thread in (first, second):
        thread.join(5)
    assert tries == ["first", "second"]


def test_data_that_is_no_text():
    assert unpack("a", "e", {"n": 1}, made=("id", 7)) == BrokerMessage("id", "a", 7, {"n": 1})


class WaitingClient:
    """A client of pysher's that was about to reconnect: `disconnect()` does not keep it from it."""

    def __init__(self) -> None:
        self.connection = self
        self.state = "unavailable"
        self.disconnected = 0

    def bind(self, event: str, callback: Any) -> None:
        self.established = callback

    def disconnect(self, timeout: float | None = None) -> None:
        self.disconnected += 1
        raise RuntimeError("cannot join current thread")


def test_a_client_that_comes_back_after_it_was_closed_is_sent_away():
    client: Any = WaitingClient()
    listener = Listener(client, lambda subscription, data: None)
    listener.close()
    client.state = "connected"
    client.established("{}")
    assert client.disconnected == 2
