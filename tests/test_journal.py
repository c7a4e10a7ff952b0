"""The journal: bounded, in order, and the same text for the same seed and inputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from pusher_mock import App, MockPusherServer, PusherMock, UsageError, Webhook
from pusher_mock.engine import (
    Broadcast,
    Effect,
    HttpRequested,
    Published,
    PublishedEvent,
    Respond,
    TimerFired,
)
from pusher_mock.journal import Journal
from pusher_mock.protocol.frames import Frame

HOOKED = App("1", "k", "s", webhooks=(Webhook("http://app.test/hook"),), client_events=True)


def lines(mock: PusherMock) -> list[str]:
    return mock.journal.dumps().splitlines()


# Keeping ----------------------------------------------------------------------------------------


def test_entries_are_numbered_inputs_with_their_effects():
    mock = PusherMock()
    server = mock.server()
    server.trigger("c", "e", {})
    mock.clock.advance(5)
    server.channels_info()
    entries = list(mock.journal)
    assert [entry.number for entry in entries] == list(range(len(entries)))
    last = entries[-1]
    assert last.at == 5
    assert isinstance(last.input, HttpRequested)
    assert isinstance(last.effects[-1], Respond)
    assert len(mock.journal) == len(entries)


def test_the_oldest_drop_out():
    journal = PusherMock(journal=2).journal
    assert (len(journal), journal.evicted, journal.size) == (0, 0, 2)
    mock = PusherMock(journal=2)
    for number in range(4):
        mock.server().trigger("c", "e", number)
    assert [entry.number for entry in mock.journal] == [3, 4]
    assert (len(mock.journal), mock.journal.evicted) == (2, 3)
    assert [one.data for one in mock.journal.published()] == [2, 3]
    assert repr(mock.journal) == "<Journal inputs=2 size=2 evicted=3>"
    mock.journal.clear()
    assert (len(mock.journal), mock.journal.evicted) == (0, 0)
    assert repr(mock.journal) == "<Journal inputs=0 size=2>"


@pytest.mark.parametrize("size", [0, -5])
def test_a_size_that_keeps_nothing(size: int):
    with pytest.raises(UsageError, match=f"journal takes a number of inputs above 0, not {size}"):
        Journal(size)
    with pytest.raises(UsageError):
        PusherMock(journal=size)


# The text ---------------------------------------------------------------------------------------


def test_the_text_of_a_small_story():
    mock = PusherMock(apps=[HOOKED], seed=1)
    client = mock.client(connect=True)
    channel = client.subscribe("private-c")
    mock.server().trigger("private-c", "e", {"n": 1})
    channel.trigger("client-e", {"m": 2})
    mock.clock.advance(10_000.25)
    client.disconnect()
    mock.clock.advance(1_234_567)
    socket_id = next(
        entry.input.socket_id for entry in mock.journal if hasattr(entry.input, "socket_id")
    )
    found = lines(mock)
    assert found[:2] == [
        "0 0ms credentials - k",
        f"1 0ms opened mock-connection-1 {socket_id} /app/k?client=Pysher&version=1.0.7&protocol=6",
    ]
    text = "\n".join(found)
    for line in (
        '    send mock-connection-1 {"event":"pusher:pong","data":"{}"}',
        '"data": {"channel": "private-c", "auth": "k:<hmac>"}}',
        "0ms http POST /apps/1/events "
        '{"name": "e", "channels": ["private-c"], "data": "{\\\\"n\\\\": 1}"}',
        '    published private-c e {"n": 1}',
        '    broadcast mock-connection-1 {"event":"e","channel":"private-c",',
        "    respond 200 {}",
        '    client-published private-c client-e {"m":2}',
        '    webhook http://app.test/hook {"time_ms":<time>,"events":[{"name":"channel_occupied"',
        "10000.25ms closed mock-connection-1",
        "13000.25ms timer",
        '{"name":"channel_vacated","channel":"private-c"}',
    ):
        assert line in text, f"{line}\n\n{text}"


def test_every_kind_of_line():
    mock = PusherMock(seed=1)
    mock.state.subscribe("one", "c")
    mock.clock.advance(150_000)
    assert "    ping one" in lines(mock)
    assert "pong one" in lines(mock)[-1]
    client = mock.client(connect=True)
    socket = client.connection.socket
    assert socket is not None
    socket.send(b"binary")
    assert "received mock-connection-2 binary" in mock.journal.dumps()
    assert "    close mock-connection-2 1003 Binary messages are not supported" in lines(mock)
    client = mock.client(connect=True)
    client.subscribe("private-c", auth=f"mock-pusher-key:{'ab' * 32}")
    assert "but got <hmac>" in mock.journal.dumps()
    mock.server().channels_info("presence-", ["user_count"])
    assert "http GET /apps/mock-app-id/channels?info=user_count&filter_by_prefix=presence-" in (
        mock.journal.dumps()
    )


def test_signatures_hashes_and_times_are_left_out():
    mock = PusherMock()
    MockPusherServer("1", "k", "right", mock=mock).trigger("c", "e", {})
    wrong = MockPusherServer("1", "k", "wrong", mock=mock)
    for call in (lambda: wrong.trigger("c", "e", {}), lambda: wrong.channels_info()):
        with pytest.raises(Exception, match="Invalid signature"):
            call()
    request = wrong._pusher_client.trigger.make_request("c", "e", "d")
    request.query_params["auth_timestamp"] = "5"
    with pytest.raises(Exception, match="Timestamp expired"):
        wrong._pusher_client.http.send_request(request)
    text = mock.journal.dumps()
    assert "auth_timestamp=<time>&auth_version=1.0&body_md5=<md5>" in text
    assert 'but you sent "<hmac>"' in text
    assert "Given timestamp (<time>) not within 600s of server time (<time>)" in text
    assert "auth_signature" not in text
    for secret in ("right", "wrong"):
        assert f" {secret}" not in text


@pytest.mark.parametrize(
    "data",
    [
        {"digest": "ab" * 32, "id": "cd" * 16, "at": "2026-01-02T03:04:05Z"},
        {"time_ms": 123, "auth": f"k:{'ef' * 32}"},
        "auth_timestamp=17",
    ],
)
def test_the_applications_data_stays_as_it_is(data: Any):
    mock = PusherMock()
    mock.server().trigger("c", "e", data)
    raw = data if isinstance(data, str) else json.dumps(data)
    (line,) = [one for one in lines(mock) if one.startswith("    published")]
    assert line == f"    published c e {raw}"
    assert "<" not in mock.journal.dumps()


@pytest.mark.parametrize(
    "text", ["a\nb", "a\rb", "a\u2028b", "a\x85b", "a\x0bb", "a\\nb", "ł\ud800"]
)
def test_a_line_is_a_line_and_can_be_written(text: str):
    mock = PusherMock()
    mock.state.trigger("c", text, text)
    mock.core.request(HttpRequested("POST", "/apps/1/events", (), b'{\n  "pretty": "\xff"\n}'))
    found = lines(mock)
    assert len(found) == 5
    assert found[1].startswith("    published c ")
    assert '{\\n  "pretty": "\\\\xff"\\n}' in found[3]
    mock.journal.dumps().encode()
    other = PusherMock()
    other.state.trigger("c", text.replace("\\n", "\n"), text.replace("\\n", "\n"))
    assert (lines(other)[1] == found[1]) is ("\\n" not in text)


# The same in every process ----------------------------------------------------------------------

STORY = """
import sys
from pusher_mock import PusherMock

