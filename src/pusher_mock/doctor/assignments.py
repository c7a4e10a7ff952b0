"""Files of variables: ``.env`` and its kin, and lines like theirs in YAML, INI, TOML, JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from . import secrets
from .findings import Finding, Literally
from .settings import is_pushers, kind_of
from .walk import is_test

if TYPE_CHECKING:
    from .reader import Notes

__all__ = ["read_assignments"]

_LINE: Final = re.compile(
    r"""^\s*(?:-\s+)?(?:export\s+|ENV\s+|ARG\s+)?["']?(?P<name>\w*PUSHER\w*|USE_MOCKS)["']?"""
    r"""\s*(?:=>|[:=]|(?<=\w)\s)\s*(?P<value>.*)$""",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED: Final = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
_TRUE: Final = ("1", "true", "yes", "on")


def read_assignments(text: str, path: str, to: Notes) -> None:
    """Take down the variables of Pusher's that a file sets."""
    tests = is_test(path)
    line, at = 1, 0
    for match in _LINE.finditer(text):
        start = match.start("name")
        line, at = line + text.count("\n", at, start), start
        name, value = match["name"], _value(match["value"])
        if not value or not is_pushers(name):
            continue
        kind = kind_of(name, to.spellings)
        if kind == "use_mocks" and value.lower() in _TRUE:
            to.add(Finding(path, line, "switch", "note", f"{name} is on here"))
        elif kind == "secret":
            to.secret(path, line, value, name)
        elif kind == "url":
            to.secret_in_url(path, line, value, name)
        elif kind in ("key", "cluster") and not tests and not secrets.is_placeholder(value):
            to.literals.append(Literally(kind, value, path, line))


def _value(text: str) -> str:
    """Without quotes, comments and commas."""
    text = text.strip()
    quoted = _QUOTED.match(text)
    if quoted is not None:
        return quoted["text"]
    return re.split(r"\s#|\s;", text)[0].strip().rstrip(",")
