"""Variables that are required when a module is imported."""

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
    16,
    "variables read at import by a function that raises when one is not set",
    framework="Django",
    doors=("sdk",),
    shows="`pusher-mock run` supplies the names, and its event arrives at a server",
)

MODULE = "s16_variables_at_import"

pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("doors", [(), SHAPE.doors], ids=RUNS)
def test_a_visit_is_seen(doors: tuple[str, ...], pusher_mock: PusherMock):
    page = Page(pusher_mock, KEY)
    page.subscribe("visits")
    with pusher_mock.serve() as server:
        done = run(MODULE, "--server", server.url, doors=doors)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
    assert page.heard("visits") == [("new", {"path": "/shop", "from": "127.0.0.1"})]
    pusher_mock.assert_triggered("visits", "new", times=1)


def test_by_itself_it_cannot_be_imported():
    done = start(MODULE)
    assert done.returncode == 1
    assert "UndefinedValueError: PUSHER_APP_ID not found" in done.stderr


def test_other_doors_do_not_catch_it():
    done = run(MODULE, doors=others(SHAPE))
    assert done.returncode == 1
    assert "NotIntercepted: POST https://api-" in done.stderr
