"""Which server a command asks, and what it says when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from pusher_mock import App, PusherMock
from pusher_mock.cli.remote import Remote

if TYPE_CHECKING:
    from pathlib import Path


def test_the_default(run: Any, service: Any):
    assert run("channels").exit_code == 0
    assert service.asked == [("http://127.0.0.1:6001", False, None)]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://localhost:7000/", "http://localhost:7000"),
        ("http://[::1]:7000", "http://[::1]:7000"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("https://app.localhost", "https://app.localhost:443"),
    ],
)
def test_other_addresses(
    url: str, asked: str, run: Any, service: Any, monkeypatch: pytest.MonkeyPatch
):
    assert run("channels", "--url", url).exit_code == 0
    monkeypatch.setenv("PUSHER_MOCK_URL", url)
    assert run("channels").exit_code == 0
    assert [one[0] for one in service.asked] == [asked, asked]


def test_credentials_from_the_environment(run: Any, service: Any, monkeypatch: pytest.MonkeyPatch):
    shop = PusherMock(apps=[App("42", "shop-key", "shop-secret")], strict=True)
    monkeypatch.setattr(service, "core", shop.core)
    monkeypatch.setenv("PUSHER_APPID", "42")
    monkeypatch.setenv("PUSHER_APP_KEY", "shop-key")
    monkeypatch.setenv("PUSHER_SECRET", "shop-secret")
    assert run("trigger", "a", "b").exit_code == 0
    assert shop.published()[0].app == "42"
    assert run("trigger", "a", "b", "--secret", "other").exit_code == 1


def test_an_id_that_the_sdk_does_not_take(run: Any, service: Any):
    assert run("trigger", "a", "b", "--app-id", "mock-app-id").exit_code == 0
    assert service.published()[0].app == "mock-app-id"


@pytest.mark.parametrize(
    "url",
    ["", "6001", "ftp://127.0.0.1", "http://", "http://127.0.0.1:x", "http://[::1", "http://h:0"],
)
def test_no_address(url: str, run: Any, service: Any):
    result = run("channels", "--url", url)
    assert result.exit_code == 2
    assert result.stderr == "Error: that is no address of a server; write http://HOST:PORT\n"


@pytest.mark.parametrize(
    "rest", ["user:hunter2@127.0.0.1", "127.0.0.1/apps/1", "127.0.0.1?a=b", "127.0.0.1#a"]
)
def test_more_than_an_address(rest: str, run: Any, service: Any):
    result = run("channels", "--url", f"http://{rest}")
    assert result.exit_code == 2
    assert "is scheme, host and port" in result.stderr
    assert "hunter2" not in result.stderr


def test_another_machine(run: Any, service: Any, monkeypatch: pytest.MonkeyPatch):
    result = run("channels", "--url", "http://api.example")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: api.example is another machine; to ask it all the same, add --allow-remote or set "
        "PUSHER_MOCK_ALLOWED_HOST=api.example\n"
    )
    assert run("channels", "--url", "http://api.example", "--allow-remote").exit_code == 0
    monkeypatch.setenv("PUSHER_MOCK_ALLOWED_HOST", "API.example")
    assert run("channels", "--url", "http://api.example").exit_code == 0
    assert run("channels", "--url", "http://other.example").exit_code == 2
    assert service.asked == [("http://api.example:80", True, None)] * 2


def test_whom_to_trust(run: Any, service: Any, tmp_path: Path):
    cafile = tmp_path / "ca.pem"
    cafile.touch()
    assert run("channels", "--url", "https://localhost", "--cafile", str(cafile)).exit_code == 0
    [(_, _, verify)] = service.asked
    assert verify == str(cafile)
    assert run("channels", "--cafile", str(tmp_path / "none.pem")).exit_code == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            requests.exceptions.ConnectionError("refused"),
            "no server at http://127.0.0.1:6001; start one with `pusher-mock serve`, or name it "
            "with --url or PUSHER_MOCK_URL",
        ),
        (
            requests.exceptions.SSLError(OSError("unknown\nauthority")),
            "no secure connection to http://127.0.0.1:6001: unknown\\nauthority; name whom to "
            "trust with --cafile (`pusher-mock serve --self-signed` says where that file is)",
        ),
        (
            requests.exceptions.ReadTimeout("slow"),
            "http://127.0.0.1:6001 does not answer within 5 s",
        ),
        (
            requests.exceptions.InvalidHeader("odd"),
            "cannot ask http://127.0.0.1:6001: odd",
        ),
    ],
)
def test_no_answer(error: Exception, said: str, run: Any, monkeypatch: pytest.MonkeyPatch):
    def request(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "request", request)
    result = run("channels")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {said}\n")


def test_the_secret_is_not_shown():
    from urllib.parse import urlsplit

    remote = Remote(urlsplit("http://127.0.0.1"), "1", "key", "hunter2")
    assert "hunter2" not in repr(remote)
