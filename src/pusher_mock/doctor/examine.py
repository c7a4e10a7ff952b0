"""Reads a whole project."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .advice import advise
from .assignments import read_assignments
from .clients import ClientFinder
from .copies import read_copies
from .findings import Finding, Report, Skipped
from .ignored import is_ignored
from .lines import read_lines
from .pages import read_page
from .pairs import compare_pages, judge_overrides, required_at_import
from .project import Project
from .pytest_files import CONFIGURATIONS
from .python_code import read_python
from .reader import Notes
from .shadows import hides_switch, read_shadows
from .suites import Suites
from .walk import Tree, decode, walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .walk import Source

__all__ = ["read_project"]

# Most files have none of these words, and are not parsed.
_WORTH: Final = re.compile(rb"pusher|pysher|USE_MOCKS|\bcompat\.[dfs]", re.IGNORECASE)
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # UTF-16: the words cannot be seen in the bytes
_TESTERS: Final = re.compile(r"(?:\A|/)(?:requirements[^/]*|.*/requirements/[^/]*|Pipfile)\Z")
_BY_LINES: Final = "cannot be parsed ({}): read line by line, less is seen"


def read_project(
    path: str | os.PathLike[str], spellings: Mapping[str, Sequence[str]] | None = None
) -> Report:
    """Read how a project uses Pusher; nothing of it is imported or run.

    Args:
        path: a folder, or one file.
        spellings: names of variables that are known, by what they are for.

    Returns:
        What was found. Equal files give an equal report.

    Raises:
        UsageError: the path is neither a folder nor a file.
    """
    root = Path(path).resolve()
    tree = walk(root)
    project = Project(tree.sources)
    finder = ClientFinder(project)
    ignored = frozenset(
        one.path
        for one in tree.sources
        if one.kind == "values" and is_ignored(one.path, tree.gitignores)
    )
    to = Notes(spellings, ignored, in_git=tree.in_git)
    texts: dict[str, str] = {}
    suites = Suites()
    sdk_is_used = False
    for source in tree.sources:
        try:
            data = source.data()
        except OSError:
            tree.skipped.append(Skipped(source.path, "it cannot be read"))
            continue
        if source.kind == "values" and _configures(source.path):
            texts[source.path] = decode(data, "values")
        suites.see(source, data)
        if not (_WORTH.search(data) or data.startswith(_WIDE)):
            continue
        sdk_is_used |= _read(source, data, project, finder, to, tree)
    read_copies(tree.sources, to)
    return _report(root, tree, to, texts, suites, sdk_is_used)


def _read(
    source: Source, data: bytes, project: Project, finder: ClientFinder, to: Notes, tree: Tree
) -> bool:
    """Read one file; tells whether it imports an SDK."""
    if source.kind == "page":
        read_page(decode(data, "page"), source.path, to)
    elif source.kind == "values":
        read_assignments(decode(data, "values"), source.path, to)
    else:
        module = project.module(source.path)
        why = project.why(source.path)
        if module is not None:
            try:
                read_python(module, project, finder, to)
                return any(module.names.imports(one) is not None for one in ("pusher", "pysher"))
            except RecursionError:
                pass  # nested deeper than Python can follow
        tree.skipped.append(Skipped(source.path, _BY_LINES.format(why)))
        read_lines(decode(data, "python"), source.path, to)
    return False


def _once(findings: set[Finding]) -> list[Finding]:
    """With one finding, for the first place, of what may be used everywhere already."""
    kept = [one for one in findings if one.kind != "switch"]
    by_text: dict[str, list[Finding]] = {}
    for one in sorted(findings, key=lambda one: (one.path, one.line)):
        if one.kind == "switch":
            by_text.setdefault(one.text, []).append(one)
    for text, group in by_text.items():
        more = len({one.path for one in group}) - 1
        also = f" (and in {more} more file{'s' if more > 1 else ''})" if more else ""
        kept.append(replace(group[0], text=text + also))
    return kept


def _above(root: Path) -> dict[str, str]:
    """What configures pytest in the folders around a part of a repository."""
    around = [root, *root.parents]
    tops = [number for number, folder in enumerate(around) if os.path.exists(folder / ".git")]
    found = {}
    for number in range(1, tops[0] + 1 if tops else 0):
        for name in CONFIGURATIONS:
            with suppress(OSError):
                found["../" * number + name] = (around[number] / name).read_text("latin-1")
    return found


def _configures(path: str) -> bool:
    return path.rpartition("/")[2] in CONFIGURATIONS


def _report(
    root: Path, tree: Tree, to: Notes, texts: dict[str, str], suites: Suites, sdk_is_used: bool
) -> Report:
    to.add(*read_shadows(tree.names, sdk_is_used))
    settings = sorted(to.settings.values(), key=lambda one: (one.path, one.line, one.name))
    to.add(*compare_pages(to.literals), *required_at_import(settings, to.spellings))
    findings = [
        one
        for one in judge_overrides(to.findings, to.held)
        if not (one.kind == "switch" and "`compat`" in one.text and hides_switch(tree.names))
    ]
    unique = sorted(
        _once(set(findings)), key=lambda one: (one.path, one.line, one.kind, one.text, one.severity)
    )
    for name in sorted(tree.names):
        if _TESTERS.search(name):
            with suppress(OSError):
                suites.require((tree.root / name).read_text("latin-1"))
    if not texts:
        texts |= _above(tree.root)
    for text in texts.values():
        suites.require(text)
    return Report(
        str(root),
        len(tree.sources),
        tuple(unique),
        settings,
        tuple(sorted(set(tree.skipped), key=lambda one: (one.path, one.reason))),
        advise(texts, tree.names, suites, unique),
    )
