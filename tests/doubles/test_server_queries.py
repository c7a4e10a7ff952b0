"""Asking: channels_info, channel_info, users_info, send_to_user, terminate (facts 2.2, 5.1)."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pusher.errors import PusherBadRequest, PusherBadStatus
from tests.versions import needs_users

from pusher_mock import App, MockPusherServer, PusherMock
from pusher_mock.protocol.signatures import sign, user_text

from .real import both

COUNTED = App("1", "k", "s", subscription_count=True, client_events=True)


@pytest.fixture
def mock() -> PusherMock:
    return PusherMock(apps=[COUNTED])


def join(mock: PusherMock, channel: str, user_id: str) -> Any:
    client = mock.client(connect=True, user_data={"user_id": user_id})
    client.subscribe(channel)
    return client


def sign_in(mock: PusherMock, user_id: str) -> Any:
    client = mock.client(connect=True)
    data = f'{{"id":"{user_id}"}}'
    text = user_text(client.connection.socket_id, data)
    client.connection.send_event(
        "pusher:signin", {"auth": f"k:{sign('s', text)}", "user_data": data}
    )
    return client


# channels_info ----------------------------------------------------------------------------------


def test_channels_info(mock: PusherMock):
    server = mock.server()
    assert server.channels_info() == {"channels": {}}
    mock.state.subscribe("one", "public")
    mock.state.subscribe("one", "private-x")
    join(mock, "presence-x", "1")
    join(mock, "presence-x", "2")
    assert server.channels_info() == {"channels": {"public": {}, "private-x": {}, "presence-x": {}}}
    assert server.channels_info("pri") == {"channels": {"private-x": {}}}
    assert server.channels_info(b"pri") == {"channels": {"private-x": {}}}
    assert server.channels_info("presence-", ["user_count"]) == {
        "channels": {"presence-x": {"user_count": 2}}
    }
    assert server.channels_info(attributes=[]) == server.channels_info(None, ())


def test_user_count_needs_a_prefix(mock: PusherMock):
    # facts 2.2.4
    with pytest.raises(PusherBadRequest) as caught:
        mock.server().channels_info(attributes=["user_count"])
    assert str(caught.value) == (
        "user_count may only be requested for presence channels - "
        "please supply filter_by_prefix beginning with presence-\n"
    )


def test_attributes_as_a_string_are_joined_letter_by_letter(mock: PusherMock):
    # facts 5.1
    # facts 5.1.5
    request = mock.server()._pusher_client.channel_info.make_request("presence-x", "user_count")
    assert request.query_params["info"] == "u,s,e,r,_,c,o,u,n,t"
    for call in (
        lambda: mock.server().channel_info("presence-x", "user_count"),
        lambda: mock.server().channels_info("presence-", "user_count"),
    ):
        with pytest.raises(PusherBadRequest, match="Cannot retrieve u here") as caught:
            call()
        assert caught.value.__notes__ == [
            "the SDK joins attributes with commas: pass a list, not a string"
        ]


@pytest.mark.parametrize("prefix", [5, ["presence-"]])
def test_a_prefix_is_text(prefix: Any):
    kind, text, _ = both(lambda make: make("1", "k", "s").channels_info(prefix))
    assert (kind, text[:29]) == ("TypeError", "prefix_filter should be a str")


# channel_info -----------------------------------------------------------------------------------


def test_channel_info(mock: PusherMock):
    server = mock.server()
    assert server.channel_info("public") == {"occupied": False}
    assert server.channel_info("presence-x", ["user_count"]) == {
        "occupied": False,
        "user_count": 0,
    }
    mock.state.subscribe("one", "public")
    mock.state.subscribe("two", "public")
    join(mock, "presence-x", "1")
    join(mock, "presence-x", "1")
    assert server.channel_info("public", ["subscription_count"]) == {
        "occupied": True,
        "subscription_count": 2,
    }
    assert server.channel_info("presence-x", ["user_count"]) == {"occupied": True, "user_count": 1}


def test_channel_info_of_a_cache_channel(mock: PusherMock):
    server = mock.server()
    assert server.channel_info("cache-x", ["cache"]) == {"occupied": False, "cache": None}
    server.trigger("cache-x", "e", {"n": 1})
    assert server.channel_info("cache-x", ["cache"])["cache"] == {"data": '{"n": 1}', "ttl": 1800}
    mock.clock.advance(60_000)
    assert server.channel_info("cache-x", ["cache"])["cache"]["ttl"] == 1740


@pytest.mark.parametrize(
    ("channel", "attribute", "text"),
    [
        (
            "public",
            "user_count",
            "Cannot retrieve the user count unless the channel is a presence channel\n",
        ),
        ("presence-x", "subscription_count", "Cannot retrieve subscription_count for the channel"),
        ("public", "cache", "Cannot retrieve cache for the channel public"),
        ("public", "nonsense", "Cannot retrieve nonsense here; the info parameter takes user_"),
    ],
)
def test_attributes_that_do_not_apply(channel: str, attribute: str, text: str, mock: PusherMock):
    with pytest.raises(PusherBadRequest) as caught:
        mock.server().channel_info(channel, [attribute])
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("method", ["channel_info", "users_info"])
@pytest.mark.parametrize(
    ("channel", "kind"),
    [("a b", "ValueError"), ("", "ValueError"), (5, "TypeError"), ("c" * 201, "ValueError")],
)
def test_channel_names_are_validated(method: str, channel: Any, kind: str):
    assert both(lambda make: getattr(make("1", "k", "s"), method)(channel))[0] == kind


def test_a_name_that_the_sdk_lets_through_and_the_service_does_not(mock: PusherMock):
    # facts 1.3: 164 by the documents, 200 by the SDKs
    with pytest.raises(PusherBadRequest, match="Invalid channel name"):
        mock.server().channel_info("c" * 165)


def test_names_with_every_allowed_character(mock: PusherMock):
    name = "aZ09_-=@,.;"
    mock.state.subscribe("one", name)
    assert mock.server().channel_info(name) == {"occupied": True}
    assert mock.server().channels_info(name) == {"channels": {name: {}}}


@needs_users
def test_asking_about_a_user_channel_goes_astray_as_a_fragment_does(mock: PusherMock):
    # `#` begins a fragment, which no HTTP library sends
    for method in ("channel_info", "users_info"):
        with pytest.raises(PusherBadStatus, match="404 NOT FOUND"):
            getattr(mock.server(), method)("#server-to-user-1")


# users_info -------------------------------------------------------------------------------------


def test_users_info(mock: PusherMock):
    server = mock.server()
    assert server.users_info("presence-x") == {"users": []}
    join(mock, "presence-x", "1")
    second = join(mock, "presence-x", "2")
    join(mock, "presence-x", "2")
    assert server.users_info("presence-x") == {"users": [{"id": "1"}, {"id": "2"}]}
    second.disconnect()
    assert server.users_info("presence-x") == {"users": [{"id": "1"}, {"id": "2"}]}


def test_users_info_has_no_presence_check_in_the_sdk(mock: PusherMock):
    with pytest.raises(PusherBadRequest, match="Users can only be retrieved for presence"):
        mock.server().users_info("public")


# send_to_user -----------------------------------------------------------------------------------


@needs_users
def test_send_to_user(mock: PusherMock):
    heard: list[str] = []
    for user_id in ("ada", "ben"):
        client = sign_in(mock, user_id)
        client.subscribe(f"#server-to-user-{user_id}").bind("e", heard.append)
    assert mock.server().send_to_user("ada", "e", {"n": 1}) == {}
    assert heard == ['{"n": 1}']
    mock.assert_triggered("#server-to-user-ada", "e", {"n": 1})


@needs_users
@pytest.mark.parametrize(
    ("user_id", "kind", "text"),
    [
        ("", "ValueError", "User id is empty"),
        ("u" * 201, "ValueError", f"User id too long: '{'u' * 201}'"),
        ("a b", "ValueError", "Invalid user id: 'a b'"),
        (5, "TypeError", "user_id should be a string instead it is a <class 'int'>"),
        ("u" * 185, "ValueError", f"Channel too long: #server-to-user-{'u' * 185}"),
    ],
)
def test_user_ids_are_validated(user_id: Any, kind: str, text: str):
    assert both(lambda make: make("1", "k", "s").send_to_user(user_id, "e", "d"))[:2] == (
        kind,
        text,
    )


# terminate_user_connections ---------------------------------------------------------------------


def test_terminate_is_answered_with_404(mock: PusherMock, caplog: pytest.LogCaptureFixture):
    # facts 5.1: the SDK leaves the app out of the path
    client = sign_in(mock, "ada")
    with (
        caplog.at_level(logging.WARNING, logger="pusher_mock"),
        pytest.raises(PusherBadStatus) as caught,
    ):
        mock.server().terminate_user_connections("ada")
    assert str(caught.value) == "404: 404 NOT FOUND\n"
    (note,) = caught.value.__notes__
    assert "fix_terminate_path=True" in note
    assert note in caplog.text
    assert client.connection.state == "connected"


def test_terminate_can_be_made_to_work(mock: PusherMock):
    ada, ben = sign_in(mock, "ada"), sign_in(mock, "ben")
    assert mock.server(fix_terminate_path=True).terminate_user_connections("ada") == {}
    assert ada.connection.state == "disconnected"
    assert ben.connection.state == "connected"
    request = mock.server(
        fix_terminate_path=True
    )._pusher_client.terminate_user_connections.make_request("a@b.c")
    assert (request.method, request.path) == ("POST", "/apps/1/users/a@b.c/terminate_connections")
    assert request.body == b"{}"


def test_the_fix_keeps_the_sdks_validation():
    for user_id, kind in (("", ValueError), ("a b", ValueError), (5, TypeError)):
        for fix in (True, False):
            server = MockPusherServer("1", "k", "s", fix_terminate_path=fix)
            with pytest.raises(kind):
                server.terminate_user_connections(user_id)  # type: ignore[arg-type]
