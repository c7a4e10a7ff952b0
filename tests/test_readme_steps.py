"""The README's first steps; CI follows them in a clean environment (`tools/try_readme.py`)."""

from __future__ import annotations

from pathlib import Path

from tests.docs.blocks import Block
from tools.try_readme import MOST_STEPS, steps

README = Path(__file__).parent.parent / "README.md"


def test_there_are_no_more_than_promised():
    found = steps(README)
    assert 0 < len(found) <= MOST_STEPS == 5
    assert isinstance(found[0], str)
    assert found[0].startswith("git clone")
    written = [one.file_name for one in found if isinstance(one, Block)]
    assert written == ["chat.py", "test_chat.py"]
    assert isinstance(found[-1], str)
    assert "pytest" in found[-1]
