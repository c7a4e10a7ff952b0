"""``pusher-mock run`` up to where the command starts, and after it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pusher_mock import PusherMock, UsageError
from pusher_mock.bootstrap import REPORTS, VARIABLE, Orders
from pusher_mock.bootstrap.introductions import PATH, TOKEN
from pusher_mock.bootstrap.reports import Escaped
from pusher_mock.cli import hosting, launch, programs
from pusher_mock.cli.interpreters import check_command
from pusher_mock.cli.surroundings import (
    STARTUP,
    check_startup,
    credentials,
    named_hosts,
    place_of,
    python_path,
    supplied,
)
from pusher_mock.engine import HttpRequested
from pusher_mock.intercept.routing import NotIntercepted
from pusher_mock.server import create_app

MEMORY = (
    "pusher-mock: calls of Pusher stay in memory, with a mock for each process; "
    "where several are to meet, use --serve or --server URL\n"
)


class Launched:
    """What was launched, and what becomes of it."""

    def __init__(self) -> None:
        self.command: tuple[str, ...] = ()
        self.environment: dict[str, str] = {}
        self.code = 0
        self.escaped: list[str] = []
        self.failures = ""
        self.caught = True

    def __call__(self, command: tuple[str, ...], environment: dict[str, str]) -> int:
        self.command, self.environment = command, environment
        folder = environment[REPORTS]
        if self.caught:
            Path(folder, "caught").touch()
        if self.failures:
            Path(folder, "failed").write_text(self.failures, encoding="utf-8")
        for text in self.escaped:
            Escaped(folder).append(NotIntercepted(text, "u"))
        return self.code

    @property
    def orders(self) -> Orders:
        return Orders.loads(self.environment[VARIABLE])


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Launched:
    launched = Launched()
    monkeypatch.setattr(launch, "launch", launched)
    monkeypatch.setattr(programs, "check_there", lambda command, environment: None)
    return launched


# The command and its environment ------------------------------------------------------------------


def test_by_default(run: Any, launched: Launched, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", "src")
    result = run("run", "--", "manage.py", "test", "--parallel")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", MEMORY)
    assert launched.command == ("manage.py", "test", "--parallel")
    assert launched.orders == Orders()
    assert launched.environment["PYTHONPATH"] == os.pathsep.join([str(STARTUP), "src"])
    assert launched.environment["USE_MOCKS"] == "true"
    assert launched.environment["PUSHER_APPID"] == "1"
    assert "PUSHER_MOCK_URL" not in launched.environment
    assert not Path(launched.environment[REPORTS]).exists()  # it is over


def test_options(run: Any, launched: Launched):
    words = ["--door", "sdk", "--door", "httpx", "--host", "ws.test:6001", "--no-strict"]
    words += ["--allow-real", "api-eu.pusher.com", "--set", "A=b=c", "--set", "PUSHER_KEY=k"]
    result = run("run", "--quiet", *words, "python", "-m", "app", "--serve")
    assert (result.exit_code, result.stderr) == (0, "")
    assert launched.command == ("python", "-m", "app", "--serve")
    assert launched.orders == Orders(
        ("sdk", "httpx"), ("ws.test:6001",), ("api-eu.pusher.com",), None, None, strict=False
    )
    assert launched.environment["A"] == "b=c"
    assert launched.environment["PUSHER_APP_KEY"] == "k"


def test_doors_with_commas(run: Any, launched: Launched):
    assert run("run", "--door", "sdk,httpx", "--door", "requests", "app").exit_code == 0
    assert launched.orders.doors == ("sdk", "httpx", "requests")


def test_what_catches_calls_was_not_installed(
    run: Any, launched: Launched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    check_startup()
    monkeypatch.setattr("pusher_mock.cli.surroundings.STARTUP", tmp_path)
    result = run("run", "app")
    assert (result.exit_code, launched.command) == (2, ())
    assert "sitecustomize.py is missing, and no call would be caught" in result.stderr


def test_a_pusher_of_ones_own_is_one_of_the_hosts(run: Any, launched: Launched):
    run("run", "app", env={"PUSHER_HOST": "ws.shop.test"})
    assert launched.orders.hosts == ("ws.shop.test",)


@pytest.mark.parametrize(("words", "said"), [
    (["--door", "telnet"], "there is no door 'telnet'"),
    (["--door", "sdk,telnet"], "there is no door 'telnet'"),
    (["--host", "http://x"], "hosts takes host names"),
    (["--set", "A=1", "--set", "hunter2"], "--set, number 2, has no value: --set takes NAME=VALUE"),
    (["--set", "=hunter2"], "--set, number 1, has no value: --set takes NAME=VALUE"),
    (["--set", "SHOP_KEY"], "--set SHOP_KEY has no value: --set takes NAME=VALUE"),
    (["--port", "1"], "--port and --app belong to --serve"),
    (["--app", "1:k:s"], "--port and --app belong to --serve"),
    (["--serve", "--app", "hunter2"], "--app takes ID:KEY:SECRET"),
    (["--serve", "--server", "http://127.0.0.1:1"], "leave one of them out"),
    (["--server", "http://shop.test"], "shop.test is not this machine"),
    (["--server", "http://[::1"], "http://[::1: write"),
    (["--server", "http://shop.test", "--allow-real", "shop.test:1"], "PUSHER_MOCK_ALLOWED_HOST"),
    (["--server", "nonsense"], "nonsense: write http(s)://HOST[:PORT]"),
])  # fmt: skip
def test_a_command_that_is_wrong(words: list[str], said: str, run: Any, launched: Launched):
    result = run("run", *words, "--", "app")
    assert result.exit_code == 2
    assert said in result.stderr
    assert "hunter2" not in result.stderr
    assert launched.command == ()
    assert run("run").exit_code == 2


# A server -----------------------------------------------------------------------------------------


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Servers are there, whoever is asked for."""
    asked: list[Any] = []

    class Connection:
        def close(self) -> None:
            asked.append("closed")

    def connect(address: Any, timeout: float) -> Connection:
        asked.append(address)
        return Connection()

    monkeypatch.setattr("pusher_mock.cli.existing.create_connection", connect)
    return asked


