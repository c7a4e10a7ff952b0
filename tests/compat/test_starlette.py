"""Starlette and FastAPI."""

import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pusher
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from tests.versions import needs_users

import compat.starlette
from compat import get_pusher_client, get_pusher_server, pusher_server
from compat.starlette import PusherServer, pusher_routes, verify_webhook
from pusher_mock import App, MockPusherServer, PusherMock, Webhook

HOOKED = App(
    id="mock-app-id",
    key="mock-pusher-key",
    secret="mock-pusher-secret",
    webhooks=(Webhook("https://test/pusher/webhook"),),
)

pytestmark = [pytest.mark.usefixtures("use_mocks"), pytest.mark.pusher_mock(apps=[HOOKED])]

HEARD: list[dict[str, Any]] = []
THREADS: list[int] = []


def rule(request: Request, channel_name: str) -> Any:
    THREADS.append(threading.get_ident())
    if channel_name == "private-abort":
        raise HTTPException(403, "not today")
    if channel_name == "private-login":
        raise HTTPException(401)
    return {"user_id": 7} if channel_name == "presence-room" else channel_name == "private-yes"


async def async_rule(request: Request, channel_name: str) -> Any:
    await anyio.lowlevel.checkpoint()
    return rule(request, channel_name)


async def who(request: Request) -> dict[str, Any] | None:
    return {"id": 7} if request.headers.get("X-User") else None


async def take(event: dict[str, Any]) -> None:
    HEARD.append(event)


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[rule, async_rule], ids=["thread", "coroutine"])
def client(request: pytest.FixtureRequest, backend: Any) -> Iterator[TestClient]:
    HEARD.clear()
    THREADS.clear()

    async def thread(request: Request) -> JSONResponse:
        return JSONResponse(threading.get_ident())

    routes = [Mount("/pusher", routes=pusher_routes(request.param, who, take))]
    app = Starlette(routes=[*routes, Route("/thread", thread)])
    with TestClient(app, backend=backend) as client:
        client.app_state["rule"] = request.param
        yield client


def post(client: TestClient, address: str, **fields: str) -> tuple[int, Any]:
    answer = client.post(f"/pusher/{address}", data={"socket_id": "1.2", **fields})
    return answer.status_code, answer.json() if answer.status_code != 401 else None


def test_rules(client: TestClient):
    signed = get_pusher_server().authenticate("private-yes", "1.2")
    assert post(client, "auth", channel_name="private-yes") == (200, signed)
    assert post(client, "auth", channel_name="private-no")[0] == 403
    assert post(client, "auth", channel_name="private-abort") == (403, {"error": "not today"})
    assert post(client, "auth", channel_name="private-login")[0] == 401
    status, body = post(client, "auth", channel_name="presence-room")
    assert (status, json.loads(body["channel_data"])) == (200, {"user_id": "7"})
    assert post(client, "auth")[0] == 400
    batch = {"channel_name[0]": "private-yes", "channel_name[1]": "private-no"}
    status, body = post(client, "auth", **batch)
    assert (status, [one["status"] for one in body.values()]) == (200, [200, 403])
    assert client.get("/pusher/auth").status_code == 405


def test_only_a_coroutine_runs_in_the_loop(client: TestClient):
    """A plain function may ask a database, so it must not hold every other request up."""
    post(client, "auth", channel_name="private-yes")
    loop = client.get("/thread").json()
    is_coroutine = client.app_state["rule"] is async_rule
    assert (loop in THREADS) is is_coroutine


def test_a_function_that_hands_back_a_coroutine(backend: Any):
    routes = pusher_routes(lambda request, channel_name: async_rule(request, channel_name))
    with TestClient(Starlette(routes=routes), backend=backend) as client:
        for name, status in (("private-yes", 200), ("private-no", 403)):
            data = {"socket_id": "1.2", "channel_name": name}
            assert client.post("/auth", data=data).status_code == status


@needs_users
def test_signing_in(client: TestClient):
    assert post(client, "user-auth") == (403, {"error": "not signed in"})
    answer = client.post("/pusher/user-auth", data={"socket_id": "1.2"}, headers={"X-User": "7"})
    assert json.loads(answer.json()["user_data"]) == {"id": "7"}
    assert post(client, "user-auth", socket_id="x")[0] == 400


def test_webhooks(client: TestClient, use_mocks: PusherMock):
    get_pusher_client(connect=True).subscribe("room")
    [hook] = use_mocks.webhooks()
    sent = dict(hook.headers)
    assert client.post("/pusher/webhook", content=hook.body, headers=sent).status_code == 200
    assert [event["channel"] for event in HEARD] == ["room"]
    sent["X-Pusher-Signature"] = "0" * 64
    assert client.post("/pusher/webhook", content=hook.body, headers=sent).status_code == 401


@pytest.mark.parametrize("is_async", [False, True])
def test_a_rule_that_sends_to_the_login_page_refuses(is_async: bool, backend: Any):
    """As Starlette's `requires(..., redirect=...)` around the rule does."""

    def away(request: Request, *channel: str) -> Any:
        return RedirectResponse("/login")

    async def away_async(request: Request, *channel: str) -> Any:
        return RedirectResponse("/login")

    hook = away_async if is_async else away
    with TestClient(Starlette(routes=pusher_routes(hook, hook)), backend=backend) as client:
        data = {"socket_id": "1.2", "channel_name": "private-a"}
        answer = client.post("/auth", data=data)
        assert (answer.status_code, answer.json()) == (403, {"error": "log in first"})
        assert client.post("/user-auth", data=data).json() == {"error": "not signed in"}


