"""A module named as the SDK is, which publishes when it is imported."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App

from .commands import RUNS, run
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pusher_mock import PusherMock

SHAPE = Shape(
    15,
    "module named `pusher.py` that calls `trigger` when it is imported; variables of other names",
    framework="plain",
    doors=("sdk",),
    shows="imported while calls are caught, its first event is in the mock; started by "
    "`pusher-mock run` it is as well",
)

KEY = "15151515151515151515"
SECRET = "c6c6c6c6c6c6c6c6c6c6"
VARIABLES = {
    "PUSHER_APP_APP_ID": "151515",
    "REACT_APP_API_KEY": KEY,
    "PUSHER_APP_SECRET": SECRET,
}
MODULE = "s15_trigger_at_import.edu.courses"
PACKAGE = f"{__package__}.s15_trigger_at_import.edu"
FIRST = ("my-channel", "my-event", {"message": "hello world"})


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    """Imports the application anew, as a fresh interpreter would."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)

    def forget() -> None:
        for name in ("pusher", "courses"):
            sys.modules.pop(f"{PACKAGE}.{name}", None)

    forget()
    yield lambda: importlib.import_module(f"{PACKAGE}.courses")
    forget()


def test_the_first_event_is_caught(load: Callable[[], Any], mock: Any, page: Any):
    student = page(KEY)
    student.subscribe("my-channel")
    student.subscribe("course-7")
    courses = load()
    assert student.heard("my-channel") == [FIRST[1:]]
    mock.assert_triggered(*FIRST, times=1)
    courses.enrol("7", "ada")
    assert student.heard("course-7") == [("enrolled", {"student": "ada"})]


def test_the_name_is_the_sdks_all_the_same(load: Callable[[], Any], mock: Any):
    load()
    module = sys.modules[f"{PACKAGE}.pusher"]
    assert module.pusher is sys.modules["pusher"]


@pytest.mark.enable_socket
@pytest.mark.pusher_mock(apps=[App("151515", KEY, SECRET)])
@pytest.mark.parametrize("doors", [(), SHAPE.doors], ids=RUNS)
def test_a_process_that_is_started(doors: tuple[str, ...], pusher_mock: PusherMock):
    with pusher_mock.serve() as server:
        done = run(MODULE, "--server", server.url, doors=doors, **VARIABLES)
    assert done.returncode == 0, done.stderr
    pusher_mock.assert_triggered(*FIRST, times=1)


def test_other_doors_do_not_catch_it(load: Callable[[], Any], others: Any):
    with others():
        load()
