"""The two lines, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.doctor import read_project

if TYPE_CHECKING:
    from pathlib import Path

APP = {"shop/app.py": 'import pusher\nc = pusher.Pusher("1", "k", "s")\n'}
UNITTEST = {"tests/test_a.py": "from unittest import TestCase\nclass A(TestCase): ...\n"}
INI = ("pusher_mock_autouse = true", "pusher_mock_intercept = all")
NATIVE = ("pusher_mock_autouse = true", 'pusher_mock_intercept = ["all"]')
TOML = ("pusher_mock_autouse = true", 'pusher_mock_intercept = "all"')


@pytest.mark.parametrize(
    ("files", "file", "section", "lines"),
    [
        ({"pytest.ini": "[pytest]\n"}, "pytest.ini", "pytest", INI),
        ({"pytest.ini": ""}, "pytest.ini", "pytest", INI),
        ({"pytest.ini": "%%%"}, "pytest.ini", "pytest", INI),
        ({"tox.ini": "[pytest]\naddopts = -q\n"}, "tox.ini", "pytest", INI),
        ({"setup.cfg": "[tool:pytest]\n"}, "setup.cfg", "tool:pytest", INI),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q'\n"},
            "pyproject.toml",
            "tool.pytest.ini_options",
            TOML,
        ),
        (
            {"pyproject.toml": "[tool.pytest]\naddopts = ['-q']\n"},
            "pyproject.toml",
            "tool.pytest",
            NATIVE,
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\n"},
            "pyproject.toml",
            "tool.pytest.ini_options",
            TOML,
        ),
        (
            {"pyproject.toml": "[tool]\npytest = 1\n", "tox.ini": "[pytest]\n"},
            "tox.ini",
            "pytest",
            INI,
        ),
        ({"pytest.toml": "[pytest]\n"}, "pytest.toml", "pytest", NATIVE),
        ({".pytest.toml": "", "pytest.ini": ""}, ".pytest.toml", "pytest", NATIVE),
        (
            {"pyproject.toml": "[tool.ruff]\n", "backend/pytest.ini": "[pytest]\n"},
            "backend/pytest.ini",
            "pytest",
            INI,
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\na = 1\n", "pytest.ini": "[pytest]\n"},
            "pytest.ini",
            "pytest",
            INI,
        ),
        (
            {"pyproject.toml": "[project]\ndependencies = ['pytest']\n"},
            "pyproject.toml",
            "tool.pytest.ini_options",
            TOML,
        ),
        ({"requirements-dev.txt": "pytest>=8\n"}, "pytest.ini", "pytest", INI),
        ({"tests/conftest.py": ""}, "pytest.ini", "pytest", INI),
        ({"tests/conftest.py": "", "pyproject.toml": "=="}, "pyproject.toml", None, TOML),
        (
            {"pytest.ini": "[pytest]\npusher_mock_autouse = true\n"},
            "pytest.ini",
            "pytest",
            INI[1:],
        ),
    ],
)
def test_for_pytest(
    read: Any, files: dict[str, str], file: str, section: str | None, lines: tuple[str, ...]
):
    advice = read({**APP, **files}).advice
    assert (advice.file, advice.lines) == (file, lines)
    assert advice.section == section or section is None
    assert advice.commands == ()
    assert file in advice.text


def test_when_they_are_there(read: Any):
    advice = read({**APP, "pytest.ini": "[pytest]\n" + "\n".join(INI)}).advice
    assert advice.lines == ()
    assert advice.problems == ()
    assert (
        advice.text == "nothing to add: pytest.ini has the two lines already, every call is caught"
    )


def _with(intercept: str, autouse: str = "true") -> str:
    return f"pusher_mock_autouse = {autouse}\npusher_mock_intercept = {intercept}\n"


def _head(file: str) -> str:
    return "[pytest]\n" if file == HERE else ""


HERE = "pytest.ini"
STOPS = "and pytest does not start"


@pytest.mark.parametrize(
    ("file", "text", "told", "line"),
    [
        (HERE, _with("sdkk"), "names sdkk, which is no door", INI[1]),
        (HERE, _with("all sdkk"), "names sdkk, which is no door", INI[1]),
        (
            HERE,
            _with("'sdk"),
            f"names 'sdk, which is no door, {STOPS}",
            INI[1],
        ),
        (
            HERE,
            _with(""),
            f"(nothing) in pytest.ini names no door, {STOPS}",
            INI[1],
        ),
        (HERE, "pusher_mock_intercept\n" + INI[0], "names no door", INI[1]),
        (
            HERE,
            _with("httpx, aiohttp"),
            "leaves out requests, sdk, by which",
            INI[1],
        ),
        (
            HERE,
            _with("all", "false"),
            "= false in pytest.ini does not",
            INI[0],
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\n" + _with('""'),
            f'= "" in pyproject.toml names no door, {STOPS}',
            TOML[1],
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\n" + _with('["sdk", "httpx"]'),
            "leaves out requests",
            TOML[1],
        ),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\n" + _with('"all"', "false"),
            "pusher_mock_autouse = false in pyproject.toml does not switch it on",
            TOML[0],
        ),
        ("pyproject.toml", "[tool.pytest]\n" + _with('"all"'), "has to be a list", NATIVE[1]),
        (
            "pyproject.toml",
            "[tool.pytest]\n" + _with('["all"]', '"true"'),
            "does not switch it on",
            NATIVE[0],
        ),
    ],
)
def test_when_they_are_there_and_wrong(read: Any, file: str, text: str, told: str, line: str):
    calls = "import requests\nrequests.get('https://api-eu.pusher.com/apps/1')\n"
    advice = read({**APP, "calls.py": calls, file: _head(file) + text}).advice
    [problem] = advice.problems
    assert told in problem
    assert advice.lines == (line,)
    assert advice.text.startswith(problem)
    assert advice.text.endswith(f"in {file}: {line}")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (HERE, _with("sdk,requests", "on")),
        (HERE, _with("requests 'sdk httpx'", "1")),
        ("pyproject.toml", "[tool.pytest.ini_options]\n" + _with('["sdk", "requests"]')),
        ("pyproject.toml", "[tool.pytest.ini_options]\n" + _with('"all"', '"yes"')),
        ("pyproject.toml", "[tool.pytest]\n" + _with('["all"]')),
    ],
)
def test_when_they_name_what_is_needed(read: Any, file: str, text: str):
    calls = "import requests\nrequests.get('https://api-eu.pusher.com/apps/1')\n"
    advice = read({**APP, "calls.py": calls, file: _head(file) + text}).advice
    assert (advice.problems, advice.lines) == ((), ())


def test_what_has_no_door_is_not_promised(read: Any):
    calls = "import urllib.request\nurllib.request.urlopen('http://api.pusherapp.com/')\n"
    advice = read({**APP, "calls.py": calls, "pytest.ini": "[pytest]\n" + "\n".join(INI)}).advice
    assert advice.text.endswith("every call that has a door is caught")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("check.py", "import pytest\n"),
        ("shop/checks.py", "if True:\n    from pytest import fixture\n"),
        ("tests/a.py", "async def test_it(): ...\n"),
        ("test_a.py", "def test_it(): ...\n"),
        ("test_a.py", "class TestIt:\n    def test_it(self): ...\n"),
        ("test_a.py", "class TestIt(object):\n    def test_it(self): ...\n"),
    ],
)
def test_tests_of_pytest_are_seen(read: Any, path: str, text: str):
    assert (advice := read({**APP, path: text}).advice).file == "pytest.ini"
    assert advice.commands == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/net.py", "def test_connection(): ...\n"),
        ("shop/net.py", "from django.test import TestCase\n"),
        ("shop/net.py", "import pytest_like\n"),
        ("manage.py", ""),
        ("tests/__init__.py", ""),
        ("tests/notes.html", "import pytest"),
    ],
)
def test_without_tests_no_command_for_them_is_named(read: Any, path: str, text: str):
    advice = read({**APP, path: text}).advice
    assert (advice.file, advice.lines) == (None, ())
    assert advice.commands == ("pusher-mock run -- COMMAND",)
    assert advice.text.startswith("no tests are seen here")


def test_for_the_runner_of_django(read: Any):
    advice = read({**APP, **UNITTEST, "backend/manage.py": "", "setup.cfg": "[metadata]\n"}).advice
    assert advice.file is None
    assert advice.commands == ("pusher-mock run -- python backend/manage.py test",)


def test_for_unittest(read: Any):
    assert read({**APP, **UNITTEST}).advice.commands == ("pusher-mock run -- python -m unittest",)


def test_for_workers(read: Any):
    tasks = {"tasks.py": f"import celery\n{APP['shop/app.py']}"}
    serve = "pusher-mock run --serve -- COMMAND"
    assert read({**tasks, "pytest.ini": ""}).advice.commands == (serve,)
    assert serve in read(tasks).advice.commands


def test_nothing_to_catch(read: Any):
    report = read({"app.py": "x = 1\n"})
    assert report.advice.text == "nothing here calls Pusher"
    assert (report.findings, report.settings) == ((), [])


def test_part_of_a_repository(tmp_path: Path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text(APP["shop/app.py"])
    assert read_project(tmp_path / "shop").advice.file == "../pytest.ini"
    assert read_project(tmp_path).advice.file == "pytest.ini"


def test_a_report_in_figures(read: Any):
    report = read(
        {
            **APP,
            **UNITTEST,
            "calls.py": "import urllib.request\nurllib.request.urlopen('http://api.pusherapp.com/')\n",
        }
    )
    assert [one.path for one in report.caught] == ["shop/app.py"]
    assert [one.path for one in report.not_caught] == ["calls.py"]
    assert report.errors == ()
    told = report.to_json()
    assert told["advice"]["commands"] == ("pusher-mock run -- python -m unittest",)
    assert told["findings"][0]["path"] == "calls.py"
