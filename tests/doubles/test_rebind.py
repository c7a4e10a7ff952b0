"""Functions of the SDKs with other globals."""

from __future__ import annotations

from pusher_mock.doubles.rebind import with_globals

FACTOR = 2


def scaled(value: int, *, times: int = 3) -> int:
    return value * times * FACTOR


def test_a_function_with_other_globals():
    other = with_globals(scaled, FACTOR=10)
    assert (scaled(1), other(1), other(1, times=1)) == (6, 30, 10)
    assert other.__name__ == "scaled"
    assert FACTOR == 2
