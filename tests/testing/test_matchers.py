"""What stands for data in an assertion, and which field differs."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import ANY

import pytest

from pusher_mock import ExpectationFailed, PusherMock
from pusher_mock.testing import subset
from pusher_mock.testing.differences import differences
from pusher_mock.testing.matchers import fits, shown

TASK = {"id": 7, "title": "paint", "tags": ["a", "b"], "by": {"name": "Ann", "age": 3}}


def even(number: int) -> bool:
    return number % 2 == 0


FITTING = [
    (TASK, ...),
    (TASK, ANY),
    (TASK, dict(TASK)),
    (TASK, subset({})),
    (TASK, subset({"id": 7})),
    (TASK, subset({"by": {"name": "Ann"}})),
    (TASK, subset({"by": {"name": re.compile("^A")}, "tags": ["a", ...]})),
    (TASK, {**TASK, "id": int, "title": re.compile("ain"), "tags": list, "by": ANY}),
    (TASK, {**TASK, "by": subset({"age": 3})}),
    (TASK, {**TASK, "id": lambda number: number > 6}),
    (TASK, {**TASK, "tags": ("a", ...)}),
    (TASK, lambda task: task["id"] == 7),
    ([{"a": 1, "b": 2}, 3], subset([{"a": 1}, 3])),
    ([{"a": 1, "b": 2}, 3], [subset({"a": 1}), 3]),
    ("text", re.compile("^te")),
    ("text", str),
    (8, even),
    (True, bool),
    (5, int),
    ({"3": None}, {3: None}),
    ({"3": {"x": 1, "y": 2}}, subset({3: {"x": 1}})),
    (None, None),
]

OTHERS = [
    (TASK, {}),
    (TASK, {"id": 7}),
    (TASK, subset({"id": 8})),
    (TASK, subset({"nobody": ...})),
    (TASK, subset({"by": {"name": "Bob"}})),
    (TASK, subset({"tags": ["a"]})),
    (TASK, subset({"tags": {"a": 1}})),
    (TASK, subset({"by": ["Ann"]})),
    (TASK, subset([])),
    (TASK, {**TASK, "id": str}),
    (TASK, {**TASK, "title": re.compile("x")}),
    (TASK, {**TASK, "by": re.compile("Ann")}),
    (TASK, lambda task: task["nobody"]),
    (TASK, lambda task: None),
    (["a"], ["a", "b"]),
    (["a"], {"a": 1}),
    (True, int),
    ("text", re.compile(b"te")),
    ("5", 5),
    ({"3": None}, {frozenset({3}): None}),
]


@pytest.mark.parametrize(("found", "wanted"), FITTING)
def test_what_fits(found: Any, wanted: Any):
    assert fits(wanted, found)


@pytest.mark.parametrize(("found", "wanted"), OTHERS)
def test_what_does_not(found: Any, wanted: Any):
    assert not fits(wanted, found)


def test_a_subset_is_equal_to_what_has_it():
    found = {"a": 1, "b": 2}
    assert subset({"a": 1}) == found
    assert found == subset({"a": 1})
    assert subset({"a": 1}) != {"b": 2}
    assert subset({"a": 1}) == subset({"a": 1})
    assert subset({"a": 1}) != subset({"a": 2})
    assert [found] == [subset({"a": 1})]
    with pytest.raises(TypeError, match="unhashable"):
        hash(subset({}))


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (subset({"a": "é"}), 'subset({"a": "é"})'),
        (re.compile("^a+$"), "/^a+$/"),
        (str, "any str"),
        (even, "even"),
        (ANY, "<ANY>"),
        ({"a": ANY}, "{'a': <ANY>}"),
        ([1, "x"], '[1, "x"]'),
    ],
)
def test_in_words(wanted: Any, text: str):
    assert shown(wanted) == text


# Which field ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ({**TASK, "title": "b"}, ["data.title: 'paint' ≠ 'b'"]),
        ({**TASK, "by": {"name": "Bob", "age": 3}}, ["data.by.name: 'Ann' ≠ 'Bob'"]),
        ({**TASK, "tags": ["a", "c"]}, ["data.tags[1]: 'b' ≠ 'c'"]),
        ({**TASK, "tags": ["c"]}, ["data.tags: 2 items ≠ 1", "data.tags[0]: 'a' ≠ 'c'"]),
        ({**TASK, "x y": 1}, ["data['x y']: missing, wanted 1"]),
        (
            {"id": 7, "title": "paint", "tags": ["a", "b"]},
            ["data.by: {'name': 'Ann', 'age': 3}, not wanted"],
        ),
        (subset({"id": 8, "by": {"age": 4}}), ["data.id: 7 ≠ 8", "data.by.age: 3 ≠ 4"]),
        (subset({"by": {"x": 1}}), ["data.by.x: missing, wanted 1"]),
        ({**TASK, "id": even}, ["data.id: 7, and even says no"]),
        ({**TASK, "id": str}, ["data.id: 7 ≠ any str"]),
        ({**TASK, "title": re.compile("^x")}, ["data.title: 'paint' ≠ /^x/"]),
        ({**TASK, "by": [1]}, ["data.by: {'name': 'Ann', 'age': 3} ≠ [1]"]),
        ("text", []),
        (5, []),
    ],
)
def test_which_field_differs(wanted: Any, lines: list[str]):
    assert differences(wanted, TASK) == lines


def test_a_function_that_raises_says_what():
    (line,) = differences(lambda data: data["a"], {})
    assert line == "data: {}, and <lambda> raised KeyError('a')"


def test_long_values_and_many_fields_are_cut():
    wanted = {f"f{number}": number for number in range(9)}
    lines = differences(wanted, {**dict.fromkeys(wanted, "x" * 90), "f0": 0})
    assert len(lines) == 7
    assert lines[0] == f"data.f1: '{'x' * 59}… (92 characters) ≠ 1"
    assert lines[-1] == "… and 2 more"


# In assertions ----------------------------------------------------------------------------------


@pytest.fixture
def mock() -> PusherMock:
    mock = PusherMock()
    mock.server().trigger("task-7", "saved", TASK)
    return mock


@pytest.mark.parametrize(
    "data",
    [subset({"id": 7}), {**TASK, "id": ANY}, re.compile(r'"title": "pa'), lambda d: d["id"] == 7],
)
def test_assert_triggered_takes_them(data: Any, mock: PusherMock):
    assert mock.assert_triggered("task-7", "saved", data).data == TASK
    mock.wait_until_triggered("task-7", "saved", data, timeout=0)
    with pytest.raises(ExpectationFailed):
        mock.assert_not_triggered("task-7", "saved", data)


def test_names_may_be_regular_expressions(mock: PusherMock):
    assert mock.assert_triggered(re.compile("^task-"), re.compile("d$")).channel == "task-7"
    with pytest.raises(ExpectationFailed) as failed:
        mock.assert_triggered(re.compile("^project-"), "saved")
    assert "channel is 'task-7', not /^project-/" in str(failed.value)


def test_a_failure_names_the_field(mock: PusherMock):
    with pytest.raises(ExpectationFailed) as failed:
        mock.assert_triggered("task-7", "saved", subset({"by": {"name": "Bob"}}))
    assert 'with data subset({"by": {"name": "Bob"}})' in str(failed.value)
    assert str(failed.value).endswith("\n      data.by.name: 'Ann' ≠ 'Bob'")
