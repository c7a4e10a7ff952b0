"""The project that the page about the doctor shows, and what the page says is told of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from click.testing import CliRunner
from tests.docs.blocks import read_blocks

from pusher_mock.cli.group import commands

if TYPE_CHECKING:
    import pytest

DOCS: Final = Path(__file__).parent.parent.parent / "docs"
PAGE: Final = DOCS / "how-to" / "doctor.md"
SHOWN_AS: Final = "/home/ada/shop"
PROMPT: Final = "$ pusher-mock doctor\n"
NAMED: Final = re.compile(r"\A(?:#|<!--) (?P<name>[\w./-]+)(?: -->)?\n")
TITLE: Final = re.compile(r'see "([^"]+)" in the (?:docs|how-tos)')


def test_the_page_shows_what_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".git").mkdir()
    blocks = [one for one in read_blocks(PAGE) if one.language in ("text", "html", "dotenv")]
    for block in blocks:
        match = NAMED.match(block.code)
        if match is not None:
            file = tmp_path / match["name"]
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.code)
    [output] = [one.code for one in blocks if one.code.startswith(PROMPT)]
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(commands, ["doctor"])
    assert result.exit_code == 1
    assert result.stdout.replace(str(tmp_path), SHOWN_AS) == output.removeprefix(PROMPT)


def test_pages_are_named_by_their_titles():
    titles = {page.read_text().partition("\n")[0] for page in DOCS.rglob("*.md")}
    sources = (Path(__file__).parent.parent.parent / "src/pusher_mock/doctor").glob("*.py")
    texts = [re.sub(r"""["']\s*\n\s*["']""", "", one.read_text()) for one in sources]
    named = {title for text in texts for title in TITLE.findall(text)}
    assert len(named) == 5
    assert {f"# {title}" for title in named} <= titles
