"""Refusals: the SDK's exceptions, the service's texts, and a note that says why."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from pusher import errors

from pusher_mock import App, MockPusherServer, PusherMock

if TYPE_CHECKING:
    from pusher.http import Request


def refusal(server: MockPusherServer, kind: type[errors.PusherError]) -> tuple[str, list[str]]:
    """Trigger, and return the exception's text with its notes."""
    with pytest.raises(kind) as caught:
        server.trigger("c", "e", {})
    assert type(caught.value) is kind
    return str(caught.value), getattr(caught.value, "__notes__", [])


# 401: why is my signature invalid ---------------------------------------------------------------


def test_another_secret_for_a_known_key(pusher_mock: PusherMock, caplog: pytest.LogCaptureFixture):
    MockPusherServer("1", "k", "right").trigger("c", "e", {})
    with caplog.at_level(logging.WARNING, logger="pusher_mock"):
        text, notes = refusal(MockPusherServer("1", "k", "wrong"), errors.PusherBadAuth)
    assert text.startswith(
        "Invalid signature: you should have sent HmacSHA256Hex("
        '"POST\\n/apps/1/events\\nauth_key=k&auth_timestamp='
    )
    assert text.endswith('"\n')
    assert len(notes) == 1
    assert notes[0] in caplog.text
    assert pusher_mock.published()
    assert len(pusher_mock.published()) == 1


def test_the_note_names_the_key_whose_secret_it_was(pusher_mock: PusherMock):
    MockPusherServer("1", "k1", "s1").trigger("c", "e", {})
    MockPusherServer("2", "k2", "s2").trigger("c", "e", {})
    _, (note,) = refusal(MockPusherServer("1", "k1", "s2"), errors.PusherBadAuth)
    assert note == "it was made with the secret of key k2, not of k1"


class Tampered:
    """A back end that changes the request after it was signed, and sends it on to the mock."""

    def __init__(self, server: MockPusherServer, **changes: Any) -> None:
        self.server = server
        self.changes = changes

    def trigger(self, data: str = "d") -> Any:
        client = self.server._pusher_client
        request: Request = client.trigger.make_request("c", "e", data)
        for name, value in self.changes.items():
            setattr(request, name, value)
        return client.http.send_request(request)


@pytest.mark.parametrize(
    ("changes", "text", "note"),
    [
        ({"path": "/apps/1/batch_events"}, "Invalid signature", "none of the usual mistakes"),
        ({"method": "PUT"}, "405: 405 METHOD NOT ALLOWED\n", "/apps/1/events takes POST"),
        (
            {"body": b"{}"},
            "Invalid body_md5: expected 99914b932bd37a50b983c5e7c90ae93b",
            "hash the",
        ),
        ({"query_params": {}}, "Authentication key required\n", None),
        ({"path": "/nowhere"}, "404: 404 NOT FOUND\n", "the HTTP API has no path /nowhere"),
    ],
)
def test_what_was_changed_on_the_way(
    changes: dict[str, Any], text: str, note: str | None, pusher_mock: PusherMock
):
    with pytest.raises(errors.PusherError) as caught:
        Tampered(MockPusherServer("1", "k", "s"), **changes).trigger()
    assert str(caught.value).startswith(text)
    notes = getattr(caught.value, "__notes__", [])
    assert (notes == []) if note is None else notes[0].startswith(note)


def test_a_clock_that_is_wrong(pusher_mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    # facts 2.3: rejected outside of 600 s; the mock's wall clock is the application's
    server = MockPusherServer("1", "k", "s")
    request = server._pusher_client.trigger.make_request("c", "e", "d")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3600)
    server.trigger("c", "e", "frozen or moved, both sides agree")
    with pytest.raises(errors.PusherBadAuth, match="Timestamp expired: Given timestamp") as caught:
        server._pusher_client.http.send_request(request)
    assert "freeze both or neither" in caught.value.__notes__[0]


# 400, 403 ---------------------------------------------------------------------------------------


def test_an_unknown_key():
    # facts 2.3: 400, not 401
    mock = PusherMock(strict=True)
    text, (note,) = refusal(mock.server(key="nobody", secret="s"), errors.PusherBadRequest)
    assert text == "Unknown auth_key\n"
    assert note == "keys known here: mock-pusher-key"


def test_a_key_of_another_app():
    apps = [App("1", "k1", "s1"), App("2", "k2", "s2")]
    mock = PusherMock(apps=apps, strict=True)
    text, (note,) = refusal(mock.server(apps[0], app_id="2"), errors.PusherBadRequest)
    assert text == "Token validated, but invalid for app 2\n"
    assert note == "key k1 belongs to app 1"


def test_a_disabled_app():
    # facts 5.1.2
    mock = PusherMock(apps=[App("1", "k", "s", enabled=False)])
    assert refusal(mock.server(), errors.PusherForbidden) == ("Application disabled\n", [])


def test_the_daily_quota():
    mock = PusherMock(apps=[App("1", "k", "s", daily_messages=2)])
    server = mock.server()
    server.trigger("c", "e", {})
    server.trigger("c", "e", {})
    text, (note,) = refusal(server, errors.PusherForbidden)
    assert text == "API call failed since (daily) message quota exceeded\n"
    assert note == "App(daily_messages=2)"
    mock.clock.advance(24 * 3600 * 1000)
    assert server.trigger("c", "e", {}) == {}


def test_a_reserved_event_name(pusher_mock: PusherMock):
    with pytest.raises(errors.PusherBadRequest, match="namespace is reserved"):
        pusher_mock.server().trigger("c", "pusher:e", {})


def test_every_refusal_is_a_pusher_error():
    for kind in ("BadRequest", "BadAuth", "Forbidden", "BadStatus"):
        assert issubclass(getattr(errors, f"Pusher{kind}"), errors.PusherError)
