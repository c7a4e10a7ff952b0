"""`docs/how-to/races.md`: each test fails with the bug, and passes once it is mended."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests.docs.blocks import Block, is_pytest_style, read_blocks

from pusher_mock import PusherMock

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "races.md"
BLOCKS = [block for block in read_blocks(PAGE) if block.language == "python"]


class Story(NamedTuple):
    """An application, the test that finds its bug, and the application without it."""

    broken: Block
    test: Block
    mended: Block


STORIES = [Story(*BLOCKS[start : start + 3]) for start in range(0, len(BLOCKS), 3)]

each = pytest.mark.parametrize("story", STORIES, ids=lambda story: Path(story[0].file_name).stem)


@pytest.fixture
def mock() -> Iterator[PusherMock]:
    with PusherMock() as mock:
        yield mock


def run(test: Block, application: Block, mock: PusherMock, patch: pytest.MonkeyPatch) -> None:
    """Run the test with an application, as it would be with the fixtures."""
    module = ModuleType(Path(str(application.file_name)).stem)
    exec(compile(application.padded, str(application.path), "exec"), module.__dict__)
    patch.setitem(sys.modules, module.__name__, module)
    names: dict[str, Any] = {}
    exec(compile(test.padded, str(test.path), "exec"), names)
    [function] = [value for name, value in names.items() if name.startswith("test_")]
    function(pusher_mock=mock, pusher_client=mock.client(connect=True))


def functions(block: Block) -> list[ast.FunctionDef]:
    """The tests of a block."""
    return [one for one in ast.parse(block.code).body if isinstance(one, ast.FunctionDef)]


def test_there_are_three():
    assert len(STORIES) == 3
    for story in STORIES:
        assert story.broken.file_name == story.mended.file_name is not None
        assert is_pytest_style(story.test)


@each
def test_it_fails_with_the_bug(story: Story, mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(AssertionError) as failure:
        run(story.test, story.broken, mock, monkeypatch)
    # By what it says in the end, and not by accident.
    [function] = functions(story.test)
    assert failure.traceback[-1].lineno + 2 == story.test.line + function.body[-1].lineno
    assert mock.errors == []


@each
def test_it_passes_without_the_bug(story: Story, mock: PusherMock, monkeypatch: pytest.MonkeyPatch):
    run(story.test, story.mended, mock, monkeypatch)
    assert mock.errors == []


@each
@pytest.mark.parametrize("seed", range(10))
def test_the_bug_needs_no_luck_to_be_found(
    story: Story, seed: int, monkeypatch: pytest.MonkeyPatch
):
    with PusherMock(seed=seed) as mock, pytest.raises(AssertionError):
        run(story.test, story.broken, mock, monkeypatch)
    with PusherMock(seed=seed) as mock:
        run(story.test, story.mended, mock, monkeypatch)


@each
def test_they_are_small(story: Story):
    [test] = functions(story.test)
    assert test.end_lineno is not None
    assert test.end_lineno - test.lineno < 15
    for application in (story.broken, story.mended):
        assert 20 <= len(application.code.splitlines()) <= 40
