"""The transports xhr_streaming and xhr_polling, as pusher-js speaks them (facts 4.2)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.routing import NoMatchFound
from tests.server.calls import Call, ask, asking, within

from pusher_mock import App, PusherMock
from pusher_mock.server import ServerLimits
from pusher_mock.server.fallback import Fallback, fallback_routes, receiving, xhr
from pusher_mock.server.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

BASE = "/pusher/app/mock-pusher-key/517/0jld3ng7"
QUERY = "?protocol=7&client=js&version=8.6.0&t=1795246473715&n=1"
STREAM = f"{BASE}/xhr_streaming{QUERY}"
POLL = f"{BASE}/xhr{QUERY}"
SEND = f"{BASE}/xhr_send?t=1795246473716&n=2"
ESTABLISHED = "pusher:connection_established"
RECONNECT = 'c[4200,"Please reconnect immediately"]'


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(apps=[App("1", "mock-pusher-key", "s"), App("2", "tls", "s", tls_only=True)])


@pytest.fixture
def gateway(mock: PusherMock) -> Iterator[Gateway]:
    gateway = Gateway(mock, ServerLimits(frame=1_000, body=5_000, backlog=20_000, connections=3))
    yield gateway
    gateway.close()


@pytest.fixture
def fallback(gateway: Gateway) -> Fallback:
    return Fallback(gateway)


@pytest.fixture
def app(fallback: Fallback) -> Starlette:
    return Starlette(routes=fallback.routes)


def said(event: str, **data: Any) -> bytes:
    return json.dumps([json.dumps({"event": event, "data": data})]).encode()


async def opened(call: Call) -> dict[str, Any]:
    """What it is told when it has connected."""
    assert await call.line() == "o"
    [established] = await call.events()
    assert established["event"] == ESTABLISHED
    found: dict[str, Any] = json.loads(established["data"])
    return found


async def subscribed(app: Starlette, call: Call, channel: str = "c") -> None:
    answer = await ask(app, "POST", SEND, body=said("pusher:subscribe", channel=channel))
    assert answer.status == 204
    [succeeded] = await call.events()
    assert succeeded["event"] == "pusher_internal:subscription_succeeded"


# Streaming -------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/pusher", ""])
async def test_a_stream(app: Starlette, gateway: Gateway, mock: PusherMock, prefix: str):
    async with asking(app, "POST", STREAM.replace("/pusher", prefix, 1)) as stream:
        assert (await opened(stream))["activity_timeout"] == 120
        assert stream.status == 200
        assert stream.headers == {
            "content-type": "application/javascript; charset=UTF-8",
            "access-control-allow-origin": "*",
            "cache-control": "no-store, no-transform",
            "x-accel-buffering": "no",
            "x-content-type-options": "nosniff",
        }
        assert gateway.connections == 1
        await subscribed(app, stream)
        mock.server().trigger("c", "e", {"text": "é%\n"})
        assert await stream.events() == [
            {"event": "e", "channel": "c", "data": json.dumps({"text": "é%\n"}, ensure_ascii=False)}
        ]


async def test_what_another_thread_publishes(app: Starlette, mock: PusherMock):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
        for number in range(5):
            await anyio.to_thread.run_sync(mock.server().trigger, "c", f"e{number}", {})
        got: list[str] = []
        while len(got) < 5:
            got += [one["event"] for one in await stream.events()]
        assert got == ["e0", "e1", "e2", "e3", "e4"]


async def test_an_empty_array_is_answered_by_one(app: Starlette):
    """facts 4.2.10, 8.12: by no heartbeat, which would be answered by an empty array."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        assert (await ask(app, "POST", SEND, body=b"[]")).status == 204
        assert await stream.line() == "a[]"


async def test_any_line_will_do(app: Starlette, mock: PusherMock):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
    await ask(app, "POST", SEND, body=b"[]")
    mock.server().trigger("c", "e", {})
    async with asking(app, "POST", STREAM) as stream:
        assert [one["event"] for one in await stream.events()] == ["e"]
        await anyio.wait_all_tasks_blocked()
        assert not stream.text


