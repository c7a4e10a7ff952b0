"""``pusher-mock tail``, with the server's lines made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pusher_mock.cli.lines import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE = {"at": 1.5, "time": 1795222159.034, "app": "1"}
HELLO = {"kind": "tail", **BASE, "version": "0.1.0"}


def published(channel: str, event: str, **more: Any) -> dict[str, Any]:
    empty = {"data": "{}", "socket_id": None, "user_id": None, "client": False}
    return {"kind": "published", **BASE, "channel": channel, "event": event, **empty, **more}


WEBHOOK = {
    "kind": "webhook",
    **BASE,
    "url": "http://127.0.0.1:8000/hook",
    "events": [
        {"name": "channel_occupied", "channel": "presence-b"},
        {"name": "member_added", "channel": "presence-b", "user_id": "7"},
    ],
}
OPENED = {
    "kind": "opened",
    **BASE,
    "socket_id": "1.2",
    "client": "js",
    "version": "8.6.0",
    "protocol": 7,
}
RECORDS = [
    HELLO,
    OPENED,
    {"kind": "subscribed", **BASE, "channel": "presence-b", "socket_id": "1.2", "user_id": "7"},
    WEBHOOK,
    published("task-7", "new-message", data='{"text":"hi"}'),
    published("task-8", "gone"),
    {"kind": "closed", **BASE, "socket_id": "1.2", "code": None, "reason": None},
]


class Response:
    """What ``requests`` returns of a stream; an exception among the lines is raised."""

    def __init__(self, lines: list[Any], status: int = 200) -> None:
        self.status_code = status
        self.text = "404 NOT FOUND\n"
        self.lines = lines
        self.closed = False

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *details: object) -> None:
        self.closed = True

    def iter_lines(self, chunk_size: int | None) -> Iterator[bytes]:
        for line in self.lines:
            if isinstance(line, BaseException):
                raise line
            yield line if isinstance(line, bytes) else json.dumps(line).encode()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Response]:
    """Have the next request answered."""

    def answer(*lines: Any, status: int = 200) -> Response:
        response = Response(list(lines), status)
        monkeypatch.setattr(requests.Session, "get", lambda *args, **options: response)
        return response

    return answer


def kinds(output: str) -> list[str]:
    return [json.loads(line)["kind"] for line in output.splitlines()]


def test_until_the_server_ends(run: Any, answers: Any):
    response = answers(*RECORDS, b"")
    result = run("tail")
    assert result.exit_code == 1
    assert result.stderr == (
        "listening to app 1 at http://127.0.0.1:6001\nError: http://127.0.0.1:6001 has ended\n"
    )
    assert [line.split()[1] for line in result.stdout.splitlines()] == [
        "opened",
        "subscribed",
        "webhook",
        "published",
        "published",
        "closed",
    ]
    assert response.closed


def test_cut_off(run: Any, answers: Any):
    answers(HELLO, requests.exceptions.ChunkedEncodingError("gone"))
    result = run("tail")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("has ended\n")


def test_until_enough(run: Any, answers: Any):
    response = answers(HELLO, {"kind": "lost", "app": "1", "count": 3}, *RECORDS[1:])
    result = run("tail", "--json", "--count", "2")
    assert (result.exit_code, kinds(result.stdout)) == (0, ["lost", "opened", "subscribed"])
    assert response.closed
    assert run("tail", "--count", "0").exit_code == 2


def test_until_interrupted(run: Any, answers: Any):
    response = answers(HELLO, OPENED, KeyboardInterrupt())
    result = run("tail", "--json")
    assert (result.exit_code, kinds(result.stdout)) == (0, ["opened"])
    assert response.closed


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["--channel", "task-?"], ["published", "published"]),
        (["--channel", "presence-*"], ["subscribed", "webhook"]),
        (["--channel", "task"], []),
        (["--event", "new-*"], ["published"]),
        (["--channel", "task-8", "--event", "new-*"], []),
    ],
)
def test_filters(words: list[str], seen: list[str], run: Any, answers: Any):
    answers(*RECORDS)
    assert kinds(run("tail", "--json", *words).stdout) == seen


def test_refused(run: Any, answers: Any):
    answers(status=404)
    result = run("tail")
    assert result.exit_code == 1
    assert result.stderr == "Error: http://127.0.0.1:6001 says no (status 404): 404 NOT FOUND\n"


@pytest.mark.parametrize("line", [b"<html>", b"[]", b"{}", b"5"])
def test_another_server(line: bytes, run: Any, answers: Any):
    answers(line)
    result = run("tail")
    assert result.exit_code == 1
    assert "has no tail; is it `pusher-mock serve`?" in result.stderr


def test_no_server(run: Any, monkeypatch: pytest.MonkeyPatch):
    def get(*args: Any, **options: Any) -> None:
        raise requests.exceptions.ConnectionError("refused")

    monkeypatch.setattr(requests.Session, "get", get)
    result = run("tail")
    assert result.exit_code == 1
    assert "no server at http://127.0.0.1:6001; start one" in result.stderr


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (published("a", "b", data="\x1b[2J\n"), r"published    a b \x1b[2J\n"),
        (published("a", "b", socket_id="1.2"), "published    a b {}  (not to 1.2)"),
        (published("a", "b", socket_id="1.2", client=True), "published    a b {}  (from 1.2)"),
        (
            published("a", "b", socket_id="1.2", user_id="7", client=True),
            "published    a b {}  (from 1.2, user 7)",
        ),
        (OPENED, "opened       1.2  js 8.6.0 protocol 7"),
        (
            {"kind": "closed", "socket_id": "1.2", "code": 4200, "reason": "Please"},
            "closed       1.2  4200 Please",
        ),
        ({"kind": "closed", "socket_id": "1.2", "code": None, "reason": None}, "closed       1.2"),
        ({"kind": "refused", "code": 4004, "reason": "Over quota"}, "refused      4004 Over quota"),
        (
            {"kind": "error", "socket_id": "1.2", "code": None, "reason": "No"},
            "error        1.2  No",
        ),
        (
            {"kind": "subscribed", "channel": "a", "socket_id": "1.2", "user_id": "7"},
            "subscribed   a 1.2  user 7",
        ),
        ({"kind": "unsubscribed", "channel": "a", "socket_id": "1.2"}, "unsubscribed a 1.2"),
        (
            WEBHOOK,
            "webhook      http://127.0.0.1:8000/hook  channel_occupied presence-b, member_added "
            "presence-b",
        ),
        (
            {"kind": "lost", "app": "1", "count": 3},
            "lost         3 lines: they came faster than they could be shown",
        ),
        ({"kind": "new", "app": "1", "what": "[red]5"}, "new          what=[red]5"),
    ],
)
def test_lines(record: dict[str, Any], line: str):
    text = line_of({name: value for name, value in record.items() if name != "time"})
    assert text.plain.rstrip() == line


def test_a_line_has_the_time():
    assert line_of(published("a", "b")).plain[8:13] == ".034 "


def test_colours_on_a_terminal(run: Any, answers: Any):
    answers(HELLO, published("a", "b"))
    plain = run("tail").stdout
    assert "\x1b" not in plain
    answers(HELLO, published("a", "b"))
    coloured = run("tail", color=True, env={"FORCE_COLOR": "1", "TERM": "xterm"}).stdout
    assert "\x1b[1;32mpublished" in coloured
