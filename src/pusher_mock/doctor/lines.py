"""Python that cannot be parsed, line by line: less is seen, and nothing crashes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .findings import NO_DOOR, Finding
from .settings import is_pushers, kind_of
from .values import Origin

if TYPE_CHECKING:
    from .reader import Notes

__all__ = ["read_lines"]

_IMPORT: Final = re.compile(r"^\s*(?:import|from)\s+(?P<library>pusher|pysher|pusherclient)\b")
_CLIENT: Final = re.compile(r"\b(?P<name>(?:pusher|pysher)\.Pusher|Pusher)(?:\.from_\w+)?\s*\(")
_READ: Final = re.compile(
    r"""\b(?P<how>os\.environ\.get|environ\.get|os\.getenv|getenv|os\.environ|environ)"""
    r"""\s*[\[(]\s*['"](?P<name>\w+)['"]"""
)
_DJANGO: Final = re.compile(r"\bsettings\.(?P<name>\w*PUSHER\w*)")
_ASSIGNED: Final = re.compile(r"""\b(?P<name>\w*PUSHER\w*)\s*=\s*u?(['"])(?P<value>.*?)\2""")
_SECRET: Final = re.compile(r"""\bsecret\s*=\s*[bu]?(['"])(?P<value>.*?)\1""")
_STRING: Final = re.compile(r"""(['"])(?P<value>.*?)\1""")
_THIRD: Final = 2  # facts 5.1: id, key, secret
_URLLIB: Final = re.compile(r"\b(?:urllib2?|httplib)\b.*\bpusher(?:app)?\.com")
_DEFINES: Final = re.compile(r"^\s*(?:class|def)\s")


def read_lines(text: str, path: str, to: Notes) -> None:
    """Take down what lines tell by themselves."""
    imported = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        match = _IMPORT.match(line)
        if match is not None and not imported:
            imported = match["library"]
        _read_variables(line, number, path, to)
        made = _CLIENT.search(line) if imported and not _DEFINES.match(line) else None
        if made is not None:
            at_import = not line[:1].isspace()
            when = "built at import" if at_import else "built in a function or a class"
            label = "pysher.Pusher" if imported == "pysher" else "pusher.Pusher"
            finding = Finding(
                path,
                number,
                "client",
                "note",
                f"{label} {when}",
                "websocket" if imported == "pusherclient" else "sdk",
                when="import" if at_import else "call",
            )
            to.add(finding)
            if at_import:
                to.held.append(finding)
        if imported:
            _read_secret(line, number, line[made.end() :] if made else None, path, to)
        if _URLLIB.search(line):
            told = "an HTTP call by urllib or httplib"
            to.add(Finding(path, number, "http", "warning", told, NO_DOOR))


def _read_variables(line: str, number: int, path: str, to: Notes) -> None:
    at_import = not line[:1].isspace()
    for match in _READ.finditer(line):
        if is_pushers(match["name"]):
            required = match["how"].endswith("environ")
            origin = Origin("environment", number, match["name"], None, required)
            to.read(path, origin, "import" if at_import else "call")
    for match in _DJANGO.finditer(line):
        origin = Origin("django", number, match["name"], required=True)
        to.read(path, origin, "import" if at_import else "call")
    for match in _ASSIGNED.finditer(line):
        if kind_of(match["name"]) == "secret":
            to.secret(path, number, match["value"], match["name"])


def _read_secret(line: str, number: int, behind: str | None, path: str, to: Notes) -> None:
    """The secret of a client: under its name, or the third of what stands in the call."""
    named = _SECRET.search(line)
    if named is not None:
        to.secret(path, number, named["value"], "the secret of a client")
        return
    given = [match["value"] for match in _STRING.finditer(behind or "")]
    if len(given) > _THIRD and "=" not in (behind or ""):
        to.secret(path, number, given[_THIRD], "the secret of a client")
