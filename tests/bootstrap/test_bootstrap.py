"""What a process of a command does, seen from within."""

from __future__ import annotations

import ast
import json
import os
import runpy
import socket
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pusher
import pytest
import requests
from pusher.client import Client

from pusher_mock import NotIntercepted, PusherMock, UsageError
from pusher_mock.bootstrap import REPORTS, VARIABLE, Orders, introductions, lasting
from pusher_mock.bootstrap.reports import Escaped, read_failures, read_reports, was_any_caught
from pusher_mock.cli.surroundings import STARTUP
from pusher_mock.intercept import doors
from pusher_mock.intercept.imports import ImportWatch
from pusher_mock.intercept.seams import Seam

SITECUSTOMIZE = STARTUP / "sitecustomize.py"
BEGINNING = STARTUP.parent / "beginning.py"


def roots() -> set[str]:
    """The modules before which sitecustomize begins."""
    for node in ast.walk(ast.parse(SITECUSTOMIZE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_ROOTS":
            assert isinstance(node.value, ast.Call)
            return set(ast.literal_eval(node.value.args[0]))
    raise AssertionError("sitecustomize has no _ROOTS")


# The folder on the path ---------------------------------------------------------------------------


def test_the_folder_hides_nothing_but_sitecustomize():
    assert [one.name for one in STARTUP.iterdir() if one.suffix == ".py"] == ["sitecustomize.py"]


def test_it_begins_before_any_module_that_a_door_changes():
    modules = doors.modules_of(doors.DOORS, strict=True)
    doors.load(modules)
    seams = [seam for module in modules for seam in doors._seams[module]]
    assert {seam.module.partition(".")[0] for seam in seams} <= roots()


def test_it_needs_what_an_interpreter_has_loaded_anyway():
    imported = set()
    for path in (SITECUSTOMIZE, BEGINNING):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                imported |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module))
    assert imported == {"__future__", "os", "sys", "_frozen_importlib", "_thread"}


def test_without_orders_it_leaves_everything_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    before = list(sys.meta_path)
    monkeypatch.setattr(sys, "path", [str(STARTUP)])
    runpy.run_path(str(SITECUSTOMIZE))
    assert sys.meta_path == before


