"""The project in `tests/django_project`, run as its user would: by pytest, by Django, by hand.

It has settings of its own, so it cannot share a process with the other tests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.servers import free_port, served

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parent / "django_project"
TIMEOUT_S = 120

GUARDED = "Mocks are refused: USE_MOCKS is on, DEBUG is off in Django's settings"
BANNER = "USE_MOCKS is on: Pusher calls stay in this process"


def _environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without pytest's traces and without settings."""
    ours = ("PUSHER_", "NEXT_PUBLIC_", "DJANGO_", "PYTEST_", "USE_MOCKS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"DJANGO_SETTINGS_MODULE": "project.settings", **variables}


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=_environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def _passed(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stdout + done.stderr
    if done.returncode:
        pytest.fail(said, pytrace=False)
    return said


def test_its_tests_pass_with_pytest():
    said = _passed(_run("-m", "pytest", "-p", "no:cacheprovider"))
    assert int(re.findall(r"(\d+) passed", said)[-1]) > 60


def test_its_tests_pass_with_djangos_runner():
    said = _passed(_run("manage.py", "test", "articles"))
    assert re.search(r"Ran \d+ tests", said)
    assert "\nOK" in said


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_guard_does_not_mind_djangos_runner(jobs: str):
    """DEBUG is off there, too, and mocks are on by the environment."""
    _passed(_run("manage.py", "test", "articles", "--parallel", jobs, USE_MOCKS="true"))


PUBLISH = """
import django; django.setup()
from compat import get_pusher_server, is_mocked, frontend_config, MocksRefused
print(is_mocked())
for ask in (get_pusher_server, frontend_config):
    try:
        print(type(ask()).__name__)
    except MocksRefused as error:
        print("refused", error.place, error.use_mocks)
"""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "False\nPusher\ndict\n"),
        ({"USE_MOCKS": "true"}, "True\n" + "refused Django's settings True\n" * 2),
        ({"USE_MOCKS": "true", "DJANGO_DEBUG": "true"}, "True\nMockPusherServer\ndict\n"),
        (
            {"USE_MOCKS": "true", "USE_MOCKS_WITHOUT_DEBUG": "true"},
            "True\nMockPusherServer\ndict\n",
        ),
    ],
)
def test_the_guard(variables: dict[str, str], expected: str):
    done = _run("-c", PUBLISH, **variables)
    assert done.stdout == expected, done.stderr


DECIDED_IN_CODE = """
import django; django.setup()
from compat import override, pusher_server
from pusher_mock import PusherMock
with override(use_mocks=True):
    pusher_server.trigger("a", "b", {})
with PusherMock() as mock:
    pusher_server.trigger("a", "b", {})
    print(len(mock.published()))
"""


def test_the_guard_leaves_alone_what_somebody_wrote_in_code():
    done = _run("-c", DECIDED_IN_CODE, USE_MOCKS="true")
    assert done.stdout == "1\n", done.stderr


def test_commands_that_check_refuse_to_start():
    done = _run("manage.py", "check", USE_MOCKS="true")
    assert done.returncode == 1
    assert GUARDED in done.stderr
    assert "set USE_MOCKS_WITHOUT_DEBUG=true" in done.stderr
    _passed(_run("manage.py", "check"))


@pytest.mark.parametrize(
    ("arguments", "times"),
    [
        (["-c", "import django; django.setup()"], 1),  # as gunicorn or uvicorn would
        (["-c", PUBLISH], 1),
        (["manage.py", "check"], 0),
        (["manage.py", "shell", "-c", PUBLISH], 1),
    ],
)
def test_the_banner_is_shown_once(arguments: list[str], times: int):
    done = _run(*arguments, USE_MOCKS="true", DJANGO_DEBUG="true")
    assert done.stderr.count(BANNER) == times, done.stderr
    assert BANNER not in _run(*arguments).stderr


def test_a_server_with_wrong_settings_starts_without_a_banner():
    done = _run("-c", "import django; django.setup()", USE_MOCKS="true")
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def _development_server(*options: str, **variables: str) -> Iterator[tuple[str, list[str]]]:
    """Start `runserver` on a free port; yield its address and what it says."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-u", "manage.py", "runserver", address, *options]
    with served(command, PROJECT, _environment(**variables), "Quit the server") as said:
        yield f"http://{address}", said


@pytest.mark.enable_socket
@pytest.mark.parametrize("options", [("--noreload",), ()], ids=["one process", "reloading"])
def test_a_development_server_and_the_command_beside_it(options: tuple[str, ...]):
    variables = {"USE_MOCKS": "true", "DJANGO_DEBUG": "true"}
    with _development_server(*options, **variables) as (url, said):
        server = ("--server", url)
        _passed(_run("manage.py", "pusher_mock", "trigger", "a", "b", *server, **variables))
        state = json.loads(
            _passed(_run("manage.py", "pusher_mock", "state", "--json", *server, **variables))
        )
        _passed(_run("manage.py", "pusher_mock", "reset", *server, **variables))
        empty = _passed(_run("manage.py", "pusher_mock", "state", *server, **variables))
    assert [channel["name"] for channel in state["channels"]] == ["a"]
    assert empty.startswith("0 channels")
    assert "".join(said).count(BANNER) == 1
