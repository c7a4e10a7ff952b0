"""A cached factory with the literal address of a server of their own."""

from __future__ import annotations

from typing import Any

from .s13_cached_factory.utils import get_pusher, notify
from .shape import Shape

SHAPE = Shape(
    13,
    "`@lru_cache` factory with literal host and port of a server of their own, `ssl=False`",
    framework="plain",
    doors=("sdk",),
    shows="caught wherever it calls, with a client that was cached before",
)

KEY = "13131313131313131313"


def test_a_client_that_was_cached_before(mock: Any, page: Any):
    before = get_pusher()
    user = page(KEY)
    user.subscribe("private-user-3", before.authenticate("private-user-3", user.socket_id))
    notify(3, "moved")
    assert user.heard("private-user-3") == [("notification", {"what": "moved"})]
    mock.assert_triggered("private-user-3", "notification", {"what": "moved"}, times=1)
    assert get_pusher() is before


def test_a_client_that_is_made_now(mock: Any):
    get_pusher.cache_clear()
    notify(4, "new")
    mock.assert_triggered("private-user-4", "notification", {"what": "new"}, times=1)


def test_other_doors_do_not_catch_it(others: Any):
    with others():
        notify(3, "moved")