def test_a_server_that_runs(run: Any, launched: Launched, there: list[Any]):
    result = run("run", "--server", "http://localhost:6500/", "app")
    assert result.stderr == "pusher-mock: calls of Pusher go to http://localhost:6500\n"
    assert launched.orders.forward_to == "http://localhost:6500"
    assert launched.environment["PUSHER_MOCK_URL"] == "http://localhost:6500"
    assert there == [("localhost", 6500), "closed"]
    run("run", "app", env={"PUSHER_MOCK_URL": "http://[::1]:6501"})
    assert launched.orders.forward_to == "http://[::1]:6501"


@pytest.mark.parametrize(
    "words",
    [
        ["--allow-real", "shop.test"],
        ["--allow-real", "js.pusher.com", "--allow-real", "shop.test:80"],
        ["--set", "PUSHER_MOCK_ALLOWED_HOST=shop.test"],
    ],
)
def test_a_server_elsewhere_that_is_meant(
    words: list[str], run: Any, launched: Launched, there: list[Any]
):
    assert run("run", "--server", "http://shop.test:80", *words, "app").exit_code == 0
    assert "shop.test" in launched.orders.allow_real
    assert launched.environment["PUSHER_MOCK_ALLOWED_HOST"] == "shop.test"


def test_no_server(run: Any, launched: Launched, monkeypatch: pytest.MonkeyPatch):
    def connect(address: Any, timeout: float) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("pusher_mock.cli.existing.create_connection", connect)
    result = run("run", "--server", "http://127.0.0.1:9", "app")
    assert (result.exit_code, launched.command) == (1, ())
    assert "no server at http://127.0.0.1:9; start one with" in result.stderr


