"""The site: what `make docs` refuses, and what the committed configuration promises."""

from __future__ import annotations

import importlib
import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tools.build_docs import fetched, main, missing_pages, navigation, unlisted_pages

ROOT = Path(__file__).parent.parent.parent
PUBLIC = {
    "pusher_mock": "",
    "pusher_mock.testing": "",
    "compat": "pusher_server",  # an object, described in words
}
"""Packages whose names the reference describes, and the one that it need not."""

_ITEM = re.compile(r"(?:[-*]|\d+\.) ")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The committed configuration."""
    configuration: dict[str, Any] = tomllib.loads(
        (ROOT / "zensical.toml").read_text(encoding="utf-8")
    )["project"]
    return configuration


def test_the_navigation_is_all_pages(project: dict[str, Any]):
    assert missing_pages(project["nav"], ROOT / "docs") == []
    assert unlisted_pages(project["nav"], ROOT / "docs") == [], "name it in zensical.toml"
    pages = list(navigation(project["nav"]))
    assert len(pages) == len(set(pages))


def test_nothing_names_a_repository(project: dict[str, Any]):
    assert not {"repo_url", "repo_name", "edit_uri", "site_url"} & project.keys()
    assert project["theme"]["font"] is False
    assert not [one for one in project["theme"]["features"] if one.startswith("content.action")]
    assert not {"extra_javascript", "extra_css"} & project.keys()


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_has_its_reference(package: str):
    pages = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "reference").glob("*.md")
    )
    described = set(re.findall(r"(?m)^::: ([\w.]+)", pages))
    names = set(importlib.import_module(package).__all__) - {PUBLIC[package], "pusher_mock_state"}
    assert sorted(names - {one.removeprefix(f"{package}.") for one in described}) == []


def test_lists_and_tables_are_set_off():
    """Without a blank line the site shows them as running text; GitHub does not mind."""
    wrong = []
    for path in sorted((ROOT / "docs").rglob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        fenced = False
        for number, (before, line) in enumerate(pairwise(lines), start=2):
            fenced ^= before.lstrip().startswith("```")
            if fenced or not before.strip() or not line.strip():
                continue
            starts_list = _ITEM.match(line) and not (_ITEM.match(before) or before.startswith(" "))
            if starts_list or line.startswith("|") != before.startswith("|"):
                wrong.append(f"{path.relative_to(ROOT)}:{number}")
    assert wrong == []


def site(folder: Path, nav: str, **pages: str) -> Path:
    """Write a small project; returns its configuration."""
    for name, text in pages.items():
        path = folder / "docs" / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "lib").mkdir()
    (folder / "lib" / "shop.py").write_text('def pay() -> None:\n    """Pay."""\n')
    configuration = folder / "zensical.toml"
    configuration.write_text(
        f'[project]\nsite_name = "x"\nnav = [{nav}]\n'
        "[project.theme]\nfont = false\n"
        '[project.plugins.mkdocstrings.handlers.python]\npaths = ["lib"]\n',
        encoding="utf-8",
    )
    return configuration


def test_a_good_site(tmp_path: Path):
    page = "# A\n\n[b](b.md#b) and [`pay`][shop.pay]\n"
    configuration = site(tmp_path, '"index.md", "b.md"', index=page, b="# B\n\n::: shop.pay\n")
    assert main(configuration) == 0
    assert '#shop.pay"' in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("[gone](gone.md)", "page does not exist"),
        ("[gone](b.md#gone)", "anchor does not exist"),
        ("[`gone`][shop.gone]", "unresolved autoref"),
        ("::: shop.gone", "shop.gone could not be found"),
        ("![x](https://images.example/x.png)", "a page must not fetch from elsewhere"),
    ],
)
def test_a_bad_page(tmp_path: Path, capfd: pytest.CaptureFixture[str], page: str, said: str):
    configuration = site(tmp_path, '"index.md", "b.md"', index=f"# A\n\n{page}\n", b="# B\n")
    assert main(configuration) == 1
    assert said in capfd.readouterr().err


@pytest.mark.parametrize(
    ("nav", "said"),
    [
        ('"index.md", "b.md", "gone.md"', "there is no such page: gone.md"),
        ('"index.md"', "not in the navigation: b.md"),
    ],
)
def test_a_bad_navigation(tmp_path: Path, capfd: pytest.CaptureFixture[str], nav: str, said: str):
    assert main(site(tmp_path, nav, index="# A\n", b="# B\n")) == 1
    assert said in capfd.readouterr().err


def test_what_a_page_fetches(tmp_path: Path):
    (tmp_path / "a.html").write_text(
        '<a href="https://elsewhere.example/">fine</a><img src="x.png">'
        '<script src="//cdn.example/x.js"></script><link rel="canonical" href="https://x.example/">'
        '<link rel="stylesheet" href="https://fonts.example/f.css">'
    )
    (tmp_path / "a.css").write_text(
        '@import "https://cdn.example/y.css"; p { background: url(//img.example/z.png) }'
    )
    assert fetched(tmp_path) == [
        "a.html: //cdn.example/x.js",
        "a.html: https://fonts.example/f.css",
        "a.css: https://cdn.example/y.css",
        "a.css: //img.example/z.png",
    ]
