"""What happened on a mock, line by line, and in colour."""

from __future__ import annotations

import io
from typing import Any

import pytest

from pusher_mock import PusherMock
from pusher_mock.testing.colours import paint, wanted
from pusher_mock.testing.report import report
from pusher_mock.testing.timeline import timeline


def test_what_happened():
    mock = PusherMock()
    one = mock.recording_subscriber("c")
    mock.recording_subscriber("private-c", "c")
    mock.server().trigger("c", "e", {"n": 1})
    mock.clock.advance(5)
    with mock.network.conditions(latency=60, connection=one):
        mock.server().trigger("c", "e", "x" * 60)
    with mock.network.conditions(drop_rate=1, connection=one):
        mock.server().trigger("c", "f", 1)
    with mock.network.conditions(duplicate_rate=1, connection="mock-connection-2"):
        mock.server().trigger("private-c", "g", 1)
    mock.network.disconnect_now(one)
    client = mock.client(connect=True)
    client.disconnect()
    mock.network.close("mock-connection-2", 4200, "go")
    with pytest.raises(Exception, match="503"), mock.network.fail_publishes(times=1):
        mock.server().trigger("c", "e", 1)
    shortened = f"{'x' * 40}… (60 characters)"
    assert timeline(mock.journal, 99) == [
        "what happened last:",
        "  0 ms  opened     mock-connection-1",
        "  0 ms  opened     mock-connection-2",
        '  0 ms  published  e on c with {"n": 1}',
        '  0 ms  delivered  e on c with {"n": 1} to mock-connection-1, mock-connection-2',
        f"  5 ms  published  e on c with {shortened}",
        f"  5 ms  delivered  e on c with {shortened} to mock-connection-2",
        f"  5 ms  under way  e on c with {shortened} to mock-connection-1 at 65 ms",
        "  5 ms  published  f on c with 1",
        "  5 ms  delivered  f on c with 1 to mock-connection-2",
        "  5 ms  dropped    f on c with 1 for mock-connection-1: loss",
        "  5 ms  published  g on private-c with 1",
        "  5 ms  delivered  g on private-c with 1 to mock-connection-2",
        "  5 ms  delivered  g on private-c with 1 to mock-connection-2 again",
        "  5 ms  network    cut mock-connection-1",
        "  5 ms  closed     mock-connection-1",
        f"  5 ms  dropped    e on c with {shortened} for mock-connection-1: closed",
        "  5 ms  opened     mock-connection-3",
        "  5 ms  closed     mock-connection-3",
        "  5 ms  closed     mock-connection-2: 4200 go",
        "  5 ms  opened     mock-connection-4",
        "  5 ms  refused    HTTP 503 The network has failed this call",
    ]
    assert timeline(mock.journal)[0] == "what happened last, after 9 earlier things:"
    assert len(timeline(mock.journal)) == 13


def test_a_queue_that_blocks_a_client_s_event_and_a_call_without_an_answer():
    mock = PusherMock(network="queue=1 overflow=block")
    one, two = (mock.recording_subscriber("private-c") for _ in range(2))
    assert one.client is not None
    with mock.network.pause(two):
        for _ in range(2):
            one.client.channels["private-c"].trigger("client-e", 1)
    with pytest.raises(Exception, match="timeout"), mock.network.fail_publishes("timeout"):
        mock.server().trigger("c", "e", 1)
    text = "\n".join(timeline(mock.journal, 99))
    assert "published  client-e on private-c by a client with 1\n" in text
    assert (
        "under way  client-e on private-c with 1 to mock-connection-2 behind a full queue" in text
    )
    assert "network    no answer: timeout" in text


def test_many_recipients_are_not_all_named():
    mock = PusherMock()
    for number in range(6):
        mock.state.subscribe(f"s{number}", "c")
    mock.server().trigger("c", "e", 1)
    assert timeline(mock.journal, 1)[1] == (
        "  0 ms  delivered  e on c with 1 to s0, s1, s2, s3 and 2 more"
    )