async def test_an_idle_client_is_asked(app: Starlette, mock: PusherMock, gateway: Gateway):
    """facts 1.12.2: by an event. An empty array is a sign of life as well."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        mock.clock.advance(50_000)
        await ask(app, "POST", SEND, body=b"[]")
        assert await stream.line() == "a[]"
        mock.clock.advance(59_000)
        await ask(app, "POST", SEND, body=said("pusher:pong"))
        mock.clock.advance(60_000)
        assert [one["event"] for one in await stream.events()] == ["pusher:ping"]
        mock.clock.advance(15_000)
        assert (await stream.events())[0]["event"] == "pusher:error"
        assert await stream.line() == 'c[4201,"Pong reply not received"]'
        assert await stream.rest() == ""
    assert gateway.connections == 0


@pytest.mark.parametrize("how", ["streaming", "polling"])
@pytest.mark.parametrize(
    ("app_key", "query", "tls", "code"),
    [
        ("typo", QUERY, False, 4001),
        ("mock-pusher-key", "?client=js&version=8.6.0", False, 4008),
        ("mock-pusher-key", "", False, 4008),
        ("tls", QUERY, False, 4000),
        ("tls", QUERY, True, None),
    ],
)
async def test_refusals(
    app: Starlette, gateway: Gateway, how: str, app_key: str, query: str, tls: bool, code: int
):
    """facts 4.2.4, 4.2.12: after the session is open; before that, a client tries for ever."""
    base = BASE.replace("mock-pusher-key", app_key)
    if how == "polling":
        assert (await ask(app, "POST", f"{base}/xhr{query}", tls=tls)).text == "o\n"
        text = (await ask(app, "POST", f"{base}/xhr{query}", tls=tls)).text
    else:
        async with asking(app, "POST", f"{base}/xhr_streaming{query}", tls=tls) as stream:
            assert await stream.line() == "o"
            text = await stream.until("\n")
            if code is not None:
                text += await stream.rest()
    assert (ESTABLISHED in text) == (code is None)
    assert (f"\nc[{code}," in text) == (code is not None)
    await within(gateway, lambda: gateway.connections == (code is None))


# Rotation, take-over, grace --------------------------------------------------------------------


async def test_the_next_request_goes_on(app: Starlette, mock: PusherMock):
    """facts 4.2.6: nothing between the requests is lost, and the session is not opened again."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
    for number in range(3):
        mock.server().trigger("c", f"e{number}", {})
    mock.clock.advance(4_999)
    async with asking(app, "POST", STREAM) as stream:
        assert [one["event"] for one in await stream.events()] == ["e0", "e1", "e2"]
        mock.clock.advance(10_000)
        mock.server().trigger("c", "e3", {})
        assert [one["event"] for one in await stream.events()] == ["e3"]


async def test_a_second_request_takes_over(app: Starlette, mock: PusherMock, fallback: Fallback):
    """facts 4.2.9, 8.13."""
    async with asking(app, "POST", STREAM) as first:
        await opened(first)
        await subscribed(app, first)
        async with asking(app, "POST", STREAM) as second:
            assert await first.rest() == 'c[2010,"Another connection still open"]\n'
            mock.clock.advance(5_000)  # it is not the first one's end that counts
            assert len(fallback.sessions) == 1
            mock.server().trigger("c", "e", {})
            assert [one["event"] for one in await second.events()] == ["e"]


