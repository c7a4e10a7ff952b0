"""Which facts the tests name, and on which sides of the package those tests run.

A test names a fact in a comment inside of it, in its docstring, or in what its module says outside
of tests: as `facts 1.4.3`, in a comment also as `1.4.3`. A range names none of its rows.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["SIDES", "read_tests"]

SIDES: Final = {
    "engine": "the rules alone, frame by frame",
    "double": "the in-memory doubles",
    "threaded": "the client double with its thread",
    "SDK": "the same test also runs on the SDK itself",
    "server": "over the wire: WebSocket, HTTP, the fallback transports",
    "pusher-js": "pusher-js itself, in Node or in a browser",
}

_ROOMS: Final = {
    "protocol": {"engine"},
    "engine": {"engine"},
    "contract": {"engine", "server"},
    "server": {"server"},
    "cli": {"server"},
    "wire": {"server", "SDK"},
    "node": {"server", "pusher-js"},
    "browser": {"server", "pusher-js"},
    "scenarios": {"server", "pusher-js"},
}

Function = ast.FunctionDef | ast.AsyncFunctionDef

_ROW_ID = re.compile(r"\b\d\.\d{1,2}\.\d{1,2}\b")
_LIST = re.compile(
    r"\bfacts? (?P<ids>\d+(?:\.\d+)*(?:(?:,| and|,? or) \d+(?:\.\d+)*)*)(?P<rest>.{0,4})"
)


def _cited(text: str, comment: bool) -> set[str]:
    """The ids that a text names: after `facts`, or in a comment a row by itself."""
    found = set()
    joined = re.sub(r"\s*\n\s*", " ", text)
    for match in _LIST.finditer(joined):
        ids = re.findall(r"\d+(?:\.\d+)*", match["ids"])
        if match["rest"].startswith((" to ", "-", "–")):
            ids = ids[:-1]  # a range names its ends at best
        found.update(ids)
    if comment:
        found.update(_ROW_ID.findall(re.sub(r"\d[\d.]* (?:to|-|–) \d[\d.]*", "", joined)))
    return found


def _comments(code: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _sides(path: Path, function: Function, lines: list[str]) -> set[str]:
    """What the test runs on, by its place and by what it asks for."""
    room = path.parts[1] if len(path.parts) > 2 else ""
    if room in _ROOMS:
        return set(_ROOMS[room])
    arguments = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    body = "\n".join(lines[function.lineno - 1 : function.end_lineno])
    if "side" in arguments:
        return {"double", "threaded", "SDK"}
    if "doubles" in arguments:
        return {"double", "threaded"}
    sides = {"double"}
    if re.search(r"\b(?:both|real|outcome)\(|\bpysher\.Pusher\(", body):
        sides.add("SDK")
    return sides


def _functions(tree: ast.Module) -> list[Function]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test")
    ]


def read_tests(root: Path) -> dict[str, dict[str, set[str]]]:
    """Read which facts the tests name.

    Args:
        root: the directory above `tests`.

    Returns:
        For each id the modules that name it, each with the sides it runs on.
    """
    named: dict[str, dict[str, set[str]]] = {}

    def note(ids: Iterable[str], module: str, sides: set[str]) -> None:
        for one in ids:
            named.setdefault(one, {}).setdefault(module, set()).update(sides)

    for file in sorted(root.glob("tests/**/test_*.py")):
        path = file.relative_to(root)
        code = file.read_text(encoding="utf-8")
        tree = ast.parse(code)
        lines, functions = code.splitlines(), _functions(tree)
        if not functions:
            continue
        # What stands outside of a test is said of the module: of the sides of half of its tests.
        counts = Counter(side for one in functions for side in _sides(path, one, lines))
        every = {side for side, number in counts.items() if 2 * number >= len(functions)}
        note(_cited(ast.get_docstring(tree) or "", comment=False), path.as_posix(), every)
        for function in functions:
            text = ast.get_docstring(function) or ""
            note(_cited(text, comment=False), path.as_posix(), _sides(path, function, lines))
        for line, comment in _comments(code):
            around = next((one for one in functions if _holds(one, line)), None)
            sides = every if around is None else _sides(path, around, lines)
            note(_cited(comment, comment=True), path.as_posix(), sides)
    return named


def _holds(function: Function, line: int) -> bool:
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return first <= line <= (function.end_lineno or first)
