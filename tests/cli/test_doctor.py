"""``pusher-mock doctor``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "7ad3773142a6692b25b8"
CLIENT = 'import pusher\nclient = pusher.Pusher("1", "shop-key", "shop-secret")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """With a client, a template, a call that no door answers, and variables."""
    (tmp_path / "realtime.py").write_text(CLIENT)
    (tmp_path / "settings.py").write_text(
        "import os\nKEY = os.environ['PUSHER_KEY']\nX = os.getenv('PUSHER_THING')\n"
    )
    (tmp_path / "stats.py").write_text(
        "import urllib.request\nurllib.request.urlopen('https://api.pusherapp.com/apps/1')\n"
    )
    (tmp_path / "page.html").write_text("new Pusher('old-key')")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_what_is_shown(run: Any, project: Path):
    result = run("doctor", str(project))
    assert (result.exit_code, result.stderr) == (0, "")
    shown = result.stdout
    assert shown.startswith(f"{project}: 5 files read\n")
    assert "Surprises in tests" in shown
    assert "Must be mended" not in shown
    assert "  realtime.py:2  pusher.Pusher built at import; app_id literal 1" in shown
    assert "  page.html:1  pusher-js is started with the key 'old-key'  [playwright]" in shown
    assert "  stats.py:2  an HTTP call of api.pusherapp.com by urllib  [no door]" in shown
    assert "  PUSHER_KEY    key, environment, required at import  settings.py:2" in shown
    assert "  PUSHER_THING  ?, environment  settings.py:3" in shown
    assert "Caught: sdk 1. In pages, by the Playwright door: 1. Not caught: 1." in shown
    assert shown.endswith(
        "Add to [pytest] in pytest.ini:\n"
        "    pusher_mock_autouse = true\n    pusher_mock_intercept = all\n"
    )


def test_this_folder(run: Any, project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(project)
    assert run("doctor").stdout == run("doctor", str(project)).stdout


def test_a_secret_ends_with_1(run: Any, project: Path):
    (project / ".env").write_text(f"PUSHER_SECRET={SECRET}\n")
    for words in (("doctor", str(project)), ("doctor", "--json", str(project))):
        result = run(*words)
        assert result.exit_code == 1
        assert SECRET not in result.output
        assert f"{SECRET[:4]}" in result.output
    assert (
        "Must be mended\n  .env:1  PUSHER_SECRET stands in the file: 7ad3…"
        in run("doctor", str(project)).stdout
    )


def test_as_json(run: Any, project: Path):
    told = json.loads(run("doctor", "--json", str(project)).stdout)
    assert set(told) == {"root", "files", "findings", "settings", "skipped", "advice"}
    client = next(one for one in told["findings"] if one["kind"] == "client")
    assert (client["path"], client["line"], client["door"]) == ("realtime.py", 2, "sdk")
    assert {one["name"]: one["kind"] for one in told["settings"]} == {
        "PUSHER_KEY": "key",
        "PUSHER_THING": None,
    }
    assert told["advice"]["lines"] == ["pusher_mock_autouse = true", "pusher_mock_intercept = all"]


def test_a_project_without_pusher(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text("x = 1\n")
    result = run("doctor", str(tmp_path))
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path}: 1 file read\n\nNothing here calls Pusher\n"


def test_old_python_and_workers(run: Any, project: Path):
    (project / "old.py").write_text("import pusher\nprint 1\n")
    (project / "shop").mkdir()
    (project / "shop" / "pusher.py").write_text("import celery\n" + CLIENT)
    shown = run("doctor", str(project)).stdout
    assert "Not read, or not wholly\n  old.py  cannot be parsed (line 2: " in shown
    assert shown.count("old.py") == 1
    assert "  shop/pusher.py  a module with the SDK's name, pusher\n" in shown
    assert "For processes beside each other: pusher-mock run --serve -- COMMAND" in shown


def test_names_cannot_move_the_cursor(run: Any, project: Path):
    (project / "a\x1b[2J.py").write_text(CLIENT)
    assert "\x1b" not in run("doctor", str(project)).output


def test_for_a_required_variable_in_a_function(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text("import os\ndef f():\n    return os.environ['PUSHER_KEY']\n")
    shown = run("doctor", str(tmp_path)).stdout
    assert "  PUSHER_KEY  key, environment, required  app.py:3" in shown


def test_a_path_that_is_not_there(run: Any, tmp_path: Path):
    result = run("doctor", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_env_takes_the_names(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text(
        "import os, pusher\nc = pusher.Pusher('1', os.environ['WS_APP_KEY'], 's')\n"
    )
    assert "export WS_APP_KEY=mock-pusher-key\n" in run("env", str(tmp_path)).stdout


def test_lines_that_are_wrong(run: Any, project: Path):
    (project / "pytest.ini").write_text("[pytest]\npusher_mock_intercept = sdkk\n")
    shown = run("doctor", str(project)).stdout
    assert shown.endswith(
        "\npusher_mock_intercept = sdkk in pytest.ini names sdkk, which is no door, and pytest "
        "does not start\nWrite into [pytest] in pytest.ini:\n"
        "    pusher_mock_autouse = true\n    pusher_mock_intercept = all\n"
    )


def test_names_of_files_keep_their_case(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text(CLIENT)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest]\npusher_mock_autouse = true\npusher_mock_intercept = ['all']\n"
    )
    shown = run("doctor", str(tmp_path)).stdout
    assert "\nNothing to add: pyproject.toml has the two lines already" in shown


def test_what_may_not_be_caught(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text(
        "import requests, urllib.request\nURL = 'https://api-eu.pusher.com'\n"
    )
    shown = run("doctor", str(tmp_path)).stdout
    assert "by requests or urllib  [requests or no door]\n" in shown
    assert "\nCaught: requests 1. Not caught: nothing. Perhaps not caught: 1.\n" in shown
    (tmp_path / "app.py").write_text(
        "import urllib.request\nurllib.request.urlopen(a)\n"
        "HELP = ['https://api-eu.pusher.com/apps/1']\n"
    )
    assert "[no door]" in run("doctor", str(tmp_path)).stdout


@pytest.mark.parametrize("command", ["doctor", "env"])
def test_what_is_no_project(run: Any, command: str, tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), os.devnull):
        result = run(command, path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{path} is neither a folder nor a file that could be read" in result.stderr


def test_what_needs_no_advice(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text("import pusher\n")
    assert "  app.py:1  pusher is imported  [sdk]\n\n" in run("doctor", str(tmp_path)).stdout


def test_without_pages(run: Any, tmp_path: Path):
    (tmp_path / "app.py").write_text(CLIENT)
    assert "\nCaught: sdk 1. Not caught: nothing.\n" in run("doctor", str(tmp_path)).stdout
