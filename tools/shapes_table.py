"""Write `docs/reference/shapes.md`: shapes of applications, and by which doors they are caught.

A shape is an application in `tests/shapes`, written as such applications are and not edited for
the tests. Its test declares it, `SHAPE = Shape(1, …)`, and runs it with every door and with those
alone that it names; without them its call has to be refused. Rows that no test declares make the
tool fail.

    python -m tools.shapes_table [--check]
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pusher_mock.intercept.doors import DOORS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PAGE", "Declared", "main", "page", "read_shapes"]

ROOT = Path(__file__).parent.parent
PAGE = Path("docs/reference/shapes.md")
FOLDER = Path("tests/shapes")

ROWS: Final = range(1, 20)
BROWSER: Final = "playwright"
"""The door of pages, which `intercept()` does not name."""

_REFUSING: Final = "test_other_doors_do_not_catch_it"
_INTRODUCTION: Final = """\
# Shapes of applications

How applications hold their client of Pusher, and by which doors each is caught without an edit. \
After this page you know whether yours is among them, and which doors to name if you do not want \
all of them.

Each row is an application in `tests/shapes` that knows nothing of this package. Its tests run \
twice, with every door and with those alone that the row names. A third test opens all the other \
doors: the call is then refused, or ends at the blocked socket. This page is generated from the \
tests by `python -m tools.shapes_table`, and a test fails when it is out of date.

`sdk`, `websocket` and the like are the names that `mock.intercept(...)`, \
`pusher_mock.intercepted(...)`, the switch `pusher_mock_intercept` of pytest and `pusher-mock run \
--door` take. The SDK sends with requests, so the door `requests` takes its calls of Pusher's own \
hosts as well; but it sees no secret, and the mock has to be given the app with `apps=`. \
`playwright` is the door of pages: `pusher_mock.intercept.playwright.install(context)`.
"""


class Declared:
    """A shape as a test declares it.

    Attributes:
        number: of the row.
        title: what is particular about it.
        framework: what it is built on.
        doors: what takes its calls.
        shows: what the tests show.
        module: the path of the test.
    """

    def __init__(self, module: str, call: ast.Call) -> None:
        names = ("number", "title", "framework", "doors", "shows")
        given: dict[str, Any] = dict(
            zip(names, (ast.literal_eval(one) for one in call.args), strict=False)
        )
        given |= {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
        self.module = module
        self.number: int = given["number"]
        self.title: str = given["title"]
        self.framework: str = given["framework"]
        self.doors: tuple[str, ...] = given["doors"]
        self.shows: str = given["shows"]


def read_shapes(root: Path) -> list[Declared]:
    """Read what the tests declare, in the order of the rows.

    Raises:
        ValueError: a test names a door that does not exist, or does not test that other doors
            let its call go.
    """
    found = []
    for file in sorted((root / FOLDER).rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        module = file.relative_to(root).as_posix()
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
                continue
            if [ast.unparse(target) for target in node.targets] != ["SHAPE"]:
                continue
            shape = Declared(module, node.value)
            unknown = set(shape.doors) - {*DOORS, BROWSER}
            if unknown or not shape.doors:
                raise ValueError(f"{module} names no door, or one that does not exist: {unknown}")
            if _REFUSING not in functions:
                raise ValueError(f"{module} has no {_REFUSING}: its doors are only claimed")
            found.append(shape)
    return sorted(found, key=lambda one: (one.number, one.module))


def page(shapes: Iterable[Declared]) -> str:
    """Write the page.

    Raises:
        ValueError: a row is missing, or there is one too many.
    """
    shapes = list(shapes)
    numbers = {one.number for one in shapes}
    if numbers != set(ROWS):
        raise ValueError(f"rows that differ from 1 to {ROWS[-1]}: {numbers ^ set(ROWS)}")
    lines = [_INTRODUCTION, "| # | shape | built on | caught by | what is tested | tests |"]
    lines.append("|--:|---|---|---|---|---|")
    for number in ROWS:
        row = [one for one in shapes if one.number == number]
        first, titles = row[0], "; ".join(one.title for one in row)
        doors = ", ".join(
            f"`{door}`" for door in dict.fromkeys(d for one in row for d in one.doors)
        )
        shows = "; ".join(one.shows for one in row)
        tests = ", ".join(f"`{Path(one.module).relative_to('tests')}`" for one in row)
        cells = (str(number), titles, first.framework, doors, shows, tests)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` return 1 when the committed one is another."""
    text = page(read_shapes(ROOT))
    target = ROOT / PAGE
    if "--check" not in arguments:
        target.write_text(text, encoding="utf-8")
        print(f"{PAGE} written")
        return 0
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        print(f"{PAGE} is out of date: run `python -m tools.shapes_table`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
