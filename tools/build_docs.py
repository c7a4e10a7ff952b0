"""Build the documentation site from `docs/` into `site/`, and refuse what a reader would trip over.

Zensical in strict mode refuses links to pages and headings that are not there, and references to
names of the API that do not exist. On top of it this refuses a page of the navigation that is not
there, a page that the navigation does not name, and whatever a built page would fetch from the
network.

    python -m tools.build_docs [CONFIGURATION]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fetched", "main", "missing_pages", "navigation", "unlisted_pages"]

ROOT = Path(__file__).parent.parent

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LOADS = {
    ("audio", "src"),
    ("embed", "src"),
    ("iframe", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("link", "href"),
    ("object", "data"),
    ("script", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("video", "src"),
}
"""Attributes that a browser follows without being asked; `a` is not among them."""
_STYLE_LOADS = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)")


def navigation(entries: Any) -> Iterator[str]:
    """Yield the pages of a `nav` of any depth."""
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, dict):
        for value in entries.values():
            yield from navigation(value)
    else:
        for entry in entries:
            yield from navigation(entry)


def _pages(docs: Path) -> set[str]:
    return {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}


def missing_pages(nav: Any, docs: Path) -> list[str]:
    """The pages that the navigation names and that are not there."""
    return sorted(set(navigation(nav)) - _pages(docs))


def unlisted_pages(nav: Any, docs: Path) -> list[str]:
    """The pages that are there and that the navigation does not name."""
    return sorted(_pages(docs) - set(navigation(nav)))


class _Loads(HTMLParser):
    """Collects what a page loads from another host."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "link" and dict(attrs).get("rel") == "canonical":
            return
        for name, value in attrs:
            address = (value or "").strip()
            if (tag, name) in _LOADS and re.match(r"(?:https?:)?//", address):
                self.found.append(address)


def fetched(site: Path) -> list[str]:
    """What the built pages and styles load from other hosts, as `file: address`."""
    found = []
    for page in sorted(site.rglob("*.html")):
        parser = _Loads()
        parser.feed(page.read_text(encoding="utf-8"))
        found += [f"{page.relative_to(site)}: {address}" for address in parser.found]
    for style in sorted(site.rglob("*.css")):
        text = style.read_text(encoding="utf-8")
        found += [f"{style.relative_to(site)}: {address}" for address in _STYLE_LOADS.findall(text)]
    return found


def _report(title: str, lines: list[str]) -> int:
    for line in lines:
        print(f"{title}: {line}", file=sys.stderr)
    return len(lines)


def main(configuration: Path) -> int:
    """Build; return 0, or 1 after having said what is wrong."""
    root = configuration.parent
    project = tomllib.loads(configuration.read_text(encoding="utf-8"))["project"]
    docs, site = root / project.get("docs_dir", "docs"), root / project.get("site_dir", "site")
    wrong = _report(
        "in the navigation, but there is no such page", missing_pages(project["nav"], docs)
    )
    wrong += _report("not in the navigation", unlisted_pages(project["nav"], docs))

    shutil.rmtree(site, ignore_errors=True)  # no page of an earlier build stays behind
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "zensical",
            "build",
            "--strict",
            "--clean",
            "-f",
            configuration.name,
        ],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = _COLOUR.sub("", done.stdout)
    if done.returncode or "Warning" in said:
        # The traceback of the program itself says nothing that its warnings do not.
        print(re.sub(r"(?m)^Traceback[^\n]*\n(?: .*\n)*", "", said), file=sys.stderr)
        wrong += 1
    wrong += _report("a page must not fetch from elsewhere", fetched(site))
    if wrong:
        print(f"{configuration}: the site is not good", file=sys.stderr)
        return 1
    pages = sum(1 for _ in site.rglob("*.html"))
    print(f"{site}/index.html: {pages} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "zensical.toml").resolve()))
