"""What a server in the foreground does to its process."""

from __future__ import annotations

import gc
import resource
import sys
from typing import TYPE_CHECKING

from pusher_mock.cli import foreground

if TYPE_CHECKING:
    import pytest


def test_it_may_open_as_many_sockets_as_the_process_may(monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1_024, 4_096))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: asked.append(limits))
    foreground._allow_many_sockets()
    assert asked == [(4_096, 4_096)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: (4_096, 4_096))
    foreground._allow_many_sockets()
    assert len(asked) == 1


def test_it_goes_on_where_that_is_refused_or_unknown(monkeypatch: pytest.MonkeyPatch):
    def refuse(which: int, limits: tuple[int, int]) -> None:
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda which: (1, 2))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    foreground._allow_many_sockets()
    monkeypatch.setitem(sys.modules, "resource", None)
    foreground._allow_many_sockets()


def test_garbage_is_collected_less_often_meanwhile():
    before = gc.get_threshold()
    with foreground._collecting_less_often():
        assert gc.get_threshold()[0] == 50_000
        assert gc.get_freeze_count() > 1_000
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
