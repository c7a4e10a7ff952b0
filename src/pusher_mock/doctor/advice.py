"""The two lines to add: where they go, or which command stands for them."""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

from .findings import Advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .findings import Finding

__all__ = ["CONFIGURATIONS", "advise"]

CONFIGURATIONS: Final = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Where pytest looks, in its order; the first one with a section of its own counts."""

_SECTIONS: Final = {"setup.cfg": "tool:pytest"}
_SWITCHES: Final = {"pusher_mock_autouse": "true", "pusher_mock_intercept": "all"}
_PYTEST: Final = re.compile(r"\bpytest\b")
_RUN: Final = "pusher-mock run --"


class _Place(NamedTuple):
    """A file that pytest reads, or would read.

    Attributes:
        path: from the project's root.
        section: that it has, or would have.
        there: the switches that stand in it.
    """

    path: str
    section: str
    there: frozenset[str]


def advise(texts: Mapping[str, str], names: Iterable[str], findings: Iterable[Finding]) -> Advice:
    """What to add to a project.

    Args:
        texts: the texts of the files that may configure or require pytest, by path.
        names: every file's path.
        findings: all of them.
    """
    paths = sorted(names, key=lambda one: (one.count("/"), one))
    workers = any(one.kind == "worker" for one in findings)
    if not any(one.door is not None for one in findings):
        return Advice(None, None, (), (), "nothing here calls Pusher")
    place = _configured(texts)
    if place is None and _uses_pytest(texts, paths):
        file = "pyproject.toml" if "pyproject.toml" in texts else "pytest.ini"
        section = "tool.pytest.ini_options" if file == "pyproject.toml" else "pytest"
        place = _Place(file, section, frozenset())
    serve = (f"{_RUN[:-3]} --serve -- COMMAND",) if workers else ()
    if place is None:
        return _by_command(paths, serve)
    return _by_pytest(place, serve)


def _by_pytest(place: _Place, serve: tuple[str, ...]) -> Advice:
    toml = place.path.endswith(".toml")
    lines = tuple(
        f"{name} = {_toml(value) if toml else value}"
        for name, value in _SWITCHES.items()
        if name not in place.there
    )
    if not lines:
        text = f"{place.path} has the two lines already: every call is caught"
    else:
        text = f"add to [{place.section}] in {place.path}: {'; '.join(lines)}"
    return Advice(place.path, place.section, lines, serve, text)


def _toml(value: str) -> str:
    return value if value == "true" else f'"{value}"'


def _by_command(paths: list[str], serve: tuple[str, ...]) -> Advice:
    manage = next((one for one in paths if one.rpartition("/")[2] == "manage.py"), None)
    command = f"python {manage} test" if manage is not None else "python -m unittest"
    command = f"{_RUN} {command}"
    return Advice(None, None, (), (command, *serve), f"run the tests with: {command}")


def _configured(texts: Mapping[str, str]) -> _Place | None:
    """The file that pytest reads: the nearest to the root, then in pytest's order."""
    order = {name: number for number, name in enumerate(CONFIGURATIONS)}
    found = [path for path in texts if path.rpartition("/")[2] in order]
    for path in sorted(found, key=lambda one: (one.count("/"), order[one.rpartition("/")[2]], one)):
        name = path.rpartition("/")[2]
        section, keys = _section(name, texts[path])
        if section is not None:
            return _Place(path, section, frozenset(_SWITCHES) & keys)
    return None


def _section(name: str, text: str) -> tuple[str | None, frozenset[str]]:
    """The section that a file has for pytest, and what stands in it."""
    if name == "pyproject.toml":
        try:
            tool = tomllib.loads(text).get("tool", {}).get("pytest", {})
        except tomllib.TOMLDecodeError:
            return None, frozenset()
        for section, table in (
            ("tool.pytest.ini_options", tool.get("ini_options")),
            ("tool.pytest", tool),
        ):
            if table:
                return section, frozenset(table)
        return None, frozenset()
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        parser = configparser.ConfigParser(interpolation=None)
    section = _SECTIONS.get(name, "pytest")
    if section in parser:
        return section, frozenset(parser[section])
    # An empty pytest.ini counts too.
    return ("pytest", frozenset()) if name.endswith("pytest.ini") else (None, frozenset())


def _uses_pytest(texts: Mapping[str, str], paths: list[str]) -> bool:
    """Whether anything says that the tests run under pytest."""
    if any(path.rpartition("/")[2] == "conftest.py" for path in paths):
        return True
    return any(_PYTEST.search(text) for text in texts.values())
