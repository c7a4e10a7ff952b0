"""httpx, httpx2 and requests, by their own clients, sessions and options."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
import requests
import responses
import trio

from pusher_mock import NotIntercepted, PusherMock, intercepted
from pusher_mock.intercept.adapter import PusherAdapter
from pusher_mock.intercept.responses import PusherRegistry, registry
from pusher_mock.intercept.respx import mount
from pusher_mock.intercept.transports import mounts, transport

from .calls import EVENT, HOST, KEY, SECRET, body_of, publish, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    import respx

BODY = body_of(EVENT)
CHANNELS = "/apps/1/channels"

# Built before anything is intercepted.
SESSION = requests.Session()


def events_url(host: str = HOST) -> str:
    return host + signed("POST", "/apps/1/events", BODY)


# httpx and httpx2 ---------------------------------------------------------------------------------


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_that_was_built_before(library: Any, mock: PusherMock):
    with library.Client() as client, mock.intercept("httpx"):
        answer = client.post(events_url(), content=BODY)
        assert (answer.status_code, answer.json()) == (200, {})
        assert answer.request.url.host == "api-eu.pusher.com"
        refused = client.get(f"{HOST}{CHANNELS}")
        assert (refused.status_code, refused.text) == (401, "Authentication key required\n")
        assert refused.headers["content-type"] == "text/plain; charset=utf-8"
        wrong = client.delete(f"{HOST}{CHANNELS}")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
        bad = client.get(HOST + signed("GET", CHANNELS, secret="wrong"))
        assert b"secret" in bad.extensions["pusher_mock_note"]
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_what_a_client_does_with_an_answer(library: Any, mock: PusherMock):
    with mock.intercept("httpx"), library.Client() as client:
        answer = client.get(f"{HOST}{CHANNELS}")
        assert answer.elapsed.total_seconds() >= 0
        assert answer.headers["content-length"] == str(len(answer.content))
        with client.stream("GET", f"{HOST}{CHANNELS}") as streamed:
            assert b"".join(streamed.iter_raw()) == b"Authentication key required\n"
        head = client.head(f"{HOST}{CHANNELS}")
        assert (head.content, head.status_code) == (b"", 405)


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_an_asynchronous_client(library: Any, run: Callable[[Any], None], mock: PusherMock):
    async def work() -> None:
        async with library.AsyncClient() as client:

            async def stream() -> Any:
                yield BODY[:5]
                yield BODY[5:]

            answer = await client.post(events_url(), content=stream())
            assert answer.json() == {}

    def start() -> None:
        run(work) if run is trio.run else run(work())

    with mock.intercept("httpx"):
        start()
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_other_hosts_are_left_alone(library: Any, mock: PusherMock):
    with mock.intercept(), pytest.raises(Exception, match=r"[Ss]ocket"):
        library.get("http://127.0.0.1:9/")


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_host_that_is_named(library: Any, mock: PusherMock):
    with mock.intercept(hosts=["soketi.test", "localhost:6001"]):
        assert library.post(events_url("http://soketi.test:99"), content=BODY).json() == {}
        assert library.post(events_url("http://localhost:6001"), content=BODY).json() == {}


@pytest.mark.parametrize("library", ["httpx", httpx2])
def test_transports_of_a_tests_own_client(library: Any, mock: PusherMock):
    module: Any = httpx if library == "httpx" else library
    with module.Client(transport=transport(mock, library)) as client:
        client.post(events_url("http://anything.test"), content=BODY)
    with module.Client(mounts=mounts(mock, library)) as client:
        client.post(events_url(), content=BODY)

    async def work() -> None:
        async with module.AsyncClient(mounts=mounts(library=library)) as client:
            await client.post(events_url(), content=BODY)

    with mock:
        asyncio.run(work())
    mock.assert_triggered("c", "e", {"n": 1}, times=3)
    assert repr(transport(mock, library)) == f"<PusherTransport {module.__name__} of {mock!r}>"


# Beside respx -------------------------------------------------------------------------------------


def test_a_route_of_respx_comes_first(mock: PusherMock, router: respx.MockRouter):
    theirs = router.post(path="/apps/1/events").respond(json={"theirs": True})
    with mock.intercept():
        assert httpx.post(events_url(), content=BODY).json() == {"theirs": True}
        assert httpx.get(HOST + signed("GET", CHANNELS)).json() == {"channels": {}}
    assert theirs.call_count == 1
    mock.assert_not_triggered()


def test_the_respx_door_beside_it(mock: PusherMock, router: respx.MockRouter):
    route = mount(router, mock)
    router.get("https://other.test/").respond(204)
    other = PusherMock()
    with other.intercept():
        assert publish().json() == {}
        assert httpx.get("https://other.test/").status_code == 204
    assert route.call_count == 1
    mock.assert_triggered("c", "e")
    other.assert_not_triggered()


def test_a_router_that_lets_everything_pass(mock: PusherMock, router: respx.MockRouter):
    router.route().pass_through()
    with mock.intercept():
        assert publish().json() == {}
    mock.assert_triggered("c", "e")


# requests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [BODY, BODY.decode(), bytearray(BODY), io.BytesIO(BODY), io.StringIO(BODY.decode())],
    ids=lambda body: type(body).__name__,
)
def test_a_session_that_was_built_before(body: Any, mock: PusherMock):
    with mock.intercept("requests"):
        answer = SESSION.post(events_url(), data=body, timeout=3, verify=False)
    assert (answer.status_code, answer.json(), answer.reason) == (200, {}, "OK")
    assert answer.url == answer.request.url
    assert answer.url.startswith("https://api-eu.pusher.com/apps/1/events?")
    assert answer.headers["Content-Length"] == "2"
    mock.assert_triggered("c", "e", {"n": 1}, times=1)


def test_only_the_head(mock: PusherMock):
    with mock.intercept("requests"):
        head = requests.head(f"{HOST}{CHANNELS}")
    assert (head.content, head.status_code) == (b"", 405)


def test_a_port_that_is_not_named(mock: PusherMock):
    with mock.intercept(hosts="soketi.test:443"):
        assert requests.get("https://soketi.test/").status_code == 404
        with pytest.raises(Exception, match=r"[Ss]ocket"):
            requests.get("http://soketi.test/")


def test_a_body_in_pieces(mock: PusherMock):
    with mock.intercept("requests"):
        answer = SESSION.post(events_url(), data=iter([BODY[:5], BODY[5:]]))
    assert answer.json() == {}


def test_a_body_that_is_read_in_pieces(mock: PusherMock):
    with mock.intercept("requests"), SESSION.get(f"{HOST}{CHANNELS}", stream=True) as answer:
        assert b"".join(answer.iter_content(5)) == b"Authentication key required\n"
        with pytest.raises(requests.HTTPError, match="401 Client Error: Unauthorized"):
            answer.raise_for_status()


def test_why_it_was_refused(mock: PusherMock):
    with mock.intercept("requests"):
        answer = requests.get(HOST + signed("GET", CHANNELS, secret="wrong"))
    assert "secret" in answer.pusher_mock_note  # type: ignore[attr-defined]


def test_an_address_that_is_none(mock: PusherMock):
    class Raw(requests.auth.AuthBase):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.url = "http://localhost:notaport/"
            return request

    with mock.intercept("requests"), pytest.raises(requests.RequestException):
        requests.get("http://localhost/", auth=Raw())


def test_an_adapter_on_a_tests_own_session(mock: PusherMock):
    with requests.Session() as session:
        session.mount("https://", PusherAdapter(mock))
        session.mount("http://", PusherAdapter())
        assert session.post(events_url(), data=BODY).json() == {}
        with mock:
            assert session.post(events_url("http://any.test"), data=BODY).json() == {}
        assert repr(session.get_adapter("https://x")) == f"<PusherAdapter of {mock!r}>"
    mock.assert_triggered("c", "e", times=2)


# Beside responses ---------------------------------------------------------------------------------


def test_a_registry_for_responses(pusher_mock: PusherMock):
    @responses.activate(registry=PusherRegistry)
    def work() -> None:
        responses.get("https://other.test/", json={"other": 1})
        assert requests.post(events_url(), data=BODY).json() == {}
        assert requests.get(f"{HOST}{CHANNELS}").status_code == 401
        assert requests.head(f"{HOST}{CHANNELS}").content == b""
        assert requests.get("https://other.test/").json() == {"other": 1}
        with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
            requests.get("https://unknown.test/")
        assert [call.request.method for call in responses.calls] == [
            "POST",
            "GET",
            "HEAD",
            "GET",
            "GET",
        ]

    work()
    pusher_mock.assert_triggered("c", "e", {"n": 1}, times=1)


def test_a_registry_for_a_given_mock(mock: PusherMock):
    @responses.activate(registry=registry(mock, hosts="soketi.test"))
    def work() -> None:
        responses.post(f"{HOST}/apps/1/batch_events", json={"theirs": True})
        assert requests.post(events_url("http://soketi.test:1"), data=BODY).json() == {}
        theirs = requests.post(f"{HOST}/apps/1/batch_events?x=1")
        assert theirs.json() == {"theirs": True}

    work()
    mock.assert_triggered("c", "e", times=1)


def test_inside_of_an_interception(mock: PusherMock):
    with mock.intercept(), responses.RequestsMock() as theirs:
        theirs.get("https://other.test/", json={})
        assert requests.get("https://other.test/").json() == {}
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{HOST}{CHANNELS}")
    mock.assert_not_triggered()


# To a server --------------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_forwarding():
    served, unused = PusherMock(), PusherMock()
    with served.serve() as server, unused.intercept(forward_to=server):
        for library in (httpx, httpx2):
            answer = library.post(events_url(), content=BODY)
            assert (answer.status_code, answer.json()) == (200, {})

            async def work(library: Any = library) -> None:
                async with library.AsyncClient() as client:
                    assert (await client.post(events_url(), content=BODY)).json() == {}

            asyncio.run(work())
        answer = SESSION.post(events_url(), data=BODY)
        assert answer.url.startswith("https://api-eu.pusher.com/")
        assert answer.request.url == answer.url
        import pusher

        client = pusher.Pusher("1", KEY, SECRET, cluster="eu")
        client.trigger("c", "e", {"n": 1})
        assert client.channels_info() == {"channels": {}}
        with pytest.raises(pusher.errors.PusherBadRequest, match="Unknown auth_key"):
            pusher.Pusher("1", "unknown", "s").trigger("c", "e", {})
        # What means the server itself is left alone.
        direct = pusher.Pusher("1", KEY, SECRET, host="127.0.0.1", port=server.port, ssl=False)
        direct.trigger("c", "direct", {})
        assert httpx.get(f"{server.url}/health").status_code == 200
    served.assert_triggered("c", "e", {"n": 1}, times=6)
    served.assert_triggered("c", "direct")
    unused.assert_not_triggered()


@pytest.mark.enable_socket
def test_a_server_of_this_process_is_meant_to_be_reached():
    served, other = PusherMock(), PusherMock()
    import pusher

    with served.serve() as server, other.intercept(hosts=["127.0.0.1"]):
        pusher.Pusher("1", KEY, SECRET, host="localhost", port=server.port, ssl=False).trigger(
            "c", "e", {}
        )
        assert httpx.post(events_url(server.url), content=BODY).json() == {}
    served.assert_triggered("c", "e", times=2)
    other.assert_not_triggered()


@pytest.mark.enable_socket
def test_a_server_in_another_process_by_its_address():
    served, other = PusherMock(), PusherMock()
    with served.serve() as server:
        from pusher_mock.core import places

        places.leave(server.port)  # as if another process served there
        try:
            with other.intercept(hosts=["127.0.0.1"], forward_to=server.url):
                assert httpx.post(events_url(server.url), content=BODY).json() == {}
                import urllib.request

                with urllib.request.urlopen(f"{server.url}/health") as answer:
                    assert json.load(answer)
        finally:
            places.take(server.port)
    served.assert_triggered("c", "e", times=1)


def test_the_current_mock_by_default(pusher_mock: PusherMock):
    with intercepted("httpx"):
        publish()
    pusher_mock.assert_triggered("c", "e")


def test_the_text_of_a_refusal_has_no_signature(mock: PusherMock):
    with pytest.raises(NotIntercepted) as caught, mock.intercept("sdk"):
        publish()
    assert "auth_" not in str(caught.value)
    assert caught.value.url == "POST https://api-eu.pusher.com/apps/mock-app-id/events"
