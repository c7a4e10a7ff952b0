"""``pusher-mock env``: settings as each shell reads them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from dotenv import dotenv_values

from compat.names import SPELLINGS

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://127.0.0.1:6500"


def project(monkeypatch: pytest.MonkeyPatch, *settings: tuple[str, str | None, str]) -> list[str]:
    """Make a doctor that finds these settings; returns where it was sent."""
    asked: list[str] = []

    def read_project(path: str) -> SimpleNamespace:
        asked.append(path)
        found = [
            SimpleNamespace(name=a, kind=b, source=c, required=a != "PUSHER_TIMEOUT")
            for a, b, c in settings
        ]
        return SimpleNamespace(settings=found)

    doctor = ModuleType("pusher_mock.doctor")
    monkeypatch.setattr(doctor, "read_project", read_project, raising=False)
    monkeypatch.setitem(sys.modules, doctor.__name__, doctor)
    return asked


def test_every_known_spelling(run: Any):
    found = json.loads(run("env", "--shell", "json").stdout)
    assert found.pop("USE_MOCKS") == "true"
    url = "http://mock-pusher-key:mock-pusher-secret@api-mock-cluster.pusher.com/apps/1"
    assert found.pop("PUSHER_URL") == url
    for field, value in {
        "app_id": "1",
        "key": "mock-pusher-key",
        "secret": "mock-pusher-secret",
        "cluster": "mock-cluster",
    }.items():
        assert {found.pop(name) for name in SPELLINGS[field]} == {value}
    assert found == {}


def test_where_a_server_is(run: Any):
    found = json.loads(run("env", "--shell", "json", "--url", URL).stdout)
    assert found["PUSHER_MOCK_URL"] == URL
    assert [found[f"PUSHER_{name}"] for name in ("HOST", "PORT", "SSL", "SCHEME")] == [
        "127.0.0.1",
        "6500",
        "false",
        "http",
    ]
    assert "PUSHER_URL" not in found
    found = json.loads(run("env", "--shell", "json", env={"PUSHER_MOCK_URL": URL}).stdout)
    assert found["PUSHER_MOCK_URL"] == URL
    secure = run("env", "--shell", "json", "--url", "https://localhost:6443").stdout
    assert json.loads(secure)["PUSHER_SCHEME"] == "https"


def test_a_server_elsewhere_is_refused(run: Any):
    result = run("env", "--url", "http://shop.test:6001")
    assert result.exit_code == 2
    assert "shop.test is not this machine" in result.stderr


@pytest.mark.parametrize("words", [[], ["--url", URL]])
def test_a_shell_reads_it(run: Any, words: list[str]):
    wanted = json.loads(run("env", "--shell", "json", *words).stdout)
    lines = run("env", *words).stdout
    read = subprocess.run(
        ["sh", "-c", f"{lines}exec env"], env={}, capture_output=True, text=True, check=True
    )
    assert wanted.items() <= dict(one.split("=", 1) for one in read.stdout.splitlines()).items()
    assert dotenv_values(stream=io.StringIO(run("env", "--shell", "dotenv", *words).stdout)) == (
        wanted
    )


VALUE = 'it\'s \\ "$HOME" `x` #1'


def test_values_are_quoted():
    lines = sys.modules["pusher_mock.cli.env"]._LINES
    shell = f'{lines["sh"]("NAME", VALUE)}; printf %s "$NAME"'
    said = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert said.stdout == VALUE
    assert dotenv_values(stream=io.StringIO(lines["dotenv"]("NAME", VALUE))) == {"NAME": VALUE}
    assert lines["fish"]("NAME", VALUE) == "set -gx NAME 'it\\'s \\\\ \"$HOME\" `x` #1'"

    if shutil.which("fish"):
        fish_reads_it()


def fish_reads_it() -> None:
    line = sys.modules["pusher_mock.cli.env"]._LINES["fish"]("NAME", VALUE)
    said = subprocess.run(
        ["fish", "-c", f"{line}; printf %s $NAME"], capture_output=True, text=True, check=True
    )
    assert said.stdout == VALUE


def test_names_that_a_project_reads(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked = project(
        monkeypatch,
        ("WEBSOCKET_APP_KEY", "key", "environment"),
        ("WEBSOCKET_APP_KEY", "key", "environment"),
        ("PUSHER_KEY", "key", "environment"),
        ("WEBSOCKET_HOST", "host", "environment"),
        ("PUSHER_CHANNEL_PREFIX", None, "environment"),
        ("PUSHER_DJANGO_KEY", "key", "django"),
        ("NOT A; NAME", "key", "environment"),
        ("PUSHER_TIMEOUT", "timeout", "environment"),
    )
    result = run("env", "--shell", "dotenv", str(tmp_path))
    assert asked == [str(tmp_path)]
    assert result.stdout.endswith("\nWEBSOCKET_APP_KEY=mock-pusher-key\n")
    assert "DJANGO" not in result.stdout
    assert "NOT A" not in result.stdout
    assert result.stderr == (
        "the project needs a value for WEBSOCKET_HOST, PUSHER_CHANNEL_PREFIX, too: "
        "export NAME=VALUE, or start it with pusher-mock run --set NAME=VALUE; "
        "--url URL supplies WEBSOCKET_HOST\n"
    )
    assert "WEBSOCKET_HOST=127.0.0.1" in run("env", "--url", URL, str(tmp_path)).stdout
    project(monkeypatch, ("PUSHER_CHANNEL_PREFIX", None, "environment"))
    assert run("env", str(tmp_path)).stderr.endswith("run --set NAME=VALUE\n")


def test_a_project_is_read(run: Any, tmp_path: Path):
    text = (
        "import os\nPREFIX = os.environ['PUSHER_APP_APP_ID']\nKEY = os.environ.get('PUSHER_KEY')\n"
    )
    (tmp_path / "settings.py").write_text(text, encoding="utf-8")
    result = run("env", "--shell", "json", str(tmp_path))
    assert json.loads(result.stdout)["PUSHER_APP_APP_ID"] == "1"
    assert result.stderr == ""


def test_nothing_can_read_projects(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "pusher_mock.doctor", None)
    result = run("env", str(tmp_path))
    assert result.exit_code == 2
    assert "this version cannot read projects; leave PATH out" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes with a name")
def test_what_is_no_project(run: Any, tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (str(pipe), os.devnull):
        result = run("env", path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{path} is neither a folder nor a file that could be read" in result.stderr
