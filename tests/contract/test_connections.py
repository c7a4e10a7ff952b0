"""The contract of a connection (facts 1.1, 1.8, 1.10, 1.12, 8.4)."""

from __future__ import annotations

import json
import re

import pytest

from .client import Client, named
from .services import Closed, Service


def test_established(service: Service):
    """facts 1.1.9, 1.1.11, 1.1.12, 1.2: string data, two numbers, 120 seconds."""
    frame = Client(service).established
    assert set(frame) == {"event", "data"}
    data = json.loads(frame["data"])
    assert data["activity_timeout"] == 120
    assert re.fullmatch(r"\d+\.\d+", data["socket_id"])


def test_two_connections_have_two_ids(service: Service):
    assert Client(service).socket_id != Client(service).socket_id


@pytest.mark.parametrize("protocol", [5, 6, 7])
def test_protocols(service: Service, protocol: int):
    """facts 1.11: nothing differs."""
    frame = service.connect(f"/app/{{key}}?protocol={protocol}&client=x&version=1.0").receive()
    assert isinstance(frame, dict)
    assert frame["event"] == "pusher:connection_established"


def test_the_order_of_parameters_and_further_ones_do_not_matter(service: Service):
    """facts 1.1.3, 1.1.4."""
    target = "/app/{key}?client=Pysher&version=1.0.7&flash=false&protocol=6&what=ever"
    frame = service.connect(target).receive()
    assert isinstance(frame, dict)
    assert frame["event"] == "pusher:connection_established"


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        (
            "/app/no-such-key?protocol=7&client=x&version=1.0",
            4001,
            "App key no-such-key not in this cluster. Did you forget to specify the cluster?",
        ),
        ("/ap/{key}?protocol=7&client=x&version=1.0", 4005, "Path not found"),
        ("//app/{key}?protocol=7&client=x&version=1.0", 4005, "Path not found"),
        ("/app/{key}?protocol=3&client=x&version=1.0", 4007, None),
        ("/app/{key}?protocol=8&client=x&version=1.0", 4007, None),
    ],
)
def test_refusals_come_after_the_upgrade(
    service: Service, target: str, code: int, text: str | None
):
    """facts 1.1.6, 1.1.7, 1.10: the event, then the close with the same code."""
    peer = service.connect(target)
    frame = peer.receive()
    assert isinstance(frame, dict)
    assert set(frame) == {"event", "data"}
    assert frame["event"] == "pusher:error"
    assert frame["data"]["code"] == code
    if text is not None:
        assert frame["data"]["message"] == text
    end = peer.receive()
    assert isinstance(end, Closed)
    assert end.code == code
    assert end.reason == frame["data"]["message"]


def test_ping(service: Service):
    """facts 1.12.1."""
    client = Client(service)
    client.say("pusher:ping", "")
    assert set(client.event("pusher:pong")) <= {"event", "data"}


def test_a_pong_that_nobody_asked_for(service: Service):
    client = Client(service)
    client.say("pusher:pong", {})
    client.nothing_more()


def test_early_frames_are_no_errors(service: Service):
    """facts 1.12.6: pysher pings before it has read anything."""
    peer = service.connect()
    peer.send('{"event": "pusher:ping", "data": ""}')
    names = []
    for _ in range(2):
        frame = peer.receive()
        assert isinstance(frame, dict)
        names.append(frame["event"])
    assert names == ["pusher:connection_established", "pusher:pong"]


def test_an_unknown_event(service: Service):
    """facts 1.8.6."""
    client = Client(service)
    client.say("pusher:nonsense", {})
    error = client.error()
    assert error["code"] is None
    assert error["message"] == "Unsupported event received on socket: pusher:nonsense"
    client.nothing_more()


@pytest.mark.parametrize("text", ["no json", "[]", "null", '{"data":{}}', '{"event":1}', ""])
def test_what_is_no_frame_leaves_the_connection_open(service: Service, text: str):
    """facts 8.4."""
    client = Client(service)
    client.peer.send(text)
    assert client.error()["code"] is None
    client.nothing_more()


def test_binary_messages_are_not_supported(service: Service):
    """facts 1.1.8, 8.4."""
    client = Client(service)
    client.peer.send(b'{"event":"pusher:ping","data":{}}')
    found = client.peer.receive()
    if isinstance(found, dict):
        assert found["event"] == "pusher:error"
        found = client.peer.receive()
    assert isinstance(found, Closed)
    assert found.code == 1003


def test_a_command_with_text_for_data(service: Service):
    """facts 1.2, 1.8.7."""
    client = Client(service)
    client.say("pusher:subscribe", json.dumps({"channel": named()}))
    assert client.error()["message"] == "Expected parameter data to be a hash"


def test_text_beyond_ascii(service: Service):
    """facts 1.1.8: both ways, and astral characters too."""
    channel = named()
    client = Client(service)
    client.subscribe(channel)
    if "subscription_count" in service.features:
        client.event("pusher_internal:subscription_count", channel)
    data = json.dumps({"text": "grüße 📈 \u2028"}, ensure_ascii=False)
    client.publish(channel, "größe", data)
    frame = client.event("größe", channel)
    assert frame["data"] == data


def test_a_long_message_arrives_whole(service: Service):
    """facts 2.5: 10,240 bytes of data, in one frame with a longer head."""
    channel = named("private-")
    client = Client(service)
    client.subscribe(channel)
    if "subscription_count" in service.features:
        client.event("pusher_internal:subscription_count", channel)
    for size in (100, 126, 1_000, 10_240):
        client.publish(channel, "e", "x" * size)
        assert client.event("e", channel)["data"] == "x" * size