@pytest.mark.enable_socket
def test_a_server_beside_it(run: Any, launched: Launched):
    words = ["--serve", "--app", "42:shop-key:s", "--set", "PUSHER_KEY=mine"]
    result = run("run", *words, "app", env={"PUSHER_MOCK_URL": "http://127.0.0.1:9"})
    url = launched.environment["PUSHER_MOCK_URL"]
    assert result.stderr == (
        f"pusher-mock: calls of Pusher go to {url}, which runs for as long as it does\n"
    )
    assert launched.orders.forward_to == url != "http://127.0.0.1:9"
    assert launched.orders.token


def test_introductions():
    mock = PusherMock()
    app = create_app(mock)
    app.router.routes.append(hosting.route(mock.core, "right"))
    client = TestClient(app)
    credentials = json.dumps(["7", "k", "s"])
    for token in ({}, {TOKEN: "wrong"}):
        assert client.post(PATH, content=credentials, headers=token).status_code == 403
    assert "k" not in mock.core.engine.state.by_key
    for body in ("", "[]", "7", '["7"]'):
        assert client.post(PATH, content=body, headers={TOKEN: "right"}).status_code == 400
    assert client.post(PATH, content=credentials, headers={TOKEN: "right"}).status_code == 204
    assert mock.core.engine.state.by_key["k"].config.id == "7"
    answer = mock.core.request(HttpRequested("GET", PATH, (), b""))
    assert answer.status == 404
    mock.close()


# Afterwards ---------------------------------------------------------------------------------------


def test_the_exit_code_is_the_command_s(run: Any, launched: Launched):
    launched.code = 40
    assert run("run", "app").exit_code == 40


@pytest.mark.parametrize(("code", "exits", "why"), [
    (0, 1, "; that is why this ends with 1 although the command ended with 0"), (3, 3, ""),
])  # fmt: skip
def test_refused_calls(code: int, exits: int, why: str, run: Any, launched: Launched):
    launched.code = code
    launched.escaped = ["GET x\x1b[2J", "GET y", "GET y"]
    result = run("run", "--quiet", "app")
    assert result.exit_code == exits
    first, *calls = result.stderr.splitlines()
    assert first == f"pusher-mock: 3 calls were refused{why}"
    program = calls[0].strip().partition(": ")[0]
    assert program.endswith(f", process {os.getpid()}")
    assert calls == [f"  {program}: GET x\\x1b[2J", f"  {program}: GET y (2 times)"]


WHY = "; that is why this ends with 1 although the command ended with 0"


@pytest.mark.parametrize(("code", "exits", "said"), [
    (0, 1, f"pusher-mock: python cannot{WHY}\n"), (3, 3, "pusher-mock: python cannot\n"),
    (2, 2, ""),  # the process has said it on its own
])  # fmt: skip
def test_processes_that_could_not_catch_calls(
    code: int, exits: int, said: str, run: Any, launched: Launched
):
    launched.code = code
    launched.failures = "python cannot\npython cannot\n"
    result = run("run", "--quiet", "app")
    assert (result.exit_code, result.stderr) == (exits, said)


@pytest.mark.parametrize(("command", "cause"), [
    ("make test", ": no Python process that make may have started has told of itself"),
    ("python3 app.py -V", ": python3 did not read the PYTHONPATH that it was given"),
])  # fmt: skip
def test_nothing_was_caught(command: str, cause: str, run: Any, launched: Launched):
    launched.caught = False
    result = run("run", "--quiet", *command.split())
    assert result.exit_code == 1
    assert f"pusher-mock: nothing was caught{WHY}{cause}" in result.stderr
    result = run("run", "--quiet", "--no-strict", *command.split())
    assert result.exit_code == 0
    assert f"pusher-mock: nothing was caught{cause}" in result.stderr
    launched.code = 7
    result = run("run", "--quiet", *command.split())
    assert result.exit_code == 7
    assert f"pusher-mock: nothing was caught{cause}" in result.stderr


@pytest.mark.parametrize("command", ["python -V", "python3 -uVV", "pypy --version", "python -h"])
def test_a_python_that_runs_nothing(command: str, run: Any, launched: Launched):
    launched.caught = False
    result = run("run", "--quiet", *command.split())
    assert (result.exit_code, result.stderr) == (0, "")