async def test_a_client_that_is_about_to_ask_again(
    app: Starlette, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    """facts 4.2.6: what it would not read any more is kept for its next request."""
    monkeypatch.setattr(xhr, "LINES", replace(receiving.LINES, rotation=500))
    monkeypatch.setattr(receiving, "ROTATION_SECONDS", 1_000.0)
    async with asking(app, "POST", STREAM) as first:
        await opened(first)
        await subscribed(app, first)
        mock.server().trigger("c", "e1", "x" * 500)
        assert [one["event"] for one in await first.events()] == ["e1"]
        mock.server().trigger("c", "e2", {})
        await anyio.wait_all_tasks_blocked()
        assert not first.text
        async with asking(app, "POST", STREAM) as second:
            assert [one["event"] for one in await second.events()] == ["e2"]
            assert await first.rest() == 'c[2010,"Another connection still open"]\n'


async def test_a_client_that_does_not(
    app: Starlette, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(xhr, "LINES", replace(receiving.LINES, rotation=500))
    monkeypatch.setattr(receiving, "ROTATION_SECONDS", 0.0)
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
        for number in range(3):
            mock.server().trigger("c", f"e{number}", "x" * 500)
            assert [one["event"] for one in await stream.events()] == [f"e{number}"]


async def test_who_does_not_come_back(
    app: Starlette, mock: PusherMock, fallback: Fallback, gateway: Gateway
):
    """facts 4.2.8, 8.13: the client says nothing when it goes, and has five seconds."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
    assert repr(fallback) == "<Fallback sessions=1 statistics=0>"
    mock.clock.advance(4_999)
    assert gateway.connections == 1
    mock.clock.advance(1)
    assert gateway.connections == 0
    assert len(fallback.sessions) == 0
    mock.wait_until_subscribed("c", 0)
    assert (await ask(app, "POST", SEND, body=b"[]")).status == 404
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)  # somebody new


async def test_who_comes_back_at_the_last_moment(
    app: Starlette, mock: PusherMock, fallback: Fallback
):
    """A timer that has begun to run cannot be cancelled."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        session = next(iter(fallback.sessions._sessions.values()))
    mock.clock.advance(4_999)
    async with asking(app, "POST", STREAM):
        fallback.sessions._expire(session)  # late: somebody is there
    fallback.sessions._expire(session)  # late: somebody has been there meanwhile
    assert len(fallback.sessions) == 1
    mock.clock.advance(5_000)
    assert len(fallback.sessions) == 0


async def test_a_client_that_is_gone_where_sending_tells(
    app: Starlette, mock: PusherMock, gateway: Gateway
):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        stream.broken = True
        mock.clock.advance(60_000)
        assert await stream.rest() == ""
    mock.clock.advance(5_000)
    assert gateway.connections == 0


# Polling ---------------------------------------------------------------------------------------


async def test_polls(app: Starlette, mock: PusherMock):
    """facts 4.2.1: the session first, then what there is, or what comes."""
    first = await ask(app, "POST", POLL)
    assert (first.status, first.text, first.headers["content-length"]) == (200, "o\n", "2")
    assert await (await ask(app, "POST", POLL)).events()
    async with asking(app, "POST", POLL) as poll:
        await subscribed(app, poll)
    for number in range(3):
        mock.server().trigger("c", f"e{number}", {})
    events = await (await ask(app, "POST", POLL)).events()
    assert [one["event"] for one in events] == ["e0", "e1", "e2"]
    async with asking(app, "POST", POLL) as poll:
        await anyio.wait_all_tasks_blocked()
        assert not poll.status
        await ask(app, "POST", SEND, body=b"[]")
        assert await poll.rest() == "a[]\n"


async def test_polls_are_signs_of_life(app: Starlette, mock: PusherMock):
    await ask(app, "POST", POLL)
    for _ in range(4):
        async with asking(app, "POST", POLL) as poll:
            await mock.clock.advance(25_000)
            poll.hang_up()
            assert "pusher:ping" not in await poll.rest()


async def test_an_idle_poll(app: Starlette, monkeypatch: pytest.MonkeyPatch):
    """facts 4.2.7."""
    for _ in range(2):
        await ask(app, "POST", POLL)
    monkeypatch.setattr(receiving, "HOLD_SECONDS", 0.0)
    assert (await ask(app, "POST", POLL)).text == "h\n"


async def test_much_takes_several_polls(
    app: Starlette, mock: PusherMock, monkeypatch: pytest.MonkeyPatch
):
    """So that no answer is long enough for pusher-js to hang up in the middle of it."""
    monkeypatch.setattr("pusher_mock.server.fallback.session._BATCH", 700)
    monkeypatch.setattr(receiving, "_POLL_BYTES", 2_000)
    for _ in range(2):
        await ask(app, "POST", POLL)
    async with asking(app, "POST", POLL) as poll:
        await subscribed(app, poll)
    for number in range(6):
        mock.server().trigger("c", f"e{number}", "x" * 500)
    answers = [(await ask(app, "POST", POLL)).text for _ in range(2)]
    assert [one.count("\n") for one in answers] == [2, 1]
    got = [
        json.loads(text)["event"]
        for answer in answers
        for line in answer.splitlines()
        for text in json.loads(line[1:])
    ]
    assert got == ["e0", "e1", "e2", "e3", "e4", "e5"]


async def test_a_poll_that_is_taken_over(app: Starlette):
    for _ in range(2):
        await ask(app, "POST", POLL)
    async with asking(app, "POST", POLL) as first:
        await anyio.wait_all_tasks_blocked()
        async with asking(app, "POST", POLL):
            assert await first.rest() == 'c[2010,"Another connection still open"]\n'


# Sending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "Payload expected: a JSON array of strings\n"),
        (b"{", 400, "Broken JSON encoding: expected a JSON array of strings\n"),
        (b"\xff", 400, "Broken JSON encoding: expected a JSON array of strings\n"),
        (b"[" * 5_000, 400, "Broken JSON encoding: expected a JSON array of strings\n"),
        (b'"x"', 400, "Broken JSON encoding: expected a JSON array of strings\n"),
        (b'["x",1]', 400, "Broken JSON encoding: expected a JSON array of strings\n"),
        (b" " * 5_001, 413, "Request body exceeds the allowed maximum (5000 bytes)\n"),
        (b"[]", 204, ""),
    ],
)
async def test_bodies(app: Starlette, body: bytes, status: int, text: str):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        answer = await ask(app, "POST", SEND, body=body)
        assert (answer.status, answer.text) == (status, text)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert ("content-length" in answer.headers) == (status != 204)
        assert answer.headers.get("connection") == ("close" if status == 413 else None)