@pytest.mark.parametrize("answer", [1, ("no", 403)])
def test_what_is_no_answer_is_not_signed(answer: Any):
    routes = pusher_routes(lambda request, channel_name: answer, lambda request: answer)
    data = {"socket_id": "1.2", "channel_name": "private-a"}
    with TestClient(Starlette(routes=routes)) as client:
        with pytest.raises(TypeError, match="write bool"):
            client.post("/auth", data=data)
        with pytest.raises(TypeError, match="a mapping with an id"):
            client.post("/user-auth", data=data)


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_sign_in(status: int):
    def hook(request: Request) -> None:
        raise HTTPException(status)

    with TestClient(Starlette(routes=pusher_routes(user_data=hook))) as client:
        answer = client.post("/user-auth", data={"socket_id": "1.2"})
    assert answer.status_code == status
    assert (answer.text == '{"error":"not signed in"}') is (status == 403)


def test_without_a_rule_everybody_is_refused():
    with TestClient(Starlette(routes=pusher_routes())) as client:
        data = {"socket_id": "1.2", "channel_name": "private-a"}
        answer = client.post("/auth", data=data)
    assert answer.status_code == 403
    assert "pass authorize= to pusher_routes()" in answer.json()["error"]


def test_a_form_of_several_parts(client: TestClient):
    parts = {"socket_id": (None, "1.2"), "channel_name": (None, "private-yes")}
    answer = client.post("/pusher/auth", files=parts)
    assert answer.request.headers["content-type"].startswith("multipart/form-data")
    assert answer.json() == get_pusher_server().authenticate("private-yes", "1.2")


def test_without_the_optional_hooks(use_mocks: PusherMock, backend: Any):
    app = Starlette(routes=pusher_routes(rule))
    get_pusher_client(connect=True).subscribe("room")
    [hook] = use_mocks.webhooks()
    with TestClient(app, backend=backend) as client:
        answer = client.post("/webhook", content=hook.body, headers=dict(hook.headers))
        assert answer.status_code == 200
        assert client.post("/user-auth", data={"socket_id": "1.2"}).status_code == 403


def test_a_webhook_view_of_ones_own(use_mocks: PusherMock, backend: Any):
    async def view(request: Request) -> JSONResponse:
        return JSONResponse(await verify_webhook(request))

    get_pusher_client(connect=True).subscribe("room")
    [hook] = use_mocks.webhooks()
    app = Starlette(routes=[Route("/hook", view, methods=["POST"])])
    with TestClient(app, backend=backend) as client:
        body = client.post("/hook", content=hook.body, headers=dict(hook.headers)).json()
        assert body["events"][0]["name"] == "channel_occupied"
        assert client.post("/hook", content=hook.body).json() is None


def test_publishing_from_a_coroutine(use_mocks: PusherMock, backend: Any):
    """In a worker thread, as the real SDK would block: subscribers hear of it before it returns."""
    heard: list[str] = []
    get_pusher_client(connect=True).subscribe("c").bind("e", heard.append)

    async def view(request: Request) -> JSONResponse:
        await run_in_threadpool(pusher_server.trigger, "c", "e", "hello")
        return JSONResponse(heard)

    with TestClient(Starlette(routes=[Route("/", view)]), backend=backend) as client:
        assert client.get("/").json() == ["hello"]
    use_mocks.assert_triggered("c", "e", times=1)


def test_the_dependency_of_fastapi(use_mocks: PusherMock):
    app = FastAPI()

    @app.post("/sync")
    def publish(server: PusherServer) -> str:
        server.trigger("c", "sync", {})
        return type(server).__name__

    @app.post("/async")
    async def publish_async(server: PusherServer) -> None:
        await run_in_threadpool(server.trigger, "c", "async", {})

    with TestClient(app) as client:
        assert client.post("/sync").json() == "MockPusherServer"
        assert client.post("/async").status_code == 200
    assert [one.event for one in use_mocks.published("c")] == ["sync", "async"]


def test_a_dependency_that_is_overridden(use_mocks: PusherMock):
    other = PusherMock()
    app = FastAPI()

    @app.post("/")
    def publish(server: PusherServer) -> None:
        server.trigger("c", "e", {})

    app.dependency_overrides[get_pusher_server] = lambda: other.server()
    with TestClient(app) as client:
        assert client.post("/").status_code == 200
    other.assert_triggered("c", "e", times=1)
    use_mocks.assert_not_triggered()


def test_the_dependency_follows_the_switch(pusher_settings: Any):
    app = FastAPI()

    @app.get("/")
    def kind(server: PusherServer) -> str:
        return type(server).__name__

    with TestClient(app) as client:
        assert client.get("/").json() == MockPusherServer.__name__
        pusher_settings(use_mocks=False, app_id="1", key="k", secret="s")
        assert client.get("/").json() == pusher.Pusher.__name__


def test_fastapi_may_have_the_routes_too():
    app = FastAPI(routes=[Mount("/pusher", routes=pusher_routes(rule))])
    with TestClient(app) as client:
        assert post(client, "auth", channel_name="private-yes")[0] == 200


def test_fastapi_is_not_needed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(ImportError, match=r"install fastapi, or call compat\.get_pusher_server"):
        compat.starlette.PusherServer  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Pusher'"):
        compat.starlette.Pusher  # noqa: B018
