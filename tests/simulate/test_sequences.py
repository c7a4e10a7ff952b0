"""Validation of order."""

from __future__ import annotations

import pytest

from pusher_mock.simulate import check_order, ordering


@pytest.mark.parametrize(
    ("numbers", "ordered", "overtaken", "copies", "missing"),
    [
        ([], 0, 0, 0, ()),
        ([1, 2, 3], 3, 0, 0, ()),
        ([1, 3, 2, 4], 3, 1, 0, ()),  # overtaking is no gap
        ([1, 2, 2, 3, 1], 3, 0, 2, ()),
        ([1, 2, 5], 3, 0, 0, (3, 4)),
        ([4, 3, 2, 1], 1, 3, 0, ()),
        ([1, 4, 2, 2], 2, 1, 1, (3,)),
    ],
)
def test_a_sequence(
    numbers: list[int], ordered: int, overtaken: int, copies: int, missing: tuple[int, ...]
):
    found = check_order(numbers)
    assert found.total_events == len(numbers) == ordered + overtaken + copies
    assert (found.ordered_correctly, found.out_of_order) == (ordered, overtaken)
    assert (found.duplicates, found.missing, found.gap_detected) == (copies, missing, bool(missing))


def test_what_was_published_shows_what_is_missing_at_the_ends():
    assert check_order([2, 3]).missing == ()
    assert check_order([2, 3], range(1, 6)).missing == (1, 4, 5)
    assert check_order([1, 3, 2]).ordering_accuracy == pytest.approx(200 / 3)


def test_calm_weather_keeps_the_order():
    result = ordering(50, network="perfect")
    assert (result.ordered_correctly, result.ordering_accuracy) == (50, 100)
    assert not result.gap_detected
    assert str(result) == "Ordering: 100.00% in order, 0 overtaken, 0 twice, 0 missing"


def test_the_default_weather_does_not():
    result = ordering(500, seed=1)
    assert result == ordering(500, seed=1)
    assert result.out_of_order > 0
    assert result.duplicates > 0
    assert result.gap_detected
    assert result.total_events == 500 - len(result.missing) + result.duplicates
    assert result.total_events == (
        result.ordered_correctly + result.out_of_order + result.duplicates
    )


def test_in_order_is_the_rule():
    result = ordering(200, network="latency=10..100 drop_rate=0.05", seed=1)
    assert (result.out_of_order, result.ordering_accuracy) == (0, 100)
    assert result.gap_detected
