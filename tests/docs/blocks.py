"""Read the fenced code blocks of a Markdown file, with the lines they stand on."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Block", "commands", "is_pytest_style", "keep_definitions", "read_blocks"]

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_FILE_NAME = re.compile(r"^#\s*(?P<name>[\w./-]+\.py)\s*$")
_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `line` is that of its first line of code, counted from 1."""

    path: Path
    line: int
    language: str
    marks: tuple[str, ...]
    code: str

    @property
    def where(self) -> str:
        """`file:line`, as an editor opens it."""
        return f"{self.path}:{self.line}"

    @property
    def file_name(self) -> str | None:
        """The name in a first line such as `# shop/orders.py`, when the block is a file."""
        match = _FILE_NAME.match(self.code.partition("\n")[0])
        return match["name"] if match else None

    @property
    def padded(self) -> str:
        """The code on the lines it has in its document, so that a traceback names them."""
        return "\n" * (self.line - 1) + self.code


def read_blocks(path: Path) -> list[Block]:
    """Return every fenced block of a Markdown file, in order.

    Raises:
        ValueError: a fence is never closed.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            at += 1
            continue
        # A fence closes with at least as many of the same mark, and nothing after them.
        closing = re.compile(rf"^ *{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}} *$")
        end = next((n for n in range(at + 1, len(lines)) if closing.match(lines[n])), None)
        if end is None:
            raise ValueError(f"{path}:{at + 1}: this fence is never closed")
        indent = len(opening["indent"])
        code = "".join(
            f"{line[min(indent, len(line) - len(line.lstrip(' '))) :]}\n"
            for line in lines[at + 1 : end]
        )
        language, *marks = opening["info"].split() or [""]
        blocks.append(Block(path, at + 2, language.lower(), tuple(marks), code))
        at = end + 1
    return blocks


def is_pytest_style(block: Block) -> bool:
    """Whether pytest would collect something from the block."""
    return any(
        (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"))
        or (isinstance(node, ast.ClassDef) and ("Test" in node.name))
        for node in ast.parse(block.code, block.where).body
    )


def keep_definitions(block: Block) -> str:
    """Return the block with only what later blocks build on: imports, definitions, assignments.

    Every line keeps its place, so that a traceback still names the right one.
    """
    kept: set[int] = set()
    for node in ast.parse(block.code, block.where).body:
        if isinstance(node, _DEFINITIONS):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(d.lineno for d in decorators)])
            kept.update(range(first, (node.end_lineno or node.lineno) + 1))
    return "".join(
        line if number in kept else "\n"
        for number, line in enumerate(block.code.splitlines(keepends=True), start=1)
    )


def commands(block: Block) -> Iterator[tuple[int, str]]:
    """Yield (line, command) for each command of a shell block.

    Comments are left out, a line that ends in a backslash goes on, and where the block shows
    prompts (`$ `) the other lines are output.
    """
    lines = block.code.splitlines()
    prompts = any(line.startswith("$ ") for line in lines)
    number = 0
    while number < len(lines):
        first, line = number, lines[number].rstrip()
        number += 1
        while line.endswith("\\") and number < len(lines):
            line = line[:-1].rstrip() + " " + lines[number].strip()
            number += 1
        if prompts:
            if not line.startswith("$ "):
                continue
            line = line[2:]
        words = shlex.split(line, comments=True)
        if words:
            yield block.line + first, shlex.join(words)