async def test_an_unknown_session(app: Starlette):
    """facts 4.2.12."""
    answer = await ask(app, "POST", SEND, body=b"[]")
    assert answer.status == 404
    assert answer.text.startswith("Unknown session: ")


async def test_several_messages_at_once(app: Starlette):
    messages = [
        json.dumps({"event": "pusher:subscribe", "data": {"channel": channel}}) for channel in "abc"
    ]
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await ask(app, "POST", SEND, body=json.dumps(messages).encode())
        assert [one["channel"] for one in await stream.events()] == ["a", "b", "c"]


async def test_too_long_a_message(app: Starlette, gateway: Gateway):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        body = json.dumps(["x" * 1_001, "nobody hears this"]).encode()
        assert (await ask(app, "POST", SEND, body=body)).status == 204
        assert await stream.rest() == 'c[1009,"Message too big"]\n'
    assert gateway.connections == 0


async def test_a_client_that_goes_while_it_sends(app: Starlette):
    answers: list[Any] = []
    call = Call("POST", SEND)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    await app(call.scope, receive, send)
    assert not answers


# Browsers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [STREAM, POLL, SEND])
async def test_preflight(app: Starlette, target: str, fallback: Fallback):
    """facts 4.2."""
    answer = await ask(app, "OPTIONS", target)
    assert (answer.status, answer.text) == (204, "")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "OPTIONS, POST"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert int(answer.headers["access-control-max-age"]) > 86_400
    assert "access-control-allow-credentials" not in answer.headers
    assert not len(fallback.sessions)


async def test_other_methods(app: Starlette):
    answer = await ask(app, "GET", STREAM)
    assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert answer.text == "405 METHOD NOT ALLOWED\n"


@pytest.mark.parametrize(
    "target",
    [
        "/app/mock-pusher-key",
        "/pusher/app/mock-pusher-key/517/xhr",
        "/pusher/app/mock-pusher-key/5170/0jld3ng7/xhr",
        "/pusher/app/mock-pusher-key/517/0jld/3ng7/xhr",
        "/pusher/app/mock-pusher-key/517/0jld%2f3/xhr",
        "/pusher/app/mock-pusher-key/517/0jld3ng7/websocket",
        "/elsewhere/app/mock-pusher-key/517/0jld3ng7/xhr",
        f"/pusher/app/mock-pusher-key/517/{'x' * 65}/xhr",
    ],
)
async def test_other_paths(app: Starlette, target: str):
    assert (await ask(app, "POST", target)).status == 404


def test_routes(gateway: Gateway):
    route, *_ = fallback_routes(gateway)
    assert repr(route).startswith("<PatternRoute POST (?:/pusher)?/app/")
    assert route.matches({"type": "websocket", "path": STREAM})[0].name == "NONE"
    with pytest.raises(NoMatchFound):
        route.url_path_for("xhr")


# Limits and ends -------------------------------------------------------------------------------


async def test_no_room(
    app: Starlette, gateway: Gateway, fallback: Fallback, caplog: pytest.LogCaptureFixture
):
    for number in range(3):
        await ask(app, "POST", POLL.replace("517", str(number)))
    async with asking(app, "POST", STREAM) as stream:
        assert await stream.line() == "o"
        assert [one["event"] for one in await stream.events()] == ["pusher:error"]
        assert await stream.rest() == 'c[4100,"Over capacity"]\n'
    await ask(app, "POST", POLL)
    assert "ServerLimits(connections=) allows more" in caplog.text
    assert (gateway.connections, repr(fallback.sessions)) == (3, "<Sessions 3>")
    gateway.mock.clock.advance(5_000)
    assert (gateway.connections, len(fallback.sessions)) == (0, 0)


