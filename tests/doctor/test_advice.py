"""The two lines, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock.doctor import read_project

if TYPE_CHECKING:
    from pathlib import Path

APP = {"shop/app.py": 'import pusher\nc = pusher.Pusher("1", "k", "s")\n'}
INI = ("pusher_mock_autouse = true", "pusher_mock_intercept = all")
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
            TOML,
        ),
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
    assert advice.text == "pytest.ini has the two lines already: every call is caught"


def test_for_the_runner_of_django(read: Any):
    advice = read({**APP, "backend/manage.py": "", "setup.cfg": "[metadata]\n"}).advice
    assert advice.file is None
    assert advice.commands == ("pusher-mock run -- python backend/manage.py test",)


def test_for_unittest(read: Any):
    assert read(APP).advice.commands == ("pusher-mock run -- python -m unittest",)


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
            "calls.py": "import urllib.request\nurllib.request.urlopen('http://api.pusherapp.com/')\n",
        }
    )
    assert [one.path for one in report.caught] == ["shop/app.py"]
    assert [one.path for one in report.not_caught] == ["calls.py"]
    assert report.errors == ()
    told = report.to_json()
    assert told["advice"]["commands"] == ("pusher-mock run -- python -m unittest",)
    assert told["findings"][0]["path"] == "calls.py"
