"""Colours for texts about failures, where the terminal has them. The text itself stays plain."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["RESET", "paint", "wanted"]

RESET: Final = "\x1b[0m"
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = (
    f"\x1b[{code}m" for code in ("1", "2", "31", "32", "33", "36")
)

_COLOURS: Final = {
    "published": _CYAN,
    "delivered": _GREEN,
    "under way": _YELLOW,
    "dropped": _RED,
    "refused": _RED,
    "network": _YELLOW,
    "closed": _RED,
    "opened": _DIM,
}
_WHAT: Final = re.compile(rf"(?<= ms  )({'|'.join(_COLOURS)})(?= )")
_TIME: Final = re.compile(r"(?<=^  )( *[\d.e+]+ ms)(?=  )|(?<=^  )(at [\d.e+]+ ms)(?=[: ])")
_DIFFERS: Final = re.compile(r"(: )(.+)( ≠ )(.+)$")
_IS_NOT: Final = re.compile(r"^( +(?:data|channel|event|socket_id) is )(.+)(, not )(.+)$")
_MISSING: Final = re.compile(r"(missing, wanted )(.+)$")


def wanted(stream: Any = None, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to use colours.

    ``NO_COLOR`` says no and ``FORCE_COLOR`` yes, with any value; so does ``PY_COLORS``, with 0 and
    1, before them. Otherwise a terminal has them.

    Args:
        stream: where the text goes; standard error by default.
        environ: instead of the process's.
    """
    given = os.environ if environ is None else environ
    if given.get("PY_COLORS") in ("0", "1"):
        return given["PY_COLORS"] == "1"
    if given.get("NO_COLOR"):
        return False
    if given.get("FORCE_COLOR"):
        return True
    stream = sys.stderr if stream is None else stream
    isatty: Callable[[], bool] | None = getattr(stream, "isatty", None)
    return isatty is not None and isatty() and given.get("TERM") != "dumb"


def paint(text: str) -> str:
    """The text with colours: what came is red, what was wanted green."""
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if line.startswith("@@"):
        return _in(_CYAN, line)
    if line.startswith("-"):
        return _in(_GREEN, line)
    if line.startswith("+"):
        return _in(_RED, line)
    if line.startswith("expected "):
        return _in(_BOLD, line)
    for pattern in (_DIFFERS, _IS_NOT):
        if pattern.search(line):
            return pattern.sub(_came_and_wanted, line)
    line = _MISSING.sub(lambda found: found[1] + _in(_GREEN, found[2]), line)
    line = _WHAT.sub(lambda found: _in(_COLOURS[found[1]], found[1]), line)
    return _TIME.sub(lambda found: _in(_DIM, found[0]), line)


def _came_and_wanted(found: re.Match[str]) -> str:
    return f"{found[1]}{_in(_RED, found[2])}{found[3]}{_in(_GREEN, found[4])}"


def _in(colour: str, text: str) -> str:
    return f"{colour}{text}{RESET}"
