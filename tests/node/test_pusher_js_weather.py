"""pusher-js 8.6 under Node in bad weather: what it makes of silence, cuts and closed doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pusher_mock import ManualClock

from .clients import connect

if TYPE_CHECKING:
    from tests.wire.serving import Serving

    from .runner import NodeProcess

pytestmark = pytest.mark.enable_socket


def test_nobody_may_connect(serving: Serving, node: NodeProcess):
    server = serving.start()
    with server.mock.network.refuse_connections():
        client = connect(node, server, wait=False, unavailableTimeout=50)
        client.take("connection", "unavailable")
        assert client.errors() == []
    client.do("disconnect")
    assert connect(node, server).join("room") == {}


def test_the_fallback_transports_find_nobody_either(serving: Serving, node: NodeProcess):
    server = serving.start()
    transports = ["xhr_streaming", "xhr_polling"]
    with server.mock.network.disconnect_now():
        client = connect(
            node, server, wait=False, unavailableTimeout=50, enabledTransports=transports
        )
        client.take("connection", "unavailable")
    client.do("disconnect")
    client = connect(node, server, enabledTransports=transports)
    assert client.join("room") == {}


def test_they_are_cut_off(serving: Serving, node: NodeProcess):
    server = serving.start()
    mock = server.mock
    transports = ("ws", "xhr_streaming", "xhr_polling")
    clients = [connect(node, server, enabledTransports=[one]) for one in transports]
    for client in clients:
        client.join("room")
    before = [client.socket_id for client in clients]
    for socket_id in before:
        mock.network.disconnect_now(socket_id)
    mock.server().trigger("room", "lost", 1)
    after = [client.connected() for client in clients]
    assert not {*before} & {*after}
    for client in clients:
        client.take("room", "pusher:subscription_succeeded")
    mock.server().trigger("room", "e", 2)
    for client in clients:
        assert client.take("room", "e") == 2
        assert client.events("room") == [["e", 2]]


def test_silence(serving: Serving, node: NodeProcess):
    """It asks, hears nothing, and opens another connection."""
    server = serving.start()
    client = connect(node, server, activityTimeout=30, pongTimeout=30)
    client.join("room")
    before = client.socket_id
    server.mock.network.half_open(before)
    assert client.connected() != before
    client.take("room", "pusher:subscription_succeeded")


def test_late_and_twice(serving: Serving, node: NodeProcess):
    clock = ManualClock()
    server = serving.start(clock=clock)
    publisher = serving.publisher(server)
    client = connect(node, server)
    client.join("room")
    with server.mock.network.conditions(latency=500, duplicate_rate=1):
        publisher.trigger("room", "e", 1)
    client.fence()
    assert client.events("room") == []
    clock.advance(500)
    client.fence()
    assert client.events("room") == [["e", 1], ["e", 1]]
