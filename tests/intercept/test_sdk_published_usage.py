"""The SDK as its documentation uses it: real clients, built before anything is intercepted.

Each back end makes the same calls. Sockets are blocked, so nothing of this can have been sent.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pusher import Pusher
from pusher.errors import PusherBadAuth, PusherBadRequest, PusherBadStatus
from tests.shapes.page import Page
from tests.versions import AIOHTTP, needs_users

from pusher_mock import App, PusherMock, Webhook
from pusher_mock.testing import decrypt

if TYPE_CHECKING:
    from collections.abc import Callable

ID, KEY, SECRET = "4242", "42424242424242424242", "d4d4d4d4d4d4d4d4d4d4"
MASTER_KEY = b"m" * 32


class Encoder(json.JSONEncoder):
    """Encodes days."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, date) else super().default(o)


class Decoder(json.JSONDecoder):
    """Tells that it has decoded."""

    def decode(self, s: str, *args: Any) -> Any:
        return {**super().decode(s, *args), "decoded": True}


def build(**options: Any) -> Pusher:
    return Pusher(app_id=ID, key=KEY, secret=SECRET, cluster="eu", **options)


BEFORE = build()
TRIGGER = BEFORE.trigger  # a bound method that somebody has kept


@pytest.fixture
def mock() -> PusherMock:
    """A mock that has never seen this app."""
    return PusherMock()


def requests_backend(
    mock: PusherMock, call: Callable[[Pusher], Any], *doors: str, **options: Any
) -> Any:
    client = build(**options)
    with mock.intercept(*doors):
        return call(client)


def aiohttp_backend(
    mock: PusherMock, call: Callable[[Pusher], Any], *doors: str, **options: Any
) -> Any:
    import pusher.aiohttp

    client = build(backend=pusher.aiohttp.AsyncIOBackend, **options)

    async def scenario() -> Any:
        with mock.intercept(*doors):
            coroutine = call(client)
            assert inspect.iscoroutine(coroutine)
            return await coroutine

    return asyncio.run(scenario())


def tornado_backend(mock: PusherMock, call: Callable[[Pusher], Any], **options: Any) -> Any:
    import pusher.tornado

    async def scenario() -> Any:
        # It asks for the loop when it is built.
        client = build(backend=pusher.tornado.TornadoBackend, **options)
        with mock.intercept():
            future = call(client)
            assert isinstance(future, asyncio.Future)
            return await asyncio.wait_for(future, 5)

    return asyncio.run(scenario())


AIO = pytest.param(aiohttp_backend, marks=AIOHTTP.mark, id="aiohttp")
REQUESTS = pytest.param(requests_backend, id="requests")
TORNADO = pytest.param(tornado_backend, id="tornado")

posting = pytest.mark.parametrize("ask", [REQUESTS, AIO, TORNADO])
asking = pytest.mark.parametrize("ask", [REQUESTS, AIO])


def presence(mock: PusherMock, user: str) -> Page:
    """Somebody in a chat room."""
    page = Page(mock, KEY)
    page.subscribe(
        "presence-chatroom",
        BEFORE.authenticate("presence-chatroom", page.socket_id, {"user_id": user}),
    )
    return page


@pytest.fixture
def here(mock: PusherMock) -> Page:
    """A mock that knows the app, and somebody who is there."""
    with mock.intercept():
        return presence(mock, "ada")


# What posts -------------------------------------------------------------------------------------


@posting
def test_trigger(ask: Any, mock: PusherMock):
    page = Page(mock, KEY)
    page.subscribe("a_channel")
    assert ask(mock, lambda client: client.trigger("a_channel", "an_event", {"some": "data"})) == {}
    assert page.heard("a_channel") == [("an_event", {"some": "data"})]
    mock.assert_triggered("a_channel", "an_event", {"some": "data"}, times=1)


@posting
def test_trigger_on_several_channels_without_the_sender(ask: Any, mock: PusherMock):
    pages = [Page(mock, KEY), Page(mock, KEY)]
    for page in pages:
        page.subscribe("a")
    ask(
        mock,
        lambda client: client.trigger(["a", "b"], "e", {"n": 1}, socket_id=pages[0].socket_id),
    )
    assert [page.heard("a") for page in pages] == [[], [("e", {"n": 1})]]
    mock.assert_triggered("b", "e", {"n": 1}, times=1)


