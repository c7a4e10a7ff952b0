"""The tasks of row 5 in a worker: a process of its own, which is where they run in the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from celery import Celery  # type: ignore[import-untyped]
from tests.servers import served

from compat.names import VARIABLES
from pusher_mock import App

from .commands import ROOT
from .page import Page
from .shape import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from pusher_mock import PusherMock

SHAPE = Shape(
    5,
    "its tasks run by a worker, another process",
    framework="Django",
    doors=("sdk",),
    shows="a worker under `pusher-mock run --server` publishes to the server",
)

KEY = "30303030303030303030"
TASKS = "tests.shapes.s05_celery_tasks.tasks"
PATIENCE_S = 30

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.pusher_mock(apps=[App("303030", KEY, "b3b3b3b3b3b3b3b3b3b3")]),
]


def send(folder: Path) -> None:
    """Leave a task where the worker looks for it."""
    places = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(folder))
    with Celery(broker="filesystem://", broker_transport_options=places) as application:
        application.send_task(f"{TASKS}.publish_article", (7, "Snow"))


def command(*run: str) -> list[str]:
    worker = [sys.executable, "-m", "celery", "-A", TASKS, "worker", "--pool", "solo"]
    worker += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [sys.executable, "-m", "pusher_mock.cli", "run", *run, "--", *worker]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    settings = "tests.shapes.django_suite.settings"
    return {**kept, "DJANGO_SETTINGS_MODULE": settings, "TASKS_FOLDER": str(folder)}


def test_a_worker_publishes(pusher_mock: PusherMock, tmp_path: Path):
    reader = Page(pusher_mock, KEY)
    reader.subscribe("news")
    send(tmp_path)
    with pusher_mock.serve() as server:
        run = command("--door", *SHAPE.doors, "--server", server.url)
        with served(run, ROOT, environment(tmp_path), " ready.") as said:
            pusher_mock.wait_until_triggered("news", "article", timeout=PATIENCE_S)
    assert reader.heard("news") == [("article", {"id": 7, "title": "Snow"})], said


def test_other_doors_do_not_catch_it(pusher_mock: PusherMock, tmp_path: Path):
    others = ("--door", "httpx", "--door", "aiohttp", "--door", "websocket")
    send(tmp_path)
    # It ends the task that it has received before it ends itself.
    with served(command(*others), ROOT, environment(tmp_path), "publish_article[") as said:
        pass
    assert (
        "POST https://api.pusherapp.com:443/apps/303030/events was about to be called"
        in "".join(said)
    )
    pusher_mock.assert_not_triggered()