async def test_no_room_among_other_connections(app: Starlette, gateway: Gateway):
    gateway.limits = replace(gateway.limits, connections=1)
    await ask(app, "POST", POLL)
    gateway.limits = replace(gateway.limits, connections=2)
    gateway._boxes |= dict.fromkeys([object(), object()])  # type: ignore[list-item]
    async with asking(app, "POST", STREAM.replace("517", "518")) as stream:
        assert "c[4100," in await stream.rest()
    gateway._boxes.clear()


async def test_a_client_that_does_not_come_for_its_messages(
    app: Starlette, gateway: Gateway, mock: PusherMock, caplog: pytest.LogCaptureFixture
):
    """What waits is bounded: an error, a close, and nothing that comes after a gap."""
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        await subscribed(app, stream)
    with mock.core.lock:
        for number in range(60):
            mock.server().trigger("c", f"e{number}", "x" * 500)
    await within(gateway, lambda: gateway.connections == 0)
    async with asking(app, "POST", STREAM) as stream:
        *events, error = await stream.events()
        assert [one["event"] for one in events] == [f"e{number}" for number in range(len(events))]
        assert 30 < len(events) < 45
        assert error["data"]["code"] == 4100
        assert await stream.rest() == 'c[4100,"Messages are not read fast enough"]\n'
    assert "does not read: more than 20000 bytes wait for it" in caplog.text


async def test_no_backlog_to_speak_of(app: Starlette, gateway: Gateway):
    """The very first message is too much, and there was nobody yet to say it of."""
    gateway.limits = replace(gateway.limits, backlog=10)
    async with asking(app, "POST", STREAM) as stream:
        assert (await stream.rest()).endswith('c[4100,"Messages are not read fast enough"]\n')


async def test_the_end_of_the_server(app: Starlette, gateway: Gateway, fallback: Fallback):
    """Whoever waits is told at once; who comes a moment later, then."""
    for _ in range(2):
        await ask(app, "POST", POLL)
    late = POLL.replace("517", "518")
    await ask(app, "POST", late)
    stream = STREAM.replace("517", "519")
    async with asking(app, "POST", stream) as first, asking(app, "POST", POLL) as second:
        await opened(first)
        await anyio.wait_all_tasks_blocked()
        gateway.farewell()
        assert [one["data"]["code"] for one in await first.events()] == [4200]
        assert await first.rest() == f"{RECONNECT}\n"
        assert (await second.rest()).endswith(f"\n{RECONNECT}\n")
    await within(gateway, lambda: gateway.connections == 0)
    assert (await ask(app, "POST", late)).text.endswith(f"\n{RECONNECT}\n")
    assert len(fallback.sessions) == 0


async def test_a_reset_mock_is_a_service_that_restarts(app: Starlette, mock: PusherMock):
    async with asking(app, "POST", STREAM) as stream:
        await opened(stream)
        mock.reset()
        assert [one["data"]["code"] for one in await stream.events()] == [4200]
        assert await stream.rest() == f"{RECONNECT}\n"


async def test_a_closed_mock(app: Starlette, mock: PusherMock):
    mock.close()
    async with asking(app, "POST", STREAM) as stream:
        assert (await stream.rest()).endswith(f"{RECONNECT}\n")


@pytest.mark.parametrize("when", ["open", "from the start", "taken over"])
async def test_a_client_that_does_not_read_its_end(
    app: Starlette, gateway: Gateway, mock: PusherMock, when: str
):
    """Its answer is broken off, so that the server can end."""
    gateway.limits = replace(gateway.limits, farewell=0.01)
    target = STREAM.replace("mock-pusher-key", "typo") if when == "from the start" else STREAM
    async with asking(app, "POST", target) as stream:
        if when != "from the start":
            await opened(stream)
        stream.reads = anyio.Event()
        await mock.clock.advance(60_000)  # something to write
        await anyio.wait_all_tasks_blocked()
        if when == "taken over":
            async with asking(app, "POST", STREAM):
                assert "c[" not in await stream.rest()
        else:
            gateway.farewell()
            assert "c[" not in await stream.rest()
