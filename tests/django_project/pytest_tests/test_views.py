"""Authorization views and webhooks, by the test client and by the client double."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from compat import ConfigurationError, get_pusher_client, get_pusher_server, pusher_server
from compat.django.signals import webhook_received
from compat.django.views import (
    ChannelAuthorizationView,
    UserAuthorizationView,
    WebhookView,
    presence_member,
)
from pusher_mock import App, PusherMock, Webhook
from pusher_mock.testing import django_poster

pytestmark = pytest.mark.usefixtures("use_mocks")

Sign = Callable[..., tuple[int, Any]]
MASTER_KEY = base64.b64encode(bytes(32)).decode()


def test_a_private_channel(ada: User, sign: Sign):
    name = f"private-user-{ada.pk}"
    status, body = sign(channel_name=name)
    assert status == 200
    assert body == pusher_server.authenticate(name, "1.2")


def test_the_hook_refuses(sign: Sign):
    assert sign(channel_name="private-other") == (
        403,
        {"error": "not allowed to subscribe to private-other"},
    )
    assert sign(channel_name="private-closed") == (403, {"error": "closed today"})
    assert sign(channel_name="private-empty")[0] == 403


def test_presence_describes_the_user(ada: User, sign: Sign):
    status, body = sign(channel_name="presence-room")
    member = {"user_id": str(ada.pk), "user_info": {"name": "Ada Lovelace"}}
    assert status == 200
    assert json.loads(body["channel_data"]) == member == presence_member(ada)


def test_the_hook_describes_the_member(sign: Sign):
    status, body = sign(channel_name="presence-named")
    assert status == 200
    assert json.loads(body["channel_data"]) == {"user_id": "7", "user_info": {"name": "Ada"}}
    assert "channel_data" in sign(channel_name="private-named")[1]


def test_a_user_without_a_full_name_is_called_by_the_user_name(db: None):
    assert presence_member(User.objects.create_user("ben"))["user_info"] == {"name": "ben"}


def test_an_encrypted_channel_needs_the_master_key(sign: Sign):
    with override_settings(PUSHER_ENCRYPTION_MASTER_KEY_BASE64=MASTER_KEY):
        status, body = sign(channel_name="private-encrypted-notes")
        assert status == 200
        assert len(base64.b64decode(body["shared_secret"])) == 32
    with pytest.raises(ConfigurationError, match="PUSHER_ENCRYPTION_MASTER_KEY_BASE64"):
        sign(channel_name="private-encrypted-notes")


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({}, 400, "channel_name is missing"),
        ({"channel_name": "private-a", "socket_id": ""}, 400, "socket_id is missing"),
        ({"channel_name": "private-a", "socket_id": "x"}, 400, "socket_id is malformed"),
        ({"channel_name": "news"}, 403, "news is public"),
        ({"channel_name": "#server-to-user-1"}, 403, "not the name of a channel"),
        ({"channel_name": "private-a b"}, 403, "not the name of a channel"),
        ({"channel_name": "private-" + "a" * 193}, 403, "not the name of a channel"),
    ],
)
def test_what_cannot_be_signed(sign: Sign, fields: dict[str, str], status: int, text: str):
    found, body = sign(**fields)
    assert found == status
    assert text in body["error"]


def test_a_batch(ada: User, sign: Sign):
    mine = f"private-user-{ada.pk}"
    fields = {
        "channel_name[0]": mine,
        "channel_name[1]": "private-other",
        "channel_name[2]": "news",
        "channel_name[10]": "presence-room",
        "channel_name[3]": mine,
    }
    status, body = sign(**fields)
    assert status == 200
    assert list(body) == [mine, "private-other", "news", "presence-room"]
    assert body[mine] == {"status": 200, "data": pusher_server.authenticate(mine, "1.2")}
    assert body["private-other"]["status"] == 403
    assert body["news"] == {
        "status": 403,
        "error": "news is public: subscribe to it without authorization",
    }


def test_a_batch_has_an_end(sign: Sign):
    status, body = sign(**{f"channel_name[{n}]": f"private-{n}" for n in range(101)})
    assert (status, body["error"]) == (400, "101 channels at once, at most 100 are allowed")


def test_a_hook_behind_a_decorator_that_redirects(ada: User, client: Client):
    from django.contrib.auth.decorators import login_required, user_passes_test

    staff: Any = user_passes_test(lambda user: user.pk is None, login_url="/login/")
    rule = staff(lambda request, name: True)
    view = ChannelAuthorizationView.as_view(permit=rule)
    answer: Any = view(_post(ada, channel_name="private-a"))
    assert (answer.status_code, json.loads(answer.content)) == (403, {"error": "log in first"})
    known: Any = login_required(login_url="/login/")
    who = known(lambda request: {"id": "7"})
    with override_settings(PUSHER_USER_DATA=who):
        client.logout()
        assert client.post("/pusher/user-auth", {"socket_id": "1.2"}).status_code == 403


def test_a_hook_that_returns_something_else(ada: User):
    view = ChannelAuthorizationView.as_view(permit=lambda request, name: "yes")
    with pytest.raises(TypeError, match="has to return True, False, None or the member"):
        view(_post(ada, channel_name="private-a"))


def test_only_post(browser: Client):
    for address in ("auth", "user-auth", "webhook"):
        assert browser.get(f"/pusher/{address}").status_code == 405


def test_forged_requests_are_refused(ada: User):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)
    fields = {"socket_id": "1.2", "channel_name": "presence-room"}
    assert careful.post("/pusher/auth", fields).status_code == 403
    assert careful.post("/pusher/user-auth", {"socket_id": "1.2"}).status_code == 403
    page = careful.get("/page").content.decode()
    options = json.loads(
        page.partition('"pusher-config" type="application/json">')[2].split("<")[0]
    )
    headers = options["channelAuthorization"]["headers"]
    assert careful.post("/pusher/auth", fields, headers=headers).status_code == 200


def test_anonymous_users_are_refused_unasked(db: None, client: Client):
    answer = client.post("/pusher/auth", {"socket_id": "1.2", "channel_name": "presence-room"})
    assert (answer.status_code, answer.json()) == (403, {"error": "log in first"})
    assert client.post("/pusher/user-auth", {"socket_id": "1.2"}).status_code == 403


class Guests(ChannelAuthorizationView):
    login_required = False

    def authorize(self, request: HttpRequest, channel_name: str) -> Any:
        return True


def _post(user: Any = None, **fields: str) -> HttpRequest:
    request = RequestFactory().post("/", {"socket_id": "1.2", **fields})
    if user is not None:
        request.user = user
    return request


def test_a_view_for_guests():
    assert Guests.as_view()(_post(channel_name="private-lobby")).status_code == 200
    with pytest.raises(ValueError, match="presence-lobby is a presence channel"):
        Guests.as_view()(_post(AnonymousUser(), channel_name="presence-lobby"))


def test_a_rule_given_to_the_view(ada: User):
    view = ChannelAuthorizationView.as_view(permit=lambda request, name: name == "private-one")
    assert view(_post(ada, channel_name="private-one")).status_code == 200
    assert view(_post(ada, channel_name="private-two")).status_code == 403


@override_settings(PUSHER_AUTHORIZE=None)
def test_without_a_rule_the_view_says_what_to_do(ada: User):
    with pytest.raises(ImproperlyConfigured, match="set PUSHER_AUTHORIZE to a function"):
        ChannelAuthorizationView.as_view()(_post(ada, channel_name="private-one"))


def test_the_client_double_subscribes_through_the_view(
    ada: User, browser: Client, use_mocks: PusherMock
):
    heard: list[str] = []
    page = get_pusher_client(
        connect=True,
        auth_endpoint="/pusher/auth",
        user_data=presence_member(ada),
        poster=django_poster(browser),
    )
    page.subscribe(f"private-user-{ada.pk}").bind("notice", heard.append)
    page.subscribe("presence-room")
    pusher_server.trigger(f"private-user-{ada.pk}", "notice", "hello")
    assert heard == ["hello"]
    assert pusher_server.users_info("presence-room") == {"users": [{"id": str(ada.pk)}]}


def test_signing_in(ada: User, sign: Sign):
    status, body = sign("/pusher/user-auth")
    data = {"id": str(ada.pk), "user_info": {"name": "Ada Lovelace"}}
    assert status == 200
    assert body == get_pusher_server().authenticate_user("1.2", data)
    assert sign("/pusher/user-auth", socket_id="x")[0] == 400


def test_signing_in_by_a_hook(sign: Sign):
    def watching(request: HttpRequest) -> dict[str, Any]:
        return {"id": 7, "watchlist": ["8"]}

    def nobody(request: HttpRequest) -> dict[str, Any]:
        raise PermissionDenied

    with override_settings(PUSHER_USER_DATA=watching):
        body = sign("/pusher/user-auth")[1]
        assert json.loads(body["user_data"]) == {"id": "7", "watchlist": ["8"]}
    with override_settings(PUSHER_USER_DATA=nobody):
        assert sign("/pusher/user-auth")[0] == 403
    with (
        override_settings(PUSHER_USER_DATA=lambda request: {"name": "x"}),
        pytest.raises(ValueError, match="the user's data needs an id"),
    ):
        sign("/pusher/user-auth")


def test_a_view_that_signs_in_by_itself():
    class Bots(UserAuthorizationView):
        def user_data(self, request: HttpRequest) -> dict[str, Any]:
            return {"id": "bot"}

    assert Bots.as_view()(_post()).status_code == 200


HOOKED = App(
    id="1234",
    key="key-of-settings",
    secret="secret-of-settings",
    webhooks=(Webhook("https://example.test/pusher/webhook"),),
)


def _deliver(mock: PusherMock, client: Client, **headers: str) -> int:
    [hook] = mock.webhooks()
    sent = {**dict(hook.headers), **headers}
    answer = client.post(
        "/pusher/webhook", hook.body, content_type="application/json", headers=sent
    )
    return answer.status_code


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_webhooks_become_signals(use_mocks: PusherMock, client: Client):
    received: list[dict[str, Any]] = []

    def receive(sender: type, event: dict[str, Any], time_ms: int, **kwargs: Any) -> None:
        assert sender is WebhookView
        assert kwargs["request"].path == "/pusher/webhook"
        received.append({**event, "time_ms": time_ms})

    use_mocks.client(connect=True).subscribe("room")
    webhook_received.connect(receive)
    try:
        assert _deliver(use_mocks, client) == 200
    finally:
        webhook_received.disconnect(receive)
    [event] = received
    assert (event["name"], event["channel"]) == ("channel_occupied", "room")
    assert event["time_ms"] > 1_600_000_000_000


@pytest.mark.pusher_mock(apps=[HOOKED])
def test_a_webhook_with_another_signature(use_mocks: PusherMock, client: Client):
    use_mocks.client(connect=True).subscribe("room")
    assert _deliver(use_mocks, client, **{"X-Pusher-Signature": "0" * 64}) == 401
    assert _deliver(use_mocks, client, **{"X-Pusher-Key": "other"}) == 401
    assert (
        client.post("/pusher/webhook", b"\xff", content_type="application/json").status_code == 401
    )
