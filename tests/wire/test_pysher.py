"""`pysher`, unmodified, over real sockets."""

from __future__ import annotations

import json
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pysher
import pytest

from pusher_mock import ManualClock
from pusher_mock.protocol.defaults import KEY, SECRET

from .inbox import PATIENCE, Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock.server import ThreadedServer

    from .serving import Serving

pytestmark = pytest.mark.enable_socket

SUCCEEDED = "pusher_internal:subscription_succeeded"
ADDED = "pusher_internal:member_added"
REMOVED = "pusher_internal:member_removed"


class Subscriber:
    """A client, and what it hears.

    Args:
        server: where it connects.
        port: of what stands between, if anything does.
        user: as whom it joins presence channels.
        **options: further ones of ``pysher.Pusher``.
    """

    def __init__(
        self,
        server: ThreadedServer,
        user: str | None = None,
        *,
        port: int | None = None,
        key: str = KEY,
        **options: Any,
    ) -> None:
        self.pysher = pysher.Pusher(
            key,
            secure=False,
            custom_host=server.host,
            port=port or server.port,
            user_data={"user_id": user, "user_info": {"name": user.title()}} if user else None,
            **{"secret": SECRET, "reconnect_interval": 0, **options},
        )
        self.connections: Inbox[str] = Inbox("pusher:connection_established")
        self.errors: Inbox[Any] = Inbox("pusher:error")
        self._jobs: deque[Callable[[], object]] = deque()
        for event, callback in (
            ("pusher:connection_established", self.connections.put),
            ("pusher:error", self.errors.put),
            ("pusher:pong", self._work),
        ):
            self.pysher.connection.bind(event, callback)

    def connect(self) -> Subscriber:
        """Connect and wait for it."""
        self.pysher.connect()
        self.connections.take()
        return self

    def join(self, channel: str, *events: str) -> Inbox[tuple[str, Any]]:
        """Subscribe, and take note of events, decoded; the first is that of the success."""
        inbox: Inbox[tuple[str, Any]] = Inbox(channel)

        def subscribe() -> None:
            joined = self.pysher.subscribe(channel)
            for event in (SUCCEEDED, *events):
                joined.bind(event, lambda data, name=event: inbox.put((name, json.loads(data))))

        self._soon(subscribe)
        return inbox

    def disconnect(self) -> None:
        """Disconnect and wait until its thread has ended."""
        self._soon(self.pysher.disconnect)
        self.pysher.connection.join(PATIENCE)
        assert not self.pysher.connection.is_alive()

    def _soon(self, job: Callable[[], object]) -> None:
        """Have its own thread do something, as applications do in a callback (facts 5.2.13).

        From another thread what answers a subscription can be there before the channel is; and
        websocket-client, closed by another thread, may not notice for 100 seconds.
        """
        self._jobs.append(job)
        self.pysher.connection.send_event("pusher:ping", {})

    def _work(self, _: object) -> None:
        while self._jobs:
            job = self._jobs.popleft()
            with suppress(RuntimeError):  # facts 5.2.4: it cannot join itself
                job()


@pytest.fixture
def connect(serving: Serving) -> Iterator[Callable[..., Subscriber]]:
    """What connects clients; they end before the server does."""
    started: list[Subscriber] = []

    def start(*args: Any, **options: Any) -> Subscriber:
        started.append(Subscriber(*args, **options))
        return started[-1].connect()

    yield start
    for one in started:
        if one.pysher.connection.is_alive():
            one.disconnect()


