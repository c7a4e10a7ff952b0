"""SockJS as pusher-js uses it, and the statistics it sends (facts 4.3, 4.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import anyio
import pytest
from starlette.applications import Starlette
from tests.server.calls import Call, ask, asking, within

from pusher_mock import App, PusherMock
from pusher_mock.server import ServerLimits
from pusher_mock.server.fallback import Fallback, pages, sockjs
from pusher_mock.server.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

BASE = "/pusher/017/ab_cdef9"
PATH = "/app/mock-pusher-key?protocol=7&client=js&version=8.6.0"
ESTABLISHED = "pusher:connection_established"
FORM = "application/x-www-form-urlencoded"
CDN = "http://js.pusher.com/8.6.0/sockjs.min.js"


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(apps=[App("1", "mock-pusher-key", "s"), App("2", "tls", "s", tls_only=True)])


@pytest.fixture
def gateway(mock: PusherMock) -> Iterator[Gateway]:
    gateway = Gateway(mock, ServerLimits(frame=1_000, body=5_000))
    yield gateway
    gateway.close()


@pytest.fixture
def fallback(gateway: Gateway) -> Fallback:
    return Fallback(gateway)


@pytest.fixture
def app(fallback: Fallback) -> Starlette:
    return Starlette(routes=fallback.routes)


def messages(*given: Any) -> bytes:
    return json.dumps([json.dumps(one) for one in given]).encode()


def subscribe(channel: str = "c") -> dict[str, Any]:
    return {"event": "pusher:subscribe", "data": {"channel": channel}}


async def send(app: Starlette, *given: Any) -> None:
    answer = await ask(app, "POST", f"{BASE}/xhr_send", body=messages(*given), media="text/plain")
    assert (answer.status, answer.text) == (204, "")


# What each transport is asked by, and how its answer is read ------------------------------------


def lines(text: str) -> list[str]:
    return text.splitlines()


def events(text: str) -> list[str]:
    # The client undoes the escapes of `%`.
    return [one.replace("%25", "%") for one in re.findall("data: (.*)\r\n\r\n", text)]


def scripts(text: str) -> list[str]:
    return [json.loads(one) for one in re.findall(r"<script>\np\((.*)\);\n</script>\r\n", text)]


def calls(text: str) -> list[str]:
    return [json.loads(one) for one in re.findall(r"/\*\*/_jp\.a1b2c3\((.*)\);\r\n", text)]


SCRIPT = "application/javascript; charset=UTF-8"
# method, target, how it is read, what a frame ends with, type
STREAMS: list[Any] = [
    ("GET", f"{BASE}/eventsource", events, "\r\n\r\n", "text/event-stream; charset=UTF-8"),
    ("GET", f"{BASE}/htmlfile?c=_jp.a1b2c3", scripts, "</script>\r\n", "text/html; charset=UTF-8"),
]
POLLS: list[Any] = [
    ("POST", f"{BASE}/xhr", lines, SCRIPT),
    ("GET", f"{BASE}/jsonp?c=_jp.a1b2c3", calls, SCRIPT),
]
Read = Callable[[str], list[str]]


def events_of(*frames: str) -> list[str]:
    return [
        json.loads(text)["event"]
        for frame in frames
        if frame[0] == "a"
        for text in json.loads(frame[1:])
    ]


@pytest.mark.parametrize(("method", "target", "read", "end", "media"), STREAMS)
async def test_a_stream(
    app: Starlette,
    mock: PusherMock,
    gateway: Gateway,
    method: str,
    target: str,
    read: Read,
    end: str,
    media: str,
):
    """The connection is opened by the first message, and that is its first frame but one."""
    data = "</script><!--%41\r\n\0\u2028"
    async with asking(app, method, target) as stream:
        assert read(await stream.until(end)) == ["o"]
        assert stream.headers["content-type"] == media
        assert gateway.connections == 0
        await send(app, {"path": PATH}, subscribe())
        assert gateway.connections == 1
        got: list[str] = []
        while "pusher_internal:subscription_succeeded" not in got:
            got += events_of(*read(await stream.until(end)))
        assert got[0] == ESTABLISHED
        mock.server().trigger("c", "e", data)
        text = await stream.until(end)
        [frame] = read(text)
        [message] = json.loads(frame[1:])
        assert json.loads(message)["data"] == data
        assert "<!--" not in text or media.startswith("text/event-stream")
        gateway.farewell()
        *rest, close = read(await stream.rest())
        assert events_of(*rest) == ["pusher:error"]
        assert close == 'c[4200,"Please reconnect immediately"]'


@pytest.mark.parametrize(("method", "target", "read", "end", "media"), STREAMS)
async def test_a_stream_ends_and_goes_on(
    app: Starlette,
    mock: PusherMock,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    target: str,
    read: Read,
    end: str,
    media: str,
):
    """The client asks again, and its memory is freed."""
    assert sockjs._EVENTSOURCE.most == sockjs._RESPONSE == 131_072
    monkeypatch.setattr(sockjs, "_RESPONSE", 2_000)
    monkeypatch.setattr(sockjs, "_EVENTSOURCE", replace(sockjs._EVENTSOURCE, most=2_000))
    async with asking(app, method, target) as stream:
        await stream.until(end)
        await send(app, {"path": PATH}, subscribe())
        await stream.until("succeeded")
        mock.server().trigger("c", "e1", "x" * 2_000)
        assert "e1" in events_of(*read(await stream.rest()))
    mock.server().trigger("c", "e2", {})
    async with asking(app, method, target) as stream:
        assert events_of(*read(await stream.until(end))) == ["e2"]


@pytest.mark.parametrize(("method", "target", "read", "media"), POLLS)
async def test_polls(
    app: Starlette,
    mock: PusherMock,
    gateway: Gateway,
    method: str,
    target: str,
    read: Read,
    media: str,
):
    first = await ask(app, method, target)
    assert read(first.text) == ["o"]
    assert first.headers["content-type"] == media
    await send(app, {"path": PATH}, subscribe())
    got = events_of(*read((await ask(app, method, target)).text))
    assert got == [ESTABLISHED, "pusher_internal:subscription_succeeded"]
    async with asking(app, method, target) as poll:
        mock.server().trigger("c", "e", {"a": "</script>"})
        assert events_of(*read(await poll.rest())) == ["e"]
    gateway.farewell()
    frames = read((await ask(app, method, target)).text)
    if "jsonp" in target:  # a script is one call
        assert len(frames) == 1
        frames += read((await ask(app, method, target)).text)
    assert events_of(*frames) == ["pusher:error"]
    assert frames[-1] == 'c[4200,"Please reconnect immediately"]'


async def test_nothing_is_answered_to_an_empty_array(app: Starlette, mock: PusherMock):
    """facts 4.3: the client answers by another one."""
    async with asking(app, "GET", f"{BASE}/eventsource") as stream:
        await stream.until("o\r\n\r\n")
        await send(app)  # before there is a connection
        await send(app, {"path": PATH})
        await stream.until("]\r\n\r\n")
        mock.clock.advance(59_000)
        await send(app)
        mock.clock.advance(59_000)  # it was a sign of life
        await anyio.wait_all_tasks_blocked()
        assert not stream.text


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"path": "/app/typo?protocol=7&client=js&version=8.6.0"}, 4001),
        ({"path": "/app/mock-pusher-key"}, 4008),
        ({"path": "/elsewhere"}, 4005),
        ({"path": 1}, 4005),
        ({}, 4005),
        ([], 4005),
        ({"path": PATH.replace("mock-pusher-key", "tls")}, 4000),
    ],
)
async def test_refusals(app: Starlette, gateway: Gateway, message: Any, code: int):
    async with asking(app, "GET", f"{BASE}/eventsource") as stream:
        await stream.until("o\r\n\r\n")
        await send(app, message, subscribe())
        assert events(await stream.rest())[-1].startswith(f"c[{code},")
    await within(gateway, lambda: gateway.connections == 0)


async def test_a_first_message_that_is_no_json(app: Starlette):
    async with asking(app, "GET", f"{BASE}/eventsource") as stream:
        await stream.until("o\r\n\r\n")
        answer = await ask(app, "POST", f"{BASE}/xhr_send", body=b'["{"]')
        assert answer.status == 204
        assert events(await stream.rest())[-1] == 'c[4005,"Path not found"]'


async def test_tls(app: Starlette):
    async with asking(app, "GET", f"{BASE}/eventsource", tls=True) as stream:
        await stream.until("o\r\n\r\n")
        await send(app, {"path": PATH.replace("mock-pusher-key", "tls")})
        await stream.until(ESTABLISHED)


async def test_the_end_of_the_server_before_there_is_a_connection(app: Starlette, gateway: Gateway):
    async with asking(app, "GET", f"{BASE}/eventsource") as stream:
        await stream.until("o\r\n\r\n")
        gateway.farewell()
        gateway.farewell()
        *_, error, close = events(await stream.rest())
        assert events_of(error) == ["pusher:error"]
        assert close == 'c[4200,"Please reconnect immediately"]'
    await ask(app, "POST", f"{BASE}/xhr")
    gateway.farewell()
    await send(app, {"path": PATH})  # which is not heard any more
    assert gateway.connections == 0


async def test_a_connection_that_is_opened_for_a_client_that_has_gone(
    app: Starlette, gateway: Gateway, fallback: Fallback
):
    """Another thread may find that nobody comes while the path is on its way."""
    await ask(app, "POST", f"{BASE}/xhr")
    [session] = fallback.sessions._sessions.values()
    assert repr(session) == "<Session ('017', 'ab_cdef9') new waiting=0>"
    gateway.mock.clock.advance(5_000)
    session.open(PATH)
    assert repr(session) == "<Session ('017', 'ab_cdef9') open waiting=1>"
    assert gateway.connections == 0


# Sending by a form -----------------------------------------------------------------------------


@pytest.mark.parametrize("media", [FORM, f"{FORM}; charset=UTF-8", "text/plain", ""])
async def test_jsonp_send(app: Starlette, gateway: Gateway, media: str):
    await ask(app, "GET", f"{BASE}/jsonp?c=_jp.a")
    body = messages({"path": PATH}, subscribe("caf\u00e9"))
    if media.startswith(FORM):
        body = urlencode({"d": body.decode()}).encode()
    answer = await ask(app, "POST", f"{BASE}/jsonp_send", body=body, media=media)
    assert (answer.status, answer.text) == (200, "ok")
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert gateway.connections == 1


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"", FORM, 400),
        (b"e=[]", FORM, 400),
        (b"d=", FORM, 400),
        (b"d=%5B", FORM, 400),
        (b"d=\xff", FORM, 400),
        (b"d=[]", "text/plain", 400),
        (b"d=" + b"x" * 5_000, FORM, 413),
    ],
)
async def test_bad_forms(app: Starlette, body: bytes, media: str, status: int):
    await ask(app, "GET", f"{BASE}/jsonp?c=_jp.a")
    answer = await ask(app, "POST", f"{BASE}/jsonp_send", body=body, media=media)
    assert answer.status == status
    answer = await ask(app, "POST", f"{BASE}/xhr_send", body=body, media=media)
    assert answer.status == status


async def test_an_unknown_session(app: Starlette):
    for target in (f"{BASE}/xhr_send", f"{BASE}/jsonp_send"):
        assert (await ask(app, "POST", target, body=b"[]")).status == 404


# Pages -----------------------------------------------------------------------------------------


async def test_info(app: Starlette):
    for target in ("/pusher/info", "/pusher/info?t=1", "/info"):
        answer = await ask(app, "GET", target)
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert answer.headers["access-control-allow-origin"] == "*"
        info = json.loads(answer.text)
        assert 0 <= info.pop("entropy") < 2**32
        assert info == {"websocket": False, "origins": ["*:*"], "cookie_needed": False}
    answer = await ask(app, "OPTIONS", "/pusher/info")
    assert answer.headers["access-control-allow-methods"] == "OPTIONS, GET"


@pytest.mark.parametrize("page", ["iframe.html", "iframe-0.3.4.html"])
async def test_iframe(app: Starlette, page: str):
    answer = await ask(app, "GET", f"/pusher/{page}?js_path={quote(CDN + '?a=1&b=2', safe='')}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    [nonce] = re.findall("script-src 'nonce-([A-Za-z0-9_-]{20,})';", _policy(answer))
    assert f'<script nonce="{nonce}" src="{CDN}?a=1&amp;b=2"></script>' in answer.text
    assert f'<script nonce="{nonce}">SockJS.bootstrap_iframe();</script>' in answer.text
    assert nonce not in _policy(await ask(app, "GET", f"/pusher/{page}?js_path={CDN}"))


def _policy(answer: Call) -> str:
    return answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("url", "host", "good"),
    [
        (CDN, "", True),
        ("https://js.pusher.com/8.6.0/sockjs.js", "", True),
        ("https://JS.pusher.com:443/8.6.0/sockjs.js", "", True),
        ("http://localhost:3000/sockjs.js", "", True),
        ("http://app.localhost/sockjs.js", "", True),
        ("http://127.0.0.1:6001/sockjs.js", "", True),
        ("http://[::1]:6001/sockjs.js", "", True),
        ("http://pusher.test:3000/sockjs.js", "pusher.test:6001", True),
        ("http://pusher.test/sockjs.js", "elsewhere.test", False),
        ("http://evil.example/sockjs.js", "127.0.0.1:6001", False),
        ("//js.pusher.com/sockjs.js", "", False),
        ("javascript:alert(1)//js.pusher.com/", "", False),
        ("data:text/javascript,alert(1)", "", False),
        ("ftp://js.pusher.com/sockjs.js", "", False),
        ("http://js.pusher.com@evil.example/", "", False),
        ("http://evil.example\\@js.pusher.com/", "", False),
        ("http://js.pusher.com\\@evil.example/", "", False),
        ("http://js.pusher.com.evil.example/", "", False),
        ("http://evil.example/#http://js.pusher.com/", "", False),
        ("http://js.pusher.com/\n", "", False),
        ('http://js.pusher.com/"><script>', "", False),
        ("http://js.pusher.com", "", False),
        ("http:///sockjs.js", "", False),
        ("/sockjs.js", "", False),
        ("", "", False),
        (None, "", False),
    ],
)
def test_which_scripts_the_iframe_loads(url: str | None, host: str, good: bool):
    assert pages.script_of(url, host) == (url if good else None)


@pytest.mark.parametrize(
    "query", ["", "?js_path=", f"?js_path={quote('https://evil.example/x.js')}"]
)
async def test_other_scripts_are_refused(app: Starlette, query: str):
    answer = await ask(app, "GET", f"/pusher/iframe.html{query}")
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert answer.text.startswith("Invalid js_path: ")


@pytest.mark.parametrize("transport", ["htmlfile", "jsonp"])
@pytest.mark.parametrize(
    "query", ["", "?c=", "?c=alert(1)", "?c=%3Cscript%3E", "?c=a;b", f"?c={'x' * 65}", "?c=a%0a"]
)
async def test_callbacks(app: Starlette, fallback: Fallback, transport: str, query: str):
    answer = await ask(app, "GET", f"{BASE}/{transport}{query}")
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith("Invalid callback: ")
    assert not len(fallback.sessions)


async def test_the_page_that_does_not_end(app: Starlette):
    """facts 4.3: long enough that a browser shows its beginning."""
    async with asking(app, "GET", f"{BASE}/htmlfile?c=_jp%2Ea1") as stream:
        text = await stream.until("\r\n\r\n")
        assert len(text) > 1_024
        assert "var c = parent._jp.a1;\nc.start();" in text
        assert "window.onload = c.stop;" in text
        assert _policy(stream) == "default-src 'none'; script-src 'unsafe-inline'"


# Statistics ------------------------------------------------------------------------------------


async def test_statistics(app: Starlette, fallback: Fallback):
    """facts 4.4: they are counted, and no more."""
    script = await ask(app, "GET", "/timeline/v2/jsonp/12?session=NDU1MDYzODk%3D&bundle=MQ%3D%3D")
    assert (script.status, script.text) == (200, "Pusher.ScriptReceivers[12](null,{});")
    assert script.headers["content-type"] == SCRIPT
    answer = await ask(app, "GET", "/timeline/v2/xhr/2?session=NDU1MDYzODk%3D")
    assert (answer.status, answer.text) == (200, "{}")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (await ask(app, "OPTIONS", "/timeline/v2/xhr/2")).status == 204
    assert fallback.timeline.count == 2


@pytest.mark.parametrize("number", ["", "x", "1x", "1);alert(1", "1%0a", "-1", "1/2"])
async def test_the_receiver_of_statistics_is_a_number(app: Starlette, number: str):
    for how in ("jsonp", "xhr"):
        assert (await ask(app, "GET", f"/timeline/v2/{how}/{number}")).status == 404
