"""The file that pytest reads, its section, and what the two switches say in it."""

from __future__ import annotations

import configparser
import shlex
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AUTOUSE", "CONFIGURATIONS", "INTERCEPT", "Place", "configured", "wrong_switches"]

CONFIGURATIONS: Final = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
    "setup.cfg",
)  # fmt: skip
"""Where pytest looks, in its order; the first one with a section of its own counts."""

AUTOUSE: Final = "pusher_mock_autouse"
INTERCEPT: Final = "pusher_mock_intercept"

_DOORS: Final = ("sdk", "httpx", "requests", "aiohttp", "websocket")
_TRUE: Final = ("1", "true", "yes", "on")
_NATIVE: Final = ("pytest.toml", ".pytest.toml")
_SECTIONS: Final = {"setup.cfg": "tool:pytest"}


@dataclass(frozen=True, slots=True)
class Place:
    """A file that pytest reads, or would read.

    Attributes:
        path: from the project's root.
        section: that it has, or would have.
        values: what stands in the section.
        native: whether values keep TOML's types, as since pytest 9 in ``[tool.pytest]``.
    """

    path: str
    section: str
    values: Mapping[str, Any] = field(default_factory=dict)
    native: bool = False

    def line(self, name: str) -> str:
        """How a switch is written here."""
        if name == AUTOUSE:
            return f"{name} = true"
        if self.native:
            return f'{name} = ["all"]'
        return f'{name} = "all"' if self.path.endswith(".toml") else f"{name} = all"


def wrong_switches(place: Place, needed: frozenset[str]) -> dict[str, str]:
    """What is wrong with the switches that stand in a file, by their names.

    Args:
        place: the file.
        needed: the doors that the project's calls go by.

    Returns:
        Nothing for a switch that does what it is for, and for one that is not there.
    """
    wrong = {}
    if AUTOUSE in place.values and not _is_on(place.values[AUTOUSE], native=place.native):
        wrong[AUTOUSE] = "does not switch it on"
    if INTERCEPT in place.values:
        told = _judge(place.values[INTERCEPT], needed, native=place.native)
        if told:
            wrong[INTERCEPT] = told
    return wrong


def _is_on(value: object, *, native: bool) -> bool:
    return value is True if native else str(value).strip().lower() in _TRUE


def _judge(value: object, needed: frozenset[str], *, native: bool) -> str:
    """What is wrong with the names of doors; nothing if they are enough."""
    if native and not isinstance(value, list):
        return "has to be a list here, or pytest does not start"
    if isinstance(value, list):
        words = [str(one) for one in value]
    else:
        try:
            words = shlex.split(str(value))
        except ValueError:
            words = [str(value)]
    names = {name for word in words for name in word.replace(",", " ").split()}
    if not names:
        return "names no door, and pytest does not start"
    unknown = sorted(names.difference(_DOORS, ("all",)))
    if unknown:
        return f"names {', '.join(unknown)}, which is no door, and pytest does not start"
    if "all" in names:
        return ""
    left = sorted(needed - names)
    return f"leaves out {', '.join(left)}, by which calls are made" if left else ""


def configured(texts: Mapping[str, str]) -> Place | None:
    """The file that pytest reads: the nearest to the root, then in pytest's order.

    Args:
        texts: files by their paths.
    """
    order = {name: number for number, name in enumerate(CONFIGURATIONS)}
    found = [path for path in texts if path.rpartition("/")[2] in order]
    for path in sorted(found, key=lambda one: (one.count("/"), order[one.rpartition("/")[2]], one)):
        place = _place(path, texts[path])
        if place is not None:
            return place
    return None


def _place(path: str, text: str) -> Place | None:
    name = path.rpartition("/")[2]
    if name.endswith(".toml"):
        return _of_toml(path, name, text)
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        parser = configparser.ConfigParser(interpolation=None)
    section = _SECTIONS.get(name, "pytest")
    if section in parser:
        return Place(path, section, {key: one or "" for key, one in parser[section].items()})
    # An empty pytest.ini counts too.
    return Place(path, "pytest") if name.endswith("pytest.ini") else None


def _of_toml(path: str, name: str, text: str) -> Place | None:
    document: dict[str, Any] = {}
    with suppress(tomllib.TOMLDecodeError):
        document = tomllib.loads(text)
    if name in _NATIVE:  # it counts though it is empty
        return Place(path, "pytest", _table(document.get("pytest")), native=True)
    tool = _table(_table(document.get("tool")).get("pytest"))
    native = {key: one for key, one in tool.items() if key != "ini_options"}
    if native:
        return Place(path, "tool.pytest", native, native=True)
    if "ini_options" in tool:
        return Place(path, "tool.pytest.ini_options", _table(tool["ini_options"]))
    return None


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