# Commands that are not there ----------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="scripts have no first line elsewhere")
@pytest.mark.parametrize(("command", "said"), [
    (["no-such-command", "x"], "there is no command no-such-command"),
    (["nor this\x1b"], "there is no command 'nor this\\x1b'; there is no shell here: drop"),
    (["python -c pass"], "there is no command 'python -c pass'; there is no shell here: drop the"),
    (["SHOP_KEY=hunter2", "python"], "set variables with --set SHOP_KEY=…"),
    (["cd", "x"], "there is no command cd; it is a word of the shell"),
])  # fmt: skip
def test_a_command_that_is_not_there(command: list[str], said: str, run: Any):
    result = run("run", "--", *command)
    assert result.exit_code == 127
    assert result.stderr.startswith("Error: ")  # and nothing of where calls go
    assert said in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="scripts have no first line elsewhere")
def test_a_script_whose_interpreter_is_not_there(run: Any, tmp_path: Path):
    script = tmp_path / "tool"
    script.write_bytes(b"#!/no/such/python\r\nprint()\n")
    script.chmod(0o755)
    result = run("run", "--", str(script))
    assert result.exit_code == 126
    assert result.stderr == (
        f"Error: {script} cannot be run: its first line names /no/such/python, which is not there\n"
    )


def test_a_command_that_has_just_gone():
    with pytest.raises(programs.NoCommand, match=r"^there is no command no-such-command$"):
        launch.launch(["no-such-command"], {"PATH": ""})


def test_commands_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    environment = {"PATH": str(tmp_path)}
    tool = tmp_path / "tool"
    for first in ("#!/bin/sh", "#!/usr/bin/env no-such-python", "nothing"):
        tool.write_text(first, encoding="utf-8")
        tool.chmod(0o755)
        programs.check_there(["tool"], environment)
    programs.check_there([str(tmp_path)], environment)  # there, but no program
    monkeypatch.setattr(os, "name", "nt")
    programs.check_there(["no-such-command"], environment)


# Pythons that do not hear -------------------------------------------------------------------------


@pytest.mark.parametrize("command", [
    "python app.py -I", "python3.12 -m app -E", "python -c -S", "python -W error -u app.py",
    "python -Werror -X dev app.py", "python", "python -", "python -- -I", "app -I",
    "python --check-hash-based-pycs always app.py", "python -OO -bb app.py", "python --version",
])  # fmt: skip
def test_commands_that_hear(command: str):
    check_command(command.split())


@pytest.mark.parametrize(("command", "option"), [
    ("python -I app.py", "I"), ("/usr/bin/python3 -E app.py", "E"), ("pypy3 -uS app.py", "S"),
    ("python -W error -X dev -sE -m app", "E"), ("python -Wignore -Ic pass", "I"),
    ("python.exe --check-hash-based-pycs always -I", "I"),
])  # fmt: skip
def test_commands_that_do_not(command: str, option: str, run: Any):
    with pytest.raises(UsageError, match=f"^python -{option} .*leave -{option} out"):
        check_command(command.split())
    result = run("run", "--", *command.split())
    assert result.exit_code == 2
    assert f"Error: python -{option} " in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="scripts have no first line elsewhere")
@pytest.mark.parametrize(("first", "deaf"), [
    (b"#!/usr/bin/python3 -I", True), (b"#!/usr/bin/env -S python -sE", True),
    (b"#!/usr/bin/python3", False), (b"#!/usr/bin/env python3", False), (b"#!", False),
    (b"#!/usr/bin/env", False), (b"\x7fELF", False), (b"", False),
])  # fmt: skip
def test_scripts(first: bytes, deaf: bool, tmp_path: Path):
    script = tmp_path / "tool"
    script.write_bytes(first + b"\nprint()\n")
    script.chmod(0o755)
    if deaf:
        with pytest.raises(UsageError):
            check_command([str(script)])
    else:
        check_command([str(script)])


