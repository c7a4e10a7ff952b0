"""`docs/reference/shapes.md` is what its generator writes, of tests that show what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.shapes_table import PAGE, main, page, read_shapes

ROOT = Path(__file__).parent.parent.parent

DECLARED = """
from .shape import Shape

SHAPE = Shape({number}, "a shape", framework="plain", doors={doors}, shows="it works")


def {test}():
    pass
"""


def declare(
    root: Path,
    number: int,
    doors: tuple[str, ...] = ("sdk",),
    test: str = "test_other_doors_do_not_catch_it",
) -> None:
    """Write a test that declares a shape."""
    folder = root / "tests" / "shapes"
    folder.mkdir(parents=True, exist_ok=True)
    text = DECLARED.format(number=number, doors=doors, test=test)
    (folder / f"test_s{number:02}.py").write_text(text, encoding="utf-8")


def test_the_committed_page_is_up_to_date(capsys: pytest.CaptureFixture[str]):
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_every_row_is_there_once():
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert re.findall(r"(?m)^\| (\d+) \|", text) == [str(number) for number in range(1, 20)]


def test_every_row_has_an_application_and_its_tests():
    for shape in read_shapes(ROOT):
        assert (ROOT / shape.module).is_file()
        (folder,) = (ROOT / "tests" / "shapes").glob(f"s{shape.number:02}_*")
        sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
        assert sources
        for source in sources:
            assert not re.search(r"(?m)^\s*(?:from|import) (?:pusher_mock|compat)\b", source)


def test_a_row_that_is_missing(tmp_path: Path):
    for number in range(1, 19):
        declare(tmp_path, number)
    with pytest.raises(ValueError, match=r"rows that differ from 1 to 19: \{19\}"):
        page(read_shapes(tmp_path))
    declare(tmp_path, 19)
    assert "| 19 | a shape | plain | `sdk` | it works |" in page(read_shapes(tmp_path))


@pytest.mark.parametrize("doors", [(), ("sdk", "window")])
def test_doors_that_are_none(doors: tuple[str, ...], tmp_path: Path):
    declare(tmp_path, 1, doors)
    with pytest.raises(ValueError, match="names no door, or one that does not exist"):
        read_shapes(tmp_path)


def test_doors_that_are_only_claimed(tmp_path: Path):
    declare(tmp_path, 1, test="test_it")
    with pytest.raises(ValueError, match="its doors are only claimed"):
        read_shapes(tmp_path)


def test_writing_and_checking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for number in range(1, 20):
        declare(tmp_path, number)
    (tmp_path / PAGE).parent.mkdir(parents=True)
    monkeypatch.setattr("tools.shapes_table.ROOT", tmp_path)
    assert main(["--check"]) == 1
    assert "run `python -m tools.shapes_table`" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
