"""The two lines to add: where they go, or which command stands for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .findings import NO_DOOR, Advice
from .pytest_files import AUTOUSE, INTERCEPT, Place, configured, wrong_switches

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .findings import Finding
    from .suites import Suites

__all__ = ["advise"]

_RUN: Final = "pusher-mock run --"
_PAGES: Final = "playwright"  # a door that a test opens by itself
_NO_TESTS: Final = "no tests are seen here; this catches every call of what it runs"


def advise(
    texts: Mapping[str, str], names: Iterable[str], suites: Suites, findings: Iterable[Finding]
) -> Advice:
    """What to add to a project.

    Args:
        texts: the texts of the files that may configure pytest, by path.
        names: every file's path.
        suites: what has been seen of tests.
        findings: all of them.
    """
    paths = sorted(names, key=lambda one: (one.count("/"), one))
    findings = list(findings)
    workers = any(one.kind == "worker" for one in findings)
    doors = {door for one in findings for door in (one.door, *one.others) if door is not None}
    if not doors:
        return Advice(None, None, (), (), "nothing here calls Pusher")
    place = configured(texts)
    if place is None and suites.pytest:
        file = "pyproject.toml" if "pyproject.toml" in texts else "pytest.ini"
        section = "tool.pytest.ini_options" if file == "pyproject.toml" else "pytest"
        place = Place(file, section)
    serve = (f"{_RUN[:-3]} --serve -- COMMAND",) if workers else ()
    if place is None:
        return _by_command(paths, suites, serve)
    return _by_pytest(place, frozenset(doors), serve)


def _by_pytest(place: Place, doors: frozenset[str], serve: tuple[str, ...]) -> Advice:
    wrong = wrong_switches(place, doors - {NO_DOOR, _PAGES})
    names = [one for one in (AUTOUSE, INTERCEPT) if one not in place.values or one in wrong]
    lines = tuple(map(place.line, names))
    problems = tuple(
        f"{name} = {_shown(place.values[name], place)} in {place.path} {told}"
        for name, told in wrong.items()
    )
    if not lines:
        caught = "every call that has a door" if NO_DOOR in doors else "every call"
        text = f"nothing to add: {place.path} has the two lines already, {caught} is caught"
    else:
        text = f"write into [{place.section}] in {place.path}: {'; '.join(lines)}"
    text = "; ".join([*problems, text])
    return Advice(place.path, place.section, lines, serve, text, problems)


def _shown(value: object, place: Place) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and place.path.endswith(".toml"):
        return f'"{value}"'
    return str(value) or "(nothing)"


def _by_command(paths: list[str], suites: Suites, serve: tuple[str, ...]) -> Advice:
    if not suites.unittest:
        command = f"{_RUN} COMMAND"
        return Advice(None, None, (), (command, *serve), f"{_NO_TESTS}: {command}")
    manage = next((one for one in paths if one.rpartition("/")[2] == "manage.py"), None)
    command = f"python {manage} test" if manage is not None else "python -m unittest"
    command = f"{_RUN} {command}"
    return Advice(None, None, (), (command, *serve), f"run the tests with: {command}")
