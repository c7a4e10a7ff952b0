"""`manage.py pusher_mock` in a test, and through a running server."""

import io
import json
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from compat import get_pusher_client
from pusher_mock import App, PusherMock, SystemClock


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("pusher_mock", *arguments, stdout=out)
    return out.getvalue()


def test_in_a_test_it_uses_the_tests_mock(use_mocks: PusherMock):
    heard: list[str] = []
    client = get_pusher_client(connect=True)
    client.subscribe("task-7").bind("moved", heard.append)
    assert _run("trigger", "task-7", "moved", '{"to": 1}') == "Published.\n"
    assert _run("trigger", "task-7", "moved", "plain text") == "Published.\n"
    assert _run("trigger", "task-7", "moved", "--socket-id", str(client.connection.socket_id)) == (
        "Published.\n"
    )
    assert heard == ['{"to": 1}', "plain text"]
    assert _run("state") == (
        "1 channel, 1 connection subscribed\n  task-7  1 subscribed, 3 kept: moved\n"
    )
    assert json.loads(_run("state", "--json")) == use_mocks.state.get_state()
    assert _run("reset") == "Reset.\n"
    assert _run("state") == "0 channels, 0 connections subscribed\n"


@pytest.mark.usefixtures("use_mocks")
def test_what_pusher_refuses_is_said():
    with pytest.raises(CommandError, match="Invalid Channel: a b"):
        _run("trigger", "a b", "moved")
    with pytest.raises(CommandError, match="The data content of this event exceeds"):
        _run("trigger", "task-7", "moved", "x" * 10241)


@override_settings(USE_MOCKS=True)
def test_a_running_server(live_server: Any):
    # Its threads share this process's default mock with the test.
    server = ["--server", live_server.url]
    _run("reset", *server)
    assert _run("trigger", "task-7", "moved", "{}", *server) == "Published.\n"
    [channel] = json.loads(_run("state", "--json", *server))["channels"]
    assert (channel["name"], channel["subscriberCount"], channel["messageCount"]) == (
        "task-7",
        0,
        1,
    )
    client = get_pusher_client(connect=True)
    client.subscribe("task-7")
    assert "task-7  1 subscribed" in _run("state", *server)
    with pytest.raises(CommandError, match="Invalid Channel: a b"):
        _run("trigger", "a b", "moved", *server)
    _run("reset", *server)
    assert client.connection.state != "connected"
    with (
        override_settings(ALLOWED_HOSTS=[]),
        pytest.raises(CommandError, match="answered 400"),
    ):
        _run("state", *server)
    with (
        override_settings(ROOT_URLCONF="django.contrib.auth.urls"),
        pytest.raises(CommandError, match="has no address for this"),
    ):
        _run("state", *server)


@override_settings(USE_MOCKS=True)
def test_a_server_that_is_not_there(live_server: Any):
    with pytest.raises(CommandError, match=r"nothing answers at http://127.0.0.1:1/pusher/mock"):
        _run("state", "--server", "http://127.0.0.1:1")
    with pytest.raises(CommandError, match="write http://HOST:PORT"):
        _run("state", "--server", "file:///etc")
    with pytest.raises(CommandError, match="shows nothing: its mocks are off"):
        _run("state", "--server", f"{live_server.url}/elsewhere")
    with (
        override_settings(ROOT_URLCONF="pytest_tests.other_urls"),
        pytest.raises(CommandError, match="did not answer with JSON"),
    ):
        _run("state", "--server", live_server.url)


def test_in_server_mode_it_asks_the_local_server(live_server: Any):
    app = App(str(settings.PUSHER_APP_ID), settings.PUSHER_KEY, settings.PUSHER_SECRET)
    mock = PusherMock(clock=SystemClock(), apps=[app])
    with mock.serve() as server, override_settings(USE_MOCKS=True, PUSHER_MOCK_URL=server.url):
        assert _run("trigger", "task-7", "moved", '{"to": 1}') == "Published.\n"
        mock.assert_triggered("task-7", "moved", {"to": 1})
        assert "task-7  0 subscribed, 1 kept: moved" in _run("state")
        # Through the development server it is the same one.
        assert json.loads(_run("state", "--json", "--server", live_server.url)) == (
            mock.state.get_state()
        )
        assert _run("reset") == "Reset.\n"
        assert not mock.published()
        with pytest.raises(CommandError, match="Invalid Channel: a b"):
            _run("trigger", "a b", "moved")
    with (
        override_settings(USE_MOCKS=True, PUSHER_MOCK_URL=server.url),
        pytest.raises(CommandError, match="start one with `pusher-mock serve`"),
    ):
        _run("state")


def test_with_mocks_off_there_is_nothing_to_see(live_server: Any):
    with pytest.raises(CommandError, match="USE_MOCKS is off"):
        _run("state", "--server", live_server.url)


def _ask(client: Client, body: object, **changes: Any) -> Any:
    options: dict[str, Any] = {"headers": {"X-Pusher-Mock": "1"}, **changes}
    return client.post("/pusher/mock", json.dumps(body), content_type="application/json", **options)


@pytest.mark.usefixtures("use_mocks")
def test_the_view_answers_its_own_machine_only(client: Client):
    state = {"do": "state"}
    assert _ask(client, state).status_code == 200
    assert _ask(client, state, headers={}).status_code == 404
    assert _ask(client, state, REMOTE_ADDR="10.0.0.7").status_code == 404
    assert _ask(client, state, REMOTE_ADDR="").status_code == 404
    assert _ask(client, state, REMOTE_ADDR="::1").status_code == 200
    with override_settings(USE_MOCKS="perhaps"):
        assert _ask(client, state).status_code == 200  # the fixture's override beats the settings
    answer = _ask(client, {"do": "dance"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "do is one of state, trigger, reset"},
    )
    assert (
        client.post(
            "/pusher/mock", "{", content_type="application/json", headers={"X-Pusher-Mock": "1"}
        ).status_code
        == 400
    )


def test_the_view_while_mocks_are_off_or_the_settings_wrong(client: Client):
    assert _ask(client, {"do": "state"}).status_code == 404
    with override_settings(USE_MOCKS="perhaps"):
        assert _ask(client, {"do": "state"}).status_code == 404
