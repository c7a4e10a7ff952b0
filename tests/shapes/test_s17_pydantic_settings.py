"""Settings with required fields, built when they are imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pusher_mock.protocol.defaults import KEY

from .commands import RUNS, others, run, start
from .page import Page
from .shape import Shape

if TYPE_CHECKING:
    from pusher_mock import PusherMock

SHAPE = Shape(
    17,
    "settings object of pydantic with required fields, built at import, and then a client",
    framework="plain",
    doors=("sdk",),
    shows="`pusher-mock run` supplies the names, and its event arrives at a server",
)

MODULE = "s17_pydantic_settings"

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("doors", [(), SHAPE.doors], ids=RUNS)
def test_a_training_is_seen(doors: tuple[str, ...], pusher_mock: PusherMock):
    page = Page(pusher_mock, KEY)
    page.subscribe("model-7")
    with pusher_mock.serve() as server:
        done = run(MODULE, "--server", server.url, doors=doors)
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    assert page.heard("model-7") == [("trained", {"model": 7, "error": 0.25})]
    pusher_mock.assert_triggered("model-7", "trained", times=1)


def test_by_itself_it_cannot_be_imported():
    done = start(MODULE)
    assert done.returncode == 1
    assert "ValidationError: 4 validation errors for Settings" in done.stderr


def test_other_doors_do_not_catch_it():
    done = run(MODULE, doors=others(SHAPE))
    assert done.returncode == 1
    assert "NotIntercepted: POST https://api-" in done.stderr
