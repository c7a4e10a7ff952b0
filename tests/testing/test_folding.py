"""A run of the same line is one line."""

from __future__ import annotations

from pusher_mock.testing.folding import folded


def test_runs():
    assert folded([]) == []
    assert folded(["a", "a", "b", "a"]) == [("a (2 times)", 2), ("b", 1), ("a", 1)]