@posting
def test_trigger_batch(ask: Any, mock: PusherMock):
    page = Page(mock, KEY)
    page.subscribe("ch1")
    batch = [
        {"channel": "ch1", "name": "ev1", "data": {"some": "data1"}},
        {"channel": "ch2", "name": "ev2", "data": {"some": "data2"}, "socket_id": page.socket_id},
    ]
    assert ask(mock, lambda client: client.trigger_batch(batch)) == {}
    assert page.heard("ch1") == [("ev1", {"some": "data1"})]
    mock.assert_triggered("ch2", "ev2", {"some": "data2"}, socket_id=page.socket_id)


@posting
def test_a_batch_that_is_encoded_already(ask: Any, mock: PusherMock):
    batch = [{"channel": "ch1", "name": "ev1", "data": '{"some": "data1"}'}]
    ask(mock, lambda client: client.trigger_batch(batch, already_encoded=True))
    mock.assert_triggered("ch1", "ev1", {"some": "data1"}, times=1)


@needs_users
@posting
def test_send_to_user(ask: Any, mock: PusherMock):
    page = Page(mock, KEY)
    with mock.intercept():
        page.say("pusher:signin", BEFORE.authenticate_user(page.socket_id, {"id": "12"}))
    page.subscribe("#server-to-user-12")  # as pusher-js does when it has signed in
    ask(mock, lambda client: client.send_to_user("12", "some_event", {"message": "hello"}))
    assert page.heard("#server-to-user-12") == [("some_event", {"message": "hello"})]


@needs_users
@posting
def test_terminate_user_connections(ask: Any, mock: PusherMock):
    """The SDK asks for a path that the service does not have; it is not hidden."""
    with pytest.raises(PusherBadStatus, match="404"):
        ask(mock, lambda client: client.terminate_user_connections("12"))


@posting
def test_an_encoder_of_its_own(ask: Any, mock: PusherMock):
    day = {"day": date(2020, 2, 29)}
    ask(mock, lambda client: client.trigger("c", "e", day), json_encoder=Encoder)
    mock.assert_triggered("c", "e", {"day": "2020-02-29"}, times=1)


@posting
def test_an_encrypted_channel(ask: Any, mock: PusherMock):
    channel = "private-encrypted-notes"
    ask(
        mock,
        lambda client: client.trigger(channel, "e", {"n": 1}),
        encryption_master_key_base64=base64.b64encode(MASTER_KEY).decode(),
    )
    event = mock.assert_triggered(channel, "e", times=1)
    assert set(event.data) == {"nonce", "ciphertext"}
    assert json.loads(decrypt(channel, json.dumps(event.data), MASTER_KEY)) == {"n": 1}


# What asks --------------------------------------------------------------------------------------


@asking
def test_channels_info(ask: Any, mock: PusherMock, here: Page):
    here.subscribe("others")
    assert ask(mock, lambda client: client.channels_info()) == {
        "channels": {"presence-chatroom": {}, "others": {}}
    }
    assert ask(mock, lambda client: client.channels_info("presence-", ["user_count"])) == {
        "channels": {"presence-chatroom": {"user_count": 1}}
    }


@asking
def test_channel_info(ask: Any, mock: PusherMock, here: Page):
    said = ask(mock, lambda client: client.channel_info("presence-chatroom", ["user_count"]))
    assert said == {"occupied": True, "user_count": 1}
    assert ask(mock, lambda client: client.channel_info("nobody")) == {"occupied": False}


@asking
def test_users_info(ask: Any, mock: PusherMock, here: Page):
    with mock.intercept():
        other = presence(mock, "ben")
    said = ask(mock, lambda client: client.users_info("presence-chatroom"))
    assert said == {"users": [{"id": "ada"}, {"id": "ben"}]}
    other.close()


def test_what_tornado_cannot_ask(mock: PusherMock):
    """Its client refuses a GET with a body, before anything is sent."""
    with pytest.raises(ValueError, match="Body must be None for method GET"):
        tornado_backend(mock, lambda client: client.channels_info())


# What is refused --------------------------------------------------------------------------------


@posting
def test_a_wrong_secret(ask: Any, mock: PusherMock, here: Page):
    def wrong(client: Pusher) -> Any:
        client._pusher_client._secret = "another"
        return client.trigger("c", "e", {})

    with pytest.raises(PusherBadAuth, match="Invalid signature"):
        ask(mock, wrong)
    mock.assert_not_triggered()