# Orders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "orders",
    [Orders(), Orders(("sdk",), ("h:1",), ("a", "b"), "http://127.0.0.1:1", "t", strict=False)],
)
def test_orders_arrive_as_they_were_given(orders: Orders):
    assert Orders.loads(orders.dumps()) == orders


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"colour": "red"}'])
def test_orders_of_somebody_else(text: str):
    with pytest.raises(UsageError, match="PUSHER_MOCK_INTERCEPT is written by `pusher-mock run`"):
        Orders.loads(text)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Begins with some orders; ends at the end of the test."""
    begun: list[lasting.LastingInterception] = []

    def begin(orders: Orders) -> lasting.LastingInterception:
        monkeypatch.setenv(VARIABLE, orders.dumps())
        monkeypatch.setenv(REPORTS, str(tmp_path))
        begun.append(lasting.begin())
        return begun[-1]

    yield begin
    for one in begun:
        one.escaped.clear()
        one.stop()


def test_calls_are_caught_until_the_process_ends(begun: Any):
    with PusherMock() as mock:
        begun(Orders())
        pusher.Pusher("1", "k", "s", cluster="eu").trigger("c", "e", {})
        mock.assert_triggered("c", "e")


def test_a_refused_call_is_told_at_once(begun: Any, tmp_path: Path):
    interception = begun(Orders(("sdk",)))
    with pytest.raises(NotIntercepted) as caught:
        requests.get("https://api-eu.pusher.com/apps/1/channels")
    [report] = read_reports(str(tmp_path))
    assert f"process {os.getpid()}" in report.program
    assert report.text == str(caught.value)
    assert len(interception.escaped) == 1


def test_remedies_are_options_of_the_command(begun: Any):
    begun(Orders(("sdk",)))
    with pytest.raises(NotIntercepted) as caught:
        requests.get("https://api-eu.pusher.com/apps/1/channels")
    said = str(caught.value)
    assert "the door 'requests' is not among those that intercept here; add --door req" in said
    assert said.endswith(": --allow-real api-eu.pusher.com")
    with pytest.raises(
        NotIntercepted, match=r"no door answers .*: --allow-real ws-eu\.pusher\.com$"
    ):
        socket.getaddrinfo("ws-eu.pusher.com", 443)


def test_nobody_says_where_to_tell(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, Orders().dumps())
    monkeypatch.delenv(REPORTS, raising=False)
    with pytest.raises(KeyError):
        lasting.begin()


# Reports ------------------------------------------------------------------------------------------


def test_the_last_ones_are_remembered_and_all_are_told(tmp_path: Path):
    escaped = Escaped(str(tmp_path))
    for number in range(1_005):
        escaped.append(NotIntercepted(f"call {number}", "u"))
    assert [str(escaped[0]), len(escaped)] == ["call 5", 1_000]
    assert len(read_reports(str(tmp_path))) == 1_005


def test_the_command_has_ended_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    Escaped(str(tmp_path / "gone")).append(NotIntercepted("a call", "u"))
    assert capsys.readouterr().err == "pusher-mock: a call\n"
    assert read_reports(str(tmp_path)) == []
    assert not was_any_caught(str(tmp_path))
    Path(tmp_path, "caught").touch()
    assert was_any_caught(str(tmp_path))
    assert read_failures(str(tmp_path)) == []
    Path(tmp_path, "failed").write_text("why\n", encoding="utf-8")
    assert read_failures(str(tmp_path)) == ["why"]


@pytest.mark.parametrize(("module", "first", "program"), [
    ("pytest.__main__", "/x/pytest/__main__.py", "python -m pytest"),
    ("app", "/x/app.py", "python -m app"), ("__main__", "/x/app.pyz", "app.pyz"),
    (None, "/x/bin/celery", "celery"), (None, "-c", "python -c"), (None, "-m", "python -m"),
    (None, "", "python"), (None, None, "python"),
])  # fmt: skip
def test_programs_are_named_as_they_were_typed(
    module: str | None, first: str | None, program: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    spec = SimpleNamespace(name=module) if module else None
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__spec__=spec))
    monkeypatch.setattr(sys, "argv", [first] if first is not None else [])
    Escaped(str(tmp_path)).append(NotIntercepted("a call", "u"))
    [report] = read_reports(str(tmp_path))
    assert report.program == f"{program}, process {os.getpid()}"


# Introductions ------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the server is told; the SDK is as it was afterwards."""

    def request(self: HTTPConnection, method: str, path: str, body: str, headers: Any) -> None:
        said.append((self.host, self.port, method, path, json.loads(body), headers))

    said: list[Any] = []
    monkeypatch.setattr(Client, "__init__", Client.__init__)
    monkeypatch.setattr(HTTPConnection, "request", request)
    monkeypatch.setattr(HTTPConnection, "getresponse", lambda self: SimpleNamespace(read=bytes))
    return said


def test_a_client_is_introduced_once(asked: list[Any], begun: Any):
    begun(Orders(forward_to="http://127.0.0.1:6001", token="secret-token"))
    for _ in range(2):  # each has two clients in it
        pusher.Pusher("7", "k", "s", cluster="eu")
    pusher.Pusher("7", "k", "t", cluster="eu")
    where = ("127.0.0.1", 6001, "POST", introductions.PATH)
    headers = {introductions.TOKEN: "secret-token"}
    assert asked == [(*where, ["7", "k", one], headers) for one in "st"]


def test_a_server_that_has_gone(asked: list[Any], monkeypatch: pytest.MonkeyPatch):
    def request(*args: Any) -> None:
        asked.append(args)
        raise ConnectionRefusedError

    monkeypatch.setattr(HTTPConnection, "request", request)
    introductions.introduce_to("http://127.0.0.1:6001", "t")
    assert repr(pusher.Pusher("7", "k", "s", cluster="eu"))  # it can be built
    assert len(asked) == 1


def test_an_sdk_that_is_imported_later(monkeypatch: pytest.MonkeyPatch):
    waiting: list[Any] = []
    installed: list[str] = []
    monkeypatch.delitem(sys.modules, "pusher.client")
    monkeypatch.setattr(ImportWatch, "start", lambda self, names: waiting.append((self, names)))
    monkeypatch.setattr(Seam, "install", lambda self: installed.append(self.path))
    introductions.introduce_to("http://127.0.0.1:6001", "t")
    [(watch, names)] = waiting
    assert (names, installed) == (["pusher.client"], [])
    watch._imported("pusher.client")
    assert installed == ["Client.__init__"]
