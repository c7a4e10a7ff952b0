"""Pages, templates and scripts: what a browser, or Node, is told of Pusher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .findings import Finding, Literally, Setting
from .scripts import arguments, in_comment, literal, option, string_constant
from .settings import kind_of
from .walk import is_test

if TYPE_CHECKING:
    from .reader import Notes

__all__ = ["LIBRARY_MARK", "read_page"]

LIBRARY_MARK: Final = "Pusher JavaScript Library"
"""What pusher-js says in its first lines."""

_CLIENT: Final = re.compile(r"\bnew\s+(?:Pusher|PusherJS|PusherClient|Pusher\.default)\s*\(")
_ECHO: Final = re.compile(r"\bnew\s+Echo\s*\(")
_CDN: Final = re.compile(r"\b(?:js\.pusher\.com|js\.pusherapp\.com)/[\w.\-/]+")
_DATA: Final = re.compile(
    r"""\bdata-pusher-(?P<kind>(?:app-)?key|cluster)\s*=\s*(?P<value>"[^"]*"|'[^']*')"""
)
_READ: Final = re.compile(
    r"""\b(?:process\.env|import\.meta\.env|Deno\.env)(?:\.|\[['"])(?P<name>\w*PUSHER\w*)"""
)
_NODE: Final = re.compile(r"""(?:from|require\()\s*['"]pusher['"]""")
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*\Z")

_DOOR: Final = "playwright"
_LITERAL: Final = (
    "the mock has another key: give the page frontend_config(), or let the Playwright door catch "
    'it; see "In a browser: Playwright" in the how-tos'
)
_CDN_ADVICE: Final = (
    "in a browser test without network it does not load: the Playwright door answers it, or serve "
    'the file from your own static files; see "In a browser: Playwright" in the how-tos'
)
_SERVER: Final = "a Node server publishes: point it at `pusher-mock serve` by host, port and useTLS"


def read_page(text: str, path: str, to: Notes, *, first_line: int = 1) -> None:
    """Take down what a page, a template or a script does with Pusher.

    Args:
        text: all of it.
        path: of its file.
        to: where it is taken down.
        first_line: of the text in that file.
    """
    if LIBRARY_MARK in text[:2_000]:
        return

    def line_of(at: int) -> int:
        return first_line + text.count("\n", 0, at)

    for match in _CLIENT.finditer(text):
        if not in_comment(text, match.start()):
            _read_client(text, match, path, line_of(match.start()), to)
    for match in _ECHO.finditer(text):
        given = arguments(text, match.end())
        if given and (kind := option(given[0], "broadcaster")) and "pusher" in kind.lower():
            line = line_of(match.start())
            _take_client(text, option(given[0], "key"), given[0], path, line, "Laravel Echo", to)
    for match in _CDN.finditer(text):
        if not in_comment(text, match.start()):
            told = f"pusher-js comes from the CDN: {match[0]}"
            line = line_of(match.start())
            to.add(Finding(path, line, "cdn", "note", told, _DOOR, _CDN_ADVICE))
    for match in _DATA.finditer(text):
        kind = "cluster" if match["kind"] == "cluster" else "key"
        value = literal(match["value"])
        line = line_of(match.start())
        told = f"data-pusher-{match['kind']} is {_shown(match['value'])}"
        to.add(Finding(path, line, "page-data", "note", told, None, _LITERAL if value else ""))
        _keep(kind, value, path, line, to)
    for match in _READ.finditer(text):
        name, line = match["name"], line_of(match.start())
        kind_found = kind_of(name, to.spellings)
        to.settings.setdefault(
            (path, line, name), Setting(name, kind_found, path, line, "javascript")
        )


def _read_client(text: str, match: re.Match[str], path: str, line: int, to: Notes) -> None:
    given = arguments(text, match.end())
    if not given:
        told = "pusher-js is started; its arguments are not seen here"
        to.add(Finding(path, line, "page", "note", told, _DOOR))
        return
    if given[0].startswith("{") and (_NODE.search(text) or option(given[0], "secret")):
        _read_server(given[0], path, line, to)
        return
    options = given[1] if len(given) > 1 else ""
    _take_client(text, given[0], options, path, line, "pusher-js", to)


def _take_client(
    text: str, key: str | None, options: str, path: str, line: int, what: str, to: Notes
) -> None:
    cluster = option(options, "cluster")
    value, place = _literal(text, key), _literal(text, cluster)
    _keep("key", value, path, line, to)
    _keep("cluster", place, path, line, to)
    told = f"{what} is started with {_told('key', key, value)}"
    if cluster is not None:
        told += f", {_told('cluster', cluster, place)}"
    host = option(options, "wsHost")
    if host is not None:
        told += f", wsHost {_shown(host)}"
    advice = _LITERAL if value is not None else ""
    to.add(Finding(path, line, "page", "note", told, _DOOR, advice))


def _read_server(options: str, path: str, line: int, to: Notes) -> None:
    to.add(Finding(path, line, "node-server", "note", "pusher, the Node library", "none", _SERVER))
    secret = literal(option(options, "secret") or "")
    if secret is not None:
        to.secret(path, line, secret, "the secret of a client")
    for kind in ("key", "cluster"):
        _keep(kind, literal(option(options, kind) or ""), path, line, to, in_page=False)


def _literal(text: str, expression: str | None) -> str | None:
    """A literal, or a name that stands for one in the same script."""
    if expression is None:
        return None
    if _NAME.match(expression):
        return string_constant(text, expression)
    return literal(expression)


def _told(kind: str, expression: str | None, value: str | None) -> str:
    if expression is None:
        return f"no {kind}"
    return f"the {kind} {value!r}" if value is not None else f"{kind} {_shown(expression)}"


def _shown(expression: str) -> str:
    """On one line, and not too long."""
    text = " ".join(expression.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _keep(
    kind: str, value: str | None, path: str, line: int, to: Notes, *, in_page: bool = True
) -> None:
    if value and not is_test(path):
        to.literals.append(Literally(kind, value, path, line, in_page))