def test_public_and_private_channels(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    publisher = serving.publisher(server)
    one, two = connect(server), connect(server)
    inboxes = [
        client.join(channel, "e") for client in (one, two) for channel in ("room", "private-room")
    ]
    for inbox in inboxes:
        assert inbox.take() == (SUCCEEDED, {})
    publisher.trigger(["room", "private-room"], "e", {"text": "grüß😀"})
    for inbox in inboxes:
        assert inbox.take() == ("e", {"text": "grüß😀"})
    for number in range(50):
        publisher.trigger("room", "e", number)
    for inbox in (inboxes[0], inboxes[2]):
        numbers = [data for _, data in inbox.all_of(52)[2:]]
        assert numbers == list(range(50))
    one.pysher.unsubscribe("private-room")
    two.pysher.unsubscribe("private-room")
    # What it sends is heard in order: when this is answered, so is that.
    for client in (one, two):
        client.join("last").take()
    assert sorted(publisher.channels_info()["channels"]) == ["last", "room"]


def test_presence(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    publisher = serving.publisher(server)
    ann, bob = connect(server, "ann"), connect(server, "bob")
    of_ann = ann.join("presence-room", ADDED, REMOVED)
    alone = {"count": 1, "ids": ["ann"], "hash": {"ann": {"name": "Ann"}}}
    assert of_ann.take() == (SUCCEEDED, {"presence": alone})
    of_bob = bob.join("presence-room", ADDED, REMOVED)
    _, joined = of_bob.take()
    assert joined["presence"]["hash"] == {"ann": {"name": "Ann"}, "bob": {"name": "Bob"}}
    assert of_ann.take() == (ADDED, {"user_id": "bob", "user_info": {"name": "Bob"}})
    assert publisher.users_info("presence-room") == {"users": [{"id": "ann"}, {"id": "bob"}]}
    bob.disconnect()
    assert of_ann.take() == (REMOVED, {"user_id": "bob"})
    assert len(of_bob.items) == 1


def test_client_events(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    ann, bob = connect(server, "ann"), connect(server, "bob")
    for channel in ("private-room", "presence-room"):
        of_ann, of_bob = ann.join(channel, "client-e"), bob.join(channel, "client-e")
        of_ann.take()
        of_bob.take()
        ann.pysher.channels[channel].trigger("client-e", {"n": 1})
        assert of_bob.take() == ("client-e", {"n": 1})
        bob.pysher.channels[channel].trigger("client-e", {"n": 2})
        assert of_ann.take() == ("client-e", {"n": 2})
        assert (len(of_ann.items), len(of_bob.items)) == (2, 2)
    assert ann.errors.items == bob.errors.items == []


def test_an_endpoint_signs(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    origin = serving.origin(server)
    client = connect(server, secret="", auth_endpoint=f"{origin.url}/pusher/auth")
    assert client.join("private-room").take() == (SUCCEEDED, {})


def test_a_wrong_secret(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    client = connect(server, secret="guessed")
    client.join("private-room")
    error = client.errors.take()
    assert error["code"] is None
    assert error["message"].startswith("Invalid signature: Expected HMAC SHA256 hex digest of")
    assert client.join("room").take() == (SUCCEEDED, {})


def test_an_unknown_key_is_not_tried_again(serving: Serving):
    server = serving.start()
    client = Subscriber(server, key="nobodys")
    client.pysher.connect()
    assert client.errors.take()["code"] == 4001
    client.pysher.connection.join(PATIENCE)
    assert not client.pysher.connection.is_alive()  # facts 1.10: it needs the event
    assert client.connections.items == []


@pytest.mark.parametrize("how", ["farewell", "cable"])
def test_reconnect(serving: Serving, connect: Callable[..., Subscriber], how: str):
    server = serving.start()
    publisher = serving.publisher(server)
    cable = serving.cable(server)
    client = connect(server, port=cable.port, auto_sub=True)
    inbox = client.join("room", "e")
    inbox.take()
    publisher.trigger("room", "e", 1)
    assert inbox.take() == ("e", 1)
    before = client.pysher.connection.socket_id
    if how == "cable":
        cable.cut()
    else:
        server.gateway.farewell()
    client.connections.take()
    assert inbox.take() == (SUCCEEDED, {})
    assert client.pysher.connection.socket_id != before
    publisher.trigger("room", "e", 2)
    assert inbox.take() == ("e", 2)
    assert publisher.channels_info() == {"channels": {"room": {}}}
    assert len(server.mock.core.connections) == 1


def test_it_is_asked_and_answers(serving: Serving, connect: Callable[..., Subscriber]):
    clock = ManualClock()
    server = serving.start(clock=clock)
    publisher = serving.publisher(server)
    client = connect(server)
    inbox = client.join("room", "e")
    inbox.take()
    for number in range(3):
        clock.advance(60_000)  # facts 1.12.3
        publisher.trigger("room", "e", number)
        assert inbox.take() == ("e", number)
        client.join(f"after-{number}").take()  # its answer came before this
        clock.advance(14_000)
    assert len(client.connections.items) == 1


def test_a_double_and_a_client_meet(serving: Serving, connect: Callable[..., Subscriber]):
    server = serving.start()
    client = connect(server, "wire")
    inbox = client.join("presence-room", "e", "client-e", ADDED, REMOVED)
    inbox.take()
    double = server.mock.client(user_data={"user_id": "memory"}, connect=True)
    heard: Inbox[Any] = Inbox("the double")
    channel = double.subscribe("presence-room")
    channel.bind("client-e", heard.put)
    assert inbox.take() == (ADDED, {"user_id": "memory"})
    server.mock.server().trigger("presence-room", "e", [1])
    assert inbox.take() == ("e", [1])
    channel.trigger("client-e", 2)
    assert inbox.take() == ("client-e", 2)
    client.pysher.channels["presence-room"].trigger("client-e", {"n": 3})
    assert json.loads(heard.take()) == {"n": 3}
    double.disconnect()
    assert inbox.take() == (REMOVED, {"user_id": "memory"})