with PusherMock(seed=int(sys.argv[1])) as mock:
    server = mock.server(encryption_master_key_base64="A" * 43 + "=")
    clients = [mock.client(connect=True, user_data={"user_id": str(n)}) for n in range(3)]
    for client in clients:
        for name in ("public", "private-c", "presence-c", "private-encrypted-c"):
            client.subscribe(name)
    server.trigger({"public"}, "e", {"b": 1, "a": [2]})
    server.trigger("private-encrypted-c", "e", {"n": 1})
    server.trigger_batch([{"channel": "private-c", "name": "e", "data": n} for n in range(3)])
    clients[0].channel("private-c").trigger("client-e", {"x": 1})
    mock.clock.advance(100_000)
    clients[1].disconnect()
    server.channels_info("presence-", ["user_count"])
    sys.stdout.write(mock.journal.dumps())
"""


def story(seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", STORY, str(seed)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_same_seed_and_inputs_give_the_same_text():
    first, second, other = story(1, "1"), story(1, "2"), story(2, "1")
    assert len(first.splitlines()) > 30
    assert first == second
    assert first != other


def test_a_very_large_audience_is_not_named_one_by_one():
    """With churn every fan-out has a list of its own, and thousands of lists would be kept."""
    journal = Journal()
    names = tuple(f"c{number}" for number in range(1_003))
    frame = Frame("e", "{}", "c")
    published = Published(PublishedEvent("1", "c", "e", "{}", 0))
    effects: list[Effect] = [published, Broadcast(frame, names), Broadcast(frame, names[:2])]
    journal.append(0, TimerFired(), effects)
    kept = next(iter(journal)).effects
    assert kept == [published, Broadcast(frame, names[:1_000], 3), effects[2]]
    assert effects[1] == Broadcast(frame, names)
    assert f"{names[999]}+3 " in journal.dumps()


def test_of_a_large_refused_request_only_the_beginning_is_kept():
    """Whoever is not let in cannot fill the memory."""
    journal = Journal()
    request = HttpRequested("POST", "/apps/1/events", (), b"x" * 30_000)
    journal.append(0, request, [Respond(401, "no\n")])
    journal.append(0, request, [Respond(200, "{}")])
    refused, accepted = [entry.input for entry in journal]
    assert isinstance(refused, HttpRequested)
    assert refused.body == b"x" * 20_000
    assert accepted is request
