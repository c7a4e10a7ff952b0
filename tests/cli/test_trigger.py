"""``pusher-mock trigger``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from pusher_mock import PusherMock

MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.mark.parametrize("text", ['{"b": 1,  "a": "é"}', "just text", "[1]", "5", '"quoted"'])
def test_the_data_goes_out_as_it_is(text: str, run: Any, service: PusherMock):
    result = run("trigger", "task-7", "new-message", text)
    assert (result.exit_code, result.output) == (0, "new-message is published on task-7\n")
    [event] = service.published("task-7", "new-message")
    assert event.raw == text


def test_without_data(run: Any, service: PusherMock):
    assert run("trigger", "task-7", "new-message").exit_code == 0
    assert service.published()[0].raw == "{}"


@pytest.mark.parametrize(("stdin", "raw"), [("a\nb\n", "a\nb"), ("", ""), (b"\xc3\xa9", "é")])
def test_data_from_standard_input(stdin: Any, raw: str, run: Any, service: PusherMock):
    assert run("trigger", "clock", "tick", "-", stdin=stdin).exit_code == 0
    assert service.published()[0].raw == raw


def test_standard_input_is_text(run: Any, service: PusherMock):
    result = run("trigger", "clock", "tick", "-", stdin=b"\xff")
    assert (result.exit_code, result.stderr) == (2, "Error: standard input is not UTF-8 text\n")
    assert service.published() == []


def test_a_connection_left_out(run: Any, service: PusherMock):
    assert run("trigger", "a", "b", "{}", "--socket-id", "12.34").exit_code == 0
    assert service.published()[0].socket_id == "12.34"


def test_attributes(run: Any, service: PusherMock):
    client = service.client(connect=True, user_data={"user_id": "7"})
    client.subscribe("presence-room")
    words = ("trigger", "presence-room", "b", "--info", "user_count")
    assert run(*words).output == "b is published on presence-room\n  user_count 1\n"
    answer = json.loads(run(*words, "--json").output)
    assert answer["channels"]["presence-room"]["user_count"] == 1


def test_the_answer(run: Any, service: PusherMock):
    assert run("trigger", "a", "b", "--json").output == "{}\n"


def test_encrypted(run: Any, service: PusherMock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
    assert run("trigger", "private-encrypted-a", "b", "secret").exit_code == 0
    assert set(json.loads(service.published()[0].raw)) == {"nonce", "ciphertext"}


def test_encrypted_without_a_key(run: Any, service: PusherMock):
    result = run("trigger", "private-encrypted-a", "b")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: private-encrypted-a is encrypted; give the key with --master-key or "
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64\n"
    )
    result = run("trigger", "private-encrypted-a", "b", "--master-key", "short")
    assert result.exit_code == 2
    assert "encryption_master_key_base64" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a b", "c"], "Invalid Channel: a b"),
        (["a", "x" * 201], "event_name too long"),
        (["a", "b", "x" * 31_000], "Too much data"),
        (["a", "b", "--socket-id", "x"], "Invalid socket ID: x"),
    ],
)
def test_what_the_sdk_would_not_send(words: list[str], said: str, run: Any, service: PusherMock):
    result = run("trigger", *words)
    assert (result.exit_code, result.stderr) == (2, f"Error: {said}\n")


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["--key", "nobody"], 400, "Unknown auth_key"),
        (["--secret", "hunter2"], 401, "Invalid signature: you should have sent"),
        (["--app-id", "77"], 400, "Token validated, but invalid for app 77"),
        (["--info", "nothing"], 400, "Cannot retrieve nothing here"),
    ],
)
def test_the_server_says_no(
    words: list[str], status: int, text: str, run: Any, service: PusherMock
):
    result = run("trigger", "a", "b", *words)
    assert result.exit_code == 1
    start = f"Error: http://127.0.0.1:6001 says no (status {status}): {text}"
    assert result.stderr.startswith(start)
    assert "hunter2" not in result.stderr
    assert result.stdout == ""


def test_disabled_and_other_statuses(run: Any, monkeypatch: pytest.MonkeyPatch):
    answers = [(403, "Application disabled\n"), (413, "x\x1b[2J" + "y" * 600), (200, "<html>")]

    def request(self: requests.Session, *args: Any, **options: Any) -> Any:
        response = requests.Response()
        response.status_code, text = answers.pop(0)
        response._content = text.encode()
        return response

    monkeypatch.setattr(requests.Session, "request", request)
    disabled, other, no_json = (run("trigger", "a", "b") for _ in range(3))
    assert disabled.stderr.endswith("says no (status 403): Application disabled\n")
    assert "(status 413): x\\x1b[2Jyyy" in other.stderr
    assert len(other.stderr) < 600
    assert no_json.stderr.endswith("something that is no JSON; is it a Pusher server?\n")
    assert (disabled.exit_code, other.exit_code, no_json.exit_code) == (1, 1, 1)
