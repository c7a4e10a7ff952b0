"""A worker's client, made at import of variables with names of their own."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App

from .commands import RUNS, run
from .page import Page
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock import PusherMock

SHAPE = Shape(
    14,
    "client made at import of variables that are not named after Pusher, in a worker",
    framework="plain",
    doors=("sdk",),
    shows="with its own variables set it is caught, whatever they are called, in this process and "
    "in one that `pusher-mock run` starts",
)

KEY = "14141414141414141414"
SECRET = "c5c5c5c5c5c5c5c5c5c5"
VARIABLES = {
    "WEBSOCKET_APP_ID": "141414",
    "WEBSOCKET_APP_KEY": KEY,
    "WEBSOCKET_APP_SECRET": SECRET,
    "WEBSOCKET_HOST": "soketi",
    "WEBSOCKET_PORT": "6001",
    "WEBSOCKET_SSL": "False",
}
PROGRESS = [("progress", {"percent": percent}) for percent in (0, 50, 100)]
PACKAGE = f"{__package__}.s14_worker_variables"


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The worker, started in its environment."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    yield importlib.import_module(f"{PACKAGE}.worker")
    for name in ("worker", "client"):
        sys.modules.pop(f"{PACKAGE}.{name}", None)


def test_progress_reaches_a_page(worker: Any, mock: Any, page: Any):
    doctor = page(KEY)
    doctor.subscribe("slide-7")
    worker.analyse(7)
    assert doctor.heard("slide-7") == PROGRESS
    assert len(mock.published("slide-7", "progress")) == 3


@pytest.mark.enable_socket
@pytest.mark.pusher_mock(apps=[App("141414", KEY, SECRET)])
@pytest.mark.parametrize("doors", [(), SHAPE.doors], ids=RUNS)
def test_a_container(doors: tuple[str, ...], pusher_mock: PusherMock):
    doctor = Page(pusher_mock, KEY)
    doctor.subscribe("slide-7")
    with pusher_mock.serve() as server:
        module = "s14_worker_variables.worker"
        done = run(module, "--server", server.url, doors=doors, **VARIABLES)
    assert done.returncode == 0, done.stderr
    assert doctor.heard("slide-7") == PROGRESS


def test_other_doors_do_not_catch_it(worker: Any, others: Any):
    with others():
        worker.analyse(7)
