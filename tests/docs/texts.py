"""The texts that a user may see: what the sources say, and what a page quotes."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["GAP", "Said", "literals", "quotes", "raised", "says"]

GAP = "…"
"""What stands for a value, in the sources' texts and in a page's quotes."""

_RAISED = frozenset(
    {
        "BadRequest",
        "CommandError",
        "CommandFailed",
        "Error",
        "ExpectationFailed",
        "ImproperlyConfigured",
        "NotSupported",
        "RuntimeError",
        "TypeError",
        "UsageError",
        "ValueError",
        "Warning",
        "warn",
        "warning",
    }
)
"""Calls whose first text reaches a user: exceptions, and warnings of logs."""

_ALL_OF = {"texts.py": ast.AnnAssign, "explain.py": ast.Return, "errors.py": ast.Assign}
"""Sources whose texts all reach a user, with the statements that hold them."""

_PLACEHOLDER = re.compile(r"%[sdr]|\{[^{}]*\}")
_CODE = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")


@dataclass(frozen=True)
class Said:
    """One text of the sources, with `GAP` for each value. `where` is `file:line`."""

    where: str
    text: str


def _parts(node: ast.expr) -> str | None:
    """The text of an expression, or None when it has none of its own."""
    match node:
        case ast.Constant(value=str() as text):
            return _PLACEHOLDER.sub(GAP, text)
        case ast.JoinedStr():
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values
            )
        case ast.BinOp(op=ast.Add()):
            left, right = _parts(node.left), _parts(node.right)
            return None if left is None and right is None else f"{left or GAP}{right or GAP}"
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _parts(value)
    return None


def literals(files: Iterable[Path]) -> Iterator[Said]:
    """Yield every text in some sources."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.expr) and (text := _parts(node)):
                yield Said(f"{file.name}:{node.lineno}", text)


def _texts_of(tree: ast.Module, kind: type[ast.AST]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, kind):
            value = getattr(node, "value", None)
            if isinstance(value, ast.List):
                yield from value.elts
            elif isinstance(value, ast.expr):
                yield value


def raised(files: Iterable[Path]) -> Iterator[Said]:
    """Yield the texts that some sources raise, warn of, or send as a refusal."""
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if file.name in _ALL_OF:
            for value in _texts_of(tree, _ALL_OF[file.name]):
                if (text := _parts(value)) and " " in text:
                    yield Said(f"{file.name}:{value.lineno}", text)
            if file.name != "errors.py":
                continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            text = _parts(node.args[0]) if name in _RAISED else None
            if text and text.strip(f"{GAP} :()"):
                yield Said(f"{file.name}:{node.lineno}", text)


def says(text: str, quote: str) -> bool:
    """Whether a quote is from a text: its pieces between the gaps are in it, in order."""
    at = 0
    for piece in quote.split(GAP):
        found = text.find(piece.strip(), at)
        if found < 0:
            return False
        at = found + len(piece.strip())
    return True


def quotes(page: str) -> list[str]:
    """What a page quotes: code in its headings, and in the first cell of tables of texts."""
    found: list[str] = []
    in_table = False
    for line in page.splitlines():
        if line.startswith("### "):
            found += [one["text"] for one in _CODE.finditer(line)]
        elif line.startswith(("| text ", "| log ")):
            in_table = True
        elif not line.startswith("|"):
            in_table = False
        elif in_table:
            cell = re.split(r"(?<!\\)\|", line)[1]
            found += [one["text"] for one in _CODE.finditer(cell)]
    return found
