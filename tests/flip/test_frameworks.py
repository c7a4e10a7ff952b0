"""Whole applications, none of which knows of pusher-mock, flipped by ``pusher-mock run``."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from tests.flip.commands import PROJECTS, asked, done, hearing, is_running, running
from tests.servers import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(os.name != "posix", reason="signals are sent"),
]

SERVER = r"calls of Pusher go to (http://[\w.:]+)"
MEMORY = "pusher-mock: calls of Pusher stay in memory, with a mock for each process"

SUITE = """
import urllib.request

import pusher
import pytest
from pusher_mock import NotIntercepted, current_mock, intercepted

client = pusher.Pusher("5", "lit-key", "lit-secret", cluster="eu")

def test_without_a_mock_of_its_own():
    client.trigger("c", "e", {})
    assert len(current_mock().published()) == 1

@pytest.mark.pusher_mock(intercept=True)
def test_with_one(pusher_mock):
    client.trigger("c", "e", {})
    pusher_mock.assert_triggered("c", "e", times=1)

def test_a_refusal_that_is_expected():
    with pytest.raises(NotIntercepted), intercepted():
        urllib.request.urlopen("https://api-eu.pusher.com/")
"""


def test_django_with_its_reloader():
    port = free_port()
    folder = PROJECTS / "django_site"
    command = ["python", "manage.py", "runserver", str(port)]
    with running("--serve", "--", *command, folder=folder) as site:
        url = site.line(SERVER)
        asked(f"http://127.0.0.1:{port}/order")  # it is up, and its key is known to the server
        with hearing(url, "orders", "shop-key") as heard:
            said = asked(f"http://127.0.0.1:{port}/order?number=17")
            assert heard() == {"number": 17}
        assert said["main"] == "true"  # the second of the reloader's two processes
        assert site.ended(signal.SIGTERM) == 0
        assert not is_running(said["process"])
        assert not is_running(said["parent"])


def test_djangos_test_runner_in_memory():
    result = done("--", "python", "manage.py", "test", folder=PROJECTS / "django_site")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Found 2 test(s).\n")
    assert result.stderr.startswith(MEMORY)
    assert "Ran 2 tests" in result.stderr


def test_pytest_with_warnings_as_errors(tmp_path: Path):
    (tmp_path / "test_shop.py").write_text(SUITE, encoding="utf-8")
    quiet = ["-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    result = done("--", "python", "-m", "pytest", *quiet, folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 passed" in result.stdout


def test_asgi_with_the_back_end_of_aiohttp():
    port = free_port()
    command = ["uvicorn", "--port", str(port), "--log-level", "warning", "main:application"]
    with running("--serve", "--", *command, folder=PROJECTS / "asgi_site") as site:
        url = site.line(SERVER)
        asked(f"http://127.0.0.1:{port}/")
        with hearing(url, "orders", "asgi-key") as heard:
            assert asked(f"http://127.0.0.1:{port}/a") == {}
            assert heard() == {"path": "/a"}
        assert site.ended(signal.SIGINT) in (0, 130)  # uvicorn's answer to Ctrl-C


def test_flask_with_an_extension_and_a_factory():
    port = free_port()
    command = ["flask", "--app", "site_app:create_app", "run", "--port", str(port)]
    folder = PROJECTS / "flask_site"
    with running("--serve", "--", *command, folder=folder) as site:
        url = site.line(SERVER)
        asked(f"http://127.0.0.1:{port}/order", b"")
        with (
            hearing(url, "orders", "flask-key") as by_extension,
            hearing(url, "orders", "mock-pusher-key") as by_factory,
        ):
            asked(f"http://127.0.0.1:{port}/order", b"")
            assert by_extension() == {"by": "the extension"}
            assert by_factory() == {"by": "the factory"}


def test_celery_eagerly(tmp_path: Path):
    result = done(
        "--", "python", "eager.py", folder=PROJECTS / "celery_site", EAGER="1",
        BROKER_FOLDER=str(tmp_path),
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "{'channels': {}}\n"), result.stderr


def test_celery_with_a_worker(tmp_path: Path):
    port = free_port()
    # Nobody ends the worker: what is left of a command ends with it.
    both = (
        "celery -A tasks worker -P solo --without-mingle --without-gossip -l WARNING & "
        f"exec flask --app web run --port {port}"
    )
    with running(
        "--serve", "--", "sh", "-c", both,
        folder=PROJECTS / "celery_site", BROKER_FOLDER=str(tmp_path),
    ) as site:  # fmt: skip
        url = site.line(SERVER)
        asked(f"http://127.0.0.1:{port}/")
        with hearing(url, "orders", "task-key") as heard:
            web = asked(f"http://127.0.0.1:{port}/order/5", b"")["process"]
            placed, shipped = heard(), heard()
        assert placed == {"number": 5, "process": web}
        assert shipped["number"] == 5
        worker = shipped["process"]
        assert worker != web
        site.ended(signal.SIGTERM)
        assert not is_running(web)
        assert not is_running(worker)