def test_a_script_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda program: str(tmp_path))  # a folder
    check_command(["tool"])


# The environment ----------------------------------------------------------------------------------


def test_credentials():
    assert credentials({"PUSHER_APP_KEY": "a", "NEXT_PUBLIC_PUSHER_KEY": "b"})["key"] == "a"
    assert credentials({"PUSHER_KEY": " ", "PUSHER_CLUSTER": "eu"}) == {
        "app_id": "1",
        "key": "mock-pusher-key",
        "secret": "mock-pusher-secret",
        "cluster": "eu",
    }
    url = "https://k%2F:s@api-eu.pusher.com/apps/7"
    found = credentials({"PUSHER_URL": url, "PUSHER_SECRET": "mine"})
    assert [found[name] for name in ("app_id", "key", "secret")] == ["7", "k/", "mine"]
    assert credentials({"PUSHER_URL": "http://[::1"})["key"] == "mock-pusher-key"


def test_nothing_that_is_set_is_supplied():
    given = supplied({})
    assert supplied(given) == {}
    assert supplied({**given, "PUSHER_URL": ""}) == {"PUSHER_URL": given["PUSHER_URL"]}
    odd = supplied({"PUSHER_KEY": "k/ä", "PUSHER_SECRET": "s@", "PUSHER_CLUSTER": "eu"})
    assert odd["PUSHER_URL"] == "http://k%2F%C3%A4:s%40@api-eu.pusher.com/apps/1"


@pytest.mark.parametrize(("host", "port", "hosts"), [
    ("", "6001", ()), ("ws.test", "", ("ws.test",)), ("ws.test", "6001", ("ws.test:6001",)),
    ("localhost", "6001", ("localhost:6001",)), ("localhost", "", ()), ("127.0.0.1", "x", ()),
    ("http://x", "1", ()), ("ws.test:80", "6001", ("ws.test:80",)),
])  # fmt: skip
def test_named_hosts(host: str, port: str, hosts: tuple[str, ...]):
    assert named_hosts({"PUSHER_HOST": host, "PUSHER_PORT": port}) == hosts


def test_the_path_names_our_folder_once():
    assert python_path({}) == python_path({"PYTHONPATH": ""}) == str(STARTUP)
    once = python_path({"PYTHONPATH": os.pathsep.join(["a", "", "b"])})
    assert once == os.pathsep.join([str(STARTUP), "a", "", "b"])
    assert python_path({"PYTHONPATH": once}) == once


def test_a_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PUSHER_MOCK_ALLOWED_HOST", "shop.test")
    assert place_of("http://shop.test:7").port == 7
    with pytest.raises(UsageError, match=r"^http://other\.test: other\.test is not this machine"):
        place_of("http://other.test")


# Signals ------------------------------------------------------------------------------------------


class Child:
    """A process that notes what it is sent."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def send_signal(self, number: int) -> None:
        self.heard.append(number)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
@pytest.mark.parametrize("typed", [False, True])
def test_signals_are_handed_on(typed: bool):
    before = signal.getsignal(signal.SIGTERM)
    child: Any = Child()
    with launch._Relay(at_terminal=typed).listening() as relay:
        os.kill(os.getpid(), signal.SIGTERM)  # before there is a process
        relay.tell(child)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGHUP)
    # What is typed at a terminal reaches the command by itself.
    interrupt = [] if typed else [signal.SIGINT]
    assert child.heard == [signal.SIGTERM, *interrupt, signal.SIGHUP]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
def test_signals_that_are_ignored_stay_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with launch._Relay(at_terminal=False).listening():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_process_that_has_just_gone(tmp_path: Path):
    assert launch._state(tmp_path / "stat") == (0, False)
    (tmp_path / "stat").write_text("7 (odd) name) S 1 5 5 0")
    assert launch._state(tmp_path / "stat") == (5, True)
    (tmp_path / "stat").write_text("7 (sh) Z 1 5 5 0")
    assert launch._state(tmp_path / "stat") == (5, False)
