"""The respx door: httpx calls of the HTTP API are answered by a mock."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import respx

from pusher_mock import PusherMock, UsageError
from pusher_mock.intercept.respx import ROUTE_NAME, mount
from pusher_mock.protocol.signatures import sign, signed_query

from .calls import APP, EVENT, HOST, KEY, SECRET, body_of, get, publish, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# Three ways to a router -------------------------------------------------------------------------


def test_the_fixture(respx_mock: respx.MockRouter, mock: PusherMock):
    route = mount(respx_mock, mock)
    assert publish().json() == {}
    mock.assert_triggered("c", "e", {"n": 1})
    assert route.called
    assert respx_mock.calls.call_count == 1


@respx.mock
def test_the_global_decorator(pusher_mock: PusherMock):
    mount(respx.mock)
    publish()
    pusher_mock.assert_triggered("c", "e")


@respx.mock(base_url="https://other.test")
def test_the_local_decorator(pusher_mock: PusherMock, respx_mock: respx.MockRouter):
    # A base URL of the router is for the other routes.
    mount(respx_mock)
    respx_mock.get("/x").respond(204)
    publish()
    pusher_mock.assert_triggered("c", "e")
    assert httpx.get("https://other.test/x").status_code == 204


def test_the_context_manager(mock: PusherMock):
    with respx.mock as router:
        mount(router, mock)
        publish()
    mock.assert_triggered("c", "e")
    assert ROUTE_NAME not in respx.mock.routes


def test_what_is_mounted_outside_stays(mock: PusherMock):
    router = respx.mock(assert_all_called=False)
    mount(router, mock)
    for _ in range(2):
        with router:
            assert publish().status_code == 200
    assert len(mock.published()) == 2


def test_an_asynchronous_client(mock: PusherMock):
    body = body_of(EVENT)

    async def chunks() -> AsyncIterator[bytes]:
        yield body[:5]
        yield body[5:]

    async def scenario() -> None:
        async with respx.mock as router, httpx.AsyncClient(base_url=HOST) as client:
            mount(router, mock)
            for content in (body, chunks()):
                url = signed("POST", f"/apps/{APP}/events", body)
                assert (await client.post(url, content=content)).json() == {}
            answer = await client.get(signed("GET", f"/apps/{APP}/channels"))
            assert answer.json() == {"channels": {}}

    asyncio.run(scenario())
    assert [one.data for one in mock.published("c")] == [{"n": 1}, {"n": 1}]


def test_a_streamed_body(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    body = body_of(EVENT)

    def chunks() -> Iterator[bytes]:
        for index in range(0, len(body), 7):
            yield body[index : index + 7]

    url = HOST + signed("POST", f"/apps/{APP}/events", body)
    with httpx.Client() as client:
        assert client.post(url, content=chunks()).json() == {}
        with client.stream("GET", HOST + signed("GET", f"/apps/{APP}/channels")) as answer:
            assert json.loads(answer.read()) == {"channels": {}}
    mock.assert_triggered("c", "e", {"n": 1})


# Delivery ---------------------------------------------------------------------------------------


def test_an_intercepted_event_reaches_subscribers_and_history(
    router: respx.MockRouter, mock: PusherMock
):
    mount(router, mock)
    client = mock.client(connect=True)
    heard: list[str] = []
    client.subscribe("c").bind("e", heard.append)
    publish()
    assert heard == ['{"n":1}']
    assert [one.data for one in mock.state.get_channel_messages("c")] == [{"n": 1}]


def test_without_a_mock_the_current_one_answers(router: respx.MockRouter):
    mount(router)
    with PusherMock() as one:
        publish()
    with PusherMock() as two:
        publish()
        publish()
    assert (len(one.published()), len(two.published())) == (1, 2)


def test_a_closed_mock_says_so(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    mock.close()
    with pytest.raises(UsageError, match="this mock is closed"):
        publish()


# Every endpoint ---------------------------------------------------------------------------------


def test_every_endpoint(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    member = mock.client(connect=True, user_data={"user_id": "ada"})
    member.subscribe("presence-x")
    root = f"/apps/{APP}"

    def post(path: str, value: Any = None, raw: bytes | None = None, **query: str) -> Any:
        body = body_of(value) if raw is None else raw
        return httpx.post(HOST + signed("POST", path, body, **query), content=body)

    answer = post(f"{root}/events", {**EVENT, "channels": ["presence-x"], "info": "user_count"})
    assert answer.json() == {"channels": {"presence-x": {"user_count": 1}}}
    batch = [{"name": "e", "channel": "c", "data": "1"}] * 2
    assert post(f"{root}/batch_events", {"batch": batch}).json() == {}
    assert get(f"{root}/channels").json() == {"channels": {"presence-x": {}}}
    assert get(f"{root}/channels", filter_by_prefix="presence-", info="user_count").json() == {
        "channels": {"presence-x": {"user_count": 1}}
    }
    assert get(f"{root}/channels/presence-x", info="user_count").json() == {
        "occupied": True,
        "user_count": 1,
    }
    assert get(f"{root}/channels/presence-x/users").json() == {"users": [{"id": "ada"}]}
    assert get(f"{root}/channels/presence-x/stats").json() == {"occupied": True, "user_count": 1}
    assert post(f"{root}/channels/c/events", raw=b"old", name="e").status_code == 202
    assert post(f"{root}/users/ada/terminate_connections", {}).json() == {}
    assert len(mock.published("c")) == 3


@pytest.mark.parametrize("name", ["a,b", "a@b", "a=b", "a;b", "task-1", "presence-a,b@c=d;e.f_g-h"])
@pytest.mark.parametrize(("encoded", "sign_encoded"), [(False, False), (True, False), (True, True)])
def test_percent_encoded_paths(
    name: str, encoded: bool, sign_encoded: bool, router: respx.MockRouter, mock: PusherMock
):
    # facts 2.2.13: the signature may be over either
    mount(router, mock)
    mock.state.subscribe("one", name)
    path, wire = (f"/apps/{APP}/channels/{one}" for one in (name, quote(name, safe="")))
    target = signed("GET", wire if sign_encoded else path)
    query = target.partition("?")[2]
    answer = httpx.get(f"{HOST}{wire if encoded else path}?{query}")
    assert answer.json() == {"occupied": True}, answer.text


def test_parameters_in_the_query(router: respx.MockRouter, mock: PusherMock):
    # facts 2.1.2, 2.4.7
    mount(router, mock)
    pairs = [
        ("auth_key", KEY),
        ("auth_timestamp", str(int(time.time()))),
        ("auth_version", "1.0"),
        ("channels[]", "a"),
        ("channels[]", "b"),
        ("data", "1 + 1 = 2 & ł"),
        ("name", "e"),
    ]
    path = f"/apps/{APP}/events"
    signature = sign(SECRET, f"POST\n{path}\n{signed_query(pairs)}")
    query = urlencode([*pairs, ("auth_signature", signature)])
    assert httpx.post(f"{HOST}{path}?{query}").json() == {}
    assert [(one.channel, one.data) for one in mock.published()] == [
        ("a", "1 + 1 = 2 & ł"),
        ("b", "1 + 1 = 2 & ł"),
    ]


# Refusals ---------------------------------------------------------------------------------------


def test_a_wrong_secret(
    router: respx.MockRouter, mock: PusherMock, caplog: pytest.LogCaptureFixture
):
    mount(router, mock)
    with caplog.at_level(logging.WARNING, logger="pusher_mock"):
        answer = publish(secret="wrong")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith(
        "Invalid signature: you should have sent HmacSHA256Hex("
        f'"POST\\n/apps/{APP}/events\\nauth_key={KEY}&auth_timestamp='
    )
    assert answer.text.endswith('"\n')
    note = answer.extensions["pusher_mock_note"].decode()
    assert "none of the usual mistakes explains it" in note
    assert note in caplog.text
    assert mock.published() == []
    with pytest.raises(httpx.HTTPStatusError):
        answer.raise_for_status()


def test_an_unknown_key(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    answer = publish(key="nobody")
    assert (answer.status_code, answer.text) == (400, "Unknown auth_key\n")
    assert b"keys known here: mock-pusher-key" in answer.extensions["pusher_mock_note"]


@pytest.mark.parametrize(
    ("url", "method", "status", "text"),
    [
        (f"/apps/{APP}/channels", "GET", 401, "Authentication key required\n"),
        (f"/apps/{APP}/channels", "DELETE", 405, "405 METHOD NOT ALLOWED\n"),
        (f"/apps/{APP}/nothing", "GET", 404, "404 NOT FOUND\n"),
        ("/", "GET", 404, "404 NOT FOUND\n"),
        ("", "POST", 404, "404 NOT FOUND\n"),
    ],
)
def test_what_is_not_there(
    url: str, method: str, status: int, text: str, router: respx.MockRouter, mock: PusherMock
):
    mount(router, mock)
    answer = httpx.request(method, HOST + url)
    assert (answer.status_code, answer.text) == (status, text)


def test_too_much_data(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    answer = publish(event={**EVENT, "data": "x" * 10_241})
    assert answer.status_code == 413
    assert answer.text.startswith("The data content of this event exceeds the allowed maximum")


def test_a_success_is_json(router: respx.MockRouter, mock: PusherMock):
    mount(router, mock)
    answer = publish()
    assert (answer.text, answer.headers["Content-Type"]) == ("{}", "application/json")
    assert "pusher_mock_note" not in answer.extensions


# What respx promises ----------------------------------------------------------------------------


def test_assert_all_called(mock: PusherMock):
    with pytest.raises(AssertionError, match="some routes were not called"), respx.mock() as router:
        mount(router, mock)
    with respx.mock() as router:
        mount(router, mock)
        publish()
    with respx.mock(assert_all_called=False) as router:
        mount(router, mock)


def test_the_call_log(router: respx.MockRouter, mock: PusherMock):
    route = mount(router, mock)
    other = router.get("https://other.test/").respond(200, text="other")
    publish()
    assert httpx.get("https://other.test/").text == "other"
    publish(secret="wrong")
    assert (route.call_count, other.call_count, router.calls.call_count) == (2, 1, 3)
    call = route.calls[0]
    assert json.loads(call.request.content) == EVENT
    assert [call.response.status_code for call in route.calls] == [200, 401]


def test_earlier_routes_come_first(router: respx.MockRouter, mock: PusherMock):
    down = router.post(url__startswith=f"{HOST}/apps/{APP}/events").respond(503)
    mount(router, mock)
    assert publish().status_code == 503
    assert down.called
    assert get(f"/apps/{APP}/channels").json() == {"channels": {}}
    assert mock.published() == []