@asking
def test_a_question_that_cannot_be_answered(ask: Any, mock: PusherMock):
    with pytest.raises(PusherBadRequest):
        ask(mock, lambda client: client.users_info("no-presence"))


@posting
def test_what_the_sdk_refuses_is_raised_at_once(ask: Any, mock: PusherMock):
    with pytest.raises(ValueError, match="Invalid Channel: a b"):
        ask(mock, lambda client: client.trigger("a b", "e", {}))
    with pytest.raises(ValueError, match="Too much data"):
        ask(mock, lambda client: client.trigger("a", "e", "x" * 31_000))


# What is local ----------------------------------------------------------------------------------


def test_authenticate_private(mock: PusherMock):
    page = Page(mock, KEY)
    with mock.intercept():
        auth = BEFORE.authenticate(channel="private-channel", socket_id=page.socket_id)
    assert page.subscribe("private-channel", auth) == {}


def test_authenticate_presence(here: Page, mock: PusherMock):
    page = Page(mock, KEY)
    data = {"user_id": "1", "user_info": {"twitter": "@pusher"}}
    with mock.intercept():
        auth = BEFORE.authenticate("presence-chatroom", page.socket_id, data)
    said = page.subscribe("presence-chatroom", auth)["presence"]
    assert said["hash"] == {"ada": None, "1": {"twitter": "@pusher"}}


@pytest.mark.parametrize("decoder", [None, Decoder])
def test_validate_webhook(decoder: Any):
    hooked = App(ID, KEY, SECRET, webhooks=(Webhook("https://app.example/hook"),))
    mock = PusherMock(apps=[hooked])
    client = build(json_decoder=decoder)
    Page(mock, KEY).subscribe("a_channel")
    (hook,) = mock.webhooks()
    headers = dict(hook.headers)
    given = headers["X-Pusher-Key"], headers["X-Pusher-Signature"], hook.body
    with mock.intercept():
        said: Any = client.validate_webhook(*given)
        assert client.validate_webhook(given[0], "0" * 64, hook.body) is None
    assert said["events"] == [{"name": "channel_occupied", "channel": "a_channel"}]
    assert said.get("decoded", False) is (decoder is not None)


# Clients of other makes --------------------------------------------------------------------------


def test_from_url_and_from_environment(mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    url = f"http://{KEY}:{SECRET}@api.pusher.com/apps/{ID}"
    monkeypatch.setenv("PUSHER_URL", url)
    with mock.intercept():
        Pusher.from_url(url).trigger("a", "url", {})
        Pusher.from_url(f"http://{KEY}:{SECRET}@localhost:6001/apps/{ID}").trigger("a", "port", {})
        Pusher.from_env().trigger("a", "environment", {})
    assert [one.event for one in mock.published("a")] == ["url", "port", "environment"]


def test_a_method_that_was_kept(mock: PusherMock):
    with mock.intercept():
        TRIGGER("a", "kept", {})
    mock.assert_triggered("a", "kept", times=1)


def test_a_request_that_is_built_and_not_sent(mock: PusherMock):
    with mock.intercept():
        request = BEFORE._pusher_client.trigger.make_request("a", "e", {})
    assert request.path == f"/apps/{ID}/events"
    mock.assert_not_triggered()


@pytest.mark.parametrize(
    ("ask", "door"),
    [
        pytest.param(requests_backend, "requests", id="requests"),
        pytest.param(aiohttp_backend, "aiohttp", id="aiohttp", marks=AIOHTTP.mark),
    ],
)
def test_by_the_door_below(ask: Any, door: str):
    """What a back end sends with has a door, too; that one learns no secrets."""
    mock = PusherMock(apps=[App(ID, KEY, SECRET)])
    page = Page(mock, KEY)
    page.subscribe("a")
    assert ask(mock, lambda client: client.trigger("a", "e", {"n": 1}), door) == {}
    assert ask(mock, lambda client: client.channel_info("a"), door) == {"occupied": True}
    assert page.heard("a") == [("e", {"n": 1})]
    with pytest.raises(PusherBadRequest, match="Unknown auth_key"):
        ask(PusherMock(), lambda client: client.trigger("a", "e", {}), door)
