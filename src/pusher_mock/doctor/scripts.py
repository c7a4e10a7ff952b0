"""Pieces of JavaScript: a call's arguments, literals, and what stands in comments."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["arguments", "in_comment", "literal", "option", "string_constant"]

_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_QUOTES: Final = "'\"`"
_LONGEST: Final = 4_000  # characters of a call
_STRING: Final = re.compile(r"""\A\s*(?P<quote>['"`])(?P<text>.*)(?P=quote)\s*\Z""", re.DOTALL)
_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%|\$\{|\{\w*\}|%\(")


def arguments(text: str, start: int, end: str = ")") -> list[str] | None:
    """The arguments of a call, as they are written; or the members of an object.

    Args:
        text: the page.
        start: behind the opening parenthesis.
        end: what closes it.

    Returns:
        ``None`` when the call does not end.
    """
    found: list[str] = []
    begin, stack, quote = start, [end], ""
    at = start
    while at < min(len(text), start + _LONGEST):
        one = text[at]
        if quote:
            if one == "\\":
                at += 1
            elif one == quote:
                quote = ""
        elif one in _QUOTES:
            quote = one
        elif one in _PAIRS:
            stack.append(_PAIRS[one])
        elif one == stack[-1]:
            stack.pop()
            if not stack:
                last = text[begin:at].strip()
                return [*found, last] if last else found
        elif one == "," and len(stack) == 1:
            found.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return None


def literal(expression: str) -> str | None:
    """The text of a string that no template fills in."""
    match = _STRING.match(expression)
    if match is None or _TEMPLATE.search(match["text"]) or match["quote"] in match["text"]:
        return None
    return match["text"]


def option(options: str, name: str) -> str | None:
    """The expression that an object has under a name."""
    match = re.search(rf"""(?<![\w$])['"]?{name}['"]?\s*:\s*""", options)
    if match is None:
        return None
    found = arguments(options + "}", match.end(), "}")
    return found[0] if found else None


def string_constant(text: str, name: str) -> str | None:
    """The literal that a name of a script stands for."""
    match = re.search(rf"""\b(?:const|let|var)\s+{re.escape(name)}\s*=\s*(['"])(.*?)\1""", text)
    return literal(f"{match[1]}{match[2]}{match[1]}") if match is not None else None


def in_comment(text: str, at: int) -> bool:
    """Whether a place is behind the mark of a comment on its line, or in one of HTML."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.lstrip().startswith(("*", "/*", "{#")) or re.search(r"(?<!:)//", line):
        return True
    for begin, end in (("<!--", "-->"), ("{% comment", "{% endcomment"), ("/*", "*/")):
        opened = text.rfind(begin, 0, at)
        if opened >= 0 and text.find(end, opened, at) < 0:
            return True
    return False