def test_nothing_happened():
    assert timeline(PusherMock().journal) == []


# Beside a failing test --------------------------------------------------------------------------


def test_the_report_has_the_weather():
    mock = PusherMock(seed=3, network="drop_rate=1")
    assert report(mock) == (
        "seed 3, network drop_rate=1; again with PUSHER_MOCK_SEED=3 "
        "PUSHER_MOCK_NETWORK=drop_rate=1\nnothing was published"
    )
    mock.recording_subscriber("c")
    mock.server().trigger("c", "e", 1)
    with mock.network.conditions(drop_rate=0, latency=5):
        mock.server().trigger("c", "e", 2)
    assert report(mock, pytest=True) == (
        "seed 3, network drop_rate=1; again with --pusher-mock-seed=3 "
        "--pusher-mock-network=drop_rate=1\n"
        "weather: at 0 ms latency=5 drop_rate=0 (until 0 ms); given by the test, it repeats by "
        "itself\n"
        "2 published:\n"
        "  at 0 ms: e on c with 1\n"
        "  at 0 ms: e on c with 2\n"
        "1 dropped:\n"
        "  at 0 ms: e on c with 1 for mock-connection-1 was dropped: loss\n"
        "1 under way:\n"
        "  e on c with 2 to mock-connection-1 is under way, due at 5 ms\n"
        "subscribed: c (1)"
    )


def test_the_report_of_a_usual_mock():
    mock = PusherMock()
    assert report(mock) is None
    mock.server().trigger("c", "e", 1)
    assert report(mock) == "seed 0, network perfect\n1 published:\n  at 0 ms: e on c with 1"


# Colours ----------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "stream", "answer"),
    [
        ({}, Terminal(), True),
        ({}, io.StringIO(), False),
        ({}, object(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"NO_COLOR": ""}, Terminal(), True),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, Terminal(), False),
        ({"PY_COLORS": "1", "NO_COLOR": "1"}, io.StringIO(), True),
        ({"PY_COLORS": "0", "FORCE_COLOR": "1"}, Terminal(), False),
        ({"PY_COLORS": "maybe"}, Terminal(), True),
    ],
)
def test_where_there_are_colours(environ: dict[str, str], stream: Any, answer: bool):
    assert wanted(stream, environ) is answer


def test_standard_error_by_default(monkeypatch: pytest.MonkeyPatch):
    for name in ("PY_COLORS", "NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stderr", Terminal())
    assert wanted()


RED, GREEN, BOLD, DIM, CYAN, END = (f"\x1b[{n}m" for n in (31, 32, 1, 2, 36, 0))


@pytest.mark.parametrize(
    ("plain", "painted"),
    [
        ("      data.a: 'x' ≠ 'y'", f"      data.a: {RED}'x'{END} ≠ {GREEN}'y'{END}"),
        ("    channel is 'a', not 'b'", f"    channel is {RED}'a'{END}, not {GREEN}'b'{END}"),
        ("  data.a: missing, wanted 1", f"  data.a: missing, wanted {GREEN}1{END}"),
        ("expected e on c", f"{BOLD}expected e on c{END}"),
        ("  at 5 ms: e on c", f"  {DIM}at 5 ms{END}: e on c"),
        ("  0.5 ms  delivered  e", f"  {DIM}0.5 ms{END}  {GREEN}delivered{END}  e"),
        ("  0 ms  dropped    e", f"  {DIM}0 ms{END}  {RED}dropped{END}    e"),
        ("@@ -1,2 +1,2 @@", f"{CYAN}@@ -1,2 +1,2 @@{END}"),
        ("-a", f"{GREEN}-a{END}"),
        ("+a", f"{RED}+a{END}"),
        ("whatever else", "whatever else"),
    ],
)
def test_painted(plain: str, painted: str):
    assert paint(f"\n{plain}\n") == f"\n{painted}\n"
