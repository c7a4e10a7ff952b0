"""How the command begins, and what is there without its extras."""

from __future__ import annotations

import importlib
import json
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from pusher_mock import UsageError, cli
from pusher_mock.cli.group import commands

COMMANDS = ("run", "serve", "trigger", "channels", "tail", "simulate", "env", "doctor", "version")


def missing(monkeypatch: pytest.MonkeyPatch, name: str, *forgotten: str) -> None:
    """Make a package look as if it was not installed."""
    for module in forgotten:
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, name, None)


def test_the_commands(run: Any):
    result = run("--help")
    assert result.exit_code == 0
    at = [result.output.index(f"\n  {name} ") for name in COMMANDS]
    assert at == sorted(at)
    assert run().exit_code == 2
    assert run("nothing").exit_code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, run: Any):
    text = run(command, "-h").output
    assert "Example" in text
    assert "Exit codes:" in text
    assert f"pusher-mock {command}" in text


def test_main(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as end:
        cli.main(["version", "--json"])
    assert end.value.code == 0
    assert json.loads(capsys.readouterr().out)["pusher-mock"] == version("pusher-mock")


def test_as_a_module():
    importlib.import_module("pusher_mock.cli.__main__")  # runs nothing
    command = [sys.executable, "-m", "pusher_mock.cli", "version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    shown = dict(line.split() for line in done.stdout.splitlines())
    assert shown == {
        "pusher-mock": version("pusher-mock"),
        "pusher": version("pusher"),
        "pysher": version("pysher"),
        "python": platform.python_version(),
    }


def test_an_sdk_is_missing(run: Any, monkeypatch: pytest.MonkeyPatch):
    def version_of(package: str) -> str:
        if package == "pysher":
            raise PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(sys.modules["pusher_mock.cli.version"], "version_of", version_of)
    assert "pysher      not installed\n" in run("version").output
    assert json.loads(run("version", "--json").output)["pysher"] is None


def test_without_click(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    missing(
        monkeypatch, "click", *[one for one in sys.modules if one.startswith("pusher_mock.cli.")]
    )
    with pytest.raises(SystemExit) as end:
        cli.main(["version"])
    assert end.value.code == 2
    said = "Error: click is not installed; run: pip install 'pusher-mock[cli,server]'\n"
    assert capsys.readouterr().err == said


def test_without_anything_else(monkeypatch: pytest.MonkeyPatch):
    missing(monkeypatch, "json", "pusher_mock.cli.group", "pusher_mock.cli.version")
    with pytest.raises(ModuleNotFoundError, match="json"):
        cli.main(["version"])


def test_without_uvicorn(run: Any, monkeypatch: pytest.MonkeyPatch):
    missing(monkeypatch, "uvicorn", "pusher_mock.server.running")
    result = run("serve", "--port", "0")
    assert result.exit_code == 2
    said = "Error: uvicorn is not installed; run: pip install 'pusher-mock[cli,server]'\n"
    assert result.stderr == said


def test_errors_of_commands(run: Any, monkeypatch: pytest.MonkeyPatch):
    def fail(**options: Any) -> None:
        raise errors.pop(0)

    errors: list[Exception] = [UsageError("do it so"), ModuleNotFoundError("x", name="x")]
    monkeypatch.setattr(commands.commands["version"], "callback", fail)
    result = run("version")
    assert (result.exit_code, result.stderr) == (2, "Error: do it so\n")
    with pytest.raises(AssertionError, match="x"):  # of the fixture: a defect is a traceback
        run("version")


def test_importing_costs_little():
    program = (
        "import sys; import pusher_mock.cli\n"
        "assert 'click' not in sys.modules\n"
        "import pusher_mock.cli.group\n"
        "heavy = {'uvicorn', 'starlette', 'rich', 'requests', 'pusher', 'trustme', 'anyio'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
